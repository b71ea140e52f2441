"""The correlator as a processor: envelopes of what it writes, ticks in parts, what stops it and what it sets apart."""

from datetime import datetime

import pytest
from msgspec.structs import replace

from chain.correlate import Correlator, processor
from chain.correlate.processor import KLOK_KEY
from chain.ketens.onderhoud import Dossierstaat, Klokstand, Staat, Uitkomst, tik
from tests.unit.chain.berichten import (
    CORPORATIE,
    KETEN,
    SLEUTEL,
    TOPIC,
    Bericht,
    Bus,
    klok,
    op,
    opdracht,
    record,
    status,
)
from topics import documents, ids, keys
from topics.catalogue.declarations import DOORLOOPTIJD, DOSSIER, SIGNAAL, dead_letter_topic
from topics.deadletters import Letter, original_headers
from topics.documents import Posting, Reden
from topics.documents.keten import Account, Signaal
from topics.envelope import Envelope
from topics.errors import StateCorrupt, UndecodableDocument, UnknownDocument
from topics.runtime.batch import Limits
from topics.runtime.driver import Driver, FakeBus
from topics.runtime.step import Output, Record


def send(bus: FakeBus, bericht: Bericht, sleutel: str = SLEUTEL) -> None:
    """A tick goes into every partition, as the clock writes it."""
    made = record(bericht, 0, sleutel)
    partitions = range(bus.partitions[TOPIC]) if bericht.bron == "clock" else [None]
    for partition in partitions:
        bus.send(Output(TOPIC, made.key, made.value, made.headers, partition), made.timestamp)


def many(count: int) -> list[str]:
    return [keys.order_key(KETEN, CORPORATIE, f"IN{number:03}") for number in range(count)]


# what it writes


@pytest.mark.parametrize("topic", [DOSSIER, DOORLOOPTIJD])
def test_output_follows_from_its_event_as_the_envelope_says(topic: str) -> None:
    order = opdracht("ma 10:00")
    step = Bus().play(order).stappen[0]
    output = next(output for output in step.outputs if output.topic == topic)
    cause = record(order, 1).envelope()
    envelope = Envelope.read(output.headers)
    type_, subject = envelope.type, {DOSSIER: SLEUTEL, DOORLOOPTIJD: f"{SLEUTEL}#acceptatie#0"}[topic]
    assert envelope == Envelope(
        id=ids.derived_id(order.event, type_, subject),
        source="zilverlinde",
        type=type_,
        time=cause.time,
        recorded_time=cause.recorded_time,
        subject=SLEUTEL,
        correlation_id=order.receipt,
        causation_id=order.event,
    )
    assert list(output.headers) == envelope.headers()
    assert output.key == SLEUTEL.encode()


def test_outputs_of_one_event_have_ids_of_their_own() -> None:
    step = Bus().play(opdracht("ma 10:00")).stappen[0]
    assert len({Envelope.read(output.headers).id for output in step.outputs}) == len(step.outputs) == 7


def test_signal_of_a_tick_carries_the_receipt_that_the_dossier_began_with() -> None:
    order = opdracht("ma 10:00")
    bus = Bus().play(order, klok("wo 00:00"))
    signals = [output for step in bus.stappen for output in step.outputs if output.topic == SIGNAAL]
    assert len(signals) == 2
    for output in signals:
        envelope = Envelope.read(output.headers)
        assert (envelope.correlation_id, envelope.causation_id) == (order.receipt, klok("wo 00:00").event)


def test_posting_names_receipt_part_partner_and_day() -> None:
    order = opdracht("ma 10:00")
    (posting,) = Bus().play(order).postings
    assert posting == Posting(
        ontvangst=order.receipt,
        deel="1",
        van=Account.ONDERWEG,
        naar=Account.TOEGEPAST,
        partner="zilverlinde",
        dag=op("ma 10:00").date(),
        uit=order.event,
        dossier=SLEUTEL,
    )


def test_test_messages_stay_in_a_keten_of_their_own() -> None:
    proef = Correlator("proef-onderhoud")
    assert (proef.name, proef.topic) == ("correlate-proef-onderhoud", "proef-onderhoud.gebeurtenis.v1")
    assert Bus(correlator=proef).play(opdracht()).dossier.keten == "proef-onderhoud"


# what stops it, and what it does not understand


def test_unknown_document_stops_the_task() -> None:
    made = record(opdracht(), 0)
    newer = replace(made.envelope(), type="nl.ketenbus.onderhoud.opdracht.v9")
    with pytest.raises(UnknownDocument, match="v9"):
        list(Correlator(KETEN).process(_with(made, newer), Bus(), None))


def test_document_without_a_place_on_the_log_stops_the_task() -> None:
    posting = Bus().play(opdracht()).postings[0]
    with pytest.raises(UnknownDocument, match="no place"):
        Bus().play(Bericht(posting, op("ma 10:00")))


def test_record_without_value_is_undecodable() -> None:
    with pytest.raises(UndecodableDocument, match="no value"):
        list(Correlator(KETEN).process(replace(record(opdracht(), 0), value=None), Bus(), None))


@pytest.mark.parametrize("data", [b"", b"\xff", b"\x10", b"\x10\xff\xff", b"\x21\x90"])
def test_state_of_another_release_is_corrupt(data: bytes) -> None:
    with pytest.raises(StateCorrupt):
        Correlator(KETEN).decode(data)


