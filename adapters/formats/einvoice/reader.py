"""From the tree of a UBL invoice, without namespaces and valid by our XSD, to a Bericht. Amounts come out signed.

A CreditNote says its amounts without a sign, as the credit that it is, so they are turned; an Invoice says them signed,
also one of type 384 or a negative 380.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from adapters.formats import photos
from adapters.formats.attachments import Attachments
from adapters.formats.einvoice.parties import apart, first, identifiers, text_of
from adapters.formats.findings import OWN_CHECK, fout, quoted, waarschuwing
from adapters.formats.moments import WITH_ZONE, date_from_xsd, from_xsd, sentence
from adapters.formats.numbers import DECIMAL_EXPECTED, decimal_of
from adapters.formats.ubl import codes
from adapters.formats.xsd import path_of
from adapters.message import Bericht, FactuurInhoud, Soort
from topics.blobs import blob_ref
from topics.documents import Bevinding, Moment
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurtoeslag, Kostensoort
from topics.documents.onderhoud import Bijlage

Element = etree._Element

_ZERO: Final = Decimal(0)
_ORDER_LIKE: Final = re.compile(r"[A-Za-z]{0,6}[-_/.]?[0-9][0-9A-Za-z\-_/.]{2,31}")
"""A reference that may be an order number: OPD-26-0815, 4711/2, ZL20260815; not a name or a sentence."""

_KINDS: Final = {kind.value: kind for kind in Kostensoort}


class Reader:
    """Reads one invoice. `findings`: what was odd or wrong about it."""

    def __init__(self, tree: Element, attached: Attachments) -> None:
        self._tree, self._attached = tree, attached
        self._document = str(tree.tag)
        self._currency = text_of(tree, "DocumentCurrencyCode") or "EUR"
        self._sign = -1 if self._document == codes.CREDIT_NOTE else 1
        self._blobs: dict[str, bytes] = {}
        self.findings: list[Bevinding] = []

    def where(self, canonical: str) -> str:
        """The path of a canonical path, for the checks."""
        return codes.path_of(self._document, canonical)

    def bericht(self) -> Bericht:
        tree = self._tree
        supplier = identifiers(tree.find("AccountingSupplierParty/Party"))
        gln, buyer = apart(identifiers(tree.find("AccountingCustomerParty/Party")))
        inhoud = self._inhoud(supplier, buyer)
        orders = {regel.opdrachtnummer or "" for regel in inhoud.regels}
        return Bericht(
            soort=Soort.FACTUUR,
            berichtnummer=inhoud.factuurnummer,
            opdrachtnummer=orders.pop() if len(orders) == 1 else "",
            opdrachtgever=gln,
            inhoud=inhoud,
            aannemer=first(supplier, "gln"),
            verzonden=self._sent(),
            bijlagen=tuple(self._attachments()),
            personen=self._personen(),
            blobs=self._blobs,
        )

    def _inhoud(self, supplier: Sequence[tuple[str, str]], buyer: tuple[tuple[str, str], ...]) -> FactuurInhoud:
        tree, total = self._tree, "LegalMonetaryTotal"
        contract = self._one(tree.iterfind("ContractDocumentReference/ID"))
        order = self._order(contract)
        taxes = [one for one in tree.iterfind("TaxTotal") if one.find("TaxSubtotal") is not None]
        taxes = taxes or list(tree.iterfind("TaxTotal"))[:1]
        charged, allowed = (self._optional(f"{total}/{one}TotalAmount") for one in ("Charge", "Allowance"))
        typecode = text_of(tree, f"{self._document}TypeCode")
        g_means = [one for one in tree.iterfind("PaymentTerms") if text_of(one, "PaymentMeansID") == codes.G_MEANS]
        g_amount = None if not g_means else g_means[0].find("Amount")
        return FactuurInhoud(
            factuurnummer=text_of(tree, "ID"),
            factuurdatum=self._invoiced(),
            te_betalen=self._optional(f"{total}/PayableAmount") or _ZERO,
            netto=self._optional(f"{total}/LineExtensionAmount") or _ZERO,
            btw_nummer=first(supplier, "btw"),
            kvk_nummer=first(supplier, "kvk"),
            koper=buyer,
            typecode=typecode or ("381" if self._sign < 0 else "380"),
            munt=self._currency,
            regels=tuple([self._line(one, order) for one in tree.iterfind(f"{self._document}Line")]),
            toeslagen=tuple([self._charge(one) for one in tree.iterfind("AllowanceCharge")]),
            btw=tuple([self._vat(group) for one in taxes for group in one.iterfind("TaxSubtotal")]),
            afronding=self._optional(f"{total}/PayableRoundingAmount") or _ZERO,
            vooruitbetaald=self._optional(f"{total}/PrepaidAmount") or _ZERO,
            toeslag_totaal=None if charged is None and allowed is None else (charged or _ZERO) - (allowed or _ZERO),
            btw_totaal=None if not taxes else self._amount(taxes[0].find("TaxAmount")),
            iban=self._account(g_account=False),
            g_iban=self._account(g_account=True),
            g_bedrag=None if g_amount is None else self._amount(g_amount),
            ketenaansprakelijk=True if g_means else None,
            verwijst_naar=self._one(
                [*tree.iterfind("BillingReference/InvoiceDocumentReference/ID"),
                 *tree.iterfind("BillingReference/CreditNoteDocumentReference/ID")],
            ),
            contract=contract,
            periode_van=self._date("InvoicePeriod/StartDate"),
            periode_tot=self._date("InvoicePeriod/EndDate"),
            leverdatum=self._date("Delivery/ActualDeliveryDate"),
            vervaldatum=self._date("DueDate") or self._date("PaymentMeans/PaymentDueDate"),
        )  # fmt: skip

    def _order(self, contract: str | None) -> str | None:
        """The order of the whole: OrderReference, else a BuyerReference that reads as a number, with a warning."""
        tree = self._tree
        number = text_of(tree, "OrderReference/ID")
        if number and number.upper() != codes.NO_ORDER:
            return number
        reference = text_of(tree, "BuyerReference")
        if contract is not None or not _ORDER_LIKE.fullmatch(reference):
            return None
        tekst = (
            f"Veld BuyerReference: gevonden {quoted(reference)} en geen OrderReference, verwacht het opdrachtnummer in "
            "OrderReference/ID; het kenmerk is als opdrachtnummer genomen."
        )
        pad = f"/{self._document}/BuyerReference"
        self.findings.append(waarschuwing("opdrachtnummer-uit-kenmerk", pad, tekst, waarde=reference))
        return reference

    def _line(self, line: Element, order: str | None) -> Factuurregel:
        quantity, base = line.find(codes.quantity_name(self._document)), line.find("Price/BaseQuantity")
        price = line.find("Price/PriceAmount")
        unit, of_base = _unit(quantity), _unit(base)
        charges = [self._charge(one).bedrag for one in line.iterfind("AllowanceCharge")]
        own = {
            text_of(one, "Name").lower(): text_of(one, "Value") for one in line.iterfind("Item/AdditionalItemProperty")
        }
        return Factuurregel(
            nummer=text_of(line, "ID"),
            bedrag=self._amount(line.find("LineExtensionAmount")),
            btw_categorie=text_of(line, "Item/ClassifiedTaxCategory/ID"),
            btw_percentage=self._number(line.find("Item/ClassifiedTaxCategory/Percent")),
            opdrachtnummer=_order_of(line) or order,
            subnummer=own.get(codes.SUB_ORDER.lower()) or None,
            prijscode=text_of(line, "Item/BuyersItemIdentification/ID")
            or text_of(line, "Item/SellersItemIdentification/ID")
            or None,
            aantal=None if quantity is None else self._amount(quantity),
            eenheid=unit,
            prijs=None if price is None else self._number(price),
            prijsbasis=None if base is None else self._number(base),
            prijseenheid=of_base if of_base != unit else None,
            toeslag=sum(charges, _ZERO),
            soort=_KINDS.get(own.get(codes.KIND.lower(), "").lower()),
            meerwerk=own.get(codes.EXTRA_WORK.lower(), "").lower() in codes.YES,
        )

    def _charge(self, element: Element) -> Factuurtoeslag:
        amount = self._amount(element.find("Amount"))
        return Factuurtoeslag(
            bedrag=amount if text_of(element, "ChargeIndicator") in ("true", "1") else -amount,
            btw_categorie=text_of(element, "TaxCategory/ID"),
            btw_percentage=self._number(element.find("TaxCategory/Percent")),
            reden=text_of(element, "AllowanceChargeReasonCode") or None,
        )

    def _vat(self, group: Element) -> Btwbedrag:
        return Btwbedrag(
            categorie=text_of(group, "TaxCategory/ID"),
            percentage=self._number(group.find("TaxCategory/Percent")),
            grondslag=self._amount(group.find("TaxableAmount")),
            bedrag=self._amount(group.find("TaxAmount")),
        )

    def _account(self, *, g_account: bool) -> str | None:
        """The account of the payment means: the G-account, or that of the others. Several are given together, so that
        together they are an account that nobody knows: which of them is paid is then not ours to say."""
        means = [
            one for one in self._tree.iterfind("PaymentMeans") if (text_of(one, "ID") == codes.G_MEANS) is g_account
        ]
        found = [one for one in (mean.find("PayeeFinancialAccount/ID") for mean in means) if one is not None]
        named = [one for one in dict.fromkeys("".join((one.text or "").split()) for one in found) if one]
        if len(named) > 1:
            shown = " en ".join(quoted(one) for one in named[:3])
            tekst = f"Veld PayeeFinancialAccount: gevonden {shown}, verwacht een rekening om op te betalen."
            pad = path_of(found[1])
            self.findings.append(waarschuwing("rekening-meer", pad, tekst, waarde=shown, persoonlijk=True))
        return ", ".join(named) or None

    def _one(self, elements: Iterable[Element]) -> str | None:
        """The one value that is named; of several different ones none is taken."""
        found = {text: one for one in elements if (text := (one.text or "").strip())}
        if len(found) > 1:
            shown = " en ".join(quoted(text) for text in list(found)[:3])
            last = found[next(reversed(found))]
            tekst = f"Veld ID: gevonden {shown}, verwacht er een; geen ervan is overgenomen."
            self.findings.append(waarschuwing("nummer-meerduidig", path_of(last), tekst, waarde=shown))
            return None
        return next(iter(found), None)

    def _attachments(self) -> Iterator[Bijlage]:
        for reference in self._tree.iterfind("AdditionalDocumentReference"):
            inside = reference.find("Attachment/EmbeddedDocumentBinaryObject")
            url = text_of(reference, "Attachment/ExternalReference/URI")
            name = (inside.get("filename") if inside is not None else None) or text_of(reference, "ID")
            kind = (inside.get("mimeCode") if inside is not None else None) or name.rpartition(".")[2].lower()
            content = self._attached.beside(name) if inside is None else self._inside(inside)
            if inside is None and not url and content is None:
                continue  # it names an object or a document, and brings none
            ref = blob_ref(content) if content else None
            if content and ref:
                self._blobs[ref] = content
            yield Bijlage(
                soort=photos.PHOTO if photos.is_image(kind) else "OTA",
                bestandssoort=kind,
                naam=name,
                url=url or None,
                blob=ref,
                bytes=len(content) if content else None,
            )

    def _inside(self, element: Element) -> bytes | None:
        content = self._attached.inside(element.text or "")
        if content is None:
            tekst = f"Veld {element.tag}: gevonden tekens of een lengte die niet bij base64 horen, verwacht base64."
            self.findings.append(waarschuwing("bijlage-geen-base64", path_of(element), tekst))
        return content

    def _personen(self) -> dict[str, str]:
        tree = self._tree
        found: dict[str, str] = {}
        for name, who in codes.PARTIES.items():
            party = tree.find(f"{name}/Party")
            if party is not None:
                _keep(found, party, codes.PARTY_FIELDS, who)
        delivery = tree.find("Delivery")
        if delivery is not None:
            _keep(found, delivery, codes.PLACE_FIELDS, "locatie")
        notes = [text for one in tree.iterfind("Note") if (text := (one.text or "").strip())]
        if notes:
            found["tekst"] = "\n".join(notes)
        for position, line in enumerate(tree.iterfind(f"{self._document}Line"), 1):
            _keep(found, line, codes.LINE_TEXTS, f"regel.{position}")
        return found

    def _sent(self) -> Moment | None:
        day, time = text_of(self._tree, "IssueDate"), self._tree.findtext("IssueTime")
        return from_xsd(day, time)[0]

    def _invoiced(self) -> date:
        day = self._date("IssueDate")
        if day is None:
            tekst = f"Veld IssueDate: gevonden {quoted(text_of(self._tree, 'IssueDate'))}, verwacht de datum van de factuur."
            pad = f"/{self._document}/IssueDate"
            self.findings.append(fout("factuur-zonder-datum", pad, tekst, OWN_CHECK))
        return day or date.min  # which is never used: the error refuses the message

    def _date(self, path: str) -> date | None:
        element = self._tree.find(path)
        if element is None:
            return None
        text = (element.text or "").strip()
        day, oddities = date_from_xsd(text)
        for oddity in oddities:
            bron = "UBL 2.1" if oddity == WITH_ZONE else OWN_CHECK
            tekst = sentence(oddity, str(element.tag), text)
            self.findings.append(waarschuwing(oddity, path_of(element), tekst, bron=bron, waarde=text))
        return day

    def _optional(self, path: str) -> Decimal | None:
        element = self._tree.find(path)
        return None if element is None else self._amount(element)

    def _amount(self, element: Element | None) -> Decimal:
        """Signed: what a CreditNote says is turned."""
        number = self._number(element)
        return number * self._sign if number else _ZERO

    def _number(self, element: Element | None) -> Decimal:
        text = "" if element is None else (element.text or "").strip()
        if element is None or not text:
            return _ZERO
        self._same_currency(element)
        number = decimal_of(text)
        if number is None:
            tekst = f"Veld {element.tag}: gevonden {quoted(text)}, verwacht {DECIMAL_EXPECTED}."
            self.findings.append(fout("getal-te-groot", path_of(element), tekst, OWN_CHECK, waarde=text))
        return number or _ZERO

    def _same_currency(self, element: Element) -> None:
        """The official rules add amounts up whatever their currencies, so that a total in another one passes them."""
        currency = element.get("currencyID")
        if currency is None or currency == self._currency:
            return
        tekst = f"Veld {element.tag}: gevonden munt {quoted(currency)}, verwacht {quoted(self._currency)}: die van de factuur."
        self.findings.append(fout("munt-gemengd", path_of(element), tekst, OWN_CHECK, waarde=currency))


def _order_of(line: Element) -> str:
    """The order that the line itself names: in OrderLineReference, or in a reference to an object of that scheme."""
    named = text_of(line, "OrderLineReference/OrderReference/ID")
    if named:
        return named
    for reference in line.iterfind("DocumentReference"):
        number = reference.find("ID")
        if number is not None and number.get("schemeID") == codes.ORDER_SCHEME:
            return (number.text or "").strip()
    return ""


def _keep(found: dict[str, str], element: Element, fields: dict[str, str], who: str) -> None:
    for path, canonical in fields.items():
        text = text_of(element, path)
        if text:
            found[f"{who}.{canonical}"] = text


def _unit(quantity: Element | None) -> str | None:
    unit = None if quantity is None else quantity.get("unitCode")
    return codes.PIECE if unit in codes.PIECES else unit
