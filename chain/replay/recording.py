"""Takes a capture from a bus that runs: what is committed when it begins, nothing that comes later."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from chain.replay.masking import RAW, REFERENCE, Masker, Masking
from chain.replay.selection import Window, known
from chain.replay.spool import Spool
from topics.blobs import BlobStore, FolderBlobs
from topics.capture import CapturedTopic, CaptureWriter, Counted, Header, catalogue_version, write_capture
from topics.errors import Refused, Unavailable
from topics.kafka import Position, open_admin, open_reader
from topics.runtime.claims import claimed
from topics.runtime.step import Record

Tell = Callable[[str], None]
_EVERY: Final = 50_000


class Captured(msgspec.Struct, frozen=True):
    """`away`: attachments that the object store does not have any more; their records are there."""

    counted: Counted
    away: int = 0


async def capture(
    bootstrap: str,
    path: Path,
    topics: Sequence[str],
    window: Window,
    made: datetime,
    blobs: BlobStore,
    masker: Masker | None,
    tell: Tell,
) -> Captured:
    """Write `path`, masked by `masker`; None: as it is. Raises Unavailable when broker, a topic's body or the object store is away, Refused when the file
    cannot be written or nothing is in the window; nothing of it is left then."""
    if not path.parent.is_dir():
        raise Refused(f"{path}: its folder is not there")
    async with open_admin(bootstrap) as admin:
        present = await admin.topics()
    lacking = [name for name in topics if name not in present]
    if len(lacking) == len(topics):
        raise Refused(f"{bootstrap} has none of {', '.join(topics)}; is it a Ketenbus?")
    there = [name for name in topics if name in present]
    header = Header(
        made=made,
        masked=masker is not None,
        topics=tuple(CapturedTopic(name, present[name].partitions) for name in there),
        since=window.since,
        until=window.until,
        catalogue=catalogue_version(),
    )
    with tempfile.TemporaryDirectory(prefix=".ketenbus-capture-", dir=path.parent) as folder:
        spool, masked = Spool(Path(folder)), FolderBlobs(Path(folder) / "blobs")
        masking = None if masker is None else Masking(masker, blobs, masked)
        partitions = {(name, number) for name in there for number in range(present[name].partitions)}
        await _read(bootstrap, partitions, window, spool, masking, tell)
        with write_capture(path, header) as writer:
            away = _write(writer, spool, there, blobs if masking is None else masked, masking, tell)
            return Captured(writer.counted(), away if masking is None else masking.away)


async def _read(
    bootstrap: str, partitions: set[Position], window: Window, spool: Spool, masking: Masking | None, tell: Tell
) -> None:
    seen = added = 0
    first: datetime | None = None
    last: datetime | None = None
    async with open_reader(bootstrap, {topic for topic, _ in partitions}) as reader:
        goal = await reader.ends()
        if goal.keys() != partitions:
            # what the client does not know of would be missing in the file, and nobody would see that
            raise Unavailable(
                f"{bootstrap}: found {len(goal)} partitions to read, expected {len(partitions)}; try again"
            )
        total = sum(goal.values())
        async for record in reader.to_end():
            seen += 1
            if seen % _EVERY == 0:
                tell(f"read {seen} of at most {total} records")
            if window.holds(record):
                added += 1
                spool.add(record if masking is None else masking.first(record))
            elif not added:
                at = known(record)
                first, last = min(first or at, at), max(last or at, at)
    if first is not None and last is not None and not added:
        raise Refused(
            "nothing between --van and --tot; what is there was known from "
            f"{first.isoformat(timespec='seconds')} until {last.isoformat(timespec='seconds')}"
        )
    if masking is not None:
        masking.between()


def _write(
    writer: CaptureWriter, spool: Spool, topics: Sequence[str], blobs: BlobStore, masking: Masking | None, tell: Tell
) -> int:
    away = 0
    known: set[str] = set()
    for found in spool.merged({name: place for place, name in enumerate(topics)}):
        record = found if masking is None else masking.then(found)
        for ref in referred(record):
            if ref in known:
                continue
            known.add(ref)
            try:
                writer.blob(blobs.get(ref))
            except Unavailable:
                if claimed(record.headers):
                    raise
                away += 1
        writer.record(record)
        if writer.records % _EVERY == 0:
            tell(f"wrote {writer.records} records")
    return away


def referred(record: Record) -> Iterator[str]:
    """References into the object store: of the record's own body, and in what it says."""
    for name, value in record.headers:
        if name == "ce_dataref" and REFERENCE.fullmatch(value):
            yield value.decode()
    if record.value and record.topic not in RAW:
        yield from (found[0].decode() for found in REFERENCE.finditer(record.value))
