"""What an agreement leaves room for, and how the lines of invoices take it (ONDERHOUD 4, 5). Pure.

A line takes the agreed quantity at the agreed price (EHP), or the agreed sum (ANS, REG, a contract's period); beside that
the extra work that counts. Amounts are in euro excluding VAT.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec

from chain.ketens.onderhoud.meerwerk import OPEN, WIJZIGING
from chain.ketens.onderhoud.redenen import Betwisting
from topics.documents.factuur import Deelregel, Factuurdeel

NUL: Final = Decimal(0)
CENT: Final = Decimal("0.01")


class Orderregel(NamedTuple):
    """A line of the order as it stands. `prijs` per one `eenheid`, excluding VAT; None: the price book says."""

    prijscode: str | None
    aantal: Decimal
    eenheid: str | None = None
    prijs: Decimal | None = None


class Meerwerk(NamedTuple):
    """Extra work that counts, with its ground as of `meerwerk.Post`. One by a change of the order (`wijziging`) is in
    its lines or total already: it takes the place of what was approved before."""

    bedrag: Decimal
    grond: str


class Deelbeeld(NamedTuple):
    """One part of an order, as it stands. An order without parts is one of these.

    `subnummer`: its name as of `delen.deel_van`. `afspraak` EHP, ANS, REG or AFK. `totaal`: what the order says it comes
    to; None where it says nothing (then that of its priced lines). `meerwerk`: in the order of its facts. `bekend`: when
    its first version became known: an invoice from before cannot have been meant for it, unless there is no other.
    """

    subnummer: str = "-"
    afspraak: str | None = None
    garantie: bool = False
    regels: tuple[Orderregel, ...] = ()
    totaal: Decimal | None = None
    meerwerk: tuple[Meerwerk, ...] = ()
    gereed: bool = False
    geannuleerd: bool = False
    geweigerd: bool = False
    bekend: datetime | None = None


class Wijze(StrEnum):
    """By what an agreement is matched."""

    REGELS = "regels"
    SOM = "som"
    TARIEF = "tarief"
    NIETS = "niets"


class Coderuimte(msgspec.Struct, gc=False):
    """What the order has of a price code. `som`: its worth where the order has a price; `prijs` the highest of those."""

    aantal: Decimal = NUL
    eenheid: str | None = None
    prijs: Decimal | None = None
    som: Decimal | None = None
    genomen: Decimal = NUL
    gebruikt: Decimal = NUL


class Vordering(msgspec.Struct, gc=False):
    """A line that asks for money, as it takes room.

    `bedrag`, `aantal`: less what negative lines of its own invoice take off. `grens`: what of it the agreed price lets
    through, `prijs` per one. `vrij`: released, `geaccepteerd`: paid after all, `verrekend`: taken back while disputed,
    `ingetrokken`: claimed no more, `gecrediteerd`: taken back while released or accepted. `natuurlijk`: what it takes of the agreement
    itself, and `genomen` of the quantity. `blok`: why nothing more may be released now; `fout`: why the agreement has
    no room for it; `gekort`: it made up for what was released beyond the order. `teveel`: what credits took back as
    disputed, and was accepted since.
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

    @property
    def rest(self) -> Decimal:
        """What is disputed of it."""
        return max(NUL, self.bedrag - self.vrij - self.geaccepteerd - self.verrekend - self.ingetrokken)

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
        other = code is not None and code.eenheid and self.regel.eenheid and code.eenheid != self.regel.eenheid
        if other and (code is None or code.prijs is None):
            self.fout = Betwisting.EENHEID_ANDERS
        elif agreed is None:
            self.fout = Betwisting.PRIJS_ONBEKEND if lines else None
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

    `som` None: by the ceiling that the invoice carries, else without end. `reden`: why what exceeds is disputed.
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

    def neem(self, vordering: Vordering, wens: Decimal) -> Decimal:
        """Take at most `wens` of the agreement itself; what was taken."""
        amount = min(wens, vordering.grens - vordering.natuurlijk)
        if amount <= 0 or vordering.fout is not None:
            return NUL
        if self.wijze is Wijze.REGELS:
            amount = self._of_code(vordering, amount)
        else:
            limit = vordering.deel.regieplafond if self.som is None and self.wijze is Wijze.TARIEF else self.som
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
            book: dict[str, Decimal] = {}
            for one in vorderingen:
                code, price = one.regel.prijscode, one.regel.afgesproken
                if one.ruimte is self and code is not None and price is not None:
                    book[code] = max(price, book.get(code, NUL))
            worth = NUL
            for name, code_room in self.codes.items():
                of_book = cents(max(NUL, code_room.aantal) * book.get(name, NUL))
                worth += of_book if code_room.som is None else code_room.som
            return worth
        if self.wijze is Wijze.TARIEF and self.som is None:
            ceilings = [one.deel.regieplafond for one in vorderingen if one.ruimte is self]
            return max((ceiling for ceiling in ceilings if ceiling is not None), default=NUL)
        return self.som or NUL

    def _of_code(self, vordering: Vordering, amount: Decimal) -> Decimal:
        code = self.codes[vordering.regel.prijscode or ""]
        quantity = (vordering.aantal or NUL) - vordering.genomen
        if amount < vordering.grens - vordering.natuurlijk:
            quantity = min(quantity, amount / vordering.prijs)
        left = code.aantal - code.genomen
        if quantity > left:
            quantity = max(NUL, left)
            amount = min(amount, cents(quantity * vordering.prijs))
        worth = code.som
        if worth is None:
            worth = cents(max(NUL, code.aantal) * (vordering.regel.afgesproken or NUL))
        amount = min(amount, worth - code.gebruikt)
        if amount <= 0:
            return NUL
        code.genomen += quantity
        code.gebruikt += amount
        vordering.genomen += quantity
        return amount


