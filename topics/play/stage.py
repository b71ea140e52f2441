"""The topics in memory: what a task writes goes to the tasks that read it, until nothing is left to do."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.metadata import entry_points
from typing import Final, Protocol, TypeVar

from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import SINGLE, Sizing
from topics.errors import ConfigurationError
from topics.kafka import Write, partition_for
from topics.play.bodies import Bodies
from topics.play.task import PlayedTask, Task
from topics.profile.registry import Registry
from topics.runtime.claims import resolve
from topics.runtime.step import Output, Processor, Record

S = TypeVar("S")

GROUP: Final = "ketenbus.processors"
"""Entry points: functions (stage, registry) that add what a package runs. So adapters and chain meet here alone."""

_WIDTH: Final = {topic.name: topic.width for topic in TOPICS}

Seen = Callable[[Record], None]


class Adds(Protocol):
    """What an entry point of GROUP gets."""

    def add(self, processor: Processor[S]) -> None: ...


class Stage:
    """Processors over topics in memory, one record after another.

    `sizing`: partitions per width. `seen` is called with every record that a task writes. Nothing is kept but the states
    of the tasks and `blobs`.
    """

    def __init__(self, sizing: Sizing, seen: Seen, blobs: Bodies | None = None) -> None:
        self.partitions: Final = {topic.name: sizing.partitions(topic.width) for topic in TOPICS}
        self.blobs: Final = blobs or Bodies()
        self._seen = seen
        self._tasks: dict[tuple[str, int], list[Task]] = {}
        self._ends: dict[tuple[str, int], int] = {}
        self._queue: deque[Record] = deque()

    def add(self, processor: Processor[S]) -> None:
        for partition in range(self.partitions[processor.topic]):
            task = PlayedTask(processor, partition, self.partitions)
            self._tasks.setdefault((processor.topic, partition), []).append(task)

    def due(self, topic: str, partition: int, until: datetime) -> bool:
        """Whether a tick of `until` there would find anything to do."""
        return any(task.due(until) for task in self._tasks.get((topic, partition), ()))

    def feed(self, record: Record) -> None:
        """Handle `record`, which keeps its place, and everything that follows from it. Raises as `PlayedTask.handle`."""
        at = (record.topic, record.partition)
        self._ends[at] = max(self._ends.get(at, 0), record.offset + 1)
        self._queue.append(record)
        while self._queue:
            taken = self._queue.popleft()
            tasks = self._tasks.get((taken.topic, taken.partition))
            if tasks is None:
                continue
            taken = resolve(taken, self.blobs)
            for task in tasks:
                for writes, bodies in task.handle(taken):
                    for body in bodies:
                        self.blobs.put(body)
                    for write in writes:
                        self._written(write)

    def send(self, output: Output, timestamp: int) -> Record:
        """`output` as a record at the end of its partition, for `feed`; it was seen."""
        partition = output.partition
        if partition is None:
            partition = partition_for(output.key, self.partitions[output.topic])
        return self._record(Write(output.topic, partition, output.key, output.value, output.headers, timestamp))

    def _written(self, write: Write) -> None:
        self._queue.append(self._record(write))

    def _record(self, write: Write) -> Record:
        at = (write.topic, write.partition)
        offset = self._ends.get(at, 0)
        self._ends[at] = offset + 1
        record = Record(
            write.topic, write.partition, offset, write.timestamp, write.key, write.value, tuple(write.headers)
        )
        self._seen(record)
        return record


def staged(sizing: Sizing, registry: Registry, seen: Seen, blobs: Bodies | None = None) -> Stage:
    """A stage with the processors of every installed package. Raises ConfigurationError for profiles that one of them
    refuses."""
    stage = Stage(sizing, seen, blobs)
    points = sorted(entry_points(group=GROUP), key=lambda found: found.name)
    if not points:
        raise ConfigurationError(
            f"found nothing installed under {GROUP}, expected processors; install the package anew"
        )
    for point in points:
        point.load()(stage, registry)
    return stage


def sizing_of(partitions: Mapping[str, int]) -> Sizing:
    """The sizing that topics of a capture had; of one machine where it says nothing."""
    found = {_WIDTH[name].value: count for name, count in partitions.items() if name in _WIDTH and count}
    return SINGLE.model_copy(update=found)
