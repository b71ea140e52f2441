"""The behaviour suite on a real broker, and what only a broker can show."""

from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from tests.runtime.behaviour import Behaviour, stateless_teller
from tests.runtime.bench import PARTITIONS, OnBroker, keys_of
from tests.runtime.teller import Teller, Telling
from tests.runtime.waiting import until
from topics.runtime.metrics import WorkerMetrics
from topics.runtime.task import TaskState
from topics.runtime.worker import Worker


@pytest.fixture
async def bench(bootstrap: str, unique: Callable[[str], str], tmp_path: Path) -> OnBroker:
    bench = OnBroker(Teller(unique("broker")), bootstrap, tmp_path)
    await bench.prepare()
    return bench


class TestOnBroker(Behaviour):
    @pytest.fixture
    async def bench(self, bench: OnBroker) -> OnBroker:
        return bench

    @pytest.fixture
    async def stateless(self, bootstrap: str, unique: Callable[[str], str], tmp_path: Path) -> OnBroker:
        bench = OnBroker(stateless_teller(unique("broker")), bootstrap, tmp_path)
        await bench.prepare()
        return bench


def told(registry: CollectorRegistry, metric: str) -> set[int]:
    """Partitions of which a worker says something."""
    samples = (sample for family in registry.collect() for sample in family.samples if sample.name == metric)
    return {int(sample.labels["partition"]) for sample in samples}


async def test_of_a_partition_that_went_to_another_worker_only_that_one_tells(bench: OnBroker) -> None:
    """Sums over workers would else count what was behind, or halted, when it went, for ever."""
    await bench.feed(*(bench.event(keys_of(partition, 1)[0], "1", "unknown") for partition in range(PARTITIONS)))

    def halted(worker: Worker[Telling]) -> set[int]:
        return {number for number, task in worker.tasks.items() if task.state is TaskState.HALTED}

    async with bench.running() as one:
        first = bench.registry
        await until(lambda: halted(one) == set(range(PARTITIONS)), "all halt")
        assert told(first, "ketenbus_task_halted") == set(range(PARTITIONS))
        bench.registry = CollectorRegistry()
        bench.metrics = WorkerMetrics(bench.registry)
        async with bench.running() as two:
            await until(lambda: bool(halted(two)) and halted(one) | halted(two) == set(range(PARTITIONS)), "both halt")
            assert halted(one).isdisjoint(halted(two))
            for metric in ("ketenbus_task_halted", "ketenbus_task_lag_records", "ketenbus_task_state_keys"):
                assert told(first, metric) == halted(one)
                assert told(bench.registry, metric) == halted(two)
    assert told(first, "ketenbus_task_halted") == set()
