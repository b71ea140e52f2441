"""Writes an archive into a bus that is empty, and leaves every processor where it goes on from (topics.runtime.restored).

Nothing is written before every file was read and found whole. Then every changelog is told that a restore is under way,
so that a worker which is started meanwhile stops instead of working on half of it; at last each is told where it stands.
"""

import asyncio
from datetime import datetime
from typing import Final

import msgspec

from topics.archive import writing
from topics.archive.checked import Checked, Tell
from topics.archive.errors import ArchiveDamaged
from topics.archive.manifest import Cut, Gap
from topics.archive.place import Place
from topics.archive.selection import SOURCES, processor_of
from topics.blobs import BlobCorrupt, BlobStore
from topics.catalogue.apply import apply
from topics.catalogue.declarations import PROCESSORS, TOPICS, changelog_topic
from topics.catalogue.precedence import input_of
from topics.errors import Refused, Unavailable
from topics.kafka import Position, Sender, open_admin, open_reader, open_sender, set_group_offsets
from topics.runtime.restored import RESTORED_KEY, decode_restored

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
    """Writes everything, into the size that it was checked for. `made`: now. Raises Refused when the bus is not empty,
    CatalogueDrift, Unavailable, ValueError when it was checked for none."""
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
        await sender.send_all(writing.under_way(sizing))
        written = await _blobs(place, checked, blobs, tell)
        await _records(place, checked, sender, tell)
        await sender.send_all(writing.standing(place, checked))
        await _verify(bootstrap, checked)
        await _groups(bootstrap, checked)
        await sender.send_all(writing.left(checked, sizing, made))
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
    unfinished = (at for at, value in sorted(latest.items()) if value is not None and not decode_restored(value).whole)
    return next((f"{topic}/{number}" for topic, number in unfinished), "")


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
    for writes in writing.records(place, checked):
        await sender.send_all(writes)
        before, done = done, done + len(writes)
        if done // _SAY_EVERY > before // _SAY_EVERY:
            tell(f"{done} of {total} records")


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
