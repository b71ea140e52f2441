"""Records on their way into a capture: kept per partition on disk, so that they can be written in order of time.

What is read from a bus comes partition by partition. A capture stands in order of time over all of them, so that it can
be played in one go at the speed at which it happened; memory holds one record per partition meanwhile.
"""

import heapq
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from topics.kafka import Position
from topics.runtime.step import Record

_LENGTH: Final = 4
_encode = msgspec.msgpack.Encoder().encode
_decoder = msgspec.msgpack.Decoder(Record)
Key = tuple[int, int, int, int]


class Spool:
    """Files in `folder`, which the caller makes and removes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pending: dict[Position, list[bytes]] = {}
        self._paths: dict[Position, Path] = {}
        self._size = 0

    def add(self, record: Record) -> None:
        """Records of one partition come by rising offset."""
        packed = _encode(record)
        at = (record.topic, record.partition)
        self._pending.setdefault(at, []).append(len(packed).to_bytes(_LENGTH) + packed)
        self._size += len(packed)
        if self._size > _MOST:
            self._flush()

    def merged(self, topics: Mapping[str, int]) -> Iterator[Record]:
        """All of them by time; at the same time by the place of the topic, partition and offset. `topics`: places.

        Time never goes back within a partition, so that its own order stands whatever its records say.
        """
        self._flush()
        yield from (
            record for _, record in heapq.merge(*(_read(path, topics[at[0]]) for at, path in self._paths.items()))
        )

    def _flush(self) -> None:
        for at, packed in self._pending.items():
            path = self._paths.setdefault(at, self._folder / f"{len(self._paths)}.spool")
            with path.open("ab") as file:
                file.writelines(packed)
        self._pending.clear()
        self._size = 0


_MOST: Final = 32 << 20
"""Bytes in memory."""


def _read(path: Path, place: int) -> Iterator[tuple[Key, Record]]:
    at = 0
    with path.open("rb") as file:
        while length := file.read(_LENGTH):
            record = _decoder.decode(file.read(int.from_bytes(length)))
            at = max(at, record.timestamp)
            yield (at, place, record.partition, record.offset), record
