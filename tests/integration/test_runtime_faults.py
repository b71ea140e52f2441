"""Exactly once under faults: whatever dies, freezes or moves, the committed output is that of an undisturbed run.

Every test feeds events with known ids, some of them twice, does harm, and has the checker compare all topics with a
plain recomputation from the input.
"""

import asyncio
import random
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runtime.bench import OnBroker
from tests.runtime.fleet import Fleet, Process
from tests.runtime.teller import Teller, Telling
from tests.runtime.waiting import until
from tests.runtime.worker_process import Fault
from topics.broker import EmbeddedBroker
from topics.kafka import open_admin

OPENING = ["fenced", "restored"]
WRITING = ["begin", "sent", "delivered", "offsets", "committed"]
POINTS = OPENING + WRITING


@pytest.fixture(scope="module", autouse=True)
def stood_still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnBroker]:
    """A group that stops before the first test here, on a broker that forgets it after a minute; see the last test."""
    folder = tmp_path_factory.mktemp("retention")
    properties = {"offsets.retention.minutes": "1", "offsets.retention.check.interval.ms": "1000"}
    with EmbeddedBroker(folder / "broker", heap_mb=256, properties=properties) as broker:
        bench = OnBroker(Teller("stond-stil"), broker.bootstrap, folder / "blobs")
        asyncio.run(_count_and_stop(bench))
        yield bench


async def _count_and_stop(bench: OnBroker) -> None:
    await bench.prepare()
    await bench.count("a", ["1", "2", "3"])
    await bench.drain()


@pytest.fixture
def fleet(bootstrap: str, unique: Callable[[str], str], tmp_path: Path) -> Iterator[Fleet]:
    with Fleet(bootstrap, unique("fout"), tmp_path) as fleet:
        yield fleet


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_a_point_of_a_transaction(fleet: Fleet, point: str) -> None:
    await fleet.prepare()
    await fleet.feed(500)
    for count in (1, 4) if point in OPENING else (1, 6):
        await fleet.start("a", Fault(point, "kill", count)).dies()
    await fleet.feed(100)
    report = await fleet.exact(fleet.start("a"))
    assert report.repeats > 0
    assert report.letters > 0


async def test_attempts_that_fail_are_done_again(fleet: Fleet) -> None:
    """The connection is lost, not the process: tasks are opened anew inside it, with records waiting."""
    await fleet.prepare()
    await fleet.feed(800)
    faults = [Fault(point, "fail", 3 + 5 * nth + at) for at, point in enumerate(POINTS) for nth in range(3)]
    worker = fleet.start("a", *faults)
    await fleet.exact(worker)
    assert all(worker.visits(fault.point) >= fault.count for fault in faults)


async def test_two_workers_killed_at_random(fleet: Fleet) -> None:
    await fleet.prepare()
    chance = random.Random(1)
    async with fleet.feeding():
        workers = {name: fleet.start(name) for name in "ab"}
        for _ in range(6):
            name = chance.choice("ab")
            await workers[name].reaches("committed", chance.randrange(1, 20))
            workers[name].kill()
            workers[name] = fleet.start(name)
    await fleet.exact(*workers.values())


async def somebody_goes_on(workers: dict[str, Process], count: int = 5) -> None:
    """So many transactions from now on, whoever has the partitions after the group found itself again."""

    def committed() -> int:
        return sum(worker.visits("committed") for worker in workers.values())

    goal = committed() + count
    await until(lambda: committed() >= goal, f"{count} transactions more of {sorted(workers)}", 180)


