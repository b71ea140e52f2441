"""Handing over what lies in one partner's folder, in order, by the acceptance of the HTTP intake."""

import asyncio
import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

import msgspec
import structlog

from adapters.folder.look import Looks
from adapters.folder.mailbox import Changing, Letter, Mailbox, NeverAccepted, Note, shown
from adapters.intake.acceptance import Acceptance, Accepted
from adapters.intake.answers import receipt_answer
from adapters.intake.body import Body, Budget
from adapters.intake.ports import Caller, Suspended
from adapters.intake.problem import Problem
from topics.accounts import day_of
from topics.catalogue.declarations import raw_topic
from topics.clock.source import TimeSource
from topics.errors import Unavailable
from topics.view.status import Receipt

log = structlog.get_logger(__name__)

ACCEPTED: Final = "aangenomen"
REPEATED: Final = "herhaling"

Offsets = Mapping[int, int]
"""Next offset per partition."""


class Members(Protocol):
    def member(self, partner: str, now: datetime) -> Caller | None:
        """Who a folder of this name belongs to; None when there is no such partner or no profile in force. No I/O."""
        ...


class Log(Protocol):
    """What is on `ruw.*`. Every method raises Unavailable."""

    async def ends(self, topic: str) -> Offsets: ...

    async def written(self, topic: str, since: Offsets, partner: str, sha256: str) -> Receipt | None:
        """The first record of these bytes of this partner from `since` on, in the partitions that it names."""
        ...


class Counted(Protocol):
    def counted(self, kind: str, outcome: str) -> None: ...


class Delivery:
    """One partner's folder. `round` handles what is complete, and is called again and again."""

    def __init__(
        self,
        mailbox: Mailbox,
        looks: Looks,
        acceptance: Acceptance,
        *,
        partner: str,
        members: Members,
        suspended: Suspended,
        written: Log,
        budget: Budget,
        clock: TimeSource,
        figures: Counted,
    ) -> None:
        self._mailbox, self._looks, self._acceptance = mailbox, looks, acceptance
        self._partner, self._members, self._suspended, self._log = partner, members, suspended, written
        self._budget, self._clock, self._figures = budget, clock, figures
        self._since: Offsets | None = None
        self._checked = False

    async def round(self) -> None:
        """Hands over every complete file by name, and stops at the first that has to wait: what comes behind it waits too.

        Raises Problem or Unavailable when that was for Kafka, the object store or the disk: call again later.
        """
        caller = self._members.member(self._partner, self._clock.now())
        if caller is None or caller.kind is None or not self._suspended.caught_up:
            return
        if not await asyncio.to_thread(self._mailbox.lock):
            return
        topic = raw_topic(caller.kind)
        if not self._checked:
            await self._resume()
            self._checked = True
        names = await asyncio.to_thread(self._looks.look)
        for name in names:
            if self._suspended.of(self._partner) is not None:
                return
            if self._since is None:
                self._since = await self._log.ends(topic)
            await self._one(name, caller, caller.kind, topic, self._since)

    async def _one(self, name: str, caller: Caller, kind: str, topic: str, since: Offsets) -> None:
        try:
            letter = await asyncio.to_thread(self._mailbox.read, name)
        except Changing:
            return
        except NeverAccepted as refused:
            await self._refused(name, kind, refused)
            return
        body = Body(letter.body, hashlib.sha256(letter.body).hexdigest())
        self._budget.take(len(body.content))
        note = Note(
            bestand=os.fsencode(name),
            sha256=body.sha256,
            sinds=self._clock.now(),
            topic=topic,
            vanaf=tuple(sorted(since.items())),
        )
        try:
            await asyncio.to_thread(self._mailbox.begin, note)
        except Unavailable:
            self._budget.give(len(body.content))
            raise
        try:
            accepted = await self._acceptance.accept(caller, kind, body, letter.media)
        except Problem:
            # whether it was written is unknown: the next round looks
            self._checked = False
            raise
        receipt = accepted.receipt
        if not accepted.repeat and receipt.partitie is not None and receipt.positie is not None:
            self._since = {receipt.partitie: receipt.positie + 1}
        await self._kept(letter, note, accepted)
        outcome = REPEATED if accepted.repeat else ACCEPTED
        self._figures.counted(kind, outcome)
        log.info("file accepted", correlation_id=receipt.ontvangst, partner=self._partner, outcome=outcome)

    async def _kept(self, letter: Letter, note: Note, accepted: Accepted) -> None:
        told = msgspec.to_builtins(receipt_answer(accepted.receipt, repeat=accepted.repeat))
        told["bestand"] = shown(letter.name)
        day = day_of(self._clock.now())
        content = msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
        await asyncio.to_thread(self._mailbox.accepted, letter, note, accepted.receipt.ontvangst, content, day)

    async def _refused(self, name: str, kind: str, refused: NeverAccepted) -> None:
        now = self._clock.now()
        told = {"code": refused.code, "detail": str(refused), "bestand": shown(name), "tijd": now.isoformat()}
        content = msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
        await asyncio.to_thread(self._mailbox.failed, name, content, day_of(now))
        self._figures.counted(kind, refused.code)
        log.warning("file can never be accepted", partner=self._partner, code=refused.code)

    async def _resume(self) -> None:
        """What was left under way, by a former process or an answer that did not come: was it written, then it keeps that
        receipt."""
        note = await asyncio.to_thread(self._mailbox.note)
        if note is None:
            return
        letter = await self._same(note)
        if note.naar is None and letter is not None:
            receipt = await self._log.written(note.topic, dict(note.vanaf), self._partner, note.sha256)
            if receipt is not None:
                log.info("file was written before", correlation_id=receipt.ontvangst, partner=self._partner)
                await self._kept(letter, note, Accepted(receipt, repeat=True))
                return
        await asyncio.to_thread(self._mailbox.resume, note, same=letter is not None)

    async def _same(self, note: Note) -> Letter | None:
        """The message that the note is about, if it is still there."""
        try:
            letter = await asyncio.to_thread(self._mailbox.read, note.name)
        except (Changing, NeverAccepted):
            return None
        return letter if hashlib.sha256(letter.body).hexdigest() == note.sha256 else None


async def keep_delivering(delivery: Delivery, partner: str, seconds: float, longest: float = 30.0) -> None:
    """Rounds for ever, `seconds` apart; after one that had to wait, up to `longest` apart."""
    wait = seconds
    while True:
        try:
            await delivery.round()
            wait = seconds
        except (Problem, Unavailable) as error:
            wait = min(longest, wait * 2)
            log.warning("folder waits", partner=partner, code=error.code, error=str(error), retry_seconds=wait)
        await asyncio.sleep(wait)
