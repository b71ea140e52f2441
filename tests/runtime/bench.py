"""Where the behaviour suite runs a processor: in memory, or on a real broker. Both are used by the same tests."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from prometheus_client import CollectorRegistry

from tests.runtime.checker import changelog_stores, read_all
from tests.runtime.cluster import settled
from tests.runtime.teller import Teller, Telling, catalogue, event
from tests.runtime.waiting import until
from topics.blobs import BlobStore, FolderBlobs
from topics.catalogue.topic import SINGLE
from topics.envelope import Headers
from topics.errors import Unavailable, UnknownDocument
from topics.kafka import GroupSettings, open_admin, open_reader, open_sender, partition_for
from topics.runtime.batch import Limits
from topics.runtime.driver import Driver, FakeBus
from topics.runtime.metrics import WorkerMetrics
from topics.runtime.step import Output, Record
from topics.runtime.store import Store
from topics.runtime.task import Task, TaskSettings, TaskState
from topics.runtime.worker import Worker, WorkerSettings

PARTITIONS = SINGLE.log


class Bench(ABC):
    """One processor, its topics, and everything that a test may look at. `blobs` is the object store."""

    teller: Teller
    blobs: BlobStore

    @abstractmethod
    async def feed(self, *outputs: Output, timestamp: int = 1_700_000_000_000) -> list[int]:
        """Write to the processor's input; the offsets."""

    @abstractmethod
    async def drain(self, limits: Limits | None = None, crash_after: int | None = None) -> dict[int, str]:
        """A newly started processor handles everything; stopped again. Which partitions it halted, with the code.

        crash_after: once, after that many transactions, it loses all that it holds in memory.
        """

    @abstractmethod
    async def written(self, topic: str) -> list[Record]:
        """All committed records of a topic, in order within each partition."""

    def event(self, key: str, id_: str, do: str = "count", pad: str = "", headers: Headers = ()) -> Output:
        return Output(topic=self.teller.topic, key=key.encode(), value=event(id_, do, pad), headers=headers)

    async def count(self, key: str, ids: Sequence[str]) -> None:
        await self.feed(*(self.event(key, id_) for id_ in ids))

    async def stores(self) -> dict[int, Store[Telling]]:
        """The state of every partition as its changelog tells it."""
        return changelog_stores(self.teller, await self.written(f"{self.teller.name}.toestand.v1"))

    async def state(self, key: str) -> Telling | None:
        for store in (await self.stores()).values():
            found = store.get(key)
            if found is not None:
                return found
        return None

    async def facets(self) -> dict[str, int]:
        total: Counter[str] = Counter()
        for store in (await self.stores()).values():
            total.update(store.facets)
        return dict(+total)


def keys_of(partition: int, count: int, prefix: str = "k") -> list[str]:
    """Keys that fall in one partition."""
    found = (
        key for number in range(10_000) if partition_for((key := f"{prefix}{number}").encode(), PARTITIONS) == partition
    )
    return [next(found) for _ in range(count)]


class InMemory(Bench):
    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.bus = FakeBus(catalogue(teller.name), SINGLE)
        self.blobs = self.bus.blobs

    async def feed(self, *outputs: Output, timestamp: int = 1_700_000_000_000) -> list[int]:
        return [self.bus.send(output, timestamp).offset for output in outputs]

    async def drain(self, limits: Limits | None = None, crash_after: int | None = None) -> dict[int, str]:
        driver = Driver(self.teller, self.bus, limits or Limits(seconds=3600))
        with suppress(UnknownDocument):
            if crash_after is not None:
                driver.run(crash_after)
                driver.crash()
            while driver.run():
                pass
        return {partition: error.code for partition, error in driver.halted.items()}

    async def written(self, topic: str) -> list[Record]:
        return self.bus.records(topic)


