"""Writes an archive into a bus that is empty, and leaves every processor where it goes on from (topics.runtime.restored).

Nothing is written before every file was read and found whole. Then every changelog is told that a restore is under way,
so that a worker which is started meanwhile stops instead of working on half of it; at last each is told where it stands.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

import msgspec

from topics.archive import recordfile
from topics.archive.checked import Checked, Tell, stands
from topics.archive.errors import ArchiveDamaged
from topics.archive.manifest import Cut, Gap
from topics.archive.place import Place
from topics.archive.selection import SOURCES, STANDING, processor_of
from topics.archive.spread import Spread
from topics.blobs import BlobCorrupt, BlobStore
from topics.catalogue.apply import apply
from topics.catalogue.declarations import PROCESSORS, TOPICS, changelog_topic
from topics.catalogue.precedence import earlier, input_of
from topics.catalogue.topic import Sizing
from topics.errors import Refused, Unavailable
from topics.kafka import Position, Sender, Write, open_admin, open_reader, open_sender, set_group_offsets
from topics.runtime.positions import POSITION_KEY, encode_position
from topics.runtime.restored import RESTORED_KEY, First, Restored, encode_restored
from topics.runtime.step import Record

_AT_ONCE: Final = 4000
_AT_ONCE_BYTES: Final = 8 << 20
_SAY_EVERY: Final = 200_000


class Restoration(msgspec.Struct, frozen=True, kw_only=True):
    """What was written. `missing`: blobs that the archive never got; `gaps`: what it never got of a topic."""

    cut: Cut
    records: int
    blobs: int
    missing: tuple[str, ...]
    gaps: tuple[Gap, ...]


async def restore(
    place: Place, checked: Checked, bootstrap: str, blobs: BlobStore, made: datetime, tell: Tell
) -> Restoration:
    """Writes everything, into the size that it was checked for. `made`: now. Raises Refused when the bus is not empty, CatalogueDrift,
    Unavailable, ValueError when it was checked for none."""
    sizing = checked.spread.sizing
    if sizing is None:
        raise ValueError("found an archive that was checked for no size")
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
        await _mark(sender, sizing, lambda processor, number: _restored(checked, processor, number, made))
    gaps = tuple(gap for cut in checked.contents.cuts for gap in cut.gaps)
    return Restoration(cut=checked.cut, records=checked.records, blobs=written, missing=checked.cut.missing, gaps=gaps)


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


def _restored(checked: Checked, processor: str, number: int, made: datetime) -> Restored:
    source, spread = input_of(processor).name, checked.spread
    sure = 0
    if processor in STANDING:
        at = checked.position_of(changelog_topic(processor), number)
        sure = at.offset if at is not None else 0
    elif processor in checked.cut.positions:
        sure = checked.place_of(source, number, checked.cut.positions[processor][spread.former(source, number)])
    tail = {
        topic.name: tuple(
            (
                checked.place_of(topic.name, part, low[spread.former(topic.name, part)]),
                checked.counts.get((topic.name, part), 0),
            )
            for part in range(spread.partitions(topic.name))
        )
        for topic in SOURCES
        if processor in topic.producers and (low := checked.cut.low.get(topic.name))
    }
    return Restored(
        whole=True,
        sure=sure,
        until=checked.counts.get((source, number), 0),
        tail=tail,
        first=tuple(_first(checked, name) for name in earlier(processor)),
        made=made.isoformat(),
    )


def _first(checked: Checked, processor: str) -> First:
    source = input_of(processor).name
    ends = (checked.counts.get((source, number), 0) for number in range(checked.spread.partitions(source)))
    return First(processor, source, tuple(ends))


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
    done, total = 0, sum(checked.counts.values())
    for file in checked.contents.files():
        for writes in _batches(recordfile.read(place, file), checked.spread):
            await sender.send_all(writes)
            before, done = done, done + len(writes)
            if done // _SAY_EVERY > before // _SAY_EVERY:
                tell(f"{done} of {total} records")


def _batches(records: Iterator[Record], spread: Spread) -> Iterator[list[Write]]:
    writes: list[Write] = []
    size = 0
    for record in records:
        for number in spread.to(record):
            writes.append(_write(record, number))
            size += len(record.value or b"")
        if len(writes) >= _AT_ONCE or size >= _AT_ONCE_BYTES:
            yield writes
            writes, size = [], 0
    if writes:
        yield writes


def _write(record: Record, partition: int, value: bytes | None = None) -> Write:
    content = record.value if value is None else value
    return Write(record.topic, partition, record.key, content, record.headers, record.timestamp)


async def _stands(place: Place, checked: Checked, sender: Sender) -> None:
    """As they were, but for positions: those are offsets of the bus that was."""
    writes = []
    for record in stands(place, checked.cut):
        if record.key != POSITION_KEY.encode():
            writes += [_write(record, number) for number in checked.spread.to(record)]
            continue
        for number in checked.spread.successors(record.topic, record.partition):
            at = checked.position_of(record.topic, number)
            if at is not None:
                writes.append(_write(record, number, encode_position(at)))
    if writes:
        await sender.send_all(writes)


async def _groups(bootstrap: str, checked: Checked) -> None:
    """Kafka's own idea of how far those are that go on: whoever waits for them looks there."""
    offsets: dict[str, dict[Position, int]] = {}
    for changelog, former in checked.positions:
        processor = processor_of(changelog)
        for number in checked.spread.successors(changelog, former):
            at = checked.position_of(changelog, number)
            if at is not None:
                offsets.setdefault(processor, {})[(input_of(processor).name, number)] = at.offset
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
