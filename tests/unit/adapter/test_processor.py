"""The adapter on a bus in memory: what one message leaves on which topic."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from adapters.adapter.flood import Toestand
from adapters.adapter.processor import AdapterProcessor
from adapters.kinds import AANNEMER, CORPORATIE
from adapters.message import Deel, Gelezen, StatusInhoud
from tests.unit.adapter.messages import (
    KOBALT,
    LINDE,
    RECEIVED,
    STATUS,
    WARNING,
    Canned,
    broken,
    order,
    part,
    raw,
    status,
)
from topics import ids
from topics.deadletters import Letter
from topics.documents import Account, Bevinding, Document, Ernst, Moment, Posting, Reden, ce_type, decode, encode
from topics.documents.content import content_hash
from topics.documents.keten import Hervat, Opschorting, Persoon, Tik, Uitval, Watermerk
from topics.documents.onderhoud import Opdracht, Status
from topics.envelope import Envelope
from topics.errors import StateCorrupt, UnknownDocument
from topics.profile.registry import Registry
from topics.runtime.driver import Driver, FakeBus
from topics.runtime.step import Output, Record

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


def test_an_order_leaves_an_event_personal_data_and_one_opening(registry: Registry) -> None:
    bus = Bus()
    driver = Driver(AdapterProcessor(CORPORATIE, registry, Canned(part(order()))), bus)
    record = bus.send(raw("corporatie", "zilverlinde"))
    driver.run()
    ((envelope, document, event),) = bus.seen(LOG)
    assert isinstance(document, Opdracht)
    assert event.key.decode() == envelope.subject == KEY
    assert envelope.id == ids.event_id(RECEIPT, "1", "nl.ketenbus.onderhoud.opdracht.v1")
    assert (envelope.correlation_id, envelope.causation_id, envelope.part) == (RECEIPT, RECEIPT, "1")
    assert (envelope.source, envelope.sha256, envelope.position) == ("zilverlinde", "ab" * 32, record.position)
    assert (envelope.time.hour, envelope.recorded_time) == (8, RECEIVED)
    assert envelope.content_hash == content_hash(document)
    ((about, person, stored),) = bus.seen("keten.persoon.v1")
    assert person == Persoon(velden=order().personen)
    assert stored.key.decode() == document.persoon == f"{KEY}#{RECEIPT}"
    assert (about.subject, about.correlation_id) == (KEY, RECEIPT)
    assert b"Verzonnen" not in (event.value or b"")
    opening, note = bus.postings()
    assert (opening.ontvangst, opening.delen, opening.van, opening.naar) == (RECEIPT, 1, None, Account.ONDERWEG)
    assert opening.partner == "zilverlinde"
    assert (note.van, note.naar, note.deel) == (Account.ONDERWEG, Account.ONDERWEG, "1")
    assert [finding.code for finding in note.bevindingen] == ["urgentie-afgeleid"]
    assert bus.letters("corporatie") == []


def test_a_message_without_personal_data_or_warnings_leaves_only_its_event(registry: Registry) -> None:
    known = msgspec.structs.replace(STATUS, inhoud=StatusInhoud(eigen="Vraag", gebeurd=Moment(RECEIVED)))
    bus, driver = contractor(registry, part(known))
    bus.send(raw("aannemer", "kobalt-noord"))
    driver.run()
    assert len(bus.seen(LOG)) == 1
    assert [posting.delen for posting in bus.postings()] == [1]
    assert bus.records("keten.persoon.v1") == []


def test_warnings_of_a_part_that_passes_reach_its_sender(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("Vraag"), WARNING))
    bus.send(raw("aannemer", "kobalt-noord"))
    driver.run()
    note = bus.postings()[-1]
    assert (note.van, note.naar, note.dossier) == (Account.ONDERWEG, Account.ONDERWEG, KEY)
    assert WARNING in note.bevindingen


def test_an_unreadable_message_becomes_one_dead_letter_with_its_original(registry: Registry) -> None:
    bus, driver = contractor(registry, broken(reden=Reden.ONLEESBAAR))
    record = bus.send(raw("aannemer", "kobalt-noord", b"\xff\x00 rommel"))
    driver.run()
    ((letter, kept),) = bus.letters("aannemer")
    assert (kept.key, kept.value) == (record.key, b"\xff\x00 rommel")
    assert (letter.reden, letter.partner, letter.receipt, letter.part) == (
        Reden.ONLEESBAAR,
        "kobalt-noord",
        RECEIPT,
        "-",
    )
    assert moves(bus) == [("-", None, Account.ONDERWEG), ("-", Account.ONDERWEG, Account.UITVAL)]
    assert bus.postings()[1].reden is Reden.ONLEESBAAR
    assert bus.postings()[1].bevindingen == letter.bevindingen
    assert bus.records(LOG) == []


def test_a_failed_part_with_a_known_dossier_makes_that_dossier_onvolledig(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("onzin")))
    bus.send(raw("aannemer", "kobalt-noord"))
    driver.run()
    ((envelope, fact, record),) = bus.seen(LOG)
    ((letter, _),) = bus.letters("aannemer")
    assert fact == Uitval(brief=letter.id, reden=Reden.ONBEKENDE_CODE, afzender=KOBALT)
    assert (record.key.decode(), letter.dossier, envelope.correlation_id) == (KEY, KEY, RECEIPT)
    assert bus.postings()[-1].dossier == KEY


def test_a_letter_of_a_body_in_the_object_store_is_named_the_same_on_the_log(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("onzin")))
    bus.send(raw("aannemer", "kobalt-noord", b"resolved", dataref="sha256:" + "ab" * 32))
    driver.run()
    ((_, fact, _),) = bus.seen(LOG)
    ((letter, _),) = bus.letters("aannemer")
    assert isinstance(fact, Uitval)
    assert fact.brief == letter.id


def test_a_finding_about_a_person_is_quoted_nowhere_but_in_the_letter_itself(registry: Registry) -> None:
    finding = Bevinding(
        code="naam", pad="/naam", ernst=Ernst.FOUT, tekst="Gevonden 'Piet'", waarde="Piet", persoonlijk=True
    )
    bus, driver = contractor(registry, Deel(reden=Reden.ONGELDIG, bevindingen=(finding,)))
    bus.send(raw("aannemer", "kobalt-noord"))
    driver.run()
    ((letter, _),) = bus.letters("aannemer")
    assert "Piet" not in letter.tekst
    assert all(b"Piet" not in (record.value or b"") for record in bus.records("keten.spoor.v1"))


def test_evidence_has_the_hash_of_the_bytes_even_when_the_raw_record_lacks_it(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("Vraag")))
    output = raw("aannemer", "kobalt-noord", b"abc")
    headers = [(name, value) for name, value in output.headers if name != "ce_sha256"]
    bus.send(msgspec.structs.replace(output, headers=headers))
    driver.run()
    ((envelope, _, _),) = bus.seen(LOG)
    assert envelope.sha256 == hashlib.sha256(b"abc").hexdigest()


def test_each_part_of_a_message_ends_by_itself(registry: Registry) -> None:
    personal = msgspec.structs.replace(status("Vraag"), personen={"tekst": "bel mij"})
    bus, driver = contractor(registry, part(personal), part(status("onzin")), part(status("Aanvulling")), broken())
    bus.send(raw("aannemer", "kobalt-noord"))
    driver.run()
    assert moves(bus) == [
        ("-", None, Account.ONDERWEG),
        ("1", Account.ONDERWEG, Account.ONDERWEG),
        ("2", Account.ONDERWEG, Account.UITVAL),
        ("3", Account.ONDERWEG, Account.ONDERWEG),
        ("4", Account.ONDERWEG, Account.UITVAL),
    ]
    assert bus.postings()[0].delen == 4
    events = [(envelope.part, type(document)) for envelope, document, _ in bus.seen(LOG)]
    assert events == [("1", Status), ("2", Uitval), ("3", Status)]
    assert [letter.part for letter, _ in bus.letters("aannemer")] == ["2", "4"]
    assert [record.key.decode() for record in bus.records("keten.persoon.v1")] == [f"{KEY}#{RECEIPT}.1"]


def test_a_partner_without_a_profile_is_refused_unread(registry: Registry) -> None:
    reader = Canned(part(STATUS))
    bus = Bus()
    driver = Driver(AdapterProcessor(AANNEMER, registry, reader), bus)
    bus.send(raw("aannemer", "vreemd"))
    bus.send(raw("aannemer", "zilverlinde", number=1))
    driver.run()
    assert [letter.reden for letter, _ in bus.letters("aannemer")] == [Reden.ONBEVOEGD, Reden.ONBEVOEGD]
    assert reader.asked == []
    assert len([posting for posting in bus.postings() if posting.delen == 1]) == 2


def test_the_format_is_read_as_the_profile_allows_it(registry: Registry) -> None:
    reader = Canned(part(STATUS))
    driver = Driver(AdapterProcessor(AANNEMER, registry, reader), bus := Bus())
    bus.send(raw("aannemer", "kobalt-noord"))
    driver.run()
    assert reader.asked == [("application/json", ("dico", "json"))]


def test_a_tick_is_answered_with_the_watermark_of_its_partition(registry: Registry) -> None:
    bus, driver = contractor(registry)
    envelope = Envelope(id="tik-1", source="clock", type=ce_type(Tik), time=RECEIVED, recorded_time=RECEIVED)
    for partition in (1, 0):
        bus.send(Output("ruw.aannemer.v1", b"klok", encode(Tik(tot=RECEIVED)), envelope.headers(), partition))
    driver.run()
    found = bus.seen("keten.watermerk.v1")
    assert sorted(record.key.decode() for _, _, record in found) == ["ruw.aannemer.v1/0", "ruw.aannemer.v1/1"]
    assert {document for _, document, _ in found} == {
        Watermerk(topic="ruw.aannemer.v1", partitie=partition, tot=RECEIVED) for partition in (0, 1)
    }
    assert {about.source for about, _, _ in found} == {"clock"}
    assert len({about.id for about, _, _ in found}) == 2
    assert bus.postings() == []


def test_a_mark_of_a_newer_release_stops_the_task(registry: Registry) -> None:
    bus, driver = contractor(registry)
    envelope = Envelope(id="t", source="clock", type="nl.ketenbus.tik.v9", time=RECEIVED, recorded_time=RECEIVED)
    bus.send(Output("ruw.aannemer.v1", b"klok", b"{}", envelope.headers()))
    with pytest.raises(UnknownDocument):
        driver.run()


def flood(bus: Bus, driver: Driver[Toestand], count: int, partner: str = "kobalt-noord", start: int = 0) -> None:
    for number in range(start, start + count):
        bus.send(raw("aannemer", partner, number=number))
    driver.run()


def lift(bus: Bus, partner: str = "kobalt-noord") -> None:
    document = Hervat(partner=partner, door="J. Beheer", reden="ERP hersteld")
    envelope = Envelope(id="h-1", source="beheer", type=ce_type(Hervat), time=RECEIVED, recorded_time=RECEIVED)
    bus.send(Output("ruw.aannemer.v1", partner.encode(), encode(document), envelope.headers()))


def test_a_partner_that_floods_is_suspended_once_and_its_raw_messages_are_still_handled(registry: Registry) -> None:
    bus, driver = contractor(registry, broken())
    flood(bus, driver, 49)
    assert bus.suspensions() == []
    flood(bus, driver, 30, start=49)
    (found,) = bus.suspensions()
    assert (found.partner, found.actief, found.uitval, found.van) == ("kobalt-noord", True, 50, 50)
    assert "50 berichten achtereen" in found.oorzaak
    assert "ongeldig" in found.oorzaak
    assert len(bus.letters("aannemer")) == 79
    assert driver.facets() == {"opgeschort": 1}


def test_a_share_of_dead_letters_suspends_too(changed: Callable[[str, str, str], Registry]) -> None:
    limits = '[overstroming]\nvenster = 10\nminimaal = 10\naandeel = "0.3"\nachtereen = 9\n'
    registry = changed("kobalt-noord", "[statussen]", f"{limits}\n[statussen]")
    bus = Bus()
    canned = Canned()
    driver = Driver(AdapterProcessor(AANNEMER, registry, canned), bus)
    for number, good in enumerate([*[False] * 3, *[True] * 7, False]):
        canned.delen = (part(status("Vraag")) if good else broken(),)
        flood(bus, driver, 1, start=number)
        # three of the first ten, but the tenth was right: a flood begins with a dead letter
        assert bool(bus.suspensions()) == (number == 10)
    assert "3 van de laatste 10" in bus.suspensions()[0].oorzaak


def test_one_right_message_breaks_a_row_of_dead_letters(changed: Callable[[str, str, str], Registry]) -> None:
    limits = '[overstroming]\nvenster = 100\nminimaal = 5\naandeel = "1"\nachtereen = 5\n'
    registry = changed("kobalt-noord", "[statussen]", f"{limits}\n[statussen]")
    bus = Bus()
    canned = Canned()
    driver = Driver(AdapterProcessor(AANNEMER, registry, canned), bus)
    for number, good in enumerate([True, *[False] * 4, True, *[False] * 4]):
        canned.delen = (part(status("Vraag")) if good else broken(),)
        flood(bus, driver, 1, start=number)
    assert bus.suspensions() == []
    flood(bus, driver, 1, start=50)
    assert "5 berichten achtereen" in bus.suspensions()[0].oorzaak


def test_other_partners_are_counted_apart(registry: Registry) -> None:
    bus, driver = contractor(registry, broken())
    flood(bus, driver, 30)
    flood(bus, driver, 30, "tegendraad", start=30)
    assert bus.suspensions() == []


def test_lifting_a_suspension_empties_the_window(registry: Registry) -> None:
    bus, driver = contractor(registry, broken())
    flood(bus, driver, 60)
    lift(bus)
    flood(bus, driver, 49, start=100)
    suspended, lifted = bus.suspensions()
    assert (suspended.actief, lifted.actief) == (True, False)
    assert (lifted.door, lifted.oorzaak) == ("J. Beheer", "ERP hersteld")
    flood(bus, driver, 1, start=200)
    assert [one.actief for one in bus.suspensions()] == [True, False, True]
    assert len({envelope.id for envelope, _, _ in bus.seen("keten.opschorting.v1")}) == 3


def test_the_flood_survives_a_restart(registry: Registry) -> None:
    bus, driver = contractor(registry, broken())
    flood(bus, driver, 30)
    driver.crash()
    flood(bus, driver, 30, start=30)
    assert len(bus.suspensions()) == 1


def test_a_state_of_another_release_is_corrupt_and_not_guessed(registry: Registry) -> None:
    processor = AdapterProcessor(AANNEMER, registry)
    for data in (b"", b"\x02\x90", b"\x01\xff"):
        with pytest.raises(StateCorrupt):
            processor.decode(data)


def test_a_part_that_is_sent_again_is_handled_alone_and_opens_nothing(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("Vraag")), part(status("Aanvulling")), part(status("Antwoord")))
    bus.send(raw("aannemer", "kobalt-noord", part="2"))
    driver.run()
    ((envelope, document, _),) = bus.seen(LOG)
    assert isinstance(document, Status)
    assert (envelope.part, document.eigen_status) == ("2", "Aanvulling")
    assert all(posting.delen is None for posting in bus.postings())


def test_a_part_that_is_no_longer_there_is_refused(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("Vraag")))
    bus.send(raw("aannemer", "kobalt-noord", part="2"))
    driver.run()
    ((letter, _),) = bus.letters("aannemer")
    assert (letter.reden, letter.part) == (Reden.ONGELDIG, "2")


class Tripping:
    """A reader whose second part makes the mapping raise, as a bug of ours would."""

    def __call__(self, raw: bytes, content_type: str = "", allowed: object = None) -> Gelezen:
        wrong = msgspec.structs.replace(STATUS, opdrachtnummer=None)
        return Gelezen(
            formaat="json",
            versie="1",
            document="x",
            delen=(part(status("Vraag")), part(wrong), part(status("Antwoord"))),
        )


def test_a_bug_costs_one_part_and_the_others_go_on(registry: Registry) -> None:
    bus = Bus()
    driver = Driver(AdapterProcessor(AANNEMER, registry, Tripping()), bus)
    bus.send(raw("aannemer", "kobalt-noord"))
    bus.send(raw("aannemer", "kobalt-noord", number=1))
    driver.run()
    letters = [letter for letter, _ in bus.letters("aannemer")]
    assert [(letter.reden, letter.part) for letter in letters] == [(Reden.ONVERWACHT, "2")] * 2
    assert [envelope.part for envelope, _, _ in bus.seen(LOG)] == ["1", "3", "1", "3"]
    assert [posting.delen for posting in bus.postings() if posting.van is None] == [3, 3]


def test_new_profiles_hold_from_the_next_record_on(
    registry: Registry, changed: Callable[[str, str, str], Registry]
) -> None:
    processor = AdapterProcessor(AANNEMER, registry, Canned(part(status("Nieuw woord"))))
    bus = Bus()
    driver = Driver(processor, bus)
    flood(bus, driver, 1)
    processor.adopt(changed("kobalt-noord", '"Ontvangen" =', '"Nieuw woord" ='))
    flood(bus, driver, 1, start=1)
    assert [type(document) for _, document, _ in bus.seen(LOG)] == [Uitval, Status]


def test_a_receipt_that_was_received_later_looks_up_what_holds_then(registry: Registry) -> None:
    early = RECEIVED - timedelta(days=900)
    output = raw("aannemer", "kobalt-noord")
    headers = [
        (name, early.isoformat().encode() if name == "ce_recordedtime" else value) for name, value in output.headers
    ]
    bus, driver = contractor(registry, part(STATUS))
    bus.send(msgspec.structs.replace(output, headers=headers))
    driver.run()
    assert [letter.reden for letter, _ in bus.letters("aannemer")] == [Reden.ONBEVOEGD]
