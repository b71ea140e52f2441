"""Parts of invoices and orders for the tests of matching and release."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from chain.ketens.onderhoud.toetsing import Deelbeeld, Meerwerk, Oordeel, Orderbeeld, Orderregel, toets
from topics.documents.factuur import Afkoop, Deelregel, Factuurdeel, Periodelengte

AANNEMER = "8712345000011"
BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def euro(amount: str | int | Decimal) -> Decimal:
    return Decimal(amount)


def regel(
    bedrag: str | Decimal,
    code: str | None = None,
    aantal: str | Decimal | None = None,
    *,
    nummer: str = "1",
    subnummer: str | None = None,
    eenheid: str | None = None,
    boek: str | Decimal | None = None,
    meerwerk: bool = False,
    geaccepteerd: str = "0",
    ingetrokken: str = "0",
) -> Deelregel:
    return Deelregel(
        nummer=nummer,
        bedrag=Decimal(bedrag),
        subnummer=subnummer,
        prijscode=code,
        aantal=None if aantal is None else Decimal(aantal),
        eenheid=eenheid,
        afgesproken=None if boek is None else Decimal(boek),
        meerwerk=meerwerk,
        geaccepteerd=Decimal(geaccepteerd),
        ingetrokken=Decimal(ingetrokken),
    )


def per(
    bedrag: str,
    lengte: str = "maand",
    van: date = date(2026, 1, 1),
    tot: date = date(2026, 12, 31),
) -> Afkoop:
    """What a contract is bought off for, per month of 2026 unless told."""
    return Afkoop(bedrag=Decimal(bedrag), periode=Periodelengte(lengte), geldig_vanaf=van, geldig_tot=tot)


def deel(
    nummer: str,
    *regels: Deelregel,
    uur: int = 0,
    te_betalen: str | Decimal | None = None,
    aannemer: str = AANNEMER,
    leverancier: str = "NL001",
    dag: date = date(2026, 3, 1),
    naar: str | None = None,
    tolerantie: str | Decimal = "0",
    percentage: str | Decimal = "0",
    plafond: str | None = None,
    afkoop: Afkoop | str | None = None,
    periode: tuple[date, date] | None = None,
    bekend: bool = True,
    iban: bool = True,
    beoordeeld: bool = False,
    ingetrokken: bool = False,
    typecode: str = "380",
) -> Factuurdeel:
    """One invoice as an order hears it, received `uur` hours after the begin; payable is its sum unless told."""
    total = sum((one.bedrag for one in regels), Decimal(0))
    return Factuurdeel(
        factuur=f"onderhoud/factuur/{leverancier}/{nummer}",
        factuurnummer=nummer,
        leverancier=leverancier,
        aannemer=aannemer,
        opdrachtgever="8719999000015",
        factuurdatum=dag,
        ontvangen=BEGIN + timedelta(hours=uur),
        te_betalen=total if te_betalen is None else Decimal(te_betalen),
        leverancier_bekend=bekend,
        iban_bekend=iban,
        regels=regels,
        verwijst_naar=naar,
        tolerantie=Decimal(tolerantie),
        tolerantie_percentage=Decimal(percentage),
        regieplafond=None if plafond is None else Decimal(plafond),
        afkoop=per(afkoop) if isinstance(afkoop, str) else afkoop,
        periode_van=None if periode is None else periode[0],
        periode_tot=None if periode is None else periode[1],
        beoordeeld=beoordeeld,
        ingetrokken=ingetrokken,
        typecode=typecode,
    )


def order(*delen: Deelbeeld) -> Orderbeeld:
    return Orderbeeld(frozenset({AANNEMER}), delen)


def ehp(*regels: tuple[str, str, str | None], meerwerk: Sequence[Meerwerk] = (), gereed: bool = True) -> Orderbeeld:
    """An order by price codes: code, quantity, price per unit (None: the price book says)."""
    lines = tuple(
        Orderregel(code, Decimal(number), None, None if price is None else Decimal(price))
        for code, number, price in regels
    )
    return order(Deelbeeld(afspraak="EHP", regels=lines, meerwerk=tuple(meerwerk), gereed=gereed))


def som(
    totaal: str | Decimal | None, afspraak: str | None = "ANS", meerwerk: Sequence[Meerwerk] = (), gereed: bool = True
) -> Orderbeeld:
    """An order for a sum."""
    total = None if totaal is None else Decimal(totaal)
    return order(Deelbeeld(afspraak=afspraak, totaal=total, meerwerk=tuple(meerwerk), gereed=gereed))


def eerste(oordelen: dict[str, Oordeel], van: Factuurdeel, plaats: int = 0) -> tuple[Decimal, Decimal, str]:
    """Of a line: released, taken back, and why the rest is disputed."""
    line = oordelen[van.factuur].regels[plaats]
    return line.vrij, line.verrekend, str(line.reden)


def een(beeld: Orderbeeld, *regels: Deelregel) -> list[tuple[Decimal, str]]:
    """What is released of the lines of one invoice, and why the rest is not."""
    one = deel("F1", *regels)
    return [(line.vrij, str(line.reden)) for line in toets(beeld, [one], {})[one.factuur].regels]
