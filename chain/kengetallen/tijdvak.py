"""The periods that key figures are published of: months, and the last so many days. Days of Europe/Amsterdam."""

from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from chain.kalender import day_of
from chain.kalender.moment import at_wall
from chain.kengetallen.cijfers import Periode

VENSTERS: Final = (30, 90)
"""Rolling windows, in days; the last one is the day at which the figures stand."""


class Tijdvak(NamedTuple):
    """`naam`: 2026-03, or 30d. `van` and `tot`: its first and last day."""

    naam: str
    van: date
    tot: date

    @property
    def periode(self) -> Periode:
        return Periode(at_wall(self.van.toordinal(), 0), at_wall(self.tot.toordinal() + 1, 0))


def maand_van(at: int) -> int:
    """Number of the month of a moment: twelve a year, in order."""
    return _maand(day_of(at))


@lru_cache(maxsize=4_096)
def maand(nummer: int) -> Tijdvak:
    """The month with this number, of `maand_van`."""
    year, month = divmod(nummer, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return Tijdvak(f"{first:%Y-%m}", first, date.fromordinal(following.toordinal() - 1))


def venster(dagen: int, peil: int) -> Tijdvak:
    """The last `dagen` days, up to and including the day of `peil`: whole days, so that anyone can ask the same again."""
    last = day_of(peil)
    return Tijdvak(f"{dagen}d", date.fromordinal(last - dagen + 1), date.fromordinal(last))


@lru_cache(maxsize=65_536)
def _maand(day: int) -> int:
    on = date.fromordinal(day)
    return on.year * 12 + on.month - 1
