"""Masks: what stands in the place of a person's data. The same value gives the same mask under the same secret.

A mask keeps the form (a postcode's four digits, a telephone number's grouping, an IBAN that is valid or not) and nothing
of the content: without the secret nobody can tell which value it stands for, or try one out.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import count
from pathlib import PurePosixPath
from typing import Final
from unicodedata import category

from stdnum import ean, iban
from stdnum.nl import bsn

from adapters.formats.attachments import decoded, file_name
from adapters.formats.personal import is_noun
from adapters.formats.photos import IMAGES

_STARTS: Final = "BDFGHKLMNPRSTVWZ"
_SYLLABLES: Final = tuple(consonant + vowel for consonant in "bdfghklmnprstvwz" for vowel in "aeio")
_ENDS: Final = ("ma", "stra", "dijk", "veld", "mans", "hoek", "horst", "ker")
_POSTCODE: Final = re.compile(r"(\s*[0-9]{4}\s?)([A-Za-z]{2})(\s*)")
_PHONE: Final = re.compile(r"(?:tel|t|mob|m)?[:.]?[+0][0-9()./+-]{6,}", re.IGNORECASE)
_IBAN: Final = re.compile(r"[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]){11,30}")
_EMAIL: Final = re.compile(r"\S+@\S+")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_EXTENSIONS: Final = IMAGES | {
    *(
        "pdf",
        "doc",
        "docx",
        "odt",
        "rtf",
        "txt",
        "csv",
        "xls",
        "xlsx",
        "ods",
        "ppt",
        "pptx",
        "xml",
        "json",
        "html",
        "htm",
    ),
    *("eml", "msg", "zip", "dwg", "dxf", "svg", "mp3", "mp4", "mov", "avi"),
}
"""Of any other file the end of its name may be a person's."""
_SAID: Final = frozenset({"ja", "nee", "true", "false", "j", "n", "spoed", "urgent", "regulier"})
_LONGEST_CODE: Final = 64
_SMALLEST_PHONE: Final = 9
_LARGEST_PHONE: Final = 13
_BSN: Final = 9
_GLN: Final = 13


