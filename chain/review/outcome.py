"""What became of a decision, as far as the view knows: where its letter stands, and where the part is by now."""

import asyncio
import time
from typing import Final

import msgspec

from chain.review.carry import Desk, Sent
from topics.accounts import WHOLE
from topics.documents import Account
from topics.documents.besluit import Besluitstand, Toestand, Weigering
from topics.errors import Unavailable
from topics.view import decisions, search
from topics.view.search import Letter
from topics.view.status import LEAST_FINISHED

_LOOK_AGAIN: Final = 0.2


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a decision: `geweigerd`, or how its letter stands; `account`: where the part (or what replaced it)
    is by now. `klaar`: nothing more comes of it by itself."""

    stand: Besluitstand
    geweigerd: Weigering | None = None
    account: Account | None = None
    klaar: bool = False

    @property
    def failed(self) -> bool:
        """Whether it had no effect, or what was sent again became a dead letter once more."""
        return self.geweigerd is not None or self.account is Account.UITVAL


def outcome(desk: Desk, sent: Sent) -> Outcome | None:
    """What became of a decision by now; None while it was not handled yet."""
    stand = decisions.stand(desk.engine, sent.brief)
    if stand is None:
        return None
    refused = next((one for one in stand.geweigerd if one.besluit == sent.id), None)
    if refused is not None:
        return Outcome(stand=stand, geweigerd=refused, klaar=True)
    if stand.toestand is not Toestand.DOORGESTUURD:
        seen = stand.besluit == sent.id or stand.toestand is Toestand.OPEN
        return Outcome(stand=stand, klaar=True) if seen else None
    letter = search.letter(desk.engine, sent.brief)
    if stand.naar is None or not letter:
        return Outcome(stand=stand, klaar=True)
    account = account_of(desk, letter[0], stand)
    if account is Account.UITVAL and stand.ontvangst is None:
        # the view may know of the decision before it knows that the part left
        again = decisions.failed_again(desk.engine, letter[0].ontvangst or "", letter[0].deel or WHOLE)
        return Outcome(stand=stand, account=account if again else None, klaar=again)
    return Outcome(stand=stand, account=account, klaar=account not in (None, Account.ONDERWEG))


async def awaited(desk: Desk, sent: Sent, seconds: float) -> Outcome:
    """The outcome, as far as it came within `seconds`. Raises Unavailable when the decision was not even handled."""
    until = time.monotonic() + seconds
    while True:
        found = outcome(desk, sent)
        if found is not None and found.klaar:
            return found
        if time.monotonic() > until:
            if found is not None:
                return found
            raise Unavailable(f"besluit {sent.id[:12]} is na {seconds:.0f} s nog niet verwerkt. Draait chain.besluit?")
        await asyncio.sleep(_LOOK_AGAIN)


def account_of(desk: Desk, letter: Letter, stand: Besluitstand | None) -> Account | None:
    """Where the part is; of a letter that was replaced, where the least finished part of what replaced it is."""
    if stand is not None and stand.ontvangst is not None:
        found = decisions.accounts_of(desk.engine, stand.ontvangst).values()
        return next((account for account in LEAST_FINISHED if account in found), None)
    return decisions.accounts_of(desk.engine, letter.ontvangst or "").get(letter.deel or WHOLE)
