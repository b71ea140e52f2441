"""What a million dossiers change: restart, memory, cost per event, and a tick that finds 100,000 of them late.

Two processes with a correlator each, one with 10 thousand dossiers and one with a million, get the same events in
alternating rounds; then the large one gets its tick while messages for its other partitions keep coming.
"""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Final

import httpx
import msgspec
import psutil

from chain.correlate import Correlator
from tests.bench.figures import Bound, Figure, Measured
from tests.bench.seeds import Population
from topics.broker.machine import choose_port
from topics.catalogue.apply import apply
from topics.catalogue.declarations import DOSSIER
from topics.catalogue.topic import Sizing
from topics.errors import Unavailable
from topics.kafka import Admin, Sender, open_admin, open_reader, open_sender

PARTITIONS: Final = 8
SMALL: Final = 10_000
LARGE: Final = 1_000_000
LATE: Final = 100_000
ROUNDS: Final = 3
EVENTS: Final = 3_000
PROBES_PER_SECOND: Final = 100
LOOK: Final = 0.05
LIMIT: Final = 240.0


async def bench(bootstrap: str, folder: Path, tell: Callable[[str], None], large: int = LARGE) -> Measured:
    """Raises Unavailable when a correlator is not ready, or does not finish, within four minutes."""
    small = Population("proef-onderhoud", SMALL, PARTITIONS)
    whole = Population("onderhoud", large, PARTITIONS, late=min(2 * LATE, large // 2))
    async with open_admin(bootstrap) as admin, open_sender(bootstrap) as sender:
        await apply(admin, Sizing(log=PARTITIONS, ruw=2, klein=2, replication=1))
        await small.seed(sender)
        late = await whole.seed(sender)
        tell(f"{large:,} dossiers written, {late:,} of them late")
        async with _running(bootstrap, folder, small) as few, _running(bootstrap, folder, whole) as many:
            tell(f"ready with {large:,} dossiers after {many.ready_seconds} s, {many.memory_gib()} GiB")
            memory = many.memory_gib()
            costs = [(await few.cost(admin, sender), await many.cost(admin, sender)) for _ in range(ROUNDS)]
            tell(f"CPU per event, few and many dossiers: {costs}")
            tick = await _tick(bootstrap, admin, sender, many)
    ratio = median(at_many / at_few for at_few, at_many in costs)
    most = Bound.AT_MOST
    figures = [
        Figure(name=f"restart with {large:,} dossiers", value=many.ready_seconds, unit="s", required=45, bound=most),
        Figure(name=f"memory with {large:,} dossiers", value=memory, unit="GiB", required=3, bound=most),
        Figure(name=f"cost per event, {large:,} ÷ {SMALL:,} dossiers", value=ratio, unit="x", required=1.2, bound=most),
        Figure(name=f"tick with {late:,} dossiers due", value=tick.seconds, unit="s", required=10, bound=most),
        Figure(name="p99 of other tasks meanwhile", value=tick.p99, unit="s", required=1, bound=most),
        Figure(name="correlator with runtime, CPU per event", value=median(cost for _, cost in costs), unit="µs"),
    ]
    how = (
        f"dossiers of 9 messages, {PARTITIONS} partitions, one worker process; {ROUNDS} alternating rounds of "
        f"{EVENTS:,} events; late dossiers in half of the partitions, {PROBES_PER_SECOND} messages/s in the others"
    )
    details = {"cpu_us": costs, "tick": msgspec.to_builtins(tick), "ready_small": few.ready_seconds}
    return Measured(figures, how, details)


class _Process:
    """A correlator that is ready, and what it was given."""

    def __init__(self, population: Population, process: psutil.Process, ready_seconds: float) -> None:
        self.population, self._process, self.ready_seconds = population, process, ready_seconds
        self.given = 0
        self._next = population.late

    def memory_gib(self) -> float:
        return round(self._process.memory_info().rss / 2**30, 2)

    def next_numbers(self, count: int) -> range:
        """Dossiers that rest and had no tenth message yet."""
        first, self._next = self._next, self._next + count
        return range(first, self._next)

    async def cost(self, admin: Admin, sender: Sender) -> float:
        """Microseconds of CPU per event, all included."""
        writes = [self.population.tenth(number) for number in self.next_numbers(EVENTS)]
        before = self._cpu_seconds()
        await sender.send_all(writes)
        self.given += len(writes)
        await self.handled(admin)
        return round((self._cpu_seconds() - before) / len(writes) * 1e6, 1)

    async def handled(self, admin: Admin) -> None:
        """Returns when the group's offsets say that everything given was handled. Raises Unavailable."""
        until = time.monotonic() + LIMIT
        while sum((await admin.group_offsets(Correlator(self.population.keten).name)).values()) < self.given:
            if time.monotonic() > until:
                raise Unavailable(f"{self.population.keten}: {self.given} events were not handled in {LIMIT:.0f} s")
            await asyncio.sleep(LOOK)

    def _cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system


@asynccontextmanager
async def _running(bootstrap: str, folder: Path, population: Population) -> AsyncIterator[_Process]:
    port = choose_port(())
    variables = {"KETENBUS_BOOTSTRAP": bootstrap, "KETENBUS_PORT": str(port), "KETENBUS_DATA": str(folder)}
    variables["KETENBUS_LOG_LEVEL"] = "warning"
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.one_correlator", population.keten, env={**os.environ, **variables}
    )
    try:
        await _ready(port, process, started)
        yield _Process(population, psutil.Process(process.pid), round(time.monotonic() - started, 1))
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(port: int, process: asyncio.subprocess.Process, started: float) -> None:
    async with httpx.AsyncClient() as client:
        while time.monotonic() - started < LIMIT and process.returncode is None:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz", timeout=LIMIT)).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(LOOK)
            await asyncio.sleep(LOOK)
    raise Unavailable(f"the correlator was not ready within {LIMIT:.0f} s (it ended with {process.returncode})")


class Tick(msgspec.Struct, frozen=True):
    """seconds: from the tick's record to the commit of its last step. p50, p99: seconds from a message to its dossier,
    in partitions without late dossiers, while the tick ran; calm_p99: before it."""

    seconds: float
    p50: float
    p99: float
    calm_p99: float
    probes: int


async def _tick(bootstrap: str, admin: Admin, sender: Sender, many: _Process) -> Tick:
    population = many.population
    lower, upper = range(PARTITIONS // 2), range(PARTITIONS // 2, PARTITIONS)
    log = Correlator(population.keten).topic
    async with open_reader(bootstrap, [DOSSIER], only=[(DOSSIER, partition) for partition in upper]) as reader:
        async for _ in reader.to_end():
            continue
        sent: dict[bytes, float] = {}
        seen: dict[bytes, float] = {}
        stop = asyncio.Event()

        async def look() -> None:
            while not stop.is_set() or len(seen) < len(sent):
                for record in await reader.poll(LOOK):
                    seen.setdefault(dict(record.headers)["ce_causationid"], time.monotonic())

        async def probe() -> None:
            due = time.monotonic()
            while not stop.is_set():
                write = population.tenth(many.next_numbers(1)[0])
                if write.partition not in upper:
                    continue
                sent[dict(write.headers)["ce_id"]] = time.monotonic()
                await sender.send_all([write])
                due += 1 / PROBES_PER_SECOND
                await asyncio.sleep(max(0.0, due - time.monotonic()))

        probing, looking = asyncio.create_task(probe()), asyncio.create_task(look())
        await asyncio.sleep(3)
        begin = time.monotonic()
        await sender.send_all([population.tick(partition) for partition in range(PARTITIONS)])
        async with open_reader(bootstrap, [log], only=[(log, partition) for partition in lower]) as ends:
            goal = {partition: end for (_, partition), end in (await ends.ends()).items()}
        seconds = await _late_handled(admin, many, goal) - begin
        stop.set()
        async with asyncio.timeout(LIMIT):
            await asyncio.gather(probing, looking)
    during = [seen[id_] - at for id_, at in sent.items() if at >= begin]
    before = [seen[id_] - at for id_, at in sent.items() if at < begin]
    return Tick(
        round(seconds, 2), _quantile(during, 0.5), _quantile(during, 0.99), _quantile(before, 0.99), len(during)
    )


async def _late_handled(admin: Admin, many: _Process, ends: Mapping[int, int]) -> float:
    """When the ticks of the partitions with late dossiers were committed: their `ends` are known, nothing follows."""
    correlator = Correlator(many.population.keten)
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        at = await admin.group_offsets(correlator.name)
        if all(at.get((correlator.topic, partition), 0) >= end for partition, end in ends.items()):
            return time.monotonic()
        await asyncio.sleep(LOOK)
    raise Unavailable(f"the tick was not handled within {LIMIT:.0f} s")


def _quantile(values: Sequence[float], part: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(len(values) * part))], 3)
