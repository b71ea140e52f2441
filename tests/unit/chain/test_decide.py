"""Waiting, duplicates, conflicts, strangers, letters: what one event does to one dossier (DESIGN 5, 7)."""

import dataclasses
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest

from chain.ketens.onderhoud import Dossierstaat, Stomp
from chain.ketens.onderhoud.staat import Melding
from chain.ketens.onderhoud.uitkomst import omvang
from tests.unit.chain.berichten import (
    AANNEMER,
    ANDER,
    CORPORATIE,
    SLEUTEL,
    Bericht,
    Bus,
    gespeeld,
    klok,
    op,
    opdracht,
    planning,
    record,
    status,
)
from topics.documents import Moment, Reden, encode
from topics.documents.besluit import Besluit
from topics.documents.keten import Uitval
from topics.documents.onderhoud import Planning, Regel, Slot, Slotsoort

# waiting


def test_status_before_its_opdracht_waits() -> None:
    early = status("ACC", "ma 09:00")
    bus = gespeeld([early])
    assert bus.rekening() == {early.receipt: "wachtend"}
    assert (bus.dossier.toestand, bus.dossier.wachtend, bus.dossier.feiten) == ("wachtend", 1, 0)


def test_what_waited_is_applied_with_the_opdracht_in_the_same_step() -> None:
    early, order = status("ACC", "ma 11:00"), opdracht("ma 12:00")
    bus = gespeeld([early, order])
    assert bus.rekening() == {early.receipt: "toegepast", order.receipt: "toegepast"}
    assert [posting.naar.value for posting in bus.stappen[-1].postings] == ["toegepast", "toegepast"]
    assert (bus.dossier.toestand, bus.dossier.wachtend, bus.dossier.feiten) == ("geaccepteerd", 0, 2)


def test_what_waited_of_a_stranger_is_onbevoegd_when_the_opdracht_comes() -> None:
    early = status("ACC", "ma 11:00", door=ANDER)
    bus = gespeeld([early, opdracht("ma 12:00")])
    assert bus.rekening()[early.receipt] == "uitval"
    (letter,) = bus.uitval
    assert (letter.reden, letter.original) == (Reden.ONBEVOEGD, record(early, 1))
    assert bus.dossier.onvolledig == ()


def test_what_waited_too_long_goes_to_a_person_byte_for_byte() -> None:
    early = status("ACC", "ma 10:00", bekend="ma 10:00")
    bus = gespeeld([early, klok("do 09:59")])
    assert bus.uitval == []
    bus.play(klok("do 10:00"))
    (letter,) = bus.uitval
    assert (letter.reden, letter.original) == (Reden.ONBEKEND_DOSSIER, record(early, 1))
    assert bus.rekening() == {early.receipt: "uitval"}
    assert (bus.dossier.wachtend, len(bus.dossier.onvolledig)) == (0, 1)


def test_waiting_ends_for_each_message_by_itself() -> None:
    first, second = status("ACC", "ma 10:00", bekend="ma 10:00"), status("TGE", "di 10:00", bekend="di 10:00")
    bus = gespeeld([first, second, klok("do 10:00")])
    assert bus.rekening() == {first.receipt: "uitval", second.receipt: "wachtend"}


def test_a_message_waits_as_long_as_the_terms_that_it_carries_say() -> None:
    early = status("ACC", "ma 10:00", bekend="ma 10:00")
    early = dataclasses.replace(early, document=msgspec.structs.replace(early.document, wachttijd_uren=2))
    bus = gespeeld([early, klok("ma 11:59")])
    assert bus.rekening() == {early.receipt: "wachtend"}
    bus.play(klok("ma 12:00"))
    assert bus.rekening() == {early.receipt: "uitval"}
    assert "binnen 2 uur" in bus.uitval[0].tekst


def test_a_status_of_the_future_is_a_fact_that_does_not_count() -> None:
    slip = status("TGE", "+wo 10:00", bekend="ma 12:00")
    bus = gespeeld([opdracht("ma 10:00"), status("ACC", "ma 11:00"), slip])
    assert bus.rekening()[slip.receipt] == "toegepast"
    assert (bus.dossier.toestand, bus.dossier.feiten) == ("geaccepteerd", 3)
    assert len(bus.dossier.buiten_beschouwing) == 1
    bus.play(status("TGE", "wo 15:00"))
    assert bus.dossier.toestand == "technisch-gereed"


