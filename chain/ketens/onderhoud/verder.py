"""The measures of a dossier that went one fact further, taken over where that fact leaves them alone. For speed only.

What comes of it is what `maten.meten` finds from the facts alone; a property test counts everything anew and compares.
"""

from collections.abc import Sequence

import msgspec

from chain.kalender import micros
from chain.ketens.onderhoud.beeld import Conclusie
from chain.ketens.onderhoud.bereiken import INGETROKKEN, MATEN, OPEN
from chain.ketens.onderhoud.feiten import Vermelding
from chain.ketens.onderhoud.maten import Kern, Meting, dreiging, gesloten, grens_of, meet, stil_sinds
from chain.ketens.onderhoud.staat import Gemeten
from chain.ketens.onderhoud.termijn import verschoven


class Nieuw(msgspec.Struct, frozen=True, gc=False):
    """What is new in the facts: nothing (on a tick), or the one status or planning that plainly comes last."""

    laatste: Vermelding | None


def verder(found: Conclusie, voorlopig: bool, former: Sequence[Gemeten], nieuw: Nieuw) -> list[Meting] | None:
    """The measures after `nieuw`, from those that stood before it; None when they are to be counted from the facts.

    That is so after a reopening, with findings, with an agreed extension, and when something before the new fact counts
    as later (a day without a time).
    """
    if found.opmerkingen or found.verlengd is not None or found.claim is not None:
        return None
    ended: int | None = None
    for gemeten in former:
        kern = gemeten.kern
        if kern.voorlopig is not voorlopig or kern.bevindingen:
            return None
        if kern.eind is not None and (ended is None or kern.eind > ended):
            ended = kern.eind
    last = nieuw.laatste
    if last is None:
        return _kept_all(former)
    at = micros(last.gebeurd)
    turn = found.stukken[-1]
    if last is found.heropend or turn.begin > at:
        return None
    since = turn.begin if turn.feit is last else at
    if ended is not None and ended > since:
        return None
    turned = len(found.stukken) > 1 and turn.feit is last and turn.klok_loopt is not found.stukken[-2].klok_loopt
    if last is found.geraakt:
        return _ended(found, voorlopig, former, last, at, turned)
    if not turned:
        return _kept_all(former)
    return [
        Meting(gemeten.maat, kern, grens_of(kern))
        for gemeten in former
        if gemeten.kern.stand != INGETROKKEN
        for kern in (_running(found, gemeten.maat, gemeten.kern, turned),)
    ]


def _kept_all(former: Sequence[Gemeten]) -> list[Meting]:
    """As they stood, but for what was withdrawn."""
    return [
        Meting(gemeten.maat, kern, grens_of(kern) if kern.stand == OPEN else None)
        for gemeten in former
        if (kern := gemeten.kern).stand != INGETROKKEN
    ]


def _ended(
    found: Conclusie, voorlopig: bool, former: Sequence[Gemeten], last: Vermelding, at: int, turned: bool
) -> list[Meting]:
    """A fact that ends or begins measures: what it ends keeps its deadline, what was closed before it stays."""
    kernels = {gemeten.maat: gemeten.kern for gemeten in former}
    measured = []
    for number, maat in enumerate(MATEN):
        bereik = maat.bereik(found)
        if bereik is None:
            continue
        kern = kernels.get(number)
        if kern is None or kern.begin != bereik.begin or kern.stand == INGETROKKEN:
            measured.append(meet(found, number, bereik, voorlopig))
        elif bereik.eind is None and kern.stand == OPEN:
            # the end of status traffic is no pause
            kern = kern if last is found.einde else _running(found, number, kern, turned)
            measured.append(Meting(number, kern, grens_of(kern)))
        elif kern.stand == OPEN and bereik.eind_feit is last and bereik.eind == at:
            deadline = _kept(found, maat.naam, kern, last, at)
            measured.append(gesloten(found, number, bereik, deadline, voorlopig))
        elif kern.eind is not None and kern.eind == bereik.eind and kern.eind < at and bereik.eind_feit is not last:
            measured.append(Meting(number, kern, None))
        else:
            measured.append(meet(found, number, bereik, voorlopig))
    return measured


def _kept(found: Conclusie, maat: str, kern: Kern, last: Vermelding, at: int) -> int | None:
    """The deadline of a measure that `last` ends: as it was, but for a stop that ends with it."""
    turn = found.stukken[-1]
    before, until = (found.stukken, at) if turn.feit is not last else (found.stukken[:-1], turn.begin)
    if kern.deadline is None or before[-1].klok_loopt:
        return kern.deadline
    if turn.feit is last and not turn.klok_loopt:
        until = at
    return verschoven(found.termen, maat, kern.deadline, kern.begin, ((stil_sinds(before), until),))


def _running(found: Conclusie, number: int, kern: Kern, turned: bool) -> Kern:
    """What is open pauses or resumes when the last fact turned the clock."""
    if not turned or kern.stand != OPEN:
        return kern
    deadline, threat = kern.deadline, kern.dreigt
    if found.klok_loopt and deadline is not None:
        stop = (stil_sinds(found.stukken[:-1]), found.stukken[-1].begin)
        deadline = verschoven(found.termen, MATEN[number].naam, deadline, kern.begin, (stop,))
        if threat is not None and deadline != kern.deadline:
            threat = dreiging(found, number, kern.begin, deadline)
    paused = not found.klok_loopt
    stil = found.stukken[-1].begin if paused else None
    return Kern(OPEN, kern.begin, None, deadline, paused, kern.voorlopig, 0, (), 0, kern.merk, threat, None, stil)
