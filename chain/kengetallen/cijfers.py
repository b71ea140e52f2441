"""The figures of one group of intervals: how many, how long, within norm, and who was aan zet."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec

from chain.kengetallen.interval import Interval
from chain.kengetallen.survival import Quantile, Survival
from topics.documents.keten import AanZet, Stand

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

    By start cohort, that is what began in the period: `n` = closed + open, on which the quantiles stand; `open` of
    them; `vervallen` (cancelled) and `ingetrokken` (withdrawn) are outside. `geweigerd`: ended by a refusal; for a measure
    that a refusal answers (acceptatie) of `n`, for the others outside. `uren`: gross seconds; `netto`: seconds while the
    contract clock ran; `dagen`: days of the measure. `aan_zet`: seconds of what is closed, split.

    By deadline: `gevallen` = deadlines that fell in the period and have passed, of what was not cancelled or withdrawn;
    `gehaald` = ended by then. `zonder_norm`: of `n`, without a deadline.

    `voorlopig`, `bevindingen`: of everything that any figure here stands on.
    """

    n: int
    open: int
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


def cijfers(intervals: Iterable[Interval], periode: Periode, peil: int, dagen: Dagen) -> Cijfers:
    """Figures as they stand at `peil`; `intervals` as they were known then. Read once, in any order."""
    counted: Counter[str] = Counter()
    split: Counter[AanZet] = Counter()
    findings: Counter[str] = Counter()
    gross, net, days = _Durations(), _Durations(), _Durations()
    for one in intervals:
        in_cohort = periode.bevat(one.begin)
        due = one.deadline is not None and periode.bevat(one.deadline) and met_norm(one, peil) is not None
        if due:
            counted["gevallen"] += 1
            counted["gehaald"] += one.gehaald()
        if in_cohort:
            counted[_place(one)] += 1
            counted["geweigerd"] += one.geweigerd and one.stand is not Stand.INGETROKKEN
            if one.open or one.gesloten:
                counted["zonder_norm"] += one.deadline is None
                gross.add(one, one.bruto_op(peil))
                net.add(one, one.netto_op(peil))
                days.add(
                    one, one.dagen if one.dagen is not None else dagen(one, peil if one.eind is None else one.eind)
                )
            if one.gesloten:
                split.update(one.aan_zet)
        if (in_cohort or due) and one.stand is not Stand.INGETROKKEN:
            counted["voorlopig"] += one.voorlopig
            findings.update(set(one.bevindingen))
    return Cijfers(
        n=counted["open"] + counted["gesloten"],
        open=counted["open"],
        vervallen=counted["vervallen"],
        geweigerd=counted["geweigerd"],
        ingetrokken=counted["ingetrokken"],
        uren=gross.kwantielen(),
        netto=net.kwantielen(),
        dagen=days.kwantielen(),
        gevallen=counted["gevallen"],
        gehaald=counted["gehaald"],
        zonder_norm=counted["zonder_norm"],
        aan_zet={party: split[party] for party in AanZet if split[party]},
        voorlopig=counted["voorlopig"],
        bevindingen=dict(sorted(findings.items())),
    )


def met_norm(one: Interval, peil: int) -> bool | None:
    """Whether an interval whose deadline has passed at `peil` met it; None when it does not count in *binnen norm*.

    Open and late counts as not met; cancelled and withdrawn do not count; and of a deadline that is still to come nothing
    is said, also when the interval ended already: else only what went well would count before its time.
    """
    if not (one.open or one.gesloten) or not one.verstreken(peil):
        return None
    return one.gehaald()


def _place(one: Interval) -> str:
    return "geweigerd-buiten" if one.stand is Stand.VERVALLEN and one.geweigerd else one.stand.value


class _Durations:
    """What of a cohort has ended and what is still open, in one unit. One that was not measured in it spoils all."""

    def __init__(self) -> None:
        self._ended: list[int] = []
        self._open: list[int] = []
        self._complete = True

    def add(self, one: Interval, duration: int | None) -> None:
        if duration is None:
            self._complete = False
        else:
            (self._open if one.open else self._ended).append(duration)

    def kwantielen(self) -> Kwantielen:
        if not self._complete:
            return Kwantielen(None, None)
        found = Survival(self._ended, self._open)
        return Kwantielen(found.quantile(50), found.quantile(90))
