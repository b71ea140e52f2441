"""From a Bericht to an Invoice. A credit note is written without signs, everything else with them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec
from lxml import etree

from adapters.formats.insbou.invoice import BUYER_NUMBERS, CREDIT, EXTRA, KINDS
from adapters.formats.insbou.version import CHARACTERISTIC, INVOICE
from adapters.formats.insbou.writing import Writer, plain
from adapters.message import Bericht, FactuurInhoud
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurtoeslag

_WORDS: Final = {kind: word for word, kind in KINDS.items()}
_ONE: Final = Decimal(1)
_STATED: Final = ("toeslag_totaal", "btw_totaal")
"""Sums that are written whether the message stated them or not."""


class Invoice:
    """Writes `inhoud` by `writer`."""

    def __init__(self, writer: Writer, bericht: Bericht, inhoud: FactuurInhoud) -> None:
        self._writer, self._bericht, self._inhoud = writer, bericht, inhoud
        self._sign = -1 if inhoud.typecode == CREDIT else 1
        writer.refuse(
            "/te_betalen",
            self._sign < 0 < inhoud.te_betalen,
            "gevonden een creditnota (381) waarop iets te betalen is, verwacht een bedrag dat terugkomt",
        )

    def root(self) -> etree._Element:
        root = self._writer.root(INVOICE)
        self._header(root)
        self._parties(root)
        if any(path.startswith("locatie.") for path in self._writer.left):
            self._writer.place(root)
        for charge in self._inhoud.toeslagen:
            self._charge(root, charge)
        for position, regel in enumerate(self._inhoud.regels, 1):
            self._line(root, regel, f"regel.{position}")
        self._blocked(root)
        self._totals(root)
        for group in self._inhoud.btw:
            self._vat(root, group)
        return root

    def _header(self, root: etree._Element) -> None:
        writer, inhoud, bericht = self._writer, self._inhoud, self._bericht
        put = writer.put
        put(root, "InvoiceType", inhoud.typecode)
        put(root, "InvoiceNumber", inhoud.factuurnummer)
        put(root, "InvoiceDate", _day(inhoud.factuurdatum))
        put(root, "DeliveryDate", _day(inhoud.leverdatum))
        put(root, "ExpirationDate", _day(inhoud.vervaldatum))
        put(root, "Currency", inhoud.munt)
        writer.flag(root, "ChainLiabilityIndicator", inhoud.ketenaansprakelijk)
        writer.flag(root, "ReverseChargeIndicator", inhoud.btw_verlegd)
        writer.wrapped(root, "AdditionalInformation", (writer.left.pop("tekst", None),))
        put(root, "BuyersOrderNumber", bericht.opdrachtnummer or None)
        put(root, "InvoiceNumberToBeCorrected", inhoud.verwijst_naar)
        writer.wrapped(root, "ContractReference", (inhoud.contract, None))
        put(root, "PeriodStartDate", _day(inhoud.periode_van))
        put(root, "PeriodEndDate", _day(inhoud.periode_tot))
        if bericht.berichtnummer != inhoud.factuurnummer:
            put(root, "MessageNumber", bericht.berichtnummer)
        writer.moment(root, "MessageDate", bericht.verzonden)

    def _parties(self, root: etree._Element) -> None:
        writer, inhoud = self._writer, self._inhoud
        supplier = {"btw": inhoud.btw_nummer, "kvk": inhoud.kvk_nummer}
        for name, who, gln, numbers, account in (
            ("Buyer", "opdrachtgever", self._bericht.opdrachtgever, dict(inhoud.koper), None),
            ("Supplier", "aannemer", self._bericht.aannemer, supplier, inhoud.iban),
        ):
            party = writer.party(root, name, gln)
            for scheme, element in BUYER_NUMBERS.items():
                writer.put(party, element, numbers.get(scheme))
            writer.named(party, who)
            self._account(party, account)

    def _account(self, owner: etree._Element, number: str | None) -> None:
        if number is not None:
            self._writer.put(self._writer.sub(owner, "AccountInformation"), "IBAN", number)

    def _signed(self, amount: Decimal) -> Decimal:
        return -amount if self._sign < 0 else amount  # not times -1, which has a 0 with a sign

    def _amount(self, amount: Decimal) -> str | None:
        return plain(self._signed(amount))

    def _rate(self, owner: etree._Element, category: str, rate: Decimal) -> etree._Element:
        vat = self._writer.sub(owner, "VATInformation")
        self._writer.put(vat, "VATRate", category)
        self._writer.put(vat, "VATPercentage", plain(rate))
        return vat

    def _charge(self, root: etree._Element, charge: Factuurtoeslag) -> None:
        self._rate(
            self._apart(root, "Invoice", charge.bedrag, charge.reden), charge.btw_categorie, charge.btw_percentage
        )

    def _apart(self, owner: etree._Element, prefix: str, amount: Decimal, reason: str | None) -> etree._Element:
        """A charge, or where it takes something off an allowance."""
        amount = self._signed(amount)
        kind = "Allowance" if amount < 0 else "Charge"
        made = self._writer.sub(owner, f"{prefix}{kind}")
        self._writer.put(made, f"{kind}TypeCode", reason)
        self._writer.put(made, f"{kind}Amount", plain(abs(amount)))
        return made

    def _line(self, root: etree._Element, regel: Factuurregel, where: str) -> None:
        put, pop, bericht = self._writer.put, self._writer.left.pop, self._bericht
        line = self._writer.sub(root, "InvoiceLine")
        put(line, "LineNumber", regel.nummer)
        if regel.aantal is not None:
            counted = regel.aantal if regel.prijsaantal is None else regel.prijsaantal
            put(line, "DeliveredQuantity", self._amount(regel.aantal))
            put(line, "DeliveredQuantityMeasureUnitCode", regel.eenheid)
            put(line, "NumberOfInvoicingUnits", self._amount(counted))
        put(line, "NetLineAmount", self._amount(regel.bedrag))
        self._article(line, regel, pop(f"{where}.omschrijving", None))
        self._price(line, regel, pop(f"{where}.prijsomschrijving", None))
        if regel.toeslag:
            self._apart(line, "", regel.toeslag, None)
        self._rate(line, regel.btw_categorie, regel.btw_percentage)
        if regel.opdrachtnummer != (bericht.opdrachtnummer or None):
            put(line, "BuyersOrderNumber", regel.opdrachtnummer)
        self._writer.wrapped(line, "AdditionalInformation", (pop(f"{where}.tekst", None),))

    def _article(self, line: etree._Element, regel: Factuurregel, description: str | None) -> None:
        put = self._writer.put
        if regel.prijscode is not None or description is not None:
            article = self._writer.sub(line, "TradeItemIdentification")
            put(article, "SuppliersTradeItemIdentification", regel.prijscode)
            if description is not None:
                put(self._writer.sub(article, "AdditionalItemIdentification"), "TradeItemDescription", description)
        if regel.soort is not None:
            put(line, CHARACTERISTIC, _WORDS[regel.soort])
        if regel.meerwerk:
            put(line, CHARACTERISTIC, EXTRA)

    def _price(self, line: etree._Element, regel: Factuurregel, description: str | None) -> None:
        unit = regel.eenheid if regel.prijseenheid is None else regel.prijseenheid
        if regel.prijs is None and regel.prijsbasis is None and unit == regel.eenheid and description is None:
            return
        put, price = self._writer.put, self._writer.sub(line, "PriceInformation")
        put(price, "Price", plain(regel.prijs))
        if regel.prijsbasis is not None or unit != regel.eenheid or description is not None:
            base = self._writer.sub(price, "PriceBase")
            put(base, "NumberOfUnitsInPriceBasis", plain(regel.prijsbasis or _ONE))
            put(base, "MeasureUnitPriceBasis", unit)
            put(base, "PriceBaseDescription", description)

    def _blocked(self, root: etree._Element) -> None:
        inhoud = self._inhoud
        if inhoud.g_bedrag is None and inhoud.g_iban is None:
            return
        blocked = self._writer.sub(root, "PaymentOnBlockedAccount")
        self._writer.put(blocked, "Amount", None if inhoud.g_bedrag is None else self._amount(inhoud.g_bedrag))
        self._account(blocked, inhoud.g_iban)

    def _totals(self, root: etree._Element) -> None:
        put, inhoud = self._writer.put, self._inhoud
        charges, vat = stated(inhoud)
        totals = self._writer.sub(root, "InvoiceTotals")
        put(totals, "TotalInvoiceAmount", self._amount(inhoud.te_betalen))
        put(totals, "TotalNetLineAmount", self._amount(inhoud.netto))
        put(totals, "TotalAmountInvoiceChargeAllowance", self._amount(charges))
        put(totals, "TotalVATAmount", self._amount(vat))

    def _vat(self, root: etree._Element, group: Btwbedrag) -> None:
        total = self._writer.sub(root, "VATSubTotal")
        self._writer.put(total, "VATAmount", self._amount(group.bedrag))
        vat = self._rate(total, group.categorie, group.percentage)
        self._writer.put(vat, "VATBaseAmount", self._amount(group.grondslag))


def stated(inhoud: FactuurInhoud) -> tuple[Decimal, Decimal]:
    """Charges and VAT in all: as the message says, else their sum."""
    charges, vat = inhoud.toeslag_totaal, inhoud.btw_totaal
    return (
        sum((one.bedrag for one in inhoud.toeslagen), Decimal(0)) if charges is None else charges,
        sum((one.bedrag for one in inhoud.btw), Decimal(0)) if vat is None else vat,
    )


def lost(bericht: Bericht, back: Bericht) -> Iterator[str]:
    """Paths of what is otherwise in `back`, what the rendered `bericht` is read as: the standard has no place for it."""
    told, read = bericht.inhoud, back.inhoud
    if not isinstance(told, FactuurInhoud) or not isinstance(read, FactuurInhoud):
        return
    sums = dict(zip(_STATED, stated(told), strict=True))
    told = msgspec.structs.replace(told, **sums, koper=tuple(sorted(told.koper)))
    read = msgspec.structs.replace(read, koper=tuple(sorted(read.koper)))
    yield from _differing(bericht, back, "", {"inhoud", "personen"})
    yield from _differing(told, read, "", {"regels"})
    for number, (one, other) in enumerate(zip(told.regels, read.regels, strict=True), 1):
        per_unit = "prijsbasis" if (one.prijsbasis or _ONE) == other.prijsbasis else ""
        yield from _differing(one, other, f"/regels/{number}", {per_unit})


def _differing(one: msgspec.Struct, other: msgspec.Struct, at: str, but: set[str]) -> Iterator[str]:
    for field in type(one).__struct_fields__:
        if field not in but and getattr(one, field) != getattr(other, field):
            yield f"{at}/{field}"


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
