"""Where an archive lies: a folder, or a bucket of S3 or what speaks like it. Written whole or not at all.

Blocking: call it in a thread from an event loop.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from topics.archive.errors import ArchiveTaken
from topics.archive.manifest import BLOBS
from topics.blobs import BlobStore, FolderBlobs
from topics.errors import Unavailable
from topics.objectstore import ObjectStoreSettings

_WORK: Final = ".werk"
_LOCK: Final = ".slot"
_PART_BYTES: Final = 16 << 20


class Place(Protocol):
    """Names are paths below the archive. `work`: a folder of this machine for what is not whole yet. All raise
    Unavailable."""

    work: Path
    blobs: BlobStore

    def read(self, name: str) -> bytes | None:
        """None when there is no such name."""
        ...

    def fetch(self, name: str) -> Path | None:
        """The content as a file of this machine, in `work` where it has to be copied; None when there is none."""
        ...

    def create(self, name: str, content: bytes) -> None:
        """Raises ArchiveTaken when the name is there already: of two writers one goes on."""
        ...

    def replace(self, name: str, content: bytes) -> None: ...

    def adopt(self, path: Path, name: str) -> None:
        """Take over the file `path` of `work`, durable when this returns."""
        ...

    def delete(self, name: str) -> None:
        """Nothing happens when it is not there."""
        ...

    def names(self, folder: str) -> list[str]:
        """Sorted, with the folder in front; of whatever is below it."""
        ...


class FolderPlace:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.work = folder / _WORK
        self.blobs: BlobStore = FolderBlobs(folder / BLOBS)

    def read(self, name: str) -> bytes | None:
        with _told("read", name):
            try:
                return (self._folder / name).read_bytes()
            except FileNotFoundError:
                return None

    def fetch(self, name: str) -> Path | None:
        path = self._folder / name
        return path if path.is_file() else None

    def create(self, name: str, content: bytes) -> None:
        with _told("write", name):
            temporary = self._written(content)
            target = self._ready(name)
            try:
                os.link(temporary, target)
            except FileExistsError:
                raise ArchiveTaken(f"{name} is there already: does another archiver write here?") from None
            finally:
                temporary.unlink()
            _sync(target.parent)

    def replace(self, name: str, content: bytes) -> None:
        with _told("write", name):
            self._into(self._written(content), name)

    def adopt(self, path: Path, name: str) -> None:
        with _told("write", name):
            with path.open("rb") as file:
                os.fsync(file.fileno())
            self._into(path, name)

    def delete(self, name: str) -> None:
        with _told("remove", name):
            (self._folder / name).unlink(missing_ok=True)

    def names(self, folder: str) -> list[str]:
        with _told("list", folder):
            found = (path for path in (self._folder / folder).rglob("*") if path.is_file())
            return sorted(str(path.relative_to(self._folder)) for path in found)

    def _written(self, content: bytes) -> Path:
        self.work.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.work)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return Path(name)

    def _ready(self, name: str) -> Path:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def _into(self, path: Path, name: str) -> None:
        target = self._ready(name)
        os.replace(path, target)
        _sync(target.parent)


class BucketPlace:
    def __init__(self, store: S3Store, blobs: BlobStore, work: Path) -> None:
        self._store, self.blobs, self.work = store, blobs, work

    def read(self, name: str) -> bytes | None:
        with _told("read", name):
            try:
                return bytes(obstore.get(self._store, name).bytes())
            except FileNotFoundError:
                return None

    def fetch(self, name: str) -> Path | None:
        target = self.work / name.replace("/", "_")
        with _told("read", name):
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError:
                return None
            with target.open("wb") as file:
                for part in found.stream(min_chunk_size=_PART_BYTES):
                    file.write(part)
        return target

    def create(self, name: str, content: bytes) -> None:
        with _told("write", name):
            try:
                obstore.put(self._store, name, content, mode="create")
            except AlreadyExistsError:
                raise ArchiveTaken(f"{name} is there already: does another archiver write here?") from None

    def replace(self, name: str, content: bytes) -> None:
        with _told("write", name):
            obstore.put(self._store, name, content)

    def adopt(self, path: Path, name: str) -> None:
        with _told("write", name):
            obstore.put(self._store, name, path)
            path.unlink()

    def delete(self, name: str) -> None:
        with _told("remove", name):
            try:
                obstore.delete(self._store, name)
            except FileNotFoundError:
                return

    def names(self, folder: str) -> list[str]:
        with _told("list", folder):
            return sorted(str(one["path"]) for some in obstore.list(self._store, folder) for one in some)


@contextmanager
def open_place(settings: ObjectStoreSettings, *, writing: bool) -> Iterator[Place]:
    """The archive where `settings.blobs` says. With `writing` no other process writes into a folder meanwhile; in a
    bucket the manifests see to it.

    Raises ConfigurationError, ArchiveTaken, Unavailable.
    """
    where = settings.where()
    if isinstance(where, Path):
        with _locked(where) if writing else _unlocked():
            shutil.rmtree(where / _WORK, ignore_errors=True) if writing else None
            yield FolderPlace(where)
        return
    bucket, prefix = where
    below = f"{prefix}/{BLOBS}".lstrip("/")
    blobs = ObjectStoreSettings.model_validate({**settings.model_dump(), "blobs": f"s3://{bucket}/{below}"})
    with tempfile.TemporaryDirectory(prefix="ketenbus-archief-") as work:
        yield BucketPlace(settings.open_bucket(bucket, prefix), blobs.open_blobs(), Path(work))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with _told("write", str(folder)):
        # it holds what partners sent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (folder / _LOCK).open("ab")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ArchiveTaken(f"{folder}: another archiver writes here") from error
        yield


@contextmanager
def _unlocked() -> Iterator[None]:
    yield


@contextmanager
def _told(what: str, name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, BaseError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Unavailable(f"archive: cannot {what} {name}: {said.strip().partition(chr(10))[0][:300]}") from error


def _sync(folder: Path) -> None:
    """Without it a name may be gone after a power cut although the file's content was synced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
