"""The measures as they stand, from the facts alone: deadline, pause, net, split, findings, evidence. Pure."""

from collections.abc import Sequence
from typing import Final

import msgspec

from chain.kalender import SECONDE, UUR, unpack
from chain.ketens.onderhoud.beeld import Conclusie, Stuk, Verlenging
from chain.ketens.onderhoud.bereiken import (
    GESLOTEN,
    INGETROKKEN,
    MATEN,
    MELDVERTRAGING,
    OPEN,
    STANDEN,
    TECHNISCH,
    VERVALLEN,
    Bereik,
)
from chain.ketens.onderhoud.feiten import Vermelding, Versie
from chain.ketens.onderhoud.tabel import BEVINDINGEN, TE_LAAT_GEMELD, VERLENGING
from chain.ketens.onderhoud.termijn import Stop, Stops, deadline_of, dreiging_of, norm_of, verschoven
from topics.documents.keten import AanZet

__all__ = ["GESLOTEN", "INGETROKKEN", "MATEN", "OPEN", "STANDEN", "VERVALLEN", "Kern", "Meting", "meten"]

PARTIJEN: Final = tuple(AanZet)
_PLAATS: Final = {aan_zet: index for index, aan_zet in enumerate(PARTIJEN)}
_BEVINDING: Final = {code: 1 << index for index, code in enumerate(BEVINDINGEN)}