def test_a_status_of_the_future_that_is_sent_again_in_its_time_counts_and_withdraws_the_signal() -> None:
    early = status("TGE", "vr 10:00", nummer="T1", bekend="ma 12:00")
    bus = gespeeld([opdracht(), early])
    assert [signal.soort for signal in bus.staand.values()] == ["beoordelen"]
    bus.play(status("TGE", "vr 10:00", nummer="T2", bekend="vr 10:05"))
    assert (bus.dossier.toestand, bus.dossier.buiten_beschouwing) == ("technisch-gereed", ())
    assert bus.staand == {}


def test_waiting_goes_on_while_the_opdrachtgever_is_suspended() -> None:
    early = status("ACC", "ma 10:00", bekend="ma 10:00")
    bus = gespeeld([early, klok("do 10:00", [CORPORATIE])])
    assert bus.rekening() == {early.receipt: "wachtend"}
    assert gespeeld([early, klok("do 10:00", [ANDER])]).rekening() == {early.receipt: "uitval"}
    bus.play(klok("do 10:05"), klok("do 10:10"))
    assert bus.rekening() == {early.receipt: "uitval"}


def test_opdracht_after_the_waiting_time_makes_an_incomplete_dossier() -> None:
    bus = gespeeld([status("ACC", "ma 10:00", bekend="ma 10:00"), klok("do 10:00"), opdracht("do 11:00")])
    assert bus.dossier.toestand == "geregistreerd"
    assert len(bus.dossier.onvolledig) == 1
    assert bus.maat("acceptatie").voorlopig is True


def test_order_sent_by_another_than_its_opdrachtgever_waits() -> None:
    odd = opdracht(afzender=AANNEMER)
    assert gespeeld([odd]).rekening() == {odd.receipt: "wachtend"}


# duplicates and conflicts


def test_same_number_with_the_same_content_is_dubbel_and_changes_nothing_else() -> None:
    accepted = status("ACC", "ma 11:00", nummer="S1")
    again = Bericht(accepted.document, op("ma 12:00"), accepted.bron)
    bus = gespeeld([opdracht(), accepted])
    before = bus.frames[SLEUTEL]
    bus.play(again)
    assert bus.rekening()[again.receipt] == "dubbel"
    assert bus.frames[SLEUTEL] == before
    assert bus.stappen[-1].outputs == []


def test_same_number_with_the_same_content_is_dubbel_while_it_waits() -> None:
    early = status("ACC", "ma 11:00", nummer="S1")
    again = Bericht(early.document, op("ma 12:00"), early.bron)
    bus = gespeeld([early, again])
    assert bus.rekening() == {early.receipt: "wachtend", again.receipt: "dubbel"}


def test_same_number_with_other_content_is_strijdig_and_the_first_stays() -> None:
    first = status("ACC", "ma 11:00", nummer="S1")
    other = status("OND", "di 10:00", nummer="S1")
    bus = gespeeld([opdracht(), first, other])
    assert bus.rekening()[other.receipt] == "uitval"
    (letter,) = bus.uitval
    assert (letter.reden, letter.original) == (Reden.STRIJDIG, record(other, 3))
    assert bus.dossier.toestand == "geaccepteerd"
    assert len(bus.dossier.onvolledig) == 1
    assert bus.maat("technisch-gereed").voorlopig is True


def test_same_number_of_another_sender_is_another_message() -> None:
    one, two = status("ACC", "ma 11:00", nummer="S1"), status("VIN", "ma 12:00", nummer="S1", door=CORPORATIE)
    assert set(gespeeld([opdracht(), one, two]).rekening().values()) == {"toegepast"}


def test_other_number_with_the_same_content_is_applied_and_counts_once() -> None:
    first, again = status("REV", "ma 11:00", nummer="S1"), status("REV", "ma 11:00", nummer="S2")
    bus = gespeeld([opdracht(), first, again])
    assert bus.rekening()[again.receipt] == "toegepast"
    assert bus.dossier.feiten == 3
    assert [milestone.code for milestone in bus.dossier.mijlpalen] == ["REV"]


