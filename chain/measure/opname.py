"""What was counted, pair by pair, and how long it holds; what a scrape shows is put together from it.

Figures of a pair follow from its rows, the days in which what is open counts, and the moment at which they stand. That
moment changes them at a deadline, at midnight (windows move, and so do days), and all the time by the ages of what is open.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from chain.kalender import SECONDE
from chain.kengetallen import VENSTERS, Groep, Interval, Paar, Telling, Tijdvak, Vensterbeeld, venster, vensterbeeld
from chain.kengetallen.cijfers import Dagen
from chain.kengetallen.telling import Figures, figures

VEROUDERING: Final = 900 * SECONDE
"""By how much the ages of what is open may lag behind, in the figures of a pair to which nothing happened meanwhile."""


class Maat(NamedTuple):
    """By what metrics tell measures apart: kinds and urgencies together, whole orders only."""

    keten: str
    maat: str
    opdrachtgever: str
    aannemer: str


class Momentopname(NamedTuple):
    """Everything that a scrape shows, but for ages. `peil`: up to when all of it stands. `te_laat`: of `open`, those whose
    deadline has passed. `begin`: since when each open interval runs, pair by pair."""

    peil: int
    vensters: Mapping[tuple[Maat, str], Vensterbeeld]
    open: Mapping[Maat, int]
    te_laat: Mapping[Maat, int]
    begin: Mapping[tuple[str, str], Sequence[Sequence[int]]]
    signalen: Mapping[tuple[str, str, str, str], int]


class Deel:
    """What was counted of one pair at `peil`: of its rows as they were at `versie`, in `dagen` of the profiles of then."""

    def __init__(self, versie: int, peil: int, dagen: Callable[[Groep], Dagen]) -> None:
        self.peil = peil
        self.veroudert = False
        """Whether anything of it is open."""
        self.vensters: dict[tuple[Maat, str], Vensterbeeld] = {}
        self.open: Counter[Maat] = Counter()
        self.te_laat: Counter[Maat] = Counter()
        self.begin: dict[Maat, list[int]] = defaultdict(list)
        self._versie, self._dagen = versie, dagen
        self._tot = sys.maxsize

    def geldt(self, versie: int, peil: int, dagen: Callable[[Groep], Dagen]) -> bool:
        """Whether counting again at `peil` would give the same; but for ages, which may be VEROUDERING younger."""
        return self._versie == versie and self._dagen == dagen and self.peil <= peil < self._tot

    def window(self, tijdvak: Tijdvak, touched: Mapping[Groep, Sequence[Interval]]) -> None:
        """Intervals of which anything falls in a window that ends with the day of `peil`. A deadline that passes before the
        next day is one of those."""
        found: dict[Maat, list[Interval]] = defaultdict(list)
        coming = [tijdvak.periode.tot or 0]
        for groep, intervals in touched.items():
            coming += [one.deadline for one in intervals if one.deadline is not None and one.deadline > self.peil]
            if not groep.deel:
                found[_maat(groep)] += intervals
        self._tot = min(self._tot, *coming)
        for maat, intervals in found.items():
            self.vensters[maat, tijdvak.naam] = vensterbeeld(intervals, tijdvak.periode, self.peil)

    def stock(self, groepen: Iterable[Groep], running: Iterable[tuple[Groep, Interval]]) -> None:
        """Groups of the pair, and what of them is open."""
        for groep in groepen:
            if not groep.deel:
                self.open[_maat(groep)] += 0
                self.begin[_maat(groep)] += ()
        for groep, one in running:
            self.veroudert = True
            self._tot = min(self._tot, self.peil + VEROUDERING)
            if not groep.deel:
                maat = _maat(groep)
                self.open[maat] += 1
                self.te_laat[maat] += one.verstreken(self.peil)
                self.begin[maat].append(one.begin)


class Opname:
    """Every pair as it was last counted."""

    def __init__(self) -> None:
        self._delen: dict[Paar, Deel] = {}

    def tel(
        self, telling: Telling, peil: int, dagen: Callable[[Groep], Dagen]
    ) -> Iterator[tuple[Paar, Tijdvak, Figures]]:
        """Counts the pairs again of which anything may have changed, and tells their figures, period by period: every window,
        and the months that may be others. A turn for others may lie between any two.

        A pair counts as counted once something is asked for behind its last period; of what came in between it is counted
        again the next time.
        """
        for paar in telling.paren():
            versie, former = telling.versie(paar), self.deel(paar)
            if former is not None and former.geldt(versie, peil, dagen):
                continue
            deel = Deel(versie, peil, dagen)
            for tijdvak, found in telling.per_maand(paar, peil, dagen):
                yield paar, tijdvak, found
            for tijdvak in (venster(days, peil) for days in VENSTERS):
                touched = telling.geraakt(paar, tijdvak)
                deel.window(tijdvak, touched)
                yield paar, tijdvak, figures(touched, tijdvak, peil, dagen, {})
            deel.stock(telling.groepen(paar), telling.open(paar))
            self._delen[paar] = deel

    def deel(self, paar: Paar) -> Deel | None:
        """As it was last counted; None before."""
        return self._delen.get(paar)

    def made(self, peil: int, signalen: Mapping[tuple[str, str, str, str], int]) -> Momentopname:
        """All parts, which must hold at `peil`. It stands as its oldest ages do: what has nothing open stands at `peil`."""
        vensters: dict[tuple[Maat, str], Vensterbeeld] = {}
        open_, te_laat = dict[Maat, int](), dict[Maat, int]()
        begin: dict[tuple[str, str], list[Sequence[int]]] = defaultdict(list)
        for deel in self._delen.values():
            vensters |= deel.vensters
            open_ |= deel.open
            te_laat |= deel.te_laat
            for maat, moments in deel.begin.items():
                begin[maat.keten, maat.maat].append(moments)
        oldest = min((deel.peil for deel in self._delen.values() if deel.veroudert), default=peil)
        return Momentopname(oldest, vensters, open_, te_laat, begin, signalen)


def _maat(groep: Groep) -> Maat:
    return Maat(groep.keten, groep.maat, groep.opdrachtgever, groep.aannemer)
