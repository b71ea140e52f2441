"""The capture file: records of a bus with keys, headers and times, in one portable file.

gzip of JSON lines in UTF-8, so that `zcat FILE | head -1 | jq` tells what a file is; chain/replay/README.md describes it.

    1     {"is": "capture", "version": 1, …}     the header
    2…    {"is": "blob", …}                      a body of the object store, before the first record that refers to it
          {"is": "record", …}                    a record; in order of time, and of each partition in its own order
    last  {"is": "end", "records": n, "blobs": n, "sha256": of all bytes before this line}

    CaptureError                     (DocumentError)
    ├── NotACapture                  geen-capture: something else
    ├── NewerCapture                 capture-nieuwer: written by a newer release
    ├── CaptureCut                   capture-afgekapt: the end is missing
    └── CaptureDamaged               capture-beschadigd: the content is not what was written
"""

import binascii
import gzip
import hashlib
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec

from topics.blobs import BlobStore, blob_ref
from topics.catalogue.declarations import TOPICS
from topics.errors import DocumentError, Refused, Unavailable
from topics.runtime.step import Record

VERSION: Final = 1
_LEVEL: Final = 6


class CaptureError(DocumentError):
    code = "capture"


class NotACapture(CaptureError):
    code = "geen-capture"


class NewerCapture(CaptureError):
    code = "capture-nieuwer"


class CaptureCut(CaptureError):
    code = "capture-afgekapt"


class CaptureDamaged(CaptureError):
    code = "capture-beschadigd"


class CapturedTopic(msgspec.Struct, frozen=True):
    """A topic of a capture, with the partitions that it had; also of one without records in it."""

    name: str
    partitions: int


