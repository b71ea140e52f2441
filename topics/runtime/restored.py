"""What a restore leaves in a changelog for its task: which part of the input was handled before, so that nothing that
others have read already is sent a second time (DESIGN 5, 10).

    0 ─────────── sure ─────────── until ──────▶     offsets of the input
    │  handled, and all  │  perhaps handled:   │  new
    │  of it was sent    │  look what was sent │

Below `until` everything derived is written as ever. What goes to a source (the log, postings, dead letters, …) is left
out below `sure`; between the two it is left out when it is there already, by its identity, at or above `tail`.

A task below `until` begins when the processors that come `first` have handled what was restored to them: of one
transaction of theirs the input may be there and the posting not yet, and what follows from it must not be posted before.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final

import msgspec

from topics.catalogue.topic import Cleanup, Origin, Topic
from topics.envelope import Headers
from topics.errors import PositionMismatch, StateCorrupt

RESTORED_KEY: Final = "__herstel"

_IDENTIFYING: Final = frozenset({"ce_id", "ce_part", "ce_causationid", "dlq.id"})
"""Where a record came from, part and decision included: on `ruw.*` what is sent again keeps its receipt's id."""


class First(msgspec.Struct, frozen=True):
    """A processor that comes first, and where its group must be in each partition of the topic that it reads."""

    processor: str
    topic: str
    until: tuple[int, ...]

    def left(self, committed: Mapping[tuple[str, int], int]) -> int:
        """How many records it has not handled, of those that were restored."""
        return sum(max(0, end - committed.get((self.topic, number), 0)) for number, end in enumerate(self.until))


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """`whole` False: the restore has not ended, or broke off. `tail`: per topic and partition the offsets [from, to) in
    which to look for what was sent. `first`: who must be done before the task begins. `made`: when the restore began, which
    tells one from another."""

    whole: bool
    sure: int = 0
    until: int = 0
    tail: dict[str, tuple[tuple[int, int], ...]] = {}
    first: tuple[First, ...] = ()
    made: str = ""


def encode_restored(restored: Restored) -> bytes:
    return msgspec.msgpack.encode(restored)


def decode_restored(data: bytes) -> Restored:
    try:
        return msgspec.msgpack.decode(data, type=Restored)
    except msgspec.MsgspecError as error:
        raise StateCorrupt(f"{RESTORED_KEY}: {error}") from error


def unfinished(restored: Restored | None, offset: int, where: str) -> Restored | None:
    """What holds for a task that is at `offset`; None when it is past what was restored. Raises PositionMismatch."""
    if restored is None:
        return None
    if not restored.whole:
        raise PositionMismatch(
            f"{where}: a restore is under way, or broke off: wait for `ketenbus herstel` to end, or remove the topics and "
            "restore again"
        )
    return restored if offset < restored.until else None


def tail_of(restored: Restored) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
    """Where the tail ends and where it begins, per partition that has one."""
    spans = {(topic, number): at for topic, some in restored.tail.items() for number, at in enumerate(some)}
    ends = {at: high for at, (low, high) in spans.items() if low < high}
    return ends, {at: spans[at][0] for at in ends}


def identity(topic: Topic, key: bytes, headers: Headers) -> bytes:
    """16 bytes that are the same for a record and for what the same step would write again.

    On a compacted topic it is the key alone: what was erased by a tombstone must not come back either.
    """
    if topic.cleanup is Cleanup.COMPACT:
        named = [key]
    else:
        named = sorted(name.encode() + b"\x1e" + value for name, value in headers if name in _IDENTIFYING)
    return blake2b(b"\x1f".join([topic.name.encode(), *named]), digest_size=16).digest()


class Sent:
    """Decides of each write whether it is there already."""

    def __init__(self, restored: Restored, catalogue: Mapping[str, Topic], there: Iterable[tuple[str, bytes, Headers]]):
        """`there`: topic, key and headers of what lies in `restored.tail`."""
        self.until = restored.until
        self._sure = restored.sure
        self._sources = {name: topic for name, topic in catalogue.items() if topic.origin is Origin.BRON}
        self._there = {identity(self._sources[topic], key, headers) for topic, key, headers in there}

    def __call__(self, topic: str, key: bytes, headers: Headers, offset: int) -> bool:
        """Whether what the record at `offset` of the input gives was sent before the restore."""
        source = self._sources.get(topic)
        if source is None or offset >= self.until:
            return False
        return offset < self._sure or identity(source, key, headers) in self._there
