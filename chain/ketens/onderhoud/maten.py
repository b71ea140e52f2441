"""The measures of ONDERHOUD 2: each an interval with a start, from that start on. Pure functions of the conclusion.

A new measure is one function from a Conclusie to its Bereik, and one line in MATEN.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from chain.kalender import SECONDE, UUR, Werkkalender, unpack
from chain.ketens.onderhoud.conclusie import Conclusie, Stuk
from chain.ketens.onderhoud.feiten import ANN, WEI, Vermelding, Versie
from chain.ketens.onderhoud.tabel import BEVINDINGEN
from topics.documents.keten import AanZet, Stand

STANDEN: Final = tuple(Stand)
OPEN, GESLOTEN, VERVALLEN, INGETROKKEN = range(len(STANDEN))
PARTIJEN: Final = tuple(AanZet)
_PLAATS: Final = {aan_zet: index for index, aan_zet in enumerate(PARTIJEN)}
_BEVINDING: Final = {code: 1 << index for index, code in enumerate(BEVINDINGEN)}


Stop = tuple[int, int | None]
Stops = Sequence[Stop]
"""When the contract clock stood still: from, until; the last one may still last."""


class Bereik(NamedTuple):
    """Where a measure begins and, once there is one, ends."""

    begin: int
    begin_feit: Vermelding
    eind_feit: Vermelding | None
    stand: int


class Kern(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What makes a revision of a measure: it is published again when any of this changes.

    Times in microseconds; `verdeling`: seconds per PARTIJEN while aan zet, of what is closed. `bevindingen`: bits.
    `merk`: a mark of the evidence, that of the start only while it is open.
    """

    stand: int
    begin: int
    eind: int | None = None
    deadline: int | None = None
    gepauzeerd: bool = False
    voorlopig: bool = False
    netto: int = 0
    verdeling: tuple[int, ...] = ()
    bevindingen: int = 0
    merk: int = 0


class Meting(NamedTuple):
    """A measure as it stands. `grens`: from when on it is late; None when it cannot become so (closed, paused, no norm)."""

    maat: int
    kern: Kern
    grens: int | None


def _acceptatie(found: Conclusie) -> Bereik:
    return _from_t0(found, found.antwoord)


def _technisch(found: Conclusie) -> Bereik:
    return _from_t0(found, found.gereed)


def _administratief(found: Conclusie) -> Bereik | None:
    ready = found.gereed
    if ready is None:
        return None
    end = found.einde
    if end is None:
        return Bereik(ready.moment, ready, None, OPEN)
    return Bereik(ready.moment, ready, end, VERVALLEN if end.rang in (WEI, ANN) else GESLOTEN)


def _from_t0(found: Conclusie, end: Vermelding | None) -> Bereik:
    """WEI and ANN end what is open as vervallen."""
    if end is not None:
        return Bereik(found.t0, found.basis, end, GESLOTEN)
    last = found.einde
    if last is not None and last.rang in (WEI, ANN):
        return Bereik(found.t0, found.basis, last, VERVALLEN)
    return Bereik(found.t0, found.basis, None, OPEN)


class Maat(NamedTuple):
    """A measure: its name in norms and documents, its interval, and whom a passed deadline speaks against."""

    naam: str
    bereik: Callable[[Conclusie], Bereik | None]
    tegen: AanZet = AanZet.AANNEMER


MATEN: Final = (
    Maat("acceptatie", _acceptatie),
    Maat("technisch-gereed", _technisch),
    Maat("administratief-gereed", _administratief),
)
"""Their order is their number in the state: only ever added to at the end."""


def meten(found: Conclusie, voorlopig: bool) -> list[Meting]:
    """Every measure that has a start, from the facts alone."""
    ranges = [(number, maat.bereik(found)) for number, maat in enumerate(MATEN)]
    return [meet(found, number, bereik, voorlopig) for number, bereik in ranges if bereik is not None]


def meet(found: Conclusie, number: int, bereik: Bereik, voorlopig: bool) -> Meting:
    """The measure with this number and interval, from the facts alone."""
    begin, end_fact = bereik.begin, bereik.eind_feit
    end = None if end_fact is None else end_fact.moment
    stops = _stops(found, begin, end)
    deadline = deadline_of(found.termen, MATEN[number].naam, begin, stops)
    if end_fact is not None:
        return gesloten(found, number, bereik, end_fact, deadline, voorlopig)
    paused = bool(stops) and stops[-1][1] is None
    mark = bereik.begin_feit.merk
    kern = Kern(OPEN, begin, None, deadline, paused, voorlopig, bevindingen=_bits(found, begin, None), merk=mark)
    return Meting(number, kern, grens_of(kern, found))


def gesloten(
    found: Conclusie, number: int, bereik: Bereik, end_fact: Vermelding, deadline: int | None, voorlopig: bool
) -> Meting:
    """A measure that `end_fact` ended."""
    begin, end = bereik.begin, end_fact.moment
    net, split = verdeling(found.stukken, begin, end)
    mark = 0
    for feit in bewijs_feiten(found, bereik):
        mark ^= feit.merk
    bits = _bits(found, begin, end)
    return Meting(number, Kern(bereik.stand, begin, end, deadline, False, voorlopig, net, split, bits, mark), None)


def bereik_of(found: Conclusie, number: int) -> Bereik:
    """Raises ValueError when the measure has no start."""
    bereik = MATEN[number].bereik(found)
    if bereik is None:
        raise ValueError(f"{MATEN[number].naam}: found no start, expected a measure that has begun")
    return bereik