def test_state_of_the_clock_under_a_dossiers_key_is_corrupt() -> None:
    bus = Bus()
    bus.frames[SLEUTEL] = bus.correlator.encode(Klokstand(0))
    with pytest.raises(StateCorrupt, match="clock"):
        bus.play(opdracht())


# on the runtime


def test_log_becomes_dossiers_and_figures_on_the_runtime() -> None:
    bus = FakeBus()
    driver = Driver(Correlator(KETEN), bus)
    for sleutel in many(3):
        send(bus, opdracht("ma 10:00"), sleutel)
    send(bus, status("ACC", "ma 11:00"), many(3)[0])
    send(bus, klok("wo 00:00"))
    driver.run()
    assert len(bus.records(DOSSIER)) == 4
    assert len(bus.records(SIGNAAL)) == 4
    pair = "8799999000017|8799999000116"
    assert driver.facets() == {
        f"dossier|geaccepteerd|aannemer|{pair}": 1,
        f"dossier|geregistreerd|aannemer|{pair}": 2,
        f"norm|acceptatie|{pair}": 2,
    }


def test_tick_that_is_cut_in_parts_by_crashes_signals_every_dossier_once() -> None:
    bus = FakeBus()
    driver = Driver(Correlator(KETEN), bus, Limits(steps=3, seconds=3600))
    for sleutel in many(40):
        send(bus, opdracht("ma 10:00"), sleutel)
    driver.run()
    send(bus, klok("wo 00:00"))
    while driver.run(transactions=1):
        driver.crash()
    signalled = [found.key.decode() for found in bus.records(SIGNAAL) if _signal(found) == "norm-overschreden"]
    assert sorted(signalled) == many(40)
    assert len(bus.records(SIGNAAL)) == 2 * len(signalled)
    assert driver.state(KLOK_KEY) == Klokstand(int(op("wo 00:00").timestamp() * 1_000_000))


def test_dossier_that_raises_on_a_tick_is_set_apart_and_the_tick_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sick = many(10)[4]

    def raises(kader: object, sleutel: str, staat: Dossierstaat, now: object) -> Uitkomst:
        if sleutel == sick:
            raise ZeroDivisionError("a bug in a rule")
        return tik(kader, sleutel, staat, now)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(processor, "tik", raises)
    bus = FakeBus()
    driver = Driver(Correlator(KETEN), bus)
    for sleutel in many(10):
        send(bus, opdracht("ma 10:00"), sleutel)
    send(bus, klok("wo 00:00"))
    driver.run()
    signals = [(found.key.decode(), _signal(found)) for found in bus.records(SIGNAAL)]
    assert [kind for key, kind in signals if key == sick] == ["geschorst"]
    assert sorted(key for key, kind in signals if kind == "norm-overschreden") == [
        key for key in many(10) if key != sick
    ]
    state = driver.state(sick)
    assert isinstance(state, Dossierstaat)
    assert state.geschorst
    assert driver.facets()["geschorst"] == 1
    assert bus.records(dead_letter_topic(TOPIC)) == []


def test_dead_letter_of_a_waiting_message_is_the_original_and_its_id_is_the_dossiers() -> None:
    bus = FakeBus()
    driver = Driver(Correlator(KETEN), bus)
    early = status("ACC", "ma 10:00", bekend="ma 10:00")
    send(bus, early)
    send(bus, klok("do 10:00"))
    driver.run()
    (dead,) = bus.records(dead_letter_topic(TOPIC))
    original = record(early, 0)
    letter = Letter.read(dead.headers)
    assert (dead.key, dead.value) == (original.key, original.value)
    assert tuple(original_headers(dead.headers)) == tuple(original.headers)
    assert (letter.reden, letter.dossier, letter.stage) == (Reden.ONBEKEND_DOSSIER, SLEUTEL, "correlate-onderhoud")
    state: Staat | None = driver.state(SLEUTEL)
    assert isinstance(state, Dossierstaat)
    assert [brief.id for brief in state.brieven] == [letter.id]


def test_event_that_raises_becomes_a_dead_letter_and_leaves_the_dossier(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = FakeBus()
    driver = Driver(Correlator(KETEN), bus)
    send(bus, opdracht("ma 10:00"))
    driver.run()
    before = driver.state(SLEUTEL)

    def raises(*_: object) -> Uitkomst:
        raise ZeroDivisionError("a bug in a rule")

    monkeypatch.setattr(processor, "decide", raises)
    send(bus, status("ACC", "ma 11:00"))
    driver.run()
    (dead,) = bus.records(dead_letter_topic(TOPIC))
    assert Letter.read(dead.headers).reden is Reden.ONVERWACHT
    assert driver.state(SLEUTEL) == before


def _signal(found: Record) -> str:
    document = documents.decode(found.envelope().type, found.value or b"")
    assert isinstance(document, Signaal)
    return document.soort


def _with(made: Record, envelope: Envelope) -> Record:
    return replace(made, headers=tuple(envelope.headers()))


def test_times_of_an_output_are_the_events_to_the_byte() -> None:
    """Also in the year's repeated hour: the header is taken over, not written anew."""
    at = datetime.fromisoformat("2026-10-25T00:30:00.123456+00:00")
    made = record(opdracht(), 0)
    odd = replace(made.envelope(), time=at, recorded_time=at)
    (step,) = Correlator(KETEN).process(_with(made, odd), Bus(), None)
    given = dict(odd.headers())
    for output in step.outputs:
        assert dict(output.headers)["ce_time"] == given["ce_time"]
