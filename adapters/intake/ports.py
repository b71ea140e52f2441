"""What the intake needs of the outside, as small ports: tests fill them with fakes, `wiring` with the real things."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from topics.documents.keten import Opschorting
from topics.runtime.step import Output
from topics.traceparent import Trace
from topics.view.status import MessageStatus, Receipt

Key = tuple[str, str]
"""A partner and the SHA-256 (hex) of the decoded bytes: what a repeat is recognised by."""


class Coordinates(Protocol):
    """Where a record was written."""

    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...


class Sender(Protocol):
    async def send(self, output: Output) -> Coordinates:
        """Written and acknowledged by all in-sync replicas when this returns. Raises Unavailable."""
        ...


class Traces(Protocol):
    """Who tells of messages that were received, if anybody does. No I/O."""

    def begin(self, receipt: str, given: str = "") -> Trace | None:
        """The span of receiving `receipt`; `given`: the sender's own `traceparent`, or empty. None: it is not traced."""
        ...

    def received(self, receipt: str, given: str, partner: str, at: Coordinates, began: int) -> None:
        """It stands on its topic; `began`: ns since the epoch."""
        ...


class Caller(msgspec.Struct, frozen=True):
    """Who calls. `kind` None: the key is right, but there is no profile in force, so that it may not send at all.

    `key` is the id of the key, never the key.
    """

    partner: str
    key: str
    kind: str | None


class Partners(Protocol):
    def caller(self, bearer: str, now: datetime) -> Caller | None:
        """None when no partner has this key at `now`. Called for every request: no I/O for a key that is known, and at
        most a look at one file's date for another, unless that changed."""
        ...

    def member(self, partner: str, now: datetime) -> Caller | None:
        """The partner itself, where something else than its key says who it is; None without a profile in force."""
        ...


class Receipts(Protocol):
    """The view's memory of receipts. It lags behind Kafka. Every method raises Unavailable."""

    async def status(self, receipt: str, partner: str) -> MessageStatus | None:
        """None when there is no such receipt of this partner."""
        ...

    async def since(self, partner: str, since: datetime, limit: int, after: str) -> list[MessageStatus]:
        """At most `limit`, in order of intake. `after`: the last receipt id of the former page, or empty."""
        ...

    async def first(self, keys: Sequence[Key], since: datetime) -> Mapping[Key, Receipt]:
        """Per key the oldest receipt from `since` on of which not all parts are uitval, teruggestuurd or afgevoerd."""
        ...


class Suspended(Protocol):
    def of(self, partner: str) -> Opschorting | None:
        """The suspension in force of this partner. No I/O."""
        ...

    @property
    def caught_up(self) -> bool:
        """False until the topic of suspensions was read to its end once: before that nobody is let in."""
        ...
