"""What a dashboard shows of a measure of a pair over a rolling window; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from chain.kengetallen.cijfers import Kwantielen, Periode, cijfers
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
    """As it stands at `peil`."""
    known = list(intervals)
    ended = [one for one in known if one.gesloten and one.eind is not None and periode.bevat(one.eind)]
    split: Counter[AanZet] = Counter()
    for one in ended:
        split.update(one.aan_zet)
    found = cijfers(known, periode, peil, _uncounted)
    return Vensterbeeld(
        duren=tuple(sorted(one.bruto_op(peil) for one in ended)),
        aan_zet={party: split[party] for party in AanZet if split[party]},
        kwantielen=found.uren,
        gehaald=found.gehaald,
        gemist=found.gevallen - found.gehaald,
    )


def _uncounted(_one: Interval, _peil: int) -> int:
    return 0
