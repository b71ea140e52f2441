"""Looking into a partner's folder: which files are there, and which of them are complete.

By looking again and again, not by events of the file system: two looks are needed anyway to see that a file stays the same,
and a folder on a network file system gives no events.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from adapters.bundle import FOLDER
from topics.errors import Unavailable

HANDLED: Final = "verwerkt"
FAILED: Final = "mislukt"
"""Where messages go; also when these are links to elsewhere."""

_TEMPORARY: Final = (".part", ".tmp", ".filepart", ".crdownload", "~")

Signature = tuple[tuple[str, int, int, int], ...]
"""Name, inode, size and moment of change of a message, and of each of its attachments."""


def temporary(name: str) -> bool:
    """Whether a sender uses this name for what it is still writing."""
    return name.startswith(".") or name.lower().endswith(_TEMPORARY)


def attached(beside: Path) -> bool:
    """Whether there is a folder of attachments. None can be beside a message whose name is as long as a name may be: that
    of the folder would be longer."""
    try:
        return stat.S_ISDIR(beside.lstat().st_mode)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise


def signature(folder: Path, name: str) -> Signature | None:
    """What tells that a message and its attachments are what they were; None while an attachment is being written, or
    the message is gone. Links are not followed."""
    found = []
    try:
        found.append(_signed("", folder / name))
        beside = folder / f"{name}{FOLDER}"
        if attached(beside):
            for each in sorted(os.listdir(beside)):
                if temporary(each):
                    return None
                found.append(_signed(each, beside / each))
    except FileNotFoundError:
        return None
    return tuple(found)


class Looks:
    """One partner's folder. Each look is compared with the one before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, Signature | None] = {}
        self._being_written: set[int] = set()
        self.waiting = 0

    def look(self) -> list[str]:
        """Names of the messages that are complete, by name: two looks saw the same, or a file that had a temporary name
        was renamed since the last look. `waiting` counts all that are there. Raises Unavailable."""
        try:
            entries = sorted(_entries(self._folder), key=lambda found: found[:2])
            seen: dict[str, Signature | None] = {}
            being_written, complete = set(), []
            for name, _, entry in entries:
                if entry.is_dir(follow_symlinks=False) or name in (HANDLED, FAILED):
                    continue
                if temporary(name):
                    being_written.add(entry.inode())
                    continue
                found = seen[name] = signature(self._folder, name)
                renamed = entry.inode() in self._being_written
                if found is not None and (renamed or self._seen.get(name) == found):
                    complete.append(name)
        except OSError as error:
            raise Unavailable(f"folder {self._folder}: {error.strerror or error}") from error
        self._seen, self._being_written, self.waiting = seen, being_written, len(seen)
        return complete


def _entries(folder: Path) -> Iterator[tuple[str, int, os.DirEntry[str]]]:
    """Name and moment of change of what is there; what went while it was listed is not."""
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):
            yield entry.name, entry.stat(follow_symlinks=False).st_mtime_ns, entry


def _signed(name: str, path: Path) -> tuple[str, int, int, int]:
    status = path.lstat()
    return name, status.st_ino, status.st_size, status.st_mtime_ns
