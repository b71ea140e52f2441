"""The only door to Kafka: the one module that imports the client, so that it can be changed for another.

    open_sender    idempotent producer, acks=all, for intake and clock
    open_reader    reads topics from given positions, read_committed, without a group
    open_admin     topics and their settings
    GroupConsumer  membership of a consumer group, for the runtime
    TransactionalProducer   the writes of one task, for the runtime

Errors of the client become three: `Fenced` (somebody else may own the task), `Rejected` (the broker refused a record:
the producer is spoiled) and topics.errors.Unavailable (everything else: rebuild and try again). The traps that shaped
this module are named where they bite.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Final, TypeVar

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    NoOffsetForPartitionError,
    ProducerFenced,
    TopicAlreadyExistsError,
    for_code,
)
from aiokafka.protocol.admin import CreateAclsRequest
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.record.default_records import DefaultRecord

from topics.catalogue.declarations import MESSAGE_LIMIT
from topics.connection import connection
from topics.errors import KetenbusError, Unavailable
from topics.murmur2 import murmur2
from topics.runtime.step import Output, Record

T = TypeVar("T")

COMPRESSION: Final = "zstd"
"""The client compresses lz4 at level 9: 85 MB/s on documents, where zstd does 360 and halves them once more."""
BATCH_BYTES: Final = 524_288
"""Below every topic's max.message.bytes: the client never splits a batch that the broker finds too large."""


class Coordinates(msgspec.Struct, frozen=True):
    """Where a record was written."""

    topic: str
    partition: int
    offset: int


class Write(msgspec.Struct, frozen=True, gc=False):
    """A record on its way to a partition. `timestamp`: ms since the epoch; that of the record which caused it."""

    topic: str
    partition: int
    key: bytes
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int


class Fenced(KetenbusError):
    """Another producer has this task's transactional id, or its transaction timed out: leave the group, start over."""

    code = "afgeschermd"


class Rejected(KetenbusError):
    """The broker refused a record as too large: the producer's sequence has a gap, so it must be discarded."""

    code = "door-broker-geweigerd"


_LOST = (KafkaError, AssertionError, asyncio.InvalidStateError, TimeoutError, OSError, RuntimeError)
"""What the client raises when it, the connection or the broker is gone; AssertionError comes from its state machine,
RuntimeError from a transport of uvloop that it writes to after the broker closed it."""


async def guarded(call: Awaitable[T], limit: float, what: str) -> T:
    """`call` within `limit` seconds. Several calls of the client never return while the broker is away.

    Raises Fenced, Rejected or Unavailable. A CancelledError that nobody asked for means a dead coordination task.
    """
    try:
        async with asyncio.timeout(limit):
            return await call
    except ProducerFenced as error:
        raise Fenced(f"{what}: fenced, or the transaction timed out") from error
    except MessageSizeTooLargeError as error:
        raise Rejected(
            f"{what}: the broker refused a record as too large ({error}): expected what the catalogue allows; compare "
            "the topic's max.message.bytes with it"
        ) from error
    except _LOST as error:
        raise Unavailable(f"{what}: {type(error).__name__} {error}".rstrip()) from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise Unavailable(f"{what}: the client's own task was cancelled") from error


async def quietly(call: Awaitable[object], limit: float) -> None:
    """Closing: hangs and raises; whatever it leaves undone is settled by the next InitProducerId or session timeout."""
    with suppress(KetenbusError):
        await guarded(call, limit, "close")