class Words:
    """Masks under one secret. `known`: account numbers and GLNs of partners, which are no persons and stay; `own`: words
    that partners have for a status."""

    def __init__(self, secret: bytes, known: Iterable[str] = (), own: Iterable[str] = ()) -> None:
        self._secret, self._known, self._own = secret, frozenset(known), frozenset(map(_plain, own))
        self._masks: dict[str, Callable[[str], str]] = {
            "naam": self.name,
            "straat": self.street,
            "plaats": self.place,
            "nummer": self.scrambled,
            "postcode": self.postcode,
            "telefoon": self.phone,
            "email": self.email,
            "iban": self.iban,
            "tekst": self.text,
            "woord": self.noun,
            "eigen": self.own,
            "code": self.code,
            "bestand": self.file,
            "bijlage": self.base64,
            "overig": self.anything,
        }

    def masked(self, kind: str, value: str) -> str:
        """The mask of `value`, which is of a kind of `fields`; blanks around it stay.

        So does what may have refused a message: a length of more than LONG, and a character that has no place in a text.
        """
        inner = value.strip()
        if not inner:
            return value
        start = value.index(inner)
        made = self._masks[kind](inner)
        if made != inner and kind != "bijlage":
            if len(inner) > LONG and len(made) < len(inner):
                made += (" xxxx" * (len(inner) // 5 + 1))[: len(inner) - len(made) - 1] + "x"
            made += next((one for one in inner if _unreadable(one)), "")
        return value[:start] + made + value[start + len(inner) :]

    def digest(self, kind: str, value: str) -> bytes:
        return hmac.digest(self._secret, f"{kind}\x1f{value}".encode("utf-8", "surrogatepass"), sha256)

    def mark(self, kind: str, value: str) -> str:
        """Eight hex digits that stand for a value."""
        return self.digest(kind, value).hex()[:8]

    def name(self, value: str) -> str:
        """A made-up name: of one word for one word, else with an initial."""
        found = self.digest("naam", _plain(value))
        made = _surname(found)
        return made if len(value.split()) == 1 else f"{_STARTS[found[8] % len(_STARTS)]}. {made}"

    def street(self, value: str) -> str:
        """A made-up street; of street and number in one, both."""
        name = re.split(r"\s+(?=[0-9])", value, maxsplit=1)
        made = _surname(self.digest("straat", _plain(name[0]))) + "straat"
        return made if len(name) == 1 else f"{made} {self.scrambled(name[1])}"

    def place(self, value: str) -> str:
        return _surname(self.digest("plaats", _plain(value))) + "dam"

    def postcode(self, value: str) -> str:
        """The four digits stay, as they do on the log."""
        match = _POSTCODE.fullmatch(value)
        return self.scrambled(value) if match is None else match[1] + self.scrambled(match[2]) + match[3]

    def phone(self, value: str) -> str:
        """As many digits, the first two of them as they were."""
        digits = "".join(character for character in value if character.isdigit())
        made = iter(digits[:2] + self._scrambled("telefoon", digits)[2:])
        return "".join(next(made) if one.isdigit() else one if not one.isalpha() else "x" for one in value)

    def email(self, value: str) -> str:
        found = self.digest("email", _plain(value))
        return f"{_surname(found).lower()}@voorbeeld.example" if "@" in value else self.scrambled(value)

    def iban(self, value: str) -> str:
        """Valid where it was and invalid where it was not, in the same groups; an account of a partner stays."""
        compact = "".join(value.split()).upper()
        if compact in self._known:
            return value
        if _IBAN.fullmatch(value) is None:
            return self.scrambled(value)
        valid = iban.is_valid(compact)
        for attempt in count():
            head, tail = compact[:8], self._scrambled(f"iban{attempt}", compact[8:])
            made = head[:2] + _iban_check(head[:2], head[4:] + tail) + head[4:] + tail if valid else head + tail
            if iban.is_valid(made) is valid or not compact[8:]:
                break
        given = iter(made)
        return "".join(one if one.isspace() else next(given) for one in value)

    def text(self, value: str) -> str:
        """Two words, so that nothing takes it for a code."""
        return f"Gemaskeerd {self.mark('tekst', _plain(value))}"

    def noun(self, value: str) -> str:
        """A code or one short noun stays, as it does on the log."""
        return value if is_noun(value) else self.text(value)

    def own(self, value: str) -> str:
        """A word that a partner has for a status stays, and what is a code or one short noun."""
        return value if _plain(value) in self._own else self.noun(value)

    def code(self, value: str) -> str:
        """What has the form of a reference stays: one word with a digit in it, that is no telephone number, account or
        address."""
        one_word = len(value) <= _LONGEST_CODE and not any(character.isspace() for character in value)
        digits = sum(character.isdigit() for character in value)
        phone = _PHONE.fullmatch(value) and _SMALLEST_PHONE <= digits <= _LARGEST_PHONE
        reference = digits > 0 and "@" not in value and not phone and not iban.is_valid(value)
        return value if value.casefold() in _SAID or (one_word and reference) else self.anything(value)

    def file(self, value: str) -> str:
        """A name or address of a file, of the same kind. A path and its last part name the same file."""
        if _URL.fullmatch(value):
            return f"https://gemaskeerd.example/{self.mark('adres', value)}{_extension(value)}"
        return f"bijlage-{self.mark('bestand', file_name(value))}{_extension(value)}"

    def base64(self, value: str) -> str:
        """Another file of the same kind; what is no base64 stays none."""
        try:
            content = decoded(value.replace("\\/", "/").encode("ascii"))
        except UnicodeEncodeError:
            content = None
        return self.scrambled(value) if content is None else b64encode(self.attachment(content)).decode("ascii")

    def attachment(self, content: bytes) -> bytes:
        """A file of the kind of `content`, as small as it can be, another for every content; nothing for nothing."""
        from adapters.masking.placeholder import placeholder

        return placeholder(content, hmac.digest(self._secret, content, sha256).hex()[:32])

    def anything(self, value: str) -> str:
        """By its form: of what no table names."""
        compact = "".join(value.split())
        if value in self._known or compact.upper() in self._known:
            return value
        if _URL.fullmatch(value):
            return self.file(value)
        if _EMAIL.fullmatch(value):
            return self.email(value)
        if _IBAN.fullmatch(value) and iban.is_valid(compact):
            return self.iban(value)
        if not any(character.isalpha() for character in value):
            return self.numbers(value)
        return self.text(value)

    def numbers(self, value: str) -> str:
        """Digits for digits; with a valid check digit where there was one."""
        compact = "".join(character for character in value if character.isdigit())
        kinds = [
            kind.is_valid for kind, length in ((bsn, _BSN), (ean, _GLN)) if compact == value and len(value) == length
        ]
        valid = [is_valid for is_valid in kinds if is_valid(value)]
        for attempt in count():
            made = self._scrambled(f"nummer{attempt}", value)
            if all(is_valid(made) for is_valid in valid) and made != value:
                return made
            if not compact.strip("0") or attempt > _TRIES:
                return made
        return value

    def scrambled(self, value: str) -> str:
        """Character for character of the same class: digit, letter, small or capital, ASCII or not."""
        return self._scrambled("teken", value)

    def _scrambled(self, kind: str, value: str) -> str:
        stream = b"".join(self.digest(f"{kind}{part}", value) for part in range(len(value) // 32 + 1))
        made = []
        inside = False
        for one, byte in zip(value, stream, strict=False):
            made.append(_other(one, byte, inside=inside))
            inside = one.isdecimal()
        return "".join(made)


_TRIES: Final = 2_000
LONG: Final = 30
"""Characters that any field of any standard may have."""


def _unreadable(character: str) -> bool:
    """Whether it is a byte in no encoding, or a control character."""
    return category(character) in ("Cc", "Cs") and character not in "\t\n\r"


def _other(character: str, byte: int, *, inside: bool) -> str:
    """`inside`: behind another digit; the first of a number is a zero when it was one, so that numbers keep their length."""
    if character.isnumeric():
        return str(byte % 10) if inside else "0" if character == "0" else "123456789"[byte % 9]
    if not character.isalpha():
        return character
    if not character.isascii():
        return "É" if character.isupper() else "é"
    made = "bcdfghjklmnpqrstvwxz"[byte % 20]
    return made.upper() if character.isupper() else made


def _surname(found: bytes) -> str:
    made = "".join(_SYLLABLES[byte % len(_SYLLABLES)] for byte in found[:3]) + _ENDS[found[3] % len(_ENDS)]
    return made[0].upper() + made[1:]


def _plain(value: str) -> str:
    return " ".join(value.casefold().split())


def _extension(value: str) -> str:
    found = PurePosixPath(file_name(value)).suffix
    return found.lower() if found[1:].lower() in _EXTENSIONS else ""


def _iban_check(country: str, rest: str) -> str:
    """The two check digits (ISO 13616)."""
    number = int("".join(str(int(one, 36)) for one in rest + country + "00"))
    return f"{98 - number % 97:02d}"
