"""Rows of the tables: what is kept of each record that counted, and which of two rows of a key is the later one."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from chain.kengetallen import Groep, Interval, Meting, Paar
from topics.errors import StateCorrupt


class Signaalstand(msgspec.Struct, frozen=True, array_like=True):
    """Whether a signal stands, as the record at `offset` of its partition said."""

    offset: int
    open: bool
    keten: str
    soort: str
    dossier: str
    tegen: str = ""


class Onleesbaar(msgspec.Struct, frozen=True, array_like=True):
    """A record that could not be counted; its dead letter was acknowledged."""

    offset: int


class Gevouwen(msgspec.Struct, frozen=True, array_like=True):
    """What intervals of a pair that are over come to in one month (`chain.kengetallen.vouw`): all that lie before the month
    `tot`, in whose place they are."""

    tot: int
    maand: int
    paar: Paar
    sommen: bytes


class Afsluiting(msgspec.Struct, frozen=True, array_like=True):
    """How far one partition is closed. `maand`: the first month that is not. `offset`: all up to there was counted before, and
    what of it is read again is left alone. `laat`: records that came for a month that was closed. `bezig`: it is being
    closed, so that rows may be folded and still be there."""

    maand: int
    offset: int
    laat: int = 0
    bezig: bool = False


Rij = Meting | Signaalstand | Onleesbaar | Gevouwen | Afsluiting

AFSLUITING: Final = "\nafsluiting"
"""Key of the row of that name: no dossier and no signal is called so."""

_METING: Final = 0
_SIGNAAL: Final = 1
_ONLEESBAAR: Final = 2
_GEVOUWEN: Final = 3
_AFSLUITING: Final = 4

_encode: Final = msgspec.msgpack.Encoder().encode
_meting: Final = msgspec.msgpack.Decoder(tuple[int, int, Groep, Interval])
_others: Final[Mapping[int, Callable[[bytes], tuple[int, Signaalstand | Onleesbaar | Gevouwen | Afsluiting]]]] = {
    _SIGNAAL: msgspec.msgpack.Decoder(tuple[int, Signaalstand]).decode,
    _ONLEESBAAR: msgspec.msgpack.Decoder(tuple[int, Onleesbaar]).decode,
    _GEVOUWEN: msgspec.msgpack.Decoder(tuple[int, Gevouwen]).decode,
    _AFSLUITING: msgspec.msgpack.Decoder(tuple[int, Afsluiting]).decode,
}
_SEPARATOR: Final = "\n"
"""In no dossier key: they are one line."""
_KIND: Final = 1
"""Where the kind stands: behind the head of a short array."""


def encode(row: Rij) -> bytes:
    match row:
        case Signaalstand():
            return _encode((_SIGNAAL, row))
        case Onleesbaar():
            return _encode((_ONLEESBAAR, row))
        case Gevouwen():
            return _encode((_GEVOUWEN, row))
        case Afsluiting():
            return _encode((_AFSLUITING, row))
        case _:
            return _encode((_METING, row.revisie, row.groep, row.interval))


def decode(data: bytes) -> Rij:
    """Raises StateCorrupt when this release cannot read it."""
    try:
        kind = data[_KIND]
        if kind == _METING:
            _, revisie, groep, interval = _meting.decode(data)
            return Meting(revisie, groep, interval)
        return _others[kind](data)[1]
    except (msgspec.MsgspecError, LookupError) as error:
        raise StateCorrupt(f"row of {len(data)} bytes: {error}; written by a newer release?") from error


def later(row: Rij, former: Rij | None) -> bool:
    """Whether `row` replaces `former`: by revision, by position in the partition, or by what is closed. A redelivery does
    not."""
    return former is None or _rank(row) > _rank(former)


def _rank(row: Rij) -> tuple[int, ...]:
    match row:
        case Meting():
            return (row.revisie,)
        case Gevouwen():
            return (row.tot,)
        case Afsluiting():
            return row.maand, row.offset, not row.bezig
        case _:
            return (row.offset,)


def vouw_key(paar: Paar, maand: int) -> str:
    """Of the row of what was folded of a pair in a month."""
    return _SEPARATOR.join((AFSLUITING, str(maand), *paar))


def interval_key(dossier: str, maat: str, subnummer: str | None) -> str:
    return _SEPARATOR.join((dossier, maat) if subnummer is None else (dossier, maat, subnummer))


def interval_of_key(key: bytes) -> tuple[bytes, str, str | None]:
    """Dossier, measure and sub-order of an interval's key."""
    dossier, maat, *subnummer = key.split(_SEPARATOR.encode(), 2)
    return dossier, maat.decode(), subnummer[0].decode() if subnummer else None


def unreadable_key(offset: int) -> str:
    """Of the row of a record that could not be counted: no dossier and no signal is called so."""
    return f"{_SEPARATOR}{offset}"
