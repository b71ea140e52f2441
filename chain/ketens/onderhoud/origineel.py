"""Credits find what they take back: first what was withdrawn there, or is disputed, then what was released (ONDERHOUD 5).
Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from chain.ketens.onderhoud.redenen import Betwisting
from chain.ketens.onderhoud.ruimte import NUL, Vordering
from chain.ketens.onderhoud.vordering import Credit, Deelvordering
from topics.keys import normalise_number

Originelen = dict[int, list[list[Vordering]]]
"""By place of the credit among all: the claims that it takes back from, in groups, the first group first."""


def originelen(gevraagd: Sequence[Deelvordering]) -> Originelen:
    """What every credit takes back from: what it names, else an invoice of the same supplier that has its lines.

    Of those, one of which no credit before it takes that much back goes first.
    """
    left = {id(claim): claim.bedrag for one in gevraagd for claim in one.vorderingen}
    originals: dict[int, Deelvordering] = {}
    for place, one in enumerate(gevraagd):
        original = _original(one, gevraagd, left) if one.credits else None
        if original is not None:
            originals[place] = original
            _reserveer(one, original, left)
    found: Originelen = {}
    credits = [(place, credit) for place, one in enumerate(gevraagd) for credit in one.credits]
    for index, (place, credit) in enumerate(credits):
        if place in originals:
            found[index] = _groups(credit, originals[place].vorderingen)
    return found


def toerekenen(credits: Sequence[Credit], van: Originelen) -> bool:
    """Tell the claims what credits took back of them before; whether any was told something.

    An original that came later may be another than it was taken back from: it is told as soon as something of it is
    released.
    """
    told = False
    for place, credit in enumerate(credits):
        for claim in _claims(van, place):
            amount = min(credit.vrij - credit.toegerekend, claim.staand)
            if amount > 0:
                claim.gecrediteerd += amount
                credit.toegerekend += amount
                told = True
    return told


def herstel(credits: Sequence[Credit], van: Originelen) -> None:
    """Of what was accepted since, nothing can be taken back as disputed: the credits take that back anew."""
    for place, credit in enumerate(credits):
        for claim in _claims(van, place):
            amount = min(claim.teveel, credit.verrekend)
            credit.verrekend -= amount
            claim.teveel -= amount


def opvangen(credits: Sequence[Credit], van: Originelen) -> None:
    """Tell the claims what credits took of what was withdrawn: all that they took back that was not disputed."""
    disputed = {id(claim): claim.verrekend for place in van for claim in _claims(van, place)}
    for place, credit in enumerate(credits):
        left = credit.verrekend
        for claim in _claims(van, place):
            amount = min(left, disputed[id(claim)])
            disputed[id(claim)] -= amount
            left -= amount
        for claim in _claims(van, place):
            amount = min(left, claim.ingetrokken - claim.opgevangen)
            claim.opgevangen += amount
            left -= amount


def verreken(credits: Sequence[Credit], van: Originelen) -> bool:
    """Let credits take back what they still can; whether any did: that gives room, or leaves less to dispute.

    What was withdrawn is claimed no more: the credit note that the books want of it takes nothing off beside that.
    """
    changed = False
    for place, credit in enumerate(credits):
        if credit.blok is not None:
            continue
        if place in van:
            credit.reden = Betwisting.BOVEN_ORIGINEEL
        for group in van.get(place, ()):
            for claim in group:
                amount = min(credit.rest, claim.ingetrokken - claim.opgevangen)
                credit.verrekend += amount
                claim.opgevangen += amount
            for claim in group:
                amount = min(credit.rest, claim.rest)
                credit.verrekend += amount
                claim.verrekend += amount
                changed |= amount > 0
            for claim in group:
                amount = min(credit.rest, claim.staand)
                if amount > 0:
                    credit.vrij += amount
                    credit.toegerekend += amount
                    claim.gecrediteerd += amount
                    changed = True
    return changed


def _claims(van: Originelen, place: int) -> Iterator[Vordering]:
    for group in van.get(place, ()):
        yield from group


def _original(
    one: Deelvordering, gevraagd: Sequence[Deelvordering], left: Mapping[int, Decimal]
) -> Deelvordering | None:
    others = [
        other
        for other in gevraagd
        if other is not one and other.deel.leverancier == one.deel.leverancier and other.vorderingen
    ]
    named = one.deel.verwijst_naar
    if named is not None:
        return next((other for other in others if _same(other.deel.factuurnummer, named)), None)
    whole = {id(claim): claim.bedrag for other in others for claim in other.vorderingen}
    for amounts in (left, whole):
        for exact in (True, False):
            found = next((other for other in others if _mirrored(one, other, amounts, exact)), None)
            if found is not None:
                return found
    return None


def _mirrored(one: Deelvordering, other: Deelvordering, amounts: Mapping[int, Decimal], exact: bool) -> bool:
    """Whether every line of the credit has one of its own in `other`: of the same code, and the same amount or more.
    `amounts`: what may be taken back of each line."""
    left = list(other.vorderingen)
    for credit in one.credits:
        code, amount = credit.regel.prijscode, credit.bedrag
        fits = [
            claim
            for claim in left
            if claim.regel.prijscode == code
            and amounts[id(claim)] >= amount
            and (claim.bedrag == amount or (not exact and claim.bedrag > amount))
        ]
        if not fits:
            return False
        left.remove(fits[0])
    return True


def _reserveer(one: Deelvordering, original: Deelvordering, left: dict[int, Decimal]) -> None:
    """What the credit may take back of its original is not there for one after it that names none."""
    for credit in one.credits:
        amount = NUL if credit.blok is not None else credit.bedrag - credit.geaccepteerd - credit.ingetrokken
        for group in _groups(credit, original.vorderingen):
            for claim in sorted(group, key=lambda claim: claim.bedrag != credit.bedrag):
                part = min(amount, left[id(claim)])
                left[id(claim)] -= part
                amount -= part


def _groups(credit: Credit, vorderingen: Sequence[Vordering]) -> list[list[Vordering]]:
    code = credit.regel.prijscode
    same = [claim for claim in vorderingen if code and claim.regel.prijscode == code and claim.ruimte is credit.ruimte]
    rest = [claim for claim in vorderingen if all(claim is not one for one in same)]
    return [group for group in (same, rest) if group]


def _same(number: str, other: str) -> bool:
    try:
        return normalise_number(number) == normalise_number(other)
    except ValueError:
        return number == other
