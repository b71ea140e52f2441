"""One part's place in the account, as a fold of its postings. Pure."""

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from topics.documents import Account, Posting

REMEMBERED: Final = 16
"""Postings of one part by which a doubled one is known; a part moves a handful of times in its life."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a part is and which postings brought it there (8-byte identities, latest last).

    `fouten` counts postings that took it out of an account that it was not in. `sinds`: when it came there, in minutes
    since the epoch (0: not known). `reden`: why it is in uitval. `mens`: it was in uitval once.
    """

    account: Account = Account.ONDERWEG
    gedaan: tuple[bytes, ...] = ()
    fouten: int = 0
    sinds: int = 0
    reden: str = ""
    mens: bool = False


def moved(place: Place, posting: Posting, at: int) -> tuple[Place, bool]:
    """The place after `posting`, and whether the posting was right.

    A part is where its last posting put it, also when that posting was wrong about where it came from: so every part is
    counted once, and the mistake is counted beside it. A posting that was handled before changes nothing. `at`: when it
    moved, as `sinds`.
    """
    identity = identify(posting)
    if identity in place.gedaan:
        return place, True
    right = posting.van is place.account
    done = (*place.gedaan, identity)[-REMEMBERED:]
    wrong = place.fouten + (not right)
    if posting.naar is place.account:
        # a note on the way moves nothing
        return Place(posting.naar, done, wrong, place.sinds, place.reden, place.mens), right
    failed = posting.naar is Account.UITVAL
    reden = posting.reden.value if failed and posting.reden is not None else ""
    mens = place.mens or failed or place.account is Account.UITVAL
    return Place(posting.naar, done, wrong, at, reden, mens), right


def fold(place: Place, postings: Iterable[Posting], at: int) -> tuple[Place, list[Posting]]:
    """The place after all `postings`, and those that were wrong. `at` as of `moved`."""
    wrong = []
    for posting in postings:
        place, right = moved(place, posting, at)
        if not right:
            wrong.append(posting)
    return place, wrong


def identify(posting: Posting) -> bytes:
    """What makes two postings the same: the handling that caused it (`uit`), the part and the move."""
    van = posting.van.value if posting.van else ""
    text = "\x1f".join((posting.uit, posting.deel, van, posting.naar.value, str(posting.delen or "")))
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
