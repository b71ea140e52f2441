"""A batch: steps of some records, gathered until one transaction is worth it. Pure but for the processor's own work.

The same batches run on Kafka (topics.runtime.task) and in memory (topics.runtime.driver).
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Final, Generic, TypeVar

import msgspec

from topics.kafka import Write
from topics.runtime.boundary import guarded
from topics.runtime.errors import CannotWrite, TooLargeToWrite
from topics.runtime.positions import Position
from topics.runtime.step import Processor, Record, Step
from topics.runtime.store import Store
from topics.runtime.writes import Writes

S = TypeVar("S")


First = tuple[int, str | None]
"""(offset, cursor before) of a step."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """When a transaction is full. `seconds`: of its own work. `slice`: how long gathering may hold the event loop: a
    transaction of another task needs five turns of it."""

    steps: int = 4000
    bytes: int = 4 << 20
    seconds: float = 0.1
    slice: float = 0.01


class Full(msgspec.Struct):
    """One transaction: what to write and where the task is then. `size`: bytes of the writes, roughly."""

    writes: list[Write] = []
    staged: dict[str, bytes | None] = {}
    position: Position | None = None
    records: int = 0
    steps: int = 0
    size: int = 0
    blobs: list[bytes] = []
    letters: int = 0


_LOOK_AT_TIME: Final = 15


class Batcher(Generic[S]):
    """Takes records in order and gives transactions. Survives a cut in the middle of a record: the generator goes on."""

    def __init__(
        self, processor: Processor[S], store: Store[S], writes: Writes, partition: int, monotonic: Callable[[], float]
    ) -> None:
        self._processor, self._store, self._writes = processor, store, writes
        self._partition, self._monotonic = partition, monotonic
        self._open: Generator[Step[S], None, None] | None = None
        self._cursor: str | None = None
        self.refused: Mapping[First, str] = {}
        """Steps that were refused as too large although they were alone, and why: to be set apart."""
        self.first: First = (-1, None)
        """The first step of the last `fill`."""

    def fill(self, records: deque[Record], limits: Limits) -> Full | None:
        """The next transaction from the front of `records`; handled ones are taken off. None when there is nothing.

        Raises CannotWrite when a state does not fit the changelog; the batch is then to be retried step by step.
        """
        found = None
        for each in self.slices(records, limits):
            found = each
        return found

    def slices(self, records: deque[Record], limits: Limits) -> Iterator[Full | None]:
        """What `fill` does, with pauses: None after every `limits.slice`, at last the transaction if there is one."""
        out = Full()
        store, processor, monotonic = self._store, self._processor, self._monotonic
        until, left = monotonic() + limits.slice, limits.seconds
        most_steps, most_bytes = limits.steps, limits.bytes
        at = store.position
        cut, cut_cursor = (-1, None) if at is None else (at.offset, at.cursor)
        offset, timestamp = -1, 0
        if records:
            first = records[0].offset
            self.first = (first, self._cursor if self._open else cut_cursor if first == cut else None)
        while records:
            record = records[0]
            timestamp = record.timestamp
            if self._open is None:
                self._cursor = cut_cursor if record.offset == cut else None
                self._open = guarded(processor, record, store, self._cursor)
            step = next(self._open, None)
            if step is None:
                records.popleft()
                self._open = self._cursor = None
                out.records += 1
                offset = record.offset + 1
            else:
                step = self._take(step, record, out)
                if step.cursor is None:
                    continue
                self._cursor = step.cursor
                offset = record.offset
            if out.steps >= most_steps or out.size >= most_bytes:
                break
            if out.steps & _LOOK_AT_TIME == 0 and monotonic() >= until:
                left -= limits.slice
                if left <= 0:
                    break
                yield None
                until = monotonic() + limits.slice
        if offset < 0:
            return
        out.position = Position(offset, self._cursor)
        out.staged = store.staged()
        out.writes += self._writes.of_state(out.staged, out.position, self._partition, timestamp)
        yield out

    def reset(self) -> None:
        """After a failed attempt: forget the open record; its steps are computed again from the committed cursor."""
        self._open = self._cursor = None
        self._store.discard()

    def _take(self, step: Step[S], record: Record, out: "Full") -> Step[S]:
        """Stage the step and its writes; one that cannot be written is replaced by what sets it apart."""
        try:
            if self.refused and (why := self.refused.get((record.offset, self._cursor))) is not None:
                raise TooLargeToWrite(why)
            writes, size = self._writes.of_step(step, record)
            self._store.stage(step)
        except CannotWrite as error:
            if self._open is None:
                raise
            step = self._open.throw(error)
            writes, size = self._writes.of_step(step, record)
            self._store.stage(step)
        out.writes += writes
        out.size += size
        out.steps += 1
        # the letters of one receipt refer to one original
        fresh = [blob.content for blob in step.blobs if not out.blobs or blob.content is not out.blobs[-1]]
        out.blobs += fresh
        out.size += sum(map(len, fresh))
        out.letters += len(step.dead_letters)
        return step
