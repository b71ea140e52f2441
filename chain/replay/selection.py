"""What of a bus goes into a capture: topics by pattern, records by when the bus knew them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from topics.accounts import AMSTERDAM
from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import Origin
from topics.errors import Refused
from topics.runtime.step import Record

SOURCES: Final = tuple(topic.name for topic in TOPICS if topic.origin is Origin.BRON)
"""What cannot be rebuilt from anything else, dead letters included: what a capture holds unless it is told."""

_KNOWN: Final = "ce_recordedtime"
_READABLE: Final = tuple(topic.name for topic in TOPICS if not topic.private)
_PRIVATE: Final = tuple(topic.name for topic in TOPICS if topic.private)


class Window(msgspec.Struct, frozen=True):
    """From `since` on, up to and without `until`, by when the bus knew a record; None: without end."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, record: Record) -> bool:
        if self.since is None and self.until is None:
            return True
        at = known(record)
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def window(van: str | None, tot: str | None) -> Window:
    """From `van` to `tot`, as `moment`. Raises Refused, also for one that ends before it begins."""
    found = Window(moment("--van", van), moment("--tot", tot))
    if found.since is not None and found.until is not None and found.until <= found.since:
        raise Refused(f"--tot: found {tot}, expected a moment after --van, {van}")
    return found


def known(record: Record) -> datetime:
    """When the bus knew: the envelope's recorded time, where there is none the record's own."""
    for name, value in record.headers:
        if name == _KNOWN:
            try:
                found = datetime.fromisoformat(value.decode("ascii", "replace"))
            except ValueError:
                break
            return found if found.tzinfo is not None else found.replace(tzinfo=AMSTERDAM)
    return datetime.fromtimestamp(record.timestamp / 1000, AMSTERDAM)


def topics_of(patterns: str | None) -> tuple[str, ...]:
    """The topics that `patterns` names ('ruw.*.v1,keten.dossier.v1', with * and ?), in the order of the catalogue;
    None: `SOURCES`.

    Raises Refused for a pattern that names none. A private changelog is never captured: other releases cannot read it.
    """
    if patterns is None:
        return SOURCES
    wanted = [pattern.strip() for pattern in patterns.split(",") if pattern.strip()]
    if not wanted:
        raise Refused("--topics: found nothing, expected names or patterns as ruw.*.v1, with commas between")
    for pattern in wanted:
        if not _matches(_READABLE, pattern):
            raise Refused(_unknown(pattern))
    found = {name for pattern in wanted for name in _matches(_READABLE, pattern)}
    return tuple(name for name in _READABLE if name in found)


def _matches(names: Iterable[str], pattern: str) -> list[str]:
    return [name for name in names if fnmatchcase(name, pattern)]


def _unknown(pattern: str) -> str:
    if _matches(_PRIVATE, pattern):
        return f"--topics: {pattern} is the private state of a processor; it follows from the topics that it reads"
    near: Sequence[str] = get_close_matches(pattern, _READABLE, 1)
    hint = f"; did you mean {near[0]}?" if near else "; `ketenbus topics list` shows them all"
    return f"--topics: no topic of the catalogue is called {pattern!r}{hint}"


def moment(option: str, text: str | None) -> datetime | None:
    """`text` as ISO 8601 date or time; without a zone it is Amsterdam's. Raises Refused, naming the option."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        expected = "a date or time as 2026-03-02 or 2026-03-02T08:00:00+01:00"
        raise Refused(f"{option}: found {text!r}, expected {expected}") from error
    return found if found.tzinfo is not None else found.replace(tzinfo=AMSTERDAM)
