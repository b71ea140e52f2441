"""Dossiers that tell each other, for tests: the correlator on the in-memory driver, fed back with what it wrote."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Self

import msgspec

from chain.correlate import Correlator
from chain.ketens.onderhoud import Staat
from tests.unit.chain.berichten import (
    AANNEMER,
    AMSTERDAM,
    CORPORATIE,
    KETEN,
    PARTNER,
    TOPIC,
    VOORWAARDEN,
    Bericht,
    record,
)
from topics import documents, keys
from topics.catalogue.declarations import DOORLOOPTIJD, DOSSIER, SIGNAAL, SPOOR
from topics.documents import Document, Moment, Posting, ce_type
from topics.documents.keten import Doorlooptijd, Dossier, Klok, Signaal
from topics.documents.onderhoud import (
    Bovenliggend,
    Ledo,
    Locatie,
    Mutatie,
    Mutatiestap,
    Opdracht,
    Planning,
    Regel,
    Slot,
    Slotsoort,
    Status,
    Statuscode,
    Statusdetail,
)
from topics.envelope import Envelope
from topics.runtime.driver import Driver, FakeBus, run_until_quiet
from topics.runtime.step import Output, Record

ONDERAANNEMER = "8799999000130"
NAMEN = {**PARTNER, ONDERAANNEMER: "sublimaat"}
EENHEID = keys.unit_key(KETEN, CORPORATIE, "VHE-1")
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=AMSTERDAM)


def dag(number: float) -> datetime:
    """09:00 in Amsterdam, `number` days after Monday 2 March 2026."""
    whole = int(number)
    return BEGIN + timedelta(days=whole) + timedelta(hours=24 * (number - whole))


def sleutel(nummer: str, opdrachtgever: str = CORPORATIE) -> str:
    return keys.order_key(KETEN, opdrachtgever, nummer)


def mutatie_sleutel(nummer: str) -> str:
    found = keys.mutation_key(KETEN, CORPORATIE, nummer)
    assert found is not None
    return found


@dataclass(frozen=True)
class Zending:
    """A message and the dossier that it is for."""

    bericht: Bericht
    sleutel: str


def _sent(document: Document, afzender: str, known: datetime, key: str) -> Zending:
    return Zending(Bericht(document, known, NAMEN.get(afzender, "vreemd")), key)


def opdracht(
    nummer: str,
    op: float,
    *,
    eenheid: str | None = "VHE-1",
    elementen: Iterable[str] = ("kraan",),
    mutatie: str | None = None,
    leegstand: date | None = None,
    boven: tuple[str, str] | None = None,
    opdrachtgever: str = CORPORATIE,
    aannemer: str = AANNEMER,
    bericht: str = "",
    soort: str = "REP",
    specificatie: str | None = None,
    subnummer: str | None = None,
) -> Zending:
    """An order that was sent and known on day `op`."""
    at = dag(op)
    lines = tuple(
        Regel(nummer=number, aantal=Decimal(1), eenheid="PCE", ledo=Ledo(element=element))
        for number, element in enumerate(elementen, 1)
    )
    document = Opdracht(
        berichtnummer=bericht or f"{nummer}-{op}-{subnummer or ''}",
        afzender=opdrachtgever,
        opdrachtgever=opdrachtgever,
        aannemer=aannemer,
        opdrachtnummer=nummer,
        verzonden=Moment(at),
        voorwaarden=VOORWAARDEN,
        soort=soort,
        specificatie=specificatie,
        subnummer=subnummer,
        locatie=Locatie(eenheid=eenheid) if eenheid else None,
        regels=lines,
        mutatie=mutatie,
        leegstand_vanaf=leegstand,
        bovenliggend=Bovenliggend(*boven) if boven else None,
    )
    return _sent(document, opdrachtgever, at, sleutel(nummer, opdrachtgever))


def status(
    nummer: str,
    code: str,
    op: float,
    *,
    door: str = AANNEMER,
    opdrachtgever: str = CORPORATIE,
    subnummer: str | None = None,
    bericht: str = "",
    bedrag: str | None = None,
) -> Zending:
    plain, _, detail = code.partition("+")
    document = Status(
        berichtnummer=bericht or f"{nummer}-{code}-{op}-{subnummer or ''}",
        afzender=door,
        opdrachtgever=opdrachtgever,
        opdrachtnummer=nummer,
        code=Statuscode(plain),
        gebeurd=Moment(dag(op)),
        detail=Statusdetail(detail) if detail else None,
        subnummer=subnummer,
        bedrag=None if bedrag is None else Decimal(bedrag),
    )
    return _sent(document, door, dag(op) + timedelta(minutes=5), sleutel(nummer, opdrachtgever))


def bezoek(nummer: str, op: float) -> Zending:
    """A slot of two hours that was kept."""
    slot = Slot(soort=Slotsoort.NAGEKOMEN, begin=dag(op), eind=dag(op) + timedelta(hours=2))
    document = Planning(
        berichtnummer=f"{nummer}-bezoek-{op}",
        afzender=AANNEMER,
        opdrachtgever=CORPORATIE,
        opdrachtnummer=nummer,
        gebeurd=Moment(dag(op) + timedelta(hours=2)),
        sloten=(slot,),
    )
    return _sent(document, AANNEMER, dag(op) + timedelta(hours=2, minutes=5), sleutel(nummer))


def stap(
    nummer: str, step: Mutatiestap, op: float, *, door: str = CORPORATIE, bericht: str = "", alleen_dag: bool = False
) -> Zending:
    """A step of the vacancy with this number."""
    document = Mutatie(
        berichtnummer=bericht or f"{nummer}-{step.value}-{op}",
        afzender=door,
        opdrachtgever=CORPORATIE,
        stap=step,
        gebeurd=Moment(dag(op), alleen_dag),
        mutatie=nummer,
    )
    return _sent(document, door, dag(op) + timedelta(minutes=5), mutatie_sleutel(nummer))


def klok(op: float) -> Zending:
    return Zending(Bericht(Klok(tot=dag(op)), dag(op), "clock"), "")


@dataclass
class Keten:
    """The correlator with its log; `speel` hands over, `na` gives what each message made it write."""

    bus: FakeBus = field(default_factory=FakeBus)
    driver: Driver[Staat] = field(init=False)
    gestuurd: int = 0

    def __post_init__(self) -> None:
        self.driver = Driver(Correlator(KETEN), self.bus)

    def stuur(self, *zendingen: Zending) -> Self:
        """Puts messages on the log, and lets nothing happen yet."""
        for zending in zendingen:
            self.gestuurd += 1
            made = record(zending.bericht, self.gestuurd, zending.sleutel)
            every = range(self.bus.partitions[TOPIC]) if zending.bericht.bron == "clock" else [None]
            for partition in every:
                self.bus.send(Output(TOPIC, made.key, made.value, made.headers, partition), made.timestamp)
        return self

    def speel(self, *zendingen: Zending) -> Self:
        """One after the other, each with all that follows from it."""
        for zending in zendingen:
            self.stuur(zending)
            run_until_quiet(self.driver)
        return self

    def afgeleid(self) -> list[tuple[Envelope, Document]]:
        """Derived events on the log, in order."""
        found = [(read.envelope(), read) for read in self.bus.records(TOPIC)]
        return [
            (envelope, documents.decode(envelope.type, read.value or b""))
            for envelope, read in found
            if envelope.type != ce_type(Klok) and not envelope.part
        ]

    def aan(self, key: str) -> list[Document]:
        """Derived events for one dossier."""
        return [document for envelope, document in self.afgeleid() if envelope.subject == key]

    def _published(self, topic: str) -> list[Document]:
        records: list[Record] = self.bus.records(topic)
        return [documents.decode(read.envelope().type, read.value or b"") for read in records]

    def dossiers(self, key: str) -> list[Dossier]:
        return [one for one in self._published(DOSSIER) if isinstance(one, Dossier) and one.sleutel == key]

    def dossier(self, key: str) -> Dossier:
        return self.dossiers(key)[-1]

    def alle(self) -> dict[str, Dossier]:
        """The last document of every dossier, without how often and when it changed."""
        last = {one.sleutel: one for one in self._published(DOSSIER) if isinstance(one, Dossier)}
        return {key: _still(one) for key, one in sorted(last.items())}

    def metingen(self) -> list[Doorlooptijd]:
        return [one for one in self._published(DOORLOOPTIJD) if isinstance(one, Doorlooptijd)]

    def revisies(self, key: str, maat: str, subnummer: str | None = None) -> list[Doorlooptijd]:
        return [one for one in self.metingen() if (one.dossier, one.maat, one.subnummer) == (key, maat, subnummer)]

    def maat(self, key: str, maat: str, subnummer: str | None = None) -> Doorlooptijd:
        return self.revisies(key, maat, subnummer)[-1]

    def signalen(self, key: str) -> list[Signaal]:
        return [one for one in self._published(SIGNAAL) if isinstance(one, Signaal) and one.dossier == key]

    @property
    def postings(self) -> list[Posting]:
        return [one for one in self._published(SPOOR) if isinstance(one, Posting)]

    def rekening(self) -> dict[str, str]:
        """Account per receipt. Fails when a part leaves an account that it is not in."""
        found: dict[str, str] = {}
        for posting in self.postings:
            assert posting.van is not None
            assert found.get(posting.ontvangst, "onderweg") == posting.van.value
            found[posting.ontvangst] = posting.naar.value
        return found


def _still(dossier: Dossier) -> Dossier:
    return msgspec.structs.replace(dossier, reeks=0, bijgewerkt=BEGIN)


def later(zending: Zending, days: float) -> Zending:
    """The same message, known later."""
    return replace(zending, bericht=replace(zending.bericht, bekend=zending.bericht.bekend + timedelta(days=days)))
