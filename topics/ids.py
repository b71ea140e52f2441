"""Identifiers. All but the receipt id are derived, so that doing work twice gives the same ids (DESIGN 5).

A receipt id is a UUID version 7 (RFC 9562): sortable by the moment of intake, and the moment comes from the injected
clock, so that a simulated week has simulated ids. Offsets are never part of an id.
"""

import hashlib
import secrets
import uuid
from datetime import datetime


def receipt_id(at: datetime, random: bytes | None = None) -> str:
    """A new receipt id for a message received at `at` (aware). `random`: 10 bytes, for tests; else from the OS."""
    entropy = secrets.token_bytes(10) if random is None else random
    millis = int(at.timestamp() * 1000)
    raw = bytearray(millis.to_bytes(6, "big") + entropy)
    raw[6] = (raw[6] & 0x0F) | 0x70
    raw[8] = (raw[8] & 0x3F) | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def event_id(receipt: str, part: str, type_: str) -> str:
    """Id of the event that an adapter makes of one part of a receipt: 32 hex digits."""
    return _digest(receipt, part, type_)


def derived_id(cause: str, type_: str, subject: str) -> str:
    """Id of an event that follows from event `cause` and goes to dossier `subject`: 32 hex digits."""
    return _digest_of(f"{cause}\x1f{type_}\x1f{subject}")


def letter_id(receipt: str, part: str, stage: str, content_sha256: str, decision: str = "") -> str:
    """Id of a dead letter (`content_sha256` in hex): a resend after `decision` that fails again is a new letter
    (DESIGN 7)."""
    return _digest(receipt, part, stage, content_sha256, decision)


def decision_id(letter: str, kind: str, who: str, at: datetime, about: str = "") -> str:
    """Id of what `who` decided on `letter` at `at`; `about`: what else tells it from another one."""
    return _digest("besluit", letter, kind, who, at.isoformat(), about)


def _digest(*parts: str) -> str:
    return _digest_of("\x1f".join(parts))


def _digest_of(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
