"""The state of one task: what is committed, and over it what the open transaction would change.

A changelog value ("frame") carries, before the processor's own bytes, when the key is due and which facets it counts
under, so that a restore rebuilds the due index and the figures without decoding a single state:

    version (1 byte) | due, ms since the epoch, 0 = never (8) | length of facets (2) | facets, joined by \\n | payload

A facet counts 1, or as much as it says behind a tab (`step.weighed`).
"""

import struct
from bisect import insort
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, Generic, TypeVar

import msgspec

from topics.errors import StateCorrupt
from topics.runtime.errors import CannotWrite
from topics.runtime.positions import POSITION_KEY, Position, decode_position
from topics.runtime.restored import RESTORED_KEY, Restored, decode_restored
from topics.runtime.step import Processor, Step, Unchanged

S = TypeVar("S")

_HEAD: Final = struct.Struct(">BqH")
_PLAIN: Final = _HEAD.size
_VERSION: Final = 1
_BUCKET_MS: Final = 60_000


class _Pending(msgspec.Struct, Generic[S], gc=False):
    state: S | None
    due: int
    facets: tuple[str, ...]


class DueIndex:
    """Keys by the minute in which they are due: cheap to move, ordered when asked."""

    def __init__(self) -> None:
        self._buckets: dict[int, dict[str, int]] = {}
        self._minutes: list[int] = []

    def add(self, key: str, due: int) -> None:
        minute = due // _BUCKET_MS
        bucket = self._buckets.get(minute)
        if bucket is None:
            bucket = self._buckets[minute] = {}
            insort(self._minutes, minute)
        bucket[key] = due

    def remove(self, key: str, due: int) -> None:
        minute = due // _BUCKET_MS
        bucket = self._buckets[minute]
        del bucket[key]
        if not bucket:
            del self._buckets[minute]
            self._minutes.remove(minute)

    def until(self, limit: int) -> list[tuple[int, str]]:
        """(due, key) with due <= limit, unordered."""
        found = []
        for minute in self._minutes:
            if minute * _BUCKET_MS > limit:
                break
            found += [(due, key) for key, due in self._buckets[minute].items() if due <= limit]
        return found


class Store(Generic[S]):
    """Committed frames plus the overlay of the open transaction; the StateView that a processor sees.

    `last_key` is the key that a processor asked for last: the key at hand when it raises.
    """

    def __init__(self, processor: Processor[S]) -> None:
        self._processor = processor
        self._frames: dict[str, bytes] = {}
        self._due = DueIndex()
        self._overlay: dict[str, _Pending[S]] = {}
        self.facets: dict[str, int] = {}
        self.position: Position | None = None
        self.restored: Restored | None = None
        self.last_key: str | None = None

    # -- what a processor sees

    def get(self, key: str) -> S | None:
        self.last_key = key
        pending = self._overlay.get(key)
        if pending is not None:
            return pending.state
        frame = self._frames.get(key)
        return None if frame is None else self._processor.decode(_payload(frame))

    def due(self, until: datetime) -> Iterator[str]:
        limit = _millis(until)
        found = [item for item in self._due.until(limit) if item[1] not in self._overlay]
        found += [(p.due, key) for key, p in self._overlay.items() if p.state is not None and 0 < p.due <= limit]
        found.sort()
        return iter([key for _, key in found])

    # -- the open transaction

    def stage(self, step: Step[S]) -> None:
        """Raises CannotWrite when a processor without state changes it."""
        if isinstance(step.state, Unchanged):
            return
        if not self._processor.stateful:
            raise CannotWrite(f"{self._processor.name} keeps no state but changed that of {step.key!r}")
        due = 0 if step.due is None else _millis(step.due)
        self._overlay[step.key] = _Pending(step.state, due, step.facets)

    def staged(self) -> dict[str, bytes | None]:
        """Frames to write, None for a tombstone: one per key, however many steps changed it."""
        encode = self._processor.encode
        return {
            key: None if p.state is None else frame(encode(p.state), p.due, p.facets)
            for key, p in self._overlay.items()
        }

    def discard(self) -> None:
        self._overlay.clear()

    def commit(self, staged: dict[str, bytes | None], position: Position) -> None:
        """What `staged` returned is on the broker now."""
        for key, data in staged.items():
            self._put(key, data)
        self._overlay.clear()
        self.position = position

    # -- restore

    def restore(self, key: str, data: bytes | None) -> None:
        """One changelog record. Raises StateCorrupt when its frame is not of this format."""
        if key == POSITION_KEY:
            self.position = None if data is None else decode_position(data)
        elif key == RESTORED_KEY:
            self.restored = None if data is None else decode_restored(data)
        else:
            self._put(key, data)

    def items(self) -> Iterator[tuple[str, bytes]]:
        """Committed keys and payloads, for tests and tools."""
        return ((key, _payload(data)) for key, data in self._frames.items())

    def __len__(self) -> int:
        return len(self._frames)

    def _put(self, key: str, data: bytes | None) -> None:
        former = self._frames.get(key)
        if former is not None:
            if data is not None and _same_head(former, data):
                self._frames[key] = data
                return
            due, facets = _head(former)
            if due:
                self._due.remove(key, due)
            self._count(facets, -1)
        if data is None:
            self._frames.pop(key, None)
            return
        due, facets = _head(data)
        if due:
            self._due.add(key, due)
        self._count(facets, 1)
        self._frames[key] = data

    def _count(self, facets: Sequence[str], sign: int) -> None:
        """What comes to nothing is dropped: a facet that tells a moment never comes back."""
        counted = self.facets
        for facet in facets:
            label, tab, weight = facet.partition("\t")
            total = counted.get(label, 0) + (sign * int(weight) if tab else sign)
            if total:
                counted[label] = total
            else:
                counted.pop(label, None)


def frame(payload: bytes, due: int = 0, facets: tuple[str, ...] = ()) -> bytes:
    if not facets:
        return _HEAD.pack(_VERSION, due, 0) + payload
    labels = "\n".join(facets).encode()
    return _HEAD.pack(_VERSION, due, len(labels)) + labels + payload


def _same_head(former: bytes, data: bytes) -> bool:
    """Whether due and facets did not change, which is most often so; `former` is whole."""
    if former[:_PLAIN] != data[:_PLAIN]:
        return False
    end = _PLAIN + (data[_PLAIN - 2] << 8 | data[_PLAIN - 1])
    return former[_PLAIN:end] == data[_PLAIN:end]


def _head(data: bytes) -> tuple[int, Sequence[str]]:
    try:
        version, due, length = _HEAD.unpack_from(data)
    except struct.error as error:
        raise StateCorrupt(f"changelog value of {len(data)} bytes is no frame") from error
    if version != _VERSION:
        raise StateCorrupt(f"changelog value has version {version}, expected {_VERSION}: written by a newer release")
    return due, data[_PLAIN : _PLAIN + length].decode().split("\n") if length else ()


def _payload(data: bytes) -> bytes:
    return data[_PLAIN + (data[_PLAIN - 2] << 8 | data[_PLAIN - 1]) :]


def _millis(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() * 1000)
