"""Lifting a suspension: a decision like any other, which `chain/besluit` forwards to the partner's own partition of
`ruw.*`, so that it holds from there on."""

from datetime import datetime
from typing import Protocol

from topics.catalogue.declarations import BESLUIT, OPERATOR, raw_topic
from topics.documents import ce_type, encode
from topics.documents.besluit import Besluit, Besluitsoort
from topics.envelope import Envelope
from topics.ids import decision_id
from topics.profile.profile import Profiel
from topics.runtime.step import Output


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
    """Decide that this partner may send again. Raises Unavailable when Kafka is away."""
    key = f"opschorting/{profile.partner}"
    document = Besluit(
        brief=key,
        soort=Besluitsoort.HERVAT.value,
        door=door,
        op=now,
        toelichting=reden,
        naar=raw_topic(profile.kind),
        voor=profile.partner,
    )
    envelope = Envelope(
        id=decision_id(key, document.soort, door, now),
        source=OPERATOR,
        type=ce_type(Besluit),
        time=now,
        recorded_time=now,
        actor=door,
    )
    return await sender.send(Output(BESLUIT, key.encode(), encode(document), envelope.headers()))
