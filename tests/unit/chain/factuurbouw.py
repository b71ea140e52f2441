"""Invoices and answers on their lines, for the tests of release."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from chain.ketens.onderhoud.toeslag import verdeeld
from chain.ketens.onderhoud.vrijgave import Regelstand
from topics.documents.factuur import (
    Btwbedrag,
    Factuur,
    Factuurregel,
    Factuurtoeslag,
    Factuurvoorwaarden,
    Kostensoort,
)
from topics.documents.keten import Factuurbeoordeling
from topics.documents.onderhoud import Kalender

NUL = Decimal(0)
CENT = Decimal("0.01")
SLEUTEL = "onderhoud/factuur/NL001/F1"
ORDER = "onderhoud/opdracht/8719999000015/IN1"
ANDER = "onderhoud/opdracht/8719999000015/IN2"
S21, S9, AE = ("S", Decimal(21)), ("S", Decimal(9)), ("AE", NUL)
Soort = tuple[str, Decimal]


def lijn(bedrag: str | Decimal, soort: Soort = S21, *, arbeid: bool = False) -> Factuurregel:
    kind = Kostensoort.ARBEID if arbeid else Kostensoort.MATERIAAL
    return Factuurregel(nummer="1", bedrag=Decimal(bedrag), btw_categorie=soort[0], btw_percentage=soort[1], soort=kind)


def factuur(
    *regels: Factuurregel,
    toeslagen: Sequence[tuple[str | Decimal, Soort]] = (),
    afronding: str | Decimal = "0",
    vooruit: str | Decimal = "0",
    g: str | Decimal | None = None,
    g_loon: bool = True,
    iban: bool = True,
    g_iban: bool | None = None,
) -> Factuur:
    """An invoice as release sees it, whose totals agree: VAT is rounded per category."""
    return verdeeld(
        geschreven(
            *regels,
            toeslagen=toeslagen,
            afronding=afronding,
            vooruit=vooruit,
            g=g,
            g_loon=g_loon,
            iban=iban,
            g_iban=g_iban,
        )
    )


def geschreven(
    *regels: Factuurregel,
    toeslagen: Sequence[tuple[str | Decimal, Soort]] = (),
    afronding: str | Decimal = "0",
    vooruit: str | Decimal = "0",
    g: str | Decimal | None = None,
    g_loon: bool = True,
    iban: bool = True,
    g_iban: bool | None = None,
) -> Factuur:
    """The same as its supplier wrote it: with its charges beside its lines."""
    charges = [
        Factuurtoeslag(bedrag=Decimal(amount), btw_categorie=kind[0], btw_percentage=kind[1])
        for amount, kind in toeslagen
    ]
    base: dict[Soort, Decimal] = {}
    for one in (*[(r.btw_categorie, r.btw_percentage, r.bedrag) for r in regels],):
        base[one[:2]] = base.get(one[:2], NUL) + one[2]
    for charge in charges:
        kind = (charge.btw_categorie, charge.btw_percentage)
        base[kind] = base.get(kind, NUL) + charge.bedrag
    btw = tuple(
        Btwbedrag(categorie=name, percentage=rate, grondslag=net, bedrag=(net * rate / 100).quantize(CENT))
        for (name, rate), net in base.items()
    )
    payable = sum((one.grondslag + one.bedrag for one in btw), NUL) + Decimal(afronding) - Decimal(vooruit)
    return Factuur(
        berichtnummer="B1",
        afzender="8712345000011",
        opdrachtgever="8719999000015",
        aannemer="8712345000011",
        leverancier="NL001",
        factuurnummer="F1",
        factuurdatum=date(2026, 3, 1),
        te_betalen=payable,
        netto=sum((one.bedrag for one in regels), NUL),
        iban_bekend=iban,
        g_iban_bekend=g_iban,
        voorwaarden=Factuurvoorwaarden(profiel="0", kalender=Kalender(), g_loon=g_loon),
        regels=regels,
        toeslagen=tuple(charges),
        btw=btw,
        afronding=Decimal(afronding),
        vooruitbetaald=Decimal(vooruit),
        g_bedrag=None if g is None else Decimal(g),
    )


def stand(vrij: str | Decimal, reden: str = "aantal-hoger", dossier: str = ORDER, verrekend: str = "0") -> Regelstand:
    return Regelstand(dossier, True, Decimal(vrij), Decimal(verrekend), reden)


def delen(one: Factuurbeoordeling) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return one.vrijgegeven, one.betwist, one.in_behandeling, one.verrekend


def euro(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(amount) for amount in amounts)
