"""Decisions of people in a masked capture: without their names and words, and fit for the letters that are there now."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.masking import open_masker
from chain.besluit.letter import carried
from chain.replay.masking import Masking
from chain.replay.selection import SOURCES
from tests.unit.replay.files import played
from topics import documents
from topics.blobs import MemoryBlobs, blob_ref
from topics.catalogue.declarations import BESLUIT, BESLUITSTAND, DECIDER, SPOOR, raw_topic
from topics.deadletters import Letter
from topics.documents import Account, Bevinding, Ernst, Posting, ce_type
from topics.documents.besluit import (
    Besluit,
    Besluitsoort,
    Besluitstand,
    Kop,
    Origineel,
    Toestand,
    Vervanging,
    Weigering,
)
from topics.documents.keten import Hervat
from topics.envelope import Envelope
from topics.profile import samples
from topics.runtime.driver import FakeBus
from topics.runtime.step import Output, Record

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
PERSON = "Wilhelmina Beslisser"
WORDS = "Bewoner mevrouw Bedacht belde"
RAW = raw_topic("corporatie")


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Record], MemoryBlobs, FakeBus]:
    bus = played(tmp_path_factory.mktemp("played"), 40)
    for number, letter in enumerate(letters(bus)):
        decide(bus, letter, number)
    posting = Posting(
        ontvangst="r",
        deel="1",
        partner="kobaltnoord",
        dag=AT.date(),
        van=Account.UITVAL,
        naar=Account.TERUGGESTUURD,
        uit="b",
        bevindingen=(Bevinding(code="teruggestuurd", pad="/", ernst=Ernst.FOUT, tekst=f"Teruggestuurd: {WORDS}"),),
    )
    send(bus, SPOOR, posting, "posting")
    blobs = MemoryBlobs()
    masking = Masking(open_masker(b"secret", samples.FOLDER), bus.blobs, blobs)
    first = [masking.first(record) for topic in SOURCES for record in bus.records(topic)]
    masking.between()
    return [masking.then(record) for record in first], blobs, bus


def letters(bus: FakeBus) -> list[Record]:
    return [record for topic in SOURCES if topic.endswith(".dlq") for record in bus.records(topic)]


def decide(bus: FakeBus, letter: Record, number: int) -> None:
    """As the desk writes it: what a partner sent goes by reference, an event goes along."""
    raw = letter.topic.startswith("ruw.")
    content = letter.value or b""
    corrected = content + b" "
    decision = Besluit(
        brief=Letter.read(letter.headers).id,
        soort=Besluitsoort.VERVANG if raw and number % 2 else Besluitsoort.STUUR,
        door=PERSON,
        op=AT,
        toelichting=WORDS,
        origineel=Origineel(
            topic=letter.topic,
            partitie=letter.partition,
            positie=letter.offset,
            sleutel=letter.key.decode(),
            koppen=tuple(Kop(*one) for one in letter.headers),
            waarde=None if raw else content,
            blob=bus.blobs.put(content) if raw else None,
        ),
        vervanging=Vervanging(
            blob=bus.blobs.put(corrected), inhoudstype="application/xml", grootte=len(corrected), oordeel="geldig"
        )
        if raw and number % 2
        else None,
    )
    send(bus, BESLUIT, decision, f"decision-{number}", decision.brief)


def send(bus: FakeBus, topic: str, document: Besluit | Posting, id_: str, key: str = "k") -> None:
    actor = document.door if isinstance(document, Besluit) else ""
    envelope = Envelope(id=id_, source="review", type=ce_type(type(document)), time=AT, recorded_time=AT, actor=actor)
    bus.send(Output(topic, key.encode(), documents.encode(document), envelope.headers()))


def decisions(records: list[Record]) -> list[Besluit]:
    found = [documents.decode(ce_type(Besluit), one.value or b"") for one in records if one.topic == BESLUIT]
    return [one for one in found if isinstance(one, Besluit)]


def test_every_decision_still_fits_its_letter_and_finds_its_bodies(
    masked: tuple[list[Record], MemoryBlobs, FakeBus],
) -> None:
    records, blobs, bus = masked
    there = {Letter.read(one.headers).id for one in records if one.topic.endswith(".dlq")}
    found = decisions(records)
    assert len(found) == len(letters(bus)) > 5
    for decision in found:
        assert decision.origineel is not None
        assert carried(decision.origineel, decision.brief).letter.id == decision.brief
        assert decision.brief in there
        for ref in (decision.origineel.blob, decision.vervanging.blob if decision.vervanging else None):
            assert ref is None or blob_ref(blobs.get(ref)) == ref
    assert any(decision.origineel and decision.origineel.blob is None for decision in found)
    assert any(decision.vervanging for decision in found)


def test_letters_of_what_was_masked_have_other_ids_and_the_keys_of_decisions_go_with_them(
    masked: tuple[list[Record], MemoryBlobs, FakeBus],
) -> None:
    records, _, bus = masked
    before = {(one.topic, one.partition, one.offset): one for one in letters(bus)}
    after = {(one.topic, one.partition, one.offset): one for one in records if one.topic.endswith(".dlq")}
    changed = [at for at, one in before.items() if one.value != after[at].value]
    assert len(changed) >= 3
    for at, one in before.items():
        same = Letter.read(one.headers).id == Letter.read(after[at].headers).id
        assert same is (at not in changed)
    keys = [one.key.decode() for one in records if one.topic == BESLUIT]
    assert keys == [decision.brief for decision in decisions(records)]


def test_nobody_who_decided_is_named_and_none_of_their_words_is_left(
    masked: tuple[list[Record], MemoryBlobs, FakeBus], tmp_path: Path
) -> None:
    records, _, _ = masked
    whole = b"".join((one.value or b"") + b"".join(value for _, value in one.headers) for one in records)
    assert PERSON.encode() not in whole
    assert b"Bedacht belde" not in whole
    assert len({decision.door for decision in decisions(records)}) == 1
    assert b"Teruggestuurd: Gemaskeerd" in whole


def test_a_hash_of_what_was_sent_is_the_hash_of_what_is_there(
    masked: tuple[list[Record], MemoryBlobs, FakeBus],
) -> None:
    records, _, _ = masked
    raw = [one for one in records if one.topic in ("ruw.corporatie.v1", "ruw.aannemer.v1") and one.value]
    assert len(raw) > 20
    for one in raw:
        assert dict(one.headers)["ce_sha256"].decode() == hashlib.sha256(one.value or b"").hexdigest()


def test_a_name_in_a_header_is_masked_wherever_a_decision_left_it() -> None:
    actor = [("ce_actor", PERSON.encode()), ("ce_channel", DECIDER.encode())]
    decision = Besluit(
        brief="b",
        soort=Besluitsoort.STUUR,
        door=PERSON,
        op=AT,
        origineel=Origineel(
            topic=f"{RAW}.dlq",
            partitie=0,
            positie=1,
            sleutel="p",
            koppen=tuple(Kop(*one) for one in actor),
            waarde=b"{}",
        ),
    )
    lifted = Hervat(partner="p", door=PERSON, reden=WORDS)
    refused = Weigering(
        besluit="c", soort="keur", door=PERSON, code="zelfde-persoon", tekst=f"door: gevonden {PERSON!r}"
    )
    stand = Besluitstand(brief="b", toestand=Toestand.WACHT, bijgewerkt=AT, door=PERSON, geweigerd=(refused,))
    masking = Masking(open_masker(b"secret", samples.FOLDER), MemoryBlobs(), MemoryBlobs())
    for topic, document in ((BESLUIT, decision), (RAW, lifted), (BESLUITSTAND, stand)):
        envelope = Envelope(id="i", source="s", type=ce_type(type(document)), time=AT, recorded_time=AT, actor=PERSON)
        record = Record(topic, 0, 0, 0, b"k", documents.encode(document), tuple(envelope.headers()))
        made = masking.then(masking.first(record))
        told = documents.decode(ce_type(type(document)), made.value or b"")
        assert PERSON not in f"{made.headers} {told}"
        assert b"ce_actor" in str(made.headers).encode()


def test_of_an_error_of_ours_a_letter_keeps_the_name_alone() -> None:
    headers = (("dlq.reason", b"onverwacht"), ("dlq.message", f"Onbekend: found '{WORDS}'".encode()))
    masking = Masking(open_masker(b"secret", samples.FOLDER), MemoryBlobs(), MemoryBlobs())
    made = masking.first(Record(f"{RAW}.dlq", 0, 0, 0, b"p", b"{}", headers))
    assert dict(made.headers)["dlq.message"] == b"Onbekend"
