"""The measures of ONDERHOUD 2 that this keten has, row by row, and how their revisions come about."""

from datetime import datetime
from decimal import Decimal

import pytest

from tests.unit.chain.berichten import (
    AANNEMER,
    AMSTERDAM,
    CORPORATIE,
    KALENDER,
    Bericht,
    Bus,
    dag,
    gespeeld,
    op,
    opdracht,
    status,
)
from topics.documents import Moment, Reden
from topics.documents.keten import AanZet, Doorlooptijd, Stand, Uitval
from topics.documents.onderhoud import Eenheid, Norm, Voorwaarden


def local(at: datetime | None) -> str:
    assert at is not None
    return at.astimezone(AMSTERDAM).strftime("%a %H:%M:%S")


def history(revisions: list[Doorlooptijd]) -> list[tuple[int, Stand]]:
    return [(revision.revisie, revision.stand) for revision in revisions]


# acceptatie: t0 -> first ACC or WEI


@pytest.mark.parametrize("code", ["ACC", "WEI"])
def test_acceptatie_runs_from_t0_to_the_first_acc_or_wei(code: str) -> None:
    bus = gespeeld([opdracht("ma 10:00"), status(code, "ma 12:00"), status("ACC", "ma 13:00", nummer="X")])
    assert history(bus.revisies("acceptatie")) == [(0, Stand.OPEN), (1, Stand.GESLOTEN)]
    closed = bus.maat("acceptatie")
    assert (closed.begin, closed.eind) == (op("ma 10:00"), op("ma 12:00"))
    assert (closed.bruto_seconden, closed.netto_seconden, closed.werkdagen) == (7200, 7200, 0)


def test_earlier_acc_that_comes_later_revises_acceptatie() -> None:
    bus = gespeeld([opdracht(), status("ACC", "di 12:00"), status("ACC", "ma 11:00", bekend="wo 09:00")])
    assert history(bus.revisies("acceptatie")) == [(0, Stand.OPEN), (1, Stand.GESLOTEN), (2, Stand.GESLOTEN)]
    assert bus.maat("acceptatie").eind == op("ma 11:00")


# t0: the later of the order's own date and known


def test_t0_is_known_when_the_order_is_dated_earlier() -> None:
    bus = gespeeld([opdracht("ma 10:00", datum=Moment(op("ma 08:00")))])
    assert bus.maat("acceptatie").begin == op("ma 10:00")


def test_t0_is_the_orders_date_when_that_is_later() -> None:
    bus = gespeeld([opdracht("ma 10:00", datum=Moment(op("wo 08:00")))])
    assert bus.maat("acceptatie").begin == op("wo 08:00")


def test_t0_is_known_when_the_order_only_names_a_day() -> None:
    bus = gespeeld([opdracht("ma 10:00", datum=dag("ma"))])
    assert bus.maat("acceptatie").begin == op("ma 10:00")


def test_changed_order_does_not_move_t0_and_relabels_the_measures() -> None:
    bus = gespeeld([opdracht("ma 10:00"), opdracht("di 15:00", "O2", soort="MUT")])
    assert [(r.begin, r.soort) for r in bus.revisies("acceptatie")] == [
        (op("ma 10:00"), "REP"),
        (op("ma 10:00"), "MUT"),
    ]


def test_changed_terms_hold_from_the_next_order_unless_the_kind_changed() -> None:
    shorter = Voorwaarden("f" * 16, KALENDER, (Norm(maat="technisch-gereed", waarde=Decimal(1)),))
    same_kind = gespeeld([opdracht(), opdracht("ma 11:00", "O2", voorwaarden=shorter, contract="C2")])
    assert local(same_kind.maat("technisch-gereed").deadline) == "Mon 23:59:59"
    other_kind = gespeeld([opdracht(), opdracht("ma 11:00", "O2", voorwaarden=shorter, soort="MUT")])
    assert local(other_kind.maat("technisch-gereed").deadline) == "Tue 23:59:59"


# technisch gereed: t0 -> last valid TGE


def test_technisch_gereed_ends_with_the_last_tge() -> None:
    bus = gespeeld([opdracht(), status("TGE", "di 12:00"), status("TGE", "wo 12:00")])
    assert bus.maat("technisch-gereed").eind == op("wo 12:00")


def test_tge_with_thd_does_not_end_technisch_gereed() -> None:
    bus = gespeeld([opdracht(), status("TGE+THD", "di 12:00")])
    assert bus.maat("technisch-gereed").stand is Stand.OPEN
    assert bus.revisies("administratief-gereed") == []


