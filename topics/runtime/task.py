"""One task: one partition of a processor's topic, with its state and its transactional id.

            open                 assigned again
    CREATED ────▶ RESTORING ──▶ RUNNING ◀────────────▶ SUSPENDED
                     ▲  │          │ │      revoked        │
                     └──┼──────────┘ │                     │ not assigned again
              back off  ▼            ▼                     ▼
                     HALTED       CLOSED ◀─────────────────┘

HALTED: the log contradicts the state, or this release cannot read it; the partition waits for a person, others go on.
A SUSPENDED task keeps its state over a rebalance: whoever had the partition meanwhile has fenced its producer, so that
its next transaction fails and it is built anew. Safety rests on the fence alone, never on membership (KAFKA.md D).
A task that was restored from the archive stays RESTORING until it is its turn (topics.runtime.restored).
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from functools import partial
from typing import Generic, TypeVar

import msgspec
import structlog

from topics.blobs import BlobCorrupt, BlobStore
from topics.catalogue.declarations import changelog_topic
from topics.catalogue.topic import Topic
from topics.errors import KetenbusError, PositionMismatch, StateCorrupt, Unavailable, UnknownDocument
from topics.kafka import (
    Fenced,
    GroupConsumer,
    Hook,
    Rejected,
    TransactionalProducer,
    no_hook,
    open_reader,
)
from topics.runtime.batch import Batcher, Full, Limits
from topics.runtime.claims import claimed, resolve
from topics.runtime.errors import CannotWrite
from topics.runtime.hanging import Hanging
from topics.runtime.isolation import Isolation
from topics.runtime.metrics import TaskMetrics
from topics.runtime.positions import Position, start_position
from topics.runtime.restored import Restored, Sent, tail_of, unfinished
from topics.runtime.spans import Spans
from topics.runtime.step import Beside, Processor, Record
from topics.runtime.store import Store
from topics.runtime.turn import LOOK, Turn
from topics.runtime.writes import Writes

S = TypeVar("S")
T = TypeVar("T")

log = structlog.get_logger(__name__)

MOST_BESIDE = 16
"""Records of one batch for which work is done beside the event loop: a transaction does not wait for more."""

READ_AGAIN = 15.0
"""Seconds after which a task that waits for its turn reads again who comes first: a person may have changed it."""

HALTING = (UnknownDocument, StateCorrupt, PositionMismatch, BlobCorrupt)


class TaskState(StrEnum):
    CREATED = "created"
    RESTORING = "restoring"
    RUNNING = "running"
    SUSPENDED = "suspended"
    HALTED = "halted"
    CLOSED = "closed"


class TaskSettings(msgspec.Struct, frozen=True, kw_only=True):
    """transaction_ms: how long an open transaction of a dead worker may hide records from readers; twice the longest
    batch at least. attempt, grace, back_off: seconds. session: seconds without success after which another worker may
    have been given the partition; the worker fills in its group's. queue: records that wait per task."""

    transaction_ms: int = 15_000
    attempt: float = 20.0
    session: float = 8.0
    grace: float = 2.5
    back_off: tuple[float, float] = (0.2, 5.0)
    queue: int = 8000
    queue_bytes: int = 16 << 20
    gather: float = 0.0
    limits: Limits = Limits()


