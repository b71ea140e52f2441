"""Random harm for minutes, on one node and on three. How long: `--chaos-seconds`."""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.chaos.results import Figures, Results
from tests.chaos.three_nodes import THREE, ThreeNodes
from tests.runtime.fleet import Fleet, Process
from tests.runtime.worker_process import Fault
from topics.broker import EmbeddedBroker

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(0)]

RATE = 400
"""Events a second."""
SESSION = 3000
DRAIN = 240.0
COMPACTED = {"segment.ms": "8000", "min.cleanable.dirty.ratio": "0.01", "max.compaction.lag.ms": "9000"}
"""The changelog is really cleaned while tasks restore from it."""


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--chaos-seconds"))


class Harm:
    """Three workers, two of them static members, and what is done to them."""

    def __init__(self, fleet: Fleet, seed: int) -> None:
        self.fleet, self.chance = fleet, random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.workers: dict[str, Process] = {}
        for name in ("a", "b", "c"):
            self._start(name)

    def _start(self, name: str) -> None:
        self.workers[name] = self.fleet.start(None if name == "c" else name, steps=50)

    async def worker(self) -> None:
        """Something happens to one of them."""
        name = self.chance.choice("abc")
        worker = self.workers[name]
        kind = self.chance.choice(["kill", "kill", "freeze", "freeze past the session", "stop"])
        self.faults[kind] += 1
        if kind == "kill":
            worker.kill()
            self._start(name)
        elif kind == "stop":
            await worker.term(60)
            self._start(name)
        else:
            worker.send(signal.SIGSTOP)
            limits = (0.5, 2.0) if kind == "freeze" else (SESSION / 1000 + 1, SESSION / 1000 + 4)
            await asyncio.sleep(self.chance.uniform(*limits))
            worker.send(signal.SIGCONT)

    async def go_on(self, seconds: float, other: Callable[[], Awaitable[None]], every: int) -> None:
        """Harm to workers for that long; every so many times, `other` instead."""
        until = time.monotonic() + seconds
        number = 0
        while time.monotonic() < until:
            await asyncio.sleep(self.chance.uniform(1.0, 4.0))
            number += 1
            await (other() if number % every == 0 else self.worker())


async def judge(fleet: Fleet, harm: Harm, seconds: float, run: str) -> None:
    started = time.monotonic()
    report = await fleet.judged(DRAIN)
    figures: Figures = {
        "seconds of harm": round(seconds),
        "events a second": RATE,
        "faults": sum(harm.faults.values()),
        **{f"faults: {kind}": count for kind, count in sorted(harm.faults.items())},
        "records": report.records,
        "repeats among them": report.repeats,
        "outputs": report.outputs,
        "dead letters": report.letters,
        "keys": report.keys,
        "changelog records that compaction left": report.changelog,
        "seconds to drain and check": round(time.monotonic() - started),
        "lost, doubled, out of order, state differing": report.damage,
    }
    Results().note(run, figures)
    assert report.damage == []


async def test_random_harm_on_one_node(
    broker: EmbeddedBroker, bootstrap: str, unique: Callable[[str], str], tmp_path: Path, seconds: float
) -> None:
    with Fleet(bootstrap, unique("willekeur"), tmp_path, session=SESSION) as fleet:
        await fleet.prepare(toestand=COMPACTED)
        harm = Harm(fleet, seed=1)

        async def broker_fails() -> None:
            if harm.chance.random() < 0.3:
                harm.faults["broker frozen"] += 1
                broker.freeze()
                await asyncio.sleep(harm.chance.uniform(2.0, 15.0))
                broker.thaw()
                return
            harm.faults["broker killed"] += 1
            await asyncio.to_thread(broker.kill)
            await asyncio.sleep(harm.chance.uniform(0.0, 8.0))
            await asyncio.to_thread(broker.start)

        async with fleet.feeding(RATE, keys=500):
            await harm.go_on(seconds, broker_fails, every=7)
        await judge(fleet, harm, seconds, "one node")


async def test_random_harm_on_three_nodes(tmp_path: Path, seconds: float) -> None:
    """Every third time a node dies and comes back; replication and the fence together lose nothing."""
    with (
        ThreeNodes(tmp_path / "cluster") as cluster,
        Fleet(cluster.bootstrap, "drietal", tmp_path, THREE, session=SESSION) as fleet,
    ):
        await fleet.prepare(toestand=COMPACTED)
        harm = Harm(fleet, seed=2)

        async def node_dies() -> None:
            harm.faults["node killed"] += 1
            node = harm.chance.choice(cluster.nodes)
            await asyncio.to_thread(node.kill)
            await asyncio.sleep(harm.chance.uniform(0.0, 10.0))
            node.start()
            await asyncio.to_thread(node.ready)

        async with fleet.feeding(RATE, keys=500):
            await harm.go_on(seconds, node_dies, every=3)
        await judge(fleet, harm, seconds, "three nodes")


async def test_a_tick_with_100_000_due_keys_killed_halfway(
    bootstrap: str, unique: Callable[[str], str], tmp_path: Path
) -> None:
    count = 100_000
    with Fleet(bootstrap, unique("tik"), tmp_path, steps=4000) as fleet:
        await fleet.prepare()
        await fleet.send(fleet.due(count))
        filler = fleet.start("a")
        await fleet.drained(240)
        await filler.term()
        await fleet.send(fleet.ticks())
        for visits in (6, 10):
            await fleet.start("a", Fault("offsets", "kill", visits)).dies()
        report = await fleet.exact(fleet.start("a"), limit=240)
        assert report.outputs == 2 * count
        Results().note("a tick with 100,000 due keys", {"kills": 2, "outputs": report.outputs, "damage": report.damage})
