"""Rows of the tables: what is kept of each record that counted, and which of two rows of a key is the later one."""

from typing import Final

import msgspec

from chain.kengetallen import Groep, Interval, Meting
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


Rij = Meting | Signaalstand | Onleesbaar

_METING: Final = 0
_SIGNAAL: Final = 1
_ONLEESBAAR: Final = 2

_encode: Final = msgspec.msgpack.Encoder().encode
_meting: Final = msgspec.msgpack.Decoder(tuple[int, int, Groep, Interval])
_signaal: Final = msgspec.msgpack.Decoder(tuple[int, Signaalstand])
_onleesbaar: Final = msgspec.msgpack.Decoder(tuple[int, Onleesbaar])
_KIND: Final = 1
"""Where the kind stands: behind the head of a short array."""


def encode(row: Rij) -> bytes:
    match row:
        case Signaalstand():
            return _encode((_SIGNAAL, row))
        case Onleesbaar():
            return _encode((_ONLEESBAAR, row))
        case _:
            return _encode((_METING, row.revisie, row.groep, row.interval))


def decode(data: bytes) -> Rij:
    """Raises StateCorrupt when this release cannot read it."""
    try:
        kind = data[_KIND]
        if kind == _METING:
            _, revisie, groep, interval = _meting.decode(data)
            return Meting(revisie, groep, interval)
        return (_signaal if kind == _SIGNAAL else _onleesbaar).decode(data)[1]
    except (msgspec.MsgspecError, LookupError) as error:
        raise StateCorrupt(f"row of {len(data)} bytes: {error}; written by a newer release?") from error


def later(row: Rij, former: Rij | None) -> bool:
    """Whether `row` replaces `former`: by revision, or by position in the partition. A redelivery does not."""
    if former is None:
        return True
    return _rank(row) > _rank(former)


def _rank(row: Rij) -> int:
    return row.revisie if isinstance(row, Meting) else row.offset
