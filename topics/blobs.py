"""The object store: bodies by their hash, for what is too large to travel on a topic (claim check, DESIGN 4).

A body over `CLAIM_CHECK_OVER` is stored before its record is written; the record has an empty value and the header
`ce_dataref` = `sha256:<hex>`. Content-addressed: storing twice changes nothing, and a blob whose record was never
written harms nobody.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final, Protocol

from topics.errors import KetenbusError, Unavailable

CLAIM_CHECK_OVER: Final = 900_000
"""Bytes. A record of this size still fits a topic of 1 MiB with key, headers and the 64 kB of a dead letter's."""

_REF = re.compile(r"sha256:[0-9a-f]{64}")


class BlobCorrupt(KetenbusError):
    """What lies under a reference does not have its hash: restore it from the archive. Retrying does not help."""

    code = "blob-beschadigd"


class BlobStore(Protocol):
    """Blocking: call it in a thread from an event loop. Safe for several threads and processes at once."""

    def put(self, content: bytes) -> str:
        """The reference of `content`, which is durable when this returns. Raises Unavailable."""
        ...

    def get(self, ref: str) -> bytes:
        """Raises Unavailable when the store is away or does not (yet) have it, BlobCorrupt, ValueError for no ref."""
        ...


def blob_ref(content: bytes) -> str:
    """`sha256:<hex>` of `content`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def blob_path(ref: str) -> str:
    """Where a store keeps it: `<first two hex digits>/<next two>/<hex>`. Raises ValueError for no ref."""
    if not _REF.fullmatch(ref):
        raise ValueError(f"blob reference {ref!r}: expected sha256:<64 hex digits>")
    digest = ref.removeprefix("sha256:")
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


class FolderBlobs:
    """A folder, also on a network file system, written atomically."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        ref = blob_ref(content)
        path = self._path(ref)
        try:
            if not _holds(path, len(content)):
                _write(path, content)
        except OSError as error:
            raise Unavailable(f"object store: {ref} cannot be written: {error.strerror or error}") from error
        return ref

    def get(self, ref: str) -> bytes:
        path = self._path(ref)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Unavailable(f"object store: {ref} cannot be read: {error.strerror or error}") from error
        if blob_ref(content) != ref:
            raise BlobCorrupt(f"object store: {ref} has other content; restore it from the archive")
        return content

    def _path(self, ref: str) -> Path:
        return self._folder / blob_path(ref)


class MemoryBlobs:
    """In memory, for tests and the fake bus."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        ref = blob_ref(content)
        self._bodies[ref] = content
        return ref

    def get(self, ref: str) -> bytes:
        if not _REF.fullmatch(ref):
            raise ValueError(f"blob reference {ref!r}: expected sha256:<64 hex digits>")
        try:
            return self._bodies[ref]
        except KeyError:
            raise Unavailable(f"object store: {ref} is not there") from None


def _holds(path: Path, size: int) -> bool:
    """A crash cannot leave a part under the final name, so the size is enough; `get` verifies the hash."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    """Without it a name may be gone after a power cut although the file's content was synced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
