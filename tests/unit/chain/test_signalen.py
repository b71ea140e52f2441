"""Signals: an exceeded norm on a tick, its withdrawal, and when it is held back (DESIGN 5, 7)."""

import pytest
from msgspec.structs import replace

from chain.correlate.processor import KLOK_KEY
from chain.ketens.onderhoud import Dossierstaat
from tests.unit.chain.berichten import (
    AANNEMER,
    CORPORATIE,
    SLEUTEL,
    Bericht,
    Bus,
    gespeeld,
    klok,
    op,
    opdracht,
    record,
    status,
)
from topics.documents import Reden
from topics.documents.besluit import Besluit
from topics.documents.keten import Signaal, Uitval

# the sample order: acceptatie within 1 working day (Tuesday), technisch gereed within 5 (next Monday)


def late() -> Bus:
    """Acceptatie was due on Tuesday."""
    return gespeeld([opdracht("ma 10:00"), klok("wo 00:00")])


def kinds(bus: Bus) -> list[tuple[str, str | None, bool]]:
    return [(signal.soort, signal.maat, signal.ingetrokken) for signal in norms(bus)]


def norms(bus: Bus) -> list[Signaal]:
    return [signal for signal in bus.signalen if signal.soort == "norm-overschreden"]


def test_norm_is_exceeded_on_the_first_tick_after_the_deadline() -> None:
    bus = gespeeld([opdracht("ma 10:00"), klok("di 23:59")])
    assert bus.signalen == []
    bus.play(klok("wo 00:00"))
    (signal,) = norms(bus)
    assert (signal.soort, signal.maat, signal.tegen) == ("norm-overschreden", "acceptatie", AANNEMER)
    assert signal.sinds == op("di 23:59").replace(second=59)
    assert bus.facets[SLEUTEL][1] == f"norm|acceptatie|{CORPORATIE}|{AANNEMER}"


def test_norm_is_signalled_once() -> None:
    assert len(norms(late().play(klok("wo 00:01"), klok("do 00:01")))) == 1


def test_dossier_keeps_each_standing_signal_once_when_the_next_is_due() -> None:
    state = late().play(klok("+di 00:00"), klok("+di 00:01")).get(SLEUTEL)
    assert isinstance(state, Dossierstaat)
    standing = [(signal.soort, signal.ref) for signal in state.signalen]
    assert ("norm-overschreden", "technisch-gereed") in standing
    assert len(standing) == len(set(standing))


def test_doubled_or_older_tick_changes_nothing() -> None:
    bus = gespeeld([opdracht("ma 10:00"), klok("do 00:00")])
    before, steps = dict(bus.frames), len(bus.stappen)
    bus.play(klok("do 00:00"), klok("wo 00:00"))
    assert (bus.frames, len(bus.stappen)) == (before, steps)


def test_doubled_tick_changes_nothing_of_what_became_late_in_between() -> None:
    """An order that is known late is late at once, but only a new tick says so."""
    bus = gespeeld([klok("do 00:00"), opdracht("ma 10:00"), klok("do 00:00")])
    assert bus.signalen == []
    assert len(norms(bus.play(klok("do 00:01")))) == 1


def test_signal_is_withdrawn_when_a_later_fact_shows_that_the_norm_was_met() -> None:
    bus = late().play(status("ACC", "di 09:00", bekend="wo 09:00"))
    assert kinds(bus) == [("norm-overschreden", "acceptatie", False), ("norm-overschreden", "acceptatie", True)]
    assert norms(bus)[0].id == norms(bus)[1].id
    assert len(bus.facets[SLEUTEL]) == 1


def test_signal_stands_when_the_end_came_too_late() -> None:
    assert len(late().play(status("ACC", "wo 09:00")).te_laat) == 1


def test_signal_is_withdrawn_when_the_measure_vervalt() -> None:
    bus = gespeeld([opdracht("ma 10:00"), status("ACC", "ma 11:00"), klok("+di 00:00")])
    assert bus.te_laat == ["technisch-gereed"]
    assert bus.play(status("ANN", "+di 09:00")).staand == {}


def test_signal_is_withdrawn_when_a_late_fact_shows_that_the_clock_stood() -> None:
    bus = late().play(status("REV", "di 09:00", bekend="wo 09:00"))
    assert bus.staand == {}
    bus.play(klok("do 00:00"))
    assert bus.staand == {}
    bus.play(status("REA", "do 09:00", door=CORPORATIE), klok("+za 00:00"))
    assert set(bus.te_laat) == {"acceptatie", "technisch-gereed"}


