"""INSBOU orders (004) and order responses (003 and 004), with the header that both versions share (FACTS 1.5, 1.6)."""

from typing import Final

from adapters.generator.bericht import Opdracht, Uiting
from adapters.generator.partners import Partner
from adapters.generator.schrijf.tijden import clock, day
from adapters.generator.schrijf.xml import document, element
from adapters.generator.waar import adres

ORDER: Final = "http://www.gs1.nl/order/insbou/004"
ANTWOORD: Final = "http://www.gs1.nl/orderbevestiging/insbou/004"


def order(uiting: Uiting, partner: Partner) -> bytes:
    """An order in version 004. Raises ValueError for an utterance that is none."""
    opdracht = uiting.opdracht
    if opdracht is None:
        raise ValueError(f"{uiting.soort}: expected an order")
    made = [
        element("OrderNumber", uiting.nummer_als or uiting.nummer),
        element("OrderDate", day(opdracht.datum)),
    ]
    if not opdracht.datum_alleen_dag:
        made.append(element("OrderTime", clock(opdracht.datum)))
    made += [
        element("MessageNumber", uiting.berichtnummer),
        element("MessageDate", day(uiting.gebeurd)),
        element("MessageTime", clock(uiting.gebeurd)),
        element("InstructionType", opdracht.soort),
        element("InstructionAgreementMethod", opdracht.afspraak),
    ]
    if opdracht.specificatie is not None:
        made.append(element("InstructionTypeSpecification", opdracht.specificatie))
    if opdracht.contract is not None:
        made.append(element("ContractNumber", opdracht.contract))
    if uiting.tekst is not None:
        made.append(element("FreeText", uiting.tekst))
    if opdracht.gereed_uiterlijk is not None:
        needed = element("RequiredDeliveryDate", day(opdracht.gereed_uiterlijk))
        needed += element("RequiredDeliveryTime", clock(opdracht.gereed_uiterlijk))
        made.append(f"<DeliveryDateTimeInformation>{needed}</DeliveryDateTimeInformation>")
    made.append(f"<Buyer>{element('GLN', uiting.klant_als or uiting.klant)}{element('Name', partner.naam)}</Buyer>")
    if opdracht.noemt_aannemer:
        made.append(f"<Supplier>{element('GLN', uiting.aannemer_als or opdracht.aannemer)}</Supplier>")
    made.append(_place(uiting, opdracht))
    made += [_line(number, opdracht) for number in range(1, opdracht.regels + 1)]
    return document("Order", made, ORDER)


def response(uiting: Uiting, partner: Partner, version: str) -> bytes:
    """A response that tells a status, in version "003" (which has no namespace) or "004"."""
    word, detail = partner.word(uiting.code or "", uiting.detail)
    made = [
        element("OrderResponseNumber", uiting.berichtnummer),
        element("OrderResponseDate", day(uiting.gebeurd)),
    ]
    if not uiting.alleen_dag:
        made.append(element("OrderResponseTime", clock(uiting.gebeurd)))
    made.append(element("StatusCode", uiting.woord_als or word))
    if detail is not None and uiting.woord_als is None:
        made.append(element("StatusDetailCode", detail))
    made += [
        element("BuyersOrderNumber", uiting.nummer_als or uiting.nummer),
        f"<Buyer>{element('GLN', uiting.klant_als or uiting.klant)}</Buyer>",
        f"<Supplier>{element('GLN', uiting.aannemer_als or partner.gln)}</Supplier>",
    ]
    if uiting.tekst is not None:
        made.append(element("FreeText", uiting.tekst))
    return document("OrderResponse", made, ANTWOORD if version == "004" else None)


def _place(uiting: Uiting, opdracht: Opdracht) -> str:
    where = adres(uiting.nummer)
    made = element("Name", where.bewoner)
    made += element("StreetAndNumber", f"{where.straat} {where.huisnummer}{where.letter}")
    made += element("City", where.plaats) + element("PostalCode", where.postcode)
    if opdracht.eenheid is not None:
        made += element("RealEstateUnitNumber", opdracht.eenheid)
    return f"<DeliveryParty>{made}</DeliveryParty>"


def _line(number: int, opdracht: Opdracht) -> str:
    made = element("LineNumber", str(number * 10)) + element("OrderedQuantity", opdracht.aantal)
    made += element("OrderedQuantityUoM", "PCE")
    item = element("SuppliersTradeItemId", f"PB-{number:03}")
    made += f"<TradeItemIdentification>{item}</TradeItemIdentification>"
    if opdracht.element is not None and number == 1:
        ledo = element("Location", "Keuken") + element("Element", opdracht.element) + element("Defect", "Lekt")
        made += f"<LEDOInformation>{ledo}</LEDOInformation>"
    return f"<OrderLine>{made}</OrderLine>"
