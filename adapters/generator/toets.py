"""What an order lets pass of the invoices that ask it something, counted plainly in cents (ONDERHOUD 5).

All invoices of an order are gone through from the first that was received to the last, line by line; what was released
before stays. For what the source leaves open, the choices are those that the rules' README lists.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from adapters.generator.beeld import Conclusie
from adapters.generator.factuur import Factuur, Regel, cents

VERVALLEN: Final = {"ANN": "geannuleerd", "WEI": "geweigerd"}
AFKOOP: Final = "afkoop"
TE_HOOG: Final = {"ANS": "boven-aanneemsom", "REG": "boven-plafond", "AFK": AFKOOP}


class Lijn(msgspec.Struct, kw_only=True):
    """A line of an invoice as it stands, in cents excluding VAT. `toeslag`: what it bears of the charges on the whole
    invoice, which an order must have agreed to as to the line. `vrij`: released; of what is disputed `verrekend` was taken
    back by a credit (of a credit negative), `geaccepteerd` is paid after all, `ingetrokken` claimed no more.
    `gecrediteerd`: of what is released or accepted, what credits took back.
    `genomen`: of the agreement itself, while it is gone through."""

    regel: Regel
    toeslag: int = 0
    vrij: int = 0
    verrekend: int = 0
    geaccepteerd: int = 0
    ingetrokken: int = 0
    gecrediteerd: int = 0
    genomen: int = 0
    reden: str = ""
    beantwoord: bool = False

    @property
    def bedrag(self) -> int:
        return self.regel.bedrag + self.toeslag

    @property
    def betwist(self) -> int:
        return self.bedrag - self.vrij - self.verrekend - self.geaccepteerd - self.ingetrokken


class Vraag(msgspec.Struct, kw_only=True):
    """What one invoice asks one order, or one contract."""

    sleutel: str
    factuur: Factuur
    ontvangen: datetime
    lijnen: list[Lijn]
    prijzen: dict[str, int]
    tolerantie: int
    tolerantie_percentage: Decimal
    plafond: int | None
    afkoop: int | None
    blok: str | None = None

    @property
    def volgorde(self) -> tuple[datetime, str]:
        return self.ontvangen, self.sleutel


class _Ruimte(msgspec.Struct):
    """What is left: of the agreed sum (None: no end), of extra work, and per price code in number and cents. `marge`: the
    tolerance that was used."""

    som: int | None
    meerwerk: int
    aantal: dict[str, Decimal]
    waarde: dict[str, int]
    prijs: dict[str, int]
    afgesproken: int
    marge: int = 0


def beoordeel(order: Conclusie, vragen: Sequence[Vraag]) -> None:
    """Judges every line of `vragen` anew, as the order stands; once more when a credit gave room back."""
    asked = sorted(vragen, key=lambda vraag: vraag.volgorde)
    _doorloop(order, asked)
    if any([_credit(vraag, asked) for vraag in asked]):  # noqa: C419 - every credit, not only the first
        _doorloop(order, asked)


def beoordeel_contract(vragen: Sequence[Vraag]) -> None:
    """Per period at most what the contract is bought off for, once."""
    periods: dict[tuple[date, date], int] = {}
    for vraag in sorted(vragen, key=lambda vraag: vraag.volgorde):
        period = vraag.factuur.periode
        for lijn in vraag.lijnen:
            lijn.beantwoord = True
            if period is None or vraag.afkoop is None or not _hele_maand(*period):
                unsold = period is not None and vraag.afkoop is None
                lijn.reden = "niets-afgesproken" if unsold else "periode-onbekend"
                continue
            left = periods.setdefault(period, vraag.afkoop)
            lijn.vrij = max(lijn.vrij, min(lijn.bedrag, left))
            periods[period] = left - lijn.vrij
            lijn.reden = "boven-afkoop" if lijn.betwist else ""


def _hele_maand(begin: date, end: date) -> bool:
    """From the first day of a month to its last: contracts of the week are bought off by the month."""
    return begin.day == 1 and end.replace(day=1) == begin and (end + timedelta(days=1)).day == 1


def _doorloop(order: Conclusie, asked: Sequence[Vraag]) -> None:
    """First what was released or accepted before takes its room, then what is disputed, invoice by invoice."""
    room, why = _ruimte(order, asked), _waarom_niets(order)
    claims = [(vraag, lijn) for vraag in asked for lijn in vraag.lijnen if lijn.bedrag >= 0]
    for vraag in asked:
        for lijn in vraag.lijnen:
            lijn.beantwoord, lijn.genomen = True, 0
    before = [(vraag, lijn, max(0, lijn.vrij - lijn.gecrediteerd)) for vraag, lijn in claims]
    _neem(room, order, before)
    paid = [(vraag, lijn, lijn.geaccepteerd) for vraag, lijn in claims]
    _neem(room, order, paid)
    fresh = [(vraag, lijn, lijn.betwist) for vraag, lijn in claims if vraag.blok is None and why is None]
    for (_, lijn, _), taken in zip(fresh, _neem(room, order, fresh), strict=True):
        lijn.vrij += taken
    for vraag, lijn in claims:
        lijn.reden = (vraag.blok or why or _reden(room, order, vraag, lijn)) if lijn.betwist > 0 else ""
    if why is None:
        for vraag in asked:
            _tolereer(room, order, vraag)


def _waarom_niets(order: Conclusie) -> str | None:
    """Why nothing can be released now, whatever is asked."""
    if order.einde is not None and order.einde.uiting.code in VERVALLEN:
        return VERVALLEN[order.einde.uiting.code or ""]
    if order.order.specificatie == "GAR":
        return "garantie"
    if order.order.afspraak == "AFK" and not order.posten:
        return AFKOOP
    return None if order.gereed is not None else "niet-gereed"


def _ruimte(order: Conclusie, vragen: Sequence[Vraag]) -> _Ruimte:
    agreed = order.order
    extra = 0
    for amount, ground in order.posten:
        extra = max(0, extra - cents(amount)) if ground == "wijziging" else extra + cents(amount)
    total = None if agreed.bedrag is None else cents(agreed.bedrag)
    if agreed.afspraak == "REG" and total is None:
        total = next((vraag.plafond for vraag in vragen), None)
    if agreed.afspraak == "AFK":
        # the contract pays: beside that only extra work is payable
        total = 0
    prices = {code: price for vraag in vragen for code, price in vraag.prijzen.items()}
    codes = [f"PB-{place + 1:03}" for place in range(agreed.regels)] if agreed.afspraak == "EHP" else []
    worth = {code: _heel(Decimal(agreed.aantal) * prices[code]) for code in codes}
    return _Ruimte(
        som=None if agreed.afspraak == "EHP" else total,
        meerwerk=extra,
        aantal=dict.fromkeys(codes, Decimal(agreed.aantal)),
        waarde=worth,
        prijs=prices,
        afgesproken=sum(worth.values()) if codes else total or 0,
    )


def _neem(room: _Ruimte, order: Conclusie, wensen: Sequence[tuple[Vraag, Lijn, int]]) -> list[int]:
    """What each gets of its wish: of what was agreed, then of the extra work; who says that it is extra work of that."""
    got = [0] * len(wensen)
    for first in (True, False):
        for place, (_, lijn, wens) in enumerate(wensen):
            left = wens - got[place]
            if left > 0 and lijn.regel.meerwerk is first:
                taken = min(left, room.meerwerk)
                room.meerwerk -= taken
                got[place] += taken
            elif left > 0 and first:
                got[place] += _van_afspraak(room, order, lijn, left)
    return got


def _van_afspraak(room: _Ruimte, order: Conclusie, lijn: Lijn, left: int) -> int:
    """What the line gets of the agreement: at most its quantity at the agreed price, all passes together."""
    regel, kind = lijn.regel, order.order.afspraak
    code = regel.code or ""
    rate = room.prijs.get(code)
    if kind == "EHP" and (rate is None or code not in room.aantal):
        return 0
    if _zonder_maat(room, order, lijn):
        return 0
    price = Decimal(0) if rate is None else _prijs(lijn, rate)
    if kind != "ANS" and rate is not None:
        left = min(left, _mag(lijn, rate) - lijn.genomen)
    taken = left
    if kind == "EHP" and rate is not None:
        taken = min(left, _heel(room.aantal[code] * price), room.waarde[code])
    elif room.som is not None:
        taken = min(left, room.som)
    taken = max(0, taken)
    lijn.genomen += taken
    if kind == "EHP" and rate is not None:
        room.aantal[code] -= Decimal(taken) / price
        room.waarde[code] -= taken
    elif room.som is not None:
        room.som -= taken
    return taken


def _zonder_maat(room: _Ruimte, order: Conclusie, lijn: Lijn) -> bool:
    """Whether a line in regie has nothing to hold it against: no rate of its code, and no sum or ceiling of the work."""
    return order.order.afspraak == "REG" and room.som is None and (lijn.regel.code or "") not in room.prijs


def _mag(lijn: Lijn, rate: int) -> int:
    """What of a line the agreed price lets through; in another unit only amounts can be compared."""
    return lijn.bedrag if lijn.regel.geteld is not None else min(lijn.bedrag, _heel(lijn.regel.aantal * rate))


def _prijs(lijn: Lijn, rate: int) -> Decimal:
    """What one of it goes at: as it asks, with what it bears of the charges, at most what was agreed."""
    if lijn.regel.geteld is not None:
        return Decimal(rate)
    return min(Decimal(rate), Decimal(lijn.bedrag) / lijn.regel.aantal)


def _reden(room: _Ruimte, order: Conclusie, vraag: Vraag, lijn: Lijn) -> str:
    regel, kind = lijn.regel, order.order.afspraak
    rate = vraag.prijzen.get(regel.code or "")
    if regel.meerwerk:
        return "meerwerk-niet-akkoord"
    if kind == "EHP" and (regel.code or "") not in room.aantal:
        return "code-onbekend"
    if kind != "ANS" and rate is not None and lijn.genomen >= _mag(lijn, rate):
        return "prijs-hoger"
    if _zonder_maat(room, order, lijn):
        return "niets-afgesproken"
    return "aantal-hoger" if kind == "EHP" else TE_HOOG[kind]


def _tolereer(room: _Ruimte, order: Conclusie, vraag: Vraag) -> None:
    """A small excess over what was agreed is let pass; the invoices of an order share it."""
    over = [lijn for lijn in vraag.lijnen if lijn.betwist > 0 and not lijn.regel.meerwerk]
    if order.order.afspraak == "EHP":
        over = [lijn for lijn in over if (lijn.regel.code or "") in room.aantal]
    if order.order.afspraak == "AFK":
        return
    over = [lijn for lijn in over if not _zonder_maat(room, order, lijn)]
    slack = max(vraag.tolerantie, int(room.afgesproken * vraag.tolerantie_percentage / 100))
    excess = sum(lijn.betwist for lijn in over)
    if vraag.blok is None and 0 < excess <= slack - room.marge:
        room.marge += excess
        for lijn in over:
            lijn.vrij += lijn.betwist
            lijn.reden = ""


def _credit(vraag: Vraag, vragen: Sequence[Vraag]) -> bool:
    """What a credit takes back: first what is disputed of the original, then what was released. Whether it gave room."""
    original = next((one for one in vragen if one.factuur.nummer == vraag.factuur.verwijst_naar), None)
    freed = False
    for lijn in vraag.lijnen:
        if lijn.bedrag >= 0 or not lijn.betwist:
            continue
        lijn.reden = vraag.blok or ("origineel-onbekend" if original is None else "boven-origineel")
        if original is None or vraag.blok is not None:
            continue
        for group in _groepen(lijn, original.lijnen):
            for other in group:
                taken = min(-lijn.betwist, max(0, other.betwist))
                other.verrekend += taken
                lijn.verrekend -= taken
                if not other.betwist:
                    other.reden = ""
            for other in group:
                taken = min(-lijn.betwist, other.vrij + other.geaccepteerd - other.gecrediteerd)
                if taken > 0:
                    other.gecrediteerd += taken
                    lijn.vrij -= taken
                    freed = True
        if not lijn.betwist:
            lijn.reden = ""
    return freed


def _groepen(lijn: Lijn, lijnen: Sequence[Lijn]) -> tuple[list[Lijn], list[Lijn]]:
    """Those of the same code, and the others."""
    same = [one for one in lijnen if one.regel.code == lijn.regel.code]
    return same, [one for one in lijnen if one.regel.code != lijn.regel.code]


def _heel(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
