"""What INSBOU003 and INSBOU004 have in common, and the names by which they differ.

Tables are written with the names of INSBOU003; `Version` puts those of another version in their place.
"""

from enum import Enum
from functools import cached_property
from typing import Final

ORDER: Final = "Order"
RESPONSE: Final = "OrderResponse"
INVOICE: Final = "Invoice"
DOCUMENTS: Final = (ORDER, RESPONSE, INVOICE)


class Part(Enum):
    """What an element does in the flat walk: its text is kept, or it says to what the next texts belong."""

    FIELD = "a text of the part that is open"
    PERSON = "personal data of the part that is open"
    FREE_TEXT = "free text, of the last line or else of the message"
    PARTY = "opens a party"
    PLACE = "opens the place of work; its texts are the message's"
    CONTACT = "opens a contact of the party or of the place"
    LINE = "opens a line"
    PROPOSAL = "opens a proposed moment"
    SECTION = "opens a part of its own; several may have its name"
    SEVERAL = "a text that the open part may have more than once; each goes on a line of its own"
    WITHIN = "stays in the part that is open, and the VAT inside it is not the part's"
    BLOCK = "goes back to the last line or section, else to the message; with a name it leaves its mark there"
    HEAD = "goes back to the message; in a line it is not mapped"
    ECHO = "repeats the order; what is in it is passed over"
    UNMAPPED = "has no place in a Bericht; what is in it is left out with a warning"


PARTIES: Final = {"Buyer": "opdrachtgever", "Supplier": "aannemer"}
TEXTS: Final = {
    "Name": "naam",
    "Name2": "naam2",
    "StreetAndNumber": "straat",
    "City": "plaats",
    "PostalCode": "postcode",
    "Country": "land",
    "LocationDescription": "omschrijving",
    "ContactPersonName": "naam",
    "PhoneNumber": "telefoon",
    "EmailAddress": "email",
    "TradeItemDescription": "omschrijving",
    "PriceBaseDescription": "prijsomschrijving",
}
"""Element to the last step of its canonical path."""

LEDO: Final = {"Location": "locatie", "Element": "element", "Defect": "defect", "Cause": "oorzaak"}

WRAPPERS: Final = {
    "CustomerOrderReference": ("EndCustomerOrderNumber",),
    "ContractReference": ("ContractNumber", "ContractDate"),
    "ProjectReference": ("ProjectNumber",),
    "AdditionalInformation": ("FreeText",),
}
"""Around these INSBOU003 has an element, and INSBOU004 has none."""

_FRAME: Final = ("DeliveryDateEarliest", "DeliveryTimeEarliest", "DeliveryDateLatest", "DeliveryTimeLatest")
_WISH: Final = ("RequiredDeliveryDate", "RequiredDeliveryTime", "DeliveryTimeFrame", *_FRAME)
_PROPOSED: Final = ("ScheduledDeliveryDate", "ScheduledDeliveryTime", "DeliveryTimeFrame", *_FRAME)
_ARTICLE: Final = ("Colour", "Size", "SerialNumber", "PhysicalDimensions", "Width", "Length", "Height")
_BASE: Final = ("PriceBase", "NumberOfUnitsInPriceBasis", "MeasureUnitPriceBasis")

Elements = dict[str, tuple[Part, str]]

_BOTH: Final[Elements] = {
    **{name: (Part.FIELD, name) for name in ("GLN", "LineNumber", *_BASE)},
    **{name: (Part.PERSON, canonical) for name, canonical in TEXTS.items()},
    **{name: (Part.PARTY, canonical) for name, canonical in PARTIES.items()},
    **dict.fromkeys(("GTIN", *_ARTICLE, "MeasurementUnitCode"), (Part.UNMAPPED, "")),
    "ContactInformation": (Part.CONTACT, ""),
    "FreeText": (Part.FREE_TEXT, ""),
}

