"""The adapter on a bus in memory: what one message leaves on which topic."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from adapters.adapter.processor import AdapterProcessor
from adapters.kinds import AANNEMER, CORPORATIE
from adapters.message import Deel, Gelezen, StatusInhoud
from tests.unit.adapter.bus import KEY, LOG, RECEIPT, Bus, contractor, flood, moves
from tests.unit.adapter.messages import (
    KOBALT,
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
from topics.documents import Account, Bevinding, Ernst, Moment, Reden, ce_type, encode
from topics.documents.content import content_hash
from topics.documents.keten import Persoon, Tik, Uitval, Watermerk
from topics.documents.onderhoud import Bijlage, Opdracht, Status
from topics.envelope import Envelope
from topics.errors import StateCorrupt, UnknownDocument
from topics.profile.registry import Registry
from topics.runtime.driver import Driver
from topics.runtime.step import Output


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


def test_an_unknown_status_word_is_seen_by_the_reviewer_and_by_nobody_else(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("bij mevrouw Jansen", "Jansen belt terug")))
    bus.send(raw("aannemer", "kobalt-noord"))
    driver.run()
    ((letter, _),) = bus.letters("aannemer")
    assert letter.bevindingen[0].waarde == "bij mevrouw Jansen/Jansen belt terug"
    assert "Jansen" not in letter.tekst
    assert "'Werk gereed/Noodvoorziening'" in letter.tekst
    assert [posting for posting in bus.postings() if "Jansen" in repr(posting)] == []
    assert [seen for seen in bus.seen(LOG) if "Jansen" in repr(seen)] == []


def test_a_letter_of_a_body_in_the_object_store_is_named_the_same_on_the_log(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("onzin")))
    bus.send(raw("aannemer", "kobalt-noord", b"resolved", dataref="sha256:" + "ab" * 32))
    driver.run()
    ((_, fact, _),) = bus.seen(LOG)
    ((letter, _),) = bus.letters("aannemer")
    assert isinstance(fact, Uitval)
    assert fact.brief == letter.id


def test_letters_of_a_large_message_of_several_parts_refer_to_one_original(registry: Registry) -> None:
    body = b"x" * 100_000
    bus, driver = contractor(registry, part(status("onzin")), part(status("Vraag")), broken())
    bus.send(raw("aannemer", "kobalt-noord", body))
    driver.run()
    letters = bus.letters("aannemer")
    facts = [document for _, document, _ in bus.seen(LOG) if isinstance(document, Uitval)]
    assert [record.value for _, record in letters] == [b"", b""]
    assert {bus.blobs.get(record.envelope().dataref) for _, record in letters} == {body}
    assert [fact.brief for fact in facts] == [letters[0][0].id]


def test_names_of_attachments_stay_off_the_log(registry: Registry) -> None:
    photo = Bijlage(soort="PHO", bestandssoort="jpeg", naam="foto mevr. Verzonnen.jpg", url="https://voorbeeld/m.jpg")
    bus, driver = contractor(registry, part(msgspec.structs.replace(status("Vraag"), bijlagen=(photo,))))
    bus.send(raw("aannemer", "kobalt-noord"))
    driver.run()
    ((_, event, record),) = bus.seen(LOG)
    assert b"Verzonnen" not in (record.value or b"")
    assert isinstance(event, Status)
    assert event.bijlagen == (Bijlage(soort="PHO", bestandssoort="jpeg"),)
    ((_, person, _),) = bus.seen("keten.persoon.v1")
    assert person == Persoon(velden={"bijlage.1.naam": photo.naam, "bijlage.1.url": "https://voorbeeld/m.jpg"})


def test_a_status_carries_how_long_it_may_wait(registry: Registry) -> None:
    bus, driver = contractor(registry, part(status("Vraag")))
    bus.send(raw("aannemer", "kobalt-noord"))
    driver.run()
    ((_, event, _),) = bus.seen(LOG)
    assert isinstance(event, Status)
    assert event.wachttijd_uren == 72


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
    assert reader.asked == [("application/json", ("dico", "dico-projectprofiel", "json"))]


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
    # where, and never the words of the error: they may quote the message, and postings are kept for ever
    found = [finding for posting in bus.postings() for finding in posting.bevindingen if finding.code == "onverwacht"]
    assert len(found) == 2
    for finding in found:
        assert re.fullmatch(r"AttributeError: in topics\.keys\.normalise_number, line \d+", finding.tekst)


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
