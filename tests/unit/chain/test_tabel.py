"""Every row of ONDERHOUD 1: who is aan zet after a status, and whether the contract clock runs."""

from datetime import datetime

import pytest

from tests.unit.chain.berichten import (
    AANNEMER,
    AMSTERDAM,
    CORPORATIE,
    Bericht,
    Bus,
    dag,
    gespeeld,
    opdracht,
    planning,
    slot,
    status,
)
from topics.documents.keten import AanZet


def after(*codes: tuple[str, str]) -> tuple[AanZet | None, bool, str]:
    """Aan zet, clock and state after an accepted order got these (code, sender)."""
    found = [opdracht(), status("ACC", "ma 11:00")]
    found += [status(code, f"di {10 + hour}:00", door=door) for hour, (code, door) in enumerate(codes)]
    dossier = gespeeld(found).dossier
    return dossier.aan_zet, dossier.klok_loopt, dossier.toestand


def test_opdracht_alone_puts_aannemer_aan_zet_and_clock_runs() -> None:
    dossier = gespeeld([opdracht()]).dossier
    assert (dossier.aan_zet, dossier.klok_loopt, dossier.toestand) == (AanZet.AANNEMER, True, "geregistreerd")


@pytest.mark.parametrize(
    ("code", "toestand"),
    [("REG", "geregistreerd"), ("ACC", "geaccepteerd"), ("AIN", "in-behandeling"), ("REA", "in-behandeling")],
)
def test_reg_acc_ain_rea_put_aannemer_aan_zet_and_clock_runs(code: str, toestand: str) -> None:
    paused = ("OND+AFR", AANNEMER)
    assert after(paused, (code, CORPORATIE)) == (AanZet.AANNEMER, True, toestand)


@pytest.mark.parametrize("door", [AANNEMER, CORPORATIE])
def test_vin_either_way_leaves_aan_zet_and_clock(door: str) -> None:
    assert after(("VIN", door)) == (AanZet.AANNEMER, True, "geaccepteerd")
    assert after(("OND+BNT", AANNEMER), ("VIN", door)) == (AanZet.HUURDER, False, "onderbroken")


def test_rev_by_aannemer_puts_opdrachtgever_aan_zet_and_clock_stops() -> None:
    assert after(("REV", AANNEMER)) == (AanZet.OPDRACHTGEVER, False, "in-behandeling")


@pytest.mark.parametrize("answer", ["REA", "AIN"])
def test_rev_by_aannemer_ends_with_rea_or_ain(answer: str) -> None:
    assert after(("REV", AANNEMER), (answer, CORPORATIE)) == (AanZet.AANNEMER, True, "in-behandeling")


def test_rev_by_opdrachtgever_puts_aannemer_aan_zet_and_clock_runs() -> None:
    assert after(("REV", CORPORATIE)) == (AanZet.AANNEMER, True, "in-behandeling")


@pytest.mark.parametrize("detail", ["AFR", "AVW", "AWE"])
def test_ond_with_afr_avw_or_awe_puts_opdrachtgever_aan_zet_and_stops_the_clock(detail: str) -> None:
    assert after((f"OND+{detail}", AANNEMER)) == (AanZet.OPDRACHTGEVER, False, "onderbroken")


@pytest.mark.parametrize("detail", ["BNT", "BBT", "AFN", "VBW"])
def test_ond_with_bnt_bbt_afn_or_vbw_puts_huurder_aan_zet_and_stops_the_clock(detail: str) -> None:
    assert after((f"OND+{detail}", AANNEMER)) == (AanZet.HUURDER, False, "onderbroken")


def test_ond_with_afw_puts_niemand_aan_zet_and_stops_the_clock() -> None:
    assert after(("OND+AFW", AANNEMER)) == (AanZet.NIEMAND, False, "onderbroken")


@pytest.mark.parametrize("code", ["OND+MIB", "OND+OHD", "OND+THD", "OND"])
def test_ond_with_mib_ohd_thd_or_without_detail_leaves_aannemer_aan_zet_and_the_clock_runs(code: str) -> None:
    assert after((code, AANNEMER)) == (AanZet.AANNEMER, True, "onderbroken")


