"""What a row of an event log comes to: an event, or a rejection that says why."""

from collections import Counter
from typing import Final, NamedTuple

import msgspec

_SHOWN: Final = 20
_LONGEST: Final = 60


class Gebeurtenis(NamedTuple):
    """`moment` in microseconds (`chain.kalender`)."""

    zaak: str
    activiteit: str
    moment: int


class Kolommen(NamedTuple):
    """What the caller calls the columns (XES: attributes), where they are not to be found by their usual names."""

    zaak: str | None = None
    activiteit: str | None = None
    tijd: str | None = None


class Afwijzing(msgspec.Struct, frozen=True):
    """A row that was not counted: the line on which it begins (from 1), the field, what was found, what was expected."""

    regel: int
    veld: str
    gevonden: str
    verwacht: str

    def __str__(self) -> str:
        return f"line {self.regel}: {self.veld}: found {self.gevonden!r}, expected {self.verwacht}"


class Boek:
    """What was noticed while reading, in bounded memory: every rejection is counted, the first ones are kept.

    `opmerkingen`: what was read in one way although it could be noted, by what it is.
    """

    def __init__(self) -> None:
        self.afgewezen: Counter[tuple[str, str]] = Counter()
        self.eerste: list[Afwijzing] = []
        self.opmerkingen: Counter[str] = Counter()

    def reject(self, regel: int, veld: str, gevonden: str, verwacht: str) -> None:
        self.afgewezen[(veld, verwacht)] += 1
        if len(self.eerste) < _SHOWN:
            found = gevonden if len(gevonden) <= _LONGEST else f"{gevonden[:_LONGEST]}…"
            self.eerste.append(Afwijzing(regel, veld, found, verwacht))
