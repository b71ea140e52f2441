"""Writes an archive into a bus that is empty, and leaves every processor where it goes on from (topics.runtime.restored).

Nothing is written before every file was read and found whole. Then every changelog is told that a restore is under way,
so that a worker which is started meanwhile stops instead of working on half of it; at last each is told where it stands.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec
import structlog

from topics.archive import recordfile
from topics.archive.contents import Contents
from topics.archive.errors import ArchiveDamaged, ArchiveForeign
from topics.archive.manifest import Cut, File, Gap
from topics.archive.place import Place
from topics.archive.selection import SOURCES, STANDING, processor_of
from topics.blobs import BlobCorrupt, BlobStore
from topics.catalogue.apply import apply
from topics.catalogue.declarations import PROCESSORS, TOPICS, changelog_topic
from topics.catalogue.topic import Sizing
from topics.errors import Refused, Unavailable
from topics.kafka import Position, Sender, Write, open_admin, open_reader, open_sender, set_group_offsets
from topics.runtime.positions import POSITION_KEY, decode_position, encode_position
from topics.runtime.positions import Position as At
from topics.runtime.restored import RESTORED_KEY, Restored, encode_restored
from topics.runtime.step import Record

log = structlog.get_logger(__name__)

Tell = Callable[[str], None]
_AT_ONCE: Final = 4000
_AT_ONCE_BYTES: Final = 8 << 20
_SAY_EVERY: Final = 200_000
_INPUT: Final = {
    name: topic.name for topic in TOPICS for name in topic.consumers if name in PROCESSORS and not topic.private
}


class Restoration(msgspec.Struct, frozen=True, kw_only=True):
    """What was written. `missing`: blobs that the archive never got; `gaps`: what it never got of a topic."""

    cut: Cut
    records: int
    blobs: int
    missing: tuple[str, ...]
    gaps: tuple[Gap, ...]


class Checked(msgspec.Struct, kw_only=True):
    """What reading all of an archive found. `counts`: records per partition; `before`: how many of them lie below each
    offset that the last cut names, which is where that offset is after a restore."""

    contents: Contents
    cut: Cut
    records: int = 0
    refs: set[str] = msgspec.field(default_factory=set)
    counts: dict[Position, int] = msgspec.field(default_factory=dict)
    before: dict[tuple[str, int, int], int] = msgspec.field(default_factory=dict)
    positions: dict[Position, At] = msgspec.field(default_factory=dict)

    def place_of(self, topic: str, partition: int, offset: int) -> int:
        """Where `offset` of the old bus is on the new one."""
        return self.before.get((topic, partition, offset), 0)


def check(place: Place, tell: Tell) -> Checked:
    """Reads every file of the archive. Raises ArchiveDamaged, ArchiveForeign for none or an empty one, Unavailable."""
    contents = Contents.load(place)
    if contents is None or contents.last is None:
        raise ArchiveForeign("found no archive, or one without a single cut: there is nothing to restore")
    cut = contents.last
    found = Checked(contents=contents, cut=cut)
    positions = _positions(place, cut, found)
    marks = _marks(cut, positions)
    last: dict[Position, int] = {}
    for file in contents.files():
        _read(place, file, found, marks, last)
    for (topic, number), offsets in marks.items():
        # what lies behind the last record of the partition
        for offset in offsets:
            found.before.setdefault((topic, number, offset), found.counts.get((topic, number), 0))
    if found.records and not found.counts:
        raise ArchiveDamaged("no records")
    tell(f"archive whole: {len(contents.cuts)} cuts, {found.records} records, {len(found.refs)} bodies, to {cut.made}")
    return found


def _positions(place: Place, cut: Cut, found: Checked) -> dict[Position, int]:
    """Offsets of the input that processors were at: those that are rebuilt by the cut, others by their changelog."""
    at = {
        (_INPUT[processor], number): offset
        for processor, offsets in cut.positions.items()
        for number, offset in enumerate(offsets)
    }
    for file in cut.stands.values():
        for record in recordfile.read(place, file):
            found.refs |= recordfile.refs_of(record)
            if record.key == POSITION_KEY.encode() and record.value is not None:
                position = decode_position(record.value)
                found.positions[(record.topic, record.partition)] = position
                at[(_INPUT[processor_of(record.topic)], record.partition)] = position.offset
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
            found.before[(*at, offset)] = found.counts.get(at, 0)
        last[at] = record.offset
        found.counts[at] = found.counts.get(at, 0) + 1
        seen[at] = seen.get(at, 0) + 1
        found.records += 1
    expected = {(span.topic, span.partition): span.records for span in file.spans}
    if seen != expected:
        raise ArchiveDamaged(f"{file.name}: found {seen}, its manifest says {expected}")
    found.refs.update(file.refs)


async def restore(
    place: Place, checked: Checked, bootstrap: str, blobs: BlobStore, sizing: Sizing, tell: Tell
) -> Restoration:
    """Writes everything. Raises Refused when the bus is not empty, CatalogueDrift, ArchiveForeign, Unavailable."""
    _same_width(checked.contents, sizing)
    async with open_admin(bootstrap) as admin:
        await apply(admin, sizing)
        await _empty(bootstrap)
        for processor in PROCESSORS:
            if await admin.group_offsets(processor):
                raise Refused(f"Kafka at {bootstrap} knows the group {processor}: restore into a new, empty one")
    async with open_sender(bootstrap, limit=30.0) as sender:
        await _mark(sender, sizing, lambda _processor, _number: Restored(whole=False))
        written = await _blobs(place, checked, blobs, tell)
        await _records(place, checked, sender, tell)
        await _stands(place, checked, sender)
        await _verify(bootstrap, checked)
        await _groups(bootstrap, checked)
        await _mark(sender, sizing, lambda processor, number: _restored(checked, processor, number))
    gaps = tuple(gap for cut in checked.contents.cuts for gap in cut.gaps)
    return Restoration(cut=checked.cut, records=checked.records, blobs=written, missing=checked.cut.missing, gaps=gaps)


def _same_width(contents: Contents, sizing: Sizing) -> None:
    for topic in TOPICS:
        found, expected = contents.head.partitions.get(topic.name), sizing.partitions(topic.width)
        if found is not None and found != expected:
            raise Refused(
                f"{topic.name}: the archive has {found} partitions, this size {expected}; --maat must be that of the bus "
                "that was archived, for a dossier stays in its partition"
            )


async def _empty(bootstrap: str) -> None:
    """Raises Refused, naming the first topic that is not."""
    names = [topic.name for topic in TOPICS]
    async with open_reader(bootstrap, names) as reader:
        begins, ends = await reader.positions(), await reader.ends()
        full = [at for at in ends if ends[at] > begins[at] or begins[at] > 0]
    if not full:
        return
    broken = await _broken(bootstrap)
    if broken:
        raise Refused(
            f"{broken}: a restore broke off here. Remove the topics of the bus, or take a new broker, and restore again"
        )
    topics = sorted({topic for topic, _ in full})
    raise Refused(f"{topics[0]} is not empty ({len(topics)} topics are not): restore only into a new, empty Kafka")


async def _broken(bootstrap: str) -> str:
    """The first changelog that says that a restore is under way."""
    changelogs = [changelog_topic(processor) for processor in PROCESSORS]
    async with open_reader(bootstrap, changelogs) as reader:
        latest: dict[Position, bytes | None] = {}
        async for record in reader.to_end():
            if record.key == RESTORED_KEY.encode():
                latest[(record.topic, record.partition)] = record.value
    unfinished = encode_restored(Restored(whole=False))
    return next((f"{topic}/{number}" for (topic, number), value in sorted(latest.items()) if value == unfinished), "")


async def _mark(sender: Sender, sizing: Sizing, what: Callable[[str, int], Restored]) -> None:
    key = RESTORED_KEY.encode()
    topics = {topic.name: topic for topic in TOPICS}
    writes = [
        Write(changelog_topic(processor), number, key, encode_restored(what(processor, number)), (), 0)
        for processor in PROCESSORS
        for number in range(sizing.partitions(topics[changelog_topic(processor)].width))
    ]
    await sender.send_all(writes)


def _restored(checked: Checked, processor: str, number: int) -> Restored:
    source = _INPUT[processor]
    sure = 0
    if processor in STANDING:
        at = checked.positions.get((changelog_topic(processor), number))
        sure = checked.place_of(source, number, at.offset) if at is not None else 0
    elif processor in checked.cut.positions:
        sure = checked.place_of(source, number, checked.cut.positions[processor][number])
    mine = [topic.name for topic in SOURCES if processor in topic.producers]
    tail = {
        name: tuple(
            (checked.place_of(name, part, low), checked.counts.get((name, part), 0))
            for part, low in enumerate(checked.cut.low.get(name, ()))
        )
        for name in mine
    }
    return Restored(whole=True, sure=sure, until=checked.counts.get((source, number), 0), tail=tail)


async def _blobs(place: Place, checked: Checked, blobs: BlobStore, tell: Tell) -> int:
    missing = set(checked.cut.missing)
    wanted = sorted(checked.refs - missing)

    def copy(ref: str) -> None:
        try:
            blobs.put(place.blobs.get(ref))
        except BlobCorrupt as error:
            raise ArchiveDamaged(f"archive: {error}") from error

    for number, ref in enumerate(wanted, 1):
        await asyncio.to_thread(copy, ref)
        if number % 1000 == 0:
            tell(f"{number} of {len(wanted)} bodies")
    return len(wanted)


async def _records(place: Place, checked: Checked, sender: Sender, tell: Tell) -> None:
    done = 0
    for file in checked.contents.files():
        for writes in _batches(recordfile.read(place, file)):
            await sender.send_all(writes)
            before, done = done, done + len(writes)
            if done // _SAY_EVERY > before // _SAY_EVERY:
                tell(f"{done} of {checked.records} records")


def _batches(records: Iterator[Record]) -> Iterator[list[Write]]:
    writes: list[Write] = []
    size = 0
    for record in records:
        writes.append(_write(record))
        size += len(record.value or b"")
        if len(writes) >= _AT_ONCE or size >= _AT_ONCE_BYTES:
            yield writes
            writes, size = [], 0
    if writes:
        yield writes


def _write(record: Record, value: bytes | None = None) -> Write:
    content = record.value if value is None else value
    return Write(record.topic, record.partition, record.key, content, record.headers, record.timestamp)


async def _stands(place: Place, checked: Checked, sender: Sender) -> None:
    """As they were, but for positions: those are offsets of the bus that was."""
    for file in checked.cut.stands.values():
        writes = []
        for record in recordfile.read(place, file):
            if record.key == RESTORED_KEY.encode():
                continue
            moved = None
            if record.key == POSITION_KEY.encode() and record.value is not None:
                at = decode_position(record.value)
                source = _INPUT[processor_of(record.topic)]
                moved = encode_position(At(checked.place_of(source, record.partition, at.offset), at.cursor))
            writes.append(_write(record, moved))
        if writes:
            await sender.send_all(writes)


async def _groups(bootstrap: str, checked: Checked) -> None:
    """Kafka's own idea of how far those are that go on: else nobody could tell until they have something to do."""
    offsets: dict[str, dict[Position, int]] = {}
    for (changelog, number), at in checked.positions.items():
        processor = processor_of(changelog)
        source = _INPUT[processor]
        offsets.setdefault(processor, {})[(source, number)] = checked.place_of(source, number, at.offset)
    for processor, some in offsets.items():
        await set_group_offsets(bootstrap, processor, some)


async def _verify(bootstrap: str, checked: Checked) -> None:
    """Raises Unavailable when the broker holds another number of records than the archive."""
    async with open_reader(bootstrap, [topic.name for topic in SOURCES]) as reader:
        for at, end in (await reader.ends()).items():
            if end != checked.counts.get(at, 0):
                raise Unavailable(
                    f"{at[0]}/{at[1]}: found {end} records, expected {checked.counts.get(at, 0)}: something else writes "
                    "here, or the broker lost some; begin again with an empty one"
                )
