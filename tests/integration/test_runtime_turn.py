"""A task that was restored waits for those that come first, over restarts and rebalances, and can be let go."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.bench import PARTITIONS, OnBroker, keys_of
from tests.runtime.teller import Teller, Telling
from tests.runtime.waiting import until
from topics.catalogue.declarations import changelog_topic
from topics.errors import Refused
from topics.kafka import Write, open_sender, set_group_offsets
from topics.runtime import task
from topics.runtime.restored import RESTORED_KEY, First, Restored, encode_restored
from topics.runtime.task import TaskState
from topics.runtime.turn import without
from topics.runtime.worker import Worker

KEY = keys_of(0, 1)[0]


@pytest.fixture
def bench(bootstrap: str, unique: Callable[[str], str], tmp_path: Path) -> OnBroker:
    return OnBroker(Teller(unique("beurt")), bootstrap, tmp_path)


async def restored(bench: OnBroker) -> str:
    """Two records in partition 0 that a restore brought, of which another processor must handle one first; its name."""
    await bench.prepare()
    await bench.count(KEY, ["1", "2"])
    other = f"{bench.teller.name}-eerst"
    first = First(other, bench.teller.topic, (1, *(0 for _ in range(1, PARTITIONS))))
    mark = encode_restored(Restored(whole=True, sure=2, until=2, first=(first,)))
    async with open_sender(bench.bootstrap) as sender:
        await sender.send_all([Write(changelog_topic(bench.teller.name), 0, RESTORED_KEY.encode(), mark, (), 0)])
    return other


def waits(worker: Worker[Telling], other: str) -> bool:
    return (
        {number: one.state for number, one in worker.tasks.items() if number} == others_running()
        and not worker.ready
        and worker.remarks == [f"restored, waits until these are done: {other} (1 records to go)"]
    )


def others_running() -> dict[int, TaskState]:
    return dict.fromkeys(range(1, PARTITIONS), TaskState.RUNNING)


def waiting(bench: OnBroker) -> float | None:
    labels = {"processor": bench.teller.name, "partition": "0"}
    return bench.registry.get_sample_value("ketenbus_task_waiting", labels)


async def test_a_task_begins_when_those_before_it_are_done_whatever_happened_meanwhile(bench: OnBroker) -> None:
    other = await restored(bench)
    async with bench.running() as worker:
        await until(lambda: waits(worker, other), "it waits, and says for whom")
        assert waiting(bench) == 1.0
    assert waiting(bench) == 0.0
    async with bench.running() as worker:
        await until(lambda: waits(worker, other), "it waits after a restart too")
        async with bench.running() as second:
            await until(lambda: bool(second.tasks and worker.tasks), "both have a part")
            both = (worker, second)
            await until(lambda: any(0 in one.tasks and one.tasks[0].waits for one in both), "whoever has it waits")
            assert await bench.state(KEY) is None
            await set_group_offsets(bench.bootstrap, other, {(bench.teller.topic, 0): 1})
            await bench.handled(*both)
            assert all(one.ready and not one.remarks for one in both)
    assert await bench.state(KEY) == Telling(2, ("1", "2"))


async def test_a_task_begins_without_one_that_will_never_run_when_a_person_says_so(
    bench: OnBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task, "READ_AGAIN", 0.5)
    other = await restored(bench)
    async with bench.running() as worker:
        await until(lambda: waits(worker, other), "it waits")
        with pytest.raises(Refused, match="no restore told it to wait for nobody"):
            await without(bench.bootstrap, bench.teller.name, "nobody")
        assert await without(bench.bootstrap, bench.teller.name, other) == 1
        await bench.handled(worker)
    assert await bench.state(KEY) == Telling(2, ("1", "2"))
