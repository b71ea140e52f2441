"""One partition of the table of intervals in memory, with its changelog, and records to count into it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chain.doorlooptijden.kalenders import Kalenders
from chain.kalender import micros
from chain.kengetallen import (
    VENSTERS,
    Cijfers,
    Groep,
    Meting,
    Pakker,
    Tijdvak,
    Vensterbeeld,
    venster,
    vensterbeeld,
)
from chain.kengetallen.cijfers import Dagen
from chain.measure import rij
from chain.measure.beeld import Beeld
from chain.measure.rij import AFSLUITING, Afsluiting, Rij
from chain.measure.tabel import Partitie
from chain.measure.teller import LEAST, Doorlooptijdteller
from topics.documents import Document, ce_type, encode
from topics.documents.keten import AanZet, Doorlooptijd, Stand
from topics.envelope import Envelope
from topics.runtime.boundary import guarded
from topics.runtime.step import Processor, Record, Step

START = datetime(2026, 1, 3, 9, tzinfo=UTC)
PEIL = micros(START + timedelta(days=900))
CLIENT = "8799999000017"
DAY = timedelta(days=1)

Changelog = list[tuple[bytes, bytes | None]]


def dagen(groep: Groep) -> Dagen:
    return Kalenders(None).dagen(groep)


def revisie(
    dossier: int,
    revisie: int,
    begin: datetime,
    eind: datetime | None = None,
    *,
    maat: str = "acceptatie",
    aannemer: str = "a",
    stand: Stand | None = None,
    norm: int | None = None,
    gesloten: bool = False,
) -> Doorlooptijd:
    """`norm`: days to its deadline. `gesloten`: at `eind` its dossier was closed, and it never ended."""
    seconds = None if eind is None else int((eind - begin).total_seconds())
    return Doorlooptijd(
        dossier=f"onderhoud/opdracht/{CLIENT}/{dossier}",
        keten="onderhoud",
        maat=maat,
        revisie=revisie,
        stand=stand or (Stand.OPEN if eind is None or gesloten else Stand.GESLOTEN),
        opdrachtgever=CLIENT,
        aannemer=aannemer,
        soort="reparatie",
        urgentie="regulier",
        begin=begin,
        eind=None if gesloten else eind,
        uitgebleven=eind if gesloten else None,
        deadline=None if norm is None else begin + DAY * norm,
        bruto_seconden=seconds or 0,
        netto_seconden=(seconds or 0) // 2,
        werkdagen=None if seconds is None else seconds // 86_400,
        aan_zet_seconden={} if seconds is None else {AanZet.AANNEMER: seconds},
        voorlopig=dossier % 3 == 0,
    )


def record(offset: int, known: datetime, document: Document) -> Record:
    envelope = Envelope(
        id=f"e{offset}", source="test", type=ce_type(type(document)), time=known, recorded_time=known, subject="s"
    )
    return Record("t", 0, offset, 0, b"k", encode(document), tuple(envelope.headers()))


@dataclass
class Bak:
    """One partition of the table, as a worker has it, and its changelog."""

    teller: Processor[Rij] = field(default_factory=lambda: Doorlooptijdteller(horizon=LEAST))
    changelog: Changelog = field(default_factory=list)
    pakker: Pakker = field(default_factory=Pakker)

    def __post_init__(self) -> None:
        self.partitie = Partitie(0, self.pakker)
        for key, value in self.changelog:
            self.partitie.keep(key, None if value is None else rij.decode(value))

    def count(self, records: Sequence[Record], crash_at: int | None = None) -> int:
        """How many records it came through. `crash_at`: after so many writes nothing else happens."""
        until = None if crash_at is None else len(self.changelog) + crash_at
        for number, one in enumerate(records):
            for step in guarded(self.teller, one, self.partitie, None):
                if len(self.changelog) == until:
                    return number
                self.write(step)
        return len(records)

    def closing(self, record: Record) -> int:
        """Only what a record closes; how many steps that was."""
        steps = [step for step in guarded(self.teller, record, self.partitie, None) if step.cursor is not None]
        for step in steps:
            self.write(step)
        return len(steps)

    def write(self, step: Step[Rij]) -> None:
        assert not step.dead_letters, step.dead_letters[0].tekst
        row = step.state
        assert row is None or isinstance(row, Rij)
        self.partitie.keep(step.key.encode(), row)
        self.changelog.append((step.key.encode(), None if row is None else rij.encode(row)))

    def table(self) -> dict[bytes, Rij]:
        return dict(self.partitie.items())

    def metingen(self) -> set[str]:
        return {key.decode().split("/")[-1] for key, row in self.table().items() if isinstance(row, Meting)}

    def afsluiting(self) -> Afsluiting:
        found = self.partitie.get(AFSLUITING)
        assert isinstance(found, Afsluiting)
        return found

    def laat(self) -> int:
        return self.afsluiting().laat

    def windows(self, peil: int) -> dict[tuple[str, Groep], Vensterbeeld]:
        beeld = Beeld(self.pakker)
        for _ in beeld.whole("t", self.partitie):
            pass
        return {
            (tijdvak.naam, groep): vensterbeeld(touched, tijdvak.periode, peil)
            for paar in beeld.telling.paren()
            for tijdvak in (venster(days, peil) for days in VENSTERS)
            for groep, touched in beeld.telling.geraakt(paar, tijdvak).items()
        }

    def figures(self, peil: int = PEIL) -> dict[tuple[Tijdvak, Groep], Cijfers]:
        beeld = Beeld(self.pakker)
        for _ in beeld.whole("t", self.partitie):
            pass
        telling = beeld.telling
        return {
            (tijdvak, groep): one
            for paar in telling.paren()
            for tijdvak, found in telling.per_maand(paar, peil, dagen)
            for groep, one in found.items()
        }