class Task(Generic[S]):
    """Runs until it is closed; `run` returns when closed or halted and raises Fenced when the worker must rejoin."""

    def __init__(
        self,
        processor: Processor[S],
        partition: int,
        bootstrap: str,
        catalogue: Mapping[str, Topic],
        consumer: GroupConsumer,
        blobs: BlobStore,
        settings: TaskSettings,
        metrics: TaskMetrics,
        restoring: asyncio.Semaphore,
        turn: Turn,
        hanging: Hanging,
        hook: Hook = no_hook,
        spans: Spans | None = None,
    ) -> None:
        self.processor, self.partition = processor, partition
        self._bootstrap, self._catalogue, self._consumer, self._blobs = bootstrap, catalogue, consumer, blobs
        self._settings, self._metrics, self._hook, self._spans = settings, metrics, hook, spans
        self._beside = processor.beside if isinstance(processor, Beside) else None
        self._restoring, self._turn, self._hanging = restoring, turn, hanging
        self.state = TaskState.CREATED
        self.halted: KetenbusError | None = None
        self.waits = ""
        """Who comes first after a restore, in words; empty when it waits for nobody."""
        self.store: Store[S] = Store(processor)
        self._producer: TransactionalProducer | None = None
        self._batcher: Batcher[S] | None = None
        self._incoming: deque[Record] = deque()
        self._incoming_bytes = 0
        self._records: deque[Record] = deque()
        self._wake = asyncio.Event()
        self._closing = False
        self._assigned = True
        self._idle = asyncio.Event()
        self._idle.set()
        self._isolation = Isolation(settings.limits)
        self._trying_since: float | None = None

    # -- fed by the worker

    @property
    def room(self) -> bool:
        return len(self._incoming) < self._settings.queue and self._incoming_bytes < self._settings.queue_bytes

    def offer(self, records: list[Record]) -> None:
        """Records in log order. Dropped unless running: a task that is not will be positioned anew."""
        if self.state is not TaskState.RUNNING:
            return
        self._incoming.extend(records)
        self._incoming_bytes += sum(len(record.value or b"") for record in records)
        self._wake.set()

    @property
    def position(self) -> Position | None:
        return self.store.position

    # -- life

    async def run(self) -> None:
        low, high = self._settings.back_off
        wait = low
        while not self._closing and self._assigned:
            try:
                await self._open()
                wait = low
                await self._loop()
            except HALTING as error:
                self._halt(error)
                return
            except (Rejected, CannotWrite) as error:
                if not self._isolate(error):
                    return
            except Unavailable as error:
                self._metrics.failed(error.code)
                log.warning(
                    "task.unavailable", processor=self.processor.name, partition=self.partition, error=str(error)
                )
                self._rejoin_when_long(error)
                await asyncio.sleep(wait)
                wait = min(wait * 2, high)
            except Fenced as error:
                self._metrics.failed(error.code)
                # whoever has the partition now did it: no reason to leave the group
                if self._assigned and not self._closing:
                    raise
            finally:
                self._idle.set()
                self._wait_for({})
        # failed while somebody else may have been given the partition: opening again would fence him
        self.state = TaskState.CLOSED
        await self._drop_producer()

    async def suspend(self) -> None:
        """Finish the running transaction, keep state and producer, take nothing more."""
        if self.state is not TaskState.RUNNING:
            await self.close()
            return
        self.state = TaskState.SUSPENDED
        self._assigned = False
        try:
            async with asyncio.timeout(self._settings.grace):
                await self._idle.wait()
        except TimeoutError:
            await self.close()
            return
        self._forget_records()

    def resume(self) -> None:
        """Assigned again: go on behind what is committed here. If somebody else went on, the fence says so."""
        position = self.store.position
        if self.state is not TaskState.SUSPENDED or position is None:
            raise RuntimeError(f"task {self.processor.name}/{self.partition} is {self.state}, expected suspended")
        self._forget_records()
        self._assigned = True
        self.state = TaskState.RUNNING
        self._consumer.start_at(self.partition, position.offset)

    async def close(self) -> None:
        """Stop after the running transaction, or without it when it takes too long; the next fence settles it."""
        self._closing = True
        self._wake.set()
        try:
            async with asyncio.timeout(self._settings.grace):
                await self._idle.wait()
        except TimeoutError:
            log.warning("task.abandoned", processor=self.processor.name, partition=self.partition)
        self.state = TaskState.CLOSED
        self._metrics.gone()
        await self._drop_producer()

    # -- inside

    async def _open(self) -> None:
        """The order is what makes it exactly-once: fence, restore, read the position, seek, resume (KAFKA.md D5.4)."""
        started = time.monotonic()
        self._trying()
        self.state = TaskState.RESTORING
        await self._drop_producer()
        self._forget_records()
        if self._closing:
            # taken away while the former producer was closing: to fence now would fence the rightful owner
            return
        producer = self._producer = TransactionalProducer(
            self._bootstrap,
            f"{self.processor.name}-{self.partition}",
            self._settings.transaction_ms,
            self._settings.attempt,
            self._hook,
        )
        await producer.fence()
        await self._hook("fenced")
        targets = [topic for topic in self._catalogue.values() if self.processor.name in topic.producers]
        partitions = {topic.name: await producer.partitions(topic.name) for topic in targets}
        await self._end_hanging(producer, partitions)
        store, restored = await self._in_turn()
        if self._closing or store.position is None:
            return
        offset = store.position.offset
        self._wait_for({})
        self.store = store
        limits = {topic.name: topic.max_bytes for topic in targets}
        writes = Writes(self.processor.name, partitions, limits, await self._sent(restored))
        self._batcher = Batcher(self.processor, store, writes, self.partition, time.monotonic)
        self._batcher.refused = self._isolation.refused
        self.state = TaskState.RUNNING
        self._consumer.start_at(self.partition, offset)
        self._trying_since = None
        seconds = time.monotonic() - started
        self._metrics.opened(seconds)
        log.info(
            "task.running",
            processor=self.processor.name,
            partition=self.partition,
            keys=len(store),
            offset=offset,
            seconds=round(seconds, 3),
        )

    async def _end_hanging(self, producer: TransactionalProducer, partitions: Mapping[str, int]) -> None:
        """End what a former owner of this id left open, wherever a transaction stays open, whoever's it is.

        The fence has ended it all; yet a coordinator that was killed can have forgotten to on some partitions. Readers
        would stand still there, and the next commit of this task would bring to light what hangs.
        """
        changelog = changelog_topic(self.processor.name)
        everywhere = [(topic, number) for topic, count in partitions.items() for number in range(count)]
        own = [at for at in everywhere if at[0] != changelog or at[1] == self.partition]
        if found := sorted(await self._hanging.of(own)):
            await producer.end_hanging(found, self.processor.name, self.processor.topic, self.partition)

    async def _restored(self) -> Store[S]:
        """The state as the changelog tells it. Raises Unavailable while another producer's transaction is open there:
        nobody but this task writes to its partition of the changelog."""
        store, hanging = await self._restore()
        if hanging:
            raise Unavailable(
                f"{changelog_topic(self.processor.name)}/{self.partition}: {hanging} records of another producer's "
                "transaction that hangs; find it with `kafka-transactions.sh find-hanging` and abort it"
            )
        return store

    async def _restore(self) -> tuple[Store[S], int]:
        """The state, and how many records behind it belong to an open transaction."""
        store: Store[S] = Store(self.processor)
        changelog = changelog_topic(self.processor.name)
        only = [(changelog, self.partition)]
        async with (
            self._restoring,
            open_reader(self._bootstrap, [changelog], only=only, fetch_bytes=8 << 20, wait_ms=20) as reader,
        ):
            async for record in reader.to_end():
                store.restore(record.key.decode(), record.value)
            return store, sum((await reader.unsettled()).values())

    async def _in_turn(self) -> tuple[Store[S], Restored | None]:
        """The state with its position, and what a restore left to this task, once it may begin or is to stop. Raises
        PositionMismatch when the restore has not ended."""
        where = f"{changelog_topic(self.processor.name)}/{self.partition}"
        while True:
            store = await self._restored()
            await self._hook("restored")
            restored = unfinished(store.restored, await self._start_offset(store), where)
            if self._closing or restored is None or await self._first_done(restored):
                return store, restored

    async def _first_done(self, restored: Restored) -> bool:
        """Whether it need not wait, or no longer; False after a while, to read again who comes first."""
        again = time.monotonic() + READ_AGAIN
        while left := await self._turn.left(restored):
            if self._closing:
                return True
            if time.monotonic() > again:
                return False
            self._wait_for(left)
            # it is no failure, however long it takes
            self._trying_since = None
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._wake.wait()
        return True

    def _wait_for(self, left: Mapping[str, int]) -> None:
        self.waits = ", ".join(f"{name} ({count} records to go)" for name, count in left.items())
        self._metrics.waiting(bool(left))

    async def _sent(self, restored: Restored | None) -> Sent | None:
        """What a restored task must not write again."""
        if restored is None:
            return None
        goal, start = tail_of(restored)
        log.info(
            "task.rebuilding",
            processor=self.processor.name,
            partition=self.partition,
            sure=restored.sure,
            until=restored.until,
        )
        found: list[Record] = []
        if goal:
            async with open_reader(
                self._bootstrap, {topic for topic, _ in goal}, start, only=goal, fetch_bytes=8 << 20, wait_ms=20
            ) as reader:
                while not await reader.caught_up(goal):
                    found += await reader.poll()
        return Sent(restored, self._catalogue, [(one.topic, one.key, one.headers) for one in found])

    async def _start_offset(self, store: Store[S]) -> int:
        """Raises PositionMismatch."""
        committed = await self._consumer.committed(self.partition)
        begin, end = await self._consumer.bounds(self.partition)
        where = f"{self.processor.topic}/{self.partition}"
        store.position = start_position(store.position, committed, begin, end, where)
        return store.position.offset

    async def _loop(self) -> None:
        while not self._closing:
            self._wake.clear()
            if self.state is not TaskState.RUNNING or not (self._incoming or self._records):
                await self._wake.wait()
                continue
            if self._settings.gather and not self._records:
                await self._gather()
                if self._closing or self.state is not TaskState.RUNNING or not self._incoming:
                    continue
            self._idle.clear()
            try:
                await self._attempt()
            finally:
                self._idle.set()

    async def _gather(self) -> None:
        """Wait until a transaction is worth it, or for as long as the settings say."""
        full = self._settings.limits.steps
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.gather):
                while not self._closing and self.state is TaskState.RUNNING and len(self._incoming) < full:
                    self._wake.clear()
                    await self._wake.wait()

    async def _attempt(self) -> None:
        batcher, producer = self._batcher, self._producer
        if batcher is None or producer is None:
            raise RuntimeError("task is not open")
        await self._take()
        self._trying()
        began, taken = (time.time_ns(), tuple(self._records)) if self._spans is not None else (0, ())
        full = None
        for full in batcher.slices(self._records, self._isolation.limits):
            if full is None:
                await asyncio.sleep(0)
        if full is None or full.position is None:
            self._trying_since = None
            return
        for content in full.blobs:
            await self._patiently(partial(self._blobs.put, content))
        started = time.monotonic()
        await producer.transact(
            full.writes, self.processor.name, self.processor.topic, self.partition, full.position.offset
        )
        self.store.commit(full.staged, full.position)
        self._committed(full, time.monotonic() - started)
        if self._spans is not None:
            self._spans.handled(self.processor.name, taken[: full.records], full.writes, began)
        # a batch keeps the event loop; heartbeats and the other tasks come first now and then
        await asyncio.sleep(0)

    async def _take(self) -> None:
        """Move what waits to the batch: claim checks resolved, one at a time because they are large, and done beside the
        event loop what the processor wants done there."""
        incoming, records, most = self._incoming, self._records, self._settings.limits.steps
        beside = 0
        while incoming and len(records) < most:
            record = waiting = incoming[0]
            if not record.value and claimed(record.headers):
                record = await self._patiently(partial(resolve, record, self._blobs))
            work = self._beside(record) if self._beside is not None else None
            if work is not None:
                # what was taken before goes first when this cannot be done now
                if beside == MOST_BESIDE or not await self._made_ready(work, wait=not records):
                    return
                beside += 1
            self._incoming_bytes -= len(waiting.value or b"")
            records.append(record)
            incoming.popleft()
            if record is not waiting:
                return

    async def _made_ready(self, work: Callable[[], object], *, wait: bool) -> bool:
        """Whether `work` was done in a thread; without `wait` it is tried once. Raises as `_patiently`."""
        seconds = self._settings.back_off[0]
        while True:
            attempt = asyncio.ensure_future(asyncio.to_thread(work))
            await asyncio.wait((attempt,))
            error = attempt.exception()
            # any other error is raised again by the processor, behind the boundary
            if not isinstance(error, Unavailable):
                return True
            if not wait:
                return False
            seconds = await self._waited(error, seconds)

    async def _patiently(self, call: Callable[[], T]) -> T:
        """`call` in a thread, until the object store is there: this task waits in its place, the others go on.

        Raises Unavailable when the task is to stop meanwhile.
        """
        seconds = self._settings.back_off[0]
        while True:
            try:
                return await asyncio.to_thread(call)
            except Unavailable as error:
                seconds = await self._waited(error, seconds)

    async def _waited(self, error: Unavailable, seconds: float) -> float:
        """After `error` and so many seconds: how many to wait after the next. Raises it when the task is to stop."""
        self._metrics.failed(error.code)
        log.warning("task.waits", processor=self.processor.name, partition=self.partition, error=str(error))
        if self._closing or not self._assigned:
            raise error
        await asyncio.sleep(seconds)
        return min(seconds * 2, self._settings.back_off[1])

    def _committed(self, full: Full, seconds: float) -> None:
        self._trying_since = None
        if self._batcher is not None:
            self._isolation.committed(self._batcher.first)
        self._metrics.committed(full, seconds, len(self.store), self.lag())

    def lag(self) -> int:
        """Records between the position and the last known end of the partition."""
        high, at = self._consumer.highwater(self.partition), self.store.position
        return max(0, high - at.offset) if high is not None and at is not None else 0

    def tell_lag(self, end: int) -> None:
        """`end` of the partition, asked for: what is committed tells the lag too, but a task that stands still commits
        nothing."""
        if self.store.position is not None:
            self._metrics.behind(max(0, end - self.store.position.offset))

    def _isolate(self, error: KetenbusError) -> bool:
        """Whether the task can go on after the broker or the changelog refused a batch."""
        self._metrics.failed(error.code)
        if not self._isolation.isolate(self._batcher.first if self._batcher else (-1, None), str(error)):
            self._halt(error)
            return False
        log.warning("task.isolating", processor=self.processor.name, partition=self.partition, error=str(error))
        return True

    def _rejoin_when_long(self, error: Unavailable) -> None:
        """After a session without success somebody else may own the task: do not fence him (KAFKA.md D6 trap 9).

        A process that was frozen sees its own time limits run out before it hears that it was fenced.
        """
        if self._trying_since is not None and time.monotonic() - self._trying_since > self._settings.session:
            raise Fenced("no success for longer than a session: rejoin") from error

    def _trying(self) -> None:
        if self._trying_since is None:
            self._trying_since = time.monotonic()

    def _halt(self, error: KetenbusError) -> None:
        self.state, self.halted = TaskState.HALTED, error
        self._consumer.hold(self.partition)
        self._metrics.halted(error.code)
        log.error(
            "task.halted",
            processor=self.processor.name,
            partition=self.partition,
            code=error.code,
            error=str(error),
            todo="this partition waits for a person; restart the worker once the cause is gone",
        )

    def _forget_records(self) -> None:
        self._incoming.clear()
        self._records.clear()
        self._incoming_bytes = 0
        if self._batcher is not None:
            self._batcher.reset()

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.close()
