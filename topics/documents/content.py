"""The hash by which two messages say the same (DESIGN 5): of the canonical document without its transport fields."""

import hashlib
from datetime import UTC, date, datetime, time
from decimal import Decimal

import msgspec

from topics.documents.document import Document
from topics.keys import normalise_number

TRANSPORT = ("berichtnummer", "verzonden", "voorwaarden", "persoon")
"""Fields that may differ between two messages with the same content: their number, when they were sent, what the bus
itself looked up, and where personal data lies."""

_encoder = msgspec.json.Encoder(order="sorted")
_KEPT = (Decimal, datetime, date, time)


def content_hash(document: Document) -> str:
    """32 hex digits (BLAKE2b-128), the same for any order of fields.

    Equal values written differently count as equal: times by their instant, decimals by their value, the order number
    as in the dossier key.
    """
    fields = msgspec.to_builtins(document, builtin_types=_KEPT)
    for name in TRANSPORT:
        fields.pop(name, None)
    number = fields.get("opdrachtnummer")
    if isinstance(number, str) and number.strip():
        fields["opdrachtnummer"] = normalise_number(number)
    return hashlib.blake2b(_encoder.encode(_plain(fields)), digest_size=16).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value