@pytest.mark.parametrize("waits", [False, True])
def test_other_number_with_the_same_content_is_noted_to_its_sender(waits: bool) -> None:
    order = opdracht("ma 10:00")
    first, again = status("REV", "ma 11:00", nummer="S1"), status("REV", "ma 11:00", nummer="S2")
    other = status("REA", "ma 12:00", door=CORPORATIE)
    bus = gespeeld([first, again, other, order] if waits else [order, first, again, other])
    notes = {posting.ontvangst: [note.code for note in posting.bevindingen] for posting in bus.postings}
    assert notes == {order.receipt: [], first.receipt: [], again.receipt: ["inhoud-al-bekend"], other.receipt: []}


def test_change_with_a_new_number_may_change_the_parties_and_keeps_the_former() -> None:
    bus = gespeeld([opdracht(), opdracht("ma 11:00", "O2", aannemer=ANDER)])
    assert bus.dossier.aannemer == ANDER
    former, new = status("ACC", "ma 12:00"), status("ACC", "ma 13:00", door=ANDER)
    bus.play(former, new)
    assert {bus.rekening()[bericht.receipt] for bericht in (former, new)} == {"toegepast"}


# strangers


def test_stranger_is_onbevoegd_and_leaves_no_trace_in_the_dossier() -> None:
    stranger = status("TGE", "ma 12:00", door=ANDER)
    bus = gespeeld([opdracht()])
    before = bus.frames[SLEUTEL]
    bus.play(stranger)
    assert bus.rekening()[stranger.receipt] == "uitval"
    assert [letter.reden for letter in bus.uitval] == [Reden.ONBEVOEGD]
    assert bus.frames[SLEUTEL] == before


def test_letter_of_a_stranger_does_not_make_the_dossier_onvolledig() -> None:
    letter = Uitval(brief="b" * 32, reden=Reden.ONGELDIG, afzender=ANDER)
    assert gespeeld([opdracht(), Bericht(letter, op("ma 12:00"))]).dossier.onvolledig == ()


# letters and decisions


def test_letter_of_a_party_makes_the_dossier_onvolledig_until_a_person_decides() -> None:
    letter = Bericht(Uitval(brief="b" * 32, reden=Reden.ONGELDIG, afzender=AANNEMER), op("ma 12:00"))
    decision = Besluit(brief="b" * 32, soort="afvoer", door="mw. Pastoor", op=op("ma 13:00"))
    bus = gespeeld([opdracht(), letter, letter])
    assert list(bus.dossier.onvolledig) == ["b" * 32]
    assert len(bus.dossiers) == 2
    bus.play(Bericht(decision, op("ma 13:00")))
    assert list(bus.dossier.onvolledig) == []
    assert bus.maat("acceptatie").voorlopig is False


def test_letter_before_the_opdracht_is_kept() -> None:
    letter = Bericht(Uitval(brief="b" * 32, reden=Reden.ONGELDIG, afzender=AANNEMER), op("ma 09:00"))
    bus = gespeeld([letter])
    assert (bus.dossier.toestand, bus.dossier.onvolledig) == ("wachtend", ("b" * 32,))
    assert bus.play(opdracht()).dossier.onvolledig == ("b" * 32,)


# other facts


def test_planning_is_a_fact_that_changes_no_state() -> None:
    slot = Slot(soort=Slotsoort.AFGESPROKEN, begin=op("wo 09:00"), eind=op("wo 11:00"))
    plan = Planning(
        berichtnummer="P1",
        afzender=AANNEMER,
        opdrachtgever=CORPORATIE,
        opdrachtnummer="IN1",
        gebeurd=Moment(op("ma 12:00")),
        sloten=(slot,),
    )
    bus = gespeeld([opdracht(), Bericht(plan, op("ma 12:00"), "kobalt-noord")])
    assert (bus.dossier.feiten, bus.dossier.toestand) == (2, "geregistreerd")


# size


def test_dossier_that_grows_raises_a_signal_and_then_sends_messages_to_a_person() -> None:
    lines = tuple(Regel(nummer=n, aantal=Decimal(1), eenheid="PCE", omschrijving="x" * 60) for n in range(1, 400))
    bus = Bus()
    for number in range(1, 30):
        early = opdracht("ma 10:00", f"O{number}", afzender=AANNEMER, contract=f"C{number}")
        fields = {name: getattr(early.document, name) for name in early.document.__struct_fields__}
        bus.play(Bericht(type(early.document)(**(fields | {"regels": lines})), early.bekend, early.bron))
    assert [signal.soort for signal in bus.staand.values()] == ["te-groot"]
    assert {letter.reden for letter in bus.uitval} == {Reden.TE_GROOT}
    assert set(bus.rekening().values()) == {"wachtend", "uitval"}
    assert max(map(len, bus.frames.values())) < 600 * 1024


