"""Messages as a format would have read them, and records as the intake would have written them."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec

from adapters.message import Bericht, Deel, Gelezen, OpdrachtInhoud, PlanningInhoud, Soort, StatusInhoud
from topics import ids
from topics.catalogue.declarations import raw_topic
from topics.documents import Bevinding, Ernst, Moment, Reden
from topics.documents.onderhoud import Regel, Slot, Slotsoort
from topics.envelope import Envelope
from topics.runtime.step import Output

LINDE, LINDE_OUD = "8799999000017", "8799999000024"
KOBALT, TEGENDRAAD = "8799999000116", "8799999000215"
MERIDIAAN, SPANWERK = "8799999000413", "8799999000611"
ONBEKEND = "8799999000314"

RECEIVED = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
ORDERED = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
DONE = datetime(2026, 6, 3, 13, 0, tzinfo=UTC)

WARNING = Bevinding(code="let-op", pad="/x", ernst=Ernst.WAARSCHUWING, tekst="Veld x: gevonden y, verwacht z.")
ERROR = Bevinding(code="kapot", pad="/x", ernst=Ernst.FOUT, tekst="Veld x: gevonden niets, verwacht iets.")

ORDER = Bericht(
    soort=Soort.OPDRACHT,
    berichtnummer="B-1",
    opdrachtnummer="IN 001",
    opdrachtgever=LINDE,
    aannemer=KOBALT,
    verzonden=Moment(ORDERED),
    inhoud=OpdrachtInhoud(
        datum=Moment(ORDERED),
        soort="REP",
        contract="ZL-KN-2026",
        contractdatum=date(2026, 1, 1),
        regels=(Regel(nummer=1, aantal=Decimal(2), eenheid="PCE", prijscode="PB01"),),
    ),
    personen={"locatie.naam": "M. Verzonnen", "locatie.straat": "Dreef"},
)
STATUS = Bericht(
    soort=Soort.STATUS,
    berichtnummer="S-1",
    opdrachtnummer="in001",
    opdrachtgever=LINDE,
    aannemer=KOBALT,
    inhoud=StatusInhoud(eigen="Werk gereed", gebeurd=Moment(DONE)),
)
PLANNING = Bericht(
    soort=Soort.PLANNING,
    berichtnummer="P-1",
    opdrachtnummer="IN001",
    opdrachtgever=LINDE,
    inhoud=PlanningInhoud(
        gebeurd=Moment(DONE),
        sloten=(Slot(soort=Slotsoort.AFGESPROKEN, begin=DONE, eind=DONE.replace(hour=15)),),
    ),
)


def order(content: OpdrachtInhoud | None = None, **changes: object) -> Bericht:
    inhoud = content or ORDER.inhoud
    return msgspec.structs.replace(ORDER, inhoud=inhoud, **changes)


def content(**changes: object) -> OpdrachtInhoud:
    found = ORDER.inhoud
    assert isinstance(found, OpdrachtInhoud)
    return msgspec.structs.replace(found, **changes)


def status(word: str, detail: str | None = None, **changes: object) -> Bericht:
    inhoud = StatusInhoud(eigen=word, eigen_detail=detail, gebeurd=Moment(DONE))
    return msgspec.structs.replace(STATUS, inhoud=inhoud, **changes)


def part(bericht: Bericht, *warnings: Bevinding) -> Deel:
    return Deel(bericht=bericht, bevindingen=warnings)


def broken(key: tuple[str, str] | None = None, reden: Reden = Reden.ONGELDIG) -> Deel:
    return Deel(reden=reden, bevindingen=(ERROR,), sleutel=key)


class Canned:
    """A reader that gives what it was filled with, whatever the bytes are."""

    def __init__(self, *delen: Deel) -> None:
        self.delen = delen
        self.asked: list[tuple[str, Collection[str] | None]] = []

    def __call__(self, raw: bytes, content_type: str = "", allowed: Collection[str] | None = None) -> Gelezen:
        self.asked.append((content_type, allowed))
        return Gelezen(formaat="json", versie="1", document="x", delen=self.delen)


def raw(kind: str, partner: str, body: bytes = b"bytes", number: int = 0, **attributes: str) -> Output:
    """What the intake writes for message `number` of `partner`."""
    envelope = Envelope(
        id=ids.receipt_id(RECEIVED, number.to_bytes(10, "big")),
        source=partner,
        type="nl.ketenbus.ruw.bericht.v1",
        time=RECEIVED,
        recorded_time=RECEIVED,
        content_type="application/json",
        sha256="ab" * 32,
        **attributes,
    )
    return Output(raw_topic(kind), partner.encode(), body, envelope.headers())
