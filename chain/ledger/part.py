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

    `fouten` counts postings that took it out of an account that it was not in.
    """

    account: Account = Account.ONDERWEG
    gedaan: tuple[bytes, ...] = ()
    fouten: int = 0


def moved(place: Place, posting: Posting) -> tuple[Place, bool]:
    """The place after `posting`, and whether the posting was right.

    A part is where its last posting put it, also when that posting was wrong about where it came from: so every part is
    counted once, and the mistake is counted beside it. A posting that was handled before changes nothing.
    """
    identity = identify(posting)
    if identity in place.gedaan:
        return place, True
    right = posting.van is place.account
    done = (*place.gedaan, identity)[-REMEMBERED:]
    return Place(posting.naar, done, place.fouten + (not right)), right


def fold(place: Place, postings: Iterable[Posting]) -> tuple[Place, list[Posting]]:
    """The place after all `postings`, and those that were wrong."""
    wrong = []
    for posting in postings:
        place, right = moved(place, posting)
        if not right:
            wrong.append(posting)
    return place, wrong


def identify(posting: Posting) -> bytes:
    """What makes two postings the same: the handling that caused it (`uit`), the part and the move."""
    van = posting.van.value if posting.van else ""
    text = "\x1f".join((posting.uit, posting.deel, van, posting.naar.value, str(posting.delen or "")))
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