@pytest.mark.parametrize("code", ["ACC", "AIN", "REV", "REA", "OND+MIB", "VER"])
def test_later_working_status_withdraws_the_tge(code: str) -> None:
    bus = gespeeld([opdracht(), status("TGE", "di 12:00"), status(code, "wo 12:00")])
    assert history(bus.revisies("technisch-gereed"))[:3] == [(0, Stand.OPEN), (1, Stand.GESLOTEN), (2, Stand.OPEN)]
    assert bus.maat("administratief-gereed").stand is Stand.INGETROKKEN
    bus.play(status("TGE", "do 12:00"))
    assert bus.maat("technisch-gereed").eind == op("do 12:00")
    assert (bus.maat("administratief-gereed").stand, bus.maat("administratief-gereed").begin) == (
        Stand.OPEN,
        op("do 12:00"),
    )


def test_working_status_that_happened_before_the_tge_does_not_withdraw_it() -> None:
    bus = gespeeld([opdracht(), status("TGE", "di 12:00"), status("OND+MIB", "di 09:00", bekend="wo 12:00")])
    assert bus.maat("technisch-gereed").stand is Stand.GESLOTEN


def test_answer_to_a_question_asked_after_tge_does_not_withdraw_it() -> None:
    found = [
        opdracht(),
        status("TGE", "di 12:00"),
        status("VIN", "di 13:00", door=CORPORATIE),
        status("AIN", "di 14:00"),
    ]
    bus = gespeeld(found)
    assert bus.maat("technisch-gereed").stand is Stand.GESLOTEN
    assert bus.dossier.toestand == "technisch-gereed"


def test_tge_of_which_only_the_day_is_known_is_not_withdrawn_by_that_days_work() -> None:
    bus = gespeeld([opdracht(), status("OND+MIB", "di 12:00"), status("TGE", dag("di"), bekend="wo 09:00")])
    assert local(bus.maat("technisch-gereed").eind) == "Tue 23:59:59"


def test_acc_of_which_only_the_day_is_known_comes_before_that_days_tge() -> None:
    bus = gespeeld([opdracht(), status("TGE", "di 10:00"), status("ACC", dag("di"), bekend="wo 09:00")])
    assert [milestone.code for milestone in bus.dossier.mijlpalen] == ["ACC", "TGE"]
    assert bus.maat("technisch-gereed").stand is Stand.GESLOTEN


def test_day_without_time_counts_as_known_when_that_is_earlier_than_its_end() -> None:
    bus = gespeeld([opdracht(), status("TGE", dag("di"), bekend="di 15:00")])
    assert bus.maat("technisch-gereed").eind == op("di 15:00")


# administratief gereed: TGE -> AGE


def test_administratief_gereed_runs_from_tge_to_age() -> None:
    bus = gespeeld([opdracht(), status("TGE", "di 12:00"), status("AGE", "wo 12:00")])
    closed = bus.maat("administratief-gereed")
    assert (closed.begin, closed.eind, closed.bruto_seconden) == (op("di 12:00"), op("wo 12:00"), 86_400)


def test_technisch_gereed_stays_open_and_late_when_age_comes_without_tge() -> None:
    bus = gespeeld([opdracht(), status("AGE", "wo 12:00")])
    assert (bus.maat("technisch-gereed").stand, bus.maat("technisch-gereed").gepauzeerd) == (Stand.OPEN, False)


# WEI and ANN end every open interval as vervallen


def test_wei_ends_what_is_open_as_vervallen() -> None:
    bus = gespeeld([opdracht(), status("WEI", "ma 12:00")])
    assert bus.maat("acceptatie").stand is Stand.GESLOTEN
    assert bus.maat("technisch-gereed").stand is Stand.VERVALLEN


def test_ann_ends_what_is_open_as_vervallen_and_leaves_what_is_closed() -> None:
    bus = gespeeld([opdracht(), status("ACC", "ma 11:00"), status("TGE", "di 12:00"), status("ANN", "wo 12:00")])
    assert bus.maat("acceptatie").stand is Stand.GESLOTEN
    assert bus.maat("technisch-gereed").stand is Stand.GESLOTEN
    assert bus.maat("administratief-gereed").stand is Stand.VERVALLEN


# from their start on; gross, net, per aan zet, working days, evidence


