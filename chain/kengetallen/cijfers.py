"""The figures of one group of intervals: how many, how long, within norm, and who was aan zet."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from chain.kengetallen.interval import Interval
from chain.kengetallen.survival import Quantile, Survival
from topics.documents.keten import UITGEBLEVEN, AanZet, Stand

Dagen = Callable[[Interval, int], int]
"""Days from the start of an interval to a moment, in the days that its measure counts in."""


class Periode(NamedTuple):
    """From `van` up to, not including, `tot`; None is without bound. Microseconds of event time."""

    van: int | None = None
    tot: int | None = None

    def bevat(self, at: int) -> bool:
        return (self.van is None or at >= self.van) and (self.tot is None or at < self.tot)


class Kwantielen(msgspec.Struct, frozen=True):
    """None when nothing was observed, or not everything in this unit."""

    p50: Quantile | None
    p90: Quantile | None


class Cijfers(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of a group over a period (ONDERHOUD 2).

    By start cohort, that is what began in the period: `n` = closed + open + uitgebleven, on which the quantiles stand; `open`
    and `uitgebleven` (its dossier was closed without its end) of them; `vervallen` (cancelled) and `ingetrokken` (withdrawn)
    are outside. `geweigerd`: ended by a refusal; for a measure that a refusal answers (acceptatie) of `n`, for the others
    outside. `uren`: gross seconds; `netto`: seconds while the contract clock ran; `dagen`: days of the measure. `aan_zet`:
    seconds of what is closed, split.

    By deadline: `gevallen` = deadlines that fell in the period and have passed, of what was not cancelled or withdrawn;
    `gehaald` = ended by then. `zonder_norm`: of `n`, without a deadline.

    `voorlopig`, `bevindingen`: of everything that any figure here stands on.
    """

    n: int
    open: int
    uitgebleven: int
    vervallen: int
    geweigerd: int
    ingetrokken: int
    uren: Kwantielen
    netto: Kwantielen
    dagen: Kwantielen
    gevallen: int
    gehaald: int
    zonder_norm: int
    aan_zet: Mapping[AanZet, int]
    voorlopig: int
    bevindingen: Mapping[str, int]


class Som(msgspec.Struct, frozen=True, array_like=True):
    """What intervals that age no more add to the figures of one period, without the intervals: sums of parts are the sum of
    all.

    Durations are sorted; None when not everything was measured in that unit. `…_zonder`: of what is uitgebleven.
    """

    tellingen: Mapping[str, int]
    aan_zet: Mapping[AanZet, int]
    bevindingen: Mapping[str, int]
    bruto: tuple[int, ...] | None
    netto: tuple[int, ...] | None
    dagen: tuple[int, ...] | None
    bruto_zonder: tuple[int, ...] = ()
    netto_zonder: tuple[int, ...] = ()
    dagen_zonder: tuple[int, ...] = ()


def cijfers(
    intervals: Iterable[Interval], periode: Periode, peil: int, dagen: Dagen, sommen: Iterable[Som] = ()
) -> Cijfers:
    """Figures as they stand at `peil`; `intervals` as they were known then, read once, in any order. `sommen`: of others in
    the same period."""
    werk = _Telwerk(periode, peil, dagen)
    for som in sommen:
        werk.take(som)
    for one in intervals:
        werk.add(one)
    return werk.cijfers()


def som(intervals: Iterable[Interval], periode: Periode, sommen: Iterable[Som] = ()) -> Som:
    """Of intervals that age no more, whose deadlines have passed, and of other sums of the same period. Raises ValueError for
    one that is open or of which the days were not counted: it changes without a revision."""
    werk = _Telwerk(periode, sys.maxsize, _counted_already)
    for one in sommen:
        werk.take(one)
    for interval in intervals:
        if interval.open:
            raise ValueError(f"an interval that began at {interval.begin} is open, expected only what ages no more")
        werk.add(interval)
    return werk.som()


def _counted_already(one: Interval, _peil: int) -> int:
    raise ValueError(f"days of an interval that began at {one.begin} are not counted")


