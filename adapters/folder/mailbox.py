"""One partner's folder on disk: what a message there holds, and where it goes when it is accepted or never can be.

`verwerkt/<date>/<receipt>-<name>` with `.ontvangst.json` behind that name, or `mislukt/<date>/<name>` with `.fout.json`.
Attachments move along. A note (`.onderhanden.json`) says what was under way if the process ends in between.
"""

import errno
import fcntl
import os
import shutil
import stat
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec

from adapters import bundle
from adapters.folder.look import FAILED, HANDLED, Signature, attached, signature
from topics.errors import KetenbusError, Unavailable

_NOTE: Final = ".onderhanden.json"
_LOCK: Final = ".slot"
_LONGEST_NAME: Final = 120


class NeverAccepted(KetenbusError):
    """A file that no retry helps. `code` as of the HTTP intake's refusals; the message is for the partner."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Changing(KetenbusError):
    """The file changed while it was read: it is looked at again later."""

    code = "wordt-nog-geschreven"


class Letter(msgspec.Struct, frozen=True):
    """A message as it lies there, with its attachments: the bytes for the bus. `size`: of all of them."""

    name: str
    body: bytes
    media: str
    signature: Signature


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is under way: a message of this hash, sent after `vanaf` (next offsets per partition of `topic`); once it is
    accepted also where it goes, under which name. A name of a file is bytes."""

    bestand: bytes
    sha256: str
    sinds: datetime
    topic: str
    vanaf: tuple[tuple[int, int], ...]
    naar: str | None = None

    @property
    def name(self) -> str:
        return os.fsdecode(self.bestand)


