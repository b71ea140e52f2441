"""What the archive keeps of each topic, by the catalogue: how it leaves the archive again, and in which order it is cut.

sources     all that the catalogue calls `bron`, record by record
stands      the last record per key of the compacted topics that only STANDING processors write, their changelogs among
            them: `ruw.*` is kept for a month, so what an adapter has counted of a partner cannot be made again

Watermarks are no stand: that everything before a moment was read is for the adapters of the new bus to say, once they
have; the clock waits for it.
"""

from typing import Final

from topics.catalogue.declarations import (
    ADAPTERS,
    BESLUIT,
    CORRELATORS,
    DECIDER,
    KETENS,
    KINDS,
    LEDGER,
    TOPICS,
    WATERMERK,
    changelog_topic,
    log_topic,
    raw_topic,
)
from topics.catalogue.topic import FOREVER, Cleanup, Origin, Topic

STANDING: Final = (*ADAPTERS, DECIDER)
"""Processors that go on after a restore from the state and the position that they had."""
REBUILT: Final = (*CORRELATORS, LEDGER)
"""Processors that read everything again: their input is kept for ever."""

SOURCES: Final = tuple(topic for topic in TOPICS if topic.origin is Origin.BRON)
STANDS: Final = tuple(
    topic
    for topic in TOPICS
    if topic.origin is Origin.AFGELEID and topic.cleanup is Cleanup.COMPACT and set(topic.producers) <= set(STANDING)
    if topic.name != WATERMERK
)
STATES: Final = tuple(topic for topic in STANDS if topic.private)
"""The changelogs among them: read before anything else is cut."""

RETRACED: Final = tuple(changelog_topic(name) for name in REBUILT if any(name in topic.producers for topic in SOURCES))
"""Changelogs of which the position is kept: of who is rebuilt but has written to sources."""
NEEDED: Final = (*(topic.name for topic in (*SOURCES, *STANDS)), *RETRACED)
"""Topics that an archiver reads."""

STAND: Final = "stand"
PERSON: Final = "persoon"
LASTING: Final = "blijvend"

_LOGS: Final = {log_topic(prefix + keten) for keten in KETENS for prefix in ("", "proef-")}
_RAW: Final = {raw_topic(kind) for kind in KINDS}


def shelf(topic: Topic) -> str:
    """Files hold one shelf, so that what leaves together lies together: for ever, after so many days (`30d`), by a
    tombstone."""
    if topic.cleanup is Cleanup.COMPACT:
        return PERSON
    return LASTING if topic.retention_days == FOREVER else f"{topic.retention_days}d"


def days(name: str) -> int | None:
    """How long a shelf keeps what lies on it; None: for ever, or until a tombstone."""
    return int(name.removesuffix("d")) if name.removesuffix("d").isdecimal() else None


def order() -> tuple[tuple[str, ...], ...]:
    """Sources by the order in which a cut asks for their ends: effects before causes.

    What is read of an effect was caused by something that was written before, so that a cause is never behind its
    effect in one cut. `ruw` after the logs, for adapters read it; decisions last, for they send to both.
    """
    names = [topic.name for topic in SOURCES]
    effects = tuple(name for name in names if name not in _LOGS | _RAW | {BESLUIT})
    logs = tuple(name for name in names if name in _LOGS)
    raw = tuple(name for name in names if name in _RAW)
    return (effects, logs, raw, (BESLUIT,))


def processor_of(changelog: str) -> str:
    """Raises KeyError for another topic."""
    return _PROCESSOR[changelog]


_PROCESSOR: Final = {changelog_topic(name): name for name in (*STANDING, *REBUILT)}
