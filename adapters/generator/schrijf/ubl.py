"""UBL 2.1 invoices and credit notes under NLCIUS, with the G-account extension where there is such a part (FACTS 3)."""

from typing import Final

from adapters.generator.bericht import Uiting
from adapters.generator.factuur import VERLEGD, Factuur, Regel, Tarief, euro
from adapters.generator.partners import Partner
from adapters.generator.schrijf.xml import element

NLCIUS: Final = "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0"
G_REKENING: Final = f"{NLCIUS}#conformant#urn:fdc:nen.nl:gaccount:v1.0"
PROFIEL: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
SCHEMA: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
EENHEID: Final = {"PCE": "H87"}
CREDIT: Final = "381"


def write(uiting: Uiting, partner: Partner, klant: Partner) -> bytes:
    """An invoice of `partner` to `klant`. Raises ValueError for an utterance that is none."""
    factuur = uiting.factuur
    if factuur is None:
        raise ValueError(f"{uiting.soort}: expected an invoice")
    # a credit note says its amounts without a sign
    credit = factuur.typecode == CREDIT
    sign, root = (-1, "CreditNote") if credit else (1, "Invoice")
    numbers = {regel.opdracht for regel in factuur.regels}
    shared = factuur.opdrachten[0] if len(numbers) == 1 and factuur.opdrachten else None
    made = [
        _b("CustomizationID", NLCIUS if factuur.g_bedrag is None else G_REKENING),
        _b("ProfileID", PROFIEL),
        _b("ID", factuur.nummer),
        _b("IssueDate", factuur.datum.isoformat()),
    ]
    if factuur.vervalt is not None and not credit:
        made.append(_b("DueDate", factuur.vervalt.isoformat()))
    made += [_b(f"{root}TypeCode", factuur.typecode), _b("DocumentCurrencyCode", "EUR")]
    if factuur.periode is not None:
        first, last = factuur.periode
        made.append(_a("InvoicePeriod", _b("StartDate", first.isoformat()) + _b("EndDate", last.isoformat())))
    # without one order the standard asks to say so
    made.append(_a("OrderReference", _b("ID", shared or "NA")))
    if factuur.verwijst_naar is not None:
        made.append(_a("BillingReference", _a("InvoiceDocumentReference", _b("ID", factuur.verwijst_naar))))
    if factuur.contract is not None:
        made.append(_a("ContractDocumentReference", _b("ID", factuur.contract)))
    made.append(_a("AccountingSupplierParty", _party(partner, factuur.leverancier, contact=True)))
    made.append(_a("AccountingCustomerParty", _party(klant, klant.btw_nummer, contact=False)))
    made += _payment(factuur, sign)
    made += [_charge(one.bedrag * sign, one.tarief) for one in factuur.toeslagen]
    made += [_tax(factuur, sign), _totals(factuur, sign)]
    made += [_line(regel, root, sign, named=shared is None) for regel in factuur.regels]
    spaces = "".join(
        f' xmlns{name}="{SCHEMA}{schema}-2"'
        for name, schema in (("", root), (":cac", "CommonAggregateComponents"), (":cbc", "CommonBasicComponents"))
    )
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', f"<{root}{spaces}>", *made, f"</{root}>", "")).encode()


def _a(name: str, inside: str) -> str:
    return f"<cac:{name}>{inside}</cac:{name}>"


def _b(name: str, text: str, **attributes: str) -> str:
    made = element(f"cbc:{name}", text)
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return made.replace(f"<cbc:{name}>", f"<cbc:{name}{given}>", 1)


def _money(name: str, cents: int) -> str:
    return _b(name, euro(cents), currencyID="EUR")


def _party(partner: Partner, vat: str, *, contact: bool) -> str:
    made = _b("EndpointID", partner.gln, schemeID="0088")
    country = _a("Country", _b("IdentificationCode", "NL"))
    place = _b("StreetName", "Ambachtsweg 4") + _b("CityName", "Molenwijk") + _b("PostalZone", "9981 KA")
    made += _a("PostalAddress", place + country)
    made += _a("PartyTaxScheme", _b("CompanyID", vat) + _a("TaxScheme", _b("ID", "VAT")))
    legal = _b("RegistrationName", partner.naam) + _b("CompanyID", partner.kvk_nummer, schemeID="0106")
    made += _a("PartyLegalEntity", legal)
    if contact:
        reach = _b("Name", "Crediteuren") + _b("Telephone", "0599-000000")
        made += _a("Contact", reach + _b("ElectronicMail", "facturen@verzonnen.example"))
    return _a("Party", made)


