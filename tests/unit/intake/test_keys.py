"""How old keys are and how long they hold, as Prometheus is told."""

from datetime import UTC, datetime, timedelta
from typing import Final

from prometheus_client import CollectorRegistry

from adapters.intake.keys import KeyFigures
from topics.profile.credentials import Key

NOW: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY: Final = 86_400.0


class Standing:
    def now(self) -> datetime:
        return NOW

    def seconds_until(self, at: datetime) -> float:
        return (at - NOW).total_seconds()


def key(made: int, ends: int | None = None) -> Key:
    """Made so many days ago; ends in so many."""
    until = None if ends is None else NOW + timedelta(days=ends)
    return Key(partner="p", sha256="0" * 64, gemaakt=NOW - timedelta(days=made), geldig_tot=until)


def figures(*keys: Key) -> tuple[float | None, float | None]:
    """Seconds that the last one holds; age of the youngest valid one."""
    registry = CollectorRegistry()
    registry.register(KeyFigures(lambda: {"p": keys}, Standing()))
    left = registry.get_sample_value("ketenbus_certificaat_geldig_seconds", {"partner": "p", "soort": "sleutel"})
    return left, registry.get_sample_value("ketenbus_sleutel_leeftijd_seconds", {"partner": "p"})


def test_the_key_that_holds_longest_counts() -> None:
    assert figures(key(400, 3), key(300, 20)) == (20 * DAY, 300 * DAY)


def test_a_key_without_an_end_makes_that_nothing_ends() -> None:
    assert figures(key(400, 3), key(10)) == (None, 10 * DAY)


def test_keys_that_all_ended_tell_how_long_ago_and_none_is_young() -> None:
    assert figures(key(400, -30), key(200, -2)) == (-2 * DAY, None)
