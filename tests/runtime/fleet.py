"""Worker processes of one processor on one broker: started, harmed, waited for, and judged when all is handled."""

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tests.runtime.checker import Report, check
from tests.runtime.teller import Teller, catalogue, event
from tests.runtime.waiting import until
from tests.runtime.worker_process import Fault, Order
from topics.catalogue.topic import SINGLE, Sizing
from topics.errors import Unavailable
from topics.kafka import Sender, open_admin, open_reader, open_sender
from topics.runtime.step import Output

LIMIT = 90.0
"""Seconds for anything that must come to pass; a machine under load is slow, not wrong."""


class Process:
    """One worker process."""

    def __init__(self, order: Order, log: Path) -> None:
        self.order, self.log = order, log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.runtime.worker_process", msgspec.json.encode(order).decode()],
                stdout=output,
                stderr=output,
            )

    @property
    def ended(self) -> int | None:
        return self._process.poll()

    @property
    def begun(self) -> bool:
        """Whether it listens to signals by now."""
        return Path(self.order.trace).exists()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    async def term(self, limit: float = 30.0) -> None:
        """Told to stop, it stops: in order, unless it had not begun yet."""
        begun = self.begun
        self.send(signal.SIGTERM)
        await until(lambda: self.ended is not None, "a worker stops when told", limit)
        assert self.ended == 0 or (not begun and self.ended == -signal.SIGTERM), f"worker ended with {self.ended}"

    async def stop(self, limit: float) -> None:
        """Told to stop, or made to after `limit` seconds."""
        if self.ended is None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            with suppress(AssertionError):
                await until(lambda: self.ended is not None, "a worker stops when told", limit)
        if self.ended is None:
            self.kill()

    async def dies(self) -> None:
        await until(lambda: self.ended is not None, f"the worker comes to {self.order.faults}", LIMIT)
        assert self.ended == -signal.SIGKILL, f"worker ended with {self.ended}"

    async def freezes(self) -> None:
        """Until it has stopped itself."""
        stat = Path(f"/proc/{self._process.pid}/stat")
        await until(
            lambda: stat.read_text().rpartition(")")[2].split()[0] == "T",
            f"the worker comes to {self.order.faults}",
            LIMIT,
        )

    def says(self, what: str) -> int:
        """How often its log says so."""
        return self.log.read_text(errors="replace").count(what)

    def visits(self, point: str) -> int:
        """How often this process came to a point of a transaction."""
        trace = Path(self.order.trace)
        return trace.read_text().split().count(point) if trace.exists() else 0

    async def goes_on(self, count: int, limit: float = LIMIT) -> None:
        """So many transactions from now on."""
        await self.reaches("committed", self.visits("committed") + count, limit)

    async def reaches(self, point: str, count: int, limit: float = LIMIT) -> None:
        await until(lambda: self.visits(point) >= count, f"{count} times {point}", limit)


