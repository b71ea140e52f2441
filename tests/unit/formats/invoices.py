"""Invoices as a format would have read them, right and changed, and the findings on them."""

from datetime import date
from decimal import Decimal

import msgspec

from adapters.formats.invoicechecks import check_invoice
from adapters.message import FactuurInhoud
from topics.documents import Bevinding
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurtoeslag

D = Decimal
RIGHT = FactuurInhoud(
    factuurnummer="F-1",
    factuurdatum=date(2026, 5, 4),
    leverdatum=date(2026, 4, 30),
    vervaldatum=date(2026, 6, 3),
    periode_van=date(2026, 4, 1),
    periode_tot=date(2026, 4, 30),
    btw_nummer="NL879999007B01",
    kvk_nummer="99000116",
    koper=(("kvk", "99000017"), ("btw", "NL009999012B01")),
    iban="NL51 KTNB 0990 0000 01",
    g_iban="NL24KTNB0990000002",
    g_bedrag=D("60.00"),
    ketenaansprakelijk=True,
    regels=(
        Factuurregel(
            nummer="1", bedrag=D("91.00"), btw_categorie="S", btw_percentage=D(21), aantal=D(2), prijs=D("45.50")
        ),
        Factuurregel(
            nummer="2",
            bedrag=D("54.92"),
            btw_categorie="S",
            btw_percentage=D(9),
            aantal=D(4),
            eenheid="PCE",
            prijsaantal=D("16.8"),
            prijseenheid="MTR",
            prijs=D("3.15"),
            toeslag=D("2.00"),
        ),
        Factuurregel(nummer="3", bedrag=D("100.00"), btw_categorie="AE", btw_percentage=D(0)),
    ),
    toeslagen=(Factuurtoeslag(bedrag=D("10.00"), btw_categorie="S", btw_percentage=D(21)),),
    btw=(
        Btwbedrag(categorie="S", percentage=D(21), grondslag=D("101.00"), bedrag=D("21.21")),
        Btwbedrag(categorie="S", percentage=D(9), grondslag=D("54.92"), bedrag=D("4.94")),
        Btwbedrag(categorie="AE", percentage=D(0), grondslag=D("100.00"), bedrag=D(0)),
    ),
    netto=D("245.92"),
    toeslag_totaal=D("10.00"),
    btw_totaal=D("26.15"),
    afronding=D("-0.02"),
    vooruitbetaald=D("50.00"),
    te_betalen=D("232.05"),
)


def changed(**fields: object) -> FactuurInhoud:
    return msgspec.structs.replace(RIGHT, **fields)


def line(number: int, inhoud: FactuurInhoud = RIGHT, **fields: object) -> FactuurInhoud:
    lines = list(inhoud.regels)
    lines[number - 1] = msgspec.structs.replace(lines[number - 1], **fields)
    return msgspec.structs.replace(inhoud, regels=tuple(lines))


def group(number: int, **fields: object) -> FactuurInhoud:
    groups = list(RIGHT.btw)
    groups[number - 1] = msgspec.structs.replace(groups[number - 1], **fields)
    return changed(btw=tuple(groups))


def simple(bedrag: str, tax: str, rate: str = "21", count: int = 1, **fields: object) -> FactuurInhoud:
    """`count` lines of `bedrag` with `tax` on all of them."""
    one = Factuurregel(nummer="", bedrag=D(bedrag), btw_categorie="S", btw_percentage=D(rate))
    lines = tuple(msgspec.structs.replace(one, nummer=str(number)) for number in range(count))
    base = D(bedrag) * count
    basis = FactuurInhoud(
        factuurnummer="F-2",
        factuurdatum=date(2026, 5, 4),
        netto=base,
        te_betalen=base + D(tax),
        iban="NL51KTNB0990000001",
        regels=lines,
        btw=(Btwbedrag(categorie="S", percentage=D(rate), grondslag=base, bedrag=D(tax)),),
    )
    return msgspec.structs.replace(basis, **fields)


def changed_sums(
    inhoud: FactuurInhoud, lines: tuple[Factuurregel, ...], groups: tuple[Btwbedrag, ...]
) -> FactuurInhoud:
    """With these lines and this VAT, and the sums of them."""
    net, tax = sum((one.bedrag for one in lines), D(0)), sum((one.bedrag for one in groups), D(0))
    return msgspec.structs.replace(inhoud, regels=lines, btw=groups, netto=net, te_betalen=net + tax)


def credit(**fields: object) -> FactuurInhoud:
    note = simple("-91.00", "-19.11", typecode="381", iban=None)
    return msgspec.structs.replace(note, **fields)


def found(inhoud: FactuurInhoud) -> list[Bevinding]:
    return check_invoice(inhoud, lambda path: f"/{path}")


def codes(inhoud: FactuurInhoud) -> set[tuple[str, str]]:
    return {(finding.code, finding.pad) for finding in found(inhoud)}
