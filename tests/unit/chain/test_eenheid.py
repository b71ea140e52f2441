"""The dossier of a unit: which order came back to which, and what the unit answers (ONDERHOUD 2, in één keer goed)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chain.ketens.onderhoud import Dossierstaat, Kader, decide
from chain.ketens.onderhoud.staat import Melding
from tests.unit.chain.berichten import AANNEMER, CORPORATIE, KETEN, record
from tests.unit.chain.dossiers import EENHEID, Keten, Zending, bezoek, dag, klok, later, opdracht, sleutel, status
from topics.catalogue.declarations import changelog_topic, correlator_name
from topics.documents.keten import Signaal
from topics.documents.onderhoud import Eenheidsantwoord, Eenheidsmelding
from topics.runtime.driver import run_until_quiet


def termijn(op: float) -> datetime:
    """90 days after day `op`."""
    return dag(op).astimezone(UTC) + timedelta(days=90)


def antwoord(keten: Keten, nummer: str = "A") -> Eenheidsantwoord | None:
    """The last answer to an order."""
    found = [one for one in keten.aan(sleutel(nummer)) if isinstance(one, Eenheidsantwoord)]
    return found[-1] if found else None


def herhaald(*zendingen: Zending) -> str | None:
    """What came back to order A, that was ready on day 2."""
    found = antwoord(Keten().speel(opdracht("A", 0), status("A", "TGE", 2), *zendingen))
    assert found is not None
    return found.herhaald_door


def test_order_that_is_not_ready_is_not_answered() -> None:
    assert antwoord(Keten().speel(opdracht("A", 0), opdracht("B", 1))) is None


def test_ready_order_is_answered_with_the_end_of_its_term() -> None:
    found = antwoord(Keten().speel(opdracht("A", 0), status("A", "TGE", 2)))
    assert found == Eenheidsantwoord(eenheid=EENHEID, termijn_om=termijn(2), reeks=2)


def test_new_order_for_the_same_element_within_the_term_came_back() -> None:
    assert herhaald(opdracht("B", 91)) == sleutel("B")


def test_guarantee_order_for_the_same_element_within_the_term_came_back() -> None:
    assert herhaald(opdracht("B", 5, specificatie="GAR")) == sleutel("B")


@pytest.mark.parametrize(
    "other",
    [
        opdracht("B", 93),
        opdracht("B", 1),
        opdracht("B", 5, elementen=("deur",)),
        opdracht("B", 5, elementen=()),
        opdracht("B", 5, eenheid="VHE-2"),
        opdracht("B", 5, eenheid=None),
        opdracht("B", 5, opdrachtgever=AANNEMER, aannemer=CORPORATIE),
    ],
    ids=["after", "before", "other element", "no element", "other unit", "no unit", "unit of another client"],
)
def test_other_orders_did_not_come_back(other: Zending) -> None:
    assert herhaald(other) is None


def test_one_shared_element_is_enough_in_any_case_of_letters() -> None:
    assert herhaald(opdracht("B", 5, elementen=("deur", "KRAAN"))) == sleutel("B")


def test_first_order_that_came_back_is_named_whichever_element_it_is_about() -> None:
    both = opdracht("A", 0, elementen=("deur", "kraan"))
    later, first = opdracht("B", 9, elementen=("deur",)), opdracht("C", 5, elementen=("kraan",))
    found = antwoord(Keten().speel(both, status("A", "TGE", 2), later, first))
    assert found is not None
    assert found.herhaald_door == sleutel("C")


def test_first_order_that_came_back_is_named() -> None:
    assert herhaald(opdracht("C", 6), opdracht("B", 5)) == sleutel("B")


def test_order_that_is_ready_before_it_began_does_not_come_back_to_itself() -> None:
    keten = Keten().speel(opdracht("A", 3), status("A", "TGE", 2))
    found = antwoord(keten)
    assert found is not None
    assert found.herhaald_door is None


def test_unit_of_hundreds_of_orders_raises_a_signal_of_its_size_and_goes_on() -> None:
    told = tuple(
        Melding(f"{sleutel('X')}{number}", number, number + 1, False, ("kraan", "leiding" * 10), reeks=1)
        for number in range(2_500)
    )
    kader, envelope = Kader("onderhoud", "correlate-onderhoud"), record(opdracht("A", 0).bericht, 1).envelope()
    melding = Eenheidsmelding(opdracht=sleutel("A"), begin=dag(0), elementen=("kraan",), element="kraan", reeks=1)
    state = Dossierstaat(reeks=1_500, bijgewerkt=1, gehoord=told)
    made = record(opdracht("A", 0).bericht, 1, EENHEID)
    outcome = decide(kader, EENHEID, state, envelope, melding, made)
    assert [one.soort for one, _ in outcome.documenten if isinstance(one, Signaal)] == ["te-groot"]
    assert len(outcome.gebeurtenissen) == 2_500


def test_answer_is_withdrawn_when_that_order_is_cancelled() -> None:
    assert herhaald(opdracht("B", 5), status("B", "ANN", 6, door=CORPORATIE)) is None


def test_answer_is_withdrawn_when_that_order_turns_out_to_be_about_something_else() -> None:
    assert herhaald(opdracht("B", 5), opdracht("B", 6, elementen=("deur",), bericht="B2")) is None


def test_answer_names_the_next_order_when_the_first_is_refused() -> None:
    assert herhaald(opdracht("B", 5), opdracht("C", 6), status("B", "WEI", 7)) == sleutel("C")


def test_answer_is_withdrawn_when_the_order_is_reopened_and_given_anew() -> None:
    keten = Keten().speel(opdracht("A", 0), status("A", "TGE", 2), status("A", "REV", 3))
    found = antwoord(keten)
    assert found is not None
    assert found.termijn_om is None
    keten.speel(status("A", "TGE", 5))
    found = antwoord(keten)
    assert found is not None
    assert found.termijn_om == termijn(5)


def test_dossier_of_the_unit_shows_its_orders() -> None:
    keten = Keten().speel(opdracht("A", 0), opdracht("B", 1), status("B", "ANN", 2, door=CORPORATIE))
    found = keten.dossier(EENHEID)
    assert (found.toestand, found.opdrachtgever, found.opdrachten) == ("eenheid", CORPORATIE, (sleutel("A"),))


def test_unit_forgets_an_order_after_its_term_and_withdraws_nothing() -> None:
    keten = Keten().speel(opdracht("A", 0), status("A", "TGE", 2), opdracht("B", 80), klok(94))
    told = len(keten.aan(sleutel("A")))
    keten.speel(status("B", "TGE", 95))
    assert keten.dossier(EENHEID).opdrachten == (sleutel("B"),)
    assert len(keten.aan(sleutel("A"))) == told


def test_unit_forgets_a_cancelled_order_after_the_term_too() -> None:
    keten = Keten().speel(opdracht("A", 0), status("A", "ANN", 1, door=CORPORATIE), klok(91.9))
    assert len(_gehoord(keten)) == 1
    assert _gehoord(keten.speel(klok(92.1))) == ()


def test_unit_keeps_an_order_that_was_reported_ready_late_as_long_from_then_on() -> None:
    keten = Keten().speel(opdracht("A", 0), later(status("A", "TGE", 1), 30), klok(121.9))
    assert len(_gehoord(keten)) == 1
    assert _gehoord(keten.speel(klok(122.1))) == ()


def _gehoord(keten: Keten) -> tuple[object, ...]:
    """The orders that the unit keeps."""
    state = keten.driver.state(EENHEID)
    assert isinstance(state, Dossierstaat)
    return state.gehoord


def test_unit_that_forgot_all_its_orders_goes_on_counting() -> None:
    """An order that is told anew must be able to tell a new answer from an old one."""
    keten = Keten().speel(opdracht("A", 0), status("A", "TGE", 2), klok(200))
    before = antwoord(keten)
    keten.speel(status("A", "REV", 201), status("A", "TGE", 202))
    after = antwoord(keten)
    assert before is not None
    assert after is not None
    assert after.reeks > before.reeks
    assert after.termijn_om == termijn(202)


# in één keer goed, on the order


def goed(keten: Keten) -> bool | None:
    return keten.dossier(sleutel("A")).in_een_keer_goed


def test_reopening_is_known_at_once() -> None:
    keten = Keten().speel(opdracht("A", 0), status("A", "TGE", 2))
    assert goed(keten) is None
    assert goed(keten.speel(status("A", "REV", 3))) is False


def test_order_that_came_back_is_known_at_once_and_withdrawn_with_it() -> None:
    keten = Keten().speel(opdracht("A", 0), status("A", "TGE", 2), opdracht("B", 5))
    assert goed(keten) is False
    assert goed(keten.speel(status("B", "ANN", 6, door=CORPORATIE))) is None


@pytest.mark.parametrize("end", ["ANN", "WEI"])
def test_cancelled_or_refused_order_is_not_counted(end: str) -> None:
    keten = Keten().speel(opdracht("A", 0), status("A", "TGE", 1), status("A", "REV", 2), status("A", end, 3))
    assert goed(keten) is None


def test_one_kept_visit_and_ninety_days_of_quiet_is_known_at_a_tick() -> None:
    keten = Keten().speel(opdracht("A", 0), bezoek("A", 1), status("A", "TGE", 2), status("A", "AGE", 3), klok(91.9))
    before = keten.dossier(sleutel("A"))
    assert before.in_een_keer_goed is None
    after = keten.speel(klok(92.1)).dossier(sleutel("A"))
    assert after.in_een_keer_goed is True
    assert after.reeks == before.reeks + 1
    keten.speel(klok(92.2))
    assert len(keten.dossiers(sleutel("A"))) == after.reeks


def test_answer_about_a_former_tge_does_not_count_for_the_last_one() -> None:
    """A tick may come before the unit has answered anew."""
    keten = (
        Keten().speel(opdracht("A", 0), bezoek("A", 1), status("A", "TGE", 2)).stuur(status("A", "TGE", 10), klok(95))
    )
    run_until_quiet(keten.driver)
    assert {one.in_een_keer_goed for one in keten.dossiers(sleutel("A"))} == {None}
    assert goed(keten.speel(klok(101))) is True


def test_second_kept_visit_is_known_at_once() -> None:
    keten = Keten().speel(opdracht("A", 0), bezoek("A", 1))
    assert goed(keten) is None
    assert goed(keten.speel(bezoek("A", 2))) is False


def test_order_without_a_known_visit_or_unit_is_never_known() -> None:
    ready = [status("A", "TGE", 2), klok(200)]
    assert goed(Keten().speel(opdracht("A", 0), *ready)) is None
    assert goed(Keten().speel(opdracht("A", 0, eenheid=None), bezoek("A", 1), *ready)) is None


def test_order_that_came_back_late_on_the_log_still_counts() -> None:
    """Told after the tick that ended the term, for an order that began within it."""
    keten = Keten().speel(opdracht("A", 0), bezoek("A", 1), status("A", "TGE", 2), klok(92.1))
    assert goed(keten) is True
    assert goed(keten.speel(opdracht("B", 91))) is False
    assert goed(keten.speel(status("B", "ANN", 93, door=CORPORATIE))) is True


def _written(keten: Keten) -> int:
    """How often the state of order A was written."""
    log = changelog_topic(correlator_name(KETEN))
    return sum(read.key.decode() == sleutel("A") for read in keten.bus.records(log))


def test_dossier_does_not_shrink_before_it_is_known() -> None:
    """A TGE that was reported a little ahead ends its term after the dossier was closed for 90 days."""
    ahead = status("A", "TGE", 2.5)
    ahead = Zending(replace(ahead.bericht, bekend=dag(2)), ahead.sleutel)
    closed = status("A", "AGE", 2.6)
    closed = Zending(replace(closed.bericht, bekend=dag(2.1)), closed.sleutel)
    keten = Keten().speel(opdracht("A", 0), bezoek("A", 1), ahead, closed, klok(92))
    times = _written(keten)
    assert goed(keten.speel(klok(92.2), klok(92.3))) is None
    assert _written(keten) == times, "due while nothing can come of it"
    assert goed(keten.speel(klok(92.6))) is True
    assert "stomp|administratief-gereed" in keten.speel(klok(92.7)).driver.facets()
