"""Invoices for tests with a charge on the whole of them."""

from dataclasses import replace as other
from decimal import Decimal

from msgspec.structs import replace

from tests.unit.chain.dossiers import Zending
from tests.unit.chain.factuurbouw import CENT, NUL, S21, Soort
from topics.documents.factuur import Btwbedrag, Factuur, Factuurregel, Factuurtoeslag


def met(bill: Zending, *, toeslag: str = "0", soort: Soort = S21, beside: str = "0") -> Zending:
    """The invoice with a charge of that VAT rate, and `beside` everything (a rounding, or less was prepaid)."""
    invoice = bill.bericht.document
    assert isinstance(invoice, Factuur)
    charge = Factuurtoeslag(bedrag=Decimal(toeslag), btw_categorie=soort[0], btw_percentage=soort[1])
    base: dict[Soort, Decimal] = {}
    items: list[Factuurregel | Factuurtoeslag] = [*invoice.regels, charge]
    for one in items:
        kind = (one.btw_categorie, one.btw_percentage)
        base[kind] = base.get(kind, NUL) + one.bedrag
    vat = tuple(
        Btwbedrag(categorie=kind[0], percentage=kind[1], grondslag=net, bedrag=(net * kind[1] / 100).quantize(CENT))
        for kind, net in base.items()
    )
    total = sum((one.grondslag + one.bedrag for one in vat), NUL) + Decimal(beside)
    made = replace(invoice, toeslagen=(charge,), btw=vat, te_betalen=total)
    return other(bill, bericht=other(bill.bericht, document=made))
