"""Where in an Invoice a canonical path stands, for what the checks say of it."""

from collections.abc import Sequence
from typing import Final

from adapters.formats.insbou import order
from adapters.formats.insbou.version import INVOICE, ORDER
from adapters.formats.insbou.walk import Texts

HEAD: Final = f"/{INVOICE}"
TOTALS: Final = f"{HEAD}/InvoiceTotals"
BLOCKED: Final = f"{HEAD}/PaymentOnBlockedAccount"
INVOICER: Final = f"{HEAD}/Invoicer"

_HEADER: Final = {
    "factuurnummer": "InvoiceNumber",
    "factuurdatum": "InvoiceDate",
    "typecode": "InvoiceType",
    "munt": "Currency",
    "opdrachtnummer": "BuyersOrderNumber",
    "verwijst_naar": "InvoiceNumberToBeCorrected",
    "contract": "ContractNumber",
    "periode_van": "PeriodStartDate",
    "periode_tot": "PeriodEndDate",
    "leverdatum": "DeliveryDate",
    "vervaldatum": "ExpirationDate",
    "btw_verlegd": "ReverseChargeIndicator",
    "ketenaansprakelijk": "ChainLiabilityIndicator",
    "te_betalen": "InvoiceTotals/TotalInvoiceAmount",
    "netto": "InvoiceTotals/TotalNetLineAmount",
    "toeslag_totaal": "InvoiceTotals/TotalAmountInvoiceChargeAllowance",
    "btw_totaal": "InvoiceTotals/TotalVATAmount",
    "btw_nummer": "Supplier/VATRegistrationNumber",
    "kvk_nummer": "Supplier/ChamberOfCommerceNumber",
    "koper": "Buyer/VATRegistrationNumber",
    "iban": "Supplier/AccountInformation/IBAN",
    "g_iban": "PaymentOnBlockedAccount/AccountInformation/IBAN",
    "g_bedrag": "PaymentOnBlockedAccount/Amount",
    "regels": "InvoiceLine",
    "btw": "VATSubTotal",
    "toeslagen": "InvoiceCharge",
}
_VAT: Final = {
    "categorie": "VATInformation/VATRate",
    "percentage": "VATInformation/VATPercentage",
    "grondslag": "VATInformation/VATBaseAmount",
    "bedrag": "VATAmount",
}
_OF_RATE: Final = {"btw_categorie": _VAT["categorie"], "btw_percentage": _VAT["percentage"]}
_LINE: Final = {
    **_OF_RATE,
    "nummer": "LineNumber",
    "bedrag": "NetLineAmount",
    "opdrachtnummer": "BuyersOrderNumber",
    "prijscode": "TradeItemIdentification",
    "aantal": "DeliveredQuantity",
    "prijsaantal": "NumberOfInvoicingUnits",
    "prijs": "PriceInformation/Price",
    "prijsbasis": "PriceInformation/PriceBase",
    "prijseenheid": "PriceInformation/PriceBase",
}
_OF_ORDER: Final = ("opdrachtgever", "aannemer", "locatie")


def line(position: int) -> str:
    return f"{HEAD}/InvoiceLine[{position}]"


def vat(position: int) -> str:
    return f"{HEAD}/VATSubTotal[{position}]"


def charge(position: int, charges: Sequence[Texts]) -> str:
    """Of a charge or an allowance, as its texts say which of the two it is; each is counted among its own."""
    names = ["InvoiceAllowance" if "AllowanceAmount" in texts else "InvoiceCharge" for texts in charges[:position]]
    return f"{HEAD}/{names[-1]}[{names.count(names[-1])}]" if names else f"{HEAD}/InvoiceCharge"


def place(canonical: str, charges: Sequence[Texts]) -> str:
    """The XPath of a canonical path."""
    head, _, rest = canonical.partition(".")
    if head in _OF_ORDER:
        return order.where(canonical).replace(f"/{ORDER}/", f"{HEAD}/", 1)
    position, _, field = rest.partition(".")
    if not position.isdecimal():
        return f"{HEAD}/{_HEADER.get(head, '')}".rstrip("/")
    number = int(position)
    if head == "regel":
        at, name = line(number), _LINE.get(field)
    elif head == "btw":
        at, name = vat(number), _VAT.get(field)
    else:
        at, name = charge(number, charges), _OF_RATE.get(field)
    return at if name is None else f"{at}/{name}"
