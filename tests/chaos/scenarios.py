"""Faults that are aimed: each brings about the moment in which one rule is what stands between a run and damage."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

from tests.runtime.bench import keys_of
from tests.runtime.cluster import delete_group
from tests.runtime.fleet import Fleet
from tests.runtime.teller import event
from tests.runtime.waiting import until
from tests.runtime.worker_process import Fault
from topics.broker import EmbeddedBroker
from topics.runtime.step import Output

Scenario = Callable[[Fleet, EmbeddedBroker], Awaitable[None]]
LARGE = random.Random(7).randbytes(15_000).hex()
SESSION = 1500


async def refused(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """The broker refuses some outputs as too large although the catalogue allows them."""
    await fleet.prepare(uit={"max.message.bytes": "12000"})
    large = {40, 41, 200}
    await fleet.send(
        [
            Output(
                fleet.teller.topic, b"a", event(str(n), "large" if n in large else "count", LARGE if n in large else "")
            )
            for n in range(300)
        ]
    )
    fleet.start("a")


async def zombie(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """Frozen with everything written but the commit, past its session; another goes on; then it wakes."""
    await fleet.prepare()
    async with fleet.feeding():
        first = fleet.start(None, Fault("delivered", "stop", 12), session=SESSION, transaction=60_000)
        await first.freezes()
        second = fleet.start(None, session=SESSION, transaction=60_000)
        await second.goes_on(10)
        first.send(signal.SIGCONT)
        await asyncio.wait(
            [asyncio.create_task(first.goes_on(3, limit=20)), asyncio.create_task(second.goes_on(30, limit=20))],
            return_when=asyncio.FIRST_COMPLETED,
        )


async def late_commit(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """The old owner commits between the moments in which its successor reads the position and fences it.

    A successor that fences first is frozen after that; then the old owner cannot commit any more."""
    await fleet.prepare()
    (key,) = keys_of(0, 1)
    await fleet.send([Output(fleet.teller.topic, key.encode(), event(str(n))) for n in range(300)])
    first = fleet.start(None, Fault("offsets", "stop", 4), session=SESSION, transaction=60_000)
    await first.freezes()
    # all tasks of the successor fence; only the one that has the records tells that it looked early
    point = ("early", 1) if fleet.mutant == "position_before_fence" else ("fenced", 4)
    second = fleet.start(None, Fault(point[0], "stop", point[1]), session=SESSION, transaction=60_000)
    await second.freezes()
    first.send(signal.SIGCONT)
    await until(lambda: first.visits("committed") > 3 or first.visits("fenced") > 4, "the old owner tried to commit")
    first.kill()
    second.send(signal.SIGCONT)


async def failures(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """Attempts fail at every point, with records waiting."""
    await fleet.prepare()
    await fleet.feed(600)
    faults = [Fault(point, "fail", 3 + 4 * nth) for nth in range(3) for point in ("sent", "delivered")]
    faults += [Fault("committed", "fail", 3 + 3 * nth) for nth in range(6)]
    fleet.start("a", *faults)


async def kills(fleet: Fleet, broker: EmbeddedBroker) -> None:
    await fleet.prepare()
    await fleet.feed(600)
    for point in ("delivered", "offsets", "committed"):
        await fleet.start("a", Fault(point, "kill", 6)).dies()
    fleet.start("a")


async def kill_inside_a_record(fleet: Fleet, broker: EmbeddedBroker) -> None:
    await fleet.prepare()
    await fleet.send([Output(fleet.teller.topic, b"a", event(str(n), "many:150")) for n in range(3)])
    for count in (4, 5):
        await fleet.start("a", Fault("committed", "kill", count)).dies()
    fleet.start("a")


async def group_lost(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """The broker forgot the group, as it does when it stands still."""
    await fleet.prepare()
    await fleet.feed(200)
    first = fleet.start(None)
    await fleet.drained()
    await first.term()
    await delete_group(fleet.bootstrap, fleet.teller.name)
    await fleet.feed(200)
    fleet.start(None)


async def slow_start_with_a_backlog(fleet: Fleet, broker: EmbeddedBroker) -> None:
    await fleet.prepare()
    await fleet.feed(400)
    await fleet.start("a", Fault("committed", "kill", 6)).dies()
    fleet.start("a", Fault("fenced", "sleep", seconds=1.5))


async def missed_generation(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """Frozen between losing its partitions and getting them back, while another changes their state."""
    await fleet.prepare()
    async with fleet.feeding():
        sleeper = fleet.start(None, Fault("revoked", "stop"), session=SESSION)
        await sleeper.goes_on(8)
        other = fleet.start(None, session=SESSION)
        await sleeper.freezes()
        await other.goes_on(20)
        await other.term()
        sleeper.send(signal.SIGCONT)
        await sleeper.goes_on(5)


async def rebalance_while_busy(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """Every transaction takes a while, so that rebalances fall inside some of each worker."""
    await fleet.prepare()
    slow = Fault("delivered", "sleep", seconds=0.8)
    async with fleet.feeding(100):
        first = fleet.start(None, slow, session=6000, grace=2.0, steps=100)
        await first.goes_on(6)
        second = fleet.start(None, slow, session=6000, grace=2.0, steps=100)
        await second.goes_on(2)
        await second.term()
        await first.goes_on(4)


async def dead_coordination(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """The client's own task dies: its next call raises CancelledError."""
    await fleet.prepare()
    await fleet.feed(400)
    fleet.start("a", Fault("poll", "cancel", 8))


async def told_to_stop_without_a_broker(fleet: Fleet, broker: EmbeddedBroker) -> None:
    await fleet.prepare()
    async with fleet.feeding():
        worker = fleet.start("a")
        await worker.goes_on(5)
        await asyncio.to_thread(broker.kill)
        try:
            await worker.term(limit=40)
        finally:
            await asyncio.to_thread(broker.start)
    fleet.start("a")


async def slow_restores_of_two(fleet: Fleet, broker: EmbeddedBroker) -> None:
    """A restore takes three sessions; a second worker joins."""
    await fleet.prepare()
    await fleet.feed(300)
    filler = fleet.start("a")
    await fleet.drained()
    await filler.term()
    await fleet.feed(300)
    slow = Fault("fenced", "sleep", seconds=4.0)
    first = fleet.start(None, slow, session=SESSION)
    await first.reaches("fenced", 1)
    fleet.start(None, slow, session=SESSION)
