"""What a dashboard shows of a measure of a pair over a rolling window; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from chain.kengetallen.cijfers import Durations, Kwantielen, Periode, met_norm
from chain.kengetallen.interval import Interval
from topics.documents.keten import AanZet


class Vensterbeeld(msgspec.Struct, frozen=True, kw_only=True):
    """`duren`: gross seconds of what ended in the window, sorted; `aan_zet`: who was to act meanwhile. `kwantielen`: of
    what began in it, open ones censored. Of the deadlines in it that have passed: `gehaald` and `gemist`."""

    duren: tuple[int, ...]
    aan_zet: Mapping[AanZet, int]
    kwantielen: Kwantielen
    gehaald: int
    gemist: int


def vensterbeeld(intervals: Iterable[Interval], periode: Periode, peil: int) -> Vensterbeeld:
    """As it stands at `peil`; what `cijfers` has too is the same."""
    duren, durations, split = list[int](), Durations(), Counter[AanZet]()
    met: Counter[bool | None] = Counter()
    for one in intervals:
        if one.gesloten and one.eind is not None and periode.bevat(one.eind):
            duren.append(one.bruto_op(peil))
            for party, seconds in one.aan_zet.items():
                split[party] += seconds
        if one.telt and periode.bevat(one.begin):
            durations.add(one, one.bruto_op(peil))
        if one.deadline is not None and periode.bevat(one.deadline):
            met[met_norm(one, peil)] += 1
    return Vensterbeeld(
        duren=tuple(sorted(duren)),
        aan_zet={party: split[party] for party in AanZet if split[party]},
        kwantielen=durations.kwantielen(),
        gehaald=met[True],
        gemist=met[False],
    )
