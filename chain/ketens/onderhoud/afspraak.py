"""What was agreed of one part of an order, as its invoices meet it, and the room that leaves them (ONDERHOUD 4, 5). Pure.

A line is matched by price code and quantity (EHP), by the agreed sum (ANS), by rate and ceiling (REG), or by nothing (AFK).
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from chain.ketens.onderhoud.meerwerk import OPEN, WIJZIGING
from chain.ketens.onderhoud.redenen import Betwisting
from chain.ketens.onderhoud.ruimte import NUL, Coderuimte, Ruimte, Wijze, cents


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
    `aannemers`: GLNs of those who may be paid for it; None: everyone that the order names.
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
    aannemers: frozenset[str] | None = None


def ruimte_van(beeld: Deelbeeld) -> Ruimte:
    """The room that one part of an order leaves."""
    approved, changed = _meerwerk(beeld.meerwerk)
    priced = [line for line in beeld.regels if line.prijs is not None]
    total = beeld.totaal
    if total is None and priced:
        total = sum((line.aantal * (line.prijs or NUL) for line in priced), NUL)
    if total is not None:
        total = cents(total)
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
    return cents(approved), cents(changed)
