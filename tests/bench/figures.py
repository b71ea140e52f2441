"""What a measurement gives: figures beside what is asked of them, and the details that they were taken from."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec


class Bound(StrEnum):
    AT_LEAST = "≥"
    AT_MOST = "≤"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """required: the figure of DESIGN 11, None where it asks none. value None: not measured, `note` says why."""

    name: str
    value: float | None
    unit: str
    required: float | None = None
    bound: Bound = Bound.AT_LEAST
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.value is None:
            return "niet gemeten"
        if self.required is None:
            return ""
        met = self.value >= self.required if self.bound is Bound.AT_LEAST else self.value <= self.required
        return "haalt" if met else "haalt niet"


Details = Mapping[str, object]


class Measured(msgspec.Struct, frozen=True):
    """One part of the bench: its figures, how it was measured in a line, and everything else for the JSON."""

    figures: Sequence[Figure]
    how: str
    details: Details = {}


def lacking(name: str, unit: str, note: str) -> Figure:
    return Figure(name=name, value=None, unit=unit, note=note)


def table(figures: Sequence[Figure]) -> str:
    """For people: one line per figure, columns aligned."""
    rows = [("figure", "found", "required", "", "")]
    for figure in figures:
        found = "-" if figure.value is None else f"{_number(figure.value)} {figure.unit}"
        required = "" if figure.required is None else f"{figure.bound} {_number(figure.required)} {figure.unit}"
        rows.append((figure.name, found, required, figure.verdict, figure.note))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for name, found, required, verdict, note in rows:
        cells = (
            name.ljust(widths[0]),
            found.rjust(widths[1]),
            required.rjust(widths[2]),
            verdict.ljust(widths[3]),
            note,
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
