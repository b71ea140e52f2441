"""The measures of ONDERHOUD 2: each an interval with a start, from that start on. Pure functions of the conclusion.

A new measure is one function from a Conclusie to its Bereik, and one line in MATEN.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from chain.kalender import SECONDE, UUR, micros, unpack
from chain.ketens.onderhoud.conclusie import Conclusie, Stuk
from chain.ketens.onderhoud.feiten import ANN, WEI, Vermelding, Versie
from chain.ketens.onderhoud.tabel import BEVINDINGEN
from topics.documents.keten import AanZet, Stand

STANDEN: Final = tuple(Stand)
OPEN, GESLOTEN, VERVALLEN, INGETROKKEN = range(len(STANDEN))
PARTIJEN: Final = tuple(AanZet)
_PLAATS: Final = {aan_zet: index for index, aan_zet in enumerate(PARTIJEN)}
_BEVINDING: Final = {code: 1 << index for index, code in enumerate(BEVINDINGEN)}


Stops = Sequence[tuple[int, int | None]]
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
    bereik: Bereik
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


class Nieuw(NamedTuple):
    """What is new since the measures of the state: nothing (on a tick), or the one status or planning that plainly
    comes last. What lies before it is as it was, so that its figures are taken over, for speed only."""

    laatste: Vermelding | None


def meten(
    found: Conclusie, voorlopig: bool, former: Sequence[Kern | None] = (), nieuw: Nieuw | None = None
) -> list[Meting]:
    """Every measure that has a start. With `nieuw`, `former` are the kernels before it, by number in MATEN."""
    stops = _stops(found)
    measured = []
    for number, maat in enumerate(MATEN):
        bereik = maat.bereik(found)
        if bereik is not None:
            kern = None if nieuw is None else former[number]
            same = kern is not None and kern.stand == bereik.stand and kern.begin == bereik.begin
            measured.append(_meet(found, number, bereik, stops, voorlopig, kern if same else None, nieuw))
    return measured


def bij_begin(meting: Meting, found: Conclusie) -> Kern:
    """The measure as it was at its start: revision 0, open, with the deadline without pauses."""
    kern = meting.kern
    if len(found.stukken) == 1:
        deadline = kern.deadline
    else:
        deadline = deadline_of(found.termen, MATEN[meting.maat].naam, kern.begin, ())
    return Kern(OPEN, kern.begin, None, deadline, voorlopig=kern.voorlopig, merk=meting.bereik.begin_feit.merk)


def deadline_of(termen: Versie, maat: str, begin: int, stops: Stops) -> int | None:
    """End of the norm of `maat`; None when there is none.

    A norm in working days ends with the n-th working day and shifts by the working time during which the contract clock
    stood; one in hours runs 24 x 7 and shifts by the time that it stood. A stop after the deadline shifts nothing, and
    one that still lasts nothing yet.
    """
    for norm in termen.normen:
        if norm[0] == maat:
            break
    else:
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
    for stopped, resumed in stops:
        if resumed is None or stopped > deadline:
            break
        start = max(stopped, begin)
        if in_hours:
            deadline += max(0, resumed - start)
        else:
            deadline = calendar.shift(deadline, calendar.working_time(start, resumed))
    return deadline


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
    """What the figure rests on: start, every fact inside that moved aan zet or the clock, and end."""
    facts = [bereik.begin_feit]
    until = found.tot if bereik.eind_feit is None else bereik.eind_feit.moment
    facts += [s.feit for s in found.stukken if s.feit is not None and bereik.begin < s.begin < until]
    if bereik.eind_feit is not None:
        facts.append(bereik.eind_feit)
    return list(dict.fromkeys(facts))


def _stops(found: Conclusie) -> Stops:
    """The end of status traffic is no pause: what is open then (an AGE without TGE) stays open and becomes late."""
    stops: list[tuple[int, int | None]] = []
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
    return stops


def _meet(
    found: Conclusie,
    number: int,
    bereik: Bereik,
    stops: Stops,
    voorlopig: bool,
    before: Kern | None,
    nieuw: Nieuw | None,
) -> Meting:
    begin, end_fact = bereik.begin, bereik.eind_feit
    end = None if end_fact is None else end_fact.moment
    bits = _bits(found, begin, end)
    last = None if nieuw is None else nieuw.laatste
    if before is not None and end is not None and before.eind == end and (last is None or end <= micros(last.gebeurd)):
        if before.voorlopig is not voorlopig or before.bevindingen != bits:
            before = replace(before, voorlopig=voorlopig, bevindingen=bits)
        return Meting(number, bereik, before, None)
    inside = _within(stops, begin, end) if stops else stops
    resumed = last is not None and found.klok_loopt and found.stukken[-1].feit is last
    if before is not None and end is None and not resumed:
        deadline = before.deadline
    else:
        deadline = deadline_of(found.termen, MATEN[number].naam, begin, inside)
    if end is None:
        paused = bool(inside) and inside[-1][1] is None
        late = None if deadline is not None and paused and inside[-1][0] <= deadline else deadline
        mark = bereik.begin_feit.merk
        kern = Kern(OPEN, begin, None, deadline, paused, voorlopig, bevindingen=bits, merk=mark)
        return Meting(number, bereik, kern, late)
    net, split = verdeling(found.stukken, begin, end)
    mark = 0
    for feit in bewijs_feiten(found, bereik):
        mark ^= feit.merk
    kern = Kern(bereik.stand, begin, end, deadline, False, voorlopig, net, split, bits, mark)
    return Meting(number, bereik, kern, None)


def _within(stops: Stops, begin: int, end: int | None) -> Stops:
    """Stops that matter to a measure: those after its begin, up to its end."""
    later = [stop for stop in stops if stop[1] is None or stop[1] > begin]
    if end is None:
        return later
    return [(since, end if until is None else min(until, end)) for since, until in later if since < end]


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
