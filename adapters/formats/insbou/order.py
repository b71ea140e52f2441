"""From the texts of an Order to a Bericht."""

from typing import Final

from adapters.formats.findings import OWN_CHECK, fout, quoted
from adapters.formats.insbou.values import Values
from adapters.formats.insbou.version import LEDO, ORDER, PARTIES, TEXTS
from adapters.formats.insbou.walk import Texts, Walk
from adapters.formats.personal import noun_of, postcode4
from adapters.message import Bericht, OpdrachtInhoud, Soort
from topics.documents.onderhoud import Ledo, Locatie, Regel

_HEAD: Final = f"/{ORDER}"
_WISH: Final = f"{_HEAD}/DeliveryDateTimeInformation"
_FRAME: Final = f"{_WISH}/DeliveryTimeFrame"
_PLACE: Final = f"{_HEAD}/DeliveryParty"


def own_number(texts: Texts) -> str:
    """The message number of an order that has none: its number and when it was ordered, so that a change is another
    message and the same order sent twice is one."""
    at = texts.get("OrderTime")
    return f"{texts['OrderNumber']}@{texts['OrderDate']}{'T' + at if at else ''}"


def bericht(walk: Walk, values: Values) -> Bericht:
    head, parties = walk.head, walk.parties
    draft = head.get("DraftOrderIndicator")
    if draft is not None:
        tekst = f"Veld DraftOrderIndicator: gevonden {quoted(draft)}, een concept; verwacht een opdracht."
        values.findings.append(fout("opdracht-concept", f"{_HEAD}/DraftOrderIndicator", tekst, OWN_CHECK, waarde=draft))
    return Bericht(
        soort=Soort.OPDRACHT,
        berichtnummer=head.get("MessageNumber") or own_number(head),
        opdrachtnummer=head["OrderNumber"],
        opdrachtgever=parties["opdrachtgever"]["GLN"],
        inhoud=_inhoud(walk, values),
        aannemer=parties["aannemer"]["GLN"],
        verzonden=values.moment(head, "MessageDate", "MessageTime", _HEAD),
        personen=walk.personen,
    )


def _inhoud(walk: Walk, values: Values) -> OpdrachtInhoud:
    head = walk.head
    get, verlegd = head.get, head.get("ReverseChargeIndicator")
    return OpdrachtInhoud(
        datum=values.moment(head, "OrderDate", "OrderTime", _HEAD),
        soort=get("InstructionType"),
        afspraak=get("InstructionAgreementMethod"),
        specificatie=get("InstructionTypeSpecification"),
        contract=get("ContractNumber"),
        contractdatum=values.day(head, "ContractDate", _HEAD),
        btw_verlegd=None if verlegd is None else verlegd == "J",
        gereed_uiterlijk=values.moment(head, "RequiredDeliveryDate", "RequiredDeliveryTime", _WISH),
        uitvoeren_vanaf=values.moment(head, "DeliveryDateEarliest", "DeliveryTimeEarliest", _FRAME),
        uitvoeren_tot=values.moment(head, "DeliveryDateLatest", "DeliveryTimeLatest", _FRAME),
        locatie=_place(walk, values) if "DeliveryParty" in head else None,
        regels=tuple([_line(walk, values, position, texts) for position, texts in enumerate(walk.lines, 1)]),
    )


def _place(walk: Walk, values: Values) -> Locatie:
    get = walk.head.get
    return Locatie(
        complex=get("ComplexNumber"),
        pand=get("PremisesNumber"),
        eenheid=get("RealEstateUnitNumber"),
        postcode4=postcode4(walk.personen.get("locatie.postcode", "")),
        bouwjaar=values.year(walk.head, "YearOfConstruction", _PLACE),
    )


def _line(walk: Walk, values: Values, position: int, texts: Texts) -> Regel:
    at, get = f"{_HEAD}/OrderLine[{position}]", texts.get
    return Regel(
        nummer=values.whole(texts, "LineNumber", at),
        aantal=values.needed_number(texts, "OrderedQuantity", at),
        eenheid=texts["OrderedQuantityMeasureUnitCode"],
        prijscode=get("SuppliersTradeItemIdentification"),
        ledo=_ledo(walk, position, texts) if "LEDOInformation" in texts else None,
        prijs=values.number(texts, "Price", at),
        prijsbasis=values.number(texts, "NumberOfUnitsInPriceBasis", at),
        prijseenheid=get("MeasureUnitPriceBasis"),
        btw_code=get("VATRate"),
        btw_percentage=values.number(texts, "VATPercentage", at),
        btw_grondslag=values.number(texts, "VATBaseAmount", at),
    )


def _ledo(walk: Walk, position: int, texts: Texts) -> Ledo:
    return Ledo(
        **{
            canonical: noun_of(walk.personen, f"regel.{position}.ledo.{canonical}", texts.get(name))
            for name, canonical in LEDO.items()
        }
    )


def where(canonical: str) -> str:
    """The XPath of a canonical path, for the checks."""
    head, _, rest = canonical.partition(".")
    if head in _PARTIES:
        steps = rest.split(".")
        contact = f"/ContactInformation[{steps[1]}]/EmailAddress" if steps[0] == "contact" else "/GLN"
        return f"{_HEAD}/{_PARTIES[head]}{contact}"
    if head == "regel":
        position, _, field = rest.partition(".")
        return f"{_HEAD}/OrderLine[{position}]/{_LINE[field]}"
    if head == "locatie":
        return f"{_PLACE}/{_PLACE_NAMES[rest]}"
    return _CANONICAL[head]


_PARTIES: Final = {canonical: name for name, canonical in PARTIES.items()}
_PLACE_NAMES: Final = {
    **{canonical: name for name, canonical in TEXTS.items()},
    "naam": "Name",
    "omschrijving": "LocationDescription",
    "email": "ContactInformation/EmailAddress",
}
_LINE: Final = {
    "nummer": "LineNumber",
    "aantal": "OrderedQuantity",
    "prijs": "PriceInformation/Price",
    "ledo": "LEDOInformation",
    "btw_code": "VATInformation/VATRate",
}
_CANONICAL: Final = {"uitvoeren_tot": f"{_FRAME}/DeliveryDateLatest", "regels": f"{_HEAD}/OrderLine"}