def test_dossier_of_many_slots_grows_too_large_before_nobody_can_show_it() -> None:
    bus = gespeeld([opdracht()])
    for number in range(20):
        begin = op("wo 09:00") + timedelta(days=number)
        slots = tuple(
            Slot(soort=Slotsoort.AFGESPROKEN, begin=begin + timedelta(minutes=n), eind=begin + timedelta(hours=8))
            for n in range(200)
        )
        plan = planning("ma 12:00", *slots, nummer=f"P{number}")
        bus.play(plan)
    assert [signal.soort for signal in bus.staand.values()] == ["te-groot"]
    assert {letter.reden for letter in bus.uitval} == {Reden.TE_GROOT}
    assert len(encode(bus.dossier)) < 900_000


def test_unit_of_orders_with_many_elements_raises_a_signal_of_its_size() -> None:
    """The state counts what orders name, not only how many there are."""
    told = Melding("A", 1, None, False, tuple(f"element-{n}" for n in range(3_000)), reeks=1)
    staat = Dossierstaat(gehoord=tuple(msgspec.structs.replace(told, sleutel=f"{n}") for n in range(10)))
    assert omvang(staat) > 256 * 1024


# closed dossiers


def closed() -> Bus:
    accepted = status("ACC", "ma 11:00", nummer="A1")
    return gespeeld([opdracht(), accepted, status("TGE", "di 10:00"), status("AGE", "wo 10:00")])


def later(days: int) -> Bericht:
    tick = klok("wo 10:05")
    return Bericht(type(tick.document)(tot=op("wo 10:05") + timedelta(days=days)), tick.bekend, "clock")


def test_dossier_closed_for_90_days_shrinks_to_a_stub_and_is_kept_seven_years() -> None:
    bus = closed()
    size = len(bus.frames[SLEUTEL])
    bus.play(later(89))
    assert isinstance(bus.get(SLEUTEL), Dossierstaat)
    bus.play(later(90))
    assert isinstance(bus.get(SLEUTEL), Stomp)
    assert len(bus.frames[SLEUTEL]) < size / 3
    bus.play(later(90 + 7 * 365 - 1))
    assert SLEUTEL in bus.frames
    bus.play(later(90 + 7 * 365))
    assert SLEUTEL not in bus.frames


@pytest.mark.parametrize(
    ("bericht", "account", "reden"),
    [
        (status("ACC", "ma 11:00", nummer="A1"), "dubbel", None),
        (status("ACC", "ma 11:30", nummer="A1"), "uitval", Reden.STRIJDIG),
        (status("AIN", "ma 11:30"), "uitval", Reden.ONBEKEND_DOSSIER),
        (status("AIN", "ma 11:30", door=ANDER), "uitval", Reden.ONBEVOEGD),
    ],
)
def test_what_reaches_a_stub_goes_to_a_person_unless_it_is_known(
    bericht: Bericht, account: str, reden: Reden | None
) -> None:
    bus = closed().play(later(90))
    before = bus.frames[SLEUTEL]
    late = Bericht(bericht.document, op("+++zo 10:00"), bericht.bron)
    bus.play(late)
    assert bus.rekening()[late.receipt] == account
    assert [letter.reden for letter in bus.uitval] == ([reden] if reden else [])
    assert bus.frames[SLEUTEL] == before


def test_onvolledig_dossier_is_not_shrunk_before_a_person_decided() -> None:
    letter = Bericht(Uitval(brief="b" * 32, reden=Reden.ONGELDIG, afzender=AANNEMER), op("wo 11:00"))
    bus = closed().play(letter, later(91))
    assert isinstance(bus.get(SLEUTEL), Dossierstaat)
    bus.play(Bericht(Besluit(brief="b" * 32, soort="afvoer", door="x", op=op("wo 12:00")), op("wo 12:00")), later(92))
    assert isinstance(bus.get(SLEUTEL), Stomp)
