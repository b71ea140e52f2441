"""Whether a partner's bytes are an invoice, and of how much: enough to know who must confirm a decision on it.

No parser: that is the adapters'. What cannot be told for certain counts as an invoice of an unknown amount.
"""

import re
from decimal import Decimal
from typing import Final

_ELEMENT: Final = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
_FIRST: Final = 12
"""Elements from the beginning among which a message says what it is, also inside a SOAP envelope."""
_NAMES: Final = (b"creditnote", b"factuur")
_JSON: Final = re.compile(rb'"(?:soort|type|document)"\s*:\s*"[^"]*(?:factuur|invoice|credit)', re.IGNORECASE)
_PAYABLE: Final = re.compile(rb"<(?:[\w.-]+:)?PayableAmount\b[^>]*>\s*(-?\d{1,12}(?:\.\d{1,6})?)\s*<")
_TO_PAY: Final = re.compile(rb'"te_betalen"\s*:\s*"?(-?\d{1,12}(?:\.\d{1,6})?)\b')


def is_invoice(body: bytes) -> bool:
    names = [name.lower() for name in _ELEMENT.findall(body[:20_000])[:_FIRST]]
    if any(name in _NAMES or name.endswith(b"invoice") for name in names):
        return True
    return body.lstrip()[:1] in (b"{", b"[") and _JSON.search(body) is not None


def amount(body: bytes) -> Decimal | None:
    """Euro including VAT, where the bytes say so in one place only."""
    found = [*_PAYABLE.findall(body), *_TO_PAY.findall(body)]
    return Decimal(found[0].decode()) if len(found) == 1 else None