class Fleet:
    """`order` holds what all its processes have in common."""

    def __init__(self, bootstrap: str, name: str, folder: Path, sizing: Sizing = SINGLE, **order: object) -> None:
        self.bootstrap, self.folder, self.sizing = bootstrap, folder, sizing
        self.teller = Teller(name)
        self._order = order
        self._processes: list[Process] = []
        self._random = random.Random(name)
        self._fed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            if process.ended is None:
                process.kill()
        if kind is not None:
            for process in self._processes[-4:]:
                print(process.log.name, process.log.read_text(errors="replace")[-4000:], sep="\n")

    @property
    def mutant(self) -> str:
        """The rule that its workers break."""
        return str(self._order.get("mutant", ""))

    async def prepare(self, **settings: dict[str, str]) -> None:
        """Make the topics; `settings` override the catalogue's per topic word (`uit`, `in`, `toestand`)."""
        async with open_admin(self.bootstrap) as admin:
            for topic in catalogue(self.teller.name).values():
                count = self.sizing.partitions(topic.width)
                config = topic.config(self.sizing) | settings.get(self._word(topic.name), {})
                await admin.create(topic.name, count, self.sizing.replication, config)

    def _word(self, topic: str) -> str:
        return topic.removeprefix(f"{self.teller.name}.").removesuffix(".v1")

    def start(self, instance: str | None = "a", *faults: Fault, **order: object) -> Process:
        """`instance`: the name of a static member; None for one that the group must miss before others take over."""
        number = len(self._processes)
        fields: Mapping[str, object] = {
            "bootstrap": self.bootstrap,
            "name": self.teller.name,
            "trace": str(self.folder / f"trace-{number}"),
            "blobs": str(self.folder / "blobs"),
            "instance": instance,
            "faults": faults,
            **self._order,
            **order,
        }
        process = Process(msgspec.convert(fields, Order), self.folder / f"worker-{number}.log")
        self._processes.append(process)
        return process

    # -- the load

    def events(self, count: int, keys: int = 60) -> list[Output]:
        """Events of every kind with ids that are known; some come twice. The same for the same name and order."""
        chance = self._random
        found: list[Output] = []
        for number in range(self._fed, self._fed + count):
            key = f"k{chance.randrange(keys)}"
            kind = chance.random()
            do = "count"
            if kind < 0.02:
                do = "raise"
            elif kind < 0.03:
                do = "big"
            elif kind < 0.05:
                do = "derive"
            elif kind < 0.06:
                do = f"many:{chance.randrange(60)}"
                key = f"m{number}"
            elif kind < 0.12:
                do = f"due:{60_000 * chance.randrange(1, 20)}"
            elif kind < 0.14:
                do = f"tick:{60_000 * chance.randrange(1, 20)}"
            output = Output(topic=self.teller.topic, key=key.encode(), value=event(f"e{number}", do))
            found += [output] * (2 if chance.random() < 0.02 else 1)
        self._fed += count
        return found

    def due(self, count: int) -> list[Output]:
        """So many keys, each with one event, all due at once."""
        value = [event(f"d{number}", "due:60000") for number in range(count)]
        return [Output(topic=self.teller.topic, key=b"d%d" % n, value=value[n]) for n in range(count)]

    def ticks(self) -> list[Output]:
        """A tick for every partition, at which everything is due."""
        partitions = range(self.sizing.log)
        return [
            Output(topic=self.teller.topic, key=b"klok", value=event(f"tik{p}", "tick:60000"), partition=p)
            for p in partitions
        ]

    async def feed(self, count: int, keys: int = 60) -> None:
        """Every record is acknowledged when this returns."""
        await self.send(self.events(count, keys))

    async def send(self, outputs: list[Output]) -> None:
        async with open_sender(self.bootstrap) as sender:
            for at in range(0, len(outputs), 2000):
                await asyncio.gather(*(_send(sender, output) for output in outputs[at : at + 2000]))

    @asynccontextmanager
    async def feeding(self, rate: int = 400, keys: int = 60) -> AsyncIterator[None]:
        """So many events a second, whatever happens, until the block is left."""
        done = asyncio.Event()

        async def go_on() -> None:
            async with open_sender(self.bootstrap) as sender:
                while not done.is_set():
                    await asyncio.gather(*(_send(sender, output) for output in self.events(rate // 10, keys)))
                    await asyncio.sleep(0.1)

        feeder = asyncio.create_task(go_on())
        try:
            yield
        finally:
            done.set()
            await feeder

    # -- the end

    async def drained(self, limit: float = LIMIT) -> None:
        """Returns when the group's offsets are behind the last record of every partition."""
        ends: dict[int, int] = {}
        async with open_admin(self.bootstrap) as admin, open_reader(self.bootstrap, [self.teller.topic]) as reader:

            async def done() -> bool:
                for process in self._processes:
                    assert process.ended in (None, 0, -signal.SIGKILL, -signal.SIGTERM), (
                        f"a worker ended with {process.ended}"
                    )
                for record in await reader.poll(0.1):
                    ends[record.partition] = record.offset + 1
                if not await reader.caught_up():
                    return False
                try:
                    group = await admin.group_offsets(self.teller.name)
                except Unavailable:
                    return False
                return all(group.get((self.teller.topic, p), 0) >= end for p, end in ends.items())

            await until(done, "everything is handled", limit)

    async def judged(self, limit: float) -> Report:
        """What is wrong after `limit` seconds at most: work that is not done counts too."""
        unfinished = []
        try:
            await self.drained(limit)
        except AssertionError as error:
            unfinished.append(f"not ready in time: {error}")
        for process in self._processes:
            await process.stop(10)
        try:
            report = await check(self.bootstrap, self.teller)
        except AssertionError as error:
            report = Report(damage=[str(error)])
        report.damage[:0] = unfinished
        return report

    async def exact(self, *last: Process, limit: float = LIMIT) -> Report:
        """Everything is handled, `last` stop when told, and what they leave is exactly right."""
        await self.drained(limit)
        for process in last:
            await process.term()
        report = await check(self.bootstrap, self.teller)
        assert report.damage == []
        return report


async def _send(sender: Sender, output: Output) -> None:
    """As intake does: until it is acknowledged. What was written twice is told by its id."""
    while True:
        try:
            await sender.send(output)
            return
        except Unavailable:
            await asyncio.sleep(0.2)
