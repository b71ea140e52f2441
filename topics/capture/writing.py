"""Writes a capture: whole, or nothing of it."""

import gzip
import hashlib
import os
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from topics.blobs import blob_ref
from topics.capture.lines import BlobLine, Counted, EndLine, Header, RecordLine, encode
from topics.errors import Refused
from topics.runtime.step import Record

_LEVEL: Final = 6


class CaptureWriter:
    """Writes records and blobs in the order in which they are given."""

    def __init__(self, file: gzip.GzipFile, header: Header) -> None:
        self._file, self._sum = file, hashlib.sha256()
        self._partitions = {topic.name: topic.partitions for topic in header.topics}
        self._last: dict[tuple[str, int], int] = {}
        self._blobs: set[str] = set()
        self.records = 0
        self._write(header)

    def record(self, record: Record) -> None:
        """Raises ValueError for a record of a topic that the header lacks, or out of the order of its partition."""
        at = (record.topic, record.partition)
        if not 0 <= record.partition < self._partitions.get(record.topic, 0):
            raise ValueError(f"{record.position}: no such topic or partition in the header")
        if record.offset <= self._last.get(at, -1):
            raise ValueError(f"{record.position}: behind offset {self._last[at]}")
        self._last[at] = record.offset
        self._write(_written(record))
        self.records += 1

    def blob(self, content: bytes) -> str:
        """Its reference; a second time nothing is written."""
        ref = blob_ref(content)
        if ref not in self._blobs:
            self._blobs.add(ref)
            self._write(BlobLine(ref, b64encode(content).decode("ascii")))
        return ref

    def counted(self) -> Counted:
        """What was written so far."""
        return Counted(self.records, len(self._blobs))

    def end(self) -> None:
        """The closing line; `write_capture` calls it."""
        self._file.write(encode(EndLine(self.records, len(self._blobs), self._sum.hexdigest())) + b"\n")

    def _write(self, line: Header | RecordLine | BlobLine) -> None:
        written = encode(line) + b"\n"
        self._sum.update(written)
        self._file.write(written)


@contextmanager
def write_capture(path: Path, header: Header) -> Iterator[CaptureWriter]:
    """The file appears under its name when the block ends well; else nothing of it stays. Raises Refused."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as raw:
            # no name and no time in it: the same capture is the same bytes
            with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=_LEVEL, mtime=0) as file:
                writer = CaptureWriter(file, header)
                yield writer
                writer.end()
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _written(record: Record) -> RecordLine:
    key, key64 = _text(record.key)
    value, value64 = (None, None) if record.value is None else _text(record.value)
    return RecordLine(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        time=record.timestamp,
        key=key,
        key64=key64 or "",
        value=None if value64 else value,
        value64=value64,
        headers=[_headed(name, content) for name, content in record.headers],
    )


def _text(content: bytes) -> tuple[str, str | None]:
    try:
        return content.decode("utf-8"), None
    except UnicodeDecodeError:
        return "", b64encode(content).decode("ascii")


def _headed(name: str, content: bytes) -> list[str]:
    text, other = _text(content)
    return [name, text] if other is None else [name, "", other]
