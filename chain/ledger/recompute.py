"""The account once more, counted plainly from the topics: without the ledger, the view, or their code.

It follows no part from place to place. It keeps books: a posting adds one to the account where a part goes and takes
one from the account that it leaves, so that a part which left an account that it was not in shows as a difference.
It reads headers and JSON with the standard library only, as a stranger would.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from topics.catalogue.declarations import KINDS, SPOOR, raw_topic
from topics.errors import DocumentError, Unavailable
from topics.kafka import Position, Reader
from topics.runtime.step import Record

RAW: Final = tuple(raw_topic(kind) for kind in KINDS)
TOPICS: Final = (*RAW, SPOOR)

_ZONE: Final = ZoneInfo("Europe/Amsterdam")
_POLL_SECONDS: Final = 0.2
_NOT_SENT: Final = ("nl.ketenbus.tik.", "nl.ketenbus.hervat.")


class Books(msgspec.Struct, kw_only=True):
    """One partner and day of receipt. `ontvangen`: receipts on `ruw.*`; `geopend`: of them, opened by an adapter;
    `aangenomen`: parts; `accounts`: parts per account."""

    ontvangen: int = 0
    ongeopend: int = 0
    aangenomen: int = 0
    accounts: Counter[str] = msgspec.field(default_factory=Counter)


class Recount:
    """Counts records in any order of topics. `rows` gives the books of what was counted so far."""

    def __init__(self) -> None:
        self._books: dict[tuple[str, str], Books] = {}
        self._received: dict[bytes, tuple[str, str]] = {}
        self._opened: set[bytes] = set()
        self._posted: set[bytes] = set()

    def add(self, record: Record) -> None:
        """Raises DocumentError when a record cannot be counted: then no figure of it can be trusted."""
        try:
            headers = {name: value.decode() for name, value in record.headers}
            if record.topic == SPOOR:
                self._posting(json.loads(record.value or b"{}"))
            elif not headers["ce_type"].startswith(_NOT_SENT):
                at = datetime.fromisoformat(headers.get("ce_recordedtime", headers["ce_time"]))
                self._received.setdefault(
                    _short(headers["ce_id"]), (headers["ce_source"], at.astimezone(_ZONE).date().isoformat())
                )
        except (KeyError, ValueError, TypeError) as error:
            raise DocumentError(f"{record.position} cannot be counted: {type(error).__name__}: {error}") from error

    def rows(self) -> dict[tuple[str, str], Books]:
        """Books by (partner, day)."""
        found = {
            key: Books(aangenomen=books.aangenomen, accounts=Counter({a: n for a, n in books.accounts.items() if n}))
            for key, books in self._books.items()
        }
        for receipt, key in self._received.items():
            books = found.setdefault(key, Books())
            books.ontvangen += 1
            books.ongeopend += receipt not in self._opened
        return found

    def _posting(self, posting: Mapping[str, object]) -> None:
        move = (posting["ontvangst"], posting["deel"], posting.get("van"), posting["naar"], posting["uit"])
        identity = _short("\x1f".join(str(field) for field in move))
        if identity in self._posted:
            return
        self._posted.add(identity)
        books = self._books.setdefault((str(posting["partner"]), str(posting["dag"])), Books())
        if posting.get("van") is None:
            parts = int(str(posting["delen"]))
            self._opened.add(_short(str(posting["ontvangst"])))
            books.aangenomen += parts
            books.accounts[str(posting["naar"])] += parts
            return
        books.accounts[str(posting["van"])] -= 1
        books.accounts[str(posting["naar"])] += 1


class Counting:
    """Feeds a recount from a reader, up to exactly the positions that are asked for."""

    def __init__(self, reader: Reader, recount: Recount) -> None:
        self._reader, self._recount = reader, recount
        self._held: list[Record] = []

    async def to(self, goal: Mapping[Position, int], patience: float = 30.0) -> None:
        """Counts every record before `goal`, and none behind it: those are kept for a later goal.

        Raises Unavailable after `patience` seconds without progress, DocumentError for what cannot be counted.
        """
        held, self._held = self._held, []
        self._take(held, goal)
        waited = 0.0
        while not await self._reader.caught_up(goal):
            if waited > patience:
                raise Unavailable(f"recount: no progress for {patience:.0f} s; is the broker busy or a task not ready?")
            records = await self._reader.poll(_POLL_SECONDS)
            waited = 0.0 if records else waited + _POLL_SECONDS
            self._take(records, goal)

    def _take(self, records: Sequence[Record], goal: Mapping[Position, int]) -> None:
        for record in records:
            if record.offset < goal.get((record.topic, record.partition), 0):
                self._recount.add(record)
            else:
                self._held.append(record)


def _short(text: str) -> bytes:
    """16 bytes that stand for a receipt or a posting: a set of them must fit in memory for years of messages."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
