"""The table of the bench: what a figure comes to beside what is asked of it."""

import pytest

from tests.bench.figures import Bound, Figure, lacking, table


@pytest.mark.parametrize(
    ("value", "required", "bound", "verdict"),
    [
        (1.0, 1.0, Bound.AT_LEAST, "haalt"),
        (0.99, 1.0, Bound.AT_LEAST, "haalt niet"),
        (45.0, 45.0, Bound.AT_MOST, "haalt"),
        (45.1, 45.0, Bound.AT_MOST, "haalt niet"),
        (3.0, None, Bound.AT_MOST, ""),
    ],
)
def test_verdict_follows_from_what_is_asked(value: float, required: float | None, bound: Bound, verdict: str) -> None:
    assert Figure(name="x", value=value, unit="s", required=required, bound=bound).verdict == verdict


def test_table_says_plainly_what_was_not_measured_and_why() -> None:
    text = table([Figure(name="a", value=1234.5, unit="/s"), lacking("b", "x", "no JDK in the path")])
    assert "1,234 /s" in text
    assert "niet gemeten  no JDK in the path" in text
