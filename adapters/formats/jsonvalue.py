"""JSON as a value, safely: UTF-8 only, numbers exact and bounded, nothing lost that the sender wrote twice."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from adapters.formats.findings import fout, printable, waarschuwing
from adapters.formats.unreadable import LIMITS, MAX_MARKS, SMALL, Unreadable
from topics.documents import Bevinding, Reden

SOURCE: Final = "RFC 8259"

_BOM: Final = b"\xef\xbb\xbf"
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")
_MAX_DIGITS: Final = 20


@dataclass(frozen=True)
class BadNumber:
    """A number that is none (NaN) or is beyond all bounds (1e999999); stands in its place in the value."""

    text: str


class DoubledKeys(dict[str, object]):
    """An object in which keys occurred more than once; `doubled` names them, the last value stands."""

    doubled: tuple[str, ...] = ()


def loaded(raw: bytes, warnings: list[Bevinding]) -> tuple[object, bool]:
    """(value, whether it may hold a BadNumber, DoubledKeys or a lone surrogate). Raises Unreadable."""
    if len(raw) > SMALL:
        marks = raw.count(b"{") + raw.count(b"[") + raw.count(b",")
        if marks > MAX_MARKS:
            tekst = f"Het bericht telt {marks} objecten, lijsten en komma's; verwacht ten hoogste {MAX_MARKS}."
            raise Unreadable(fout("te-groot", "/", tekst, LIMITS), Reden.TE_GROOT)
    if raw.startswith(_BOM):
        tekst = "Het JSON-bericht begint met een byte-order mark; verwacht UTF-8 zonder."
        warnings.append(waarschuwing("bom", "/", tekst, bron=SOURCE))
        raw = raw[3:]
    loader = _Loader()
    try:
        value: object = json.loads(
            raw.decode("utf-8"),
            parse_float=loader.fraction,
            parse_int=loader.whole,
            parse_constant=loader.bad,
            object_pairs_hook=loader.object,
        )
    except UnicodeDecodeError as error:
        tekst = f"Op byte {error.start + 1} gevonden 0x{raw[error.start]:02X}, dat is geen UTF-8; verwacht UTF-8."
        raise Unreadable(fout("codering-ongeldig", "/", tekst, SOURCE)) from error
    except json.JSONDecodeError as error:
        where, expected = f"regel {error.lineno}, positie {error.colno}", _EXPECTED.get(error.msg, "geldige JSON")
        tekst = f"Het bericht is geen welgevormde JSON: fout op {where}; verwacht {expected}."
        raise Unreadable(fout("json-niet-welgevormd", "/", tekst, SOURCE)) from error
    except RecursionError as error:
        tekst = "Het JSON-bericht is te diep genest; verwacht enkele niveaus."
        raise Unreadable(fout("te-diep", "/", tekst, LIMITS), Reden.TE_GROOT) from error
    return value, loader.dirty or _SURROGATE.search(raw) is not None


class _Loader:
    """The hooks of the decoder. `dirty` once something was found that is no fit value."""

    def __init__(self) -> None:
        self.dirty = False

    def object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        fields = dict(pairs)
        if len(fields) == len(pairs):
            return fields
        self.dirty = True
        doubled = DoubledKeys(fields)
        doubled.doubled = tuple(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        return doubled

    def fraction(self, text: str) -> Decimal | BadNumber:
        try:
            number = Decimal(text) if len(text) <= 3 * _MAX_DIGITS else None
        except InvalidOperation:
            number = None
        if number is None or (number and not -_MAX_DIGITS <= number.adjusted() <= _MAX_DIGITS):
            return self.bad(text)
        return number

    def whole(self, text: str) -> int | BadNumber:
        return int(text) if len(text) <= _MAX_DIGITS else self.bad(text)

    def bad(self, text: str) -> BadNumber:
        self.dirty = True
        return BadNumber(printable(text, 40))


_EXPECTED: Final = {
    "Expecting value": "een waarde",
    "Expecting property name enclosed in double quotes": "een veldnaam tussen dubbele aanhalingstekens",
    "Expecting ':' delimiter": "een dubbele punt",
    "Expecting ',' delimiter": "een komma of het einde van het object of de lijst",
    "Extra data": "het einde van het bericht",
    "Unterminated string starting at": "een afsluitend aanhalingsteken",
    "Invalid control character at": "geen stuurtekens in een tekst",
}


def unfit(value: object, at: str, bron: str) -> Iterator[Bevinding]:
    """What `loaded` let through and is no fit value: doubled keys, numbers beyond bounds, halves of a character."""
    waiting: list[tuple[str, object]] = [(at, value)]
    while waiting:
        where, one = waiting.pop()
        match one:
            case BadNumber(text):
                tekst = f"Veld {where}: gevonden {text}, verwacht een gewoon getal van hoogstens {_MAX_DIGITS} cijfers."
                yield fout("getal-ongeldig", where, tekst, bron, waarde=text)
            case str() if not _is_text(one):
                tekst = f"Veld {where}: gevonden een half teken (los surrogaat), verwacht leesbare tekst."
                yield fout("teken-ongeldig", where, tekst, bron)
            case list():
                waiting += [(f"{where}/{index}", item) for index, item in enumerate(one)]
            case dict():
                for name in one.doubled if isinstance(one, DoubledKeys) else ():
                    tekst = (
                        f"Veld {printable(name)}: meer dan een keer gevonden in hetzelfde object, verwacht een keer."
                    )
                    yield fout("veld-dubbel", f"{where}/{printable(name)}", tekst, bron)
                if not all(map(_is_text, one)):
                    tekst = f"Veld {where or '/'}: gevonden een veldnaam met een half teken, verwacht leesbare tekst."
                    yield fout("teken-ongeldig", where or "/", tekst, bron)
                waiting += [(f"{where}/{printable(name)}", item) for name, item in one.items()]


def _is_text(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
