"""Slots, visits, no-show and the tenant's time: ONDERHOUD 3, sentence by sentence."""

from decimal import Decimal

import pytest

from tests.unit.chain.berichten import (
    CORPORATIE,
    KALENDER,
    Bericht,
    Bus,
    gespeeld,
    op,
    opdracht,
    planning,
    slot,
    status,
)
from topics.documents.keten import AanZet, Stand
from topics.documents.onderhoud import Norm, Voorwaarden

HOUR = 3600


def played(*found: Bericht) -> Bus:
    return gespeeld([opdracht("ma 10:00"), status("ACC", "ma 11:00"), *found])


def turn(bus: Bus) -> tuple[AanZet | None, bool]:
    return bus.dossier.aan_zet, bus.dossier.klok_loopt


RUNS = (AanZet.AANNEMER, True)
TENANT = (AanZet.HUURDER, False)


# planning keeps every slot that was offered, agreed, moved (by whom, why), kept or missed


def test_dossier_keeps_every_slot_that_was_offered_agreed_moved_kept_or_missed() -> None:
    bus = played(
        planning("ma 12:00", slot("aangeboden", "di 09:00"), slot("afgesproken", "di 09:00")),
        planning("ma 15:00", slot("verplaatst", "wo 09:00", door="huurder", reden="VBW", vorig="di 09:00")),
        planning("wo 11:00", slot("gemist", "wo 09:00", door="aannemer", reden="niet-verschenen")),
        planning("do 11:00", slot("nagekomen", "do 09:00")),
    )
    told = [(one.soort, one.door, one.reden) for one in bus.dossier.afspraken]
    assert told == [
        ("aangeboden", None, None),
        ("afgesproken", None, None),
        ("verplaatst", "huurder", "VBW"),
        ("gemist", "aannemer", "niet-verschenen"),
        ("nagekomen", None, None),
    ]
    moved = bus.dossier.afspraken[2]
    assert (moved.begin, moved.vorig_begin, moved.gebeurd) == (op("wo 09:00"), op("di 09:00"), op("ma 15:00"))


def test_planning_before_the_opdracht_waits_and_counts_with_it() -> None:
    bus = gespeeld([planning("ma 09:30", slot("afgesproken", "di 09:00")), opdracht("ma 10:00")])
    assert len(bus.dossier.afspraken) == 1


# measures


def test_afspraak_gemaakt_runs_from_t0_to_the_first_agreed_slot_reported() -> None:
    bus = played(
        planning("ma 12:00", slot("aangeboden", "di 09:00")),
        planning("ma 14:00", slot("afgesproken", "wo 09:00")),
        planning("ma 16:00", slot("afgesproken", "do 09:00")),
    )
    found = bus.maat("afspraak-gemaakt")
    assert (found.stand, found.begin, found.eind) == (Stand.GESLOTEN, op("ma 10:00"), op("ma 14:00"))


def test_eerste_bezoek_runs_from_t0_to_the_start_of_the_first_slot_that_was_kept() -> None:
    bus = played(
        planning("di 12:00", slot("gemist", "di 09:00", door="aannemer")),
        planning("wo 12:00", slot("nagekomen", "wo 09:00")),
        planning("do 12:00", slot("nagekomen", "do 09:00")),
    )
    found = bus.maat("eerste-bezoek")
    assert (found.eind, found.bruto_seconden, found.werkdagen) == (op("wo 09:00"), 47 * HOUR, 2)


def test_earlier_visit_that_is_told_later_revises_eerste_bezoek() -> None:
    bus = played(planning("do 12:00", slot("nagekomen", "do 09:00")))
    bus.play(planning("wo 12:00", slot("nagekomen", "wo 09:00"), bekend="vr 09:00"))
    assert bus.maat("eerste-bezoek").eind == op("wo 09:00")


def test_slot_that_was_kept_in_the_future_does_not_count() -> None:
    bus = played(planning("ma 12:00", slot("nagekomen", "vr 09:00")))
    assert bus.maat("eerste-bezoek").stand is Stand.OPEN
    assert len(bus.dossier.buiten_beschouwing) == 1
    assert bus.staande("beoordelen") == [""]


# the tenant's time: a missed slot lasts until a new appointment (BNT)


