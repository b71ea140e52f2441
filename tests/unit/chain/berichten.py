"""Events on the log of the keten onderhoud, for tests: as an adapter writes them, with short names for what is dull."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from chain.correlate import Correlator
from chain.ketens.onderhoud import Staat
from topics import documents, ids, keys
from topics.catalogue.declarations import DOORLOOPTIJD, DOSSIER, SIGNAAL
from topics.documents import Document, Moment, Posting, ce_type
from topics.documents.content import content_hash
from topics.documents.factuur import Factuur, Factuurstatus
from topics.documents.keten import Doorlooptijd, Dossier, Klok, Signaal
from topics.documents.onderhoud import (
    Eenheid,
    Feit,
    Kalender,
    Mutatie,
    Norm,
    Offerte,
    Offertestap,
    Opdracht,
    Planning,
    Regel,
    Slot,
    Slotsoort,
    Status,
    Statuscode,
    Statusdetail,
    Voorwaarden,
)
from topics.envelope import Envelope
from topics.resend import NO_DOUBLE
from topics.runtime.step import DeadLetter, Record, Step, Unchanged

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
KETEN = "onderhoud"
TOPIC = "onderhoud.gebeurtenis.v1"
CORPORATIE = "8799999000017"
AANNEMER = "8799999000116"
ANDER = "8799999000123"
PARTNER = {CORPORATIE: "zilverlinde", AANNEMER: "kobalt-noord", ANDER: "tegendraad"}
SLEUTEL = keys.order_key(KETEN, CORPORATIE, "IN1")

KALENDER = Kalender(vrije_dagen=(date(2026, 12, 25), date(2027, 1, 1)))
NORMEN = (
    Norm(maat="acceptatie", waarde=Decimal(1)),
    Norm(maat="technisch-gereed", waarde=Decimal(5)),
    Norm(maat="administratief-gereed", waarde=Decimal(48), eenheid=Eenheid.UREN),
)
VOORWAARDEN = Voorwaarden(profiel="0123456789abcdef", kalender=KALENDER, normen=NORMEN)


def op(text: str) -> datetime:
    """`ma 10:00` to `zo 23:59` of the week of Monday 16 November 2026 in Amsterdam; `+ma` is a week later."""
    day, _, clock = text.partition(" ")
    week = 7 * day.count("+")
    number = ("ma", "di", "wo", "do", "vr", "za", "zo").index(day.lstrip("+"))
    at = datetime.combine(date(2026, 11, 16) + timedelta(days=number + week), time.fromisoformat(clock or "00:00"))
    return at.replace(tzinfo=AMSTERDAM)


def dag(text: str) -> Moment:
    """Only the day is known."""
    return Moment(op(text), alleen_dag=True)


@dataclass(frozen=True)
class Bericht:
    """A message of a partner: its document and when the bus knew. `oorzaak`: the decision that sent it again, as no
    double."""

    document: Document
    bekend: datetime
    bron: str = "zilverlinde"
    ontvangst: str = ""
    oorzaak: str = ""

    @property
    def receipt(self) -> str:
        return self.ontvangst or str(uuid.uuid5(uuid.NAMESPACE_OID, repr((self.document, self.bekend, self.bron))))

    @property
    def event(self) -> str:
        return ids.event_id(self.receipt, "1", ce_type(type(self.document)))


def opdracht_op(at: datetime, nummer: str, voorwaarden: Voorwaarden = VOORWAARDEN) -> Bericht:
    """An order that was sent and known at `at`."""
    document = Opdracht(
        berichtnummer=nummer,
        afzender=CORPORATIE,
        opdrachtgever=CORPORATIE,
        aannemer=AANNEMER,
        opdrachtnummer=nummer,
        verzonden=Moment(at),
        voorwaarden=voorwaarden,
        soort="REP",
    )
    return Bericht(document, at, PARTNER[CORPORATIE])


def opdracht(
    bekend: str = "ma 10:00",
    nummer: str = "O1",
    *,
    aannemer: str = AANNEMER,
    afzender: str = CORPORATIE,
    verzonden: Moment | None = None,
    datum: Moment | None = None,
    voorwaarden: Voorwaarden = VOORWAARDEN,
    soort: str | None = "REP",
    contract: str | None = None,
    afgeleid: bool = False,
    gemeld: Moment | None = None,
    gereed: Moment | None = None,
    prijs: str | None = None,
) -> Bericht:
    """`prijs`: of its only line."""
    lines = () if prijs is None else (Regel(nummer=1, aantal=Decimal(1), eenheid="PCE", prijs=Decimal(prijs)),)
    document = Opdracht(
        berichtnummer=nummer,
        afzender=afzender,
        opdrachtgever=CORPORATIE,
        aannemer=aannemer,
        opdrachtnummer="IN1",
        verzonden=verzonden or Moment(op(bekend)),
        voorwaarden=voorwaarden,
        datum=datum,
        soort=soort,
        contract=contract,
        urgentie_afgeleid=afgeleid,
        gemeld_op=gemeld,
        gereed_uiterlijk=gereed,
        regels=lines,
    )
    return Bericht(document, op(bekend), PARTNER.get(afzender, "vreemd"))


def status(
    code: str,
    gebeurd: str | Moment,
    *,
    nummer: str = "",
    door: str = AANNEMER,
    bekend: str = "",
    eigen: str | None = None,
    bedrag: str | None = None,
    gevraagd: Moment | None = None,
) -> Bericht:
    """`code` may carry a detail: `OND+BNT`. Known five minutes after it happened unless said otherwise."""
    plain, _, detail = code.partition("+")
    moment = gebeurd if isinstance(gebeurd, Moment) else Moment(op(gebeurd))
    document = Status(
        berichtnummer=nummer or f"{plain}-{moment.op:%d%H%M}{moment.alleen_dag:d}{detail}",
        afzender=door,
        opdrachtgever=CORPORATIE,
        opdrachtnummer="IN1",
        code=Statuscode(plain),
        gebeurd=moment,
        detail=Statusdetail(detail) if detail else None,
        eigen_status=eigen,
        bedrag=None if bedrag is None else Decimal(bedrag),
        gereed_gevraagd=gevraagd,
    )
    known = op(bekend) if bekend else moment.op + timedelta(minutes=5)
    return Bericht(document, known, PARTNER.get(door, "vreemd"))


def slot(soort: str, begin: str, *, door: str | None = None, reden: str | None = None, vorig: str = "") -> Slot:
    """Two hours from `begin` on."""
    at = op(begin)
    former = op(vorig) if vorig else None
    return Slot(
        soort=Slotsoort(soort), begin=at, eind=at + timedelta(hours=2), door=door, reden=reden, vorig_begin=former
    )


def planning(gebeurd: str, *sloten: Slot, door: str = AANNEMER, nummer: str = "", bekend: str = "") -> Bericht:
    document = Planning(
        berichtnummer=nummer or f"P-{gebeurd}",
        afzender=door,
        opdrachtgever=CORPORATIE,
        opdrachtnummer="IN1",
        gebeurd=Moment(op(gebeurd)),
        sloten=sloten,
    )
    return Bericht(document, op(bekend) if bekend else op(gebeurd) + timedelta(minutes=5), PARTNER[door])


def offerte(stap: str, gebeurd: str, *, nummer: str = "F1", door: str = AANNEMER) -> Bericht:
    document = Offerte(
        berichtnummer=f"Q-{stap}-{gebeurd}",
        afzender=door,
        opdrachtgever=CORPORATIE,
        opdrachtnummer="IN1",
        offertenummer=nummer,
        stap=Offertestap(stap),
        gebeurd=Moment(op(gebeurd)),
    )
    return Bericht(document, op(gebeurd) + timedelta(minutes=5), PARTNER[door])


def klok(tot: str, opgeschort: Sequence[str] = ()) -> Bericht:
    return Bericht(Klok(tot=op(tot), opgeschort=tuple(opgeschort)), op(tot), "clock")


def record(bericht: Bericht, offset: int, sleutel: str = SLEUTEL) -> Record:
    document = bericht.document
    body = documents.encode(document)
    own = isinstance(document, Feit | Mutatie | Factuur | Factuurstatus)
    envelope = Envelope(
        id=bericht.event,
        source=bericht.bron,
        type=ce_type(type(document)),
        time=bericht.bekend,
        recorded_time=bericht.bekend,
        subject="" if isinstance(document, Klok) else sleutel,
        correlation_id="" if isinstance(document, Klok) else bericht.receipt,
        causation_id=bericht.oorzaak or bericht.receipt,
        part="1",
        sha256=hashlib.sha256(body).hexdigest(),
        position=f"ruw.test.v1/0/{offset}",
        content_hash=content_hash(document) if own else "",
    )
    millis = int(bericht.bekend.timestamp() * 1000)
    key = b"klok" if isinstance(document, Klok) else sleutel.encode()
    judged = [(NO_DOUBLE, b"ja")] if bericht.oorzaak else []
    return Record(TOPIC, 0, offset, millis, key, body, (*envelope.headers(), *judged))


@dataclass
class Bus:
    """One task of the correlator in memory: every step applied at once, everything that came out kept."""

    correlator: Correlator = field(default_factory=lambda: Correlator(KETEN))
    frames: dict[str, bytes] = field(default_factory=dict)
    vervalt: dict[str, datetime] = field(default_factory=dict)
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stappen: list[Step[Staat]] = field(default_factory=list)
    offset: int = 0

    def get(self, key: str) -> Staat | None:
        found = self.frames.get(key)
        return None if found is None else self.correlator.decode(found)

    def due(self, until: datetime) -> Iterator[str]:
        return iter(sorted(key for key, at in self.vervalt.items() if at <= until))

    def play(self, *berichten: Bericht, sleutel: str = SLEUTEL) -> "Bus":
        for bericht in berichten:
            self.offset += 1
            for step in self.correlator.process(record(bericht, self.offset, sleutel), self, None):
                self.take(step)
        return self

    def take(self, step: Step[Staat]) -> None:
        self.stappen.append(step)
        if isinstance(step.state, Unchanged):
            return
        self.vervalt.pop(step.key, None)
        self.facets.pop(step.key, None)
        if step.state is None:
            self.frames.pop(step.key, None)
            return
        self.frames[step.key] = self.correlator.encode(step.state)
        if step.facets:
            self.facets[step.key] = step.facets
        if step.due is not None:
            self.vervalt[step.key] = step.due.astimezone(UTC)

    def _published(self, topic: str) -> list[Document]:
        return [
            documents.decode(Envelope.read(output.headers).type, output.value or b"")
            for step in self.stappen
            for output in step.outputs
            if output.topic == topic
        ]

    @property
    def dossiers(self) -> list[Dossier]:
        return [found for found in self._published(DOSSIER) if isinstance(found, Dossier)]

    @property
    def dossier(self) -> Dossier:
        return self.dossiers[-1]

    @property
    def metingen(self) -> list[Doorlooptijd]:
        return [found for found in self._published(DOORLOOPTIJD) if isinstance(found, Doorlooptijd)]

    def revisies(self, maat: str) -> list[Doorlooptijd]:
        return [revision for revision in self.metingen if revision.maat == maat]

    def maat(self, maat: str) -> Doorlooptijd:
        """The last revision."""
        return self.revisies(maat)[-1]

    @property
    def signalen(self) -> list[Signaal]:
        return [found for found in self._published(SIGNAAL) if isinstance(found, Signaal)]

    @property
    def staand(self) -> dict[str, Signaal]:
        """Signals that were raised and not withdrawn, by id."""
        found: dict[str, Signaal] = {}
        for signal in self.signalen:
            if signal.ingetrokken:
                found.pop(signal.id)
            else:
                found[signal.id] = signal
        return found

    @property
    def te_laat(self) -> list[str]:
        """Measures whose norm stands exceeded."""
        return self.staande("norm-overschreden")

    def staande(self, soort: str) -> list[str]:
        """What the standing signals of a kind are about: the measure, or nothing."""
        return [signal.maat or "" for signal in self.staand.values() if signal.soort == soort]

    @property
    def postings(self) -> list[Posting]:
        return [posting for step in self.stappen for posting in step.postings]

    @property
    def uitval(self) -> list[DeadLetter]:
        return [letter for step in self.stappen for letter in step.dead_letters]

    def rekening(self) -> dict[str, str]:
        """Account per receipt. Fails when a part leaves an account that it is not in."""
        found: dict[str, str] = {}
        for posting in self.postings:
            assert posting.van is not None
            assert found.get(posting.ontvangst, "onderweg") == posting.van.value
            found[posting.ontvangst] = posting.naar.value
        return found


def gespeeld(berichten: Iterable[Bericht]) -> Bus:
    return Bus().play(*berichten)