class Header(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", tag="capture"):
    """The first line. `made`: when; `since`, `until`: what was asked for, None: all there was. `masked`: whether
    personal data was replaced. `catalogue`: `catalogue_version()` of the release that wrote it."""

    version: int = VERSION
    made: datetime
    masked: bool
    topics: tuple[CapturedTopic, ...]
    since: datetime | None = None
    until: datetime | None = None
    catalogue: str = ""


class Counted(msgspec.Struct, frozen=True):
    """What a whole capture holds."""

    records: int
    blobs: int


class _Blob(msgspec.Struct, frozen=True, tag_field="is", tag="blob"):
    ref: str
    content: str


class _Record(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="is", tag="record"):
    """Bytes that are UTF-8 stand as text, others as base64 in the field that ends in 64; `value` absent: a tombstone.
    Of a header with other bytes: [name, "", base64]."""

    topic: str
    partition: int
    offset: int
    time: int
    key: str = ""
    key64: str = ""
    value: str | None = None
    value64: str | None = None
    headers: list[list[str]] = []


class _End(msgspec.Struct, frozen=True, tag_field="is", tag="end"):
    records: int
    blobs: int
    sha256: str


class _Nowhere:
    """Takes blobs and forgets them."""

    def put(self, content: bytes) -> str:
        return blob_ref(content)

    def get(self, ref: str) -> bytes:
        raise Unavailable(f"object store: {ref} was not kept")


class _Version(msgspec.Struct, frozen=True):
    is_: str = msgspec.field(name="is", default="")
    version: int = 0


_header = msgspec.json.Decoder(Header)
_version = msgspec.json.Decoder(_Version)
_line: msgspec.json.Decoder[_Record | _Blob | _End] = msgspec.json.Decoder(_Record | _Blob | _End)
_encode = msgspec.json.Encoder().encode


def catalogue_version() -> str:
    """Twelve hex digits that change with every change of a topic's declaration."""
    declared = "\n".join(sorted(topic.model_dump_json() for topic in TOPICS))
    return hashlib.sha256(declared.encode()).hexdigest()[:12]


# ---------------------------------------------------------------- writing


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
            self._write(_Blob(ref, b64encode(content).decode("ascii")))
        return ref

    def counted(self) -> Counted:
        """What was written so far."""
        return Counted(self.records, len(self._blobs))

    def end(self) -> None:
        """The closing line; `write_capture` calls it."""
        self._file.write(_encode(_End(self.records, len(self._blobs), self._sum.hexdigest())) + b"\n")

    def _write(self, line: Header | _Record | _Blob) -> None:
        written = _encode(line) + b"\n"
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


def _written(record: Record) -> _Record:
    key, key64 = _text(record.key)
    value, value64 = (None, None) if record.value is None else _text(record.value)
    return _Record(
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


# ---------------------------------------------------------------- reading


class Capture:
    """An open capture. `records` may be asked for once; the errors of a file show when it is read that far."""

    def __init__(self, path: Path, file: BinaryIO, header: Header, first: bytes, blobs: BlobStore) -> None:
        self._path, self._file, self._blobs, self._sum = path, file, blobs, hashlib.sha256(first)
        self.header = header
        self.counted: Counted | None = None
        """What there was; None until the last record was read."""

    def records(self) -> Iterator[Record]:
        """All records, in the order of the file; bodies of the object store go to `blobs` before who refers to them.

        Raises CaptureCut and CaptureDamaged, perhaps only behind the last record: see `verify`.
        """
        records, number, refs = 0, 1, set[str]()
        for line in _lines(self._path, self._file):
            number += 1
            if self.counted is not None:
                raise CaptureDamaged(f"{self._path}: line {number}: found more behind the end, expected nothing")
            match _decoded(self._path, number, line):
                case _Record() as found:
                    self._sum.update(line)
                    records += 1
                    yield _read(self._path, number, found)
                case _Blob() as found:
                    self._sum.update(line)
                    refs.add(found.ref)
                    self._store(number, found)
                case _End() as found:
                    self._finish(found, Counted(records, len(refs)))
        if self.counted is None:
            raise CaptureCut(
                f"{self._path}: cut off after {records} records, the closing line is missing; copy the file again"
            )

    def _store(self, number: int, found: _Blob) -> None:
        content = _bytes(self._path, number, found.content)
        if blob_ref(content) != found.ref:
            raise CaptureDamaged(f"{self._path}: line {number}: the blob has another hash than {found.ref}")
        self._blobs.put(content)

    def _finish(self, end: _End, counted: Counted) -> None:
        expected = Counted(end.records, end.blobs)
        if counted != expected:
            raise CaptureDamaged(
                f"{self._path}: found {counted.records} records and {counted.blobs} blobs, expected {end.records} and "
                f"{end.blobs}; copy the file again"
            )
        if self._sum.hexdigest() != end.sha256:
            raise CaptureDamaged(f"{self._path}: the checksum is another than was written; copy the file again")
        self.counted = counted


@contextmanager
def open_capture(path: Path, blobs: BlobStore | None = None) -> Iterator[Capture]:
    """The capture in `path`, its header read. `blobs`: where its bodies of the object store go; None: nowhere.

    Raises Refused when the file cannot be opened, NotACapture, NewerCapture, CaptureCut.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise Refused(f"{path}: cannot be opened: {error.strerror or error}") from error
    with raw:
        if raw.read(2) != b"\x1f\x8b":
            raise NotACapture(f"{path}: found something else, expected a file that `ketenbus capture` wrote")
        raw.seek(0)
        with gzip.GzipFile(fileobj=raw, mode="rb") as file:
            first = next(_lines(path, cast(BinaryIO, file)), b"")
            yield Capture(path, cast(BinaryIO, file), _headline(path, first), first, blobs or _Nowhere())


def verify(path: Path) -> tuple[Header, Counted]:
    """Reads the whole file, and says what it is. Raises as `open_capture` and `Capture.records`."""
    with open_capture(path) as capture:
        for _ in capture.records():
            pass
        if capture.counted is None:
            raise CaptureCut(f"{path}: the closing line is missing")
        return capture.header, capture.counted


def _headline(path: Path, line: bytes) -> Header:
    try:
        found = _version.decode(line)
    except msgspec.MsgspecError:
        found = _Version()
    if found.is_ != "capture":
        raise NotACapture(f"{path}: found another first line, expected a file that `ketenbus capture` wrote")
    if found.version > VERSION:
        raise NewerCapture(
            f"{path}: found version {found.version}, this release reads up to {VERSION}; install a newer"
        )
    try:
        return _header.decode(line)
    except msgspec.MsgspecError as error:
        raise CaptureDamaged(f"{path}: line 1: {error}") from error


def _lines(path: Path, file: BinaryIO) -> Iterator[bytes]:
    """Each line with its end of line. Raises CaptureCut, CaptureDamaged, NotACapture of what is no gzip inside."""
    while True:
        try:
            line = file.readline()
        except EOFError as error:
            raise CaptureCut(f"{path}: cut off; copy the file again") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise CaptureDamaged(f"{path}: {error}; copy the file again") from error
        if not line:
            return
        if not line.endswith(b"\n"):
            raise CaptureCut(f"{path}: cut off in the middle of a line; copy the file again")
        yield line


def _decoded(path: Path, number: int, line: bytes) -> _Record | _Blob | _End:
    try:
        return _line.decode(line)
    except msgspec.MsgspecError as error:
        raise CaptureDamaged(f"{path}: line {number}: {error}") from error


def _read(path: Path, number: int, found: _Record) -> Record:
    headers: list[tuple[str, bytes]] = []
    for one in found.headers:
        if len(one) not in (2, 3):
            raise CaptureDamaged(f"{path}: line {number}: found a header of {len(one)} items, expected 2 or 3")
        headers.append((one[0], one[1].encode() if len(one) == 2 else _bytes(path, number, one[2])))
    key = _bytes(path, number, found.key64) if found.key64 else found.key.encode()
    value = None if found.value is None else found.value.encode()
    if found.value64 is not None:
        value = _bytes(path, number, found.value64)
    return Record(found.topic, found.partition, found.offset, found.time, key, value, tuple(headers))


def _bytes(path: Path, number: int, text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CaptureDamaged(f"{path}: line {number}: no base64: {error}") from error
