"""Names and code lists of UBL invoices as EN 16931, NLCIUS and Peppol use them, and where a canonical path stands."""

from typing import Final, NamedTuple

from adapters.schematron import Book

INVOICE, CREDIT_NOTE = "Invoice", "CreditNote"
_UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMESPACES: Final = {INVOICE: f"{_UBL}Invoice-2", CREDIT_NOTE: f"{_UBL}CreditNote-2"}
ROOTS: Final = {f"{{{space}}}{name}": name for name, space in NAMESPACES.items()}
"""From the tag of a root, as lxml writes it, to its document."""

AGGREGATES: Final = f"{_UBL}CommonAggregateComponents-2"
LEAVES: Final = f"{_UBL}CommonBasicComponents-2"
CAC: Final = f"{{{AGGREGATES}}}"
CBC: Final = f"{{{LEAVES}}}"

UBL_VERSION: Final = "2.1"
BILLING: Final = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
"""ProfileID."""

NLCIUS: Final = "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0"
G_ACCOUNT: Final = f"{NLCIUS}#conformant#urn:fdc:nen.nl:gaccount:v1.0"
PEPPOL: Final = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"


class Profile(NamedTuple):
    """What a CustomizationID stands for. skipped: rules of its book that only ask for another CustomizationID."""

    version: str
    book: Book
    skipped: frozenset[str] = frozenset()


PROFILES: Final = {
    NLCIUS: Profile("NLCIUS 1.0", Book.SI_UBL),
    G_ACCOUNT: Profile("NLCIUS 1.0 G-rekening", Book.G_ACCOUNT),
    PEPPOL: Profile("Peppol BIS 3.0", Book.SI_UBL, frozenset({"SI-V20-INV-R000"})),
}

INVOICE_TYPES: Final = {"380": "factuur", "384": "gecorrigeerde factuur", "389": "factuur door de afnemer opgemaakt"}
CREDIT_TYPES: Final = {"381": "creditnota"}

SCHEMES: Final = {"0088": "gln", "0106": "kvk", "0190": "oin", "9944": "btw"}
"""Identifier schemes (ISO 6523 and Peppol's) to our words."""
SCHEME_CODES: Final = {"gln": "0088", "kvk": "0106", "oin": "0190"}
VAT: Final = "VAT"

G_MEANS: Final = "GACCOUNT"
OWN_MEANS: Final = "BENEFICIARY"
"""PaymentMeans/ID of the G-account (fixed by the extension) and of the other one (free)."""
CREDIT_TRANSFER: Final = "58"
OBJECT_REFERENCE: Final = "130"
"""DocumentTypeCode of a reference that is no attachment but names an object, as in a line its order."""
ORDER_SCHEME: Final = "ON"
"""Of such a reference (UNTDID 1153): an order number."""
NO_ORDER: Final = "NA"
"""What Peppol has senders write in OrderReference/ID when there is no order."""

KIND, EXTRA_WORK, SUB_ORDER = "Kostensoort", "Meerwerk", "Subnummer"
"""Names of AdditionalItemProperty, agreed in this project: EN 16931 has no field of its own for these."""
YES: Final = frozenset({"j", "ja", "true", "1"})

REVERSED: Final = "AE"
REASONS: Final = {
    "AE": "Btw verlegd",
    "E": "Vrijgesteld van btw",
    "G": "Export buiten de EU",
    "K": "Intracommunautaire levering",
    "O": "Niet belast met btw",
}
"""Why a VAT category has no tax: a text that the rules ask for beside the category, of which we know no more."""

PIECE: Final = "PCE"
PIECES: Final = ("H87", "C62", "EA")
"""Units of UN/ECE Recommendation 20 for what is counted: `PCE` for us, as in the orders. The first is written."""

PARTIES: Final = {"AccountingSupplierParty": "aannemer", "AccountingCustomerParty": "opdrachtgever"}
PARTY_FIELDS: Final = {
    "PartyLegalEntity/RegistrationName": "naam",
    "PartyName/Name": "naam2",
    "PostalAddress/StreetName": "straat",
    "PostalAddress/AdditionalStreetName": "toevoeging",
    "PostalAddress/CityName": "plaats",
    "PostalAddress/PostalZone": "postcode",
    "PostalAddress/Country/IdentificationCode": "land",
    "Contact/Name": "contact.1.naam",
    "Contact/Telephone": "contact.1.telefoon",
    "Contact/ElectronicMail": "contact.1.email",
}
PLACE_FIELDS: Final = {
    "DeliveryLocation/Address/StreetName": "straat",
    "DeliveryLocation/Address/AdditionalStreetName": "toevoeging",
    "DeliveryLocation/Address/CityName": "plaats",
    "DeliveryLocation/Address/PostalZone": "postcode",
    "DeliveryLocation/Address/Country/IdentificationCode": "land",
    "DeliveryParty/PartyName/Name": "naam",
}
LINE_TEXTS: Final = {"Item/Name": "omschrijving", "Item/Description": "toelichting", "Note": "tekst"}

