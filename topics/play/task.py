"""One task in memory: a processor over one partition, with the boundary, batches and store that it has on Kafka."""

import time
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar

from topics.catalogue.declarations import TOPICS, changelog_topic
from topics.kafka import Write
from topics.runtime.batch import Batcher, Limits
from topics.runtime.errors import CannotWrite
from topics.runtime.isolation import Isolation
from topics.runtime.step import Processor, Record
from topics.runtime.store import Store
from topics.runtime.writes import Writes

S = TypeVar("S")

_LIMITS: Final = Limits(seconds=3600, slice=3600)


class Task(Protocol):
    """A task of whatever state."""

    def handle(self, record: Record) -> Iterator[tuple[list[Write], list[bytes]]]: ...

    def due(self, until: datetime) -> bool: ...


class PlayedTask(Generic[S]):
    """Keeps its state in memory only: nothing of it is written."""

    def __init__(self, processor: Processor[S], partition: int, partitions: Mapping[str, int]) -> None:
        targets = [topic for topic in TOPICS if processor.name in topic.producers]
        counts = {topic.name: partitions[topic.name] for topic in targets}
        writes = Writes(processor.name, counts, {topic.name: topic.max_bytes for topic in targets})
        self._changelog: Final = changelog_topic(processor.name)
        self._store: Store[S] = Store(processor)
        self._batcher = Batcher(processor, self._store, writes, partition, time.monotonic)
        self._isolation = Isolation(_LIMITS)
        self._batcher.refused = self._isolation.refused

    def due(self, until: datetime) -> bool:
        """Whether a key of this task is due at `until`."""
        return next(self._store.due(until), None) is not None

    def handle(self, record: Record) -> Iterator[tuple[list[Write], list[bytes]]]:
        """What `record` comes to, transaction after transaction: writes, and bodies for the object store.

        Raises what stops a task (UnknownDocument, StateCorrupt, Unavailable), and CannotWrite when nothing is left that
        could be written.
        """
        batcher, store, isolation = self._batcher, self._store, self._isolation
        queue = deque((record,))
        while True:
            try:
                full = batcher.fill(queue, isolation.limits)
            except CannotWrite as error:
                if not isolation.isolate(batcher.first, str(error)):
                    raise
                batcher.reset()
                queue = deque((record,))
                continue
            if full is None or full.position is None:
                return
            store.commit(full.staged, full.position)
            isolation.committed(batcher.first)
            yield [write for write in full.writes if write.topic != self._changelog], full.blobs
