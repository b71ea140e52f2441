"""The state of one partner in its adapter: the window of its outcomes, whether it floods, and a receipt under way.

Pure. A partner floods when, counted from `minimaal` messages on, its last `venster` outcomes hold a share of dead
letters of at least `aandeel`, or its last `achtereen` were all dead letters (DESIGN 7). A part counts as a message.
"""

from datetime import datetime
from typing import Final

import msgspec

from topics.documents import Reden
from topics.errors import StateCorrupt
from topics.metrics.state import minute
from topics.profile.profile import Overstroming

VERSION: Final = b"\x01"


class Onderweg(msgspec.Struct, frozen=True, array_like=True):
    """A receipt of several parts that is being handled: parts up to `deel` are done (0: it was opened)."""

    ontvangst: str
    deel: int


class Toestand(msgspec.Struct, frozen=True, array_like=True):
    """`uitkomsten`: one byte per outcome of the window, 1 for a dead letter, oldest first. `aantal` and `achtereen`
    count since the start or the last lifting. `opgeschort`: since when the partner is suspended. `laatste`: when its last
    message was received, in minutes since the epoch."""

    uitkomsten: bytes = b""
    aantal: int = 0
    achtereen: int = 0
    opgeschort: datetime | None = None
    onderweg: Onderweg | None = None
    laatste: int = 0


class Overstroomd(msgspec.Struct, frozen=True):
    """Why a partner is suspended: dead letters among so many last messages."""

    uitval: int
    van: int
    oorzaak: str


def lifted(state: Toestand | None) -> Toestand | None:
    """The state once the suspension is lifted: the window begins anew, and when its last message came is kept."""
    return None if state is None or not state.laatste else Toestand(laatste=state.laatste)


def counted(
    state: Toestand, reden: Reden | None, limits: Overstroming, at: datetime
) -> tuple[Toestand, Overstroomd | None]:
    """The state after one more outcome (`reden` None: it went well), and the flood that begins with it.

    A flood begins once: of a suspended partner outcomes are counted on, and nothing more is said.
    """
    outcomes = (state.uitkomsten + (b"\x01" if reden else b"\x00"))[-limits.venster :]
    failures = outcomes.count(1)
    after = Toestand(
        uitkomsten=outcomes,
        aantal=state.aantal + 1,
        achtereen=state.achtereen + 1 if reden else 0,
        opgeschort=state.opgeschort,
        onderweg=state.onderweg,
        laatste=max(state.laatste, minute(at)),
    )
    if reden is None or after.opgeschort is not None or after.aantal < limits.minimaal:
        return after, None
    if after.achtereen >= limits.achtereen:
        cause = f"{after.achtereen} berichten achtereen werden uitval"
    elif failures >= limits.aandeel * len(outcomes):
        cause = f"{failures} van de laatste {len(outcomes)} berichten werden uitval"
    else:
        return after, None
    flood = Overstroomd(failures, len(outcomes), f"{cause}; laatste reden: {reden.value}")
    return msgspec.structs.replace(after, opgeschort=at), flood


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Toestand)


def encode(state: Toestand) -> bytes:
    return VERSION + _encoder.encode(state)


def decode(data: bytes) -> Toestand:
    """Raises StateCorrupt for another version or damaged bytes."""
    if data[:1] != VERSION:
        raise StateCorrupt(f"state of an adapter: found version {data[:1]!r}, expected {VERSION!r}")
    try:
        return _decoder.decode(data[1:])
    except msgspec.MsgspecError as error:
        raise StateCorrupt(f"state of an adapter: {error}") from error
