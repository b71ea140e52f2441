"""Every combination of changelog, group and log has one answer: a position, or an error that says what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.errors import PositionMismatch
from topics.runtime.positions import Position, start_position

OFFSETS = st.integers(0, 20)


@pytest.mark.parametrize(
    ("at", "committed", "begin", "end", "expected"),
    [
        (None, None, 0, 10, Position(0)),
        (None, None, 4, 10, Position(4)),
        (Position(7), 7, 0, 10, Position(7)),
        (Position(7, "c"), 7, 0, 10, Position(7, "c")),
        (Position(7), None, 0, 10, Position(7)),
        (Position(7), None, 7, 7, Position(7)),
    ],
)
def test_a_position_is_found(
    at: Position | None, committed: int | None, begin: int, end: int, expected: Position
) -> None:
    assert start_position(at, committed, begin, end, "x/0") == expected


@pytest.mark.parametrize(
    ("at", "committed", "begin", "end", "message"),
    [
        (None, 3, 0, 10, "x/0: the group is at 3 but the changelog is empty"),
        (Position(7), 6, 0, 10, "x/0: the changelog is at 7 but the group at 6"),
        (Position(7), 8, 0, 10, "set it back to 7"),
        (Position(7), 7, 8, 10, "the log holds 8 to 10"),
        (Position(7), None, 0, 6, "or the topic was made anew"),
    ],
)
def test_a_contradiction_is_named(
    at: Position | None, committed: int | None, begin: int, end: int, message: str
) -> None:
    with pytest.raises(PositionMismatch) as caught:
        start_position(at, committed, begin, end, "x/0")
    assert message in str(caught.value)


@given(st.none() | st.builds(Position, OFFSETS), st.none() | OFFSETS, OFFSETS, OFFSETS)
def test_a_task_never_begins_elsewhere_than_its_changelog_says(
    at: Position | None, committed: int | None, begin: int, length: int
) -> None:
    try:
        found = start_position(at, committed, begin, begin + length, "x/0")
    except PositionMismatch:
        assert at is not None or committed is not None
    else:
        assert found == (at or Position(begin))
        assert begin <= found.offset <= begin + length
        assert committed in (None, found.offset)