_ORDER_FIELDS: Final = (
    ORDER, "OrderType", "OrderNumber", "OrderDate", "OrderTime", "MessageNumber", "MessageDate", "MessageTime",
    "InstructionType", "InstructionAgreementMethod", "InstructionTypeSpecification", "ReverseChargeIndicator",
    "DraftOrderIndicator", "ContractNumber", "ContractDate", *_WISH, "ComplexNumber", "PremisesNumber",
    "RealEstateUnitNumber", "YearOfConstruction", "OrderedQuantity", "OrderedQuantityMeasureUnitCode",
    "LineIdentification", "SuppliersTradeItemIdentification", *LEDO, "Price", "VATRate", "VATPercentage",
    "VATBaseAmount",
)  # fmt: skip
_ORDER_BLOCKS: Final = (
    "TradeItemIdentification", "AdditionalItemIdentification", "AdditionalInformation", "PriceInformation",
    "VATInformation",
)  # fmt: skip
_ORDER_UNMAPPED: Final = (
    "ScenarioTypeCode", "DeliveryOnDemandIndicator", "CustomerOrderReference", "EndCustomerOrderNumber",
    "ProjectReference", "ProjectNumber", "DeliveryConditions", "BackhaulingIndicator", "TransportInstruction",
    "TransportInstructionTypeCode", "DeliveryNoteText", "Invoicee", "UltimateConsignee", "ShipFrom",
    "PurchasingOrganisation", "Carrier", "TradeItemProcessing", "ProcessingGTIN", "ProcessingSequence",
    "ProcessingDescription", "DifferentPriceAgreement", "DifferentPriceAgreementIndicator", "DifferentPrice",
)  # fmt: skip

_ORDER: Final[Elements] = {
    **_BOTH,
    **{name: (Part.FIELD, name) for name in _ORDER_FIELDS},
    **dict.fromkeys(_ORDER_BLOCKS, (Part.BLOCK, "")),
    **dict.fromkeys(_ORDER_UNMAPPED, (Part.UNMAPPED, "")),
    "ContractReference": (Part.HEAD, ""),
    "DeliveryDateTimeInformation": (Part.HEAD, ""),
    "DeliveryParty": (Part.PLACE, "DeliveryParty"),
    "OrderLine": (Part.LINE, ""),
    "LongDescription": (Part.PERSON, "toelichting"),
    "LEDOInformation": (Part.BLOCK, "LEDOInformation"),
}

_RESPONSE_FIELDS: Final = (
    RESPONSE, "OrderResponseNumber", "OrderResponseDate", "OrderResponseTime", "StatusCode", "StatusDetailCode",
    "BuyersOrderNumber", *_PROPOSED, "PlannedDeliveryQuantity", "QuantityMeasureUnitCode", "NetLineAmount",
    "OrderLineIdentification", "GrossPrice", "NetPrice",
)  # fmt: skip
_RESPONSE_ECHOES: Final = (
    "DeliveryParty", "ComplexNumber", "PremisesNumber", "RealEstateUnitNumber", "YearOfConstruction",
    "TradeItemIdentification", "SuppliersTradeItemIdentification", "AdditionalItemIdentification", "PriceInformation",
)  # fmt: skip

_RESPONSE: Final[Elements] = {
    **_BOTH,
    **{name: (Part.FIELD, name) for name in _RESPONSE_FIELDS},
    **dict.fromkeys(_RESPONSE_ECHOES, (Part.ECHO, "")),
    "TotalAmount": (Part.UNMAPPED, ""),
    "DeliveryDateTimeInformation": (Part.PROPOSAL, ""),
    "OrderResponseLine": (Part.LINE, ""),
}

INVOICER: Final = "factureerder"
CHARGES, BLOCKED, TOTALS, VAT_TOTALS = "toeslagen", "geblokkeerd", "totalen", "btw"
"""Names of the sections of an invoice."""

