"""The postings of the account (DESIGN 7): how each step says what moved.

A receipt is opened by its adapter with `opened`; afterwards every part moves from account to account with `moved`. All
parts are in `onderweg` from the opening on. Both take the envelope of the record at hand, so that receipt, part,
partner and day come from one place. A posting from an account to the same account (`noted`) moves nothing: it brings
warnings on a part to its sender.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from topics.documents import Account, Bevinding, Posting, Reden
from topics.envelope import Envelope

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
WHOLE = "-"


@lru_cache(maxsize=64)
def day_of(at: datetime) -> date:
    """The day of receipt: the day in Europe/Amsterdam. Kept for a moment: every part of a step asks it of the same."""
    return at.astimezone(AMSTERDAM).date()


def opened(raw: Envelope, parts: int) -> Posting:
    """The receipt of raw record `raw` is accepted with `parts` >= 1 parts, all `onderweg`."""
    return Posting(
        ontvangst=raw.id,
        deel=WHOLE,
        naar=Account.ONDERWEG,
        partner=raw.source,
        dag=day_of(raw.recorded_time),
        uit=raw.id,
        delen=parts,
    )


def moved(
    envelope: Envelope,
    van: Account,
    naar: Account,
    *,
    reden: Reden | None = None,
    bevindingen: Sequence[Bevinding] = (),
) -> Posting:
    """The part of `envelope` moves. Personal values of findings are left out.

    On `ruw.*` (no part yet) the whole receipt moves: part `-`. What a decision sent again moves by that decision: the
    same step happened to it before, and a posting that looks like that one would count as done.
    """
    receipt = envelope.correlation_id or envelope.id
    return Posting(
        ontvangst=receipt,
        deel=envelope.part or WHOLE,
        van=van,
        naar=naar,
        partner=envelope.source,
        dag=day_of(envelope.recorded_time),
        uit=decision_of(envelope) or envelope.id,
        dossier=envelope.subject or None,
        reden=reden,
        bevindingen=tuple(without_values(finding) for finding in bevindingen),
    )


def decision_of(envelope: Envelope) -> str:
    """Id of the decision that sent a part of a message again; empty for what came straight from its sender."""
    receipt = envelope.correlation_id or envelope.id
    return envelope.causation_id if envelope.part and envelope.causation_id != receipt else ""


def noted(envelope: Envelope, bevindingen: Sequence[Bevinding]) -> Posting:
    """Findings on the part of `envelope` that do not refuse it; it stays `onderweg`."""
    return moved(envelope, Account.ONDERWEG, Account.ONDERWEG, bevindingen=bevindingen)


def without_values(finding: Bevinding) -> Bevinding:
    """The finding without its value and its sentence's quotation when it is about a person."""
    if not finding.persoonlijk:
        return finding
    return Bevinding(
        code=finding.code,
        pad=finding.pad,
        ernst=finding.ernst,
        bron=finding.bron,
        persoonlijk=True,
        tekst=f"{finding.pad}: {finding.code} (waarde weggelaten: persoonsgegeven)",
    )
