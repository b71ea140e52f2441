"""Runs processors in memory: the same boundary, batches, writes and store as on Kafka, without a broker.

`FakeBus` holds topics; `Driver` runs one processor on it. A test of a rule needs no more; what only a broker can show
(transactions, fencing, rebalances) is shown on one by the same behaviour suite.
"""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from topics.blobs import MemoryBlobs
from topics.catalogue.declarations import TOPICS, changelog_topic
from topics.catalogue.topic import SINGLE, Sizing, Topic
from topics.errors import KetenbusError, PositionMismatch
from topics.kafka import Write, partition_for
from topics.runtime.batch import Batcher, Limits
from topics.runtime.claims import resolve
from topics.runtime.errors import CannotWrite
from topics.runtime.isolation import Isolation
from topics.runtime.positions import Position
from topics.runtime.restored import Sent, unfinished
from topics.runtime.step import Output, Processor, Record
from topics.runtime.store import Store
from topics.runtime.writes import Writes

S = TypeVar("S")

_CATALOGUE = {topic.name: topic for topic in TOPICS}


class FakeBus:
    """Topics in memory, with the partitions of `sizing`, and the object store `blobs`."""

    def __init__(self, catalogue: Mapping[str, Topic] = _CATALOGUE, sizing: Sizing = SINGLE) -> None:
        self.catalogue = catalogue
        self.partitions = {name: sizing.partitions(topic.width) for name, topic in catalogue.items()}
        self._topics: dict[str, list[list[Record]]] = {
            name: [[] for _ in range(count)] for name, count in self.partitions.items()
        }
        self.blobs = MemoryBlobs()

    def send(self, output: Output, timestamp: int = 0) -> Record:
        """As a producer outside the runtime writes it."""
        partition = output.partition
        if partition is None:
            partition = partition_for(output.key, self.partitions[output.topic])
        return self.write(Write(output.topic, partition, output.key, output.value, output.headers, timestamp))

    def write(self, write: Write) -> Record:
        log = self._topics[write.topic][write.partition]
        record = Record(
            write.topic, write.partition, len(log), write.timestamp, write.key, write.value, tuple(write.headers)
        )
        log.append(record)
        return record

    def log(self, topic: str, partition: int) -> Sequence[Record]:
        return self._topics[topic][partition]

    def records(self, topic: str) -> list[Record]:
        """All records of a topic, partition after partition."""
        return [record for log in self._topics[topic] for record in log]


class Driver(Generic[S]):
    """One processor over all partitions of its topic. `crash` forgets everything that is not on the bus."""

    def __init__(self, processor: Processor[S], bus: FakeBus, limits: Limits | None = None) -> None:
        self.processor, self.bus = processor, bus
        self._limits = limits or Limits(seconds=3600)
        self.stores: dict[int, Store[S]] = {}
        self.halted: dict[int, KetenbusError] = {}
        self._batchers: dict[int, Batcher[S]] = {}
        self.crash()

    def crash(self) -> None:
        """Open every task anew from its changelog."""
        targets = [topic for topic in self.bus.catalogue.values() if self.processor.name in topic.producers]
        counts = {topic.name: self.bus.partitions[topic.name] for topic in targets}
        limits = {topic.name: topic.max_bytes for topic in targets}
        for partition in range(self.bus.partitions[self.processor.topic]):
            store: Store[S] = Store(self.processor)
            for record in self.bus.log(changelog_topic(self.processor.name), partition):
                store.restore(record.key.decode(), record.value)
            store.position = store.position or Position(0)
            self.stores[partition] = store
            writes = Writes(self.processor.name, counts, limits, self._sent(store, partition))
            self._batchers[partition] = Batcher(self.processor, store, writes, partition, time.monotonic)

    def _sent(self, store: Store[S], partition: int) -> Sent | None:
        where = f"{changelog_topic(self.processor.name)}/{partition}"
        restored = unfinished(store.restored, store.position.offset if store.position else 0, where)
        if restored is None:
            return None
        found = [
            (one.topic, one.key, one.headers)
            for topic, some in restored.tail.items()
            for number, (low, high) in enumerate(some)
            for one in self.bus.log(topic, number)[low:high]
        ]
        return Sent(restored, self.bus.catalogue, found)

    def run(self, transactions: int | None = None) -> int:
        """Handle what lies on the topic, `transactions` at most per partition; how many were committed.

        What halts a partition (UnknownDocument, StateCorrupt) is kept in `halted` and raised when the others are done.
        """
        self.halted.clear()
        committed = 0
        for partition in self.stores:
            try:
                committed += self._run(partition, transactions)
            except KetenbusError as error:
                self.halted[partition] = error
        if self.halted:
            raise next(iter(self.halted.values()))
        return committed

    def _run(self, partition: int, transactions: int | None) -> int:
        store, batcher = self.stores[partition], self._batchers[partition]
        position = store.position
        if position is None:
            raise PositionMismatch(f"partition {partition} has no position")
        isolation = Isolation(self._limits)
        batcher.refused = isolation.refused
        queue = self._queue(partition, position)
        committed = 0
        try:
            while transactions is None or committed < transactions:
                try:
                    full = batcher.fill(queue, isolation.limits)
                except CannotWrite as error:
                    if not isolation.isolate(batcher.first, str(error)):
                        raise
                    batcher.reset()
                    queue = self._queue(partition, store.position or position)
                    continue
                if full is None or full.position is None:
                    break
                for write in full.writes:
                    self.bus.write(write)
                for content in full.blobs:
                    self.bus.blobs.put(content)
                store.commit(full.staged, full.position)
                isolation.committed(batcher.first)
                committed += 1
        finally:
            batcher.reset()
        return committed

    def _queue(self, partition: int, position: Position) -> deque[Record]:
        log = self.bus.log(self.processor.topic, partition)
        return deque(resolve(record, self.bus.blobs) for record in log[position.offset :])

    def state(self, key: str) -> S | None:
        """The committed state of `key`, wherever it is."""
        for store in self.stores.values():
            found = store.get(key)
            if found is not None:
                return found
        return None

    def facets(self) -> dict[str, int]:
        """The figures over all tasks; facets that count nothing are left out."""
        total: dict[str, int] = {}
        for store in self.stores.values():
            for name, count in store.facets.items():
                total[name] = total.get(name, 0) + count
        return {name: count for name, count in total.items() if count}


class Runs(Protocol):
    def run(self, transactions: int | None = None) -> int: ...


def run_until_quiet(*drivers: Runs) -> None:
    """Run all drivers on one bus until none has anything left to do."""
    while sum(driver.run() for driver in drivers):
        pass
