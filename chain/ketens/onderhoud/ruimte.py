"""What an agreement leaves room for, and how the lines of invoices take it (ONDERHOUD 4, 5). Pure.

A line takes the agreed quantity at the agreed price (EHP), or the agreed sum (ANS, REG, a contract's period); beside that
the extra work that counts. Amounts are in euro excluding VAT.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

import msgspec

from chain.ketens.onderhoud.redenen import Betwisting
from topics.documents.factuur import Deelregel, Factuurdeel

NUL: Final = Decimal(0)
CENT: Final = Decimal("0.01")
_HALF: Final = Decimal("0.005")


class Wijze(StrEnum):
    """By what an agreement is matched."""

    REGELS = "regels"
    SOM = "som"
    TARIEF = "tarief"
    NIETS = "niets"


class Coderuimte(msgspec.Struct, gc=False):
    """What the order has of a price code. `som`: its worth where the order has a price; `prijs` the highest of those, and
    `boek` the highest of the price book that its invoices carry."""

    aantal: Decimal = NUL
    eenheid: str | None = None
    prijs: Decimal | None = None
    som: Decimal | None = None
    boek: Decimal = NUL
    genomen: Decimal = NUL
    gebruikt: Decimal = NUL

    @property
    def waarde(self) -> Decimal:
        """What it may come to, however lines are rounded."""
        return cents(max(NUL, self.aantal) * self.boek) if self.som is None else self.som


class Vordering(msgspec.Struct, gc=False):
    """A line that asks for money, as it takes room.

    `bedrag`, `aantal`: less what negative lines of its own invoice take off. `grens`: what of it the agreed price lets
    through, `prijs` per one. `vrij`: released, `geaccepteerd`: paid after all, `verrekend`: taken back while disputed,
    `ingetrokken`: claimed no more, `gecrediteerd`: taken back while released or accepted. `natuurlijk`: what it takes of the agreement
    itself, and `genomen` of the quantity. `blok`: why nothing more may be released now; `fout`: why the agreement has
    no room for it; `gekort`: it made up for what was released beyond the order. `teveel`: what credits took back as
    disputed, and was accepted since; `opgevangen`: what they took of what was withdrawn.
    """

    deel: Factuurdeel
    index: int
    regel: Deelregel
    ruimte: "Ruimte | None"
    bedrag: Decimal
    aantal: Decimal | None
    vrij: Decimal = NUL
    geaccepteerd: Decimal = NUL
    verrekend: Decimal = NUL
    ingetrokken: Decimal = NUL
    gecrediteerd: Decimal = NUL
    blok: Betwisting | None = None
    fout: Betwisting | None = None
    grens: Decimal = NUL
    prijs: Decimal = NUL
    natuurlijk: Decimal = NUL
    genomen: Decimal = NUL
    gekort: bool = False
    teveel: Decimal = NUL
    opgevangen: Decimal = NUL

    @property
    def rest(self) -> Decimal:
        """What is disputed of it."""
        return max(NUL, self.bedrag - self.vrij - self.geaccepteerd - self.verrekend - self.ingetrokken)

    @property
    def staand(self) -> Decimal:
        """What of it is released or accepted, and not taken back."""
        return self.vrij + self.geaccepteerd - self.gecrediteerd

    def prijs_bepalen(self) -> None:
        """Set `grens` and `prijs`, or `fout`, by the agreement that it meets."""
        room = self.ruimte
        self.grens = self.bedrag
        if room is None or room.wijze is Wijze.NIETS or room.wijze is Wijze.SOM:
            self.fout = None if room is None or room.wijze is Wijze.SOM else room.reden
            return
        code = room.codes.get(self.regel.prijscode or "")
        lines = room.wijze is Wijze.REGELS
        if code is None and lines:
            self.fout = Betwisting.CODE_ONBEKEND
            return
        agreed = self.regel.afgesproken if code is None or code.prijs is None else code.prijs
        if code is not None and code.prijs is None:
            code.boek = max(code.boek, agreed or NUL)
        other = code is not None and code.eenheid and self.regel.eenheid and code.eenheid != self.regel.eenheid
        if other and (code is None or code.prijs is None):
            self.fout = Betwisting.EENHEID_ANDERS
        elif agreed is None:
            if lines:
                self.fout = Betwisting.PRIJS_ONBEKEND
            elif room.grens_van(self.deel) is None:
                self.fout = Betwisting.NIETS_AFGESPROKEN
        elif other or not self.aantal or self.aantal < 0:
            # in another unit, or without a quantity, amounts are what can be compared: it asks for as many as it pays for
            self.aantal = self.bedrag / agreed if agreed else NUL
            self.prijs, self.grens = agreed, self.bedrag if agreed else NUL
        elif self.bedrag <= self.aantal * agreed:
            self.prijs = self.bedrag / self.aantal
        else:
            self.grens = min(self.bedrag, cents(self.aantal * agreed))
            self.prijs = agreed


class Ruimte(msgspec.Struct, gc=False):
    """The room of one part of an order, or of one period of a contract, and what is taken of it.

    `som` None: by the ceiling that the invoice carries; without one by the rates alone, and what has no rate either is not
    agreed. `reden`: why what exceeds is disputed.
    """

    wijze: Wijze
    reden: Betwisting
    codes: dict[str, Coderuimte]
    som: Decimal | None = None
    meerwerk: Decimal = NUL
    wijziging: Decimal = NUL
    blok: Betwisting | None = None
    gebruikt: Decimal = NUL
    meerwerk_gebruikt: Decimal = NUL
    wijziging_gebruikt: Decimal = NUL

    def leeg(self) -> None:
        """Nothing is taken."""
        self.gebruikt = self.meerwerk_gebruikt = self.wijziging_gebruikt = NUL
        for code in self.codes.values():
            code.genomen = code.gebruikt = NUL

    def grens_van(self, deel: Factuurdeel) -> Decimal | None:
        """What all of it may come to, as `deel` meets it; None: no end was agreed."""
        return deel.regieplafond if self.som is None and self.wijze is Wijze.TARIEF else self.som

    def neem(self, vordering: Vordering, wens: Decimal) -> Decimal:
        """Take at most `wens` of the agreement itself; what was taken."""
        amount = min(wens, vordering.grens - vordering.natuurlijk)
        if amount <= 0 or vordering.fout is not None:
            return NUL
        if self.wijze is Wijze.REGELS:
            amount = self._of_code(vordering, amount)
        else:
            limit = self.grens_van(vordering.deel)
            if limit is not None:
                amount = min(amount, limit - self.gebruikt)
            if vordering.regel.meerwerk:
                amount = min(amount, self.wijziging - self.wijziging_gebruikt)
                self.wijziging_gebruikt += max(NUL, amount)
        if amount <= 0:
            return NUL
        self.gebruikt += amount
        vordering.natuurlijk += amount
        return amount

    def neem_meerwerk(self, wens: Decimal) -> Decimal:
        """Take at most `wens` of the extra work that counts; what was taken."""
        amount = max(NUL, min(wens, self.meerwerk - self.meerwerk_gebruikt))
        self.meerwerk_gebruikt += amount
        return amount

    def afgesproken(self, vorderingen: Sequence[Vordering]) -> Decimal:
        """What is agreed without extra work, in euro: by the price book where the order has no price."""
        if self.wijze is Wijze.REGELS:
            return sum((code.waarde for code in self.codes.values()), NUL)
        if self.wijze is Wijze.TARIEF and self.som is None:
            ceilings = [one.deel.regieplafond for one in vorderingen if one.ruimte is self]
            return max((ceiling for ceiling in ceilings if ceiling is not None), default=NUL)
        return self.som or NUL

    def _of_code(self, vordering: Vordering, amount: Decimal) -> Decimal:
        code = self.codes[vordering.regel.prijscode or ""]
        quantity = (vordering.aantal or NUL) - vordering.genomen
        if amount < vordering.grens - vordering.natuurlijk:
            # as many as can have been rounded to it, so that no fraction of one is left to be released again
            quantity = min(quantity, (amount + _HALF) / vordering.prijs)
        left = code.aantal - code.genomen
        if quantity > left:
            quantity = max(NUL, left)
            amount = min(amount, cents(quantity * vordering.prijs))
        amount = min(amount, code.waarde - code.gebruikt)
        if amount <= 0:
            return NUL
        code.genomen += quantity
        code.gebruikt += amount
        vordering.genomen += quantity
        return amount


def cents(amount: Decimal) -> Decimal:
    """To the cent, half up, as the lines of an invoice are; nothing is never negative."""
    return amount.quantize(CENT, ROUND_HALF_UP) + NUL
