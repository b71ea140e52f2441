"""Containers that must not outlive the process that started them, also when that is killed and can remove nothing.

Each has a file that its owner keeps locked; a lock ends with its process, however that ends. Who starts the next
container takes the locks that are free and removes the containers that bear their names.
"""

import fcntl
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LABEL: Final = "nl.ketenbus.eigenaar"
"""Of a container: the name of its owner's lock."""


def locks() -> Path:
    """Where this user's locks are, for all installations: Docker is one for all of them too."""
    return Path(tempfile.gettempdir()) / f"ketenbus-containers-{os.getuid()}"


@contextmanager
def owner(folder: Path) -> Iterator[str]:
    """The name of a new lock in `folder`, held until the block ends."""
    folder.mkdir(mode=0o700, exist_ok=True)
    while True:
        path = folder / uuid.uuid4().hex
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        # somebody who looks for free locks may have been here in between
        if _take(descriptor) and path.exists():
            break
        os.close(descriptor)
    try:
        yield path.name
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def remove_orphans(folder: Path, remove: Callable[[str], None]) -> None:
    """Calls `remove` with the name of every lock that nobody holds. What it raises leaves that lock for the next."""
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            if _take(descriptor):
                remove(path.name)
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
