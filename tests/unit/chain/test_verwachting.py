"""Signals before a norm is exceeded, and of messages that must come next by a norm and did not."""

from decimal import Decimal

import pytest

from tests.unit.chain.berichten import (
    AANNEMER,
    CORPORATIE,
    KALENDER,
    Bus,
    gespeeld,
    klok,
    op,
    opdracht,
    planning,
    slot,
    status,
)
from topics.documents.onderhoud import Eenheid, Norm, Voorwaarden


def late() -> Bus:
    """Acceptatie was due on Tuesday."""
    return gespeeld([opdracht("ma 10:00"), klok("wo 00:00")])


# threatening: the norm's share to warn at has passed


def warned(share: str, value: str = "2", unit: Eenheid = Eenheid.WERKDAGEN) -> Voorwaarden:
    norm = Norm(maat="technisch-gereed", waarde=Decimal(value), eenheid=unit, waarschuwen=Decimal(share))
    return Voorwaarden("f" * 16, KALENDER, (norm,))


def test_norm_threatens_when_its_share_of_the_working_time_has_passed() -> None:
    """Monday 10:00 to the end of Wednesday is 6.5 + 8.5 + 8.5 hours; half of it has passed on Tuesday 13:15."""
    bus = gespeeld([opdracht("ma 10:00", voorwaarden=warned("0.5")), klok("di 13:15")])
    assert bus.signalen == []
    bus.play(klok("di 13:16"))
    (signal,) = bus.signalen
    assert (signal.soort, signal.maat, signal.tegen) == ("norm-dreigt", "technisch-gereed", AANNEMER)
    assert signal.sinds == op("di 13:15")
    assert "dreigt" in signal.tekst


def test_norm_in_hours_threatens_day_and_night() -> None:
    bus = gespeeld([opdracht("ma 10:00", voorwaarden=warned("0.75", "24", Eenheid.UREN)), klok("di 04:01")])
    assert [signal.sinds for signal in bus.signalen] == [op("di 04:00")]


def test_threat_is_withdrawn_when_the_norm_is_exceeded() -> None:
    bus = gespeeld([opdracht("ma 10:00", voorwaarden=warned("0.5")), klok("di 14:00"), klok("do 00:00")])
    assert [(one.soort, one.ingetrokken) for one in bus.signalen] == [
        ("norm-dreigt", False),
        ("norm-dreigt", True),
        ("norm-overschreden", False),
    ]


def test_norm_that_is_exceeded_before_it_was_looked_at_does_not_threaten() -> None:
    bus = gespeeld([opdracht("ma 10:00", voorwaarden=warned("0.5")), klok("do 00:00")])
    assert [one.soort for one in bus.signalen] == ["norm-overschreden"]


def test_threat_is_withdrawn_when_the_measure_ends() -> None:
    bus = gespeeld([opdracht("ma 10:00", voorwaarden=warned("0.5")), klok("di 14:00"), status("TGE", "di 15:00")])
    assert bus.staand == {}


def test_threat_shifts_with_a_pause_as_the_deadline_does() -> None:
    order = opdracht("ma 10:00", voorwaarden=warned("0.5"))
    bus = gespeeld([order, status("OND+AFW", "ma 11:00"), klok("wo 00:00"), status("AIN", "wo 11:00")])
    assert bus.signalen == []
    bus.play(klok("do 13:15"))
    assert bus.signalen == []
    bus.play(klok("do 13:16"))
    assert bus.staande("norm-dreigt") == ["technisch-gereed"]


# missing: what must come next by a norm and did not


def normed(*names: str) -> Voorwaarden:
    return Voorwaarden("f" * 16, KALENDER, tuple(Norm(maat=name, waarde=Decimal(1)) for name in names))


def test_acc_that_does_not_come_within_its_norm_is_missing_until_it_comes() -> None:
    bus = late()
    assert bus.staande("bericht-ontbreekt") == ["acceptatie"]
    bus.play(status("ACC", "wo 09:00"))
    assert (bus.staande("bericht-ontbreekt"), bus.te_laat) == ([], ["acceptatie"])


def test_appointment_that_is_not_made_within_its_norm_is_missing_until_it_is() -> None:
    bus = gespeeld([opdracht("ma 10:00", voorwaarden=normed("afspraak-gemaakt")), klok("wo 00:00")])
    assert bus.staande("bericht-ontbreekt") == ["afspraak-gemaakt"]
    assert bus.play(planning("wo 09:00", slot("afgesproken", "do 09:00"))).staande("bericht-ontbreekt") == []


@pytest.mark.parametrize("norm", ["acceptatie", "afspraak-gemaakt"])
def test_acc_and_appointment_are_not_missing_once_the_work_is_ready(norm: str) -> None:
    order = opdracht("ma 10:00", voorwaarden=normed(norm))
    bus = gespeeld([order, status("TGE", "ma 15:00"), klok("wo 00:00")])
    assert bus.staande("bericht-ontbreekt") == []


@pytest.mark.parametrize(("norm", "asks"), [("reactie", "REV"), ("informatie", "VIN")])
@pytest.mark.parametrize(("door", "tegen"), [(AANNEMER, CORPORATIE), (CORPORATIE, AANNEMER)])
def test_answer_that_does_not_come_within_its_norm_is_missing_from_who_was_asked(
    norm: str, asks: str, door: str, tegen: str
) -> None:
    bus = gespeeld([opdracht("ma 10:00", voorwaarden=normed(norm)), status(asks, "ma 11:00", door=door)])
    assert bus.play(klok("di 23:59")).signalen == []
    (signal,) = bus.play(klok("wo 00:00")).signalen
    assert (signal.soort, signal.maat, signal.tegen) == ("bericht-ontbreekt", norm, tegen)
    assert bus.play(status("AIN", "wo 09:00", door=tegen)).staand == {}


def test_slot_of_which_nothing_was_told_is_missing_its_report() -> None:
    order = opdracht("ma 10:00", voorwaarden=normed("terugmelding"))
    bus = gespeeld([order, planning("ma 11:00", slot("afgesproken", "di 09:00")), klok("wo 23:59")])
    assert bus.signalen == []
    bus.play(klok("do 00:00"))
    assert bus.staande("bericht-ontbreekt") == ["terugmelding"]
    assert bus.play(planning("do 09:00", slot("nagekomen", "di 09:00"))).staand == {}


def test_slot_that_was_moved_or_followed_by_a_status_needs_no_report() -> None:
    order = opdracht("ma 10:00", voorwaarden=normed("terugmelding"))
    agreed = planning("ma 11:00", slot("afgesproken", "di 09:00"))
    moved = planning("ma 12:00", slot("verplaatst", "vr 09:00", vorig="di 09:00"))
    assert gespeeld([order, agreed, moved, klok("do 00:00")]).signalen == []
    assert gespeeld([order, agreed, status("OND+MIB", "di 12:00"), klok("do 00:00")]).signalen == []


def test_what_must_come_next_by_no_norm_is_not_missing() -> None:
    bus = gespeeld([opdracht("ma 10:00", voorwaarden=normed()), status("VIN", "ma 11:00"), klok("++zo 00:00")])
    assert bus.signalen == []


def test_request_to_cancel_that_is_late_speaks_against_its_receiver() -> None:
    order = opdracht("ma 10:00", voorwaarden=normed("annulering"))
    bus = gespeeld([order, status("VAN", "ma 11:00", door=CORPORATIE), klok("wo 00:00")])
    assert [(one.maat, one.tegen) for one in bus.signalen] == [("annulering", AANNEMER)]
