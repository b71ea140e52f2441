"""What a decision adds to a record on `ruw.*` that it sends again (DESIGN 7), and what is read from it there.

Beside `ce_part` (which part of the receipt) and `ce_causationid` (the decision): `ce_time`, when it was decided, so that
a code mapping that was added to the sender's profile meanwhile counts; and `ce_koppeling`, references that a person set.
Receipt and `ce_recordedtime` stay those of the original.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from topics.deadletters import PREFIX
from topics.documents.besluit import Koppeling
from topics.envelope import Headers, stamp

COUPLING = "ce_koppeling"
NO_DOUBLE = "ce_geendubbel"
"""On a log: a person decided that this invoice, which might be a double, is none."""


def resent_headers(
    headers: Headers, *, decision: str, at: datetime, part: str, blob: str | None, koppeling: Koppeling | None
) -> list[tuple[str, bytes]]:
    """The headers of the original with what the decision sets; `dlq.*` of former letters are left out."""
    given: dict[str, bytes] = {
        "ce_part": part.encode(),
        "ce_causationid": decision.encode(),
        "ce_time": stamp(at),
        **({"ce_dataref": blob.encode()} if blob else {}),
        **({COUPLING: msgspec.json.encode(koppeling)} if koppeling else {}),
    }
    return [*kept(headers, given), *given.items()]


def kept(headers: Headers, replaced: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    """Those that are neither replaced nor of a dead letter."""
    return [(name, value) for name, value in headers if name not in replaced and not name.startswith(PREFIX)]


def coupling(headers: Headers) -> Koppeling | None:
    """The references that a person set. Raises ValueError when they cannot be read."""
    found = next((value for name, value in headers if name == COUPLING), None)
    return None if found is None else msgspec.json.decode(found, type=Koppeling)
