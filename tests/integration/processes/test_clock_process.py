"""The clock on a real broker: marks in every raw partition, ticks only for what was answered, the same after a restart."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from prometheus_client import CollectorRegistry

from topics.catalogue.declarations import ALL_KETENS, KINDS, OPSCHORTING, WATERMERK, log_topic, raw_topic
from topics.catalogue.topic import SINGLE
from topics.clock.clock import Clock, ClockFigures
from topics.documents import ce_type, decode, encode
from topics.documents.keten import Klok, Opschorting, Tik, Watermerk
from topics.envelope import Envelope
from topics.kafka import Sender, open_reader, open_sender
from topics.runtime.step import Output

Until = Callable[[Callable[[], bool]], Awaitable[None]]
BASE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RAW = [(raw_topic(kind), number) for kind in KINDS for number in range(SINGLE.ruw)]
LOGS = [(log_topic(keten), number) for keten in ALL_KETENS for number in range(SINGLE.log)]


class Standing:
    """Time that stands still until the test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def seconds_until(self, at: datetime) -> float:
        return 0.01


class Heard:
    """Everything that stands on some topics, read again and again from where it was."""

    def __init__(self, bus: str) -> None:
        self.marks: dict[tuple[str, int], list[datetime]] = {at: [] for at in RAW}
        self.ticks: dict[tuple[str, int], list[Klok]] = {at: [] for at in LOGS}
        self._bus = bus
        self._task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        async with open_reader(self._bus, {topic for topic, _ in (*RAW, *LOGS)}) as reader:
            while True:
                for record in await reader.poll(0.1):
                    document = decode(record.envelope().type, record.value or b"")
                    if isinstance(document, Tik):
                        self.marks[(record.topic, record.partition)].append(document.tot)
                    elif isinstance(document, Klok):
                        self.ticks[(record.topic, record.partition)].append(document)

    def stop(self) -> None:
        self._task.cancel()


async def say(sender: Sender, topic: str, key: str, document: Watermerk | Opschorting) -> None:
    envelope = Envelope(id=key, source="test", type=ce_type(type(document)), time=BASE, recorded_time=BASE)
    await sender.send(Output(topic, key.encode(), encode(document), envelope.headers()))


async def answer(sender: Sender, at: tuple[str, int], tot: datetime) -> None:
    await say(sender, WATERMERK, f"{at[0]}/{at[1]}", Watermerk(topic=at[0], partitie=at[1], tot=tot))


async def test_time_goes_from_mark_through_answer_to_tick_and_on_after_a_restart(bus: str, until: Until) -> None:
    time, heard, stop = Standing(BASE), Heard(bus), asyncio.Event()
    clock = Clock(bus, time, lambda: 0.0)
    registry = CollectorRegistry()
    registry.register(ClockFigures(clock, time))
    running = asyncio.create_task(clock.run(stop))
    async with open_sender(bus) as sender:
        await until(lambda: all(marks == [BASE] for marks in heard.marks.values()))

        time.at = BASE + timedelta(seconds=59)
        for at in RAW[1:]:
            await answer(sender, at, BASE)
        # one partition is silent: nothing may tick; a suspension in the meantime is named in the tick to come
        await say(sender, OPSCHORTING, "wonen", Opschorting(partner="wonen", actief=True, sinds=BASE, oorzaak="test"))
        time.at = BASE + timedelta(seconds=60)
        await until(lambda: all(len(marks) == 2 for marks in heard.marks.values()))
        assert not any(heard.ticks.values())
        lagging = {"keten": "onderhoud", "topic": RAW[0][0], "partition": str(RAW[0][1])}
        assert registry.get_sample_value("ketenbus_clock_partition_behind", lagging) == 1.0

        await answer(sender, RAW[0], BASE)
        first = Klok(tot=BASE, opgeschort=("wonen",))
        await until(lambda: all(ticks == [first] for ticks in heard.ticks.values()))
        age = registry.get_sample_value("ketenbus_watermerk_achterstand_seconds", {"keten": "onderhoud"})
        assert age == 60.0

        stop.set()
        await running
        later = BASE + timedelta(seconds=60)
        for at in RAW:
            await answer(sender, at, later)
        again = asyncio.Event()
        second = asyncio.create_task(Clock(bus, time, lambda: 0.0).run(again))
        expected = [first, Klok(tot=later, opgeschort=("wonen",))]
        await until(lambda: all(ticks == expected for ticks in heard.ticks.values()))
        # the adapters answered this minute already: a clock that starts anew does not mark it again
        time.at = BASE + timedelta(seconds=120)
        await until(lambda: all(len(marks) == 3 for marks in heard.marks.values()))
        assert all(
            marks == [BASE, BASE + timedelta(seconds=60), BASE + timedelta(seconds=120)]
            for marks in heard.marks.values()
        )
        again.set()
        await second
    heard.stop()
