"""What dossiers tell each other: told once, kept apart from the account, and the same in any order of arrival."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.correlate import Correlator
from chain.ketens.onderhoud import soorten
from tests.unit.chain.berichten import AANNEMER, CORPORATIE, TOPIC, Bus, record
from tests.unit.chain.dossiers import (
    EENHEID,
    ONDERAANNEMER,
    Keten,
    Zending,
    dag,
    klok,
    mutatie_sleutel,
    opdracht,
    sleutel,
    stap,
    status,
)
from topics import documents, ids
from topics.catalogue.declarations import DOORLOOPTIJD, DOSSIER, SIGNAAL, SPOOR, dead_letter_topic
from topics.documents import Reden, ce_type
from topics.documents.factuur import Factuurafronding, Factuurantwoord, Factuurdeel
from topics.documents.keten import Doorlooptijd
from topics.documents.onderhoud import (
    Eenheidsantwoord,
    Eenheidsmelding,
    Mutatiemelding,
    Mutatiestap,
    Onderaanneming,
)
from topics.envelope import Envelope
from topics.errors import UnknownDocument
from topics.kafka import Write
from topics.runtime.batch import Limits
from topics.runtime.driver import Driver, FakeBus, run_until_quiet
from topics.runtime.step import Record

REEKS = [opdracht("A", 0), status("A", "ACC", 0.5), status("A", "TGE", 2), status("A", "AGE", 3)]


# how it travels


def test_derived_event_follows_from_its_cause_as_the_envelope_says() -> None:
    order = opdracht("A", 0)
    cause = record(order.bericht, 1, order.sleutel).envelope()
    ((envelope, document),) = Keten().speel(order).afgeleid()
    type_ = ce_type(Eenheidsmelding)
    assert envelope == Envelope(
        id=ids.derived_id(cause.id, type_, f"{sleutel('A')}#{EENHEID}"),
        source="zilverlinde",
        type=type_,
        time=cause.time,
        recorded_time=cause.recorded_time,
        subject=EENHEID,
        correlation_id=order.bericht.receipt,
        causation_id=cause.id,
        sha256=cause.sha256,
    )
    assert document == Eenheidsmelding(
        opdracht=sleutel("A"), element="kraan", elementen=("kraan",), soort="REP", begin=dag(0), reeks=1
    )


def test_derived_event_is_written_in_the_transaction_of_its_cause() -> None:
    keten = Keten().stuur(opdracht("A", 0))
    keten.driver.run(transactions=1)
    assert {read.key for read in keten.bus.records(TOPIC)} == {sleutel("A").encode(), EENHEID.encode()}
    assert keten.driver.state(sleutel("A")) is not None
    assert keten.driver.state(EENHEID) is None
    keten.driver.run()
    assert keten.driver.state(EENHEID) is not None


def test_order_without_unit_vacancy_or_order_above_tells_nobody() -> None:
    keten = Keten().speel(opdracht("A", 0, eenheid=None), status("A", "TGE", 1))
    assert keten.afgeleid() == []
    assert list(keten.alle()) == [sleutel("A")]


def test_number_that_yields_no_key_tells_nobody() -> None:
    assert Keten().speel(opdracht("A", 0, eenheid=" " + chr(0xFEFF))).afgeleid() == []


def test_only_what_changed_is_told() -> None:
    keten = Keten().speel(*REEKS[:2], status("A", "VIN", 1), status("A", "AIN", 1.5))
    assert len(keten.aan(EENHEID)) == 1
    keten.speel(status("A", "TGE", 2))
    assert [type(one) for one in keten.aan(EENHEID)] == [Eenheidsmelding] * 2


def test_only_the_dossier_that_it_concerns_is_told() -> None:
    keten = Keten().speel(opdracht("A", 0, mutatie="M1"), opdracht("A", 1, mutatie="M1", elementen=("deur",)))
    assert (len(keten.aan(EENHEID)), len(keten.aan(mutatie_sleutel("M1")))) == (2, 1)


def test_change_of_unit_tells_both() -> None:
    keten = Keten().speel(opdracht("A", 0), opdracht("A", 1, eenheid="VHE-2"))
    other = EENHEID.replace("VHE-1", "VHE-2")
    first, last = keten.aan(EENHEID)
    (told,) = keten.aan(other)
    assert isinstance(first, Eenheidsmelding)
    assert isinstance(last, Eenheidsmelding)
    assert (first.vervallen, last.vervallen) == (False, True)
    assert isinstance(told, Eenheidsmelding)
    assert not told.vervallen
    assert (keten.dossier(EENHEID).opdrachten, keten.dossier(other).opdrachten) == ((), (sleutel("A"),))


def test_an_answer_never_causes_another_question() -> None:
    """Whatever an order hears, it tells nothing."""
    keten = Keten().speel(*REEKS, opdracht("B", 5))
    answers = [envelope.id for envelope, document in keten.afgeleid() if isinstance(document, Eenheidsantwoord)]
    assert answers
    causes = {envelope.causation_id for envelope, _ in keten.afgeleid()}
    assert not causes & set(answers)


def test_derived_events_post_nothing() -> None:
    keten = Keten().speel(*REEKS, opdracht("B", 5), status("B", "ANN", 6))
    assert len(keten.afgeleid()) > 4
    assert len(keten.postings) == 6
    assert set(keten.rekening().values()) == {"toegepast"}


# a second time


def test_derived_event_that_is_written_twice_changes_nothing() -> None:
    keten = Keten().speel(*REEKS, opdracht("B", 5))
    before, state = len(keten.bus.records(DOSSIER)), keten.driver.state(EENHEID)
    for read in keten.bus.records(TOPIC):
        if not read.envelope().part:
            keten.bus.write(Write(TOPIC, read.partition, read.key, read.value, tuple(read.headers), read.timestamp))
    log = len(keten.bus.records(TOPIC))
    run_until_quiet(keten.driver)
    assert keten.driver.state(EENHEID) == state
    assert (len(keten.bus.records(DOSSIER)), len(keten.bus.records(TOPIC))) == (before, log)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_nothing_is_told_twice_when_the_task_ends_between_transactions(steps: int) -> None:
    whole = Keten().stuur(*REEKS, opdracht("B", 5), klok(100))
    run_until_quiet(whole.driver)
    cut = Keten().stuur(*REEKS, opdracht("B", 5), klok(100))
    cut.driver = Driver(Correlator("onderhoud"), cut.bus, Limits(steps=steps, seconds=3600))
    while cut.driver.run(transactions=1):
        cut.driver.crash()
    told = [envelope.id for envelope, _ in cut.afgeleid()]
    assert len(set(told)) == len(told)
    assert cut.alle() == whole.alle()
    assert cut.rekening() == whole.rekening()


def test_rebuild_of_the_log_tells_the_same_and_changes_nothing() -> None:
    """What the rebuild writes to the log again has the ids that are there already."""
    keten = Keten().speel(*REEKS, opdracht("B", 5), status("B", "ANN", 6), klok(60))
    again = Keten(bus=_copied(keten.bus.records(TOPIC)))
    run_until_quiet(again.driver)
    told = [envelope.id for envelope, _ in keten.afgeleid()]
    assert sorted(envelope.id for envelope, _ in again.afgeleid()) == sorted(told * 2)
    for topic in (DOSSIER, DOORLOOPTIJD, SIGNAAL, SPOOR):
        assert _bytes(again.bus.records(topic)) == _bytes(keten.bus.records(topic))


def _copied(records: list[Record]) -> FakeBus:
    bus = FakeBus()
    for read in records:
        bus.write(Write(read.topic, read.partition, read.key, read.value, tuple(read.headers), read.timestamp))
    return bus


def _bytes(records: list[Record]) -> list[tuple[bytes, bytes | None, tuple[tuple[str, bytes], ...]]]:
    return sorted((read.key, read.value, tuple(read.headers)) for read in records)


# in any order


WEEK = [
    opdracht("A", 0, mutatie="M1"),
    opdracht("B", 3),
    opdracht(
        "C", 4, elementen=("deur", "Kraan"), boven=(CORPORATIE, "A"), opdrachtgever=AANNEMER, aannemer=ONDERAANNEMER
    ),
    status("A", "TGE", 1),
    status("A", "REV", 1.5),
    status("A", "TGE", 2),
    status("A", "AGE", 2.5),
    status("B", "ANN", 6, door=CORPORATIE),
    opdracht("D", 7, elementen=("deur",), mutatie="M1"),
    opdracht("D", 8, elementen=("kraan",), eenheid="VHE-2", mutatie="M1", bericht="D2"),
    status("D", "TGE", 9),
    stap("M1", Mutatiestap.OPGEZEGD, 0),
    stap("M1", Mutatiestap.SLEUTELS_IN, 1),
    stap("M1", Mutatiestap.OPGELEVERD, 12),
]


def conclusions(zendingen: list[Zending]) -> tuple[object, ...]:
    keten = Keten().stuur(*zendingen)
    run_until_quiet(keten.driver)
    keten.speel(klok(200))
    measures = {
        (key, maat): (last.stand, last.begin, last.eind, last.kalenderdagen)
        for key in keten.alle()
        for maat in {one.maat for one in _measures(keten, key)}
        if (last := keten.maat(key, maat)).stand.value != "ingetrokken"
    }
    return keten.alle(), measures, sorted(keten.rekening().values())


def _measures(keten: Keten, key: str) -> list[Doorlooptijd]:
    read = [documents.decode(one.envelope().type, one.value or b"") for one in keten.bus.records(DOORLOOPTIJD)]
    return [one for one in read if isinstance(one, Doorlooptijd) and one.dossier == key]


@given(st.permutations(WEEK))
@settings(max_examples=60, deadline=None)
def test_any_order_of_arrival_ends_in_the_same_set_of_dossiers(order: list[Zending]) -> None:
    assert conclusions(order) == conclusions(WEEK)


# what has no place


@pytest.mark.parametrize(
    ("zending", "key"),
    [
        (status("A", "ACC", 1), EENHEID),
        (status("A", "ACC", 1), mutatie_sleutel("M1")),
        (stap("M1", Mutatiestap.OPGEZEGD, 1), sleutel("A")),
        (stap("M1", Mutatiestap.OPGEZEGD, 1), EENHEID),
        (opdracht("A", 1), "onderhoud/factuur/NL1/F1"),
    ],
)
def test_document_without_a_place_on_that_kind_of_dossier_stops_the_task(zending: Zending, key: str) -> None:
    with pytest.raises(UnknownDocument):
        Keten().speel(Zending(zending.bericht, key))


def test_every_derived_event_is_heard_by_the_kinds_of_dossier_that_the_readme_names() -> None:
    heard = {soort.naam: set(soort.afgeleid) for soort in soorten.SOORTEN.values()}
    assert heard == {
        "opdracht": {Eenheidsantwoord, Onderaanneming, Factuurdeel, Factuurafronding},
        "eenheid": {Eenheidsmelding},
        "mutatie": {Mutatiemelding},
        "factuur": {Factuurantwoord},
        "contract": {Factuurdeel},
    }


def test_derived_event_that_a_rule_raises_on_is_a_letter_without_posting(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object) -> None:
        raise ZeroDivisionError("rule")

    monkeypatch.setattr(sys.modules["chain.ketens.onderhoud.decide"], "horen", raises)
    keten = Keten().speel(opdracht("A", 0))
    (letter,) = keten.bus.records(dead_letter_topic(TOPIC))
    assert dict(letter.headers)["dlq.reason"] == Reden.ONVERWACHT.value.encode()
    assert keten.rekening() == {opdracht("A", 0).bericht.receipt: "toegepast"}


@pytest.mark.parametrize("key", [EENHEID, mutatie_sleutel("M1")])
def test_dossier_that_raises_on_a_tick_is_set_apart_until_it_hears_again(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raises(*_: object) -> None:
        raise ZeroDivisionError("rule")

    keten = Keten().speel(opdracht("A", 0, mutatie="M1"), status("A", "ANN", 1))
    with monkeypatch.context() as patched:
        patched.setattr(sys.modules["chain.ketens.onderhoud.soorten"], "tik_as", raises)
        keten.speel(klok(3000))
    assert keten.driver.facets()["geschorst"] == 3
    assert [one.soort for one in keten.signalen(key)] == ["geschorst"]
    keten.speel(opdracht("B", 3001, mutatie="M1"))
    assert [one.ingetrokken for one in keten.signalen(key)] == [False, True]


def test_test_messages_tell_only_dossiers_of_their_own_keten() -> None:
    order = opdracht("A", 0, mutatie="M1", boven=(CORPORATIE, "B")).bericht
    steps = list(Correlator("proef-onderhoud").process(record(order, 1, f"proef-{sleutel('A')}"), Bus(), None))
    told = {output.key.decode() for step in steps for output in step.outputs if output.topic == TOPIC}
    assert told == {f"proef-{key}" for key in (EENHEID, mutatie_sleutel("M1"), sleutel("B"))}
