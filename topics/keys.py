"""Dossier keys: written once, one function per kind of dossier (DESIGN 5).

A key is `<keten>/<kind>/<part>/…`; a part never holds a slash (it is percent-encoded), so that a key can be read back.
"""

import unicodedata
from urllib.parse import quote, unquote

PROEF = "proef-"


def normalise_number(number: str) -> str:
    """An order or invoice number as it counts in a key: NFKC, without white space, upper case.

    Leading zeros and punctuation stay: ERPs use them to tell numbers apart. Raises ValueError when nothing is left.
    """
    text = "".join(unicodedata.normalize("NFKC", number).split()).upper()
    # what stood apart may combine now, and upper case may not be normal: once more, so that a key's own number gives it
    text = unicodedata.normalize("NFKC", text)
    if not text:
        raise ValueError("number is empty")
    return text


def order_key(keten: str, client_gln: str, order_number: str) -> str:
    """Key of an order: the client's canonical GLN and the normalised order number. Sub-orders are parts inside."""
    return f"{keten}/opdracht/{client_gln}/{quote(normalise_number(order_number), safe='')}"


def person_key(dossier: str, receipt: str) -> str:
    """Key of the personal data that one message brought to a dossier."""
    return f"{dossier}#{receipt}"


def parts(key: str) -> tuple[str, ...]:
    """('onderhoud', 'opdracht', '8712…', 'IN00001') of a dossier key."""
    return tuple(unquote(part) for part in key.split("/"))


def keten_of(key: str) -> str:
    return key.partition("/")[0]
