"""Where a task begins. The changelog's position is the only one; what contradicts it stops the task (DESIGN 6)."""

from typing import Final

import msgspec

from topics.errors import PositionMismatch, StateCorrupt

POSITION_KEY: Final = "__positie"


class Position(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The only position of a task. `cursor` set: the record at `offset` is handled up to and with that cursor."""

    offset: int
    cursor: str | None = None


def encode_position(position: Position) -> bytes:
    return msgspec.msgpack.encode(position)


def decode_position(data: bytes) -> Position:
    try:
        return msgspec.msgpack.decode(data, type=Position)
    except msgspec.MsgspecError as error:
        raise StateCorrupt(f"{POSITION_KEY}: {error}") from error


def start_position(at: Position | None, committed: int | None, begin: int, end: int, where: str) -> Position:
    """`at`: the changelog's; `committed`: the group's offset, which is for the lag and may have expired; `begin` and
    `end`: what the log holds. `where` names the partition.

    Only when changelog and group are both absent does a task begin at the beginning. Raises PositionMismatch.
    """
    if at is None:
        if committed is not None:
            raise PositionMismatch(
                f"{where}: the group is at {committed} but the changelog is empty: its state was lost; restore it"
            )
        return Position(begin)
    if committed is not None and committed != at.offset:
        raise PositionMismatch(
            f"{where}: the changelog is at {at.offset} but the group at {committed}: somebody moved the group's "
            f"offset; set it back to {at.offset}"
        )
    if not begin <= at.offset <= end:
        raise PositionMismatch(
            f"{where}: the changelog is at {at.offset} but the log holds {begin} to {end}: records were lost "
            "through retention, or the topic was made anew"
        )
    return at
