"""What of a record is about a person, and its mask. Knows the message standards; records and topics it does not know."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from adapters import bundle
from adapters.masking.fields import PERSON, STAYS, kind_of
from adapters.masking.jsontext import mask_json
from adapters.masking.words import Words
from adapters.masking.xmltext import mask_xml

_NUMBER: Final = re.compile(rb"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}|(?<![0-9])[0-9]{13}(?![0-9])")
_XML_16: Final = (b"\xff\xfe<", b"\xfe\xff\x00")
_PARAMETER: Final = re.compile(r"\s*(?:charset|boundary)\s*=\s*\"?[A-Za-z0-9._:-]+\"?\s*", re.IGNORECASE)
_POSITION: Final = re.compile(r"[0-9]+")


def open_masker(secret: bytes, profiles: Path) -> "Masker":
    """Masks under `secret`. Account numbers and GLNs in `profiles` are partners' and stay: else it would change which
    accounts a client knows. So do partners' own words for a status."""
    contents = [path.read_bytes() for path in sorted(profiles.glob("*/*.toml"))]
    return Masker(Words(secret, _known(contents), _own(contents)))


def _known(profiles: Iterable[bytes]) -> Iterator[str]:
    for content in profiles:
        for found in _NUMBER.findall(content):
            yield found.decode("ascii")


def _own(profiles: Iterable[bytes]) -> Iterator[str]:
    for content in profiles:
        try:
            statussen = tomllib.loads(content.decode()).get("statussen")
        except ValueError:
            continue
        if isinstance(statussen, dict):
            for word in statussen:
                yield from (word, *word.split("/", 1))


def _media(content_type: str) -> str:
    """Without the parameters that nobody here reads: some software gives the name of the file in one."""
    first, *parameters = content_type.split(";")
    return ";".join((first, *(one for one in parameters if _PARAMETER.fullmatch(one))))


class Masker:
    """The same value has the same mask, in whatever message or document it stands."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def raw(self, content: bytes, content_type: str) -> tuple[bytes, str]:
        """What a partner sent, masked, and its content type: it reads to the same event as before, personal data apart.

        Attachments become files of the same kind, names of files other names with the same extension. What is neither
        XML nor JSON keeps its first byte and nothing else.
        """
        if not content.startswith(bundle.MARK):
            return self._message(content), _media(content_type)
        try:
            together = bundle.unpack(content)
        except bundle.BadBundle:
            return bundle.MARK + self._opaque(content), _media(content_type)
        files = [(self._words.file(name), self._words.attachment(file)) for name, file in together.files]
        return bundle.pack(self._message(together.message), _media(together.media), files)

    def attachment(self, content: bytes) -> bytes:
        """A file of the same kind in its place."""
        return self._words.attachment(content)

    def person(self, path: str, value: str) -> str:
        """The mask of a value of `keten.persoon.v1`, by its path (`adapters.formats.personal`)."""
        names = [part for part in path.split(".") if not _POSITION.fullmatch(part)]
        kind = kind_of(PERSON, names[-2] if len(names) > 1 else "", names[-1])
        return value if kind == STAYS else self._words.masked(kind, value)

    def name(self, value: str) -> str:
        """The mask of a person's name."""
        return self._words.masked("naam", value)

    def text(self, value: str) -> str:
        """The mask of free text."""
        return self._words.masked("tekst", value)

    def _message(self, content: bytes) -> bytes:
        start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if start == b"<" or content.startswith(_XML_16):
            return mask_xml(content, self._words)
        if start in (b"{", b"[") and b"\0" not in content[:4]:
            return mask_json(content, self._words)
        return self._opaque(content) if start else content

    def _opaque(self, content: bytes) -> bytes:
        first = content.lstrip()[:1] if not content.startswith(bundle.MARK) else b""
        return first + b" " + self._words.text(content.decode("latin-1")).encode("ascii")