def test_ond_without_detail_is_a_finding_on_the_measure() -> None:
    found = gespeeld([opdracht(), status("ACC", "ma 11:00"), status("OND", "di 10:00")])
    assert [finding.code for finding in found.maat("technisch-gereed").bevindingen] == ["onderbroken-zonder-detail"]
    with_detail = gespeeld([opdracht(), status("ACC", "ma 11:00"), status("OND+MIB", "di 10:00")])
    assert with_detail.maat("technisch-gereed").bevindingen == ()


def test_ver_leaves_aannemer_aan_zet_clock_runs_and_norm_stands_until_agreed() -> None:
    assert after(("VER", AANNEMER)) == (AanZet.AANNEMER, True, "in-behandeling")
    claimed = gespeeld([opdracht(), status("ACC", "ma 11:00"), status("VER", "di 10:00")])
    open_measure = claimed.maat("technisch-gereed")
    assert [finding.code for finding in open_measure.bevindingen] == ["verlenging-niet-overeengekomen"]
    assert open_measure.deadline == claimed.revisies("technisch-gereed")[0].deadline
    claimed.play(status("REA", "di 11:00", door=CORPORATIE))
    assert claimed.maat("technisch-gereed").bevindingen == ()


def asked(*later: Bericht) -> Bus:
    """A VER that asks for Wednesday of next week, on an order due on Monday; and what came after."""
    claim = status("VER", "di 10:00", gevraagd=dag("+wo"))
    return gespeeld([opdracht("ma 10:00"), status("ACC", "ma 11:00"), claim, *later])


def limits(bus: Bus) -> tuple[str, str]:
    """Deadline and the one that is asked, of technisch gereed."""
    last = bus.maat("technisch-gereed")
    return _day(last.deadline), _day(last.deadline_gevraagd)


def _day(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(AMSTERDAM):%a %d %H:%M}"


def test_ver_is_a_claim_and_both_deadlines_are_shown() -> None:
    assert limits(asked()) == ("Mon 23 23:59", "Wed 25 23:59")
    assert asked().maat("acceptatie").deadline_gevraagd is None


def test_ver_shifts_the_norm_after_rea_of_the_other_party() -> None:
    bus = asked(status("REA", "wo 10:00", door=CORPORATIE))
    assert limits(bus) == ("Wed 25 23:59", "")
    assert bus.maat("technisch-gereed").bevindingen == ()


def test_ver_does_not_shift_the_norm_after_rea_of_its_own_sender() -> None:
    assert limits(asked(status("REA", "wo 10:00"))) == ("Mon 23 23:59", "Wed 25 23:59")


def test_ver_shifts_the_norm_after_a_changed_order() -> None:
    assert limits(asked(opdracht("wo 10:00", "O2", prijs="5"))) == ("Wed 25 23:59", "")


def test_changed_order_that_names_a_date_grants_that_date_and_not_the_one_that_ver_asked() -> None:
    assert limits(asked(opdracht("wo 10:00", "O2", gereed=dag("+di")))) == ("Tue 24 23:59", "")


def test_pause_after_the_agreement_shifts_what_was_agreed() -> None:
    rest = [status("OND+AFW", "do 10:00"), status("AIN", "vr 10:00")]
    bus = asked(status("REA", "wo 10:00", door=CORPORATIE), *rest)
    assert limits(bus) == ("Thu 26 23:59", "")


def test_agreement_after_the_work_was_ready_does_not_move_its_deadline() -> None:
    bus = asked(status("TGE", "wo 09:00"), opdracht("wo 10:00", "O2", prijs="5"))
    assert limits(bus) == ("Mon 23 23:59", "")


@pytest.mark.parametrize(("door", "receiver"), [(AANNEMER, AanZet.OPDRACHTGEVER), (CORPORATIE, AanZet.AANNEMER)])
def test_van_puts_the_receiver_aan_zet_and_clock_runs(door: str, receiver: AanZet) -> None:
    assert after(("VAN", door)) == (receiver, True, "annulering-gevraagd")


def test_van_ends_with_a_later_working_status() -> None:
    assert after(("VAN", AANNEMER), ("AIN", AANNEMER)) == (AanZet.AANNEMER, True, "in-behandeling")


@pytest.mark.parametrize("code", ["REG", "VIN"])
def test_van_leaves_its_receiver_aan_zet_until_ann_or_a_working_status(code: str) -> None:
    assert after(("VAN", CORPORATIE), (code, CORPORATIE))[0] is AanZet.AANNEMER
    assert after(("VAN", AANNEMER), (code, AANNEMER))[0] is AanZet.OPDRACHTGEVER


