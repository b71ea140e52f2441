"""What leaves an archive, and how it stays small: erased persons, raw messages past their term, joined cuts.

Every change is made the same way, so that an interruption harms nothing: new files, then the manifest that names them,
then the old files go. What a manifest does not name is swept at the next start.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from topics.archive import recordfile
from topics.archive.contents import Contents
from topics.archive.manifest import BLOBS, Cut, File, cut_name, encode
from topics.archive.place import Place
from topics.archive.selection import PERSON, days
from topics.blobs import blob_path
from topics.catalogue.topic import DAY_MS
from topics.runtime.step import Record

JOINED: Final = 32
"""So many cuts in a row become one, and so many of those again one."""

Key = tuple[str, int, bytes]
"""Topic, partition and key of a record."""
Gone = Callable[[Record], bool]


class Tidy:
    """Works on the archive that one archiver writes. Blocking."""

    def __init__(self, place: Place, contents: Contents, file_bytes: int) -> None:
        self._place, self._contents, self._file_bytes = place, contents, file_bytes

    def erased(self) -> int:
        """Takes effect of every tombstone whose cut says that it has not yet; how many records that were."""
        pending = [cut for cut in self._contents.cuts if cut.erasing]
        if not pending:
            return 0
        tombstones: dict[Key, int] = {}
        for file in (file for cut in pending for file in cut.files if file.shelf == PERSON):
            for record in recordfile.read(self._place, file):
                if record.value is None:
                    tombstones[(record.topic, record.partition, record.key)] = record.offset
        count = self.erase(lambda record: record.offset < tombstones.get(_key(record), 0))
        for cut in pending:
            self._replace(cut.number, erasing=False)
        return count

    def erase(self, gone: Gone) -> int:
        """Personal data of which `gone` says so; how many records that were."""
        count = 0
        for cut in list(self._contents.cuts):
            files: list[File] = []
            former: list[File] = []
            for file in cut.files:
                if file.shelf != PERSON:
                    files.append(file)
                    continue
                records = list(recordfile.read(self._place, file))
                left = [record for record in records if not gone(record)]
                if len(left) == len(records):
                    files.append(file)
                    continue
                count += len(records) - len(left)
                former.append(file)
                if left:
                    files.append(self._write(f"{cut.number:012d}-e{len(files):02d}", PERSON, left, cut.made))
            if former:
                self._replace(cut.number, files=tuple(files))
                self._drop(former)
        return count

    def pruned(self, now: datetime) -> int:
        """Files of which the catalogue keeps nothing any longer, and bodies that only those referred to; how many files."""
        gone: list[File] = []
        for cut in list(self._contents.cuts):
            old = [file for file in cut.files if _past(file, now)]
            if old:
                self._replace(cut.number, files=tuple(file for file in cut.files if file not in old))
                gone += old
        if gone:
            kept = {ref for file in self._contents.files() for ref in file.refs}
            self._drop(gone)
            for ref in sorted({ref for file in gone for ref in file.refs} - kept):
                self._place.delete(f"{BLOBS}/{blob_path(ref)}")
        return len(gone)

    def joined(self) -> bool:
        """Whether the newest cuts of one size were made one."""
        some = self._contents.cuts[-JOINED:]
        if len(some) < JOINED or any(cut.tier != some[-1].tier for cut in some):
            return False
        self._join(some)
        return True

    def _join(self, some: Sequence[Cut]) -> None:
        last = some[-1]
        before = [file for cut in some for file in cut.files]
        after = [
            file for shelf in sorted({file.shelf for file in before}) for file in self._packed(before, shelf, last)
        ]
        cut = msgspec.structs.replace(
            last,
            since=some[0].since,
            tier=last.tier + 1,
            files=tuple(after),
            gaps=tuple(gap for one in some for gap in one.gaps),
        )
        self._place.replace(cut_name(cut.number), encode(cut))
        self._contents.cuts[-len(some) :] = [cut]
        for one in some[:-1]:
            self._place.delete(cut_name(one.number))
        kept = {file.name for file in after}
        self._drop([file for file in before if file.name not in kept])

    def _packed(self, files: Sequence[File], shelf: str, cut: Cut) -> Iterator[File]:
        """Small ones together, large ones as they are."""
        waiting: list[Record] = []
        size = number = 0
        for file in (file for file in files if file.shelf == shelf):
            large = file.bytes * 4 > self._file_bytes
            if waiting and (large or size >= self._file_bytes):
                yield self._write(f"{cut.number:012d}-j{cut.tier}{number:03d}", shelf, waiting, cut.made)
                waiting, size, number = [], 0, number + 1
            if large:
                yield file
                continue
            for record in recordfile.read(self._place, file):
                waiting.append(record)
                size += recordfile.size_of(record)
        if waiting:
            yield self._write(f"{cut.number:012d}-j{cut.tier}{number:03d}", shelf, waiting, cut.made)

    def _write(self, at: str, shelf: str, records: Sequence[Record], made: datetime) -> File:
        return recordfile.write(self._place, at, shelf, records, self._contents.head.partitions, made)

    def _replace(self, number: int, *, files: tuple[File, ...] | None = None, erasing: bool | None = None) -> None:
        index = next(i for i, cut in enumerate(self._contents.cuts) if cut.number == number)
        former = self._contents.cuts[index]
        cut = msgspec.structs.replace(
            former,
            files=former.files if files is None else files,
            erasing=former.erasing if erasing is None else erasing,
        )
        self._place.replace(cut_name(number), encode(cut))
        self._contents.cuts[index] = cut

    def _drop(self, files: Iterable[File]) -> None:
        for file in files:
            self._place.delete(file.name)


def _key(record: Record) -> Key:
    return (record.topic, record.partition, record.key)


def _past(file: File, now: datetime) -> bool:
    kept = days(file.shelf)
    return kept is not None and file.newest < now.timestamp() * 1000 - kept * DAY_MS


def absent(live: Mapping[tuple[str, int], set[bytes]]) -> Gone:
    """Of a topic that was read whole: what it no longer has under any key was erased, and its tombstone is gone too."""
    return lambda record: record.key not in live.get((record.topic, record.partition), set())
