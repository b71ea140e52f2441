"""Intervals by group and month, kept up to date revision by revision: the same figures as `cijfers` over all of them.

`cijfers` looks at an interval only where its start or its deadline falls in the period. So a group keeps its intervals
by the months of start, deadline and end, and figures of a period touch those months only. A month that is over and in
which nothing is open does not age any more: its figures are kept until a revision touches it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from chain.kengetallen.cijfers import Cijfers, Dagen, cijfers
from chain.kengetallen.herziening import Groep
from chain.kengetallen.interval import Interval
from chain.kengetallen.tijdvak import VENSTERS, Tijdvak, maand, maand_van, venster

Sleutel = bytes
"""What tells an interval: dossier, measure and sub-order."""


class Meting(NamedTuple):
    """A revision of an interval, as figures need it."""

    revisie: int
    groep: Groep
    interval: Interval


class Telling:
    """The last revision of every interval among those given, in any order and with any repetition."""

    def __init__(self) -> None:
        self._laatste: dict[Sleutel, Meting] = {}
        self._groepen: dict[Groep, _Maanden] = defaultdict(_Maanden)

    def __len__(self) -> int:
        return len(self._laatste)

    def __getitem__(self, sleutel: Sleutel) -> Meting:
        return self._laatste[sleutel]

    def __contains__(self, sleutel: Sleutel) -> bool:
        return sleutel in self._laatste

    def items(self) -> Iterator[tuple[Sleutel, Meting]]:
        return iter(self._laatste.items())

    def take(self, sleutel: Sleutel, meting: Meting) -> bool:
        """What the former revision contributed is taken back. False, and nothing changes, when it is no later one."""
        former = self._laatste.get(sleutel)
        if former is not None:
            if meting.revisie <= former.revisie:
                return False
            self._groepen[former.groep].remove(sleutel, former.interval)
        self._laatste[sleutel] = meting
        self._groepen[meting.groep].add(sleutel, meting.interval)
        return True

    def groepen(self) -> tuple[Groep, ...]:
        """Those of which something was ever counted; in order."""
        return tuple(sorted(self._groepen))

    def per_tijdvak(
        self, groep: Groep, peil: int, dagen: Callable[[Groep], Dagen]
    ) -> Iterator[tuple[Tijdvak, Cijfers]]:
        """Figures of a group per month and rolling window, as they stand at `peil`; periods of nothing are left out."""
        for tijdvak, found in self._groepen[groep].per_tijdvak(peil, dagen(groep)):
            if found.n or found.vervallen or found.geweigerd or found.ingetrokken or found.gevallen:
                yield tijdvak, found

    def geraakt(self, groepen: Iterable[Groep], tijdvak: Tijdvak) -> list[Interval]:
        """Intervals of some groups of which start, deadline or end may fall in a period; each once."""
        months = range(maand_van(tijdvak.periode.van or 0), maand_van((tijdvak.periode.tot or 0) - 1) + 1)
        return [one for groep in groepen for one in self._groepen[groep].of(months)]

    def open(self, groepen: Iterable[Groep]) -> list[Interval]:
        return [one for groep in groepen for one in self._groepen[groep].open.values()]


class _Maanden:
    """The intervals of one group, by month."""

    def __init__(self) -> None:
        self._maanden: dict[int, dict[Sleutel, Interval]] = {}
        self._open_in: dict[int, int] = {}
        self._blijvend: dict[int, Cijfers] = {}
        self.open: dict[Sleutel, Interval] = {}

    def add(self, sleutel: Sleutel, interval: Interval) -> None:
        for month in _months(interval):
            self._maanden.setdefault(month, {})[sleutel] = interval
            self._blijvend.pop(month, None)
            if interval.open:
                self._open_in[month] = self._open_in.get(month, 0) + 1
        if interval.open:
            self.open[sleutel] = interval

    def remove(self, sleutel: Sleutel, interval: Interval) -> None:
        for month in _months(interval):
            among = self._maanden[month]
            del among[sleutel]
            if not among:
                del self._maanden[month]
            self._blijvend.pop(month, None)
            if interval.open:
                self._open_in[month] -= 1
        self.open.pop(sleutel, None)

    def of(self, months: Iterable[int]) -> Iterable[Interval]:
        found = [self._maanden[month] for month in months if month in self._maanden]
        if len(found) == 1:
            return found[0].values()
        merged: dict[Sleutel, Interval] = {}
        for among in found:
            merged.update(among)
        return merged.values()

    def per_tijdvak(self, peil: int, dagen: Dagen) -> Iterator[tuple[Tijdvak, Cijfers]]:
        for month in sorted(self._maanden):
            tijdvak = maand(month)
            found = self._blijvend.get(month)
            if found is None:
                periode = tijdvak.periode
                found = cijfers(self._maanden[month].values(), periode, peil, dagen)
                if not self._open_in.get(month) and periode.tot is not None and periode.tot <= peil:
                    self._blijvend[month] = found
            yield tijdvak, found
        for days in VENSTERS:
            tijdvak = venster(days, peil)
            periode = tijdvak.periode
            months = range(maand_van(periode.van or 0), maand_van(peil) + 1)
            yield tijdvak, cijfers(self.of(months), periode, peil, dagen)


def _months(interval: Interval) -> set[int]:
    moments = (interval.begin, interval.deadline, interval.eind)
    return {maand_van(at) for at in moments if at is not None}