def test_measure_exists_from_its_start_with_deadline() -> None:
    (start,) = gespeeld([opdracht("ma 10:00")]).revisies("technisch-gereed")
    assert (start.revisie, start.stand, start.eind, start.gepauzeerd) == (0, Stand.OPEN, None, False)
    assert start.deadline == op("+ma 23:59").replace(second=59)


def test_measure_that_is_first_seen_closed_was_open_before() -> None:
    bus = gespeeld([status("ACC", "ma 11:00"), opdracht("ma 12:00", verzonden=Moment(op("ma 10:00")))])
    assert history(bus.revisies("acceptatie")) == [(0, Stand.OPEN), (1, Stand.GESLOTEN)]


def test_gross_net_and_aan_zet_split_over_the_contract_clock() -> None:
    bus = gespeeld(
        [
            opdracht("ma 10:00"),
            status("ACC", "ma 12:00"),
            status("REV", "di 10:00"),
            status("REA", "wo 10:00", door=CORPORATIE),
            status("OND+BNT", "wo 12:00"),
            status("AIN", "wo 14:00"),
            status("TGE", "do 10:00"),
        ]
    )
    done = bus.maat("technisch-gereed")
    hour = 3600
    assert (done.bruto_seconden, done.netto_seconden, done.werkdagen) == (72 * hour, 46 * hour, 3)
    assert done.aan_zet_seconden == {
        AanZet.AANNEMER: 46 * hour,
        AanZet.OPDRACHTGEVER: 24 * hour,
        AanZet.HUURDER: 2 * hour,
    }
    start = bus.revisies("acceptatie")[0].bewijs[0]
    moved = [milestone.bewijs for milestone in bus.dossier.mijlpalen if milestone.code != "ACC"]
    assert list(done.bewijs) == [start, *moved]


def test_open_measure_is_paused_while_the_clock_stands_and_its_deadline_shifts_by_working_time() -> None:
    bus = gespeeld([opdracht("ma 10:00"), status("ACC", "ma 11:00"), status("OND+AVW", "di 10:00")])
    assert bus.maat("technisch-gereed").gepauzeerd is True
    bus.play(status("REA", "di 12:00", door=CORPORATIE))
    resumed = bus.maat("technisch-gereed")
    assert resumed.gepauzeerd is False
    assert resumed.deadline == op("+di 10:00")  # two working hours after the end of Monday


def test_norm_in_hours_runs_day_and_night_and_shifts_by_the_time_the_clock_stood() -> None:
    hours = Voorwaarden("f" * 16, KALENDER, (Norm(maat="technisch-gereed", waarde=Decimal(24), eenheid=Eenheid.UREN),))
    bus = gespeeld([opdracht("vr 10:00", voorwaarden=hours)])
    assert bus.maat("technisch-gereed").deadline == op("za 10:00")
    bus.play(status("OND+AFW", "vr 12:00"), status("AIN", "vr 15:00"))
    assert bus.maat("technisch-gereed").deadline == op("za 13:00")


def test_norm_of_a_pair_that_ends_on_a_sunday_is_not_extended_by_the_algemene_termijnenwet() -> None:
    """It is contractual, and in hours: the law extends neither."""
    hours = Voorwaarden("f" * 16, KALENDER, (Norm(maat="technisch-gereed", waarde=Decimal(48), eenheid=Eenheid.UREN),))
    assert gespeeld([opdracht("vr 10:00", voorwaarden=hours)]).maat("technisch-gereed").deadline == op("zo 10:00")


def test_stop_after_the_deadline_shifts_nothing() -> None:
    bus = gespeeld([opdracht("ma 10:00"), status("OND+AVW", "+wo 10:00"), status("REA", "+do 10:00", door=CORPORATIE)])
    assert bus.maat("technisch-gereed").deadline == bus.revisies("technisch-gereed")[0].deadline


def test_order_without_norm_has_no_deadline() -> None:
    bus = gespeeld([opdracht(voorwaarden=Voorwaarden("f" * 16, KALENDER))])
    assert bus.maat("technisch-gereed").deadline is None


def test_end_before_t0_counts_as_nothing_with_a_finding() -> None:
    bus = gespeeld([opdracht("ma 10:00"), status("ACC", "ma 09:00", bekend="ma 10:05")])
    closed = bus.maat("acceptatie")
    assert (closed.bruto_seconden, closed.netto_seconden, closed.werkdagen) == (0, 0, 0)
    assert [finding.code for finding in closed.bevindingen] == ["eind-voor-begin"]


