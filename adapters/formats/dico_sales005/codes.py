"""Names and code lists of MaintenanceInstruction in SALES005, and where each element goes in a Bericht.

Meanings: published ones without mark; those marked (aangenomen) are inferred from the letters and their use.
"""

from enum import Enum
from typing import Final

NAMESPACE: Final = "http://www.ketenstandaard.nl/onderhoudsopdracht/SALES/005"
DOCUMENT: Final = "MaintenanceInstruction"
VERSION: Final = "SALES005"

OPDRACHTSOORT: Final = {"INS": "inspectie (aangenomen)", "MUT": "mutatie (aangenomen)", "REP": "reparatie (aangenomen)"}
AFSPRAAK: Final = {
    "AFK": "afkoop (aangenomen)",
    "ANS": "aanneemsom (aangenomen)",
    "EHP": "eenheidsprijs (aangenomen)",
    "REG": "regie (aangenomen)",
}
SPECIFICATIE: Final = {"GAR": "garantie (aangenomen)", "MAO": "onbekend", "ORG": "onbekend"}
BTW: Final = {"E": "vrijgesteld", "S": "belast"}
EENHEID: Final = {
    "CMT": "centimeter",
    "DAY": "dag",
    "GRM": "gram",
    "HUR": "uur",
    "KGM": "kilogram",
    "LTR": "liter",
    "MIN": "minuut",
    "MLT": "milliliter",
    "MMT": "millimeter",
    "MTK": "vierkante meter",
    "MTQ": "kubieke meter",
    "MTR": "meter",
    "PCE": "stuk",
    "TNE": "ton",
}
DOCUMENTSOORT: Final = (
    "CAD", "CHR", "FAC", "LOG", "MAN", "MTE", "OTA", "PAR", "PHI", "PPI", "PRT", "PVI", "SCH", "SOF", "STR",
)  # fmt: skip

PARTIES: Final = {"Buyer": "opdrachtgever", "Affiliate": "gelieerd", "Contractor": "aannemer"}
PARTY_FIELDS: Final = {
    "Name": "naam",
    "Name2": "naam2",
    "Street": "straat",
    "HouseNumber": "huisnummer",
    "HouseLetter": "huisletter",
    "HouseNumberSuffix": "toevoeging",
    "City": "plaats",
    "PostalCode": "postcode",
    "Country": "land",
}
CONTACT_FIELDS: Final = {"ContactPersonName": "naam", "PhoneNumber": "telefoon", "EmailAddress": "email"}
PLACE_FIELDS: Final = {
    "Street": "straat",
    "HouseNumber": "huisnummer",
    "HouseLetter": "huisletter",
    "HouseNumberSuffix": "toevoeging",
    "PostalCode": "postcode",
    "City": "plaats",
    "ContactPersonName": "naam",
    "PhoneNumber1": "telefoon",
    "PhoneNumber2": "telefoon2",
    "EmailAddress1": "email",
    "EmailAddress2": "email2",
}
COORDINATES: Final = {"Latitude": "breedtegraad", "Longitude": "lengtegraad"}
LINE_TEXTS: Final = {"ShortDescription": "omschrijving", "LongDescription": "toelichting"}
LEDO_FIELDS: Final = {"Location": "locatie", "Element": "element", "Defect": "defect", "Cause": "oorzaak"}


class Part(Enum):
    """What an element does in the flat walk: its text is kept, or it opens a part to which the next texts belong."""

    FIELD = "a text (or the mark of a block) of the part that is open"
    PERSON = "personal data of the part that is open"
    FREE_TEXT = "free text, of the last line or else of the order"
    PARTY = "opens a party"
    CONTACT = "opens a contact of the party"
    ATTACHMENT = "opens an attachment of the last line or else of the order"
    CHARACTERISTIC = "opens a characteristic of the attachment"
    PLACE = "opens the place of work; its texts are the order's"
    LINE = "opens a line"
    OF_LINE = "goes back from an attachment to its line"


