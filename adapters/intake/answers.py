"""The intake's answers as a partner sees them: the receipt, and what became of it."""

from datetime import UTC, datetime
from typing import Final, TypedDict
from uuid import UUID

import msgspec

from topics.accounts import without_values
from topics.documents import Account
from topics.envelope import stamp
from topics.view.status import MessageStatus, PartStatus, Receipt

PATH: Final = "/v1/berichten"


class Plaats(msgspec.Struct, frozen=True):
    topic: str
    partitie: int
    offset: int


class Ontvangst(msgspec.Struct, frozen=True, kw_only=True):
    """The receipt. `ontvangen` is RFC 3339 in UTC; `adres` tells what became of it."""

    id: str
    sha256: str | None
    ontvangen: str | None
    plaats: Plaats | None
    adres: str
    herhaling: bool


class DeelStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part. `sinds`: when it came there. `bevindingen`: code, pad, ernst, tekst and bron; a value only where it is about no person."""

    deel: str
    status: str
    definitief: bool
    sinds: str | None = None
    dossier: str | None = None
    reden: str | None = None
    bevindingen: tuple[dict[str, str], ...] = ()


class BerichtStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message: its least finished part, and all parts. Final when every part is.

    Without `delen` no adapter has opened it yet. `sha256` and `plaats` are null when the raw record is past its retention
    and the view was rebuilt since.
    """

    id: str
    sha256: str | None
    ontvangen: str | None
    plaats: Plaats | None
    adres: str
    status: str
    definitief: bool
    delen: tuple[DeelStatus, ...]


def address(receipt: str) -> str:
    return f"{PATH}/{receipt}"


def receipt_answer(receipt: Receipt, *, repeat: bool) -> Ontvangst:
    return Ontvangst(**_common(receipt), herhaling=repeat)


def status_answer(message: MessageStatus) -> BerichtStatus:
    return BerichtStatus(
        **_common(message),
        status=message.account.value,
        definitief=message.definitief,
        delen=tuple(_part(part) for part in message.delen),
    )


def under_way(receipt: Receipt) -> MessageStatus:
    """The status of a receipt that the view does not know yet."""
    fields = {name: getattr(receipt, name) for name in Receipt.__struct_fields__}
    return MessageStatus(**fields, account=Account.ONDERWEG, definitief=False)


def received_at(receipt: str) -> datetime | None:
    """The moment of intake in a receipt id (UUID version 7); None when it is no such id."""
    try:
        found = UUID(receipt)
        if found.version != 7 or str(found) != receipt:
            return None
        return datetime.fromtimestamp((found.int >> 80) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


class _Common(TypedDict):
    id: str
    sha256: str | None
    ontvangen: str | None
    plaats: Plaats | None
    adres: str


def _common(receipt: Receipt) -> _Common:
    at = receipt.ontvangen or received_at(receipt.ontvangst)
    place = None
    if receipt.topic is not None and receipt.partitie is not None and receipt.positie is not None:
        place = Plaats(receipt.topic, receipt.partitie, receipt.positie)
    return {
        "id": receipt.ontvangst,
        "sha256": receipt.sha256,
        "ontvangen": stamp(at).decode() if at is not None else None,
        "plaats": place,
        "adres": address(receipt.ontvangst),
    }


def _part(part: PartStatus) -> DeelStatus:
    findings = []
    for finding in map(without_values, part.bevindingen):
        shown = {"code": finding.code, "pad": finding.pad, "ernst": finding.ernst.value, "tekst": finding.tekst}
        shown |= {"bron": finding.bron} if finding.bron else {}
        shown |= {"waarde": finding.waarde} if finding.waarde is not None else {}
        findings.append(shown)
    return DeelStatus(
        deel=part.deel,
        status=part.account.value,
        definitief=part.definitief,
        sinds=stamp(part.sinds).decode() if part.sinds is not None else None,
        dossier=part.dossier,
        reden=part.reden.value if part.reden is not None else None,
        bevindingen=tuple(findings),
    )