CHARACTERISTIC: Final = "FurtherIdentifyingCharacteristics"
_INVOICE_TOTALS: Final = (
    "TotalInvoiceAmount", "TotalNetLineAmount", "TotalAmountSubjectToPaymentDiscount",
    "TotalAmountInvoiceChargeAllowance", "TotalVATAmount",
)  # fmt: skip
_INVOICE_FIELDS: Final = (
    INVOICE, "InvoiceType", "InvoiceNumber", "InvoiceDate", "DeliveryDate", "ExpirationDate", "Currency",
    "PaymentMethodCode", "ChainLiabilityIndicator", "ReverseChargeIndicator", "BuyersOrderNumber", "InvoiceNumberToBeCorrected",
    "OrderResponseNumber", "DespatchAdviceNumber", "ContractNumber", "ContractDate", "PeriodStartDate", "PeriodEndDate",
    "MessageNumber", "MessageDate", "MessageTime", "VATRegistrationNumber", "ChamberOfCommerceNumber",
    "AccountInformation", "IBAN", "ChargeTypeCode", "AllowanceTypeCode", "AllowancePercentage",
    "DeliveredQuantity", "DeliveredQuantityMeasureUnitCode", "NumberOfInvoicingUnits", "NetLineAmount",
    "LineIdentification", "SuppliersTradeItemIdentification", "Price", "VATRate", "VATPercentage", "VATBaseAmount",
    "OrderLineIdentification", "DespatchAdviceLineIdentification", "Amount", *_INVOICE_TOTALS, "VATAmount",
)  # fmt: skip
_INVOICE_ECHOES: Final = (
    "ComplexNumber", "PremisesNumber", "RealEstateUnitNumber", "YearOfConstruction", "Invoicee",
)  # fmt: skip
_INVOICE_UNMAPPED: Final = (
    "CustomerOrderReference", "EndCustomerOrderNumber", "ProjectReference", "ProjectNumber", "ShipFrom",
    "UltimateConsignee", "PaymentDiscount", "DiscountPercentage", "NumberOfDaysAfterDateOfInvoice",
)  # fmt: skip

_INVOICE: Final[Elements] = {
    **_BOTH,
    **{name: (Part.FIELD, name) for name in _INVOICE_FIELDS},
    **dict.fromkeys(_ORDER_BLOCKS, (Part.BLOCK, "")),
    **dict.fromkeys(_INVOICE_ECHOES, (Part.ECHO, "")),
    **dict.fromkeys(_INVOICE_UNMAPPED, (Part.UNMAPPED, "")),
    "ContractReference": (Part.BLOCK, ""),
    "Invoicer": (Part.PARTY, INVOICER),
    "DeliveryParty": (Part.PLACE, "DeliveryParty"),
    "InvoiceCharge": (Part.SECTION, CHARGES),
    "InvoiceAllowance": (Part.SECTION, CHARGES),
    "InvoiceLine": (Part.LINE, ""),
    **{name: (Part.SEVERAL, name) for name in (CHARACTERISTIC, "ChargeAmount", "AllowanceAmount")},
    **dict.fromkeys(("Charge", "Allowance"), (Part.WITHIN, "")),
    "PaymentOnBlockedAccount": (Part.SECTION, BLOCKED),
    "InvoiceTotals": (Part.SECTION, TOTALS),
    "VATSubTotal": (Part.SECTION, VAT_TOTALS),
}

_WITH_TIME: Final = frozenset(
    {"OrderDate", "MessageDate", "OrderResponseDate", "RequiredDeliveryDate", "ScheduledDeliveryDate",
     "DeliveryDateEarliest", "DeliveryDateLatest"}
)  # fmt: skip
DATES: Final = _WITH_TIME | {
    "ContractDate", "InvoiceDate", "DeliveryDate", "ExpirationDate", "PeriodStartDate", "PeriodEndDate",
}  # fmt: skip
TIMES: Final = frozenset(name.replace("Date", "Time") for name in _WITH_TIME)
NUMBERS: Final = frozenset(
    {"OrderedQuantity", "NumberOfUnitsInPriceBasis", "DifferentPrice", "Price", "VATPercentage", "VATBaseAmount",
     "TotalAmount", "PlannedDeliveryQuantity", "NetLineAmount", "GrossPrice", "NetPrice", "Width", "Length", "Height",
     "DeliveredQuantity", "NumberOfInvoicingUnits", "ChargeAmount", "AllowanceAmount", "AllowancePercentage", "Amount",
     "DiscountPercentage", "VATAmount", *_INVOICE_TOTALS}
)  # fmt: skip
PERSONAL: Final = frozenset(
    {*TEXTS, *LEDO, "LongDescription", "FreeText", "DeliveryNoteText", "ProcessingDescription", "IBAN", CHARACTERISTIC}
)
"""Local names of elements whose text is, or may hold, personal data: never shown outside the work list."""

