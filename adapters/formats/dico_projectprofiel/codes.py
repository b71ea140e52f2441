"""Canonical fields that a map can place, their kinds, and code lists of the status and planning in SALES005.

Published: root and namespace of the status, and the lists of status and attachment codes. Everything else is a claim of
a map (kaarten/*.toml) and not verified.
"""

from enum import Enum
from typing import Final

VERSION: Final = "SALES005"
OFFICIAL_DOCUMENT: Final = "MaintenanceStatus"
OFFICIAL_NAMESPACE: Final = "http://www.ketenstandaard.nl/onderhoudsstatus/SALES/005"
OFFICIAL_ROOT: Final = f"{{{OFFICIAL_NAMESPACE}}}{OFFICIAL_DOCUMENT}"


class Kind(Enum):
    """What the text of a field must be."""

    TEXT = "a text of the message, as sent"
    PERSON = "personal data"
    GLN = "13 digits"
    DAY = "a date"
    TIME = "a time of day"
    AMOUNT = "an amount in euro, at most two decimals"
    FLAG = "J or N"
    DATA = "base64"


_PARTY: Final = ("naam", "naam2", "straat", "huisnummer", "huisletter", "toevoeging", "plaats", "postcode", "land")
_MOMENTS: Final = ("verzonden", "gebeurd", *(f"{at}.{end}" for at in ("slot", "afspraak") for end in ("begin", "eind")))
PARTIES: Final = ("opdrachtgever", "gelieerd", "aannemer")
CONTACT: Final = ("naam", "telefoon", "email")

FIELDS: Final[dict[str, Kind]] = {
    **dict.fromkeys(("berichtnummer", "opdrachtnummer", "subnummer", "status", "detail"), Kind.TEXT),
    **dict.fromkeys(("slot.soort", "slot.door", "slot.reden", "afspraak.soort"), Kind.TEXT),
    **dict.fromkeys(("bijlage.soort", "bijlage.bestandssoort", "bijlage.naam", "bijlage.url"), Kind.TEXT),
    **dict.fromkeys(PARTIES, Kind.GLN),
    **{f"{who}.{name}": Kind.PERSON for who in PARTIES for name in _PARTY},
    **{f"{who}.contact.{name}": Kind.PERSON for who in PARTIES for name in CONTACT},
    **{f"{name}.datum": Kind.DAY for name in (*_MOMENTS, "slot.vorig_begin")},
    **{f"{name}.tijd": Kind.TIME for name in (*_MOMENTS, "slot.vorig_begin")},
    "tekst": Kind.PERSON,
    "bijlage.kenmerk.naam": Kind.PERSON,
    "bijlage.kenmerk.waarde": Kind.PERSON,
    "bijlage.data": Kind.DATA,
    "bedrag": Kind.AMOUNT,
    "proef": Kind.FLAG,
}
"""Canonical field → kind. A field of a group begins with the group's name."""

GROUPS: Final = ("opdrachtgever.contact", "gelieerd.contact", "aannemer.contact", "bijlage", "bijlage.kenmerk", "slot", "afspraak")  # fmt: skip
"""What may occur more than once. `afspraak`: an appointment inside a status; it becomes a planning of its own."""

WORDS: Final = {
    "slot.soort": ("aangeboden", "afgesproken", "verplaatst", "nagekomen", "gemist"),
    "afspraak.soort": ("aangeboden", "afgesproken", "verplaatst", "nagekomen", "gemist"),
    "slot.door": ("aannemer", "huurder", "opdrachtgever"),
}
"""Fields whose words a map translates, and into what."""

REQUIRED: Final = {
    "status": ("berichtnummer", "opdrachtgever", "opdrachtnummer", "status"),
    "planning": ("berichtnummer", "opdrachtgever", "opdrachtnummer"),
}
"""Per kind of message what it is nothing without."""

_LENGTHS: Final = {"status": 80, "detail": 80, "slot.reden": 300, "bijlage.naam": 2000, "bijlage.url": 2000}
_BY_KIND: Final = {Kind.PERSON: 10_000, Kind.DATA: 10_000_000}


def limit_of(field: str) -> int:
    """Characters that the text of a field may have."""
    return _LENGTHS.get(field) or _BY_KIND.get(FIELDS[field], 64)


DOCUMENTSOORT: Final = (
    "CAD", "CHR", "FAC", "LOG", "LPP", "MAN", "MTE", "OTA", "PAR", "PHI", "PHO", "PPI", "PRT", "PVI", "SCH", "SOF",
    "STR",
)  # fmt: skip


PERSONAL: Final = frozenset(
    {
        *(
            "Name",
            "Name2",
            "Street",
            "HouseNumber",
            "HouseLetter",
            "HouseNumberSuffix",
            "City",
            "PostalCode",
            "Country",
        ),
        *("ContactPersonName", "PhoneNumber", "EmailAddress", "FreeText", "AttributeName", "AttributeValue", "URL"),
        *("FileName", "Reason", "StatusCode", "StatusDetailCode"),
    }
)
"""Local names in our own XSD whose text is, or may hold, personal data."""
