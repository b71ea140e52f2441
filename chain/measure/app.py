"""The Faust app: an agent and a table per topic that is counted, and a timer for what ages."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple, cast

import faust
import structlog
from faust.exceptions import ConsumerNotStarted
from faust.streams import Stream
from faust.types import TP, EventT, StreamT, TopicT
from faust.types.transports import TransportT

from chain.kengetallen import Pakker
from chain.measure.driver import LOGGER, Consumer, Transport, turn_of
from chain.measure.rij import Onleesbaar, Rij, unreadable_key
from chain.measure.tabel import Partitie, Tabel
from chain.measure.teller import HORIZON, Doorlooptijdteller, Signaalteller
from topics.catalogue.declarations import MEASURE, MEASURE_TABLES, changelog_topic
from topics.connection import Connection, connection
from topics.errors import ConfigurationError, KetenbusError, Unavailable
from topics.kafka import Sender
from topics.runtime.boundary import guarded
from topics.runtime.step import DeadLetter, Output, Processor, Record
from topics.runtime.writes import letter_output

log = structlog.get_logger(__name__)

BATCH: Final = 1_000
"""Records that one agent takes together: their rows are on the changelog before any of them is acknowledged."""
WITHIN: Final = 0.1
"""Seconds that a batch may gather."""
_AT_ONCE: Final = 500
"""Rows of one record (that closes months) between two turns of everybody else."""

_BACK_OFF: Final = (0.2, 5.0)
_COMMIT_SECONDS: Final = 5.0


class Telpaar(NamedTuple):
    """What counts a topic, and the topic that its table is written to."""

    teller: Processor[Rij]
    changelog: str


def telparen(horizon: int = HORIZON) -> tuple[Telpaar, ...]:
    """Of intervals, and of signals. `horizon`: as `Doorlooptijdteller`."""
    tellers = (Doorlooptijdteller(horizon=horizon), Signaalteller())
    return tuple(Telpaar(teller, changelog_topic(table)) for teller, table in zip(tellers, MEASURE_TABLES, strict=True))


Counted = Callable[[str, Partitie, bytes, Rij | None], None]
"""Told of every row that was kept, or went (None): topic, rows of its partition, key, row."""


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
        self,
        bootstrap: str,
        sender: Sender,
        partitions: int,
        *,
        session: float = 10.0,
        url: str = "http://127.0.0.1:0",
        group: str = MEASURE,
        paren: Sequence[Telpaar] | None = None,
    ) -> None:
        """`partitions`: of every topic that is counted. `session`: seconds of silence after which Kafka gives the
        partitions to another worker. `url`: where this worker's figures are served, for other workers to know. `group`:
        the consumer group."""
        self.partitions = partitions
        kafka = connection(bootstrap)
        self.app = Keten(
            group,
            broker=";".join(f"kafka://{address.strip()}" for address in kafka["bootstrap_servers"].split(",")),
            broker_credentials=_credentials(kafka),
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
            stream_wait_empty=False,
            table_standby_replicas=0,
            topic_allow_declare=False,
            topic_disable_leader=True,
            topic_partitions=partitions,
            web_enabled=False,
            autodiscover=False,
        )
        self._sender = sender
        self._listeners: list[Counted] = []
        self.pakker = Pakker()
        paren = telparen() if paren is None else paren
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.tables = {teller.topic: self._table(changelog) for teller, changelog in paren}
        self.changelogs = {teller.topic: changelog for teller, changelog in paren}
        self.first = paren[0].teller.topic
        """Whoever has its first partition adds up."""
        for teller, _ in paren:
            self._agent(teller)

    async def start(self) -> None:
        """Returns when the tables are restored. Raises Unavailable when a topic is away, ConfigurationError when a changelog
        is not as wide as what it is of."""
        for topic in (*self.tables, *self.changelogs.values()):
            found = await self._sender.partitions(topic)
            if found != self.partitions:
                raise ConfigurationError(f"{topic}: found {found} partitions, expected {self.partitions}")
        await self.app.start()

    async def stop(self) -> None:
        """In order: what was counted is committed, so that the next worker need not count it again."""
        if self.app.started and not self.app.crashed:
            with suppress(TimeoutError):
                async with asyncio.timeout(_COMMIT_SECONDS):
                    await self.app.consumer.commit()
        await self.app.stop()

    def listen(self, counted: Counted) -> None:
        self._listeners.append(counted)

    def _table(self, changelog: str) -> Tabel:
        topic: TopicT = self.app.topic(
            changelog,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
            partitions=self.partitions,
            compacting=True,
            acks=False,
            internal=True,
            maxsize=131_072,
            allow_empty=True,
        )
        table = Tabel(self.app, name=changelog, partitions=self.partitions, changelog_topic=topic)
        table.pakker = self.pakker
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
            async for batch in stream.noack_take(BATCH, WITHIN):
                await self._guarded(teller, batch)

        self.app.agent(topic, name=f"{MEASURE}.{teller.topic}", concurrency=1)(count)

    async def _guarded(self, teller: Processor[Rij], batch: Sequence[EventT[Any]]) -> None:
        """Nothing leaves an agent: Faust would take the record for handled, and go on behind it."""
        with cast(Consumer, self.app.consumer).handling():
            handling = asyncio.create_task(self._handle(teller, batch))
            try:
                await asyncio.wait([handling])
            finally:
                handling.cancel()
        error = None if handling.cancelled() else handling.exception()
        if error is not None:
            if not self.failed.done():
                self.failed.set_exception(error)
            await asyncio.Event().wait()

    async def _handle(self, teller: Processor[Rij], batch: Sequence[EventT[Any]]) -> None:
        table = self.tables[teller.topic]
        consumer = cast(Consumer, self.app.consumer)
        turn, counted = consumer.beurt, dict[TP, int]()
        kept: list[Awaitable[object]] = []
        views: dict[int, Partitie] = {}
        removing = False
        for event in batch:
            message = event.message
            if turn_of(message) != turn:
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
            view = views.get(partition) or views.setdefault(partition, table.rijen.view(partition))
            for number, step in enumerate(guarded(teller, record, view, None)):
                row: object = step.state
                key = step.key
                for letter in step.dead_letters:
                    await self._send_letter(letter, record)
                    row, key = Onleesbaar(record.offset), unreadable_key(record.offset)
                if row is None and not removing:
                    # what a row was folded into is on the changelog before it goes
                    await asyncio.gather(*kept)
                    kept.clear()
                removing = row is None
                kept.append(await self._keep(table, teller.topic, view, key.encode(), row))
                if number % _AT_ONCE == _AT_ONCE - 1:
                    await asyncio.sleep(0)
            counted[message.tp] = message.offset + 1
        await asyncio.gather(*kept)
        if consumer.beurt == turn:
            consumer.geteld |= counted

    async def _keep(self, table: Tabel, topic: str, view: Partitie, key: bytes, row: Any) -> Awaitable[object]:
        sent = await table.put(view.nummer, key, row)
        for told in self._listeners:
            told(topic, view, key, row)
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
        """Per partition that this worker has, how many records it is behind; None while that is not known. From any
        thread."""
        if not self.app.started:
            return {}
        consumer = cast(Consumer, self.app.consumer)
        try:
            own = consumer.assignment()
        except ConsumerNotStarted:  # its thread comes after the app
            return {}
        return {(tp.topic, tp.partition): consumer.achter(tp) for tp in sorted(own) if tp.topic in self.tables}


def _credentials(kafka: Connection) -> faust.SASLCredentials | None:
    """None for an address in plain text."""
    if "ssl_context" not in kafka:
        return None
    return faust.SASLCredentials(
        username=kafka["sasl_plain_username"],
        password=kafka["sasl_plain_password"],
        ssl_context=kafka["ssl_context"],
        mechanism=kafka["sasl_mechanism"],
    )


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