PERSONAL: Final = frozenset(
    {
        *(path.rpartition("/")[2] for fields in (PARTY_FIELDS, PLACE_FIELDS, LINE_TEXTS) for path in fields),
        "Line",
        "CountrySubentity",
        "AllowanceChargeReason",
        "TaxExemptionReason",
        "DocumentDescription",
        "EmbeddedDocumentBinaryObject",
        "URI",
        "PaymentID",
        "HolderName",
        "PrimaryAccountNumberID",
        "Value",
        "CompanyLegalForm",
    }
)
"""Local names of elements whose text is, or may hold, personal data: never shown outside the work list."""

_TOTAL: Final = "LegalMonetaryTotal"
_HEADER: Final = {
    "factuurnummer": "ID",
    "factuurdatum": "IssueDate",
    "munt": "DocumentCurrencyCode",
    "opdrachtnummer": "OrderReference/ID",
    "verwijst_naar": "BillingReference/InvoiceDocumentReference/ID",
    "contract": "ContractDocumentReference/ID",
    "periode_van": "InvoicePeriod/StartDate",
    "periode_tot": "InvoicePeriod/EndDate",
    "leverdatum": "Delivery/ActualDeliveryDate",
    "vervaldatum": "DueDate",
    "te_betalen": f"{_TOTAL}/PayableAmount",
    "netto": f"{_TOTAL}/LineExtensionAmount",
    "toeslag_totaal": f"{_TOTAL}/ChargeTotalAmount",
    "afronding": f"{_TOTAL}/PayableRoundingAmount",
    "vooruitbetaald": f"{_TOTAL}/PrepaidAmount",
    "btw_totaal": "TaxTotal/TaxAmount",
    "btw_nummer": "AccountingSupplierParty/Party/PartyTaxScheme/CompanyID",
    "kvk_nummer": "AccountingSupplierParty/Party/PartyLegalEntity/CompanyID",
    "koper": "AccountingCustomerParty/Party/PartyLegalEntity/CompanyID",
    "aannemer": "AccountingSupplierParty/Party/EndpointID",
    "opdrachtgever": "AccountingCustomerParty/Party/EndpointID",
    "iban": "PaymentMeans/PayeeFinancialAccount/ID",
    "g_iban": "PaymentMeans/PayeeFinancialAccount/ID",
    "g_bedrag": "PaymentTerms/Amount",
    "btw": "TaxTotal/TaxSubtotal",
    "toeslagen": "AllowanceCharge",
    "tekst": "Note",
    "bijlage": "AdditionalDocumentReference",
}
_LINE: Final = {
    "nummer": "ID",
    "bedrag": "LineExtensionAmount",
    "toeslag": "AllowanceCharge",
    "opdrachtnummer": "OrderLineReference/OrderReference/ID",
    "prijscode": "Item/SellersItemIdentification/ID",
    "prijs": "Price/PriceAmount",
    "prijsbasis": "Price/BaseQuantity",
    "btw_categorie": "Item/ClassifiedTaxCategory/ID",
    "btw_percentage": "Item/ClassifiedTaxCategory/Percent",
}
_GROUP: Final = {
    "categorie": "TaxCategory/ID",
    "percentage": "TaxCategory/Percent",
    "grondslag": "TaxableAmount",
    "bedrag": "TaxAmount",
}
_CHARGE: Final = {"bedrag": "Amount", "btw_categorie": "TaxCategory/ID", "btw_percentage": "TaxCategory/Percent"}
_LISTS: Final = {"btw": ("TaxTotal/TaxSubtotal", _GROUP), "toeslag": ("AllowanceCharge", _CHARGE)}


def quantity_name(document: str) -> str:
    return "CreditedQuantity" if document == CREDIT_NOTE else "InvoicedQuantity"


def path_of(document: str, canonical: str) -> str:
    """The path of a canonical path ('regel.2.bedrag', 'btw.1.grondslag', 'aannemer') in `document`."""
    head, _, rest = canonical.partition(".")
    position, _, field = rest.partition(".")
    if head == "regel":
        step = quantity_name(document) if field in ("aantal", "prijsaantal") else _LINE.get(field, "Item")
        return f"/{document}/{document}Line[{position}]/{step}"
    if head in _LISTS and position.isdecimal():
        name, fields = _LISTS[head]
        return f"/{document}/{name}[{position}]/{fields.get(field, field)}".rstrip("/")
    if head == "regels":
        return f"/{document}/{document}Line"
    if head == "typecode":
        return f"/{document}/{document}TypeCode"
    for name, who in PARTIES.items():
        if head == who and rest:
            path = next((path for path, canonical_ in PARTY_FIELDS.items() if canonical_ == rest), "")
            return f"/{document}/{name}/Party/{path}".rstrip("/")
    if head == "locatie":
        path = next((path for path, canonical_ in PLACE_FIELDS.items() if canonical_ == rest), "")
        return f"/{document}/Delivery/{path}".rstrip("/")
    return f"/{document}/{_HEADER.get(head, head)}"
