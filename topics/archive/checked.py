"""All of an archive, read before anything is written: is it whole, and where does everything come to lie."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping

import msgspec

from topics.archive import recordfile
from topics.archive.contents import Contents
from topics.archive.errors import ArchiveDamaged, ArchiveForeign
from topics.archive.manifest import Cut, File
from topics.archive.place import Place
from topics.archive.selection import STANDS, processor_of
from topics.archive.spread import Spread
from topics.catalogue.precedence import input_of
from topics.catalogue.topic import Sizing
from topics.kafka import Position
from topics.runtime.positions import POSITION_KEY, decode_position
from topics.runtime.positions import Position as At
from topics.runtime.restored import RESTORED_KEY
from topics.runtime.step import Record

Tell = Callable[[str], None]


class Checked(msgspec.Struct, kw_only=True):
    """What reading all of an archive found. Partitions are those of the new bus, but for `positions`, which are those of
    the archive. `counts`: records per partition; `before`: how many of them lie below each offset that the last cut
    names, which is where that offset is after a restore. `under_way`: where a record went that was handled in part."""

    contents: Contents
    cut: Cut
    spread: Spread
    records: int = 0
    refs: set[str] = msgspec.field(default_factory=set)
    counts: dict[Position, int] = msgspec.field(default_factory=dict)
    before: dict[tuple[str, int, int], int] = msgspec.field(default_factory=dict)
    positions: dict[Position, At] = msgspec.field(default_factory=dict)
    under_way: dict[tuple[str, int, int], int] = msgspec.field(default_factory=dict)

    def place_of(self, topic: str, partition: int, offset: int) -> int:
        """Where `offset` of the old bus is on the new one."""
        return self.before.get((topic, partition, offset), 0)

    def position_of(self, changelog: str, number: int) -> At | None:
        """Where the task of partition `number` goes on, if its processor had begun."""
        source = input_of(processor_of(changelog)).name
        former = self.spread.former(changelog, number)
        at = self.positions.get((changelog, former))
        if at is None:
            return None
        mine = self.under_way.get((source, former, at.offset)) == number
        return At(self.place_of(source, number, at.offset), at.cursor if mine else None)


def stands(place: Place, cut: Cut) -> Iterator[Record]:
    """Last records per key, of what is kept so; what an earlier restore left is not among them."""
    kept = {topic.name for topic in STANDS}
    for topic, file in cut.stands.items():
        if topic in kept:
            yield from (one for one in recordfile.read(place, file) if one.key != RESTORED_KEY.encode())


def check(place: Place, tell: Tell, sizing: Sizing | None = None) -> Checked:
    """Reads every file of the archive, for a bus of `sizing` (None: as it was). Raises ArchiveDamaged, ArchiveForeign for
    none or an empty one, Refused for a size that it does not fit, Unavailable."""
    contents = Contents.load(place)
    if contents is None or contents.last is None:
        raise ArchiveForeign("found no archive, or one without a single cut: there is nothing to restore")
    cut = contents.last
    found = Checked(contents=contents, cut=cut, spread=Spread(contents.head.partitions, sizing))
    positions = _positions(place, found)
    marks = _marks(cut, positions)
    last: dict[Position, int] = {}
    for file in contents.files():
        _read(place, file, found, marks, last)
    for (topic, number), offsets in marks.items():
        # what lies behind the last record of the partition
        for to in found.spread.successors(topic, number):
            for offset in offsets:
                found.before.setdefault((topic, to, offset), found.counts.get((topic, to), 0))
    tell(f"archive whole: {len(contents.cuts)} cuts, {found.records} records, {len(found.refs)} bodies, to {cut.made}")
    return found


def _positions(place: Place, found: Checked) -> dict[Position, int]:
    """Offsets of the input that processors were at: those that are rebuilt by the cut, others by their changelog."""
    at = {
        (input_of(processor).name, number): offset
        for processor, offsets in found.cut.positions.items()
        for number, offset in enumerate(offsets)
    }
    for record in stands(place, found.cut):
        found.refs |= recordfile.refs_of(record)
        if record.key != POSITION_KEY.encode():
            found.spread.to(record)
        elif record.value is not None:
            position = decode_position(record.value)
            found.positions[(record.topic, record.partition)] = position
            at[(input_of(processor_of(record.topic)).name, record.partition)] = position.offset
    return at


def _marks(cut: Cut, positions: Mapping[Position, int]) -> dict[Position, list[int]]:
    marks: dict[Position, set[int]] = {}
    for topic, offsets in cut.low.items():
        for number, offset in enumerate(offsets):
            marks.setdefault((topic, number), set()).add(offset)
    for at, offset in positions.items():
        marks.setdefault(at, set()).add(offset)
    return {at: sorted(some) for at, some in marks.items()}


def _read(
    place: Place, file: File, found: Checked, marks: Mapping[Position, list[int]], last: dict[Position, int]
) -> None:
    """Raises ArchiveDamaged when it does not hold what its manifest says, or a partition is not in order."""
    seen: dict[Position, int] = {}
    for record in recordfile.read(place, file):
        at = (record.topic, record.partition)
        if record.offset <= last.get(at, -1):
            raise ArchiveDamaged(f"{file.name}: {record.position} comes behind offset {last[at]}")
        offsets = marks.get(at, [])
        # every mark up to this record that no earlier one reached
        for offset in offsets[bisect_left(offsets, last.get(at, -1) + 1) : bisect_left(offsets, record.offset + 1)]:
            for to in found.spread.successors(*at):
                found.before[(record.topic, to, offset)] = found.counts.get((record.topic, to), 0)
        last[at] = record.offset
        goes = found.spread.to(record)
        for to in goes:
            found.counts[(record.topic, to)] = found.counts.get((record.topic, to), 0) + 1
        if record.offset in offsets and len(goes) == 1:
            found.under_way[(*at, record.offset)] = goes[0]
        seen[at] = seen.get(at, 0) + 1
        found.records += 1
    expected = {(span.topic, span.partition): span.records for span in file.spans}
    if seen != expected:
        raise ArchiveDamaged(f"{file.name}: found {seen}, its manifest says {expected}")
    found.refs.update(file.refs)
