"""What the processor keeps per letter: what was decided, what waits for a second person, what was refused."""

from datetime import datetime
from typing import Final

import msgspec

from topics.documents.besluit import Besluit, Besluitstand, Toestand, Weigering
from topics.errors import StateCorrupt

REMEMBERED: Final = 20
"""Refusals per letter that are kept and shown."""

VERSION: Final = 1


class Letterstate(msgspec.Struct, frozen=True, omit_defaults=True):
    """`stand`: what everybody may see. `wacht`: the decision that waits, with its whole letter. `gedaan`: ids of what was
    handled, so that a decision that was written twice counts once."""

    versie: int
    stand: Besluitstand
    wacht: Besluit | None = None
    gedaan: tuple[str, ...] = ()


_encoder = msgspec.msgpack.Encoder(decimal_format="string")
_decoder = msgspec.msgpack.Decoder(Letterstate)


def encode(state: Letterstate) -> bytes:
    return _encoder.encode(state)


def decode(data: bytes) -> Letterstate:
    """Raises StateCorrupt."""
    try:
        found = _decoder.decode(data)
    except msgspec.MsgspecError as error:
        raise StateCorrupt(f"state of a letter: {error}") from error
    if found.versie != VERSION:
        raise StateCorrupt(f"state of a letter has version {found.versie}, expected {VERSION}")
    return found


def fresh(letter: str, at: datetime) -> Letterstate:
    return Letterstate(VERSION, Besluitstand(brief=letter, toestand=Toestand.OPEN, bijgewerkt=at))


def refused(state: Letterstate, refusal: Weigering, at: datetime) -> Letterstate:
    """What stands does not change by it."""
    kept = (*state.stand.geweigerd, refusal)[-REMEMBERED:]
    stand = msgspec.structs.replace(state.stand, geweigerd=kept, bijgewerkt=max(at, state.stand.bijgewerkt))
    return after(state, refusal.besluit, stand, state.wacht)


def after(state: Letterstate, decision: str, stand: Besluitstand, wacht: Besluit | None) -> Letterstate:
    """What is kept once `decision` was handled."""
    return Letterstate(VERSION, stand, wacht, (*state.gedaan, decision)[-REMEMBERED:])
