"""Where a task begins. The changelog's position is the only one; what contradicts it stops the task (DESIGN 6)."""

from topics.errors import PositionMismatch
from topics.runtime.store import Position


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
