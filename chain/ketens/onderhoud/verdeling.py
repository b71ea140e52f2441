"""Who takes which room: what was released before keeps its place, then the invoices in the order that they came. Pure.

Within that, a line first takes of what it was agreed for, then of the extra work that counts, then of the tolerance;
a line that says it is extra work takes of that first.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from chain.ketens.onderhoud.redenen import Betwisting
from chain.ketens.onderhoud.ruimte import NUL, Ruimte, Vordering
from chain.ketens.onderhoud.vordering import Deelvordering

_HONDERD = Decimal(100)


class Groep(NamedTuple):
    """Rooms that share one tolerance: those of an order, or the one of a contract's `periode`."""

    ruimten: tuple[Ruimte, ...]
    periode: tuple[date, date] | None = None


def verdeel(gevraagd: Sequence[Deelvordering], groepen: Sequence[Groep]) -> bool:
    """Release what there is room for, beside what is released already; `gevraagd` in the order that they came.

    Whether something was while something else was not: what is released keeps its place from then on, and another place
    may have become free by that.
    """
    for one in gevraagd:
        for claim in one.vorderingen:
            claim.natuurlijk = claim.genomen = NUL
            claim.gekort = False
    periods = {id(group.ruimten[0]): group.periode for group in groepen if group.periode is not None}
    if periods:
        _overlappend(gevraagd, periods)
    again = False
    for group in groepen:
        for room in group.ruimten:
            room.leeg()
        own = gevraagd if group.periode is None else [one for one in gevraagd if _room(one) is group.ruimten[0]]
        again |= _groep(own, group.ruimten)
    return again


def reden_van(vordering: Vordering) -> Betwisting:
    """Why the rest of the line is disputed."""
    room = vordering.ruimte
    if vordering.blok is not None or room is None:
        return vordering.blok or Betwisting.DEEL_ONBEKEND
    if vordering.gekort:
        return Betwisting.TE_VEEL_VRIJGEGEVEN
    if vordering.regel.meerwerk:
        return Betwisting.MEERWERK_NIET_AKKOORD
    if vordering.fout is not None:
        return vordering.fout
    return room.reden if vordering.natuurlijk < vordering.grens else Betwisting.PRIJS_HOGER


def _groep(gevraagd: Sequence[Deelvordering], rooms: Sequence[Ruimte]) -> bool:
    claims = [claim for one in gevraagd for claim in one.vorderingen]
    standing = [room for room in rooms if room.blok in (None, Betwisting.NIET_GEREED)]
    agreed = sum((room.afgesproken(claims) for room in standing), NUL)
    margins = [max(one.deel.tolerantie, agreed * one.deel.tolerantie_percentage / _HONDERD) for one in gevraagd]
    passed = short = NUL
    before = [claim for claim in claims if claim.vrij > claim.gecrediteerd]
    # whole lines first: of those the quantity is known, of the others only what it was rounded to
    before.sort(key=lambda claim: claim.vrij - claim.gecrediteerd < claim.grens)
    for left in _neem(before, [claim.vrij - claim.gecrediteerd for claim in before]):
        margin = min(left, max(NUL, max(margins) - passed))
        passed += margin
        short += left - margin
    for claim in claims:
        if claim.geaccepteerd > 0 and claim.ruimte is not None:
            claim.ruimte.neem(claim, min(claim.geaccepteerd, claim.staand))
    fresh = [claim for claim in claims if claim.blok is None and claim.rest > 0]
    wishes = [claim.rest for claim in fresh]
    for claim, wish, left in zip(fresh, wishes, _neem(fresh, wishes), strict=True):
        made_up = min(short, wish - left)
        short -= made_up
        claim.gekort = made_up > 0
        claim.vrij += wish - left - made_up
    for one, margin in zip(gevraagd, margins, strict=True):
        over = [claim for claim in one.vorderingen if _tolerable(claim)]
        excess = sum((claim.rest for claim in over), NUL)
        if 0 < excess <= margin - passed:
            passed += excess
            for claim in over:
                claim.vrij += claim.rest
    rests = [claim.rest for claim in fresh]
    return rests != wishes and any(rests)


def _neem(claims: Sequence[Vordering], wensen: Sequence[Decimal]) -> list[Decimal]:
    """Let the claims take room, each at most its wish; what each did not get."""
    left = list(wensen)
    for first in (True, False):
        for place, claim in enumerate(claims):
            if claim.ruimte is None or left[place] <= 0:
                continue
            extra = claim.regel.meerwerk is first
            room = claim.ruimte
            left[place] -= room.neem_meerwerk(left[place]) if extra else room.neem(claim, left[place])
    return left


def _tolerable(claim: Vordering) -> bool:
    """A tolerance is for what was agreed, and came to a bit more; not for what was never agreed."""
    return (
        claim.blok is None and claim.fout is None and not claim.gekort and not claim.regel.meerwerk and claim.rest > 0
    )


def _room(one: Deelvordering) -> Ruimte | None:
    return next((claim.ruimte for claim in one.vorderingen if claim.ruimte is not None), None)


def _overlappend(gevraagd: Sequence[Deelvordering], perioden: dict[int, tuple[date, date]]) -> None:
    """Block invoices whose period overlaps another one that is held by an invoice before them."""
    for one in gevraagd:
        for claim in one.vorderingen:
            if claim.blok is Betwisting.PERIODE_OVERLAPT:
                claim.blok = None
    held: list[tuple[date, date]] = []
    for one in sorted(gevraagd, key=lambda one: not any(claim.staand > 0 for claim in one.vorderingen)):
        period = perioden.get(id(_room(one)))
        if period is None:
            continue
        other = any(p != period and p[0] <= period[1] and period[0] <= p[1] for p in held)
        for claim in one.vorderingen:
            if other and claim.blok is None:
                claim.blok = Betwisting.PERIODE_OVERLAPT
        if any(claim.staand > 0 or (claim.blok is None and claim.rest > 0) for claim in one.vorderingen):
            held.append(period)