async def test_the_broker_is_killed_and_comes_back(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """Once with both workers waiting, once with one of them dead too."""
    await fleet.prepare()
    async with fleet.feeding():
        workers = {name: fleet.start(name) for name in "ab"}
        for round_ in range(2):
            await somebody_goes_on(workers)
            await asyncio.to_thread(broker.kill)
            if round_ == 1:
                workers["b"].kill()
                workers["b"] = fleet.start("b")
            await asyncio.to_thread(broker.start)
        await somebody_goes_on(workers)
    await fleet.exact(*workers.values())


async def test_workers_come_and_go(fleet: Fleet) -> None:
    """1, 2, 3, 2, 1 members: each joins and leaves while records come."""
    await fleet.prepare()
    async with fleet.feeding():
        first = fleet.start(None)
        await first.goes_on(5)
        second = fleet.start(None)
        await second.goes_on(5)
        third = fleet.start(None)
        await third.goes_on(5)
        await first.term()
        await third.goes_on(5)
        await third.term()
        await second.goes_on(5)
    await fleet.exact(second)


@pytest.mark.parametrize(("point", "grace"), [("delivered", 2.0), ("delivered", 0.1), ("committed", 0.1)])
async def test_rebalances_fall_inside_slow_transactions(fleet: Fleet, point: str, grace: float) -> None:
    """Tasks that finish in time keep their state; those that do not are given up, and their outcome is settled by the
    next fence."""
    await fleet.prepare()
    slow = Fault(point, "sleep", seconds=0.6)
    async with fleet.feeding(100):
        first = fleet.start(None, slow, grace=grace, steps=100)
        await first.goes_on(6)
        second = fleet.start(None, slow, grace=grace, steps=100)
        await second.goes_on(3)
        await second.term()
        await first.goes_on(6)
    await fleet.exact(first)


@pytest.mark.parametrize("point", ["begin", "delivered", "committed"])
async def test_a_worker_frozen_past_its_session_cannot_write_when_it_wakes(fleet: Fleet, point: str) -> None:
    """Frozen in the middle of a transaction; another takes over and goes on; then the zombie is continued."""
    await fleet.prepare()
    async with fleet.feeding():
        zombie = fleet.start(None, Fault(point, "stop", 6), session=1500)
        await zombie.freezes()
        other = fleet.start(None, session=1500)
        await other.goes_on(10)
        zombie.send(signal.SIGCONT)
        await other.goes_on(5)
        await other.term()
        await zombie.goes_on(5)
    await fleet.exact(zombie)


async def test_a_worker_that_wakes_does_not_fence_who_took_over(fleet: Fleet) -> None:
    """Its own time limits run out before the broker tells it that it was fenced: it must not just try again."""
    await fleet.prepare()
    async with fleet.feeding():
        zombie = fleet.start(None, Fault("delivered", "stop", 6), session=1500, attempt=0.5)
        await zombie.freezes()
        other = fleet.start(None, session=1500)
        await other.goes_on(10)
        zombie.send(signal.SIGCONT)
        await zombie.goes_on(5)
        await other.goes_on(20)
        assert other.says("worker.rejoins") == 0
    await fleet.exact(other, zombie)


async def test_a_worker_frozen_after_a_revocation_does_not_resume_what_others_changed(fleet: Fleet) -> None:
    """It keeps its state over a rebalance. It misses a generation in which another has its partitions, and then gets
    them back: only the fence tells it that its state is old."""
    await fleet.prepare()
    async with fleet.feeding():
        sleeper = fleet.start(None, Fault("revoked", "stop"), session=1500)
        await sleeper.goes_on(8)
        other = fleet.start(None, session=1500)
        await sleeper.freezes()
        await other.goes_on(10)
        await other.term()
        sleeper.send(signal.SIGCONT)
        await sleeper.goes_on(10)
    await fleet.exact(sleeper)


async def test_two_rebalances_in_a_row_during_a_long_restore(fleet: Fleet) -> None:
    await fleet.prepare()
    await fleet.feed(300)
    filler = fleet.start("a")
    await fleet.drained()
    await filler.term()
    await fleet.feed(300)
    slow = Fault("fenced", "sleep", seconds=3.0)
    first = fleet.start(None, slow, session=1500)
    await first.reaches("fenced", 2)
    second = fleet.start(None, slow, session=1500)
    await second.reaches("fenced", 1)
    third = fleet.start(None, slow, session=1500)
    await fleet.exact(first, second, third)


async def test_a_tick_with_many_due_keys_killed_halfway(fleet: Fleet) -> None:
    """Keys of four partitions are due at once; each kill loses what is not yet committed of the tick."""
    await fleet.prepare()
    count = 20_000
    await fleet.send(fleet.due(count))
    filler = fleet.start("a", steps=4000)
    await fleet.drained()
    await filler.term()
    await fleet.send(fleet.ticks())
    for visits in (5, 9):
        await fleet.start("a", Fault("offsets", "kill", visits), steps=700).dies()
    report = await fleet.exact(fleet.start("a", steps=4000))
    assert report.outputs == 2 * count


async def test_a_group_that_stood_still_past_the_brokers_retention_goes_on_where_it_was(stood_still: OnBroker) -> None:
    """The broker forgets the offsets of a group without members; the changelog's position is the only one."""
    async with open_admin(stood_still.bootstrap) as admin:

        async def forgotten() -> bool:
            return await admin.group_offsets(stood_still.teller.name) == {}

        await until(forgotten, "the broker forgets the group", 180)
    await stood_still.count("a", ["3", "4"])
    assert await stood_still.drain() == {}
    assert await stood_still.state("a") == Telling(4, ("1", "2", "3", "4"), dubbel=1)
    assert len(await stood_still.written(stood_still.teller.out)) == 4