def grens_of(kern: Kern, found: Conclusie) -> int | None:
    """From when on an open measure is late: not while the clock stands still since before its deadline."""
    if kern.stand != OPEN or kern.deadline is None or not kern.gepauzeerd:
        return kern.deadline if kern.stand == OPEN else None
    return kern.deadline if stil_sinds(found.stukken) > kern.deadline else None


def stil_sinds(stukken: Sequence[Stuk]) -> int:
    """Since when the clock has stood still, up to the last piece, which does not run."""
    since = stukken[-1].begin
    for stuk in reversed(stukken):
        if stuk.klok_loopt:
            break
        since = stuk.begin
    return since


def bij_begin(meting: Meting, found: Conclusie, begin: Vermelding) -> Kern:
    """The measure as it was at its start, the fact `begin`: open, with the deadline without pauses."""
    kern = meting.kern
    if kern.stand == OPEN and (len(found.stukken) == 1 or found.stukken[-1].begin <= kern.begin):
        deadline = kern.deadline
    else:
        deadline = deadline_of(found.termen, MATEN[meting.maat].naam, kern.begin, ())
    return Kern(OPEN, kern.begin, None, deadline, voorlopig=kern.voorlopig, merk=begin.merk)


def deadline_of(termen: Versie, maat: str, begin: int, stops: Stops) -> int | None:
    """End of the norm of `maat`; None when there is none.

    A norm in working days ends with the n-th working day and shifts by the working time during which the contract clock
    stood; one in hours runs 24 x 7 and shifts by the time that it stood. A stop after the deadline shifts nothing, and
    one that still lasts nothing yet.
    """
    norm = norm_of(termen, maat)
    if norm is None:
        return None
    _, value, in_hours = norm
    calendar = unpack(termen.kalender)
    if in_hours:
        deadline = begin + int(Decimal(value) * UUR)
    elif value.isdecimal():
        deadline = calendar.add_working_days(begin, int(value))
    else:
        whole, part = divmod(Decimal(value), 1)
        deadline = calendar.shift(calendar.add_working_days(begin, int(whole)), int(part * calendar.day_length))
    for stop in stops:
        deadline = _shifted(calendar, in_hours, deadline, begin, stop)
    return deadline


def verschoven(termen: Versie, maat: str, deadline: int, begin: int, stop: Stop) -> int:
    """`deadline` of the norm of `maat` after one more stop."""
    norm = norm_of(termen, maat)
    return deadline if norm is None else _shifted(unpack(termen.kalender), norm[2], deadline, begin, stop)


def norm_of(termen: Versie, maat: str) -> tuple[str, str, bool] | None:
    for norm in termen.normen:
        if norm[0] == maat:
            return norm
    return None


def _shifted(calendar: Werkkalender, in_hours: bool, deadline: int, begin: int, stop: Stop) -> int:
    since, until = stop
    if until is None or since > deadline:
        return deadline
    start = max(since, begin)
    if in_hours:
        return deadline + max(0, until - start)
    return calendar.shift(deadline, calendar.working_time(start, until))


def werkdagen(termen: Versie, begin: int, eind: int) -> int:
    return unpack(termen.kalender).working_days(begin, eind)


def verdeling(stukken: Sequence[Stuk], begin: int, eind: int) -> tuple[int, tuple[int, ...]]:
    """(net seconds, seconds per PARTIJEN) between two moments; both zero when `eind` is not later."""
    net = 0
    split = [0] * len(PARTIJEN)
    last = len(stukken) - 1
    for index, stuk in enumerate(stukken):
        start = stuk.begin if index and stuk.begin > begin else begin
        end = eind if index == last or stukken[index + 1].begin > eind else stukken[index + 1].begin
        if end > start:
            split[_PLAATS[stuk.aan_zet]] += end - start
            if stuk.klok_loopt:
                net += end - start
    return net // SECONDE, tuple(span // SECONDE for span in split)


def bewijs_feiten(found: Conclusie, bereik: Bereik) -> list[Vermelding]:
    """What the figure rests on: start, every fact inside that moved aan zet or the clock, and end; each once."""
    begin, begin_fact, end_fact, _ = bereik
    until = found.tot if end_fact is None else end_fact.moment
    facts = [begin_fact]
    for stuk in found.stukken:
        feit = stuk.feit
        if feit is not None and begin < stuk.begin < until and feit is not begin_fact and feit is not end_fact:
            facts.append(feit)
    if end_fact is not None and end_fact is not begin_fact:
        facts.append(end_fact)
    return facts


def _stops(found: Conclusie, begin: int, end: int | None) -> Stops:
    """Stops that matter to a measure: those that last after its begin, up to its end.

    The end of status traffic is no pause: what is open then (an AGE without TGE) stays open and becomes late.
    """
    stops: list[Stop] = []
    if len(found.stukken) == 1:
        return stops
    since: int | None = None
    for stuk in found.stukken:
        if stuk.feit is not None and stuk.feit is found.einde:
            break
        if stuk.klok_loopt and since is not None:
            stops.append((since, stuk.begin))
            since = None
        elif not stuk.klok_loopt and since is None:
            since = stuk.begin
    if since is not None:
        stops.append((since, None))
    stops = [stop for stop in stops if stop[1] is None or stop[1] > begin]
    if end is None:
        return stops
    return [(since, end if until is None else min(until, end)) for since, until in stops if since < end]


def _bits(found: Conclusie, begin: int, end: int | None) -> int:
    bits = 0
    if not found.opmerkingen and (end is None or end >= begin):
        return 0
    for remark in found.opmerkingen:
        if begin <= remark.op and (end is None or remark.op <= end):
            bits |= _BEVINDING[remark.code]
    if end is not None and end < begin:
        bits |= _BEVINDING["eind-voor-begin"]
    return bits
