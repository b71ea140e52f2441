"""One file of records in an archive: a capture file, as `ketenbus capture` writes and `ketenbus replay` plays it."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from pathlib import Path
from typing import Final

from topics.archive.errors import ArchiveDamaged
from topics.archive.manifest import RECORDS, File, Span
from topics.archive.place import Place
from topics.capture import CapturedTopic, CaptureError, Header, catalogue_version, open_capture, write_capture
from topics.envelope import Headers
from topics.kafka import Position
from topics.runtime.step import Record

SUFFIX: Final = ".jsonl.gz"
_REF: Final = re.compile(rb"sha256:[0-9a-f]{64}")
_BLOCK: Final = 1 << 20


def write(
    place: Place, at: str, shelf: str, records: Sequence[Record], partitions: Mapping[str, int], made: datetime
) -> File:
    """A file of `records`, those of one partition by rising offset. `at`: what its name begins with."""
    per_partition: dict[Position, list[Record]] = {}
    for record in records:
        per_partition.setdefault((record.topic, record.partition), []).append(record)
    topics = tuple(CapturedTopic(name, partitions[name]) for name in sorted({topic for topic, _ in per_partition}))
    place.work.mkdir(parents=True, exist_ok=True)
    path = place.work / f"{at}-{shelf}{SUFFIX}"
    with write_capture(path, Header(made=made, masked=False, topics=topics, catalogue=catalogue_version())) as capture:
        # by time, as in every capture file
        for record in merge(*per_partition.values(), key=lambda one: one.timestamp):
            capture.record(record)
    digest, size = digest_of(path)
    name = f"{RECORDS}/{at}-{shelf}-{digest[:12]}{SUFFIX}"
    place.adopt(path, name)
    spans = [
        Span(topic, number, some[0].offset, some[-1].offset, len(some))
        for (topic, number), some in sorted(per_partition.items())
    ]
    return File(
        name=name,
        shelf=shelf,
        sha256=digest,
        bytes=size,
        records=len(records),
        newest=max(record.timestamp for record in records),
        spans=tuple(spans),
        refs=tuple(sorted({ref for record in records for ref in refs_of(record)})),
    )


def read(place: Place, file: File) -> Iterator[Record]:
    """Its records. Raises ArchiveDamaged when it is missing or not what the manifest says, at the latest at its end."""
    path = place.fetch(file.name)
    if path is None:
        raise ArchiveDamaged(f"{file.name} is missing: its manifest says {file.records} records")
    try:
        if digest_of(path) != (file.sha256, file.bytes):
            raise ArchiveDamaged(f"{file.name}: it is not what was written; take it from another copy of the archive")
        with open_capture(path) as capture:
            yield from capture.records()
    except CaptureError as error:
        raise ArchiveDamaged(f"{file.name}: {error}") from error
    finally:
        if path.parent == place.work:
            path.unlink(missing_ok=True)


def refs_of(record: Record) -> set[str]:
    """Blobs that a record refers to: its own body, or an attachment that its document names."""
    found = _claim(record.headers)
    if record.value and b"sha256:" in record.value:
        found |= {one.decode() for one in _REF.findall(record.value)}
    return found


def _claim(headers: Headers) -> set[str]:
    return {value.decode() for name, value in headers if name == "ce_dataref" and _REF.fullmatch(value)}


def size_of(record: Record) -> int:
    """Bytes, roughly."""
    return len(record.value or b"") + len(record.key) + sum(len(name) + len(value) for name, value in record.headers)


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 in hex, and size."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
        return found.hexdigest(), file.tell()