def cents(amount: Decimal) -> Decimal:
    """To the cent, half up, as the lines of an invoice are."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def ruimte_van(beeld: Deelbeeld) -> Ruimte:
    """The room that one part of an order leaves."""
    approved, changed = _meerwerk(beeld.meerwerk)
    priced = [line for line in beeld.regels if line.prijs is not None]
    total = beeld.totaal
    if total is None and priced:
        total = cents(sum((line.aantal * (line.prijs or NUL) for line in priced), NUL))
    way = _wijze(beeld, total)
    reason = Betwisting.NIETS_AFGESPROKEN
    if beeld.afspraak == "AFK":
        reason = Betwisting.AFKOOP
    elif way is Wijze.SOM:
        reason = Betwisting.BOVEN_AANNEEMSOM
    elif way is Wijze.TARIEF:
        reason = Betwisting.BOVEN_PLAFOND
    elif way is Wijze.REGELS:
        reason = Betwisting.AANTAL_HOGER
    codes = _codes(beeld.regels) if way in (Wijze.REGELS, Wijze.TARIEF) else {}
    room = Ruimte(way, reason, codes, total if way in (Wijze.SOM, Wijze.TARIEF) else None, approved, changed)
    room.blok = _blok(beeld, room)
    return room


def _wijze(beeld: Deelbeeld, totaal: Decimal | None) -> Wijze:
    if beeld.afspraak == "AFK":
        return Wijze.NIETS
    if beeld.afspraak == "EHP":
        return Wijze.REGELS
    if beeld.afspraak == "REG":
        return Wijze.TARIEF
    by_code = bool(beeld.regels) and all(line.prijscode and line.prijs is not None for line in beeld.regels)
    if beeld.afspraak is None and by_code:
        return Wijze.REGELS
    return Wijze.NIETS if totaal is None else Wijze.SOM


def _blok(beeld: Deelbeeld, ruimte: Ruimte) -> Betwisting | None:
    """Why nothing more may be released now; what will never be payable comes before what is not payable yet."""
    if beeld.geweigerd:
        return Betwisting.GEWEIGERD
    if beeld.geannuleerd:
        return Betwisting.GEANNULEERD
    if beeld.garantie:
        return Betwisting.GARANTIE
    nothing = ruimte.wijze is Wijze.NIETS and not ruimte.meerwerk
    return None if beeld.gereed or nothing else Betwisting.NIET_GEREED


def _codes(regels: Sequence[Orderregel]) -> dict[str, Coderuimte]:
    found: dict[str, Coderuimte] = {}
    for line in regels:
        if not line.prijscode:
            continue
        room = found.setdefault(line.prijscode, Coderuimte(eenheid=line.eenheid))
        room.aantal += line.aantal
        if line.prijs is not None:
            room.prijs = max(line.prijs, room.prijs or NUL)
    for code, room in found.items():
        if room.prijs is not None:
            prices = [(line.aantal, line.prijs) for line in regels if line.prijscode == code]
            worth = sum((number * (room.prijs if price is None else price) for number, price in prices), NUL)
            room.som = max(NUL, cents(worth))
    return found


def _meerwerk(posten: Sequence[Meerwerk]) -> tuple[Decimal, Decimal]:
    """What counts beside the order's own lines, and what changes of the order brought into those."""
    approved = changed = NUL
    for amount, ground in posten:
        if ground == WIJZIGING:
            approved = max(NUL, approved - amount)
            changed += amount
        elif ground != OPEN:
            approved += amount
    return approved, changed
