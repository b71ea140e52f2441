"""A message with the files that came beside it, as one body: what travels on `ruw.*`, however they arrived.

The form is multipart/form-data (RFC 7578) with one message part `bericht` and a part `bijlage` per file, sorted by
name. The boundary is a hash of all that is in it, so that the same message and files are always the same bytes, whatever
boundary their sender made up: repeats are recognised, and no content can hold the boundary.
"""

import errno
import hashlib
import os
import re
from collections.abc import Sequence
from email.message import Message
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, encode_rfc2231
from pathlib import Path
from typing import Final

import msgspec

from topics.errors import KetenbusError

MARK: Final = b"--ketenbus-"
"""How a bundle begins."""

LARGEST_FILE: Final = 50_000_000
"""Bytes of one attachment, inside or beside a message."""

LARGEST: Final = 100_000_000
"""Bytes of a message with all that comes beside it."""

MOST_FILES: Final = 100

FOLDER: Final = ".bijlagen"
"""What the name of the folder with a message's attachments ends in, behind the whole name of the message."""

MESSAGE: Final = "bericht"
ATTACHMENT: Final = "bijlage"

_HEADER: Final = re.compile(rb"--ketenbus-[0-9a-f]{64}\r\n")
_HEAD: Final = 8192
_LONGEST_BOUNDARY: Final = 100
_LONGEST_NAME: Final = 255
_MEDIA: Final = {".json": "application/json", ".xml": "application/xml"}
_headers = HeaderParser(policy=compat32)


class BadBundle(KetenbusError):
    """Bytes that begin as a bundle and are none. The message says what is wrong, in Dutch."""

    code = "bundel-ongeldig"


class Bundle(msgspec.Struct, frozen=True):
    """`files`: (name, content), in order."""

    message: bytes
    media: str
    files: tuple[tuple[str, bytes], ...]


class Part(msgspec.Struct, frozen=True):
    """A part of a multipart body. `name` empty: it has none; `filename` None: it is no file."""

    name: str
    filename: str | None
    media: str
    content: bytes


def on_disk(path: Path) -> bytes:
    """The message in `path`, with what lies in the folder beside it.

    Raises OSError, one that says "File too large" for what no intake would take: nothing of it is read on.
    """
    beside = path.with_name(path.name + FOLDER)
    room = LARGEST
    contents: list[tuple[str, bytes]] = []
    for file in (path, *(sorted(beside.iterdir()) if beside.is_dir() else ())):
        with file.open("rb") as opened:
            content = opened.read(room + 1)
        room -= len(content)
        if room < 0:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        contents.append((file.name, content))
    return pack(contents[0][1], media_of(path.name), contents[1:])[0]


def media_of(name: str) -> str:
    """What a file is by its name."""
    return _MEDIA.get(Path(name).suffix.lower(), "application/octet-stream")


def content_type(raw: bytes) -> str:
    """Of a bundle's bytes."""
    boundary, _, _ = raw[2 : 2 + _LONGEST_BOUNDARY].partition(b"\r")
    return f"multipart/form-data; boundary={boundary.decode('ascii', 'replace')}"


def pack(message: bytes, media: str, files: Sequence[tuple[str, bytes]]) -> tuple[bytes, str]:
    """(body, its content type). Names are unique; without files it is the message itself."""
    if not files:
        return message, media
    ordered = sorted(files)
    whole = hashlib.sha256()
    for name, content in ((media, message), *ordered):
        whole.update(b"%d %d " % (len(name.encode()), len(content)) + name.encode())
        whole.update(content)
    boundary = b"ketenbus-" + whole.hexdigest().encode()
    pieces: list[bytes] = []
    for name, content in ordered:
        pieces += _written(ATTACHMENT, name, "application/octet-stream", content, boundary)
    pieces[:0] = _written(MESSAGE, "", media, message, boundary)
    pieces += [b"--", boundary, b"--\r\n"]
    whole_body = b"".join(pieces)
    return whole_body, content_type(whole_body)