class OnBroker(Bench):
    """A worker in this process against a real broker; every bench has topics of its own."""

    def __init__(self, teller: Teller, bootstrap: str, folder: Path) -> None:
        self.teller, self.bootstrap = teller, bootstrap
        self.blobs: BlobStore = FolderBlobs(folder)
        self.catalogue = catalogue(teller.name)
        self.registry = CollectorRegistry()
        self.metrics = WorkerMetrics(self.registry)
        self.task = TaskSettings(grace=1.0, attempt=10.0, back_off=(0.02, 0.2), transaction_ms=10_000)
        self.messages: dict[int, str] = {}
        """What the partitions said that the last `drain` halted."""
        self._runs: dict[Worker[Telling], asyncio.Task[None]] = {}

    async def prepare(self, **settings: dict[str, str]) -> None:
        """Make the topics; `settings` override the catalogue's per topic word (`uit`, `in`, `toestand`)."""
        async with open_admin(self.bootstrap) as admin:
            for topic in self.catalogue.values():
                word = topic.name.removeprefix(f"{self.teller.name}.").removesuffix(".v1")
                config = topic.config(SINGLE) | settings.get(word, {})
                await admin.create(topic.name, PARTITIONS, 1, config)

    def lag(self, partition: int) -> float:
        labels = {"processor": self.teller.name, "partition": str(partition)}
        return self.registry.get_sample_value("ketenbus_task_lag_records", labels) or 0.0

    async def feed(self, *outputs: Output, timestamp: int = 1_700_000_000_000) -> list[int]:
        async with open_sender(self.bootstrap) as sender:
            written = [await sender.send(output, timestamp) for output in outputs]
        return [at.offset for at in written]

    def worker(self, limits: Limits | None = None, crash_after: int | None = None) -> Worker[Telling]:
        begun = 0

        async def crash(point: str) -> None:
            nonlocal begun
            if point == "begin":
                begun += 1
                if begun - 1 == crash_after:
                    raise Unavailable("injected")

        return Worker(
            self.teller,
            self.bootstrap,
            self.blobs,
            self.metrics,
            WorkerSettings(
                group=GroupSettings(session_ms=6000, heartbeat_ms=500),
                task=TaskSettings(
                    grace=self.task.grace,
                    attempt=self.task.attempt,
                    back_off=self.task.back_off,
                    transaction_ms=self.task.transaction_ms,
                    limits=limits or Limits(),
                ),
                back_off=(0.02, 0.2),
            ),
            catalogue=self.catalogue,
            hook=crash,
        )

    @asynccontextmanager
    async def running(
        self, limits: Limits | None = None, crash_after: int | None = None
    ) -> AsyncIterator[Worker[Telling]]:
        worker = self.worker(limits, crash_after)
        stop = asyncio.Event()
        run = self._runs[worker] = asyncio.create_task(worker.run(stop))
        try:
            yield worker
        finally:
            stop.set()
            await run

    async def drain(self, limits: Limits | None = None, crash_after: int | None = None) -> dict[int, str]:
        async with self.running(limits, crash_after) as worker:
            await self.handled(worker)
            self.messages = {p: str(task.halted) for p, task in worker.tasks.items() if task.halted is not None}
            return {p: task.halted.code for p, task in worker.tasks.items() if task.halted is not None}

    async def handled(self, *workers: Worker[Telling]) -> None:
        """Returns when the workers have all partitions and have handled or halted each of them."""
        ends: dict[int, int] = {}
        async with open_reader(self.bootstrap, [self.teller.topic]) as reader:

            async def done() -> bool:
                for worker in workers:
                    if self._runs[worker].done():
                        self._runs[worker].result()
                for record in await reader.poll(0.02):
                    ends[record.partition] = record.offset + 1
                tasks = [task for worker in workers for task in worker.tasks.values()]
                return (
                    await reader.caught_up()
                    and sorted(task.partition for task in tasks) == list(range(PARTITIONS))
                    and all(task.state is TaskState.HALTED or is_behind(task, ends) for task in tasks)
                )

            await until(done, "all partitions handled")

    async def written(self, topic: str) -> list[Record]:
        await settled(self.bootstrap, [topic])
        return await read_all(self.bootstrap, topic)


def is_behind(task: Task[Telling], ends: dict[int, int]) -> bool:
    """Whether a running task has handled everything before `ends`."""
    at = task.position
    return (
        task.state is TaskState.RUNNING
        and at is not None
        and at.cursor is None
        and at.offset >= ends.get(task.partition, 0)
    )
