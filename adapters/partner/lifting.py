"""Lifting a suspension: a record in the partner's own partition of `ruw.*`, so that it holds from there on."""

from datetime import datetime
from typing import Protocol

from topics.catalogue.declarations import raw_topic
from topics.documents import ce_type, encode
from topics.documents.keten import Hervat
from topics.envelope import Envelope
from topics.ids import receipt_id
from topics.profile.profile import Profiel
from topics.runtime.step import Output

SOURCE = "beheer"
CHANNEL = "cli"


class Coordinates(Protocol):
    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...


class Sender(Protocol):
    async def send(self, output: Output) -> Coordinates: ...


async def lift(sender: Sender, profile: Profiel, *, door: str, reden: str, now: datetime) -> Coordinates:
    """Ask the adapter to lift the suspension of this partner. Raises Unavailable when Kafka is away."""
    document = Hervat(partner=profile.partner, door=door, reden=reden)
    envelope = Envelope(
        id=receipt_id(now),
        source=SOURCE,
        type=ce_type(Hervat),
        time=now,
        recorded_time=now,
        channel=CHANNEL,
        actor=door,
    )
    return await sender.send(
        Output(raw_topic(profile.kind), profile.partner.encode(), encode(document), envelope.headers())
    )
