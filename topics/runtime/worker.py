"""A worker: one member of a processor's consumer group, with a task per partition that it is given.

`Worker.run` goes on until it is told to stop; what it cannot mend by reopening a task it mends by leaving the group and
joining again. Scale is Kafka's: start more workers.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

import msgspec
import structlog

from topics.blobs import BlobStore
from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import Topic
from topics.connection import as_principal
from topics.errors import KetenbusError, Unavailable
from topics.kafka import Fenced, GroupConsumer, GroupSettings, Hook, held, no_hook
from topics.runtime.hanging import Hanging
from topics.runtime.metrics import WorkerMetrics
from topics.runtime.spans import Spans
from topics.runtime.step import Processor
from topics.runtime.task import Task, TaskSettings, TaskState
from topics.runtime.turn import Turn

S = TypeVar("S")

log = structlog.get_logger(__name__)

_REST = 0.3
_TELL = 2.0
_CATALOGUE = {topic.name: topic for topic in TOPICS}


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """poll: seconds to wait for records; most: records per poll over all partitions."""

    group: GroupSettings = GroupSettings()
    task: TaskSettings = TaskSettings()
    poll: float = 0.1
    most: int = 8000
    back_off: tuple[float, float] = (0.2, 5.0)


class Worker(Generic[S]):
    """Runs one processor. `tasks` shows what it has now, for health and figures."""

    def __init__(
        self,
        processor: Processor[S],
        bootstrap: str,
        blobs: BlobStore,
        metrics: WorkerMetrics,
        settings: WorkerSettings | None = None,
        *,
        catalogue: Mapping[str, Topic] = _CATALOGUE,
        hook: Hook = no_hook,
        spans: Spans | None = None,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        """`paused`: asked at every turn; while it says so nothing new is taken, and the membership is kept."""
        self.processor = processor
        # a process runs several processors, each a principal with rights of its own
        self._bootstrap = as_principal(bootstrap, processor.name)
        self._blobs, self._metrics = blobs, metrics
        self._settings = settings or WorkerSettings()
        self._catalogue, self._hook, self._spans, self._paused = catalogue, hook, spans, paused
        self.tasks: dict[int, Task[S]] = {}
        self.joined = False
        self.resting = False

    async def run(self, stop: asyncio.Event) -> None:
        low, high = self._settings.back_off
        wait = low
        while not stop.is_set():
            started = time.monotonic()
            member = _Member(self)
            try:
                await member.run(stop)
            except (Fenced, Unavailable) as error:
                log.warning("worker.rejoins", processor=self.processor.name, code=error.code, error=str(error))
                wait = low if time.monotonic() - started > 30 else min(wait * 2, high)
                await _pause(stop, wait)

    @property
    def name(self) -> str:
        return self.processor.name

    @property
    def ready(self) -> bool:
        """It is in the group, and every task that it was given is running (or waits for a person). From any thread."""
        states = {task.state for task in list(self.tasks.values())}
        return self.joined and states <= {TaskState.RUNNING, TaskState.HALTED}

    @property
    def remarks(self) -> list[str]:
        """What its tasks wait for after a restore, once each."""
        waits = {task.waits for task in list(self.tasks.values()) if task.waits}
        return [f"restored, waits until these are done: {one}" for one in sorted(waits)]

    def facets(self) -> dict[str, int]:
        """What the states of its tasks count, for the figures. May be called from another thread."""
        total: dict[str, int] = {}
        # copies, each made at once, of what the event loop changes meanwhile
        for task in list(self.tasks.values()):
            for facet, count in task.store.facets.copy().items():
                total[facet] = total.get(facet, 0) + count
        return total


class _Member(Generic[S]):
    """One membership of the group, from join to leave."""

    def __init__(self, worker: Worker[S]) -> None:
        self._worker = worker
        self._settings = worker._settings
        self._runs: dict[Task[S], asyncio.Task[None]] = {}
        self._suspended: dict[int, Task[S]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._restoring = asyncio.Semaphore(4)
        self._turn = Turn(worker._bootstrap, worker.name)
        self._hanging = Hanging(partial(held, worker._bootstrap))
        self._failure: BaseException | None = None
        self._held = False
        worker.tasks = {}
        self._tasks = worker.tasks
        self._consumer = GroupConsumer(
            worker._bootstrap,
            worker.processor.name,
            worker.processor.topic,
            self._settings.group,
            self._on_assigned,
            self._on_revoked,
        )

    async def run(self, stop: asyncio.Event) -> None:
        telling = asyncio.create_task(self._tell())
        try:
            await self._consumer.start()
            while not stop.is_set():
                if self._failure is not None:
                    raise self._failure
                await self._feed()
        finally:
            telling.cancel()
            self._worker.joined = self._worker.resting = False
            tasks = [*self._tasks.values(), *self._suspended.values()]
            await asyncio.gather(*(task.close() for task in tasks), *self._closing)
            self._tasks.clear()
            self._suspended.clear()
            for run in self._runs.values():
                run.cancel()
            await asyncio.gather(telling, *self._runs.values(), return_exceptions=True)
            await self._consumer.stop()

    async def _feed(self) -> None:
        if self._worker._paused():
            await self._rest()
            return
        if self._held:
            self._go_on()
        wanted = [partition for partition, task in self._tasks.items() if task.room]
        if not wanted and self._tasks:
            await asyncio.sleep(0.005)
            return
        found = await self._consumer.poll(wanted, self._settings.poll, self._settings.most)
        # no await between the poll and here: the records belong to the task that has the partition now
        for partition, records in found.items():
            task = self._tasks.get(partition)
            if task is not None:
                task.offer(records)

    async def _rest(self) -> None:
        """Take nothing, but go on asking: a member that does not is taken for dead. What it had in hand is finished."""
        self._held = self._worker.resting = True
        for partition in self._tasks:
            self._consumer.hold(partition)
        for partition, records in (await self._consumer.poll([*self._tasks], _REST, 1)).items():
            # of a task that was opened meanwhile: they are read again
            self._consumer.start_at(partition, records[0].offset)

    async def _tell(self) -> None:
        """How far every task is behind, also while it waits for the object store or a person."""
        while True:
            await asyncio.sleep(_TELL)
            # a broker that is away is noticed where it is read from
            with suppress(KetenbusError):
                ends = await self._consumer.ends(self._tasks) if self._tasks else {}
                for partition, end in ends.items():
                    if partition in self._tasks:
                        self._tasks[partition].tell_lag(end)

    def _go_on(self) -> None:
        self._held = self._worker.resting = False
        for partition, task in self._tasks.items():
            if task.state is TaskState.RUNNING:
                self._consumer.release(partition)

    def _on_assigned(self, partitions: set[int]) -> None:
        self._worker.joined = True
        for partition in sorted(partitions):
            former = self._suspended.pop(partition, None)
            if former is not None and former.state is TaskState.SUSPENDED:
                former.resume()
                self._tasks[partition] = former
                continue
            worker = self._worker
            task = Task(
                worker.processor,
                partition,
                worker._bootstrap,
                worker._catalogue,
                self._consumer,
                worker._blobs,
                msgspec.structs.replace(self._settings.task, session=self._settings.group.session_ms / 1000),
                worker._metrics.task(worker.processor.name, partition),
                self._restoring,
                self._turn,
                self._hanging,
                worker._hook,
                worker._spans,
            )
            self._tasks[partition] = task
            # in the background: no heartbeats are sent while the listener runs, and its exceptions are swallowed
            run = self._runs[task] = asyncio.create_task(task.run())
            run.add_done_callback(partial(self._ended, task))
        left, self._suspended = list(self._suspended.values()), {}
        for task in left:
            closing = asyncio.create_task(task.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _on_revoked(self, partitions: set[int]) -> None:
        tasks = [self._tasks.pop(partition) for partition in partitions if partition in self._tasks]
        await asyncio.gather(*(task.suspend() for task in tasks))
        for task in tasks:
            if task.state is TaskState.SUSPENDED:
                self._suspended[task.partition] = task

    def _ended(self, task: Task[S], run: asyncio.Task[None]) -> None:
        self._runs.pop(task, None)
        if not run.cancelled() and run.exception() is not None and self._failure is None:
            self._failure = run.exception()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
