"""Personal data by canonical path, and the rules that tell it from what may go on the log (DESIGN 5).

Paths, the same in every format; positions count from 1:

    tekst                                             free text of the message
    opdrachtgever.… aannemer.… gelieerd.…             naam naam2 straat huisnummer huisletter toevoeging plaats postcode
                                                      land contact.<n>.naam contact.<n>.telefoon contact.<n>.email
    locatie.…                                         straat huisnummer huisletter toevoeging postcode plaats naam
                                                      telefoon telefoon2 email email2 breedtegraad lengtegraad
                                                      land naam2 contactpersoon omschrijving (not in SALES005)
    regel.<n>.…                                       omschrijving toelichting tekst prijsomschrijving ledo.<part>
    bijlage.<n>.naam | .url                           name and address of an attachment
    bijlage.<n>.kenmerk.<m>.naam | .waarde            characteristics of an attachment
    slot.<n>.reden                                    reason of a planning slot that is more than a code
    offerte.reden                                     reason of a quotation's step that is more than a code
    toeslag.<n>.reden                                 reason of a charge on an invoice that is more than a code
    iban g_iban                                       accounts of an invoice; put apart by the adapter
"""

import re

PARTIES = ("opdrachtgever", "gelieerd", "aannemer")
PARTY_FIELDS = (
    "naam",
    "naam2",
    "straat",
    "huisnummer",
    "huisletter",
    "toevoeging",
    "plaats",
    "postcode",
    "land",
)
CONTACT_FIELDS = ("naam", "telefoon", "email")
PLACE_FIELDS = (
    "straat",
    "huisnummer",
    "huisletter",
    "toevoeging",
    "postcode",
    "plaats",
    "naam",
    "telefoon",
    "telefoon2",
    "email",
    "email2",
    "breedtegraad",
    "lengtegraad",
    "land",
    "naam2",
    "contactpersoon",
    "omschrijving",
)
LEDO_FIELDS = ("locatie", "element", "defect", "oorzaak")

_POSTCODE = re.compile(r"\s*([0-9]{4})\s?(?:[A-Za-z]{2})?\s*")
_NOUN = re.compile(r"[^\W\d_]+(?:[-/][^\W\d_]+)*|[A-Z0-9]{1,5}(?:[-./][A-Z0-9]{1,5}){0,4}")


def postcode4(postcode: str) -> str | None:
    """The four digits of a Dutch postcode, or None when it is none."""
    match = _POSTCODE.fullmatch(postcode)
    return match[1] if match else None


def is_noun(text: str) -> bool:
    """Whether `text` is a code or one short noun ('Kraan', 'K-12', 'wc/toilet'), which may stay on the log.

    More than one word, an address, a number of over five digits or a postcode is free text, so personal.
    """
    if text.isalpha():
        return len(text) <= 35
    if len(text) > 35 or _NOUN.fullmatch(text) is None:
        return False
    return sum(map(str.isdigit, text)) <= 5 and _POSTCODE.fullmatch(text) is None


def noun_of(personen: dict[str, str], path: str, text: str | None) -> str | None:
    """`text` when it may stay on the log; anything else goes to `personen`, at `path`."""
    if text is None or is_noun(text):
        return text
    personen[path] = text
    return None
