"""How partners write one moment: each has its own habit, all of them allowed by its format."""

from datetime import UTC, datetime
from typing import Final

from adapters.generator.kalender import local

HABITS: Final = {
    "kobalt-noord": "zonder zone",
    "tegendraad": "met zone",
    "meridiaan": "met zone",
    "spanwerk": "zonder seconden",
    "oudewal": "zonder zone",
    "zilverlinde": "met zone",
    "havermeer": "utc",
}


def written(at: datetime, partner: str) -> str:
    """RFC 3339 as `partner` writes it; without a zone it is the clock in Amsterdam. `at` has whole minutes or seconds."""
    habit = HABITS[partner]
    if habit == "utc":
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    wall = local(at)
    if habit == "met zone":
        return wall.isoformat()
    if habit == "zonder seconden" and wall.second == 0:
        return wall.strftime("%Y-%m-%dT%H:%M")
    return wall.strftime("%Y-%m-%dT%H:%M:%S")


def day(at: datetime) -> str:
    return local(at).date().isoformat()


def clock(at: datetime) -> str:
    return local(at).strftime("%H:%M:%S")
