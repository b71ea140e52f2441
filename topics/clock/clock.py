"""The clock's process: marks every partition of `ruw.*`, and ticks a keten's log once all adapters have read that far.

A mark T is written a little after it was T (`margin`), so that a message which the intake stamped before T is on the
topic before the mark. One that took longer may come behind it: what was signalled meanwhile is withdrawn then.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from topics.catalogue.declarations import ALL_KETENS, KINDS, OPSCHORTING, WATERMERK, log_topic, raw_topic
from topics.clock.source import TimeSource
from topics.clock.watermark import Partition, Watermark
from topics.documents import Document, ce_type, decode, encode, keten
from topics.envelope import Envelope
from topics.errors import InvalidEnvelope, Unavailable, UndecodableDocument
from topics.kafka import Reader, Sender, open_reader, open_sender
from topics.metrics import declarations as declared
from topics.runtime.step import Output, Record

log = structlog.get_logger(__name__)

INTERVAL: Final = timedelta(seconds=60)
"""Between two marks, in the time of the source."""

KEY: Final = b"klok"
SOURCE: Final = "clock"
FEEDS: Final = {keten_name: tuple(raw_topic(kind) for kind in KINDS) for keten_name in ALL_KETENS}
"""Per keten (and its proef twin) the raw topics that may bring it messages."""

_BACK_OFF: Final = (0.2, 5.0)
_SHORTEST_WAIT: Final = 0.01
_LONGEST_WAIT: Final = 1.0
"""Real seconds between two looks at the time, which in a simulation may be moved at any moment."""


class Clock:
    """One clock for the whole bus. A second one does no harm: doubled and older ticks change nothing."""

    def __init__(
        self,
        bootstrap: str,
        time: TimeSource,
        margin: Callable[[], float],
        *,
        feeds: Mapping[str, tuple[str, ...]] = FEEDS,
        interval: timedelta = INTERVAL,
    ) -> None:
        """`margin`: real seconds between a moment and the writing of its mark, asked for each mark."""
        self._bootstrap, self._time, self._margin = bootstrap, time, margin
        self._feeds, self._interval = feeds, interval
        self._marked: datetime | None = None
        self.watermark: Watermark | None = None
        """What the adapters have answered; None until everything written earlier was read back."""

    async def run(self, stop: asyncio.Event) -> None:
        """Goes on through every outage of Kafka. Raises UnknownDocument for an answer of a newer release."""
        low, high = _BACK_OFF
        wait = low
        while not stop.is_set():
            started = asyncio.get_running_loop().time()
            try:
                await self._connected(stop)
            except* Unavailable as errors:
                if asyncio.get_running_loop().time() - started > high:
                    wait = low
                log.warning("clock.waits", errors=reasons(errors), seconds=wait)
                await _pause(stop, wait)
                wait = min(wait * 2, high)

    async def _connected(self, stop: asyncio.Event) -> None:
        answers = (WATERMERK, OPSCHORTING)
        async with open_sender(self._bootstrap) as sender, open_reader(self._bootstrap, answers) as reader:
            raw = {topic: await sender.partitions(topic) for topics in self._feeds.values() for topic in topics}
            partitions = [(topic, number) for topic, count in raw.items() for number in range(count)]
            watermark = Watermark(
                {name: frozenset(at for at in partitions if at[0] in topics) for name, topics in self._feeds.items()}
            )
            async for record in reader.to_end():
                _observe(watermark, record)
            self.watermark = watermark
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._mark(sender, watermark, partitions, stop))
                tasks.create_task(self._tick(sender, reader, watermark, stop))

    async def _mark(
        self, sender: Sender, watermark: Watermark, partitions: list[Partition], stop: asyncio.Event
    ) -> None:
        """Writes T into every raw partition, an interval after the former."""
        while not stop.is_set():
            now, newest = self._time.now(), watermark.newest()
            former = max((time for time in (self._marked, newest) if time is not None), default=None)
            due = former + self._interval if former else now
            if now < due:
                left = self._time.seconds_until(due)
                await _pause(stop, min(max(left, _SHORTEST_WAIT), _LONGEST_WAIT))
                continue
            await asyncio.sleep(self._margin())
            mark = keten.Tik(tot=now)
            await _to_all(sender, partitions, mark, f"tik-{now.isoformat()}", now)
            self._marked = now

    async def _tick(self, sender: Sender, reader: Reader, watermark: Watermark, stop: asyncio.Event) -> None:
        """Writes a keten's tick whenever everything before a later moment has been read."""
        logs = {name: await sender.partitions(log_topic(name)) for name in self._feeds}
        while not stop.is_set():
            for name, tick in watermark.ticks().items():
                targets = [(log_topic(name), number) for number in range(logs[name])]
                await _to_all(sender, targets, tick, f"klok-{name}-{tick.tot.isoformat()}", tick.tot)
                log.debug("clock.tick", keten=name, tot=tick.tot.isoformat(), suspended=tick.opgeschort)
            for record in await reader.poll(0.2):
                _observe(watermark, record)


def reasons(errors: BaseExceptionGroup[BaseException]) -> list[str]:
    """What went wrong, once each, however deep the tasks that failed were nested."""
    found: dict[str, None] = {}
    for error in errors.exceptions:
        found |= dict.fromkeys(reasons(error) if isinstance(error, BaseExceptionGroup) else [str(error)])
    return list(found)


class ClockFigures(Collector):
    """Age of the watermark per keten and per raw partition, in the time of the source, at every scrape."""

    def __init__(self, clock: Clock, time: TimeSource) -> None:
        self._clock, self._time = clock, time

    def collect(self) -> Iterable[GaugeMetricFamily]:
        watermark = self._clock.watermark
        if watermark is None:
            return
        now = self._time.now()
        ages, lagging = declared.WATERMERK.family(), declared.WATERMERK_PARTITIE.family()
        for name in watermark.ketens:
            at = watermark.at(name)
            if at is not None:
                ages.add_metric([name], max(0.0, (now - at).total_seconds()))
            for behind in watermark.behind(name, 3 * INTERVAL):
                topic, number = behind.partition
                lagging.add_metric([name, topic, str(number)], 1.0)
        yield ages
        yield lagging


def _observe(watermark: Watermark, record: Record) -> None:
    if record.value is None:
        return
    try:
        document = decode(record.envelope().type, record.value)
    except (InvalidEnvelope, UndecodableDocument) as error:
        log.error("clock.unreadable", position=record.position, code=error.code, error=str(error))
        return
    match document:
        case keten.Watermerk():
            watermark.answered(document)
        case keten.Opschorting():
            watermark.suspended(document)
        case _:
            log.error("clock.unexpected", position=record.position, document=document.NAME)


async def _to_all(sender: Sender, partitions: Iterable[Partition], document: Document, id: str, at: datetime) -> None:
    envelope = Envelope(id=id, source=SOURCE, type=ce_type(type(document)), time=at, recorded_time=at)
    headers, value = envelope.headers(), encode(document)
    async with asyncio.TaskGroup() as sending:
        for topic, number in partitions:
            output = Output(topic=topic, key=KEY, value=value, headers=headers, partition=number)
            sending.create_task(sender.send(output))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
