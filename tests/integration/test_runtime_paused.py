"""A worker that a person sets still: nothing new is handled, the lag shows, and it goes on where it was."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.integration.test_runtime_unavailable import offset
from tests.runtime.bench import PARTITIONS, OnBroker, keys_of
from tests.runtime.teller import Teller, Telling
from tests.runtime.waiting import until
from topics.kafka import GroupConsumer, GroupSettings
from topics.runtime.step import Record
from topics.runtime.task import TaskState
from topics.runtime.worker import Worker, WorkerSettings


class Paused(OnBroker):
    """Its workers stand still while `still` says so. A member that is silent for 3 s is taken for dead."""

    still = False

    def worker(self, *_: object) -> Worker[Telling]:
        return Worker(
            self.teller,
            self.bootstrap,
            self.blobs,
            self.metrics,
            WorkerSettings(
                group=GroupSettings(session_ms=3000, heartbeat_ms=500, max_poll_ms=3000), task=self.task, most=5
            ),
            catalogue=self.catalogue,
            paused=lambda: self.still,
        )


@pytest.fixture
def bench(bootstrap: str, unique: Callable[[str], str], tmp_path: Path) -> Paused:
    return Paused(Teller(unique("stil")), bootstrap, tmp_path)


class Asked:
    """What a member asks of Kafka: how often for records, of which partitions it was `given` any, and how often to read one
    from another place."""

    polls = start_at = 0

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.given: set[int] = set()
        poll, start_at = GroupConsumer.poll, GroupConsumer.start_at

        async def counted_poll(
            member: GroupConsumer, partitions: Sequence[int], timeout: float, most: int
        ) -> dict[int, list[Record]]:
            self.polls += 1
            found = await poll(member, partitions, timeout, most)
            self.given.update(found)
            return found

        def counted_start_at(member: GroupConsumer, partition: int, offset: int) -> None:
            self.start_at += 1
            start_at(member, partition, offset)

        monkeypatch.setattr(GroupConsumer, "poll", counted_poll)
        monkeypatch.setattr(GroupConsumer, "start_at", counted_start_at)

    async def more(self, polls: int) -> None:
        goal = self.polls + polls
        await until(lambda: self.polls >= goal, "it asks for records")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(monkeypatch)


def running(worker: Worker[Telling]) -> bool:
    return len(worker.tasks) == PARTITIONS and worker.ready


def opened(bench: Paused) -> float:
    found = (
        bench.registry.get_sample_value(
            "ketenbus_task_opened_total", {"processor": bench.teller.name, "partition": str(partition)}
        )
        for partition in range(PARTITIONS)
    )
    return sum(one or 0.0 for one in found)


async def test_nothing_is_lost_or_doubled_over_a_pause_and_the_lag_shows_meanwhile(bench: Paused) -> None:
    await bench.prepare()
    key = keys_of(0, 1)[0]
    ids = [str(number) for number in range(60)]
    async with bench.running() as worker:
        await bench.count(key, ids[:20])
        await bench.handled(worker)
        bench.still = True
        await until(lambda: worker.resting, "the worker stands still")
        before = offset(worker, 0)
        await bench.count(key, ids[20:])
        await until(lambda: bench.lag(0) == 40, "the lag shows what waits")
        # longer than the group waits for a member that asks for nothing
        await asyncio.sleep(3.5)
        assert offset(worker, 0) == before == 20
        assert running(worker)
        bench.still = False
        await bench.handled(worker)
        assert not worker.resting
    assert await bench.state(key) == Telling(60, tuple(ids))
    assert opened(bench) == PARTITIONS


async def test_a_worker_that_starts_while_paused_gets_ready_and_waits(bench: Paused, asked: Asked) -> None:
    await bench.prepare()
    keys = [keys_of(partition, 1)[0] for partition in range(PARTITIONS)]
    for key in keys:
        await bench.count(key, ["1", "2"])
    bench.still = True
    async with bench.running() as worker:
        await until(lambda: running(worker) and worker.resting, "all tasks are restored")
        await until(lambda: all(bench.lag(partition) == 2 for partition in range(PARTITIONS)), "the lag shows")
        assert {task.state for task in worker.tasks.values()} == {TaskState.RUNNING}
        assert [offset(worker, partition) for partition in range(PARTITIONS)] == [0] * PARTITIONS
        # what a task that was opened meanwhile has in hand is given back once
        await asked.more(3)
        given_back = asked.start_at
        await asked.more(5)
        assert asked.start_at == given_back
        bench.still = False
        await bench.handled(worker)
    for key in keys:
        assert await bench.state(key) == Telling(2, ("1", "2"))


async def test_a_partition_that_waits_for_a_person_still_waits_when_the_pause_ends(bench: Paused, asked: Asked) -> None:
    await bench.prepare()
    halted, other = (keys_of(partition, 1)[0] for partition in (0, 1))
    await bench.feed(bench.event(halted, "1", "unknown"))
    async with bench.running() as worker:
        await until(lambda: running(worker) and worker.tasks[0].state is TaskState.HALTED, "partition 0 halts")
        bench.still = True
        await until(lambda: worker.resting, "the worker stands still")
        await bench.count(other, ["1"])
        await bench.count(halted, ["2"])
        asked.given.clear()
        bench.still = False
        await until(lambda: offset(worker, 1) == 1, "the other partition goes on")
        await asked.more(10)
        assert asked.given == {1}
        assert worker.tasks[0].state is TaskState.HALTED
        assert offset(worker, 0) == 0
        await bench.count(halted, ["3"])
        await until(lambda: bench.lag(0) == 3, "the lag of what waits for a person grows")
