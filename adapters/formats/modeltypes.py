"""Types of fields in JSON messages, for the models of formats: strict, bounded, exact, each error with a code.

Numbers may be JSON numbers or strings and are read as Decimal; times are RFC 3339, the same without zone (then
Europe/Amsterdam), or a date.
"""

import re
from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Final, NamedTuple

from pydantic import AfterValidator, BeforeValidator, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from adapters.formats.modelerrors import BASE64_PATTERN, GLN_PATTERN
from adapters.formats.moments import from_rfc3339
from topics.documents import Moment

_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_LIMIT: Final = Decimal(10) ** 15


def wrong(code: str, expected: str) -> PydanticCustomError:
    return PydanticCustomError(code, "verwacht {verwacht}", {"verwacht": expected})


def readable(value: str) -> str:
    if not value.isprintable() and _NO_TEXT.search(value):
        raise wrong("teken-ongeldig", "leesbare tekst zonder stuurtekens")
    return value


def _number(value: object) -> Decimal:
    """Exact, without exponent, at most 15 digits before and 9 after the point."""
    expected = "een getal als 12.50 (als tekst of als getal), hoogstens 15 cijfers voor en 9 na de punt"
    if isinstance(value, str):
        if _NUMBER.fullmatch(value):
            return Decimal(value)
    elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        number = Decimal(value)
        if abs(number) < _LIMIT and int(number.as_tuple().exponent) >= -9:
            return Decimal(f"{number:f}")
    raise wrong("getal-vorm", expected)


def _money(value: Decimal) -> Decimal:
    if int(value.as_tuple().exponent) < -2:
        raise wrong("bedrag-vorm", "een bedrag in euro met hoogstens twee decimalen")
    return value


class Tijd(NamedTuple):
    """A time as sent, the moment that it is, and what was odd about it (adapters.formats.moments)."""

    text: str
    moment: Moment
    oddities: tuple[str, ...]


def as_time(value: object) -> Tijd:
    """`value` as a time. Raises PydanticCustomError."""
    moment: Moment | None = None
    oddities: tuple[str, ...] = ()
    if isinstance(value, str):
        with suppress(ValueError):
            moment, oddities = from_rfc3339(value)
    if not isinstance(value, str) or moment is None:
        raise wrong("tijd-vorm", "een tijd als 2026-03-02T09:30:00+01:00 of een datum als 2026-03-02, vanaf 1970")
    return Tijd(value, moment, oddities)


Gln = Annotated[str, StringConstraints(pattern=GLN_PATTERN)]
Nummer = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(readable)]
Kort = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(readable)]
Regeltekst = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(readable)]
Adres = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(readable)]
Lang = Annotated[str, StringConstraints(min_length=1, max_length=10_000), AfterValidator(readable)]
Data = Annotated[str, StringConstraints(pattern=BASE64_PATTERN)]
Getal = Annotated[
    Decimal,
    BeforeValidator(_number),
    WithJsonSchema({"type": ["string", "number"], "pattern": f"^{_NUMBER.pattern}$"}),
]
Bedrag = Annotated[Getal, AfterValidator(_money)]
Wanneer = Annotated[
    Tijd,
    PlainValidator(as_time),
    WithJsonSchema({"type": "string", "description": "RFC 3339, zonder zone (dan Nederlandse tijd) of een datum"}),
]
