"""Reads a capture, and tells what is wrong with one."""

import binascii
import gzip
import hashlib
import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from topics.blobs import BlobStore, blob_ref
from topics.capture.lines import (
    VERSION,
    BlobLine,
    CaptureCut,
    CaptureDamaged,
    Counted,
    EndLine,
    Header,
    NewerCapture,
    NotACapture,
    RecordLine,
    VersionLine,
    read_header,
    read_line,
    read_version,
)
from topics.errors import Refused, Unavailable
from topics.runtime.step import Record


class _Nowhere:
    """Takes blobs and forgets them."""

    def put(self, content: bytes) -> str:
        return blob_ref(content)

    def get(self, ref: str) -> bytes:
        raise Unavailable(f"object store: {ref} was not kept")


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
                case RecordLine() as found:
                    self._sum.update(line)
                    records += 1
                    yield _read(self._path, number, found)
                case BlobLine() as found:
                    self._sum.update(line)
                    refs.add(found.ref)
                    self._store(number, found)
                case EndLine() as found:
                    self._finish(found, Counted(records, len(refs)))
        if self.counted is None:
            raise CaptureCut(
                f"{self._path}: cut off after {records} records, the closing line is missing; copy the file again"
            )

    def _store(self, number: int, found: BlobLine) -> None:
        content = _bytes(self._path, number, found.content)
        if blob_ref(content) != found.ref:
            raise CaptureDamaged(f"{self._path}: line {number}: the blob has another hash than {found.ref}")
        self._blobs.put(content)

    def _finish(self, end: EndLine, counted: Counted) -> None:
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
        found = read_version(line)
    except msgspec.MsgspecError:
        found = VersionLine()
    if found.is_ != "capture":
        raise NotACapture(f"{path}: found another first line, expected a file that `ketenbus capture` wrote")
    if found.version > VERSION:
        raise NewerCapture(
            f"{path}: found version {found.version}, this release reads up to {VERSION}; install a newer"
        )
    try:
        return read_header(line)
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


def _decoded(path: Path, number: int, line: bytes) -> RecordLine | BlobLine | EndLine:
    try:
        return read_line(line)
    except msgspec.MsgspecError as error:
        raise CaptureDamaged(f"{path}: line {number}: {error}") from error


def _read(path: Path, number: int, found: RecordLine) -> Record:
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
