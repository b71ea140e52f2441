"""One measured interval as figures need it: small, so that a million of them fit in memory."""

from collections.abc import Mapping
from typing import Final

import msgspec

from chain.kalender import SECONDE
from topics.documents.keten import AanZet, Stand

GEWEIGERD: Final = "WEI"
"""The code with which an aannemer refuses an opdracht."""


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """Moments in microseconds (`chain.kalender`), durations in seconds.

    `eind`: also when a dossier was closed without what ends this (`uitgebleven`): then `stand` is still open. `op`: up to
    which moment `netto` and `aan_zet` stand; of what has an end that is its end. `dagen`: of what has an end, in the days that
    its measure counts in; None when they are still to be counted. `stil_sinds`: since when the contract clock stands still,
    None while it runs.
    """

    begin: int
    stand: Stand
    eind: int | None = None
    deadline: int | None = None
    eindcode: str | None = None
    stil_sinds: int | None = None
    op: int | None = None
    netto: int | None = None
    dagen: int | None = None
    aan_zet: Mapping[AanZet, int] = {}
    voorlopig: bool = False
    bevindingen: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        return self.stand is Stand.OPEN and self.eind is None

    @property
    def uitgebleven(self) -> bool:
        return self.stand is Stand.OPEN and self.eind is not None

    @property
    def gesloten(self) -> bool:
        return self.stand is Stand.GESLOTEN

    @property
    def telt(self) -> bool:
        """Whether it counts in lead times and norm: not what was cancelled, refused or withdrawn."""
        return self.stand in (Stand.OPEN, Stand.GESLOTEN)

    @property
    def geweigerd(self) -> bool:
        return self.eindcode == GEWEIGERD

    def bruto_op(self, peil: int) -> int:
        """Seconds from its start to its end, or to `peil` while it is open; of what is uitgebleven up to when its dossier was
        closed. Zero when that is before its start."""
        until = peil if self.eind is None else self.eind
        return max(0, until - self.begin) // SECONDE

    def netto_op(self, peil: int) -> int | None:
        """Seconds during which the contract clock ran; None when that was not measured.

        While it is open the clock goes on after `op`, unless it stands still.
        """
        if not self.open or self.op is None:
            return self.netto
        return (self.netto or 0) + (0 if self.stil_sinds is not None else max(0, peil - self.op) // SECONDE)

    def verstreken(self, peil: int) -> bool:
        """Whether its deadline has passed at `peil`. One that the clock did not reach before it stood still has not."""
        if self.deadline is None or self.deadline > peil:
            return False
        return self.stand is not Stand.OPEN or self.stil_sinds is None or self.deadline < self.stil_sinds

    def gehaald(self) -> bool:
        """Whether it ended by its deadline."""
        if self.uitgebleven or self.eind is None or self.deadline is None:
            return False
        return self.eind <= self.deadline