class Kern(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What makes a revision of a measure: it is published again when any of this changes.

    Times in microseconds; `verdeling`: seconds per PARTIJEN while aan zet, of what is closed. `bevindingen`: bits.
    `merk`: a mark of the evidence, that of the start only while it is open. `dreigt`: from when on an open one
    threatens; `gevraagd`: the deadline that a VER asks for; `stil`: since when the clock stands, while it is paused.
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
    dreigt: int | None = None
    gevraagd: int | None = None
    stil: int | None = None


class Meting(msgspec.Struct, frozen=True, gc=False):
    """A measure as it stands. `grens`: from when on it is late; None when it cannot become so (closed, paused, no norm).
    `bereik`: its interval, where it was counted from the facts."""

    maat: int
    kern: Kern
    grens: int | None
    bereik: Bereik | None = None


def meten(found: Conclusie, voorlopig: bool) -> list[Meting]:
    """Every measure that has a start, from the facts alone."""
    ranges = [(number, maat.bereik(found)) for number, maat in enumerate(MATEN)]
    return [meet(found, number, bereik, voorlopig) for number, bereik in ranges if bereik is not None]


def meet(found: Conclusie, number: int, bereik: Bereik, voorlopig: bool) -> Meting:
    """The measure with this number and interval, from the facts alone."""
    begin = bereik.begin
    stops = _stops(found, begin, bereik.eind)
    extended = _extended(found, number, bereik.eind)
    deadline = _deadline(found.termen, MATEN[number].naam, begin, stops, extended)
    if bereik.eind is not None:
        return gesloten(found, number, bereik, deadline, voorlopig)
    paused = bool(stops) and stops[-1][1] is None
    kern = Kern(
        OPEN,
        begin,
        None,
        deadline,
        paused,
        voorlopig,
        bevindingen=_bits(found, number, begin, None),
        merk=bereik.begin_feit.merk,
        dreigt=dreiging(found, number, begin, deadline),
        gevraagd=_asked(found, number, None),
        stil=stops[-1][0] if paused else None,
    )
    return Meting(number, kern, grens_of(kern), bereik)


def gesloten(found: Conclusie, number: int, bereik: Bereik, deadline: int | None, voorlopig: bool) -> Meting:
    """A measure that has an end."""
    begin, end = bereik.begin, eind_of(bereik)
    net, split = verdeling(found.stukken, begin, end)
    mark = 0
    for feit in bewijs_feiten(found, bereik):
        mark ^= feit.merk
    bits = _bits(found, number, begin, end)
    asked = _asked(found, number, end)
    kern = Kern(bereik.stand, begin, end, deadline, False, voorlopig, net, split, bits, mark, None, asked)
    return Meting(number, kern, None, bereik)


def eind_of(bereik: Bereik) -> int:
    """The end of an interval that has one."""
    return bereik.begin if bereik.eind is None else bereik.eind


def bereik_of(found: Conclusie, number: int) -> Bereik:
    """Raises ValueError when the measure has no start."""
    bereik = MATEN[number].bereik(found)
    if bereik is None:
        raise ValueError(f"{MATEN[number].naam}: found no start, expected a measure that has begun")
    return bereik


def grens_of(kern: Kern) -> int | None:
    """From when on an open measure is late: not while the clock stands still since before its deadline."""
    if kern.stand != OPEN or kern.deadline is None or kern.stil is None:
        return kern.deadline if kern.stand == OPEN else None
    return kern.deadline if kern.stil > kern.deadline else None


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
    if found.verlengd is None and kern.stand == OPEN and _unpaused(found, kern.begin):
        deadline, threat = kern.deadline, kern.dreigt
    else:
        deadline = deadline_of(found.termen, MATEN[meting.maat].naam, kern.begin, ())
        threat = dreiging_of(found.termen, MATEN[meting.maat].naam, kern.begin, deadline, None)
    return Kern(OPEN, kern.begin, None, deadline, voorlopig=kern.voorlopig, merk=begin.merk, dreigt=threat)


def dreiging(found: Conclusie, number: int, begin: int, deadline: int | None) -> int | None:
    """From when on the measure threatens to pass `deadline`; None when no norm says so."""
    if deadline is None:
        return None
    extended = _extended(found, number, None)
    until = None if extended is None else extended.tot
    return dreiging_of(found.termen, MATEN[number].naam, begin, deadline, until)


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
    begin, begin_fact, end, end_fact = bereik.begin, bereik.begin_feit, bereik.eind, bereik.eind_feit
    until = found.tot if end is None else end
    facts = [begin_fact]
    for stuk in found.stukken:
        feit = stuk.feit
        if feit is not None and begin < stuk.begin < until and feit is not begin_fact and feit is not end_fact:
            facts.append(feit)
    if end_fact is not None and end_fact is not begin_fact:
        facts.append(end_fact)
    return facts


def _deadline(termen: Versie, maat: str, begin: int, stops: Stops, extended: Verlenging | None) -> int | None:
    """End of the norm; of an agreed extension, which later stops shift. An order without a norm has none to extend."""
    if extended is None or norm_of(termen, maat) is None:
        return deadline_of(termen, maat, begin, stops)
    return verschoven(termen, maat, extended.tot, max(begin, extended.sinds), stops)


def _extended(found: Conclusie, number: int, end: int | None) -> Verlenging | None:
    """The agreed extension of technisch gereed, unless it was agreed after the end."""
    extended = found.verlengd
    if extended is None or number != TECHNISCH or (end is not None and extended.sinds > end):
        return None
    return extended


def _unpaused(found: Conclusie, begin: int) -> bool:
    return len(found.stukken) == 1 or found.stukken[-1].begin <= begin


def _asked(found: Conclusie, number: int, end: int | None) -> int | None:
    """What an open claim asks of technisch gereed."""
    claim = found.claim
    if claim is None or number != TECHNISCH or (end is not None and claim.moment > end):
        return None
    return claim.gevraagd


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


def _bits(found: Conclusie, number: int, begin: int, end: int | None) -> int:
    bits = 0
    if end is not None and end < begin:
        bits |= _BEVINDING["eind-voor-begin"]
    if number == MELDVERTRAGING:
        limit = found.termen.terugdateren
        if limit is not None and end is not None and end - begin > limit * UUR:
            bits |= _BEVINDING[TE_LAAT_GEMELD]
        return bits
    for remark in found.opmerkingen:
        if (
            begin <= remark.op
            and (end is None or remark.op <= end)
            and (remark.code != VERLENGING or number == TECHNISCH)
        ):
            bits |= _BEVINDING[remark.code]
    return bits