class _Telwerk:
    """Adds up intervals and sums over one period."""

    def __init__(self, periode: Periode, peil: int, dagen: Dagen) -> None:
        self._periode, self._peil, self._days_of = periode, peil, dagen
        self._counted: Counter[str] = Counter()
        self._split: Counter[AanZet] = Counter()
        self._findings: Counter[str] = Counter()
        self._gross, self._net, self._days = Durations(), Durations(), Durations()

    def add(self, one: Interval) -> None:
        counted, peil = self._counted, self._peil
        in_cohort = self._periode.bevat(one.begin)
        due = one.deadline is not None and self._periode.bevat(one.deadline) and met_norm(one, peil) is not None
        if due:
            counted["gevallen"] += 1
            counted["gehaald"] += one.gehaald()
        if in_cohort:
            counted[_place(one)] += 1
            counted["geweigerd"] += one.geweigerd and one.stand is not Stand.INGETROKKEN
            if one.telt:
                counted["zonder_norm"] += one.deadline is None
                self._gross.add(one, one.bruto_op(peil))
                self._net.add(one, one.netto_op(peil))
                until = peil if one.eind is None else one.eind
                self._days.add(one, one.dagen if one.dagen is not None else self._days_of(one, until))
            if one.gesloten:
                for party, seconds in one.aan_zet.items():
                    self._split[party] += seconds
        if (in_cohort or due) and one.stand is not Stand.INGETROKKEN:
            counted["voorlopig"] += one.voorlopig
            if one.bevindingen:
                self._findings.update(set(one.bevindingen))

    def take(self, som: Som) -> None:
        self._counted.update(som.tellingen)
        self._split.update(som.aan_zet)
        self._findings.update(som.bevindingen)
        self._gross.take(som.bruto, som.bruto_zonder)
        self._net.take(som.netto, som.netto_zonder)
        self._days.take(som.dagen, som.dagen_zonder)

    def cijfers(self) -> Cijfers:
        counted, split = self._counted, self._split
        return Cijfers(
            n=counted["open"] + counted["gesloten"] + counted[UITGEBLEVEN],
            open=counted["open"],
            uitgebleven=counted[UITGEBLEVEN],
            vervallen=counted["vervallen"],
            geweigerd=counted["geweigerd"],
            ingetrokken=counted["ingetrokken"],
            uren=self._gross.kwantielen(),
            netto=self._net.kwantielen(),
            dagen=self._days.kwantielen(),
            gevallen=counted["gevallen"],
            gehaald=counted["gehaald"],
            zonder_norm=counted["zonder_norm"],
            aan_zet={party: split[party] for party in AanZet if split[party]},
            voorlopig=counted["voorlopig"],
            bevindingen=dict(sorted(self._findings.items())),
        )

    def som(self) -> Som:
        return Som(
            tellingen={what: number for what, number in sorted(self._counted.items()) if number},
            aan_zet={party: self._split[party] for party in AanZet if self._split[party]},
            bevindingen=dict(sorted(self._findings.items())),
            bruto=self._gross.ended(),
            netto=self._net.ended(),
            dagen=self._days.ended(),
            bruto_zonder=self._gross.censored(),
            netto_zonder=self._net.censored(),
            dagen_zonder=self._days.censored(),
        )


def met_norm(one: Interval, peil: int) -> bool | None:
    """Whether an interval whose deadline has passed at `peil` met it; None when it does not count in *binnen norm*.

    Open and late counts as not met, and so does what is uitgebleven, from the moment that its deadline passes; cancelled and
    withdrawn do not count; and of a deadline that is still to come nothing is said, also when the interval ended already: else
    only what went well would count before its time.
    """
    if not one.telt or not one.verstreken(peil):
        return None
    return one.gehaald()


def _place(one: Interval) -> str:
    if one.uitgebleven:
        return UITGEBLEVEN
    return "geweigerd-buiten" if one.stand is Stand.VERVALLEN and one.geweigerd else one.stand.value


class Durations:
    """What of a cohort has ended and what is open or uitgebleven, in one unit. One that was not measured in it spoils all."""

    def __init__(self) -> None:
        self._ended: list[int] = []
        self._censored: list[int] = []
        self._complete = True

    def add(self, one: Interval, duration: int | None) -> None:
        if duration is None:
            self._complete = False
        else:
            (self._ended if one.gesloten else self._censored).append(duration)

    def take(self, ended: tuple[int, ...] | None, censored: tuple[int, ...]) -> None:
        """What was added up before; `ended` None when not all of it was measured."""
        if ended is None:
            self._complete = False
        else:
            self._ended += ended
            self._censored += censored

    def ended(self) -> tuple[int, ...] | None:
        return tuple(sorted(self._ended)) if self._complete else None

    def censored(self) -> tuple[int, ...]:
        return tuple(sorted(self._censored)) if self._complete else ()

    def kwantielen(self) -> Kwantielen:
        if not self._complete:
            return Kwantielen(None, None)
        found = Survival(self._ended, self._censored)
        return Kwantielen(found.quantile(50), found.quantile(90))
