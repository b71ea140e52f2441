"""What boards are written in: units, colours, limits, and the words of a panel.

Units are Grafana's own ids, `suffix:<word>` or `prefix:<sign>`; Grafana shows seconds by itself in the unit that fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

COUNT: Final = "locale"
SHARE: Final = "percentunit"
EUROS: Final = "currencyEUR"
"""Rounded: thousands as K."""
TO_THE_CENT: Final = "prefix:€"
DAYS: Final = "suffix:dagen"
SECONDS: Final = "s"
PER_SECOND: Final = "suffix:/s"
BYTES: Final = "bytes"

BETTER_HIGH: Final = "continuous-RdYlGr"
BETTER_LOW: Final = "continuous-GrYlRd"

PARTIES: Final[Mapping[str, str]] = {
    "aannemer": "blue",
    "opdrachtgever": "orange",
    "huurder": "purple",
    "niemand": "#8e8e8e",
}
DEADLINES: Final[Mapping[str, str]] = {"gehaald": "green", "gemist": "red"}
MONEY: Final[Mapping[str, str]] = {
    "vrijgegeven": "green",
    "in_behandeling": "blue",
    "betwist": "red",
    "verrekend": "#8e8e8e",
}
HANDS: Final[Mapping[str, str]] = {"zonder mens": "green", "met mens": "orange"}
"""Words that keep their colour on every board."""


@dataclass(frozen=True)
class Uitleg:
    """Title and description of a panel, in Dutch and in whole sentences. `betekent`: what it says; `doen`: what one can do."""

    titel: str
    betekent: str
    doen: str

    @property
    def tekst(self) -> str:
        return f"{self.betekent}\n\n**Wat kunt u doen?** {self.doen}"


@dataclass(frozen=True)
class Step:
    """From `value` on (None: from the start) in `color`."""

    value: float | None
    color: str


NEUTRAL: Final = (Step(None, "blue"),)
ATTENTION: Final = (Step(None, "green"), Step(1, "orange"))
"""For what somebody must look at: one is enough."""
WRONG: Final = (Step(None, "green"), Step(1, "red"))
"""For what may never be there."""


@dataclass(frozen=True)
class Column:
    """A column of a table or a part of a bar, filled by one query that gives a number per set of labels. `scheme`: a colour
    mode of Grafana for the cell, over values from `low` to `high`."""

    title: str
    expr: str
    unit: str = COUNT
    decimals: int | None = None
    steps: tuple[Step, ...] = ()
    scheme: str = ""
    low: float | None = None
    high: float | None = None


_HOUR: Final = 3600
_CLASSES: Final = {hours * _HOUR: f"tot {hours} uur" for hours in (1, 4, 8)} | {
    days * 24 * _HOUR: f"tot {days} {'dag' if days == 1 else 'dagen'}"
    for days in (1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90)
}
CLASSES: Final[Mapping[str, str]] = {f"{bound:.1f}": words for bound, words in _CLASSES.items()} | {"+Inf": "langer"}
"""Upper bounds of the classes of durations and ages, in seconds as Prometheus writes them: in words."""
