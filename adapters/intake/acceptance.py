"""Accepting one message: repeat or new, claim check, the record, the receipt."""

import asyncio
import time
from datetime import datetime
from typing import Final

import msgspec
import structlog

from adapters.intake.body import Body, Budget
from adapters.intake.ports import Caller, Coordinates, Key, Receipts, Sender, Traces
from adapters.intake.problem import BUS_AWAY, STORE_AWAY, Kind, Problem, away
from adapters.intake.repeats import FirstReceipts, Recent, may_come_again
from topics.blobs import CLAIM_CHECK_OVER, BlobStore
from topics.catalogue.declarations import raw_topic
from topics.clock.source import TimeSource
from topics.envelope import RAW_TYPE, Envelope
from topics.errors import Unavailable
from topics.ids import receipt_id
from topics.runtime.step import Output
from topics.view.status import Receipt

log = structlog.get_logger(__name__)

CHANNEL: Final = "http"
RETRY_SECONDS: Final = 5


class Accepted(msgspec.Struct, frozen=True):
    """`repeat`: these bytes were received before and `receipt` is that first one; nothing was written."""

    receipt: Receipt
    repeat: bool


class Acceptance:
    """Gives every message exactly one receipt, and that only once its record is acknowledged by all replicas.

    A delivery is a task of its own that outlives the request which began it: when the answer takes longer than
    `seconds` the partner is told that the outcome is unknown, the write goes on, and the partner's next attempt meets
    it here, in the memory, in the view, or in the dossier.
    """

    def __init__(
        self,
        *,
        sender: Sender,
        blobs: BlobStore,
        receipts: Receipts,
        first: FirstReceipts,
        recent: Recent,
        budget: Budget,
        clock: TimeSource,
        seconds: float,
        channel: str = CHANNEL,
        traces: Traces | None = None,
    ) -> None:
        self._channel, self._traces = channel, traces
        self._sender, self._blobs, self._receipts, self._first = sender, blobs, receipts, first
        self._recent, self._budget, self._clock, self._seconds = recent, budget, clock, seconds
        self._deliveries: dict[Key, asyncio.Task[Accepted]] = {}

    @property
    def under_way(self) -> int:
        return len(self._deliveries)

    async def accept(self, caller: Caller, kind: str, body: Body, content_type: str, traceparent: str = "") -> Accepted:
        """The receipt of `body`, whose bytes are given back to the budget as soon as they are no longer needed.
        `traceparent`: of the sender's own trace.

        Raises Problem `bus-onbereikbaar` or `opslag-onbereikbaar`, within `seconds`.
        """
        key = (caller.partner, body.sha256)
        delivery = self._deliveries.get(key)
        joined = delivery is not None
        if delivery is None:
            delivery = asyncio.create_task(self._deliver(key, caller, kind, body, content_type, traceparent))
            self._deliveries[key] = delivery
            delivery.add_done_callback(lambda done: self._settled(key, body, done))
        else:
            self._budget.give(len(body.content))
        done, _ = await asyncio.wait((delivery,), timeout=self._seconds)
        if not done:
            raise _unknown_outcome(self._seconds)
        accepted = delivery.result()
        return Accepted(accepted.receipt, repeat=True) if joined else accepted

    async def settle(self) -> None:
        """Waits until no delivery is under way."""
        while self._deliveries:
            await asyncio.wait(self._deliveries.values())

    def _settled(self, key: Key, body: Body, delivery: asyncio.Task[Accepted]) -> None:
        del self._deliveries[key]
        self._budget.give(len(body.content))
        if not delivery.cancelled() and (error := delivery.exception()) is not None:
            log.warning("message not accepted", partner=key[0], error=str(error))

    async def _deliver(
        self, key: Key, caller: Caller, kind: str, body: Body, content_type: str, given: str
    ) -> Accepted:
        began = time.time_ns()
        first = await self._received_before(key)
        if first is not None:
            return Accepted(first, repeat=True)
        received = self._clock.now()
        receipt = receipt_id(received)
        trace = self._traces.begin(receipt, given) if self._traces is not None else None
        envelope = Envelope(
            id=receipt,
            source=caller.partner,
            type=RAW_TYPE,
            time=received,
            recorded_time=received,
            sha256=body.sha256,
            channel=self._channel,
            actor=caller.key,
            content_type=content_type,
            dataref=await self._stored(body.content),
            traceparent="" if trace is None else str(trace),
        )
        value = b"" if envelope.dataref else body.content
        written = await self._written(Output(raw_topic(kind), caller.partner.encode(), value, envelope.headers()))
        if self._traces is not None:
            self._traces.received(receipt, given, caller.partner, written, began)
        accepted = _receipt(receipt, key, written, received, len(body.content))
        self._recent.add(key, accepted)
        return Accepted(accepted, repeat=False)

    async def _received_before(self, key: Key) -> Receipt | None:
        remembered = self._recent.same(key, self._clock)
        if remembered is None:
            return await self._first.first(key)
        try:
            found = await self._receipts.status(remembered.ontvangst, remembered.partner)
        except Unavailable:
            return remembered
        return None if found is not None and may_come_again(found.delen) else remembered

    async def _stored(self, content: bytes) -> str:
        """The reference of a body that is too large for a record; empty for any other."""
        if len(content) <= CLAIM_CHECK_OVER:
            return ""
        try:
            return await asyncio.to_thread(self._blobs.put, content)
        except Unavailable as error:
            log.error("object store away", error=str(error))
            raise _not_accepted(STORE_AWAY) from error

    async def _written(self, output: Output) -> Coordinates:
        try:
            return await self._sender.send(output)
        except Unavailable as error:
            raise away(
                BUS_AWAY,
                "Kafka is niet bereikbaar; het is onbekend of het bericht is aangenomen. Stuur hetzelfde bericht opnieuw.",
                RETRY_SECONDS,
            ) from error


def _receipt(receipt: str, key: Key, written: Coordinates, received: datetime, size: int) -> Receipt:
    return Receipt(
        ontvangst=receipt,
        partner=key[0],
        sha256=key[1],
        topic=written.topic,
        partitie=written.partition,
        positie=written.offset,
        ontvangen=received,
        grootte=size,
    )


def _not_accepted(kind: Kind) -> Problem:
    return away(kind, "Het bericht is niet aangenomen. Stuur hetzelfde bericht opnieuw.", RETRY_SECONDS)


def _unknown_outcome(seconds: float) -> Problem:
    return away(
        BUS_AWAY,
        f"Er kwam binnen {seconds:g} seconden geen bevestiging; het is onbekend of het bericht is aangenomen. "
        "Stuur hetzelfde bericht opnieuw: was het aangenomen, dan telt het eenmaal.",
        RETRY_SECONDS,
    )