def test_van_cancels_nothing_and_ann_does() -> None:
    asked = gespeeld([opdracht(), status("VAN", "di 10:00", door=CORPORATIE)])
    assert asked.maat("technisch-gereed").stand == "open"
    asked.play(status("ANN", "di 11:00"))
    assert asked.maat("technisch-gereed").stand == "vervallen"
    assert (asked.dossier.aan_zet, asked.dossier.toestand) == (AanZet.NIEMAND, "geannuleerd")


def test_wei_ends_the_order() -> None:
    refused = gespeeld([opdracht(), status("WEI", "ma 11:00")]).dossier
    assert (refused.aan_zet, refused.klok_loopt, refused.toestand) == (AanZet.NIEMAND, False, "geweigerd")


def test_tge_is_technisch_gereed_but_with_thd_it_is_not() -> None:
    assert after(("TGE", AANNEMER)) == (AanZet.AANNEMER, True, "technisch-gereed")
    assert after(("TGE+THD", AANNEMER)) == (AanZet.AANNEMER, True, "in-behandeling")


def test_age_ends_status_traffic() -> None:
    assert after(("TGE", AANNEMER), ("AGE", AANNEMER)) == (AanZet.NIEMAND, False, "administratief-gereed")


@pytest.mark.parametrize("end", ["AGE", "ANN", "WEI"])
def test_later_than_age_ann_or_wei_is_a_fact_that_does_not_count_and_asks_for_a_person(end: str) -> None:
    late = status("AIN", "wo 10:00")
    found = gespeeld([opdracht(), status("TGE", "di 09:00"), status(end, "di 10:00"), late])
    assert found.dossier.buiten_beschouwing == (late.event,)
    assert found.dossier.feiten == 4
    assert found.dossier.aan_zet is AanZet.NIEMAND
    assert [signal.soort for signal in found.staand.values()] == ["beoordelen"]
    assert found.rekening()[late.receipt] == "toegepast"


def test_planning_later_than_age_does_not_count_and_asks_for_a_person() -> None:
    late = planning("wo 10:00", slot("nagekomen", "wo 09:00"))
    found = gespeeld([opdracht(), status("TGE", "di 09:00"), status("AGE", "di 10:00"), late])
    assert found.dossier.buiten_beschouwing == (late.event,)
    assert found.dossier.bezoeken == 0
    assert found.staande("beoordelen") == [""]


def test_signal_beoordelen_is_withdrawn_when_the_fact_counts_after_all() -> None:
    """A TGE of which only the day is known lies after an ANN of that day, but before an earlier AGE that day."""
    ready = status("TGE", dag("di"), bekend="wo 09:00")
    found = gespeeld([opdracht(), status("ANN", "di 15:00"), ready])
    assert found.dossier.buiten_beschouwing == (ready.event,)
    (signal,) = found.signalen
    found.play(status("AGE", "di 14:00", bekend="wo 10:00"))
    assert ready.event not in found.dossier.buiten_beschouwing
    assert [one.ingetrokken for one in found.signalen if one.id == signal.id] == [False, True]
    assert found.maat("technisch-gereed").stand == "gesloten"


def test_change_later_than_age_does_not_count() -> None:
    change = opdracht("wo 10:00", "O2", soort="MUT")
    found = gespeeld([opdracht(), status("TGE", "di 09:00"), status("AGE", "di 10:00"), change])
    assert found.dossier.soort == "REP"
    assert found.dossier.buiten_beschouwing == (change.event,)


def test_earlier_than_age_counts_however_late_it_comes() -> None:
    late = status("TGE", "di 09:00", bekend="wo 12:00")
    found = gespeeld([opdracht(), status("ACC", "ma 11:00"), status("AGE", "di 10:00"), late])
    assert found.dossier.buiten_beschouwing == ()
    assert found.maat("technisch-gereed").stand == "gesloten"
    assert found.signalen == []


def test_same_moment_goes_by_rank_of_the_code() -> None:
    """ACC before TGE before AGE, whatever order they came in."""
    found = gespeeld([opdracht(), *(status(code, "di 10:00") for code in ("AGE", "TGE", "ACC"))])
    assert [milestone.code for milestone in found.dossier.mijlpalen] == ["ACC", "TGE", "AGE"]
    assert found.dossier.buiten_beschouwing == ()