def _written(kind: str, name: str, media: str, content: bytes, boundary: bytes) -> list[bytes]:
    filename = f"; filename*={encode_rfc2231(name, 'utf-8')}" if name else ""
    head = (
        f'Content-Disposition: form-data; name="{kind}"{filename}\r\n'
        f"Content-Type: {media}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return [b"--", boundary, b"\r\n", head.encode("ascii"), content, b"\r\n"]


def unpack(raw: bytes) -> Bundle:
    """What `pack` packed. Raises BadBundle."""
    found = _HEADER.match(raw)
    if found is None:
        raise BadBundle("de eerste regel noemt geen geldige scheiding")
    parts = split(raw, raw[2 : found.end() - 2])
    return gathered(parts)


def gathered(parts: Sequence[Part]) -> Bundle:
    """The one message part and the files of a form. Raises BadBundle."""
    messages = [part for part in parts if part.name == MESSAGE]
    if len(messages) != 1:
        raise BadBundle(f"gevonden {len(messages)} delen met de naam '{MESSAGE}', verwacht precies een")
    files: list[tuple[str, bytes]] = []
    for part in parts:
        if part is messages[0]:
            continue
        if not part.filename:
            raise BadBundle(f"deel '{part.name[:40]}' heeft geen bestandsnaam; verwacht er een bij elke bijlage")
        if len(part.filename.encode()) > _LONGEST_NAME:
            raise BadBundle(f"een bestandsnaam is langer dan {_LONGEST_NAME} bytes")
        files.append((part.filename, part.content))
    names = [name for name, _ in files]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadBundle("twee bijlagen hebben dezelfde bestandsnaam; verwacht een eigen naam voor elke bijlage")
    return Bundle(messages[0].content, messages[0].media, tuple(files))


def split(body: bytes, boundary: bytes, most: int = MOST_FILES + 1) -> list[Part]:
    """The parts of a multipart body (RFC 2046), at most `most`. Raises BadBundle."""
    delimiter = b"--" + boundary
    start = 0 if body.startswith(delimiter) else body.find(b"\r\n" + delimiter) + 2
    if start < 2 and not body.startswith(delimiter):
        raise BadBundle("de scheiding uit Content-Type komt in de inhoud niet voor")
    at = start + len(delimiter)
    parts: list[Part] = []
    while not body.startswith(b"--", at):
        line = body.find(b"\r\n", at, at + 100)
        if line < 0 or body[at:line].strip(b" \t"):
            raise BadBundle("na een scheiding staat iets anders dan een regeleinde")
        end = body.find(b"\r\n" + delimiter, line)
        if end < 0:
            raise BadBundle("de laatste scheiding ontbreekt; de inhoud is afgekapt")
        if len(parts) == most:
            raise BadBundle(f"er zijn meer dan {most} delen")
        parts.append(_part(body, line + 2, end))
        at = end + 2 + len(delimiter)
    return parts


def _part(body: bytes, start: int, end: int) -> Part:
    blank = start - 2 if body.startswith(b"\r\n", start) else body.find(b"\r\n\r\n", start, start + _HEAD)
    if blank < 0 or blank > end:
        raise BadBundle("een deel heeft geen witregel na zijn kopregels")
    # browsers send names of files in raw UTF-8
    head = _headers.parsestr(body[start : max(start, blank + 2)].decode("utf-8", "replace"))
    encoding = str(head.get("Content-Transfer-Encoding", "binary")).strip().lower()
    if encoding not in ("binary", "8bit", "7bit"):
        raise BadBundle(f"een deel heeft Content-Transfer-Encoding '{encoding[:40]}'; verwacht geen")
    media = str(head.get("Content-Type", "application/octet-stream")).strip()
    return Part(
        name=_parameter(head, "name") or "",
        filename=_parameter(head, "filename"),
        media=media if media.isascii() and media.isprintable() and len(media) <= 200 else "application/octet-stream",
        content=body[blank + 4 : end],
    )


def _parameter(head: Message, name: str) -> str | None:
    """Of Content-Disposition."""
    value = head.get_param(name, header="content-disposition")
    return None if value is None else collapse_rfc2231_value(value)
