"""The hash by which two messages say the same (DESIGN 5): of the canonical document without its transport fields."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec

from topics.documents.document import Document
from topics.documents.factuur import Factuur
from topics.keys import normalise_number

TRANSPORT = ("berichtnummer", "verzonden", "voorwaarden", "wachttijd_uren", "persoon")
"""Fields that may differ between two messages with the same content: their number, when they were sent, what the bus
itself looked up, and where personal data lies."""

LOOKED_UP = "afgesproken"
"""What the bus looked up of a line of an invoice. That it knows its account and supplier does count: an invoice that comes
again with another account, or when its account has become known, is one for a person."""

_encoder = msgspec.json.Encoder(order="sorted")
_KEPT = (Decimal, datetime)


def content_hash(document: Document) -> str:
    """32 hex digits (BLAKE2b-128), the same for any order of fields.

    Equal values written differently count as equal: times by their instant, decimals by their value, the order number
    as in the dossier key.
    """
    fields = msgspec.to_builtins(document, builtin_types=_KEPT)
    for name in TRANSPORT:
        fields.pop(name, None)
    for line in fields.get("regels", ()):
        line.pop(LOOKED_UP, None)
    number = fields.get("opdrachtnummer")
    if isinstance(number, str) and number.strip():
        fields["opdrachtnummer"] = normalise_number(number)
    return hashlib.blake2b(_encoder.encode(_object(fields)), digest_size=16).hexdigest()


def content_but_accounts(document: Factuur) -> bytes:
    """16 bytes, the same for two invoices that differ at most in what the bus knows of accounts and supplier."""
    plain = msgspec.structs.replace(document, iban_bekend=True, g_iban_bekend=None, leverancier_bekend=True)
    return bytes.fromhex(content_hash(plain))


def _object(fields: dict[str, object]) -> dict[str, object]:
    """`fields` with every value in its one form, changed in place: they were made for this."""
    for name, value in fields.items():
        form = _FORMS.get(type(value))
        if form is not None:
            fields[name] = form(value)
    return fields


def _list(values: Iterable[object]) -> list[object]:
    return [form(value) if (form := _FORMS.get(type(value))) is not None else value for value in values]


def _instant(at: datetime) -> str:
    return f"{_encoder.encode(at.astimezone(UTC))[1:-2].decode()}+00:00"


def _number(number: Decimal) -> str:
    return format(number.normalize(), "f")


_FORMS: Final[dict[type, Callable[..., object]]] = {
    dict: _object,
    list: _list,
    tuple: _list,
    datetime: _instant,
    Decimal: _number,
}
"""What brings a value of that type to its one form; a value of any other type has only one."""