@lru_cache(maxsize=65_536)
def partition_for(key: bytes, partitions: int) -> int:
    """The partition of a key, as every Kafka client computes it. Remembered: it takes microseconds."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions


def _record(tp: TopicPartition, found: DefaultRecord) -> Record:
    return Record(
        tp.topic, tp.partition, found.offset, found.timestamp, found.key or b"", found.value, tuple(found.headers)
    )


def _give_records(consumer: AIOKafkaConsumer) -> None:
    """Let a started consumer give our records instead of its own: making both takes half of what reading takes."""
    fetcher = consumer._fetcher
    receive = fetcher._proc_fetch_request

    async def received(*request: object) -> bool:
        wanted: bool = await receive(*request)
        for result in fetcher._records.values():
            if isinstance(result, FetchResult) and result.has_more():
                result._partition_records._consumer_record = _record
        return wanted

    fetcher._proc_fetch_request = received


async def _send_batches(producer: AIOKafkaProducer, writes: Sequence[Write]) -> list[Awaitable[object]]:
    """Futures of the batches, one per partition or more; several partitions at once, each in order."""
    by_partition: dict[TopicPartition, list[Write]] = {}
    topic, partition, some = "", -1, []
    for write in writes:
        # most follow one another, those of the changelog all
        if write.partition != partition or write.topic != topic:
            topic, partition = write.topic, write.partition
            some = by_partition.setdefault(TopicPartition(topic, partition), [])
        some.append(write)
    found = await asyncio.gather(*(_partition_batches(producer, to, some) for to, some in by_partition.items()))
    return [future for futures in found for future in futures]


async def _partition_batches(
    producer: AIOKafkaProducer, tp: TopicPartition, writes: Sequence[Write]
) -> list[Awaitable[object]]:
    futures = []
    batch = producer.create_batch()
    for write in writes:
        headers = list(write.headers) if write.headers else []
        if batch.append(key=write.key, value=write.value, timestamp=write.timestamp, headers=headers) is None:
            futures.append(await producer.send_batch(batch, tp.topic, partition=tp.partition))
            batch = producer.create_batch()
            batch.append(key=write.key, value=write.value, timestamp=write.timestamp, headers=headers)
    futures.append(await producer.send_batch(batch, tp.topic, partition=tp.partition))
    return futures


async def _delivered(futures: Sequence[Awaitable[object]]) -> None:
    """Wait for every future: a commit succeeds even when a send failed, only the futures tell (KAFKA.md D5 rule 7)."""
    for result in await asyncio.gather(*futures, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


# ---------------------------------------------------------------- writing without transactions


class Sender:
    """Idempotent producer, acks=all. A failed producer is replaced at the next send."""

    def __init__(self, bootstrap: str, limit: float) -> None:
        self._bootstrap, self._limit = bootstrap, limit
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer: AIOKafkaProducer = AIOKafkaProducer(
                    **connection(self._bootstrap),
                    enable_idempotence=True,
                    acks="all",
                    linger_ms=1,
                    compression_type=COMPRESSION,
                    max_batch_size=BATCH_BYTES,
                    max_request_size=MESSAGE_LIMIT,
                    request_timeout_ms=int(self._limit * 1000),
                )
                try:
                    await guarded(producer.start(), self._limit, "producer start")
                except KetenbusError:
                    await quietly(producer.stop(), 1)
                    raise
                self._producer = producer
            return self._producer

    async def send(self, output: Output, timestamp: int | None = None) -> Coordinates:
        """Write and wait for the broker's acknowledgement.

        Raises Unavailable when it did not come within the limit; the record may yet arrive. Raises Rejected when the
        record is larger than the topic allows.
        """
        # no lock on the way of every message
        producer = self._producer or await self._started()
        try:
            sent = producer.send_and_wait(
                output.topic,
                output.value,
                key=output.key,
                partition=output.partition,
                headers=list(output.headers),
                timestamp_ms=timestamp,
            )
            meta = await guarded(sent, self._limit, f"send to {output.topic}")
        except KetenbusError:
            await self._discard(producer)
            raise
        return Coordinates(meta.topic, meta.partition, meta.offset)

    async def send_all(self, writes: Sequence[Write]) -> None:
        """Write many records to given partitions, in batches; fast, for feeding and replay. Raises as `send` does.

        After an error some of them may have been written.
        """
        producer = await self._started()
        try:
            futures = await guarded(_send_batches(producer, writes), self._limit * 6, "send")
            await guarded(_delivered(futures), self._limit * 6, "send")
        except KetenbusError:
            await self._discard(producer)
            raise

    async def _discard(self, producer: AIOKafkaProducer) -> None:
        if self._producer is producer:
            self._producer = None
        await quietly(producer.stop(), 0.2)

    async def partitions(self, topic: str) -> int:
        """Raises Unavailable, also when the topic is not there."""
        producer = await self._started()
        found = await guarded(producer.partitions_for(topic), self._limit, f"partitions of {topic}")
        return len(found)

    async def close(self) -> None:
        if self._producer is not None:
            await quietly(self._producer.stop(), self._limit)
            self._producer = None


@asynccontextmanager
async def open_sender(bootstrap: str, limit: float = 10.0) -> AsyncIterator[Sender]:
    """A sender whose calls take `limit` seconds at most. Connects at the first send, so it opens without a broker."""
    sender = Sender(bootstrap, limit)
    try:
        yield sender
    finally:
        await sender.close()


# ---------------------------------------------------------------- reading without a group

Position = tuple[str, int]

_STEP: Final = 0.02
"""Seconds. The end of a transaction is a control record: only a poll that finds nothing steps over it."""


class Reader:
    """Reads all partitions of some topics, read_committed, from given positions (default: the beginning)."""

    def __init__(self, consumer: AIOKafkaConsumer, assigned: Sequence[TopicPartition], limit: float) -> None:
        self._consumer, self._assigned, self._limit = consumer, assigned, limit

    async def poll(self, timeout: float = 1.0, most: int = 5000) -> list[Record]:
        """Records in partition order, at most `most`; empty after `timeout` seconds without any. Raises Unavailable."""
        call = self._consumer.getmany(timeout_ms=int(timeout * 1000), max_records=most)
        found = await guarded(call, timeout + self._limit, "poll")
        return [record for records in found.values() for record in records]

    async def ends(self) -> dict[Position, int]:
        """The last stable offset of each partition, now."""
        found = await guarded(self._consumer.end_offsets(self._assigned), self._limit, "end offsets")
        return {(tp.topic, tp.partition): offset for tp, offset in found.items()}

    async def positions(self) -> dict[Position, int]:
        """The next offset to read of each partition; steps over control records once polled."""
        out = {}
        for tp in self._assigned:
            out[(tp.topic, tp.partition)] = await guarded(self._consumer.position(tp), self._limit, "position")
        return out

    async def caught_up(self, ends: Mapping[Position, int] | None = None) -> bool:
        """Whether everything before `ends` (default: before now) was polled."""
        goal = await self.ends() if ends is None else ends
        at = await self.positions()
        return all(at[position] >= offset for position, offset in goal.items())

    async def step_back(self, records: int) -> None:
        """Go on `records` offsets before the end of each partition, or at its beginning."""
        ends = await guarded(self._consumer.end_offsets(self._assigned), self._limit, "end offsets")
        begins = await guarded(self._consumer.beginning_offsets(self._assigned), self._limit, "beginning offsets")
        for tp in self._assigned:
            self._consumer.seek(tp, max(begins[tp], ends[tp] - records))

    async def unsettled(self) -> dict[Position, int]:
        """Records of transactions that are open, per partition: those between last stable offset and end.

        Only of what is polled while nobody else writes does it say much: to be asked when everything was polled.
        """
        found: dict[Position, int] = {}
        for tp in self._assigned:
            while (high := self._consumer.highwater(tp)) is None:
                await self.poll(_STEP)
            if high > (stable := self._consumer.last_stable_offset(tp)):
                found[(tp.topic, tp.partition)] = high - stable
        return found

    async def to_end(self, timeout: float = 60.0) -> AsyncIterator[Record]:
        """All records up to the ends as they stand at the call. Raises Unavailable after `timeout` without progress."""
        goal = await self.ends()
        waited = 0.0
        while not await self.caught_up(goal):
            records = await self.poll(_STEP)
            waited = 0.0 if records else waited + _STEP
            if waited > timeout:
                raise Unavailable(f"read to end: no progress in {timeout} s, expected to reach {goal}")
            for record in records:
                if record.offset < goal.get((record.topic, record.partition), 0):
                    yield record


@asynccontextmanager
async def open_reader(
    bootstrap: str,
    topics: Iterable[str],
    start: Mapping[Position, int] | None = None,
    *,
    only: Iterable[Position] | None = None,
    limit: float = 20.0,
    fetch_bytes: int = 4 << 20,
    wait_ms: int = 500,
) -> AsyncIterator[Reader]:
    """A reader of `topics` (or of the partitions in `only`). `wait_ms`: how long the broker may wait for something new
    before it answers. Raises Unavailable when the broker or a topic is away."""
    consumer = AIOKafkaConsumer(
        **connection(bootstrap),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        max_partition_fetch_bytes=fetch_bytes,
        fetch_max_bytes=64 << 20,
        fetch_max_wait_ms=wait_ms,
    )
    try:
        await guarded(consumer.start(), limit, "reader start")
        _give_records(consumer)
        wanted = set(only) if only is not None else None
        assigned = []
        for topic in sorted(set(topics)):
            # a group-less consumer knows no partitions of a topic until it asked for its metadata
            await guarded(consumer._client._wait_on_metadata(topic), limit, f"metadata of {topic}")
            found = consumer.partitions_for_topic(topic) or set()
            assigned += [TopicPartition(topic, p) for p in sorted(found) if wanted is None or (topic, p) in wanted]
        consumer.assign(assigned)
        begins = await guarded(consumer.beginning_offsets(assigned), limit, "beginning offsets") if assigned else {}
        for tp in assigned:
            consumer.seek(tp, max(begins[tp], (start or {}).get((tp.topic, tp.partition), 0)))
        yield Reader(consumer, assigned, limit)
    finally:
        await quietly(consumer.stop(), 5)


_PATIENCE: Final = 0.5
"""Seconds. Longer than a transaction of a worker that lives is open."""


async def held(bootstrap: str, positions: Iterable[Position], limit: float = 20.0) -> set[Position]:
    """Those of `positions` where a transaction is open that was open half a second before: the last stable offset stays
    before what was the end. Raises Unavailable."""
    wanted = set(positions)
    topics = {topic for topic, _ in wanted}
    async with open_written(bootstrap, topics, limit) as written:
        ends = await written()
    async with _open_ends(bootstrap, topics, "read_committed", limit) as settled:
        until = time.monotonic() + _PATIENCE
        while True:
            stable = await settled()
            found = {at for at in wanted if stable[at] < ends[at]}
            if not found or time.monotonic() > until:
                return found
            await asyncio.sleep(_PATIENCE / 10)


Ends = Callable[[], Awaitable[dict[Position, int]]]


@asynccontextmanager
async def open_written(bootstrap: str, topics: Iterable[str], limit: float = 20.0) -> AsyncIterator[Ends]:
    """Asks for the ends of all partitions of `topics`, open transactions included.

    Once a last stable offset (`Reader.ends`) has come that far, every transaction that had written by then is settled
    there. Raises Unavailable.
    """
    async with _open_ends(bootstrap, topics, "read_uncommitted", limit) as ends:
        yield ends


@asynccontextmanager
async def _open_ends(bootstrap: str, topics: Iterable[str], isolation: str, limit: float) -> AsyncIterator[Ends]:
    names = set(topics)
    consumer = AIOKafkaConsumer(**connection(bootstrap), group_id=None, isolation_level=isolation)

    async def ends() -> dict[Position, int]:
        found = await guarded(consumer.end_offsets(wanted), limit, "end offsets")
        return {(tp.topic, tp.partition): offset for tp, offset in found.items()}

    try:
        await guarded(consumer.start(), limit, "reader start")
        for topic in names:
            await guarded(consumer._client._wait_on_metadata(topic), limit, f"metadata of {topic}")
        wanted = [TopicPartition(topic, p) for topic in names for p in consumer.partitions_for_topic(topic) or ()]
        yield ends
    finally:
        await quietly(consumer.stop(), 5)


async def set_group_offsets(bootstrap: str, group: str, offsets: Mapping[Position, int], limit: float = 20.0) -> None:
    """Where a group that has no members is said to be. Raises Unavailable."""
    consumer = AIOKafkaConsumer(**connection(bootstrap), group_id=group, enable_auto_commit=False)
    wanted = {TopicPartition(topic, partition): offset for (topic, partition), offset in offsets.items()}
    try:
        await guarded(consumer.start(), limit, "committer start")
        consumer.assign(list(wanted))
        await guarded(consumer.commit(wanted), limit, f"offsets of {group}")
    finally:
        await quietly(consumer.stop(), 5)


# ---------------------------------------------------------------- topics and settings


class TopicState(msgspec.Struct, frozen=True):
    partitions: int
    replication: int


class Right(msgspec.Struct, frozen=True):
    """That `principal` may do `operation` on a resource; kinds, patterns and operations by Kafka's own numbers."""

    principal: str
    resource: int
    name: str
    pattern: int
    operation: int


