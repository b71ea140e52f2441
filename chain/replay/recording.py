"""Takes a capture from a bus that runs: what is committed when it begins, nothing that comes later."""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from chain.replay.selection import Window
from chain.replay.spool import Spool
from topics.blobs import BlobStore
from topics.capture import CapturedTopic, CaptureWriter, Counted, Header, catalogue_version, write_capture
from topics.catalogue.declarations import BESLUIT, by_name
from topics.errors import Refused, Unavailable
from topics.kafka import open_admin, open_reader
from topics.runtime.claims import claimed
from topics.runtime.step import Record

_REFERENCE: Final = re.compile(rb"sha256:[0-9a-f]{64}")
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
    tell: Tell,
) -> Captured:
    """Write `path`. Raises Unavailable when broker, a topic's body or the object store is away, Refused when the file
    cannot be written; nothing of it is left then."""
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
        masked=False,
        topics=tuple(CapturedTopic(name, present[name].partitions) for name in there),
        since=window.since,
        until=window.until,
        catalogue=catalogue_version(),
    )
    with tempfile.TemporaryDirectory(prefix=".ketenbus-capture-", dir=path.parent) as folder:
        spool = Spool(Path(folder))
        await _read(bootstrap, there, window, spool, tell)
        with write_capture(path, header) as writer:
            away = _write(writer, spool, there, blobs, tell)
            return Captured(writer.counted(), away)


async def _read(bootstrap: str, topics: Sequence[str], window: Window, spool: Spool, tell: Tell) -> None:
    seen = 0
    async with open_reader(bootstrap, topics) as reader:
        goal = await reader.ends()
        total = sum(goal.values())
        async for record in reader.to_end():
            seen += 1
            if seen % _EVERY == 0:
                tell(f"read {seen} of at most {total} records")
            if window.holds(record):
                spool.add(record)


def _write(writer: CaptureWriter, spool: Spool, topics: Sequence[str], blobs: BlobStore, tell: Tell) -> int:
    away = 0
    known: set[str] = set()
    for record in spool.merged({name: place for place, name in enumerate(topics)}):
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
        if name == "ce_dataref" and _REFERENCE.fullmatch(value):
            yield value.decode()
    if record.value and ("bytes" not in by_name(record.topic).documents or record.topic == BESLUIT):
        yield from (found.decode() for found in dict.fromkeys(_REFERENCE.findall(record.value)))
