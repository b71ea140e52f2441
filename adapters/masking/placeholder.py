"""The smallest file of a kind, with a mark in it that tells one from another."""

import struct
import zlib
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PIXEL: Final = b"\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"
_JPEG: Final = b"\xff\xd8\xff"
_PDF: Final = b"%PDF"
_GIF: Final = b"GIF8"
_ZIP: Final = b"PK"
_NO_FILES: Final = b"PK\x05\x06" + bytes(16)


def placeholder(content: bytes, mark: str) -> bytes:
    """A file that is of the kind of `content` by its first bytes (PNG, JPEG, PDF, GIF, ZIP, else text), with `mark` (hex).

    Nothing for nothing. It says what it is in place of and holds nothing of it, not even its size.
    """
    if not content:
        return b""
    said = b"Ketenbus, gemaskeerd " + mark.encode("ascii")
    if content.startswith(_PNG):
        pixel = zlib.compress(b"\x00\xff")
        parts = ((b"IHDR", _PIXEL), (b"tEXt", b"Comment\x00" + said), (b"IDAT", pixel), (b"IEND", b""))
        return _PNG + b"".join(_chunk(name, data) for name, data in parts)
    if content.startswith(_JPEG):
        return b"\xff\xd8\xff\xfe" + struct.pack(">H", len(said) + 2) + said + b"\xff\xd9"
    if content.startswith(_PDF):
        return b"%PDF-1.4\n% " + said + b"\ntrailer\n<</Root 1 0 R>>\n%%EOF\n"
    if content.startswith(_GIF):
        return b"GIF89a\x01\x00\x01\x00\x00\x00\x00!\xfe" + bytes([len(said)]) + said + b"\x00;"
    if content.startswith(_ZIP):
        return _NO_FILES + struct.pack("<H", len(said)) + said
    return said


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
