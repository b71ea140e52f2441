"""Writes the tree of a UBL invoice: elements in the order of UBL, amounts of a credit note without their minus."""

from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, cast

from lxml import etree

from adapters.formats.ubl import codes
from adapters.message import Bericht, FactuurInhoud
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurtoeslag
from topics.documents.onderhoud import Bijlage

Element = etree._Element

_ZERO: Final = Decimal(0)
_CREDIT: Final = "381"


class Writer:
    """Writes one message. `left`: paths of personal data that found no place, once the document is made."""

    def __init__(self, bericht: Bericht, inhoud: FactuurInhoud) -> None:
        self._bericht, self._inhoud = bericht, inhoud
        self._document = codes.CREDIT_NOTE if inhoud.typecode == _CREDIT else codes.INVOICE
        self._sign = -1 if self._document == codes.CREDIT_NOTE else 1
        self.left = dict(bericht.personen)

    def document(self) -> Element:
        """Raises ValueError for a character that XML does not have."""
        inhoud, credit = self._inhoud, self._document == codes.CREDIT_NOTE
        spaces = {None: codes.NAMESPACES[self._document], "cac": codes.AGGREGATES, "cbc": codes.LEAVES}
        # None is the default namespace; the stubs know strings only
        root = etree.Element(f"{{{spaces[None]}}}{self._document}", nsmap=cast(dict[str, str], spaces))
        _put(root, "CustomizationID", codes.NLCIUS if inhoud.g_bedrag is None else codes.G_ACCOUNT)
        _put(root, "ProfileID", codes.BILLING)
        _put(root, "ID", inhoud.factuurnummer)
        _put(root, "IssueDate", inhoud.factuurdatum.isoformat())
        if not credit and inhoud.vervaldatum is not None:
            _put(root, "DueDate", inhoud.vervaldatum.isoformat())
        _put(root, f"{self._document}TypeCode", inhoud.typecode)
        _put(root, "Note", self.left.pop("tekst", None))
        _put(root, "DocumentCurrencyCode", inhoud.munt)
        self._references(root)
        self._party(root, "AccountingSupplierParty", self._bericht.aannemer, self._supplier())
        self._party(root, "AccountingCustomerParty", self._bericht.opdrachtgever or None, list(inhoud.koper))
        self._delivery(root)
        self._means(root)
        for charge in inhoud.toeslagen:
            self._charge(root, charge, tax=True)
        self._totals(root)
        for position, line in enumerate(inhoud.regels, 1):
            self._line(root, line, position)
        return root

    def _supplier(self) -> list[tuple[str, str]]:
        named = (("btw", self._inhoud.btw_nummer), ("kvk", self._inhoud.kvk_nummer))
        return [(scheme, value) for scheme, value in named if value]

    def _order(self) -> str | None:
        """The one order of all lines; NO_ORDER when each line names its own; None when none does."""
        named = {line.opdrachtnummer for line in self._inhoud.regels}
        if len(named) == 1:
            return named.pop()
        return codes.NO_ORDER

    def _references(self, root: Element) -> None:
        inhoud = self._inhoud
        if inhoud.periode_van is not None or inhoud.periode_tot is not None:
            period = _in(root, "InvoicePeriod")
            _put(period, "StartDate", None if inhoud.periode_van is None else inhoud.periode_van.isoformat())
            _put(period, "EndDate", None if inhoud.periode_tot is None else inhoud.periode_tot.isoformat())
        _put(_in(root, "OrderReference"), "ID", self._order() or codes.NO_ORDER)
        if inhoud.verwijst_naar is not None:
            _put(_in(_in(root, "BillingReference"), "InvoiceDocumentReference"), "ID", inhoud.verwijst_naar)
        if inhoud.contract is not None:
            _put(_in(root, "ContractDocumentReference"), "ID", inhoud.contract)
        for bijlage in self._bericht.bijlagen:
            self._attachment(root, bijlage)

    def _attachment(self, root: Element, bijlage: Bijlage) -> None:
        reference = _in(root, "AdditionalDocumentReference")
        _put(reference, "ID", bijlage.naam)
        attachment = _in(reference, "Attachment")
        content = self._bericht.blobs.get(bijlage.blob or "")
        if content is not None:
            named = {"mimeCode": bijlage.bestandssoort, "filename": bijlage.naam}
            _put(attachment, "EmbeddedDocumentBinaryObject", b64encode(content).decode(), named)
        if bijlage.url is not None:
            _put(_in(attachment, "ExternalReference"), "URI", bijlage.url)

    def _party(self, root: Element, name: str, gln: str | None, named: list[tuple[str, str]]) -> None:
        party, who = _in(_in(root, name), "Party"), codes.PARTIES[name]
        texts = {path: self.left.pop(f"{who}.{canonical}", None) for path, canonical in codes.PARTY_FIELDS.items()}
        legal = next((one for one in named if one[0] in ("kvk", "oin")), None)
        if gln is not None:
            _put(party, "EndpointID", gln, {"schemeID": codes.SCHEME_CODES["gln"]})
        for scheme, value in named:
            if scheme != "btw" and (scheme, value) != legal:
                _put(_in(party, "PartyIdentification"), "ID", value, {"schemeID": codes.SCHEME_CODES.get(scheme, "")})
        self._texts(party, texts, "PartyName")
        self._texts(party, texts, "PostalAddress")
        for scheme, value in named:
            if scheme == "btw":
                tax = _in(party, "PartyTaxScheme")
                _put(tax, "CompanyID", value)
                _put(_in(tax, "TaxScheme"), "ID", codes.VAT)
        self._texts(party, texts, "PartyLegalEntity")
        if legal is not None:
            entity = party.find(f"{codes.CAC}PartyLegalEntity")
            entity = _in(party, "PartyLegalEntity") if entity is None else entity
            _put(entity, "CompanyID", legal[1], {"schemeID": codes.SCHEME_CODES[legal[0]]})
        self._texts(party, texts, "Contact")

    def _texts(self, parent: Element, texts: Mapping[str, str | None], head: str) -> None:
        """Those of `texts` whose path begins with `head`, with the elements around them."""
        for path, text in texts.items():
            steps = path.split("/")
            if text is None or steps[0] != head:
                continue
            at = parent
            for step in steps[:-1]:
                found = at.find(f"{codes.CAC}{step}")
                at = _in(at, step) if found is None else found
            _put(at, steps[-1], text)

    def _delivery(self, root: Element) -> None:
        day = self._inhoud.leverdatum
        texts = {path: self.left.pop(f"locatie.{canonical}", None) for path, canonical in codes.PLACE_FIELDS.items()}
        if day is None and not any(text is not None for text in texts.values()):
            return
        delivery = _in(root, "Delivery")
        _put(delivery, "ActualDeliveryDate", None if day is None else day.isoformat())
        self._texts(delivery, texts, "DeliveryLocation")
        self._texts(delivery, texts, "DeliveryParty")

    def _means(self, root: Element) -> None:
        inhoud, blocked = self._inhoud, self._inhoud.g_bedrag
        due = inhoud.vervaldatum if self._document == codes.CREDIT_NOTE else None
        accounts = [] if inhoud.iban is None else [(codes.OWN_MEANS, one) for one in inhoud.iban.split(", ")]
        if blocked is not None:
            accounts.append((codes.G_MEANS, inhoud.g_iban or ""))
        for name, account in accounts:
            means = _in(root, "PaymentMeans")
            _put(means, "ID", name if blocked is not None else None)
            _put(means, "PaymentMeansCode", codes.CREDIT_TRANSFER)
            _put(means, "PaymentDueDate", None if due is None else due.isoformat())
            due = None  # the rules let it be said once
            _put(_in(means, "PayeeFinancialAccount"), "ID", account)
        if blocked is not None:
            for name, amount in ((codes.OWN_MEANS, inhoud.te_betalen - blocked), (codes.G_MEANS, blocked)):
                terms = _in(root, "PaymentTerms")
                _put(terms, "PaymentMeansID", name)
                self._amount(terms, "Amount", amount)

    def _charge(self, parent: Element, charge: Factuurtoeslag, *, tax: bool) -> None:
        element, amount = _in(parent, "AllowanceCharge"), charge.bedrag * self._sign
        _put(element, "ChargeIndicator", "true" if amount >= 0 else "false")
        _put(element, "AllowanceChargeReasonCode", charge.reden)
        if charge.reden is None:
            _put(element, "AllowanceChargeReason", "Toeslag" if amount >= 0 else "Korting")
        self._plain_amount(element, "Amount", abs(amount))
        if tax:
            self._category(element, "TaxCategory", charge.btw_categorie, charge.btw_percentage)

    def _totals(self, root: Element) -> None:
        inhoud = self._inhoud
        charges = sum((one.bedrag for one in inhoud.toeslagen), _ZERO)
        # a charge of a credit note is an allowance to us, so they are told apart after the sign was turned
        turned = [one.bedrag * self._sign for one in inhoud.toeslagen]
        tax = sum((one.bedrag for one in inhoud.btw), _ZERO)
        total = _in(root, "TaxTotal")
        self._amount(total, "TaxAmount", tax)
        for group in inhoud.btw:
            self._vat(total, group)
        money = _in(root, "LegalMonetaryTotal")
        self._amount(money, "LineExtensionAmount", inhoud.netto)
        self._amount(money, "TaxExclusiveAmount", inhoud.netto + charges)
        self._amount(money, "TaxInclusiveAmount", inhoud.netto + charges + tax)
        allowed, charged = [-one for one in turned if one < 0], [one for one in turned if one >= 0]
        for name, amounts in (("AllowanceTotalAmount", allowed), ("ChargeTotalAmount", charged)):
            if amounts:
                self._plain_amount(money, name, sum(amounts, _ZERO))
        if inhoud.vooruitbetaald:
            self._amount(money, "PrepaidAmount", inhoud.vooruitbetaald)
        if inhoud.afronding:
            self._amount(money, "PayableRoundingAmount", inhoud.afronding)
        self._amount(money, "PayableAmount", inhoud.te_betalen)

    def _vat(self, parent: Element, group: Btwbedrag) -> None:
        element = _in(parent, "TaxSubtotal")
        self._amount(element, "TaxableAmount", group.grondslag)
        self._amount(element, "TaxAmount", group.bedrag)
        self._category(element, "TaxCategory", group.categorie, group.percentage, codes.REASONS.get(group.categorie))

    def _category(self, parent: Element, name: str, code: str, rate: Decimal, reason: str | None = None) -> None:
        element = _in(parent, name)
        _put(element, "ID", code)
        # outside VAT there is no rate, not even 0
        _put(element, "Percent", None if code == "O" else f"{rate:f}")
        _put(element, "TaxExemptionReason", reason)
        _put(_in(element, "TaxScheme"), "ID", codes.VAT)

    def _line(self, root: Element, line: Factuurregel, position: int) -> None:
        element, at = _in(root, f"{self._document}Line"), f"regel.{position}"
        name, description, note = (self.left.pop(f"{at}.{field}", None) for field in codes.LINE_TEXTS.values())
        unit = _unit(line.eenheid)
        _put(element, "ID", line.nummer)
        _put(element, "Note", note)
        if line.aantal is not None:
            _put(element, codes.quantity_name(self._document), f"{line.aantal * self._sign:f}", unit)
        self._amount(element, "LineExtensionAmount", line.bedrag)
        if line.opdrachtnummer is not None and self._order() == codes.NO_ORDER:
            reference = _in(element, "DocumentReference")
            _put(reference, "ID", line.opdrachtnummer, {"schemeID": codes.ORDER_SCHEME})
            _put(reference, "DocumentTypeCode", codes.OBJECT_REFERENCE)
        if line.toeslag:
            own = Factuurtoeslag(bedrag=line.toeslag, btw_categorie="", btw_percentage=_ZERO)
            self._charge(element, own, tax=False)
        item = _in(element, "Item")
        _put(item, "Description", description)
        _put(item, "Name", name if name is not None else line.prijscode)
        if line.prijscode is not None:
            _put(_in(item, "SellersItemIdentification"), "ID", line.prijscode)
        self._category(item, "ClassifiedTaxCategory", line.btw_categorie, line.btw_percentage)
        for key, value in (
            (codes.KIND, None if line.soort is None else line.soort.value),
            (codes.EXTRA_WORK, "ja" if line.meerwerk else None),
            (codes.SUB_ORDER, line.subnummer),
        ):
            if value is not None:
                own_property = _in(item, "AdditionalItemProperty")
                _put(own_property, "Name", key)
                _put(own_property, "Value", value)
        if line.prijs is not None:
            price = _in(element, "Price")
            _put(price, "PriceAmount", f"{line.prijs:f}", {"currencyID": self._inhoud.munt})
            if line.prijsbasis is not None:
                base_unit = _unit(line.prijseenheid) if line.prijseenheid is not None else unit
                _put(price, "BaseQuantity", f"{line.prijsbasis:f}", base_unit)

    def _amount(self, parent: Element, name: str, amount: Decimal) -> None:
        self._plain_amount(parent, name, amount * self._sign if amount else _ZERO)

    def _plain_amount(self, parent: Element, name: str, amount: Decimal) -> None:
        _put(parent, name, f"{amount:f}", {"currencyID": self._inhoud.munt})


def _unit(unit: str | None) -> dict[str, str]:
    if unit is None:
        return {}
    return {"unitCode": codes.PIECES[0] if unit == codes.PIECE else unit}


def _in(parent: Element, name: str) -> Element:
    return etree.SubElement(parent, f"{codes.CAC}{name}")


def _put(parent: Element, name: str, text: str | None, attributes: Mapping[str, str] | None = None) -> None:
    if text is not None:
        element = etree.SubElement(parent, f"{codes.CBC}{name}", dict(attributes or {}))
        element.text = text