def test_measures_are_voorlopig_while_the_dossier_is_onvolledig() -> None:
    letter = Uitval(brief="b" * 32, reden=Reden.ONGELDIG, afzender=AANNEMER)
    bus: Bus = gespeeld([opdracht(), Bericht(letter, op("ma 12:00"), "kobalt-noord")])
    assert bus.dossier.onvolledig == ("b" * 32,)
    assert bus.maat("acceptatie").voorlopig is True
    assert history(bus.revisies("acceptatie")) == [(0, Stand.OPEN), (1, Stand.OPEN)]


def test_nothing_is_published_of_a_measure_that_did_not_change() -> None:
    bus = gespeeld([opdracht(), status("REG", "ma 10:30"), status("VIN", "ma 11:00")])
    assert len(bus.revisies("acceptatie")) == 1
    assert len(bus.revisies("technisch-gereed")) == 1


# veiliggesteld: t0 -> first THD or TGE


@pytest.mark.parametrize("code", ["OND+THD", "TGE+THD", "TGE"])
def test_veiliggesteld_runs_from_t0_to_the_first_thd_or_tge(code: str) -> None:
    bus = gespeeld([opdracht("ma 10:00"), status(code, "ma 14:00"), status("TGE", "di 12:00", nummer="X")])
    found = bus.maat("veiliggesteld")
    assert (found.stand, found.begin, found.eind) == (Stand.GESLOTEN, op("ma 10:00"), op("ma 14:00"))


def test_veiliggesteld_stays_when_the_work_is_reopened() -> None:
    bus = gespeeld([opdracht("ma 10:00"), status("TGE", "di 12:00"), status("REV", "wo 12:00", door=CORPORATIE)])
    assert bus.maat("veiliggesteld").eind == op("di 12:00")


# meldvertraging: TGE happened -> TGE known


def test_meldvertraging_runs_from_tge_happened_to_tge_known() -> None:
    bus = gespeeld([opdracht(), status("TGE", "di 12:00", bekend="di 15:00")])
    (found,) = bus.revisies("meldvertraging")
    assert (found.revisie, found.stand, found.bruto_seconden) == (0, Stand.GESLOTEN, 3 * 3600)
    assert (found.begin, found.eind, found.bevindingen) == (op("di 12:00"), op("di 15:00"), ())


@pytest.mark.parametrize(("known", "findings"), [("do 12:00", []), ("do 12:01", ["te-laat-gemeld"])])
def test_backdating_beyond_the_limit_of_the_pair_is_a_finding_on_meldvertraging(
    known: str, findings: list[str]
) -> None:
    terms = Voorwaarden("f" * 16, KALENDER, terugdateren_uren=48)
    bus = gespeeld([opdracht(voorwaarden=terms), status("TGE", "di 12:00", bekend=known)])
    assert [finding.code for finding in bus.maat("meldvertraging").bevindingen] == findings
    assert bus.maat("technisch-gereed").bevindingen == ()


def test_meldvertraging_is_withdrawn_with_its_tge() -> None:
    bus = gespeeld([opdracht(), status("TGE", "di 12:00"), status("OND+MIB", "wo 12:00")])
    assert bus.maat("meldvertraging").stand is Stand.INGETROKKEN


# invoicing begins when the work is ready, the whole chain with the order: both stay open while there are no invoices


def test_invoicing_and_whole_chain_stay_open_while_there_are_no_invoices() -> None:
    bus = gespeeld([opdracht(), status("TGE", "di 10:00"), status("AGE", "wo 10:00")])
    invoicing, whole = bus.maat("facturatie"), bus.maat("gehele-keten")
    assert (invoicing.stand, invoicing.begin) == (Stand.OPEN, op("di 10:00"))
    assert (whole.stand, whole.begin) == (Stand.OPEN, op("ma 10:00"))


@pytest.mark.parametrize("code", ["WEI", "ANN"])
def test_whole_chain_of_what_was_refused_or_cancelled_lapses(code: str) -> None:
    bus = gespeeld([opdracht(), status(code, "di 10:00", door=AANNEMER if code == "WEI" else CORPORATIE)])
    assert bus.maat("gehele-keten").stand is Stand.VERVALLEN
    assert not bus.revisies("facturatie")


# heropend


def test_heropend_counts_how_often_a_tge_was_withdrawn() -> None:
    found = [status("TGE", "di 10:00"), status("AIN", "di 11:00"), status("TGE", "wo 10:00"), status("REV", "wo 11:00")]
    assert gespeeld([opdracht(), *found]).dossier.heropend == 2
