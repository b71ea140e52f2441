"""A bus in memory whose records come back decoded, and an adapter on it."""

from adapters.adapter.flood import Toestand
from adapters.adapter.processor import AdapterProcessor
from adapters.kinds import AANNEMER
from adapters.message import Deel
from tests.unit.adapter.messages import (
    LINDE,
    RECEIVED,
    Canned,
    raw,
)
from topics import ids
from topics.deadletters import Letter
from topics.documents import Account, Document, Posting, decode
from topics.documents.keten import Opschorting
from topics.envelope import Envelope
from topics.profile.registry import Registry
from topics.runtime.driver import Driver, FakeBus
from topics.runtime.step import Record

LOG = "onderhoud.gebeurtenis.v1"
KEY = f"onderhoud/opdracht/{LINDE}/IN001"
RECEIPT = ids.receipt_id(RECEIVED, bytes(10))

Seen = tuple[Envelope, Document, Record]


class Bus(FakeBus):
    """With its records decoded."""

    def seen(self, topic: str) -> list[Seen]:
        found = []
        for record in self.records(topic):
            envelope = record.envelope()
            found.append((envelope, decode(envelope.type, record.value or b""), record))
        return found

    def postings(self) -> list[Posting]:
        found = [document for _, document, _ in self.seen("keten.spoor.v1")]
        return [document for document in found if isinstance(document, Posting)]

    def suspensions(self) -> list[Opschorting]:
        found = [document for _, document, _ in self.seen("keten.opschorting.v1")]
        return [document for document in found if isinstance(document, Opschorting)]

    def letters(self, kind: str) -> list[tuple[Letter, Record]]:
        return [(Letter.read(record.headers), record) for record in self.records(f"ruw.{kind}.v1.dlq")]


def contractor(registry: Registry, *delen: Deel) -> tuple[Bus, Driver[Toestand]]:
    bus = Bus()
    return bus, Driver(AdapterProcessor(AANNEMER, registry, Canned(*delen)), bus)


def moves(bus: Bus) -> list[tuple[str, Account | None, Account]]:
    return [(posting.deel, posting.van, posting.naar) for posting in bus.postings()]


def flood(bus: Bus, driver: Driver[Toestand], count: int, partner: str = "kobalt-noord", start: int = 0) -> None:
    for number in range(start, start + count):
        bus.send(raw("aannemer", partner, number=number))
    driver.run()
