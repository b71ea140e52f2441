"""What of a capture is played: what came from outside. Everything else on the bus follows from it and is made anew.

ruw.*                 messages as the intake wrote them, and the clock's marks; not what a decision sent again
keten.besluit.v1      what people decided
<keten>.gebeurtenis   its ticks only, which say at which moments the bus looked at its deadlines
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Final

import msgspec

from topics.catalogue.declarations import ALL_KETENS, BESLUIT, DECIDER, KINDS, log_topic, raw_topic
from topics.documents import ce_type, decode
from topics.documents.keten import Hervat, Klok, Tik
from topics.envelope import Headers
from topics.errors import DocumentError
from topics.runtime.step import Record

RAW: Final = frozenset(raw_topic(kind) for kind in KINDS)
LOGS: Final = {log_topic(keten): keten for keten in ALL_KETENS}
PLAYED: Final = frozenset({*RAW, *LOGS, BESLUIT})
"""Topics of which something may be played: of these a capture is worth taking."""

_TIK: Final = ce_type(Tik).encode()
_HERVAT: Final = ce_type(Hervat).encode()
_KLOK: Final = ce_type(Klok).encode()


class Kind(StrEnum):
    """What a record of a capture is to the play."""

    BERICHT = "bericht"
    MERK = "merk"
    KLOK = "klok"
    BESLUIT = "besluit"
    HERZONDEN = "herzonden"
    """What a decision sent again: made anew from the decision, so it is not played itself."""
    AFGELEID = "afgeleid"


class Ticks(StrEnum):
    """Where the moments come from at which the bus looks at its deadlines: the ticks on the log, the clock's marks on
    `ruw.*`, or, of a capture with neither, the moments of its messages."""

    LOG = "log"
    RUW = "ruw"
    BERICHTEN = "berichten"


class Survey(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to play. `marked`: partitions of `ruw.*` with marks. `tot`: the last moment that it speaks of, None
    without messages and ticks. `van`: the first message."""

    counts: dict[Kind, int]
    ticks: Ticks
    marked: tuple[tuple[str, int], ...]
    van: datetime | None
    tot: datetime | None


def kind_of(record: Record) -> Kind:
    """By topic and headers alone."""
    if record.topic in RAW:
        given = dict(record.headers)
        if given.get("ce_type") == _TIK:
            return Kind.MERK
        made = given.get("ce_type") == _HERVAT or "ce_causationid" in given or given.get("ce_channel") == _CHANNEL
        return Kind.HERZONDEN if made else Kind.BERICHT
    if record.topic == BESLUIT:
        return Kind.BESLUIT
    if record.topic in LOGS and ("ce_type", _KLOK) in record.headers:
        return Kind.KLOK
    return Kind.AFGELEID


_CHANNEL: Final = DECIDER.encode()


def survey(records: Iterable[Record]) -> Survey:
    """Reads `records` once."""
    counts = dict.fromkeys(Kind, 0)
    marked: set[tuple[str, int]] = set()
    first: datetime | None = None
    last: datetime | None = None
    for record in records:
        kind = kind_of(record)
        counts[kind] += 1
        if kind is Kind.MERK:
            marked.add((record.topic, record.partition))
        at = known(record.headers) if kind in _DATED else None
        if at is not None:
            last = at if last is None else max(last, at)
            if kind is Kind.BERICHT:
                first = at if first is None else min(first, at)
    ticks = Ticks.LOG if counts[Kind.KLOK] else Ticks.RUW if marked else Ticks.BERICHTEN
    return Survey(counts=counts, ticks=ticks, marked=tuple(sorted(marked)), van=first, tot=last)


_DATED: Final = (Kind.BERICHT, Kind.MERK, Kind.KLOK)


def known(headers: Headers) -> datetime | None:
    """`ce_recordedtime`, else `ce_time`; None without one that can be read."""
    given = dict(headers)
    raw = given.get("ce_recordedtime") or given.get("ce_time")
    try:
        found = datetime.fromisoformat(raw.decode()) if raw else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def tick_of(record: Record) -> datetime:
    """Up to when a tick on a log says that everything was read. Raises DocumentError."""
    document = decode(dict(record.headers).get("ce_type", b"").decode("utf-8", "replace"), record.value or b"")
    if not isinstance(document, Klok):
        raise DocumentError(f"{record.position}: found {document.NAME}, expected {Klok.NAME}")
    return document.tot


def in_order(records: Iterable[Record]) -> Iterator[Record]:
    """What is to be played, in the order of a capture; within a millisecond ticks come behind messages, which the bus had
    read before it ticked."""
    chosen = ((kind_of(record), record) for record in records)
    kept = ((kind, record) for kind, record in chosen if kind not in (Kind.AFGELEID, Kind.HERZONDEN))
    for _, group in groupby(kept, key=lambda one: one[1].timestamp):
        for _, record in sorted(group, key=lambda one: _RANK[one[0]]):
            yield record


_RANK: Final = {Kind.BERICHT: 0, Kind.MERK: 0, Kind.BESLUIT: 1, Kind.KLOK: 2}
