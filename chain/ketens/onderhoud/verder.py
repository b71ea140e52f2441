"""The measures of a dossier that went one fact further, taken over where that fact leaves them alone. For speed only.

What comes of it is what `maten.meten` finds from the facts alone; a property test counts everything anew and compares.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from chain.kalender import micros
from chain.ketens.onderhoud.conclusie import Conclusie
from chain.ketens.onderhoud.feiten import Vermelding
from chain.ketens.onderhoud.maten import (
    INGETROKKEN,
    MATEN,
    OPEN,
    Kern,
    Meting,
    gesloten,
    grens_of,
    meet,
    stil_sinds,
    verschoven,
)
from chain.ketens.onderhoud.staat import Gemeten


class Nieuw(NamedTuple):
    """What is new in the facts: nothing (on a tick), or the one status or planning that plainly comes last."""

    laatste: Vermelding | None


def verder(found: Conclusie, voorlopig: bool, former: Sequence[Gemeten], nieuw: Nieuw) -> list[Meting] | None:
    """The measures after `nieuw`, from those that stood before it; None when they are to be counted from the facts.

    That is so after a reopening, with findings, and when something before the new fact counts as later (a day without a
    time).
    """
    if found.opmerkingen:
        return None
    for gemeten in former:
        if gemeten.kern.voorlopig is not voorlopig or gemeten.kern.bevindingen:
            return None
    last = nieuw.laatste
    if last is None:
        kept = [gemeten for gemeten in former if gemeten.kern.stand != INGETROKKEN]
        return [Meting(gemeten.maat, gemeten.kern, grens_of(gemeten.kern, found)) for gemeten in kept]
    at = micros(last.gebeurd)
    if last is found.heropend or found.stukken[-1].begin > at:
        return None
    if any(gemeten.kern.eind is not None and gemeten.kern.eind > at for gemeten in former):
        return None
    if last is found.gereed or last is found.einde or last is found.antwoord:
        return _ended(found, voorlopig, former, last, at)
    return _turned(found, former, last)


def _ended(found: Conclusie, voorlopig: bool, former: Sequence[Gemeten], last: Vermelding, at: int) -> list[Meting]:
    """A fact that ends or begins measures: what it ends keeps its deadline, what was closed before it stays."""
    kernels = {gemeten.maat: gemeten.kern for gemeten in former}
    measured = []
    for number, maat in enumerate(MATEN):
        bereik = maat.bereik(found)
        if bereik is None:
            continue
        kern = kernels.get(number)
        if kern is None or kern.begin != bereik.begin:
            measured.append(meet(found, number, bereik, voorlopig))
        elif kern.stand == OPEN and bereik.eind_feit is last:
            deadline = _kept(found, maat.naam, kern, last, at)
            measured.append(gesloten(found, number, bereik, last, deadline, voorlopig))
        elif kern.eind is not None and kern.eind < at and bereik.eind_feit is not last:
            measured.append(Meting(number, kern, None))
        else:
            measured.append(meet(found, number, bereik, voorlopig))
    return measured


def _kept(found: Conclusie, maat: str, kern: Kern, last: Vermelding, at: int) -> int | None:
    """The deadline of a measure that `last` ends: as it was, but for a stop that ends with it."""
    before = found.stukken if found.stukken[-1].feit is not last else found.stukken[:-1]
    if kern.deadline is None or before[-1].klok_loopt:
        return kern.deadline
    return verschoven(found.termen, maat, kern.deadline, kern.begin, (stil_sinds(before), at))


def _turned(found: Conclusie, former: Sequence[Gemeten], last: Vermelding) -> list[Meting]:
    """A fact that at most turns who is aan zet pauses or resumes what is open."""
    stukken = found.stukken
    turned = stukken[-1].feit is last and stukken[-1].klok_loopt is not stukken[-2].klok_loopt
    measured = []
    for gemeten in former:
        maat, kern = gemeten.maat, gemeten.kern
        if turned and kern.stand == OPEN:
            deadline = kern.deadline
            if found.klok_loopt and deadline is not None:
                stop = (stil_sinds(stukken[:-1]), stukken[-1].begin)
                deadline = verschoven(found.termen, MATEN[maat].naam, deadline, kern.begin, stop)
            kern = replace(kern, deadline=deadline, gepauzeerd=not found.klok_loopt)
        if kern.stand != INGETROKKEN:
            measured.append(Meting(maat, kern, grens_of(kern, found)))
    return measured
