"""The quotation and extra work of one order: ONDERHOUD 4, sentence by sentence."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.unit.chain.berichten import CORPORATIE, VOORWAARDEN, Bericht, Bus, gespeeld, offerte, op, opdracht, status
from topics.documents.keten import Stand

# optional step: asked, received, approved or refused with reason, adapted; QUR ends it


def quoted(*found: Bericht) -> Bus:
    return gespeeld([opdracht("ma 10:00"), *found])


def test_offerte_runs_from_asked_to_received() -> None:
    bus = quoted(offerte("gevraagd", "ma 11:00", door=CORPORATIE))
    assert (bus.maat("offerte").stand, bus.dossier.offerte) == (Stand.OPEN, "gevraagd")
    bus.play(offerte("ontvangen", "di 11:00"))
    found = bus.maat("offerte")
    assert (found.stand, found.begin, found.eind) == (Stand.GESLOTEN, op("ma 11:00"), op("di 11:00"))


@pytest.mark.parametrize("step", ["goedgekeurd", "afgewezen"])
def test_offertebesluit_runs_from_received_to_approved_or_refused(step: str) -> None:
    bus = quoted(offerte("ontvangen", "di 11:00"), offerte(step, "do 11:00", door=CORPORATIE))
    found = bus.maat("offertebesluit")
    assert (found.stand, found.begin, found.eind, found.werkdagen) == (
        Stand.GESLOTEN,
        op("di 11:00"),
        op("do 11:00"),
        2,
    )
    assert bus.revisies("offerte") == []
    assert bus.dossier.offerte == step


def test_qur_ends_the_quotation() -> None:
    bus = quoted(offerte("ontvangen", "di 11:00"), status("OND+QUR", "wo 11:00", door=CORPORATIE))
    assert bus.maat("offertebesluit").eind == op("wo 11:00")


def test_qur_before_the_quotation_came_leaves_it_vervallen() -> None:
    bus = quoted(offerte("gevraagd", "ma 11:00"), status("OND+QUR", "wo 11:00", door=CORPORATIE))
    assert bus.maat("offerte").stand is Stand.VERVALLEN


def test_adapting_before_a_decision_leaves_the_decision_running() -> None:
    bus = quoted(offerte("ontvangen", "di 11:00"), offerte("aangepast", "wo 11:00"))
    assert (bus.maat("offertebesluit").stand, bus.maat("offertebesluit").begin) == (Stand.OPEN, op("di 11:00"))


def test_adapting_after_a_refusal_puts_it_forward_again() -> None:
    bus = quoted(offerte("ontvangen", "di 11:00"), offerte("afgewezen", "wo 11:00"), offerte("aangepast", "do 11:00"))
    assert (bus.maat("offertebesluit").stand, bus.maat("offertebesluit").begin) == (Stand.OPEN, op("do 11:00"))
    bus.play(offerte("goedgekeurd", "vr 11:00", door=CORPORATIE))
    assert bus.maat("offertebesluit").eind == op("vr 11:00")


def test_quotation_that_is_received_again_after_a_refusal_keeps_how_long_the_first_took() -> None:
    steps = [offerte("gevraagd", "ma 11:00"), offerte("ontvangen", "di 11:00"), offerte("afgewezen", "wo 11:00")]
    bus = quoted(*steps, offerte("ontvangen", "do 11:00"))
    assert (bus.maat("offerte").stand, bus.maat("offerte").eind) == (Stand.GESLOTEN, op("di 11:00"))
    assert (bus.maat("offertebesluit").stand, bus.maat("offertebesluit").begin) == (Stand.OPEN, op("do 11:00"))


def test_quotation_that_is_asked_again_after_a_decision_is_a_new_round() -> None:
    steps = [offerte("gevraagd", "ma 11:00"), offerte("ontvangen", "di 11:00"), offerte("afgewezen", "wo 11:00")]
    bus = quoted(*steps, offerte("gevraagd", "do 11:00"))
    assert (bus.maat("offerte").stand, bus.maat("offerte").begin) == (Stand.OPEN, op("do 11:00"))
    withdrawn = bus.maat("offertebesluit")
    assert withdrawn.stand is Stand.INGETROKKEN
    assert [one.gebeurtenis for one in withdrawn.bewijs] == [offerte("gevraagd", "do 11:00").event]


def test_step_of_another_quotation_is_left_aside() -> None:
    bus = quoted(offerte("ontvangen", "di 11:00"), offerte("goedgekeurd", "wo 11:00", nummer="F2"))
    assert bus.maat("offertebesluit").stand is Stand.OPEN


def test_order_that_is_cancelled_leaves_its_quotation_vervallen() -> None:
    bus = quoted(offerte("ontvangen", "di 11:00"), status("ANN", "wo 11:00"))
    assert bus.maat("offertebesluit").stand is Stand.VERVALLEN


# extra work counts when (a) a changed order carries it, (b) a structured REA approves it with an amount, or (c) it lies
# within the pair's mandate; a free-text REA is never approval


def extra(*found: Bericht, mandaat: str | None = None, prijs: str | None = None) -> Bus:
    terms = replace(VOORWAARDEN, mandaat=None if mandaat is None else Decimal(mandaat))
    return gespeeld([opdracht("ma 10:00", voorwaarden=terms, prijs=prijs), *found])


def meerwerk(bus: Bus) -> list[tuple[str, str]]:
    return [(str(one.bedrag), one.grond) for one in bus.dossier.meerwerk]


def asks(bedrag: str | None, code: str = "OND+AVW", at: str = "di 10:00") -> Bericht:
    return status(code, at, bedrag=bedrag)


def grants(bedrag: str | None, at: str = "di 15:00") -> Bericht:
    return status("REA", at, door=CORPORATIE, bedrag=bedrag)


@pytest.mark.parametrize("code", ["OND+AVW", "REV"])
def test_extra_work_that_nobody_approved_does_not_count(code: str) -> None:
    assert meerwerk(extra(asks("200.00", code))) == [("200.00", "open")]


def test_extra_work_counts_when_a_changed_order_carries_it() -> None:
    bus = extra(asks("200.00"), opdracht("wo 10:00", "O2", prijs="280"), prijs="100")
    assert meerwerk(bus) == [("180", "wijziging")]
    assert bus.dossier.meerwerk[0].bewijs.gebeurtenis == opdracht("wo 10:00", "O2", prijs="280").event


@pytest.mark.parametrize("prijs", ["100", "80"])
def test_changed_order_that_carries_no_more_approves_nothing(prijs: str) -> None:
    bus = extra(asks("200.00"), opdracht("wo 10:00", "O2", soort="MUT", prijs=prijs), prijs="100")
    assert meerwerk(bus) == [("200.00", "open")]


def test_extra_work_counts_when_a_rea_approves_it_with_an_amount() -> None:
    bus = extra(asks("200.00"), grants("150.00"))
    assert meerwerk(bus) == [("150.00", "goedkeuring")]
    assert bus.staande("beoordelen") == []


def test_extra_work_counts_within_the_mandate_of_the_pair() -> None:
    assert meerwerk(extra(asks("200.00"), mandaat="200")) == [("200.00", "mandaat")]
    assert meerwerk(extra(asks("200.01"), mandaat="200")) == [("200.01", "open")]


def test_mandate_holds_for_the_extra_work_of_an_order_together() -> None:
    bus = extra(asks("150.00"), asks("60.00", at="wo 10:00"), mandaat="200")
    assert meerwerk(bus) == [("150.00", "mandaat"), ("60.00", "open")]


@pytest.mark.parametrize("bedrag", ["200.00", None])
def test_rea_without_an_amount_is_never_approval_and_goes_to_a_person(bedrag: str | None) -> None:
    answer = grants(None)
    bus = extra(asks(bedrag), answer)
    assert meerwerk(bus) == ([] if bedrag is None else [(bedrag, "open")])
    (signal,) = bus.signalen
    assert (signal.soort, signal.ingetrokken) == ("beoordelen", False)
    assert answer.event in signal.tekst


def test_signal_of_a_rea_without_an_amount_is_withdrawn_when_the_extra_work_is_settled() -> None:
    bus = extra(asks("200.00"), grants(None), grants("200.00", "wo 10:00"))
    assert [signal.ingetrokken for signal in bus.signalen] == [False, True]
    assert bus.staand == {}


def test_rea_without_an_amount_within_the_mandate_needs_nobody() -> None:
    assert extra(asks("50.00"), grants(None), mandaat="200").signalen == []


def test_rea_that_answers_no_extra_work_needs_nobody() -> None:
    assert extra(status("REV", "di 10:00"), grants(None)).signalen == []


def test_rea_of_the_aannemer_with_an_amount_approves_nothing() -> None:
    bus = extra(asks("200.00"), status("REA", "di 15:00", bedrag="200.00"))
    assert meerwerk(bus) == [("200.00", "open")]
