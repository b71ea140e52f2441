"""The dossier of a vacancy: its steps, its orders, and its measures in calendar days (ONDERHOUD 4)."""

from dataclasses import replace
from datetime import date

import pytest

from tests.unit.chain.berichten import AANNEMER, ANDER, CORPORATIE, KETEN
from tests.unit.chain.dossiers import Keten, Zending, dag, klok, mutatie_sleutel, opdracht, sleutel, stap, status
from topics import keys
from topics.catalogue.declarations import changelog_topic, correlator_name
from topics.documents import Reden
from topics.documents.keten import Stand
from topics.documents.onderhoud import Mutatiestap

M1 = mutatie_sleutel("M1")
TOESTAND = changelog_topic(correlator_name(KETEN))
OPGEZEGD, VOORINSPECTIE, EINDINSPECTIE, SLEUTELS_IN, OPGELEVERD, SLEUTELS_UIT = Mutatiestap


def gespeeld(*zendingen: Zending) -> Keten:
    return Keten().speel(*zendingen)


# measures


def test_notice_to_keys_in_runs_from_the_notice_on() -> None:
    keten = gespeeld(stap("M1", OPGEZEGD, 0))
    (start,) = keten.revisies(M1, "opzegging-sleutels-in")
    assert (start.revisie, start.stand, start.begin, start.opdrachtgever) == (0, Stand.OPEN, dag(0), CORPORATIE)
    end = keten.speel(stap("M1", SLEUTELS_IN, 28)).maat(M1, "opzegging-sleutels-in")
    assert (end.revisie, end.stand, end.eind, end.kalenderdagen) == (1, Stand.GESLOTEN, dag(28), 28)


@pytest.mark.parametrize(
    ("step", "maat"), [(OPGELEVERD, "sleutels-in-opgeleverd"), (SLEUTELS_UIT, "sleutels-in-sleutels-uit")]
)
def test_keys_in_to_a_later_step_counts_calendar_days(step: Mutatiestap, maat: str) -> None:
    keten = gespeeld(stap("M1", SLEUTELS_IN, 0), stap("M1", step, 12.7))
    assert [one.stand for one in keten.revisies(M1, maat)] == [Stand.OPEN, Stand.GESLOTEN]
    assert keten.maat(M1, maat).kalenderdagen == 13
    assert keten.maat(M1, maat).bruto_seconden == int(12.7 * 86_400)


def test_calendar_days_are_days_in_amsterdam_across_a_change_of_the_clock() -> None:
    found = gespeeld(stap("M1", SLEUTELS_IN, 26), stap("M1", OPGELEVERD, 28)).maat(M1, "sleutels-in-opgeleverd")
    assert (found.kalenderdagen, found.bruto_seconden) == (2, 47 * 3600)


def test_keys_in_to_ready_ends_with_the_last_of_its_orders() -> None:
    maat = "sleutels-in-gereed"
    keten = gespeeld(stap("M1", SLEUTELS_IN, 0))
    assert keten.revisies(M1, maat) == []
    keten.speel(opdracht("A", 1, mutatie="M1"), opdracht("B", 2, mutatie="M1"), status("A", "TGE", 5))
    assert keten.maat(M1, maat).stand is Stand.OPEN
    keten.speel(status("B", "TGE", 8))
    found = keten.maat(M1, maat)
    assert (found.stand, found.eind, found.kalenderdagen) == (Stand.GESLOTEN, dag(8), 8)
    assert found.bewijs[-1].ontvangst == status("B", "TGE", 8).bericht.receipt


def test_keys_in_to_ready_opens_again_with_a_reopened_order_and_closes_without_a_cancelled_one() -> None:
    maat = "sleutels-in-gereed"
    keten = gespeeld(
        stap("M1", SLEUTELS_IN, 0), opdracht("A", 1, mutatie="M1"), opdracht("B", 2, mutatie="M1", eenheid=None)
    )
    keten.speel(status("A", "TGE", 5), status("B", "TGE", 6), status("B", "REV", 7))
    assert keten.maat(M1, maat).stand is Stand.OPEN
    keten.speel(status("B", "ANN", 8))
    assert (keten.maat(M1, maat).stand, keten.maat(M1, maat).eind) == (Stand.GESLOTEN, dag(5))
    keten.speel(status("A", "REV", 9), status("A", "ANN", 10))
    assert keten.maat(M1, maat).stand is Stand.INGETROKKEN


def test_of_a_step_that_is_told_again_the_first_begins_and_the_last_ends() -> None:
    keten = gespeeld(
        stap("M1", SLEUTELS_IN, 3), stap("M1", SLEUTELS_IN, 1), stap("M1", OPGELEVERD, 9), stap("M1", OPGELEVERD, 8)
    )
    found = keten.maat(M1, "sleutels-in-opgeleverd")
    assert (found.begin, found.eind) == (dag(1), dag(9))


def test_end_before_the_start_counts_as_zero_with_a_finding() -> None:
    found = gespeeld(stap("M1", OPGEZEGD, 5), stap("M1", SLEUTELS_IN, 2)).maat(M1, "opzegging-sleutels-in")
    assert (found.kalenderdagen, found.bruto_seconden) == (0, 0)
    assert [one.code for one in found.bevindingen] == ["eind-voor-begin"]


