"""The lines of invoices as claims and credits: what asks for money, and what takes money back (ONDERHOUD 5). Pure.

A negative line on an invoice first takes off from the other lines of that invoice; what is left of it, and the lines of
a credit note, take back from an invoice before it.
"""

from collections.abc import Callable, Sequence
from decimal import ROUND_FLOOR, Decimal

import msgspec

from chain.ketens.onderhoud.delen import deel_van
from chain.ketens.onderhoud.redenen import Betwisting
from chain.ketens.onderhoud.ruimte import CENT, NUL, Ruimte, Vordering
from topics.documents.factuur import Deeloordeel, Deelregel, Factuurdeel

Plaats = Callable[[Deelregel], Ruimte | Betwisting]
"""Which room a line is for, or why none."""


class Credit(msgspec.Struct, gc=False):
    """A line that takes money back. Amounts are positive here: `bedrag`, of which it took back `verrekend` while that
    was disputed and `vrij` while that was released. `ingetrokken`, `geaccepteerd` as of a Vordering."""

    deel: Factuurdeel
    index: int
    regel: Deelregel
    ruimte: Ruimte | None
    bedrag: Decimal
    vrij: Decimal = NUL
    verrekend: Decimal = NUL
    geaccepteerd: Decimal = NUL
    ingetrokken: Decimal = NUL
    toegerekend: Decimal = NUL
    blok: Betwisting | None = None
    reden: Betwisting = Betwisting.ORIGINEEL_ONBEKEND

    @property
    def rest(self) -> Decimal:
        return max(NUL, self.bedrag - self.vrij - self.verrekend - self.geaccepteerd - self.ingetrokken)


class Saldo(msgspec.Struct, gc=False):
    """What negative lines take off from others of the same invoice and part: with the line's place, signed. It is
    released (`gedaan`) with the first euro of what is left, for it comes to nothing together."""

    posten: list[tuple[int, Decimal]]
    vorderingen: list[Vordering]
    gedaan: bool = False


class Deelvordering(msgspec.Struct, gc=False):
    """One invoice, as the order meets it."""

    deel: Factuurdeel
    vorderingen: list[Vordering]
    credits: list[Credit]
    saldi: list[Saldo]


def lees(deel: Factuurdeel, plaats: Plaats, blok: Betwisting | None, eerder: Sequence[Deeloordeel]) -> Deelvordering:
    """The lines of `deel`. `blok`: why nothing of the whole invoice may be released. `eerder`: what was answered."""
    found = Deelvordering(deel, [], [], [])
    before = _former(deel, eerder)
    parts: dict[str, tuple[list[Vordering], list[Credit]]] = {}
    for index, line in enumerate(deel.regels):
        where = plaats(line)
        room, own = (None, where) if isinstance(where, Betwisting) else (where, where.blok)
        asked, taken = parts.setdefault(deel_van(line.subnummer), ([], []))
        if line.bedrag < 0:
            taken.append(Credit(deel, index, line, room, -line.bedrag, blok=blok))
        else:
            asked.append(Vordering(deel, index, line, room, line.bedrag, line.aantal, blok=blok or own))
    for asked, taken in parts.values():
        if asked and taken:
            _saldeer(found, asked, taken)
    for saldo in found.saldi:
        saldo.gedaan = any(before[claim.index].vrij > 0 for claim in saldo.vorderingen)
    settled = [post for saldo in found.saldi if saldo.gedaan for post in saldo.posten]
    for asked, taken in parts.values():
        for claim in asked:
            former = before[claim.index]
            netted = sum((amount for place, amount in settled if place == claim.index), NUL)
            claim.vrij = max(NUL, former.vrij - netted)
            claim.geaccepteerd, claim.ingetrokken = claim.regel.geaccepteerd, claim.regel.ingetrokken
            limit = claim.bedrag - claim.vrij - claim.geaccepteerd - claim.ingetrokken
            claim.verrekend = max(NUL, min(former.verrekend, limit))
            claim.teveel = former.verrekend - claim.verrekend
            claim.prijs_bepalen()
        found.vorderingen += asked
        for credit in taken:
            former = before[credit.index]
            netted = sum((amount for place, amount in settled if place == credit.index), NUL)
            credit.vrij, credit.verrekend = max(NUL, netted - former.vrij), -former.verrekend
            credit.geaccepteerd, credit.ingetrokken = -credit.regel.geaccepteerd, -credit.regel.ingetrokken
        found.credits += [credit for credit in taken if credit.bedrag > 0]
    return found


def _former(deel: Factuurdeel, eerder: Sequence[Deeloordeel]) -> list[Deeloordeel]:
    """What was answered before, line by line."""
    if [one.nummer for one in eerder] == [line.nummer for line in deel.regels]:
        return list(eerder)
    by_number = {one.nummer: one for one in eerder}
    return [by_number.get(line.nummer) or Deeloordeel(nummer=line.nummer, vrij=NUL) for line in deel.regels]


def _saldeer(found: Deelvordering, asked: Sequence[Vordering], taken: Sequence[Credit]) -> None:
    """Let negative lines take off from the others: first from those of the same price code, then from all.

    It follows from the invoice alone, so that it stays the same whatever becomes of the order.
    """
    saldo = Saldo([], list(asked))
    for credit in taken:
        code = credit.regel.prijscode
        for same in (True, False):
            these = [claim for claim in asked if not same or (code and claim.regel.prijscode == code)]
            for claim, amount in _verdeeld(these, min(credit.bedrag, sum((claim.bedrag for claim in these), NUL))):
                if same and claim.aantal is not None and credit.regel.aantal is not None:
                    claim.aantal -= abs(credit.regel.aantal) * amount / -credit.regel.bedrag
                claim.bedrag -= amount
                credit.bedrag -= amount
                saldo.posten += [(claim.index, amount), (credit.index, -amount)]
    if saldo.posten:
        found.saldi.append(saldo)


def _verdeeld(vorderingen: Sequence[Vordering], bedrag: Decimal) -> list[tuple[Vordering, Decimal]]:
    """`bedrag` over the claims pro rata, to the cent."""
    total = sum((claim.bedrag for claim in vorderingen), NUL)
    if bedrag <= 0 or total <= 0:
        return []
    shares = []
    passed = given = NUL
    for claim in vorderingen:
        passed += claim.bedrag
        upto = bedrag if passed == total else (bedrag * passed / total).quantize(CENT, ROUND_FLOOR)
        shares.append((claim, upto - given))
        given = upto
    return [share for share in shares if share[1] > 0]