class Mailbox:
    """The folder of one partner, owned by whoever has its lock. Every method but `lock` may block on the disk; all raise
    Unavailable when the disk does not do what is asked."""

    def __init__(self, folder: Path, limit: int) -> None:
        """`limit`: bytes of a message with its attachments."""
        self.folder, self._limit = folder, limit
        self._lock: int | None = None

    def lock(self) -> bool:
        """Whether this process owns the folder; it is given up with the process, however that ends. Of one partner one
        process: claims per file would let two of them turn the order."""
        if self._lock is not None:
            return True
        try:
            handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._away("be locked", error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise self._away("be locked", error) from error
        self._lock = handle
        return True

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def read(self, name: str) -> Letter:
        """Raises NeverAccepted, Changing or Unavailable."""
        before = signature(self.folder, name)
        if before is None:
            raise Changing(name)
        size = sum(one[2] for one in before)
        if size > self._limit:
            raise NeverAccepted(
                "te-groot", f"Het bericht telt met bijlagen {size} bytes; verwacht ten hoogste {self._limit}."
            )
        if len(before) > bundle.MOST_FILES + 1:
            raise NeverAccepted(
                "te-groot", f"Er zijn {len(before) - 1} bijlagen; verwacht ten hoogste {bundle.MOST_FILES}."
            )
        large = next((one for one in before[1:] if one[2] > bundle.LARGEST_FILE), None)
        if large is not None:
            raise NeverAccepted(
                "bijlage-te-groot",
                f"Bijlage {shown(large[0])} telt {large[2]} bytes; verwacht ten hoogste {bundle.LARGEST_FILE}.",
            )
        message = self._content(self.folder / name)
        beside = self.folder / f"{name}{bundle.FOLDER}"
        files = [(os.fsencode(one[0]).decode("utf-8", "replace"), self._content(beside / one[0])) for one in before[1:]]
        if signature(self.folder, name) != before:
            raise Changing(name)
        if not message:
            raise NeverAccepted("leeg-bericht", "Het bestand heeft 0 bytes; verwacht de bytes van een bericht.")
        body, media = bundle.pack(message, bundle.media_of(name), files)
        return Letter(name, body, media, before)

    def note(self) -> Note | None:
        """What was under way when the last owner of this folder ended."""
        try:
            return msgspec.json.decode((self.folder / _NOTE).read_bytes(), type=Note)
        except FileNotFoundError:
            return None
        except msgspec.MsgspecError as error:
            raise Unavailable(
                f"{self.folder / _NOTE}: {error}; look what became of that file, then remove it"
            ) from error
        except OSError as error:
            raise self._away("be read", error) from error

    def begin(self, note: Note) -> None:
        self._write(self.folder / _NOTE, msgspec.json.encode(note))

    def end(self) -> None:
        """Nothing is under way any more."""
        try:
            (self.folder / _NOTE).unlink(missing_ok=True)
        except OSError as error:
            raise self._away("be written", error) from error

    def accepted(self, letter: Letter, note: Note, receipt: str, told: bytes, day: date) -> None:
        """Moves the message with what is beside it and writes `told` behind its name; the note ends with it."""
        target = self._free(self.folder / HANDLED / day.isoformat(), f"{receipt}-{_short(letter.name)}")
        # before the note says where it goes: who ends a move that was begun does not know the receipt
        self._write(target.with_name(f"{target.name}.ontvangst.json"), told)
        self.begin(msgspec.structs.replace(note, naar=str(target.relative_to(self.folder))))
        if signature(self.folder, letter.name) == letter.signature:
            self._move(letter.name, target)
        else:
            # another file took its name meanwhile: that one stays, and what was accepted is kept as it was
            self._write(target, letter.body)
        self.end()

    def resume(self, note: Note, *, same: bool) -> None:
        """Ends a move that was begun. `same`: what the note is about still lies there; another file of its name stays."""
        if note.naar is not None:
            target = self.folder / note.naar
            if same or (target.exists() and not (self.folder / note.name).exists()):
                self._move(note.name, target)
        self.end()

    def failed(self, name: str, told: bytes, day: date) -> None:
        target = self._free(self.folder / FAILED / day.isoformat(), _short(name))
        self._write(target.with_name(f"{target.name}.fout.json"), told)
        self._move(name, target)

    def _move(self, name: str, target: Path) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                _moved(self.folder / name, target)
            beside = self.folder / f"{name}{bundle.FOLDER}"
            if attached(beside):
                _moved(beside, target.with_name(f"{target.name}{bundle.FOLDER}"))
        except OSError as error:
            raise self._away(f"give up {name!r} to {target.parent}", error) from error

    def _content(self, path: Path) -> bytes:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise Changing(path.name) from error
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                raise NeverAccepted(
                    "onleesbaar-bestand", f"{shown(path.name)} mag niet worden gelezen; geef leesrecht."
                ) from error
            if error.errno in (errno.ELOOP, errno.ENXIO, errno.ENAMETOOLONG):
                raise NeverAccepted("onleesbaar-bestand", _no_file(path)) from error
            raise self._away("be read", error) from error
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise NeverAccepted("onleesbaar-bestand", _no_file(path))
        try:
            with os.fdopen(handle, "rb") as file:
                return file.read(self._limit + 1)
        except OSError as error:
            raise self._away("be read", error) from error

    def _free(self, folder: Path, name: str) -> Path:
        """A path that nothing has: the same message may have been put here twice."""
        number, target = 1, folder / name
        while target.exists():
            number += 1
            target = folder / f"{number}-{name}"
        return target

    def _write(self, path: Path, content: bytes) -> None:
        """In one move, so that nobody sees half of it."""
        draft = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            os.replace(draft, path)
        except OSError as error:
            raise self._away("be written", error) from error

    def _away(self, what: str, error: OSError) -> Unavailable:
        return Unavailable(f"folder {self.folder} cannot {what}: {error.strerror or error}")


def shown(name: str) -> str:
    """A name of a file as text, whatever its bytes are."""
    return name.encode("utf-8", "replace").decode()


def _no_file(path: Path) -> str:
    return f"{shown(path.name)} is geen gewoon bestand; verwacht een bestand, geen map, verwijzing of apparaat."


def _short(name: str) -> str:
    """The name in what every file system takes behind a receipt id: its end, where the extension is."""
    plain = "".join(
        one if one.isprintable() and one != "\ufffd" else "_" for one in os.fsencode(name).decode("utf-8", "replace")
    )
    while len(plain.encode()) > _LONGEST_NAME:
        plain = plain[1:]
    return plain


def _moved(source: Path, target: Path) -> None:
    """A rename; to another file system a copy that gets its name when it is whole, and only then ends the source."""
    try:
        os.rename(source, target)
        return
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    draft = target.with_name(f".{target.name}.part")
    if source.is_dir():
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(source, draft, symlinks=True)
        os.rename(draft, target)
        shutil.rmtree(source)
    else:
        shutil.copy2(source, draft, follow_symlinks=False)
        os.replace(draft, target)
        source.unlink()