def _payment(factuur: Factuur, sign: int) -> list[str]:
    if factuur.g_bedrag is None:
        return [_a("PaymentMeans", _b("PaymentMeansCode", "58") + _account(factuur.iban))]
    ways = (
        ("1", factuur.iban, factuur.te_betalen - factuur.g_bedrag),
        ("GACCOUNT", factuur.g_iban or "", factuur.g_bedrag),
    )
    means = [
        _a("PaymentMeans", _b("ID", name) + _b("PaymentMeansCode", "58") + _account(iban)) for name, iban, _ in ways
    ]
    terms = [_a("PaymentTerms", _b("PaymentMeansID", name) + _money("Amount", sign * part)) for name, _, part in ways]
    return means + terms


def _account(iban: str) -> str:
    return _a("PayeeFinancialAccount", _b("ID", iban))


def _category(name: str, tarief: Tarief, *, why: bool = False) -> str:
    made = _b("ID", tarief[0]) + _b("Percent", str(tarief[1]))
    if why and tarief == VERLEGD:
        made += _b("TaxExemptionReason", "Btw verlegd")
    return _a(name, made + _a("TaxScheme", _b("ID", "VAT")))


def _charge(cents: int, tarief: Tarief) -> str:
    made = _b("ChargeIndicator", "true") + _b("AllowanceChargeReasonCode", "FC")
    return _a("AllowanceCharge", made + _money("Amount", cents) + _category("TaxCategory", tarief))


def _tax(factuur: Factuur, sign: int) -> str:
    made = _money("TaxAmount", sign * sum(factuur.btw(one) for one in factuur.tarieven))
    for tarief in factuur.tarieven:
        base = _money("TaxableAmount", sign * factuur.grondslag(tarief))
        tax = _money("TaxAmount", sign * factuur.btw(tarief))
        made += _a("TaxSubtotal", base + tax + _category("TaxCategory", tarief, why=True))
    return _a("TaxTotal", made)


def _totals(factuur: Factuur, sign: int) -> str:
    charges = sum(one.bedrag for one in factuur.toeslagen)
    net = factuur.netto + charges
    made = _money("LineExtensionAmount", sign * factuur.netto) + _money("TaxExclusiveAmount", sign * net)
    made += _money("TaxInclusiveAmount", sign * (net + sum(factuur.btw(one) for one in factuur.tarieven)))
    if charges:
        made += _money("ChargeTotalAmount", sign * charges)
    if factuur.afronding:
        made += _money("PayableRoundingAmount", sign * factuur.afronding)
    payable = factuur.te_betalen if factuur.totaal_als is None else factuur.totaal_als
    return _a("LegalMonetaryTotal", made + _money("PayableAmount", sign * payable))


def _line(regel: Regel, root: str, sign: int, *, named: bool) -> str:
    quantity = "CreditedQuantity" if root == "CreditNote" else "InvoicedQuantity"
    made = _b("ID", regel.nummer) + _b(
        quantity, str(sign * regel.aantal), unitCode=EENHEID.get(regel.eenheid, regel.eenheid)
    )
    made += _money("LineExtensionAmount", sign * regel.bedrag)
    if named and regel.opdracht is not None:
        made += _a("DocumentReference", _b("ID", regel.opdracht, schemeID="ON") + _b("DocumentTypeCode", "130"))
    item = _b("Name", "Herstelwerk")
    if regel.code is not None:
        item += _a("SellersItemIdentification", _b("ID", regel.code))
    item += _category("ClassifiedTaxCategory", regel.tarief)
    if regel.arbeid is not None:
        item += _property("Kostensoort", "arbeid" if regel.arbeid else "materiaal")
    if regel.meerwerk:
        item += _property("Meerwerk", "ja")
    made += _a("Item", item) + _a("Price", _money("PriceAmount", regel.prijs))
    return _a(f"{root}Line", made)


def _property(name: str, value: str) -> str:
    return _a("AdditionalItemProperty", _b("Name", name) + _b("Value", value))