def test_paused_measure_does_not_become_late() -> None:
    bus = gespeeld([opdracht("ma 10:00"), status("ACC", "ma 11:00"), status("OND+BNT", "di 09:00"), klok("++zo 00:00")])
    assert bus.signalen == []


def test_measure_that_is_paused_after_its_deadline_is_late_all_the_same() -> None:
    bus = gespeeld([opdracht("ma 10:00"), status("OND+AFW", "do 09:00"), klok("vr 00:00")])
    assert bus.te_laat == ["acceptatie"]


def test_deadline_that_a_late_fact_moves_is_due_again() -> None:
    bus = gespeeld([opdracht("ma 10:00"), status("ACC", "ma 11:00"), klok("+di 00:00")])
    pause = [status("OND+AFW", "wo 09:00", bekend="+di 09:00"), status("AIN", "do 09:00", bekend="+di 09:00")]
    assert bus.play(*pause).staand == {}
    assert bus.play(klok("+di 10:00")).staand == {}
    assert len(bus.play(klok("+wo 00:00")).te_laat) == 1


@pytest.mark.parametrize("name", [AANNEMER, "kobalt-noord"])
def test_signal_against_a_suspended_partner_is_held_back_until_it_is_lifted(name: str) -> None:
    bus = gespeeld(
        [opdracht("ma 10:00"), status("REG", "ma 11:00"), klok("wo 00:00", [name]), klok("wo 00:05", [name])]
    )
    assert bus.signalen == []
    assert len(bus.play(klok("wo 00:20")).te_laat) == 1


def test_suspension_of_another_partner_holds_nothing_back() -> None:
    assert len(gespeeld([opdracht("ma 10:00"), klok("wo 00:00", [CORPORATIE])]).te_laat) == 1


def test_signal_is_held_back_while_the_dossier_is_onvolledig() -> None:
    letter = Bericht(Uitval(brief="b" * 32, reden=Reden.ONGELDIG, afzender=AANNEMER), op("ma 12:00"))
    decision = Bericht(Besluit(brief="b" * 32, soort="afvoer", door="x", op=op("wo 12:00")), op("wo 12:00"))
    bus = gespeeld([opdracht("ma 10:00"), letter, klok("wo 00:00")])
    assert bus.signalen == []
    assert len(bus.play(decision, klok("wo 12:01")).te_laat) == 1


def test_letter_does_not_withdraw_a_signal_that_stood() -> None:
    letter = Bericht(Uitval(brief="b" * 32, reden=Reden.ONGELDIG, afzender=AANNEMER), op("wo 12:00"))
    assert len(late().play(letter).te_laat) == 1


def test_tick_takes_every_dossier_out_of_what_is_due() -> None:
    bus = Bus()
    for number in range(5):
        bus.play(opdracht("ma 10:00"), sleutel=f"onderhoud/opdracht/{CORPORATIE}/IN{number}")
    bus.play(klok("wo 00:00"))
    assert list(bus.due(op("wo 00:00"))) == []
    assert len(bus.te_laat) == 5
    assert [step.cursor for step in bus.stappen[-6:]] == [*(f"{SLEUTEL[:-1]}{n}" for n in range(5)), None]
    assert bus.stappen[-1].key == KLOK_KEY


# a dossier that raises on a tick


def test_dossier_that_raised_on_a_tick_is_set_apart_until_an_event_is_handled() -> None:
    bus = gespeeld([opdracht("ma 10:00")])
    tick = record(klok("wo 00:00"), 9)
    step = bus.correlator.suspend(SLEUTEL, bus, tick, "ValueError: x")
    assert step is not None
    assert step.cursor == SLEUTEL
    bus.take(step)
    state = bus.get(SLEUTEL)
    assert isinstance(state, Dossierstaat)
    assert state.geschorst
    assert list(bus.due(op("++zo 00:00"))) == []
    assert [signal.soort for signal in bus.staand.values()] == ["geschorst"]
    bus.play(status("ACC", "ma 11:00"))
    assert bus.staand == {}
    assert bus.get(SLEUTEL) != replace(state, geschorst=True)


def test_event_that_raises_is_no_reason_to_set_the_dossier_apart() -> None:
    bus = gespeeld([opdracht("ma 10:00")])
    assert bus.correlator.suspend(SLEUTEL, bus, record(status("ACC", "ma 11:00"), 9), "ValueError: x") is None


def test_signal_document_names_what_it_is_about() -> None:
    (signal,) = norms(late())
    assert isinstance(signal, Signaal)
    assert "acceptatie" in signal.tekst
    assert signal.dossier == SLEUTEL
