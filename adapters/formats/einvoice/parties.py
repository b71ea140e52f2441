"""Who an invoice is from and for, by whatever numbers it names them."""

from collections.abc import Iterable, Sequence
from typing import Final

from lxml import etree

from adapters.formats.ubl import codes
from adapters.message import Factuursleutel

Element = etree._Element

_LONGEST_KEY: Final = 64


def key_of(tree: Element) -> Factuursleutel | None:
    """What names the dossier of a refused invoice, where it still shows that."""
    number = text_of(tree, "ID")
    supplier = identifiers(tree.find("AccountingSupplierParty/Party"))
    buyer = identifiers(tree.find("AccountingCustomerParty/Party"))
    named = first(supplier, "btw") or first(supplier, "kvk")
    if not number or not named or max(map(len, (number, named, *(value for _, value in buyer)))) > _LONGEST_KEY:
        return None
    gln, rest = apart(buyer)
    return Factuursleutel(opdrachtgever=gln, leverancier=named, factuurnummer=number, koper=rest)


def identifiers(party: Element | None) -> tuple[tuple[str, str], ...]:
    """(scheme, value) of whatever names the party, each once; the VAT number as its tax scheme says it goes first."""
    if party is None:
        return ()
    found: dict[tuple[str, str], None] = {}
    for tax in party.iterfind("PartyTaxScheme"):
        if text_of(tax, "TaxScheme/ID") == codes.VAT:
            found["btw", text_of(tax, "CompanyID")] = None
    for path in ("PartyLegalEntity/CompanyID", "PartyIdentification/ID", "EndpointID"):
        for one in party.iterfind(path):
            scheme = codes.SCHEMES.get(one.get("schemeID") or "")
            if scheme is not None:
                found[scheme, (one.text or "").strip()] = None
    return tuple(one for one in found if one[1])


def apart(buyer: Sequence[tuple[str, str]]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The buyer's GLN (empty when it has none), and what else names it."""
    gln = first(buyer, "gln") or ""
    return gln, tuple(one for one in buyer if one != ("gln", gln))


def first(named: Iterable[tuple[str, str]], scheme: str) -> str | None:
    """The first value of a scheme."""
    return next((value for of, value in named if of == scheme), None)


def text_of(element: Element, path: str) -> str:
    """The text at `path` without blanks around it; empty when there is none."""
    return (element.findtext(path) or "").strip()
