"""Where a task begins: behind `__positie` alone; whatever contradicts it stops that task for a person."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.runtime.bench import PARTITIONS, OnBroker, is_behind, keys_of
from tests.runtime.cluster import delete_group, delete_topic, leave_hanging, move_group, open_transaction, truncate
from tests.runtime.teller import Teller, Telling, output_topic
from tests.runtime.waiting import until
from topics.catalogue.declarations import changelog_topic
from topics.errors import Unavailable
from topics.runtime.positions import Position
from topics.runtime.task import TaskState

MISMATCH = "positie-klopt-niet"
KEYS = [keys_of(partition, 1)[0] for partition in range(PARTITIONS)]


@pytest.fixture
async def bench(bootstrap: str, unique: Callable[[str], str], tmp_path: Path) -> OnBroker:
    bench = OnBroker(Teller(unique("positie")), bootstrap, tmp_path)
    await bench.prepare()
    return bench


KEPT = [partition for partition in range(PARTITIONS) if partition != 1]


def waits(bench: OnBroker, partition: int) -> float:
    """How often the task of a partition found something away."""
    labels = {"processor": bench.teller.name, "partition": str(partition), "code": Unavailable.code}
    return bench.registry.get_sample_value("ketenbus_task_failures_total", labels) or 0.0


async def count_everywhere(bench: OnBroker, *ids: str) -> None:
    for key in KEYS:
        await bench.count(key, ids)


async def others_went_on(bench: OnBroker, partition: int, *ids: str) -> None:
    for key in KEYS[:partition] + KEYS[partition + 1 :]:
        assert await bench.state(key) == Telling(len(ids), ids)


async def test_a_first_start_begins_at_the_beginning(bench: OnBroker) -> None:
    await count_everywhere(bench, "1", "2")
    assert await bench.drain() == {}
    for key in KEYS:
        assert await bench.state(key) == Telling(2, ("1", "2"))


async def test_a_first_start_begins_at_what_retention_left(bench: OnBroker) -> None:
    await count_everywhere(bench, "1", "2")
    await truncate(bench.bootstrap, bench.teller.topic, 2, 1)
    assert await bench.drain() == {}
    assert await bench.state(KEYS[2]) == Telling(1, ("2",))


async def test_a_group_without_offsets_goes_on_from_the_changelog(bench: OnBroker) -> None:
    await count_everywhere(bench, "1")
    await bench.drain()
    await delete_group(bench.bootstrap, bench.teller.name)
    await count_everywhere(bench, "2")
    assert await bench.drain() == {}
    for key in KEYS:
        assert await bench.state(key) == Telling(2, ("1", "2"))


@pytest.mark.parametrize(("topic_of", "partition"), [(changelog_topic, 1), (output_topic, 1), (output_topic, 3)])
async def test_a_task_ends_what_its_coordinator_forgot_to_end(
    bench: OnBroker, topic_of: Callable[[str], str], partition: int
) -> None:
    """A broker that came back from a kill can forget the marker of an abort on some partitions; readers of those would
    stand still, and the next commit of the same producer would bring what hangs to light."""
    await count_everywhere(bench, "1")
    await bench.drain()
    topic = topic_of(bench.teller.name)
    await leave_hanging(bench.bootstrap, f"{bench.teller.name}-1", topic, partition)
    await count_everywhere(bench, "2")
    assert await bench.drain() == {}
    for key in KEYS:
        assert await bench.state(key) == Telling(2, ("1", "2"))
    # waits until nothing is open
    assert b"hangs" not in {record.key for record in await bench.written(topic)}


async def test_a_task_waits_while_another_transaction_hangs_in_its_changelog(bench: OnBroker) -> None:
    """Nobody else should write there: what it means is for a person."""
    await count_everywhere(bench, "1")
    await bench.drain()
    changelog = changelog_topic(bench.teller.name)
    hanging = AsyncExitStack()
    await hanging.enter_async_context(open_transaction(bench.bootstrap, changelog, 1))
    async with hanging, bench.running() as worker:
        await count_everywhere(bench, "2")

        def others_went_on() -> bool:
            return sorted(p for p, task in worker.tasks.items() if is_behind(task, dict.fromkeys(KEPT, 2))) == KEPT

        await until(others_went_on, "the other partitions go on")
        await until(lambda: waits(bench, 1) > 2, "the task looks again and again")
        assert worker.tasks[1].state is TaskState.RESTORING
        await hanging.aclose()
        await bench.handled(worker)
    for key in KEYS:
        assert await bench.state(key) == Telling(2, ("1", "2"))


async def test_an_empty_changelog_beside_a_group_that_has_read_halts(bench: OnBroker) -> None:
    await count_everywhere(bench, "1")
    await bench.drain()
    await delete_topic(bench.bootstrap, changelog_topic(bench.teller.name))
    await bench.prepare()
    await count_everywhere(bench, "2")
    assert await bench.drain() == dict.fromkeys(range(PARTITIONS), MISMATCH)
    assert "the changelog is empty: its state was lost; restore it" in bench.messages[1]
    assert await bench.written(changelog_topic(bench.teller.name)) == []


@pytest.mark.parametrize("moved", [0, 1, 3])
async def test_a_group_that_somebody_moved_halts_its_task(bench: OnBroker, moved: int) -> None:
    await count_everywhere(bench, "1", "2")
    await bench.drain()
    await move_group(bench.bootstrap, bench.teller.name, bench.teller.topic, 1, moved)
    await count_everywhere(bench, "3")
    assert await bench.drain() == {1: MISMATCH}
    assert f"the changelog is at 2 but the group at {moved}" in bench.messages[1]
    assert "set it back to 2" in bench.messages[1]
    assert await bench.state(KEYS[1]) == Telling(2, ("1", "2"))
    await others_went_on(bench, 1, "1", "2", "3")
    await move_group(bench.bootstrap, bench.teller.name, bench.teller.topic, 1, 2)
    assert await bench.drain() == {}
    assert await bench.state(KEYS[1]) == Telling(3, ("1", "2", "3"))


async def test_a_log_that_was_truncated_past_the_position_halts_its_task(bench: OnBroker) -> None:
    await count_everywhere(bench, "1")
    await bench.drain()
    await count_everywhere(bench, "2", "3")
    await truncate(bench.bootstrap, bench.teller.topic, 0, 2)
    assert await bench.drain() == {0: MISMATCH}
    assert "the log holds 2 to 3: records were lost" in bench.messages[0]
    assert await bench.state(KEYS[0]) == Telling(1, ("1",))
    await others_went_on(bench, 0, "1", "2", "3")


async def test_a_topic_that_was_made_anew_halts_its_tasks(bench: OnBroker) -> None:
    await count_everywhere(bench, "1", "2")
    await bench.drain()
    await delete_topic(bench.bootstrap, bench.teller.topic)
    await bench.prepare()
    await count_everywhere(bench, "3")
    assert await bench.drain() == dict.fromkeys(range(PARTITIONS), MISMATCH)
    assert "or the topic was made anew" in bench.messages[2]
    for key in KEYS:
        assert await bench.state(key) == Telling(2, ("1", "2"))


async def test_a_halted_task_stays_halted_over_a_rebalance(bench: OnBroker) -> None:
    await count_everywhere(bench, "1", "2")
    await bench.drain()
    await move_group(bench.bootstrap, bench.teller.name, bench.teller.topic, 1, 0)
    await count_everywhere(bench, "3")
    async with bench.running() as first:
        await bench.handled(first)
        async with bench.running() as second:
            await bench.handled(first, second)
        await bench.handled(first)
        assert first.tasks[1].state is TaskState.HALTED
    assert await bench.state(KEYS[1]) == Telling(2, ("1", "2"))
    assert (await bench.stores())[1].position == Position(2)


async def test_two_workers_share_the_partitions_and_hand_them_over(bench: OnBroker) -> None:
    async with bench.running() as first:
        await count_everywhere(bench, "1")
        await bench.handled(first)
        async with bench.running() as second:
            await bench.handled(first, second)
            await count_everywhere(bench, "2")
            await bench.handled(first, second)
        await count_everywhere(bench, "3")
        await bench.handled(first)
        assert len(first.tasks) == PARTITIONS
    for key in KEYS:
        assert await bench.state(key) == Telling(3, ("1", "2", "3"))
