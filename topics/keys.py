"""Dossier keys: written once, one function per kind of dossier (DESIGN 5).

A key is `<keten>/<kind>/<part>/…`; a part never holds a slash (it is percent-encoded), so that a key can be read back.
"""

import re
import unicodedata
from datetime import date
from typing import Final
from urllib.parse import quote, unquote

PROEF = "proef-"
LONGEST = 128

_UNRESERVED: Final = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch


def normalise_number(number: str) -> str:
    """An order or invoice number as it counts in a key: NFKC, upper case, without white space and what has no shape of
    its own (byte-order marks, soft hyphens, direction marks, variation selectors): nobody can tell numbers apart by it.

    Leading zeros and punctuation stay: ERPs use them to tell numbers apart. Raises ValueError when nothing is left, or
    more than LONGEST characters, which some letters become when they are normalised.
    """
    if number.isascii():
        return _fitting("".join(number.split()).upper())
    seen = "".join(one for one in number if not _shapeless(one))
    text = "".join(unicodedata.normalize("NFKC", seen).split()).upper()
    # what stood apart may combine now, and upper case may not be normal: once more, so that a key's own number gives it
    return _fitting(unicodedata.normalize("NFKC", text))


def _shapeless(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f"


def _fitting(text: str) -> str:
    if not text:
        raise ValueError("number is empty")
    if len(text) > LONGEST:
        raise ValueError(f"number has {len(text)} characters, expected {LONGEST} at most")
    return text


def _quoted(number: str) -> str:
    """As it stands in a key; most numbers hold nothing that is to be encoded."""
    return number if _UNRESERVED(number) else quote(number, safe="")


def order_key(keten: str, client_gln: str, order_number: str) -> str:
    """Key of an order: the client's canonical GLN and the normalised order number. Sub-orders are parts inside."""
    return f"{keten}/opdracht/{client_gln}/{_quoted(normalise_number(order_number))}"


def unit_key(keten: str, client_gln: str, unit: str) -> str:
    """Key of a unit (VHE): what orders tell about it comes together there."""
    return f"{keten}/eenheid/{client_gln}/{quote(normalise_number(unit), safe='')}"


def mutation_key(
    keten: str, client_gln: str, number: str | None, unit: str | None = None, vacant_from: date | None = None
) -> str | None:
    """Key of a vacancy: its number, else its unit and first day of vacancy; None when neither names it."""
    if number:
        return f"{keten}/mutatie/{client_gln}/{quote(normalise_number(number), safe='')}"
    if unit and vacant_from:
        return f"{keten}/mutatie/{client_gln}/{quote(normalise_number(unit), safe='')}/{vacant_from.isoformat()}"
    return None


def invoice_key(keten: str, supplier: str, number: str) -> str:
    """Key of an invoice: the supplier's VAT or KvK number, normalised, and the normalised invoice number. Raises
    ValueError as `normalise_number`."""
    return f"{keten}/factuur/{quote(normalise_number(supplier), safe='')}/{quote(normalise_number(number), safe='')}"


def contract_key(keten: str, client_gln: str, contract: str) -> str:
    """Key of a contract with periodic invoices (AFK): what they ask comes together there."""
    return f"{keten}/contract/{client_gln}/{quote(normalise_number(contract), safe='')}"


def kind_of(key: str) -> str:
    """Which kind of dossier it is: opdracht, factuur, contract, eenheid, mutatie."""
    return key.split("/", 2)[1]


def person_key(dossier: str, receipt: str) -> str:
    """Key of the personal data that one message brought to a dossier."""
    return f"{dossier}#{receipt}"


def parts(key: str) -> tuple[str, ...]:
    """('onderhoud', 'opdracht', '8712…', 'IN00001') of a dossier key."""
    return tuple(unquote(part) for part in key.split("/"))


def keten_of(key: str) -> str:
    return key.partition("/")[0]