def test_step_of_which_only_the_day_is_known_counts_as_known() -> None:
    found = gespeeld(stap("M1", SLEUTELS_IN, 0, alleen_dag=True)).maat(M1, "sleutels-in-opgeleverd")
    assert found.begin == stap("M1", SLEUTELS_IN, 0).bericht.bekend


# the dossier


def test_step_that_says_it_happened_in_the_future_does_not_count_and_asks_for_a_person() -> None:
    slip = stap("M1", SLEUTELS_UIT, 400)
    slip = replace(slip, bericht=replace(slip.bericht, bekend=dag(6)))
    keten = gespeeld(stap("M1", SLEUTELS_IN, 5), slip)
    found = keten.dossier(M1)
    assert (found.toestand, found.feiten, [one.code for one in found.mijlpalen]) == ("sleutels-in", 2, ["sleutels-in"])
    assert keten.maat(M1, "sleutels-in-sleutels-uit").stand is Stand.OPEN
    (signal,) = keten.signalen(M1)
    assert (signal.soort, signal.tegen, found.buiten_beschouwing) == ("beoordelen", CORPORATIE, (slip.bericht.event,))
    assert "stomp|sleutels-uit" not in keten.speel(klok(200)).driver.facets()


def _written(keten: Keten) -> int:
    """How often the state of the vacancy was written."""
    return sum(read.key.decode() == M1 for read in keten.bus.records(TOESTAND))


def test_vacancy_that_goes_on_is_not_due_at_every_tick_however_old() -> None:
    keten = gespeeld(stap("M1", SLEUTELS_IN, 0), klok(8 * 365))
    times = _written(keten)
    assert _written(keten.speel(klok(8 * 365 + 1))) == times
    assert keten.dossier(M1).toestand == "sleutels-in"


def test_vacancy_that_only_its_orders_named_is_forgotten_after_seven_years() -> None:
    keten = gespeeld(opdracht("A", 0, mutatie="M1"), klok(7 * 365 - 1))
    assert keten.driver.state(M1) is not None
    assert keten.speel(klok(7 * 365 + 2)).driver.state(M1) is None


def test_same_content_under_another_number_is_a_fact_that_counts_once() -> None:
    found = gespeeld(stap("M1", SLEUTELS_IN, 1), stap("M1", SLEUTELS_IN, 1, bericht="again")).dossier(M1)
    assert (found.feiten, [one.code for one in found.mijlpalen]) == (2, ["sleutels-in"])


def test_dossier_shows_steps_and_orders() -> None:
    keten = gespeeld(stap("M1", SLEUTELS_IN, 5), stap("M1", OPGEZEGD, 0), opdracht("A", 6, mutatie="M1"))
    found = keten.dossier(M1)
    assert (found.toestand, found.opdrachtgever, found.soort, found.feiten) == ("sleutels-in", CORPORATIE, "MUT", 2)
    assert [one.code for one in found.mijlpalen] == ["opgezegd", "sleutels-in"]
    assert found.opdrachten == (sleutel("A"),)


def test_vacancy_that_only_its_orders_named_is_announced() -> None:
    key = keys.mutation_key(KETEN, CORPORATIE, None, "VHE-1", date(2026, 3, 1))
    assert key is not None
    found = gespeeld(opdracht("A", 0, leegstand=date(2026, 3, 1))).dossier(key)
    assert (found.toestand, found.opdrachten) == ("aangekondigd", (sleutel("A"),))


def test_vacancy_with_keys_out_shrinks_after_ninety_days_and_knows_its_messages() -> None:
    last = stap("M1", SLEUTELS_UIT, 10)
    keten = gespeeld(stap("M1", SLEUTELS_IN, 0), last, klok(102), last)
    assert keten.driver.facets() == {"stomp|sleutels-uit": 1}
    assert keten.postings[-1].naar.value == "dubbel"


# how messages are received: as those of an order


def test_same_message_again_is_double() -> None:
    step = stap("M1", OPGEZEGD, 0)
    keten = gespeeld(step, step)
    assert keten.dossier(M1).feiten == 1
    assert [posting.naar.value for posting in keten.postings] == ["toegepast", "dubbel"]


def test_other_content_under_a_known_number_is_conflicting_and_makes_measures_provisional() -> None:
    keten = gespeeld(stap("M1", SLEUTELS_IN, 0, bericht="X"), stap("M1", SLEUTELS_IN, 4, bericht="X"))
    assert [posting.reden for posting in keten.postings] == [None, Reden.STRIJDIG]
    assert len(keten.dossier(M1).onvolledig) == 1
    assert keten.maat(M1, "sleutels-in-opgeleverd").voorlopig


@pytest.mark.parametrize("sender", [AANNEMER, ANDER])
def test_step_of_anybody_but_the_client_is_refused(sender: str) -> None:
    keten = gespeeld(stap("M1", SLEUTELS_IN, 0), stap("M1", OPGELEVERD, 4, door=sender))
    assert [posting.reden for posting in keten.postings] == [None, Reden.ONBEVOEGD]
    assert keten.dossier(M1).feiten == 1
    assert gespeeld(stap("M1", OPGELEVERD, 4, door=sender)).postings[0].reden is Reden.ONBEVOEGD


def test_messages_of_a_vacancy_are_applied_and_what_its_orders_tell_posts_nothing() -> None:
    keten = gespeeld(stap("M1", OPGEZEGD, 0), opdracht("A", 1, mutatie="M1"), status("A", "TGE", 2))
    assert list(keten.rekening().values()) == ["toegepast"] * 3
