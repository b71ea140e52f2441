"""Sub-orders: parts with a state and measures of their own, the whole, and what cannot be placed (ONDERHOUD 6)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.chain.berichten import CORPORATIE
from tests.unit.chain.dossiers import EENHEID, Keten, Zending, dag, klok, later, opdracht, sleutel, status
from topics.documents.keten import AanZet, Stand
from topics.documents.onderhoud import Eenheidsmelding
from topics.runtime.driver import run_until_quiet

A = sleutel("A")
EEN = opdracht("A", 0, subnummer="1", elementen=("kraan",))
TWEE = opdracht("A", 2, subnummer="2", elementen=("deur",))
HOOFD = opdracht("A", 0)
TG = "technisch-gereed"


def sub(code: str, op: float, deel: str | None, **rest: str) -> Zending:
    return status("A", code, op, subnummer=deel, **rest)


def delen(keten: Keten) -> dict[str, str]:
    return {deel.subnummer: deel.toestand for deel in keten.dossier(A).delen}


# parts


def test_every_part_has_its_own_state() -> None:
    keten = Keten().speel(EEN, TWEE, sub("ACC", 3, "1"), sub("TGE", 4, "1"), sub("REV", 5, "2"))
    assert delen(keten) == {"1": "technisch-gereed", "2": "in-behandeling"}
    first, second = keten.dossier(A).delen
    assert (first.gereed, second.gereed) == (dag(4), None)
    assert (first.aan_zet, second.aan_zet) == (AanZet.AANNEMER, AanZet.OPDRACHTGEVER)


def test_every_part_has_its_own_measures() -> None:
    keten = Keten().speel(EEN, TWEE, sub("TGE", 4, "1"))
    assert (keten.maat(A, TG, "1").stand, keten.maat(A, TG, "1").eind) == (Stand.GESLOTEN, dag(4))
    assert (keten.maat(A, TG, "2").stand, keten.maat(A, TG, "2").begin) == (Stand.OPEN, dag(2))
    assert keten.maat(A, "acceptatie", "2").stand is Stand.OPEN


def test_sub_numbers_count_as_order_numbers_do() -> None:
    keten = Keten().speel(opdracht("A", 0, subnummer="x 1"), TWEE, sub("TGE", 3, "X1"))
    assert delen(keten) == {"2": "geregistreerd", "X1": "technisch-gereed"}


def test_norm_of_a_part_speaks_for_that_part() -> None:
    keten = Keten().speel(EEN, TWEE, sub("ACC", 0.1, "1"), sub("TGE", 3, "1"), klok(30))
    late = {(one.maat, one.subnummer) for one in keten.signalen(A) if one.soort == "norm-overschreden"}
    assert (TG, "2") in late
    assert not {pair for pair in late if pair[1] != "2"} - {("administratief-gereed", "1")}
    keten.speel(sub("ANN", 31, "2", door=CORPORATIE))
    gone = {(one.maat, one.subnummer) for one in keten.signalen(A) if one.ingetrokken}
    assert (TG, "2") in gone


# the whole


def test_whole_runs_from_the_earliest_start_to_the_last_part_that_is_ready() -> None:
    keten = Keten().speel(EEN, TWEE, sub("TGE", 6, "2"))
    assert (keten.maat(A, TG).stand, keten.dossier(A).toestand) == (Stand.OPEN, "geregistreerd")
    keten.speel(sub("TGE", 4, "1"))
    found = keten.maat(A, TG)
    assert (found.stand, found.begin, found.eind) == (Stand.GESLOTEN, dag(0), dag(6))
    assert keten.dossier(A).toestand == "technisch-gereed"


def test_whole_leaves_a_cancelled_part_out() -> None:
    keten = Keten().speel(EEN, TWEE, sub("TGE", 4, "1"), sub("ANN", 5, "2", door=CORPORATIE))
    assert (keten.maat(A, TG).stand, keten.maat(A, TG).eind) == (Stand.GESLOTEN, dag(4))
    assert keten.maat(A, TG, "2").stand is Stand.VERVALLEN
    assert keten.dossier(A).toestand == "technisch-gereed"


def test_whole_lapses_when_every_part_was_cancelled_or_refused() -> None:
    keten = Keten().speel(EEN, TWEE, sub("WEI", 3, "1"))
    assert keten.dossier(A).toestand == "geregistreerd"
    keten.speel(sub("ANN", 5, "2", door=CORPORATIE))
    assert (keten.maat(A, TG).stand, keten.dossier(A).toestand) == (Stand.VERVALLEN, "geannuleerd")


def test_whole_closes_with_its_last_part_and_shrinks() -> None:
    keten = Keten().speel(EEN, TWEE, *(sub(code, op, deel) for deel in "12" for code, op in (("TGE", 4), ("AGE", 5))))
    assert keten.dossier(A).toestand == "administratief-gereed"
    keten.speel(klok(100), klok(101))
    assert "stomp|administratief-gereed" in keten.driver.facets()


def test_clock_of_the_whole_stands_only_while_it_stands_for_every_part_that_is_not_ready() -> None:
    keten = Keten().speel(EEN, TWEE, sub("REV", 3, "1"))
    assert (keten.dossier(A).klok_loopt, keten.dossier(A).aan_zet) == (True, AanZet.AANNEMER)
    keten.speel(sub("TGE", 4, "2"))
    assert (keten.dossier(A).klok_loopt, keten.dossier(A).aan_zet) == (False, AanZet.OPDRACHTGEVER)
    keten.speel(sub("REA", 5, "1", door=CORPORATIE), sub("TGE", 6, "1"))
    assert keten.maat(A, TG).netto_seconden == 5 * 86_400


def test_order_beside_its_sub_order_is_a_part_of_its_own_and_its_former_measures_are_withdrawn() -> None:
    keten = Keten().speel(HOOFD, status("A", "ACC", 1), TWEE)
    assert delen(keten) == {"-": "geaccepteerd", "2": "geregistreerd"}
    assert keten.maat(A, "acceptatie").stand is Stand.INGETROKKEN
    assert keten.maat(A, "acceptatie", "-").stand is Stand.GESLOTEN


# what names no part


def test_status_without_a_number_counts_for_the_one_part_that_was_open() -> None:
    keten = Keten().speel(EEN, status("A", "ACC", 1), TWEE, sub("AGE", 3, "1"), status("A", "TGE", 4))
    assert delen(keten) == {"1": "administratief-gereed", "2": "technisch-gereed"}
    assert keten.dossier(A).buiten_beschouwing == ()


@pytest.mark.parametrize("deel", [None, "3"], ids=["no number", "a number of no part"])
def test_status_that_nobody_can_place_is_left_out_and_a_person_looks_at_it(deel: str | None) -> None:
    said = sub("TGE", 4, deel)
    keten = Keten().speel(EEN, TWEE, said)
    assert keten.dossier(A).buiten_beschouwing == (said.bericht.event,)
    assert delen(keten) == {"1": "geregistreerd", "2": "geregistreerd"}
    (signal,) = keten.signalen(A)
    assert (signal.soort, signal.subnummer, signal.ingetrokken) == ("beoordelen", None, False)
    assert set(keten.rekening().values()) == {"toegepast"}


def test_signal_is_withdrawn_when_the_part_turns_out_to_exist() -> None:
    keten = Keten().speel(EEN, TWEE, sub("ACC", 4, "3"), opdracht("A", 5, subnummer="3"))
    assert [one.ingetrokken for one in keten.signalen(A) if one.soort == "beoordelen"] == [False, True]
    assert delen(keten)["3"] == "geaccepteerd"


def test_same_content_again_does_not_move_on_to_the_part_that_is_left() -> None:
    again = sub("AGE", 3, None, bericht="Y")
    keten = Keten().speel(EEN, sub("TGE", 1, None), opdracht("A", 4, subnummer="2"), sub("AGE", 3, None, bericht="X"))
    keten.speel(again)
    assert delen(keten) == {"1": "administratief-gereed", "2": "geregistreerd"}
    assert keten.dossier(A).buiten_beschouwing == ()


def test_order_with_one_sub_number_is_that_part() -> None:
    keten = Keten().speel(EEN, status("A", "TGE", 2))
    assert keten.dossier(A).delen == ()
    assert keten.maat(A, TG).stand is Stand.GESLOTEN
    assert keten.revisies(A, TG, "1") == []


# beside other dossiers


def test_unit_hears_of_the_whole_with_the_elements_of_its_parts() -> None:
    keten = Keten().speel(EEN, TWEE, sub("TGE", 4, "1"), sub("TGE", 6, "2"))
    told = keten.aan(EENHEID)[-1]
    assert isinstance(told, Eenheidsmelding)
    assert (told.elementen, told.gereed) == (("deur", "kraan"), dag(6))


def test_state_with_parts_survives_its_bytes() -> None:
    keten = Keten().speel(EEN, TWEE, sub("TGE", 4, "1"), klok(30))
    before = keten.driver.state(A)
    keten.driver.crash()
    assert keten.driver.state(A) == before


WEEK = [
    EEN,
    later(TWEE, 0.1),
    opdracht("A", 1, subnummer="1", elementen=("kraan", "buis"), bericht="A1b"),
    sub("ACC", 0.5, None),
    sub("TGE", 3, "1"),
    sub("REV", 3.5, "2"),
    sub("AGE", 4, "1"),
    sub("REA", 4.5, None, door=CORPORATIE),
    sub("TGE", 5, None),
    sub("ACC", 5.5, "7"),
]


@given(st.permutations(WEEK))
@settings(max_examples=40, deadline=None)
def test_any_order_of_arrival_ends_in_the_same_parts(order: list[Zending]) -> None:
    assert _ends(order) == _ends(WEEK)


def _ends(zendingen: list[Zending]) -> tuple[object, ...]:
    keten = Keten().stuur(*zendingen)
    run_until_quiet(keten.driver)
    keten.speel(klok(40))
    kept = {
        (maat, deel): (last.stand, last.begin, last.eind, last.deadline, last.netto_seconden if last.eind else None)
        for deel in (None, "1", "2")
        for maat in ("acceptatie", TG, "administratief-gereed")
        if keten.revisies(A, maat, deel) and (last := keten.maat(A, maat, deel)).stand is not Stand.INGETROKKEN
    }
    standing: dict[str, bool] = {one.id: one.ingetrokken for one in keten.signalen(A)}
    return keten.alle(), kept, {signal for signal, gone in standing.items() if not gone}
