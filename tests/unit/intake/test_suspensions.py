"""Suspensions as they stand on their compacted topic."""

from adapters.intake.suspensions import Suspensions
from tests.unit.intake.fakes import suspension
from topics.runtime.step import Record


def test_the_last_word_on_a_partner_holds() -> None:
    suspensions = Suspensions()
    suspensions.begin()
    for record in (suspension("a"), suspension("b"), suspension("a", active=False, offset=1)):
        suspensions.apply(record)
    assert not suspensions.caught_up
    suspensions.complete()
    assert suspensions.caught_up
    assert suspensions.of("a") is None
    found = suspensions.of("b")
    assert found is not None
    assert found.oorzaak == "50 berichten achtereen in uitval"


def test_a_tombstone_lifts() -> None:
    suspensions = Suspensions()
    suspensions.apply(suspension("a"))
    assert suspensions.of("a") is not None
    suspensions.apply(Record("keten.opschorting.v1", 0, 1, 0, b"a", None, ()))
    assert suspensions.of("a") is None


def test_reading_again_changes_nothing_until_it_is_complete() -> None:
    suspensions = Suspensions()
    suspensions.complete()
    suspensions.apply(suspension("kept"))
    suspensions.begin()
    suspensions.apply(suspension("lifted"))
    assert suspensions.of("kept") is not None
    assert suspensions.of("lifted") is None
    suspensions.apply(suspension("lifted", active=False, offset=1))
    suspensions.apply(suspension("kept"))
    suspensions.complete()
    assert suspensions.of("kept") is not None
    assert suspensions.of("lifted") is None
    suspensions.apply(suspension("later"))
    assert suspensions.of("later") is not None


def test_what_cannot_be_read_leaves_the_partner_as_it_was() -> None:
    suspensions = Suspensions()
    good = suspension("a")
    suspensions.apply(good)
    suspensions.apply(Record(good.topic, 0, 1, 0, b"a", b"{", good.headers))
    suspensions.apply(Record(good.topic, 0, 2, 0, b"a", b"{}", ()))
    assert suspensions.of("a") is not None
