"""The Faust app: an agent and a table per topic that is counted, and a timer for what ages."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, cast

import faust
import structlog
from faust.streams import Stream
from faust.types import EventT, StreamT, TopicT
from faust.types.transports import TransportT

from chain.measure.driver import LOGGER, Consumer, Transport
from chain.measure.rij import Onleesbaar, Rij
from chain.measure.tabel import Partitie, Tabel
from chain.measure.teller import Doorlooptijdteller, Signaalteller, unreadable_key
from topics.catalogue.declarations import MEASURE, MEASURE_TABLES, changelog_topic
from topics.errors import KetenbusError, Unavailable
from topics.kafka import Sender
from topics.runtime.boundary import guarded
from topics.runtime.step import DeadLetter, Output, Processor, Record
from topics.runtime.writes import letter_output

log = structlog.get_logger(__name__)

BATCH: Final = 1_000
"""Records that one agent takes together: their rows are on the changelog before any of them is acknowledged."""
WITHIN: Final = 0.1
"""Seconds that a batch may gather."""

_BACK_OFF: Final = (0.2, 5.0)

Counted = Callable[[str, int, bytes, Rij], None]
"""Told of every row that was kept: topic, partition, key, row."""


class Keten(faust.App):
    """Faust with our driver; nothing on disk."""

    logger = LOGGER

    def _new_transport(self) -> TransportT:
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> TransportT:
        return Transport(self.conf.broker_producer, self)

    def _create_directories(self) -> None:
        """Tables are in memory."""


class Measure:
    """Counts what is on the two topics into two tables.

    `failed` becomes done, with the error, when nothing more may be counted by this process: records that are not on the
    changelog were not acknowledged, so that the next process counts them.
    """

    def __init__(
        self, bootstrap: str, sender: Sender, partitions: int, *, session: float = 10.0, url: str = "http://127.0.0.1:0"
    ) -> None:
        """`partitions`: of the two topics. `url`: where this worker's figures are served, for other workers to know."""
        self.app = Keten(
            MEASURE,
            broker=";".join(f"kafka://{address.strip()}" for address in bootstrap.split(",")),
            store="memory://",
            canonical_url=url,
            processing_guarantee="at_least_once",
            consumer_auto_offset_reset="earliest",
            broker_session_timeout=session,
            broker_heartbeat_interval=session / 5,
            broker_commit_interval=1.0,
            broker_commit_every=50_000,
            stream_buffer_maxsize=4 * BATCH,
            stream_recovery_delay=0.1,
            producer_compression_type="zstd",
            producer_linger=0.005,
            topic_allow_declare=False,
            topic_disable_leader=True,
            topic_partitions=partitions,
            web_enabled=False,
            autodiscover=False,
        )
        self._sender = sender
        self._listeners: list[Counted] = []
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.counted: dict[tuple[str, int], int] = {}
        """Per partition the next offset to count."""
        tellers = (Doorlooptijdteller(), Signaalteller())
        self.tables = {
            teller.topic: self._table(table, partitions) for teller, table in zip(tellers, MEASURE_TABLES, strict=True)
        }
        for teller in tellers:
            self._agent(teller)

    def listen(self, counted: Counted) -> None:
        self._listeners.append(counted)

    def _table(self, name: str, partitions: int) -> Tabel:
        changelog: TopicT = self.app.topic(
            changelog_topic(name),
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            partitions=partitions,
            compacting=True,
            acks=False,
            internal=True,
            maxsize=131_072,
            allow_empty=True,
        )
        table = Tabel(self.app, name=name, partitions=partitions, changelog_topic=changelog)
        self.app.tables.add(table)
        return table

    def _agent(self, teller: Processor[Rij]) -> None:
        topic = self.app.topic(
            teller.topic,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            allow_empty=True,
        )

        async def count(agent: StreamT[Any]) -> None:
            stream = cast(Stream[Any], agent)
            # not `take`: when it is closed it acknowledges what it has gathered, counted or not
            async for batch in stream.noack_take(BATCH, WITHIN):
                await self._guarded(stream, teller, batch)

        self.app.agent(topic, name=f"{MEASURE}.{teller.topic}", concurrency=1)(count)

    async def _guarded(self, stream: Stream[Any], teller: Processor[Rij], batch: Sequence[EventT[Any]]) -> None:
        """Nothing leaves an agent: Faust would take the record for handled, and go on behind it."""
        handling = asyncio.create_task(self._handle(stream, teller, batch))
        try:
            await asyncio.wait([handling])
        finally:
            handling.cancel()
        error = None if handling.cancelled() else handling.exception()
        if error is not None:
            if not self.failed.done():
                self.failed.set_exception(error)
            await asyncio.Event().wait()

    async def _handle(self, stream: Stream[Any], teller: Processor[Rij], batch: Sequence[EventT[Any]]) -> None:
        table = self.tables[teller.topic]
        done: list[EventT[Any]] = []
        kept: list[Awaitable[object]] = []
        views: dict[int, Partitie] = {}
        for event in batch:
            message = event.message
            if message.generation_id != self.app.consumer_generation_id:
                continue  # of an assignment that is over: whoever has the partition now reads it again
            record = Record(
                message.topic,
                message.partition,
                message.offset,
                int((message.timestamp or 0) * 1000),
                message.key or b"",
                message.value,
                _headers(message.headers),
            )
            partition = record.partition
            view = views.get(partition) or views.setdefault(partition, Partitie(table.rijen, partition))
            for step in guarded(teller, record, view, None):
                row: object = step.state
                key = step.key
                for letter in step.dead_letters:
                    await self._send_letter(letter, record)
                    row, key = Onleesbaar(record.offset), unreadable_key(record.offset)
                kept.append(await self._keep(table, teller.topic, partition, key.encode(), row))
            done.append(event)
        await asyncio.gather(*kept)
        for event in done:
            await stream.ack(event)
            at = (event.message.topic, event.message.partition)
            self.counted[at] = event.message.offset + 1

    async def _keep(self, table: Tabel, topic: str, partition: int, key: bytes, row: Any) -> Awaitable[object]:
        sent = await table.put(partition, key, row)
        for counted in self._listeners:
            counted(topic, partition, key, row)
        return sent

    async def _send_letter(self, letter: DeadLetter, record: Record) -> None:
        """Returns when the broker has it."""
        log.error("measure.unreadable", position=record.position, reason=letter.reden.value, error=letter.tekst)
        await self._until_sent(letter_output(letter, record, MEASURE))

    async def _until_sent(self, output: Output) -> None:
        wait, most = _BACK_OFF
        while True:
            try:
                await self._sender.send(output)
            except Unavailable as error:
                log.warning("measure.waits", code=error.code, error=str(error), seconds=wait)
                await asyncio.sleep(wait)
                wait = min(wait * 2, most)
            else:
                return

    def lag(self) -> dict[tuple[str, int], int | None]:
        """Records between what was counted and the last stable offset, of each partition that this worker has; None while
        the broker has not told where that is. What lies there and is no record (the end of a transaction, what was
        aborted) is stepped over when it is fetched.
        """
        found: dict[tuple[str, int], int | None] = {}
        consumer = cast(Consumer, self.app.consumer)
        for tp in sorted(consumer.assignment()):
            if tp.topic not in self.tables:
                continue
            at = (tp.topic, tp.partition)
            fetched, end = consumer.fetched(tp)
            if fetched is None or end is None:
                found[at] = None
                continue
            delivered = consumer.delivered.get(tp)
            uncounted = 0 if delivered is None else max(0, delivered - self.counted.get(at, 0))
            found[at] = max(0, end - fetched) + uncounted
        return found


def timer(measure: Measure, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Run `work` every so many seconds while the app runs. What is away is waited for; what else it raises ends the
    process, in order."""

    async def tick() -> None:
        try:
            await work()
        except Unavailable as error:
            log.warning("measure.turn-later", code=error.code, error=str(error))
        except KetenbusError as error:
            if not measure.failed.done():
                measure.failed.set_exception(error)

    measure.app.timer(interval=seconds)(tick)


def _headers(found: Mapping[str, bytes] | Iterable[tuple[str, bytes]] | None) -> tuple[tuple[str, bytes], ...]:
    return tuple(found.items() if isinstance(found, Mapping) else found or ())
