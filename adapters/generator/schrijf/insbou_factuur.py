"""INSBOU invoices and credit notes in versions 003 and 004, with the header, lines and totals that both share (FACTS 1.5)."""

from typing import Final

from adapters.generator.bericht import Uiting
from adapters.generator.factuur import Factuur, Regel, Tarief, euro
from adapters.generator.partners import Partner
from adapters.generator.schrijf.tijden import clock, day
from adapters.generator.schrijf.xml import document, element

FACTUUR: Final = "http://www.gs1.nl/factuur/insbou/004"
EENHEID: Final = {"003": "DeliveredQuantityMeasureUnitCode", "004": "DeliveredQuantityUoM"}
ARTIKEL: Final = {"003": "SuppliersTradeItemIdentification", "004": "SuppliersTradeItemId"}
PRIJSEENHEID: Final = {"003": "MeasureUnitPriceBasis", "004": "PriceBasisUoM"}
CREDIT: Final = "381"


def write(uiting: Uiting, partner: Partner, klant: Partner, version: str) -> bytes:
    """An invoice in version "003" (which has no namespace) or "004". Raises ValueError for an utterance that is none, and
    for one with a rounding, of which the standard knows nothing."""
    factuur = uiting.factuur
    if factuur is None or factuur.afronding:
        raise ValueError(f"{uiting.soort}: expected an invoice without a rounding")
    # a credit note says its amounts without a sign
    sign = -1 if factuur.typecode == CREDIT else 1
    numbers = {regel.opdracht for regel in factuur.regels}
    shared = factuur.opdrachten[0] if len(numbers) == 1 and factuur.opdrachten else None
    made = _head(uiting, factuur, shared, version)
    made.append(f"<Buyer>{element('GLN', klant.gln)}{element('VATRegistrationNumber', klant.btw_nummer)}</Buyer>")
    supplier = element("GLN", partner.gln) + element("VATRegistrationNumber", factuur.leverancier)
    account = f"<AccountInformation>{element('IBAN', factuur.iban)}</AccountInformation>"
    made.append(f"<Supplier>{supplier}{element('Name', partner.naam)}{account}</Supplier>")
    for one in factuur.toeslagen:
        charge = element("ChargeTypeCode", "FC") + element("ChargeAmount", euro(sign * one.bedrag)) + _vat(one.tarief)
        made.append(f"<InvoiceCharge>{charge}</InvoiceCharge>")
    made += [_line(regel, version, sign, named=shared is None) for regel in factuur.regels]
    if factuur.g_bedrag is not None:
        blocked = element("Amount", euro(sign * factuur.g_bedrag))
        blocked += f"<AccountInformation>{element('IBAN', factuur.g_iban or '')}</AccountInformation>"
        made.append(f"<PaymentOnBlockedAccount>{blocked}</PaymentOnBlockedAccount>")
    made.append(_totals(factuur, sign))
    made += [_vat_total(factuur, tarief, sign) for tarief in factuur.tarieven]
    return document("Invoice", made, FACTUUR if version == "004" else None)


def _head(uiting: Uiting, factuur: Factuur, shared: str | None, version: str) -> list[str]:
    made = [
        element("InvoiceType", factuur.typecode),
        element("InvoiceNumber", factuur.nummer),
        element("InvoiceDate", factuur.datum.isoformat()),
    ]
    if factuur.vervalt is not None:
        made.append(element("ExpirationDate", factuur.vervalt.isoformat()))
    made += [element("Currency", "EUR"), element("ChainLiabilityIndicator", "N" if factuur.g_bedrag is None else "J")]
    if shared is not None:
        made.append(element("BuyersOrderNumber", shared))
    if factuur.verwijst_naar is not None:
        made.append(element("InvoiceNumberToBeCorrected", factuur.verwijst_naar))
    if factuur.contract is not None:
        contract = element("ContractNumber", factuur.contract)
        made.append(contract if version == "004" else f"<ContractReference>{contract}</ContractReference>")
    if factuur.periode is not None:
        made += [
            element("PeriodStartDate", factuur.periode[0].isoformat()),
            element("PeriodEndDate", factuur.periode[1].isoformat()),
        ]
    return [
        *made,
        element("MessageNumber", uiting.berichtnummer),
        element("MessageDate", day(uiting.gebeurd)),
        element("MessageTime", clock(uiting.gebeurd)),
    ]


def _line(regel: Regel, version: str, sign: int, *, named: bool) -> str:
    number, (counted, unit) = str(sign * regel.aantal), regel.geteld or (regel.aantal, regel.eenheid)
    made = element("LineNumber", regel.nummer) + element("DeliveredQuantity", number)
    made += element(EENHEID[version], regel.eenheid) + element("NumberOfInvoicingUnits", str(sign * counted))
    made += element("NetLineAmount", euro(sign * regel.bedrag))
    if regel.code is not None:
        made += f"<TradeItemIdentification>{element(ARTIKEL[version], regel.code)}</TradeItemIdentification>"
    if regel.arbeid is not None:
        made += element("FurtherIdentifyingCharacteristics", "ARBEID" if regel.arbeid else "MATERIAAL")
    if regel.meerwerk:
        made += element("FurtherIdentifyingCharacteristics", "MEERWERK")
    base = element("NumberOfUnitsInPriceBasis", "1") + element(PRIJSEENHEID[version], unit)
    price = element("Price", euro(regel.prijs)) + f"<PriceBase>{base}</PriceBase>"
    made += f"<PriceInformation>{price}</PriceInformation>{_vat(regel.tarief)}"
    if named and regel.opdracht is not None:
        made += element("BuyersOrderNumber", regel.opdracht)
    return f"<InvoiceLine>{made}</InvoiceLine>"


def _vat(tarief: Tarief, extra: str = "") -> str:
    rate = element("VATRate", tarief[0]) + element("VATPercentage", str(tarief[1]))
    return f"<VATInformation>{rate}{extra}</VATInformation>"


def _totals(factuur: Factuur, sign: int) -> str:
    total = factuur.te_betalen if factuur.totaal_als is None else factuur.totaal_als
    made = element("TotalInvoiceAmount", euro(sign * total)) + element("TotalNetLineAmount", euro(sign * factuur.netto))
    charges = sum(one.bedrag for one in factuur.toeslagen)
    made += element("TotalAmountInvoiceChargeAllowance", euro(sign * charges))
    made += element("TotalVATAmount", euro(sign * sum(factuur.btw(one) for one in factuur.tarieven)))
    return f"<InvoiceTotals>{made}</InvoiceTotals>"


def _vat_total(factuur: Factuur, tarief: Tarief, sign: int) -> str:
    base = element("VATBaseAmount", euro(sign * factuur.grondslag(tarief)))
    return f"<VATSubTotal>{element('VATAmount', euro(sign * factuur.btw(tarief)))}{_vat(tarief, base)}</VATSubTotal>"
