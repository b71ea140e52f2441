"""Figures of what the rules really publish: refused and cancelled told apart, and a clock that stands still."""

from chain.kalender import Werkkalender, micros
from chain.kengetallen import Cijfers, Laatste, Periode, cijfers
from tests.unit.chain.berichten import CORPORATIE, KALENDER, Bericht, gespeeld, op, opdracht, status

CALENDAR = Werkkalender(KALENDER)


def figures(maat: str, peil: str, *berichten: Bericht) -> Cijfers:
    """Of the one order that the messages make."""
    bus = gespeeld(berichten)
    found = Laatste()
    for revision in bus.metingen:
        found.take(revision)
    intervals = [interval for groep, interval in found.intervals() if groep.maat == maat]
    return cijfers(intervals, Periode(), micros(op(peil)), lambda one, at: CALENDAR.working_days(one.begin, at))


def test_a_refused_order_answers_acceptatie_and_is_outside_technisch_gereed() -> None:
    refused = (opdracht("ma 10:00"), status("WEI", "ma 12:00"))
    accepted = figures("acceptatie", "vr 10:00", *refused)
    assert (accepted.n, accepted.geweigerd, accepted.vervallen) == (1, 1, 0)
    ready = figures("technisch-gereed", "vr 10:00", *refused)
    assert (ready.n, ready.geweigerd, ready.vervallen) == (0, 1, 0)


def test_a_cancelled_order_is_outside_as_cancelled() -> None:
    ready = figures(
        "technisch-gereed", "vr 10:00", opdracht("ma 10:00"), status("ACC", "ma 12:00"),
        status("ANN", "di 10:00", door=CORPORATIE),
    )  # fmt: skip
    assert (ready.n, ready.geweigerd, ready.vervallen) == (0, 0, 1)


def test_an_order_that_lies_still_since_before_its_deadline_is_not_late_and_one_that_lies_is() -> None:
    """Five working days from Monday end with the next Monday; without a word they have passed on Tuesday."""
    lying = (opdracht("ma 10:00"), status("ACC", "ma 11:00"))
    late = figures("technisch-gereed", "+wo 10:00", *lying)
    assert (late.gevallen, late.gehaald, late.open) == (1, 0, 1)
    paused = figures("technisch-gereed", "+wo 10:00", *lying, status("OND+AVW", "vr 12:00"))
    assert (paused.gevallen, paused.open) == (0, 1)
    too_late = figures("technisch-gereed", "+wo 10:00", *lying, status("OND+AVW", "+di 12:00"))
    assert (too_late.gevallen, too_late.gehaald) == (1, 0)


def test_net_time_of_an_open_order_stops_where_its_clock_stopped() -> None:
    paused = figures(
        "technisch-gereed", "wo 10:00", opdracht("ma 10:00"), status("ACC", "ma 11:00"), status("OND+AVW", "ma 13:00")
    )
    assert paused.netto.p50 is not None
    assert (paused.netto.p50.value, paused.netto.p50.reached) == (3 * 3_600, False)
    assert paused.uren.p50 is not None
    assert paused.uren.p50.value == 48 * 3_600
