"""Letters that are no part of a message, and what a decision may not carry."""

from datetime import UTC, datetime

import msgspec
import pytest

from chain.besluit import rules
from chain.besluit.forward import forwarded
from chain.besluit.letter import Carried, carried
from chain.besluit.rules import Refusal
from topics.catalogue.declarations import BESLUIT, SPOOR, dead_letter_topic
from topics.deadletters import Letter, id_of
from topics.documents import Account, Document, Posting, Reden, ce_type, encode
from topics.documents.besluit import Besluit, Besluitsoort, Kop, Koppeling, Origineel
from topics.documents.keten import Klok
from topics.documents.onderhoud import Eenheidsmelding
from topics.envelope import Envelope
from topics.runtime.step import Record

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
UNIT = "onderhoud/eenheid/8799999000017/VHE1"
LOG = "onderhoud.gebeurtenis.v1"


def failed(topic: str, document: Document, source: str, *, key: str, receipt: str = "", part: str = "") -> Besluit:
    """A decision to send again what failed on `topic`."""
    envelope = Envelope(
        id="e1", source=source, type=ce_type(type(document)), time=AT, recorded_time=AT, subject=key,
        correlation_id=receipt, causation_id="teller", part=part,
    )  # fmt: skip
    record = Record(topic, 0, 7, 0, key.encode(), encode(document), tuple(envelope.headers()))
    letter = Letter(
        id=id_of(record, envelope, part, "s"), topic=topic, partition=0, offset=7, timestamp=0, reden=Reden.ONVERWACHT,
        stage="s", at=AT, partner=source, dossier=key, receipt=receipt, part=part,
    )  # fmt: skip
    koppen = tuple(Kop(*header) for header in [*record.headers, *letter.headers()])
    original = Origineel(
        topic=dead_letter_topic(topic), partitie=0, positie=1, sleutel=key, koppen=koppen, waarde=record.value
    )
    return Besluit(brief=letter.id, soort="stuur", door="Anna", op=AT, toelichting="hersteld", origineel=original)


TOLD = failed(LOG, Eenheidsmelding(opdracht="o", begin=AT), "zilverlinde", key=UNIT, receipt="r1")
TICK = failed(LOG, Klok(tot=AT), "clock", key="klok")
POSTED = failed(
    SPOOR,
    Posting(ontvangst="r1", deel="1", van=Account.ONDERWEG, naar=Account.DUBBEL, partner="p", dag=AT.date(), uit="e"),
    "p", key="r1", receipt="r1", part="1",
)  # fmt: skip
DECIDED = failed(BESLUIT, Besluit(brief="b", soort="stuur", door="x", op=AT), "review", key="b")


def read(besluit: Besluit) -> Carried:
    found = rules.read(besluit)
    assert isinstance(found, Carried), found
    return found


@pytest.mark.parametrize("besluit", [TOLD, POSTED])
def test_what_is_no_part_of_a_message_is_sent_again_and_moves_nothing(besluit: Besluit) -> None:
    letter = read(besluit)
    done = forwarded("d1", besluit, letter, AT)
    assert (done.postings, done.naar) == ((), None)
    [again] = done.outputs
    assert (again.topic, again.key, again.value) == (letter.record.topic, letter.record.key, letter.record.value)
    assert besluit.origineel is not None
    once_more = msgspec.structs.replace(letter.record, headers=tuple(again.headers))
    assert id_of(once_more, once_more.envelope(), letter.letter.part, "s") != besluit.brief


@pytest.mark.parametrize("besluit", [TICK, DECIDED])
def test_a_tick_and_a_decision_are_not_sent_again_but_can_be_settled(besluit: Besluit) -> None:
    refused = rules.read(besluit)
    assert isinstance(refused, Refusal)
    assert refused.code == "past-niet"
    settled = msgspec.structs.replace(besluit, soort="afvoer")
    done = forwarded("d1", settled, read(settled), AT)
    assert (done.outputs, done.postings) == ((), ())


@pytest.mark.parametrize("soort", [Besluitsoort.RETOUR, Besluitsoort.VERVANG, Besluitsoort.HERMAP, Besluitsoort.KOPPEL])
@pytest.mark.parametrize("besluit", [TOLD, TICK, POSTED, DECIDED])
def test_what_nobody_sent_goes_back_to_nobody_and_is_not_replaced(besluit: Besluit, soort: Besluitsoort) -> None:
    other = msgspec.structs.replace(besluit, soort=soort.value, koppeling=Koppeling(opdrachtnummer="N"))
    assert isinstance(rules.read(other), Refusal)


def test_a_decision_carries_the_letter_that_it_names_and_no_other() -> None:
    assert TOLD.origineel is not None
    assert carried(TOLD.origineel, TOLD.brief).letter.id == TOLD.brief
    bodies = (b"{}", (TOLD.origineel.waarde or b"") + b" ")
    for body in bodies:
        forged = msgspec.structs.replace(TOLD, origineel=msgspec.structs.replace(TOLD.origineel, waarde=body))
        refused = rules.read(forged)
        assert isinstance(refused, Refusal)
        assert refused.code == "andere-brief"
    other = rules.read(msgspec.structs.replace(TOLD, brief="a" * 32))
    assert isinstance(other, Refusal)
    assert other.code == "andere-brief"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("soort", "verzin", "onbekende-soort"),
        ("door", " ", "zonder-naam"),
        ("toelichting", "", "zonder-reden"),
        ("origineel", None, "brief-ontbreekt"),
    ],
)
def test_a_refusal_says_why(field: str, value: object, code: str) -> None:
    refused = rules.read(msgspec.structs.replace(TOLD, **{field: value}))
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert "verwacht" in refused.tekst
