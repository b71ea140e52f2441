"""Attachments of a message: their content inside it (base64), or beside it in a bundle.

Large content is lifted out of the bytes before they are parsed, and a short mark is left in its place: so a photo of
50 MB costs its own size once more, and the limits of the parsers hold for the message itself.
"""

import binascii
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Final
from unicodedata import normalize

from adapters.bundle import LARGEST_FILE
from adapters.formats.findings import fout
from adapters.formats.unreadable import LIMITS, SMALL, Unreadable
from topics.blobs import blob_ref
from topics.documents import Reden

LARGEST: Final = LARGEST_FILE

LIFT_FROM: Final = 16_384
"""Characters of base64 from which on content is lifted out of a message of more than SMALL bytes."""

XML_NAMES: Final = ("AttachedData", "EmbeddedDocumentBinaryObject")
JSON_NAMES: Final = ("data", "bestand")
"""Elements and fields that hold nothing but an attachment's content, over all formats."""

_PIECE: Final = 1 << 20
_BLANK: Final = b" \t\r\n"
_XML: Final = re.compile(
    rb"<!--|<!\[CDATA\[|<\?|<(?:[\w.-]+:)?(?:" + "|".join(XML_NAMES).encode() + rb")(?:\s[^<>]*)?>"
)
_ENDS: Final = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_JSON: Final = re.compile(rb'(?<!\\)"(?:' + "|".join(JSON_NAMES).encode() + rb')"\s*:\s*"')


class Attachments:
    """What of one payload is content of attachments. `beside`: by file name, of a bundle."""

    def __init__(self, beside: Mapping[str, bytes] | None = None) -> None:
        self._lifted: dict[str, bytes] = {}
        self._beside = {file_name(name): content for name, content in beside.items()} if beside else {}
        self._unused = set(self._beside)

    def inside(self, text: str) -> bytes | None:
        """The content that stands in a message as `text`; None when that is no base64. Blanks between are allowed."""
        if self._lifted and (lifted := self._lifted.get(text.strip())) is not None:
            return lifted
        try:
            return decoded(text.encode("ascii"))
        except UnicodeEncodeError:
            return None

    def beside(self, name: str) -> bytes | None:
        """The content of the file that lies beside the message under this name; None when there is none."""
        if not self._beside:
            return None
        name = file_name(name)
        self._unused.discard(name)
        return self._beside.get(name)

    @property
    def unused(self) -> tuple[str, ...]:
        """Names of files beside the message that no attachment asked for, sorted."""
        return tuple(sorted(self._unused)) if self._unused else ()

    def lift(self, raw: bytes) -> bytes:
        """`raw` with a mark in place of each large content. Raises Unreadable for one over LARGEST bytes.

        In time linear in the bytes; what is no base64, or stands in a comment or CDATA section, stays where it is.
        """
        if len(raw) <= SMALL:
            return raw
        return self._lift_xml(raw) if raw.lstrip(b"\xef\xbb\xbf" + _BLANK)[:1] == b"<" else self._lift_json(raw)

    def check(self) -> None:
        """Raises Unreadable when a file beside the message is over LARGEST bytes."""
        for content in self._beside.values():
            _check(len(content))

    def _lift_xml(self, raw: bytes) -> bytes:
        kept: list[bytes] = []
        done = at = 0
        while (found := _XML.search(raw, at)) is not None:
            at = found.end()
            if (until := _ENDS.get(found[0])) is not None:
                end = raw.find(until, at)
                if end < 0:
                    break
                at = end + len(until)
                continue
            end = raw.find(b"<", at)
            if end - at < LIFT_FROM or not raw.startswith(b"</", end):
                continue
            mark = self._lifted_mark(memoryview(raw)[at:end])
            if mark is not None:
                # lines stay where they are, so that a finding names the right one
                kept += [raw[done:at], mark, b"\n" * raw.count(b"\n", at, end)]
                done = at = end
        return raw if not kept else b"".join((*kept, raw[done:]))

    def _lift_json(self, raw: bytes) -> bytes:
        kept: list[bytes] = []
        done = at = 0
        while (found := _JSON.search(raw, at)) is not None:
            at = found.end()
            end = raw.find(b'"', at)
            if end - at < LIFT_FROM:
                continue
            mark = self._lifted_mark(memoryview(raw)[at:end], escaped=True)
            if mark is not None:
                kept += [raw[done:at], mark]
                done = at = end
        return raw if not kept else b"".join((*kept, raw[done:]))

    def _lifted_mark(self, text: memoryview, *, escaped: bool = False) -> bytes | None:
        content = decoded(text, escaped=escaped)
        if content is None:
            return None
        _check(len(content))
        mark = b64encode(b"Ketenbus, lifted " + blob_ref(content).encode()[-64:])
        self._lifted[mark.decode()] = content
        return mark


def decoded(text: bytes | memoryview, *, escaped: bool = False) -> bytes | None:
    """The bytes that `text` stands for in base64, or None. escaped: in JSON a slash may be written as '\\/'.

    Works piece by piece: beside `text` and the result no other copy is made of more than 1 MiB.
    """
    if len(text) <= _PIECE and not escaped:
        try:
            return binascii.a2b_base64(bytes(text).translate(None, _BLANK), strict_mode=True)
        except binascii.Error:
            return None
    pieces: list[bytes] = []
    rest, ended = b"", False
    for start in range(0, len(text), _PIECE):
        last = start + _PIECE >= len(text)
        piece = rest + bytes(text[start : start + _PIECE])
        piece = piece.replace(b"\\/", b"/") if escaped else piece.translate(None, _BLANK)
        cut = len(piece) if last else max(0, len(piece) - len(piece) % 4 - 4)
        piece, rest = piece[:cut], piece[cut:]
        if piece and ended:
            return None
        try:
            pieces.append(binascii.a2b_base64(piece, strict_mode=True))
        except binascii.Error:
            return None
        ended = ended or piece.endswith(b"=")
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def file_name(name: str) -> str:
    """The name as files and references are compared by: the last part of a path, in one form of Unicode."""
    return normalize("NFC", name.replace("\\", "/").rpartition("/")[2]).strip()


def _check(size: int) -> None:
    if size > LARGEST:
        tekst = f"Een bijlage telt {size} bytes; verwacht ten hoogste {LARGEST} bytes."
        raise Unreadable(fout("bijlage-te-groot", "/", tekst, LIMITS), Reden.TE_GROOT)
