"""A batch: steps of some records, gathered until one transaction is worth it. Pure but for the processor's own work.

The same batches run on Kafka (topics.runtime.task) and in memory (topics.runtime.driver).
"""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from topics.kafka import Write
from topics.runtime.boundary import Guarded
from topics.runtime.errors import CannotWrite, TooLargeToWrite
from topics.runtime.step import Processor, Record, Step
from topics.runtime.store import Position, Store
from topics.runtime.writes import Writes

S = TypeVar("S")


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """When a transaction is full. `seconds`: how long gathering may hold the event loop."""

    steps: int = 4000
    bytes: int = 4 << 20
    seconds: float = 0.1


class Full(msgspec.Struct):
    """One transaction: what to write and where the task is then."""

    writes: list[Write]
    staged: dict[str, bytes | None]
    position: Position
    records: int
    steps: int
    blobs: list[bytes]
    letters: int


class Batcher(Generic[S]):
    """Takes records in order and gives transactions. Survives a cut in the middle of a record: the generator goes on."""

    def __init__(
        self, processor: Processor[S], store: Store[S], writes: Writes, partition: int, monotonic: Callable[[], float]
    ) -> None:
        self._processor, self._store, self._writes = processor, store, writes
        self._partition, self._monotonic = partition, monotonic
        self._open: Guarded[S] | None = None
        self._record: Record | None = None
        self._cursor: str | None = None
        self.refused: set[tuple[int, str | None]] = set()
        """(offset, cursor before) of steps that the broker refused as too large: set apart at the next attempt."""
        self.first: tuple[int, str | None] = (-1, None)
        """(offset, cursor before) of the first step of the last `fill`."""

    def fill(self, records: deque[Record], limits: Limits) -> Full | None:
        """The next transaction from the front of `records`; handled ones are taken off. None when there is nothing.

        Raises TooLargeToWrite when a state does not fit the changelog; the batch is then to be retried step by step.
        """
        writes: list[Write] = []
        blobs: list[bytes] = []
        handled = steps = size = letters = 0
        started = self._monotonic()
        if records:
            self.first = (records[0].offset, self._cursor_of(records[0]))
        position: Position | None = None
        timestamp = 0
        while records or self._open:
            if self._open is None:
                self._begin(records[0])
            guarded, record = self._open, self._record
            if guarded is None or record is None:
                break
            timestamp = record.timestamp
            former = self._cursor
            step = next(guarded, None)
            if step is None:
                records.popleft()
                handled += 1
                self._open = self._record = self._cursor = None
                position = Position(record.offset + 1)
            else:
                step, out = self._staged(guarded, step, record, former)
                writes += out
                blobs += [blob.content for blob in step.blobs]
                letters += len(step.dead_letters)
                steps += 1
                self._cursor = step.cursor or former
                if step.cursor is not None:
                    position = Position(record.offset, step.cursor)
                size += sum(len(write.value or b"") for write in out) + 200 * len(out)
            full = steps >= limits.steps or size >= limits.bytes or self._monotonic() - started >= limits.seconds
            if full and position is not None and (step is None or step.cursor is not None):
                break
        if position is None:
            return None
        staged = self._store.staged()
        out = self._writes.of_state(staged, position, self._partition, timestamp)
        return Full(writes + out, staged, position, handled, steps, blobs, letters)

    def _cursor_of(self, record: Record) -> str | None:
        at = self._store.position
        return at.cursor if at is not None and at.offset == record.offset else None

    def _begin(self, record: Record) -> None:
        self._cursor = self._cursor_of(record)
        self._record = record
        self._open = Guarded(self._processor, record, self._store, self._cursor)

    def _staged(
        self, guarded: Guarded[S], step: Step[S], record: Record, former: str | None
    ) -> tuple[Step[S], list[Write]]:
        """The step with its writes; one that cannot be written is replaced by what sets it apart."""
        try:
            if (record.offset, former) in self.refused:
                raise TooLargeToWrite(
                    f"the broker refused what {record.position} writes, although the catalogue allows it"
                )
            out = self._writes.of_step(step, record)
            self._store.stage(step)
        except CannotWrite as error:
            step = guarded.reject(step, former, error)
            out = self._writes.of_step(step, record)
            self._store.stage(step)
        return step, out

    def reset(self) -> None:
        """After a failed attempt: forget the open record; its steps are computed again from the committed cursor."""
        self._open = self._record = self._cursor = None
        self._store.discard()