HEADER_ORDER: Final = {
    ORDER: ("DeliveryOnDemandIndicator", "CustomerOrderReference", "EndCustomerOrderNumber", "ContractReference",
            "ContractNumber", "ContractDate", "ProjectReference", "ProjectNumber", "DeliveryConditions",
            "TransportInstruction", "AdditionalInformation", "FreeText", "DeliveryDateTimeInformation", "Buyer"),
    "OrderLine": ("TradeItemIdentification", "TradeItemProcessing", "TransportInstruction", "AdditionalInformation",
                  "FreeText", "DeliveryDateTimeInformation", "DifferentPriceAgreement", "ContractReference",
                  "LEDOInformation", "PriceInformation", "VATInformation"),
    INVOICE: ("ChainLiabilityIndicator", "AdditionalInformation", "FreeText", "BuyersOrderNumber", "OrderResponseNumber",
              "DespatchAdviceNumber", "InvoiceNumberToBeCorrected", "CustomerOrderReference", "EndCustomerOrderNumber",
              "ProjectReference", "ProjectNumber", "ContractReference", "ContractNumber", "ContractDate",
              "PeriodStartDate", "PeriodEndDate", "MessageNumber", "MessageDate", "MessageTime", "Buyer"),
    "InvoiceLine": ("PriceInformation", "Allowance", "Charge", "VATInformation", "BuyersOrderNumber",
                    "OrderLineIdentification", "DespatchAdviceLineIdentification", "AdditionalInformation", "FreeText"),
}  # fmt: skip
"""Around the wrapped elements: the order in which their neighbours stand."""


class Version:
    """One version of the standard.

    name: of its format; version: as partners call it; namespaces: per document, empty where there is none; names: its
    own names in place of those of INSBOU003; wrapped: whether it has WRAPPERS.
    """

    def __init__(
        self, name: str, version: str, *, namespaces: dict[str, str], names: dict[str, str], wrapped: bool
    ) -> None:
        self.name, self.version, self.wrapped = name, version, wrapped
        self.namespaces = namespaces
        self.names = names

    @cached_property
    def roots(self) -> dict[str, str]:
        """From the tag of a root, as lxml writes it, to its document."""
        return {f"{{{space}}}{name}" if space else name: name for name, space in self.namespaces.items()}

    @cached_property
    def elements(self) -> dict[str, Elements]:
        """Per document: what each element does in the walk."""
        return {ORDER: self._own(_ORDER), RESPONSE: self._own(_RESPONSE), INVOICE: self._own(_INVOICE)}

    def own(self, name: str) -> str:
        """The name in this version of an element of INSBOU003."""
        return self.names.get(name, name)

    def _own(self, elements: Elements) -> Elements:
        dropped = () if self.wrapped else WRAPPERS
        return {self.own(name): what for name, what in elements.items() if name not in dropped}


NAMES_004: Final = {
    "OrderedQuantityMeasureUnitCode": "OrderedQuantityUoM",
    "DeliveredQuantityMeasureUnitCode": "DeliveredQuantityUoM",
    "QuantityMeasureUnitCode": "QuantityUoM",
    "SuppliersTradeItemIdentification": "SuppliersTradeItemId",
    "MeasureUnitPriceBasis": "PriceBasisUoM",
}
"""From INSBOU003's names to INSBOU004's: published for the invoice, by analogy for order and response."""