@pytest.mark.parametrize(
    "missed", [status("OND+BNT", "di 09:00"), planning("di 09:00", slot("gemist", "di 08:00", door="huurder"))]
)
def test_missed_slot_puts_huurder_aan_zet_until_a_new_appointment(missed: Bericht) -> None:
    bus = played(missed)
    assert turn(bus) == TENANT
    bus.play(planning("di 12:00", slot("aangeboden", "wo 09:00")))
    assert turn(bus) == TENANT
    bus.play(planning("di 15:00", slot("afgesproken", "wo 09:00")))
    assert turn(bus) == RUNS
    assert bus.dossier.aan_zet_sinds == op("di 15:00")
    assert bus.dossier.huurder_seconden == {"BNT": 6 * HOUR}
    bus.play(status("TGE", "wo 11:00"))
    done = bus.maat("technisch-gereed")
    assert done.netto_seconden == (49 - 6) * HOUR
    assert done.aan_zet_seconden[AanZet.HUURDER] == 6 * HOUR


def test_missed_slot_and_its_new_appointment_in_one_message_leave_no_time_of_the_tenant() -> None:
    both = planning("di 09:00", slot("gemist", "di 08:00", door="huurder"), slot("afgesproken", "wo 09:00"))
    assert turn(played(both)) == RUNS


def test_missed_slot_that_the_same_message_agrees_is_no_new_appointment() -> None:
    told = planning("di 09:00", slot("afgesproken", "di 08:00"), slot("gemist", "di 08:00", door="huurder"))
    assert turn(played(told)) == TENANT


# BBT or AFN until the next contact


@pytest.mark.parametrize("detail", ["BBT", "AFN"])
@pytest.mark.parametrize("contact", ["aangeboden", "afgesproken", "verplaatst"])
def test_bbt_or_afn_puts_huurder_aan_zet_until_the_next_contact(detail: str, contact: str) -> None:
    bus = played(status(f"OND+{detail}", "di 09:00"))
    assert turn(bus) == TENANT
    bus.play(planning("di 11:00", slot(contact, "wo 09:00")))
    assert turn(bus) == RUNS
    assert bus.dossier.huurder_seconden == {detail: 2 * HOUR}


def test_time_of_the_tenant_is_told_apart_by_its_reason() -> None:
    bus = played(status("OND+AFN", "di 09:00"), status("OND+BNT", "di 12:00"), status("AIN", "di 13:00"))
    assert bus.dossier.huurder_seconden == {"AFN": 3 * HOUR, "BNT": HOUR}


# VBW until the chosen slot; offered -> chosen when an offer lay within the norm


def test_vbw_puts_huurder_aan_zet_until_the_chosen_slot() -> None:
    bus = played(planning("ma 12:00", slot("aangeboden", "di 09:00")), status("OND+VBW", "ma 13:00"))
    bus.play(planning("ma 14:00", slot("afgesproken", "do 09:00")))
    assert turn(bus) == TENANT
    bus.play(planning("do 11:00", slot("nagekomen", "do 09:00")))
    assert turn(bus) == RUNS
    assert bus.dossier.aan_zet_sinds == op("do 09:00")
    assert bus.dossier.huurder_seconden == {"VBW": 68 * HOUR}


def offered(slot_offered: str, chosen: str, norm: str = "eerste-bezoek", wish: str = "OND+VBW") -> Bus:
    terms = Voorwaarden("f" * 16, KALENDER, (Norm(maat=norm, waarde=Decimal(2)),))
    return gespeeld(
        [
            opdracht("ma 10:00", voorwaarden=terms),
            planning("ma 12:00", slot("aangeboden", slot_offered)),
            status(wish, "ma 13:00"),
            planning("ma 14:00", slot("afgesproken", chosen)),
        ]
    )


@pytest.mark.parametrize("norm", ["eerste-bezoek", "technisch-gereed"])
def test_latere_keuze_runs_from_the_slot_offered_within_the_norm_to_the_chosen_one(norm: str) -> None:
    (found,) = offered("wo 09:00", "vr 09:00", norm).revisies("latere-keuze")
    assert (found.revisie, found.stand) == (0, Stand.GESLOTEN)
    assert (found.begin, found.eind, found.werkdagen) == (op("wo 09:00"), op("vr 09:00"), 2)