ELEMENTS: Final[dict[str, tuple[Part, str]]] = {
    **{name: (Part.FIELD, name) for name in (
        "MessageNumber", "MessageDate", "MessageTime", "ReverseChargeIndicator", "GLN", "URL", "AttachedData",
        "DocumentType", "FileType", "FileName", "InstructionNumber", "InstructionSubNumber", "InstructionDate",
        "InstructionTime", "InstructionInformation", "InstructionType", "InstructionAgreementMethod",
        "InstructionTypeSpecification", "ContractReference", "ContractNumber", "ContractDate", "ComplexNumber",
        "PremisesNumber", "RealEstateUnitNumber", "YearOfConstruction", "GeographicalCoordinates",
        "AppointmentDateTimeInformation", "RequiredDeliveryDate", "RequiredDeliveryTime", "DeliveryTimeFrame",
        "DeliveryDateEarliest", "DeliveryTimeEarliest", "DeliveryDateLatest", "DeliveryTimeLatest", "LineNumber",
        "Quantity", "MeasurementUnitQuantity", "NormPriceCode", "LEDOInformation", "Price", "PriceBase",
        "NumberOfUnitsInPriceBasis", "MeasureUnitPriceBasis", "VATRate", "VATPercentage", "VATBaseAmount",
        *LEDO_FIELDS,
    )},
    **{name: (Part.PERSON, canonical) for names in (PARTY_FIELDS, CONTACT_FIELDS, PLACE_FIELDS, COORDINATES, LINE_TEXTS)
       for name, canonical in names.items()},
    **{name: (Part.PARTY, canonical) for name, canonical in PARTIES.items()},
    "PriceBaseDescription": (Part.PERSON, "prijsomschrijving"),
    "AttributeName": (Part.PERSON, "naam"),
    "AttributeValue": (Part.PERSON, "waarde"),
    "FreeText": (Part.FREE_TEXT, "tekst"),
    "MaintenanceInstruction": (Part.FIELD, "MaintenanceInstruction"),
    "ContactInformation": (Part.CONTACT, ""),
    "Attachment": (Part.ATTACHMENT, ""),
    "AttachmentCharacteristics": (Part.CHARACTERISTIC, ""),
    "InstructionData": (Part.PLACE, ""),
    "MaintenanceLocation": (Part.PLACE, "locatie."),
    "InstructionLine": (Part.LINE, ""),
    "PriceInformation": (Part.OF_LINE, ""),
    "VATInformation": (Part.OF_LINE, ""),
}  # fmt: skip

PERSONAL: Final = frozenset(
    {
        *PARTY_FIELDS,
        *CONTACT_FIELDS,
        *PLACE_FIELDS,
        *COORDINATES,
        *LINE_TEXTS,
        *LEDO_FIELDS,
        "FreeText",
        "PriceBaseDescription",
        "AttributeName",
        "AttributeValue",
        "URL",
        "FileName",
    }
)
"""Local names of elements whose text is, or may hold, personal data: never shown outside the work list."""

_HEAD: Final = f"/{DOCUMENT}"
_DATA: Final = f"{_HEAD}/InstructionData"
_PLACE: Final = f"{_DATA}/MaintenanceLocation"
_PLANNED: Final = f"{_DATA}/AppointmentDateTimeInformation"


def path_of_element(name: str, line: int = 0) -> str:
    """The XPath of an element that occurs once in the order, or once in its line (positions from 1)."""
    return f"{_DATA}/InstructionLine[{line}]/{_IN_LINE.get(name, '')}{name}" if line else f"{_IN_ORDER[name]}/{name}"


def path_of(canonical: str) -> str:
    """The XPath of a canonical path: 'aannemer', 'opdrachtgever.contact.1.email', 'regel.2.aantal'."""
    head, _, rest = canonical.partition(".")
    if head in _PARTY_PATHS:
        steps = rest.split(".")
        if steps[0] == "contact":
            return f"{_PARTY_PATHS[head]}/ContactInformation[{steps[1]}]/{_CONTACT_NAMES[steps[2]]}"
        return f"{_PARTY_PATHS[head]}/GLN"
    if head == "regel":
        position, _, field = rest.partition(".")
        return path_of_element(_LINE_NAMES[field], int(position))
    if head == "locatie":
        return f"{_PLACE}/{_PLACE_NAMES[rest]}"
    return _CANONICAL[head]


def path_of_attachments(line: int | None) -> str:
    """The XPath of the attachments of a line, or of the order."""
    return f"{_HEAD}/Attachment" if line is None else f"{_DATA}/InstructionLine[{line}]/Attachment"


_PARTY_PATHS: Final = {canonical: f"{_HEAD}/{name}" for name, canonical in PARTIES.items()}
_CONTACT_NAMES: Final = {canonical: name for name, canonical in CONTACT_FIELDS.items()}
_PLACE_NAMES: Final = {canonical: name for name, canonical in PLACE_FIELDS.items()}
_LINE_NAMES: Final = {
    "nummer": "LineNumber",
    "aantal": "Quantity",
    "prijs": "Price",
    "ledo": "LEDOInformation",
    "btw_code": "VATRate",
}
_CANONICAL: Final = {
    "uitvoeren_tot": f"{_PLANNED}/DeliveryTimeFrame/DeliveryDateLatest",
    "regels": f"{_DATA}/InstructionLine",
}
_IN_LINE: Final = {
    "Price": "PriceInformation/",
    "NumberOfUnitsInPriceBasis": "PriceInformation/PriceBase/",
    "VATRate": "VATInformation/",
    "VATPercentage": "VATInformation/",
    "VATBaseAmount": "VATInformation/",
}
_IN_ORDER: Final = {
    **dict.fromkeys(("MessageDate", "MessageTime"), _HEAD),
    **dict.fromkeys(("InstructionDate", "InstructionTime"), _DATA),
    **dict.fromkeys(("RequiredDeliveryDate", "RequiredDeliveryTime"), _PLANNED),
    **dict.fromkeys(
        ("DeliveryDateEarliest", "DeliveryTimeEarliest", "DeliveryDateLatest", "DeliveryTimeLatest"),
        f"{_PLANNED}/DeliveryTimeFrame",
    ),
    "ContractDate": f"{_DATA}/ContractReference",
    "YearOfConstruction": _PLACE,
}