ANY_HOST: Final = "*"
ALLOWED: Final = 3


class Admin:
    """Topics, their settings and the broker's own."""

    def __init__(self, client: AIOKafkaAdminClient, limit: float) -> None:
        self._client, self._limit = client, limit

    async def topics(self) -> dict[str, TopicState]:
        found = await guarded(self._client.describe_topics(), self._limit, "describe topics")
        return {
            topic["topic"]: TopicState(len(topic["partitions"]), len(topic["partitions"][0]["replicas"]))
            for topic in found
            if topic["partitions"]
        }

    async def topic_configs(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        return await self._configs(resources)

    async def broker_configs(self) -> dict[str, str]:
        cluster = await guarded(self._client.describe_cluster(), self._limit, "describe cluster")
        broker = str(cluster["brokers"][0]["node_id"])
        return (await self._configs([ConfigResource(ConfigResourceType.BROKER, broker)]))[broker]

    async def cluster(self) -> str:
        """Kafka's own id of the cluster, made with it."""
        found = await guarded(self._client.describe_cluster(), self._limit, "describe cluster")
        return str(found["cluster_id"])

    async def _configs(self, resources: Sequence[ConfigResource]) -> dict[str, dict[str, str]]:
        if not resources:
            return {}
        answers = await guarded(self._client.describe_configs(list(resources)), self._limit, "describe configs")
        out: dict[str, dict[str, str]] = {}
        for answer in answers:
            for code, message, _kind, name, entries in answer.resources:
                if code:
                    raise Unavailable(f"settings of {name}: {for_code(code).__name__} {message or ''}".rstrip())
                out[name] = {entry[0]: "" if entry[1] is None else entry[1] for entry in entries}
        return out

    async def create(self, name: str, partitions: int, replication: int, config: Mapping[str, str]) -> bool:
        """Whether it was created now (False: it was there already). Raises Unavailable with the broker's reason."""
        topic = NewTopic(name, partitions, replication, topic_configs=dict(config))
        answer = await guarded(self._client.create_topics([topic]), self._limit, f"create {name}")
        for entry in answer.topic_errors:
            if entry[1]:
                error = for_code(entry[1])
                if error is TopicAlreadyExistsError:
                    return False
                raise Unavailable(f"create {name}: {error.__name__} {entry[2] if len(entry) > 2 else ''}".rstrip())
        return True

    async def allow(self, right: Right) -> None:
        """Give one right; one that is there already stays. Raises Unavailable with the broker's reason."""
        request = CreateAclsRequest(
            right.resource, right.name, right.pattern, right.principal, ANY_HOST, right.operation, ALLOWED
        )
        answer = await guarded(self._client._send_request(request), self._limit, f"allow {right.principal}")
        for code, message in answer.creation_responses:
            if code:
                raise Unavailable(f"allow {right.principal}: {for_code(code).__name__} {message or ''}".rstrip())

    async def group_offsets(self, group: str) -> dict[Position, int]:
        """Committed offsets of a consumer group; empty when it has none. Waits for a broker that has just started: it
        first makes, or reads, the topic that they are in. Raises Unavailable."""
        until = time.monotonic() + self._limit
        while True:
            try:
                return await guarded(self._group_offsets(group), self._limit, f"offsets of {group}")
            except Unavailable as error:
                cause = error.__cause__
                if not (isinstance(cause, KafkaError) and cause.retriable) or time.monotonic() > until:
                    raise
                await asyncio.sleep(0.2)

    async def _group_offsets(self, group: str) -> dict[Position, int]:
        """The client's own method takes a coordinator that still reads its topic for a group without offsets."""
        coordinator = await self._client.find_coordinator(group)
        answer = await self._client._send_request(OffsetFetchRequest(group, None), coordinator)
        found = [(topic, *entry) for topic, partitions in answer.topics for entry in partitions]
        failed = next((code for code in (answer.error_code, *(code for *_, code in found)) if code), 0)
        if failed:
            raise for_code(failed)(group)
        return {(topic, partition): offset for topic, partition, offset, _, _ in found if offset >= 0}


@asynccontextmanager
async def open_admin(bootstrap: str, limit: float = 20.0) -> AsyncIterator[Admin]:
    """Raises Unavailable when no broker answers."""
    client = AIOKafkaAdminClient(**connection(bootstrap), request_timeout_ms=int(limit * 1000))
    try:
        await guarded(client.start(), limit, "admin start")
        yield Admin(client, limit)
    finally:
        await quietly(client.close(), 2)


# ---------------------------------------------------------------- for the runtime


class GroupSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds. `instance`: a stable name (a pod's) makes a static member, which takes over at once."""

    session_ms: int = 8000
    heartbeat_ms: int = 1000
    max_poll_ms: int = 300_000
    instance: str | None = None


class GroupConsumer(ConsumerRebalanceListener):  # type: ignore[misc]  # the client is untyped
    """Membership of one group on one topic, range assignment, read_committed, nothing committed by itself.

    `assigned(partitions)` and `revoked(partitions)` are told of every change; a newly assigned partition is paused
    before anything is awaited and stays so until `start_at`.
    """

    def __init__(
        self,
        bootstrap: str,
        group: str,
        topic: str,
        settings: GroupSettings,
        assigned: Callable[[set[int]], None],
        revoked: Callable[[set[int]], Awaitable[None]],
    ) -> None:
        self._topic, self._assigned, self._revoked = topic, assigned, revoked
        self._consumer = AIOKafkaConsumer(
            **connection(bootstrap),
            group_id=group,
            group_instance_id=settings.instance,
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            partition_assignment_strategy=[RangePartitionAssignor],
            session_timeout_ms=settings.session_ms,
            heartbeat_interval_ms=settings.heartbeat_ms,
            rebalance_timeout_ms=settings.session_ms,
            max_poll_interval_ms=settings.max_poll_ms,
            request_timeout_ms=15_000,
            max_partition_fetch_bytes=2 << 20,
            fetch_max_wait_ms=250,
            metadata_max_age_ms=60_000,
        )

    async def start(self) -> None:
        self._consumer.subscribe([self._topic], listener=self)
        await guarded(self._consumer.start(), 60, "join group")
        _give_records(self._consumer)

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        if assigned:
            self._consumer.pause(*assigned)
        self._assigned({tp.partition for tp in assigned})

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._revoked({tp.partition for tp in revoked})

    async def poll(self, partitions: Sequence[int], timeout: float, most: int) -> dict[int, list[Record]]:
        """Records per partition, of `partitions` only. Raises Unavailable when this member must be rebuilt."""
        tps = [TopicPartition(self._topic, partition) for partition in partitions]
        call = self._consumer.getmany(*tps, timeout_ms=int(timeout * 1000), max_records=most)
        try:
            found = await guarded(call, timeout + 60, "poll")
        except Unavailable as error:
            if isinstance(error.__cause__, NoOffsetForPartitionError):
                # the client asks for the group's offset on its own; tasks are positioned by `start_at` alone
                return {}
            raise
        return {tp.partition: records for tp, records in found.items()}

    async def committed(self, partition: int) -> int | None:
        """The group's offset; read it only behind the fence: before, a pending transaction hides it."""
        tp = TopicPartition(self._topic, partition)
        return await guarded(self._consumer.committed(tp), 20, "committed offset")

    async def bounds(self, partition: int) -> tuple[int, int]:
        """First offset that is there, and the end (last stable offset)."""
        tp = TopicPartition(self._topic, partition)
        begin = await guarded(self._consumer.beginning_offsets([tp]), 20, "beginning offset")
        end = await guarded(self._consumer.end_offsets([tp]), 20, "end offset")
        return begin[tp], end[tp]

    async def ends(self, partitions: Iterable[int]) -> dict[int, int]:
        """The ends (last stable offsets) of partitions, in one request."""
        tps = [TopicPartition(self._topic, partition) for partition in partitions]
        found = await guarded(self._consumer.end_offsets(tps), 20, "end offsets")
        return {tp.partition: end for tp, end in found.items()}

    def start_at(self, partition: int, offset: int) -> None:
        """Read `partition` from `offset` on; drops whatever was prefetched from elsewhere."""
        tp = TopicPartition(self._topic, partition)
        self._consumer.seek(tp, offset)
        self._consumer.resume(tp)

    def hold(self, partition: int) -> None:
        """Read nothing more of a partition that waits for a person, or is paused."""
        tp = TopicPartition(self._topic, partition)
        if tp in self._consumer.assignment():
            self._consumer.pause(tp)

    def release(self, partition: int) -> None:
        """Go on behind what was read when it was held."""
        tp = TopicPartition(self._topic, partition)
        if tp in self._consumer.assignment():
            self._consumer.resume(tp)

    def highwater(self, partition: int) -> int | None:
        """The last known end of the partition, for the lag. None for one that was taken away meanwhile."""
        tp = TopicPartition(self._topic, partition)
        offset = self._consumer.highwater(tp) if tp in self._consumer.assignment() else None
        return None if offset is None else int(offset)

    async def stop(self) -> None:
        await quietly(self._consumer.stop(), 10)


Hook = Callable[[str], Awaitable[None]]
"""Called at the await points of a transaction; faults are injected here."""


async def no_hook(point: str) -> None:
    """Nothing is injected."""


class TransactionalProducer:
    """The writes of one task: all of a transaction or none. One `transactional_id` per task, for ever the same."""

    def __init__(self, bootstrap: str, transactional_id: str, timeout_ms: int, limit: float, hook: Hook) -> None:
        self._limit, self._hook = limit, hook
        self._producer = AIOKafkaProducer(
            **connection(bootstrap),
            transactional_id=transactional_id,
            transaction_timeout_ms=timeout_ms,
            acks="all",
            linger_ms=0,
            compression_type=COMPRESSION,
            max_batch_size=BATCH_BYTES,
            max_request_size=MESSAGE_LIMIT + BATCH_BYTES,
            request_timeout_ms=10_000,
        )

    async def fence(self) -> None:
        """InitProducerId: fences former owners, aborts their open transaction and waits until that is settled."""
        await guarded(self._producer.start(), 60, "fence")

    async def partitions(self, topic: str) -> int:
        return len(await guarded(self._producer.partitions_for(topic), 20, f"partitions of {topic}"))

    async def end_hanging(self, partitions: Iterable[Position], group: str, topic: str, partition: int) -> None:
        """End what a former owner of this id left open and its coordinator forgot to end on `partitions`.

        A transaction belongs to the producer id in each partition: the next marker of the same producer ends it too.
        Here that is an abort, of a transaction that writes an empty record everywhere and is never seen. Raises as
        `transact`.
        """
        tp = TopicPartition(topic, partition)
        await guarded(self._end_hanging(partitions, group, tp), self._limit * 3, "end a hanging transaction")

    async def _end_hanging(self, partitions: Iterable[Position], group: str, tp: TopicPartition) -> None:
        await self._producer.begin_transaction()
        await _delivered([await self._producer.send(to, b"", key=b"", partition=number) for to, number in partitions])
        await self._producer.send_offsets_to_transaction({tp: 0}, group)
        await self._producer.abort_transaction()

    async def transact(self, writes: Sequence[Write], group: str, topic: str, partition: int, offset: int) -> None:
        """Write everything and the group's offset in one transaction.

        Raises Fenced, Rejected or Unavailable; after any of them the producer must be closed and the task reopened,
        because the outcome is unknown.
        """
        await guarded(
            self._transact(writes, group, TopicPartition(topic, partition), offset), self._limit, "transaction"
        )

    async def _transact(self, writes: Sequence[Write], group: str, tp: TopicPartition, offset: int) -> None:
        await self._hook("begin")
        await self._producer.begin_transaction()
        futures = await _send_batches(self._producer, writes)
        await self._hook("sent")
        await _delivered(futures)
        await self._hook("delivered")
        await self._producer.send_offsets_to_transaction({tp: offset}, group)
        await self._hook("offsets")
        await self._producer.commit_transaction()
        await self._hook("committed")

    async def close(self) -> None:
        """Gives up whatever is open; the next fence settles it."""
        await quietly(self._producer.stop(), 2)
        await quietly(self._producer.client.close(), 2)