def test_offer_beyond_the_norm_makes_no_latere_keuze() -> None:
    assert offered("do 09:00", "vr 09:00").revisies("latere-keuze") == []


def test_choice_of_the_offered_slot_is_no_latere_keuze() -> None:
    assert offered("wo 09:00", "wo 09:00").revisies("latere-keuze") == []


def test_later_slot_without_a_wish_of_the_tenant_is_no_latere_keuze() -> None:
    assert offered("wo 09:00", "vr 09:00", wish="OND+MIB").revisies("latere-keuze") == []


# the aannemer's own no-show


def test_no_show_of_the_aannemer_leaves_the_clock_running_and_counts_as_a_visit_in_vain() -> None:
    bus = played(planning("di 12:00", slot("gemist", "di 09:00", door="aannemer")))
    assert turn(bus) == RUNS
    assert bus.dossier.vergeefs == {"aannemer-niet-verschenen": 1}


def test_no_show_of_the_aannemer_is_known_by_its_reason_too() -> None:
    bus = played(planning("di 12:00", slot("gemist", "di 09:00", reden="niet-verschenen")))
    assert bus.dossier.vergeefs == {"aannemer-niet-verschenen": 1}


def test_no_show_of_the_aannemer_ends_the_time_of_the_tenant() -> None:
    bus = played(status("OND+VBW", "ma 13:00"), planning("do 11:00", slot("gemist", "do 09:00", door="aannemer")))
    assert turn(bus) == RUNS


def test_planning_does_not_turn_who_waits_for_the_opdrachtgever() -> None:
    bus = played(status("OND+AVW", "di 09:00"), planning("di 12:00", slot("gemist", "di 09:00", door="huurder")))
    assert turn(bus) == (AanZet.OPDRACHTGEVER, False)


def test_planning_does_not_turn_who_must_answer_a_request_to_cancel() -> None:
    bus = played(status("VAN", "ma 12:00", door=CORPORATIE))
    bus.play(planning("di 12:00", slot("gemist", "di 09:00", door="huurder")))
    assert turn(bus) == RUNS
    assert bus.dossier.toestand == "annulering-gevraagd"


def test_missed_slot_interrupts_the_order_and_a_new_appointment_takes_it_up() -> None:
    bus = played(planning("di 12:00", slot("gemist", "di 09:00", door="huurder")))
    assert bus.dossier.toestand == "onderbroken"
    assert bus.play(planning("di 15:00", slot("afgesproken", "wo 09:00"))).dossier.toestand == "in-behandeling"


# KPIs: visits per order, share in vain by cause, slots kept


def test_dossier_counts_visits_and_those_in_vain_by_cause() -> None:
    bus = played(
        planning("di 12:00", slot("gemist", "di 09:00", door="huurder")),
        status("OND+BNT", "di 12:05"),
        planning("wo 12:00", slot("gemist", "wo 09:00", door="huurder", reden="AFN")),
        planning("do 12:00", slot("gemist", "do 09:00", door="opdrachtgever")),
        planning("vr 12:00", slot("nagekomen", "vr 09:00")),
        planning("vr 12:30", slot("nagekomen", "vr 09:00"), nummer="again"),
    )
    assert bus.dossier.bezoeken == 1
    assert bus.dossier.vergeefs == {"BNT": 1, "AFN": 1, "opdrachtgever-niet-verschenen": 1}


def test_absent_tenant_that_only_a_status_told_is_a_visit_in_vain() -> None:
    assert played(status("OND+BNT", "di 12:05")).dossier.vergeefs == {"BNT": 1}


def test_slot_of_which_nothing_was_told_stays_without_visit() -> None:
    bus = played(planning("ma 12:00", slot("afgesproken", "di 09:00")))
    assert (bus.dossier.bezoeken, bus.dossier.vergeefs) == (0, {})


def test_planning_of_the_opdrachtgever_counts_as_well() -> None:
    bus = played(planning("ma 12:00", slot("afgesproken", "di 09:00"), door=CORPORATIE))
    assert bus.maat("afspraak-gemaakt").stand is Stand.GESLOTEN
