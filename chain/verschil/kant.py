"""One side of a comparison: what a person asks for, and the process that plays it."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from chain.verschil.uitkomst import Uitkomst
from topics.errors import DocumentError, KetenbusError, Refused
from topics.play import wire
from topics.play.profiles import Chosen
from topics.play.sources import Survey
from topics.runtime.step import Record

_PIN: Final = re.compile(r"([a-z][a-z0-9-]{1,40})@([1-9][0-9]{0,8})")
_PATIENCE: Final = 5.0
"""Seconds that a process gets to end before it is killed."""
_LAST_WORDS: Final = 500
"""Characters that are told of what a process said last."""

Tell = Callable[[int], None]


class Wens(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for one side. `python`: the interpreter of the release that plays it."""

    naam: str
    python: str
    profielen: Chosen


class Mislukt(KetenbusError):
    """A side could not be played to its end."""

    code = "niet-gespeeld"


def wens(words: Sequence[str], folder: Path) -> Wens:
    """From what was given with --oud or --nieuw. `folder`: profiles where none are named.

    Raises Refused for a word that is none of the known, or one too many of its kind.
    """
    python = ""
    folders: list[Path] = []
    pins: dict[str, int] = {}
    days: list[date] = []
    for word in words:
        path = Path(word)
        if (pin := _PIN.fullmatch(word)) is not None:
            pins[pin[1]] = int(pin[2])
        elif (day := _day(word)) is not None:
            days.append(day)
        elif (found := _interpreter(path)) is not None:
            if python:
                raise Refused(f"{word}: found a second release, expected one per side")
            python = str(found)
        elif path.is_dir():
            folders.append(path)
        else:
            raise Refused(
                f"{word}: found none of them, expected a folder of profiles, PARTNER@VERSION, a day as 2026-03-02, or a "
                "virtual environment (or its python) with another release"
            )
    if len(folders) > 1 or len(days) > 1:
        raise Refused(f"{' '.join(words)}: expected at most one folder of profiles and one day per side")
    chosen = Chosen(
        folder=str((folders[0] if folders else folder).absolute()), vast=pins, dag=days[0] if days else None
    )
    return Wens(naam=" ".join(words) or "zoals het is", python=python or sys.executable, profielen=chosen)


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def _interpreter(path: Path) -> Path | None:
    """Not resolved: an interpreter knows its environment by the name that it is called by."""
    for one in (path, path / "bin" / "python"):
        if one.is_file() and os.access(one, os.X_OK):
            return one.absolute()
    return None


class Gespeeld(msgspec.Struct, kw_only=True):
    """What a side said of itself."""

    ready: wire.Ready
    done: wire.Done


class Kant:
    """A process that plays one side; `uitkomst` is folded while it plays. Ended however the block is left."""

    def __init__(
        self, wanted: Wens, survey: Survey, partitions: Mapping[str, int], bodies: Path, environment: Mapping[str, str]
    ) -> None:
        self.uitkomst: Final = Uitkomst()
        self._wanted = wanted
        self._ready: wire.Ready | None = None
        self._done: wire.Done | None = None
        self._failed: KetenbusError | None = None
        self._played = 0
        self._said: list[bytes] = []
        # past this checkout's own folder: another release must find itself
        given = {name: value for name, value in environment.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
        self._process = subprocess.Popen(
            [wanted.python, "-P", "-m", "topics.play"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=given,
        )
        self._threads = [threading.Thread(target=one, daemon=True) for one in (self._listen, self._overhear)]
        for thread in self._threads:
            thread.start()
        start = wire.Start(wire.PROTOCOL, wanted.profielen, survey, dict(partitions), str(bodies))
        self._say(start)

    @property
    def gespeeld(self) -> int:
        """How many records were played, roughly."""
        return self._played

    @property
    def lopend(self) -> bool:
        """Whether its process is there."""
        return self._process.poll() is None

    @property
    def failed(self) -> bool:
        return self._failed is not None or self._process.poll() not in (None, 0)

    def feed(self, record: Record) -> None:
        self._say(wire.Source(record))

    def end(self) -> Gespeeld:
        """Everything was fed: waits for the rest. Raises Mislukt, or what the side raised."""
        self._say(wire.End())
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.close()
        for thread in self._threads:
            thread.join()
        code = self._process.wait()
        if self._failed is not None:
            raise self._failed
        if self._done is None or self._ready is None:
            raise Mislukt(f"{self._wanted.naam}: {_why(b''.join(self._said), code)}")
        return Gespeeld(ready=self._ready, done=self._done)

    def stop(self) -> None:
        """Ends the process if it still runs."""
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _say(self, frame: wire.Frame) -> None:
        """A process that is gone says why itself."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError, ValueError):
                wire.write(self._process.stdin, frame)

    def _listen(self) -> None:
        if self._process.stdout is None:
            return
        try:
            for frame in wire.frames(self._process.stdout):
                self._hear(frame)
        except msgspec.MsgspecError as error:
            self._failed = Mislukt(f"{self._wanted.naam}: said what is no frame of protocol {wire.PROTOCOL}: {error}")
            self.stop()
        except KetenbusError as error:
            self._failed = error
            self.stop()

    def _hear(self, frame: wire.Frame) -> None:
        match frame:
            case wire.Made(record):
                self.uitkomst.add(record)
            case wire.Progress(played):
                self._played = played
            case wire.Ready(protocol):
                if protocol != wire.PROTOCOL:
                    raise Mislukt(f"{self._wanted.naam}: speaks protocol {protocol}, expected {wire.PROTOCOL}")
                self._ready = frame
            case wire.Done(played):
                self._played, self._done = played, frame
            case wire.Failed(code, text):
                raise Mislukt(f"{self._wanted.naam}: {code}: {text}")
            case _:
                raise DocumentError(f"{self._wanted.naam}: said {type(frame).__name__}")

    def _overhear(self) -> None:
        if self._process.stderr is not None:
            for line in self._process.stderr:
                self._said.append(line)
                del self._said[:-50]


def _why(said: bytes, code: int) -> str:
    if b"No module named topics.play" in said or b"No module named 'topics" in said:
        return "that release cannot be played: it has no topics.play; install a newer one there"
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return f"ended with exit status {code}: {lines[-1][:_LAST_WORDS] if lines else 'it said nothing'}"


def feed_all(kanten: Iterable[Kant], records: Iterable[Record], tell: Tell) -> None:
    """Every record to every side; stops when one is gone. `tell` gets how many were fed."""
    sides = tuple(kanten)
    for number, record in enumerate(records, 1):
        for side in sides:
            side.feed(record)
        tell(number)
        if any(side.failed for side in sides):
            return
