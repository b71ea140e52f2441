"""Pauses: a processor that a person set still takes nothing new, in any worker on any machine, until he lets it go on.

A pause is a file in the data folder, which all workers of an installation see, so that it outlives a restart.
"""

import asyncio
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog

log = structlog.get_logger(__name__)

FOLDER: Final = "pauzes"
LOOK_SECONDS: Final = 0.5

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder


class Pause(msgspec.Struct, frozen=True):
    """Who paused a processor, why and since when."""

    door: str
    reden: str
    sinds: datetime

    def __str__(self) -> str:
        return f"paused since {self.sinds:%Y-%m-%d %H:%M} by {self.door}: {self.reden}"


class Unreadable(msgspec.Struct, frozen=True):
    """A file that stands for a pause but does not say whose: it holds all the same."""

    file: str

    def __str__(self) -> str:
        return f"paused by {self.file}, which cannot be read"


def pause(data: Path, processor: str, what: Pause) -> None:
    """From within a second on; a second pause of the same processor takes the place of the first."""
    path = _path(data, processor)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(_encode(what))
    os.replace(temporary, path)


def resume(data: Path, processor: str) -> bool:
    """Whether it was paused."""
    try:
        _path(data, processor).unlink()
    except FileNotFoundError:
        return False
    return True


def pauses(data: Path) -> dict[str, Pause | Unreadable]:
    """What is paused, by processor; nothing where nothing ever was. Raises OSError when that cannot be told."""
    found: dict[str, Pause | Unreadable] = {}
    try:
        # a glob takes what it cannot look into for empty
        names = sorted(os.listdir(data / FOLDER))
    except FileNotFoundError:
        return found
    for path in (data / FOLDER / name for name in names if name.endswith(".json")):
        try:
            found[path.stem] = _decode(Pause).decode(path.read_bytes())
        except FileNotFoundError:
            continue
        except (OSError, msgspec.MsgspecError):
            found[path.stem] = Unreadable(f"{FOLDER}/{path.name}")
    return found


class Pauses:
    """The pauses of an installation as they were at the last look; what cannot be looked at stays as it was."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._now: Mapping[str, Pause | Unreadable] = {}
        self.look()

    def of(self, processor: str) -> Pause | Unreadable | None:
        return self._now.get(processor)

    def look(self) -> None:
        try:
            # a pause that ends takes its file away, not the folder: without it the disk is away
            if self._now:
                os.stat(self._data / FOLDER)
            found = pauses(self._data)
        except OSError as error:
            log.warning("pauses.unseen", error=str(error))
            return
        for processor in found.keys() - self._now.keys():
            log.warning("worker.paused", processor=processor, pause=str(found[processor]))
        for processor in self._now.keys() - found.keys():
            log.info("worker.resumed", processor=processor)
        self._now = found

    async def watch(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await asyncio.to_thread(self.look)


def _path(data: Path, processor: str) -> Path:
    return data / FOLDER / f"{processor}.json"
