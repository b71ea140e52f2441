"""The inbox played in memory: the same processors, ticks and view as on Kafka, with a stand-in for the intake."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from adapters.adapter.processor import AdapterProcessor
from adapters.demo.delivery import Delivered
from adapters.demo.inbox import Sample
from adapters.generator.week import Week
from adapters.intake.body import content_type
from adapters.intake.problem import Problem
from adapters.intake.repeats import may_come_again
from adapters.kinds import KINDS
from adapters.stuur.client import Deel, Regel, Stand
from chain.correlate import Correlator
from chain.ledger.processor import Ledger
from topics import ids
from topics.catalogue.declarations import ALL_KETENS, log_topic, raw_topic
from topics.documents import ce_type, encode
from topics.documents.keten import Klok
from topics.envelope import Envelope
from topics.profile import samples as partners
from topics.profile.registry import Registry
from topics.runtime.driver import Driver, FakeBus, Runs, run_until_quiet
from topics.runtime.step import Output
from topics.view import database
from topics.view.fill import View
from topics.view.queries import Queries
from topics.view.rows import TOPICS_READ
from topics.view.status import MessageStatus

TICK = timedelta(seconds=60)


class Play:
    """The bus in memory. `delivered`: what the stand-in for the intake answered, by name of the sample."""

    def __init__(self, folder: Path, bus: FakeBus | None = None) -> None:
        url = f"sqlite:///{folder / 'view.db'}"
        self._registry = Registry.load(partners.FOLDER)
        self._bus = bus or FakeBus()
        adapters: list[Runs] = [Driver(AdapterProcessor(kind, self._registry), self._bus) for kind in KINDS.values()]
        correlators: list[Runs] = [Driver(Correlator(keten), self._bus) for keten in ALL_KETENS]
        self._drivers: list[Runs] = [*adapters, *correlators, Driver(Ledger(), self._bus)]
        self._view = View(database.open_writer(url))
        self._queries = Queries(url)
        self._first: dict[tuple[str, str], str] = {}
        self._ticked: datetime | None = None
        self.engine: Engine = database.open_reader(url)
        self.delivered: dict[str, Delivered] = {}

    def close(self) -> None:
        self._queries.close()
        self.engine.dispose()

    def week(self, samples: Sequence[Sample], end: datetime) -> None:
        for number, sample in enumerate(samples):
            at = sample.verwacht.op
            if self._ticked is None or at - self._ticked >= TICK:
                self.tick(at)
            self.delivered[sample.naam] = self.hand_over(
                sample.naam, sample.verwacht.partner, at, sample.bestand.read_bytes(), sample.content_type, number
            )
            self.handled()
        self.tick(end)
        self.handled()

    def tick(self, at: datetime) -> None:
        self._ticked = at
        for keten in ALL_KETENS:
            topic = log_topic(keten)
            envelope = Envelope(
                id=f"klok-{keten}-{at.isoformat()}", source="clock", type=ce_type(Klok), time=at, recorded_time=at
            )
            for partition in range(self._bus.partitions[topic]):
                self._bus.send(Output(topic, b"klok", encode(Klok(tot=at)), envelope.headers(), partition))
        run_until_quiet(*self._drivers)

    def stand(self, sample: Sample) -> Stand | None:
        """What its sender sees of a sample; None when it got no receipt."""
        return self.stand_of(sample.naam, sample.verwacht.partner)

    def stand_of(self, naam: str, partner: str) -> Stand | None:
        receipt = self.delivered[naam].ontvangst
        found = self._queries.receipt_status(receipt, partner) if receipt is not None else None
        return _stand(found) if found is not None else None

    def hand_over(
        self, naam: str, partner: str, at: datetime, content: bytes, declared_as: str, number: int
    ) -> Delivered:
        try:
            declared = content_type(declared_as.encode())
        except Problem as problem:
            return Delivered(naam, at, problem.kind.status)
        sha256 = hashlib.sha256(content).hexdigest()
        first = self._first.get((partner, sha256))
        if first is not None:
            known = self._queries.receipt_status(first, partner)
            if known is not None and not may_come_again(known.delen):
                return Delivered(naam, at, 200, first, True)
        receipt = ids.receipt_id(at, number.to_bytes(10))
        self._first[(partner, sha256)] = receipt
        envelope = Envelope(
            id=receipt,
            source=partner,
            type="nl.ketenbus.ruw.bericht.v1",
            time=at,
            recorded_time=at,
            sha256=sha256,
            content_type=declared,
        )
        profile = self._registry.partner(partner, at.date())
        assert profile is not None
        self._bus.send(Output(raw_topic(profile.kind), partner.encode(), content, envelope.headers()))
        return Delivered(naam, at, 202, receipt)

    def handled(self) -> None:
        """Processors and view have read everything."""
        run_until_quiet(*self._drivers)
        ends = {(topic, n): len(self._bus.log(topic, n)) for topic in TOPICS_READ for n in self._partitions(topic)}
        read = self._view.positions
        fresh = [record for at in ends for record in self._bus.log(*at)[read.get(at, 0) :]]
        self._view.apply(fresh, ends)

    def _partitions(self, topic: str) -> range:
        return range(self._bus.partitions[topic])


def play_week(week: Week, folder: Path, bus: FakeBus | None = None) -> Play:
    """A generated week, with the ticks that its ledger counts on."""
    play = Play(folder, bus)
    at = None
    for number, bericht in enumerate(week.berichten):
        if bericht.op != at:
            play.handled()
            for moment in week.grootboek.momenten:
                if (at is None or moment > at) and moment <= bericht.op:
                    play.tick(moment)
            at = bericht.op
        play.delivered[bericht.naam] = play.hand_over(
            bericht.naam, bericht.partner, bericht.op, bericht.inhoud, bericht.inhoudstype, number
        )
    play.handled()
    for moment in week.grootboek.momenten:
        if at is None or moment > at:
            play.tick(moment)
    play.handled()
    return play


def _stand(status: MessageStatus) -> Stand:
    return Stand(
        id=status.ontvangst,
        status=status.account.value,
        definitief=status.definitief,
        delen=tuple(
            Deel(
                deel=part.deel,
                status=part.account.value,
                definitief=part.definitief,
                dossier=part.dossier,
                reden=part.reden.value if part.reden else None,
                bevindingen=tuple(Regel(one.code, one.pad, one.ernst.value, one.tekst) for one in part.bevindingen),
            )
            for part in status.delen
        ),
    )
