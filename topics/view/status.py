"""What became of a message, in the account's words (DESIGN 7)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from topics.documents import Account, Bevinding, Reden

LEAST_FINISHED: Final = (
    Account.ONDERWEG,
    Account.WACHTEND,
    Account.UITVAL,
    Account.TERUGGESTUURD,
    Account.AFGEVOERD,
    Account.VERVANGEN,
    Account.TOEGEPAST,
    Account.DUBBEL,
)
"""The message shows the account of its least finished part; among finished ones what asks most of the partner."""


class PartStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part. `sinds`: when it came there (None while no posting of it is known). Findings without personal values."""

    deel: str
    account: Account
    definitief: bool
    sinds: datetime | None = None
    dossier: str | None = None
    reden: Reden | None = None
    bevindingen: tuple[Bevinding, ...] = ()


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was received. All but id and partner are None when the raw record was past its retention at a rebuild.

    `sha256`: hex, of the decoded bytes; `grootte` in bytes as they stand on the topic.
    """

    ontvangst: str
    partner: str
    ontvangen: datetime | None = None
    sha256: str | None = None
    topic: str | None = None
    partitie: int | None = None
    positie: int | None = None
    grootte: int | None = None
    inhoudstype: str | None = None


class MessageStatus(Receipt, frozen=True, kw_only=True, omit_defaults=True):
    """A receipt and what became of it. `definitief`: no part moves any more unless a person decides.

    `delen` is empty while the adapter has not opened the receipt: it is `onderweg`.
    """

    account: Account
    definitief: bool
    delen: tuple[PartStatus, ...] = ()


def complete(parts: Sequence[PartStatus], expected: int | None) -> tuple[PartStatus, ...]:
    """All `expected` parts: those of which no posting is known are `onderweg`, under the numbers that are left."""
    missing = (expected or 0) - len(parts)
    if missing <= 0:
        return tuple(sorted(parts, key=_order))
    named = {part.deel for part in parts}
    free = (str(number) for number in range(1, (expected or 0) + 1) if str(number) not in named)
    quiet = [
        PartStatus(deel=name, account=Account.ONDERWEG, definitief=False)
        for name, _ in zip(free, range(missing), strict=False)
    ]
    return tuple(sorted([*parts, *quiet], key=_order))


def least_finished(parts: Sequence[PartStatus]) -> Account:
    """The account that a message with these parts shows; without parts it is `onderweg`."""
    if not parts:
        return Account.ONDERWEG
    present = Counter(part.account for part in parts)
    return next(account for account in LEAST_FINISHED if account in present)


def _order(part: PartStatus) -> tuple[int, str]:
    return (int(part.deel), "") if part.deel.isdecimal() else (0, part.deel)
