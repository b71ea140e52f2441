"""The input in a capture: what came in from outside, and the passing of time, in order."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec

from topics.capture import Capture
from topics.catalogue.declarations import ALL_KETENS, BESLUIT, KINDS, log_topic, raw_topic
from topics.documents import ce_type, encode
from topics.documents.keten import Klok, Tik
from topics.envelope import Envelope
from topics.runtime.step import Record

RAW: Final = tuple(raw_topic(kind) for kind in KINDS)
LOGS: Final = tuple(log_topic(keten) for keten in ALL_KETENS)
CLOCK: Final = b"klok"
"""Key of what the clock writes, which goes to every partition."""

_TICK: Final = ce_type(Tik).encode()
CLOCK_TYPES: Final = (_TICK, ce_type(Klok).encode())


class Turn(StrEnum):
    """What a record of the input is."""

    MESSAGE = "bericht"
    DECISION = "besluit"
    TIME = "tijd"


def turns(capture: Capture) -> Iterator[tuple[Turn, Record]]:
    """The input in a capture. Time is what its logs were told; of a capture without logs what `ruw.*` was told."""
    names = {topic.name for topic in capture.header.topics}
    decided = BESLUIT in names
    ticks = None if names.intersection(LOGS) else _Ticks(capture)
    for record in capture.records():
        kind = type_of(record)
        if record.topic in RAW:
            if kind == _TICK:
                for one in ticks.seen(record) if ticks is not None else ():
                    yield Turn.TIME, one
            elif not (decided and forwarded(record)):
                yield Turn.MESSAGE, record
        elif record.topic == BESLUIT:
            yield Turn.DECISION, record
        elif record.topic in LOGS and kind in CLOCK_TYPES:
            yield Turn.TIME, record


def forwarded(record: Record) -> bool:
    """Whether a record on `ruw.*` is what a decision came to: the decider makes it again from the decision."""
    return any(
        name == "ce_causationid" or (name == "ce_channel" and value == b"besluit") for name, value in record.headers
    )


class _Ticks:
    """The ticks that logs were told, from the marks on `ruw.*` alone: of T once every partition has its mark T.

    Which partners were suspended then is not known from there.
    """

    def __init__(self, capture: Capture) -> None:
        self._marks = {
            (topic.name, number)
            for topic in capture.header.topics
            if topic.name in RAW
            for number in range(topic.partitions)
        }
        self._seen: dict[bytes, set[tuple[str, int]]] = {}

    def seen(self, record: Record) -> Iterator[Record]:
        found = self._seen.setdefault(record.value or b"", set())
        found.add((record.topic, record.partition))
        if found < self._marks:
            return
        # an older mark that lacked somewhere, because the capture begins there, is nobody's any more
        self._seen.clear()
        at = msgspec.json.decode(record.value or b"", type=Tik).tot
        for keten in ALL_KETENS:
            id_ = f"klok-{keten}-{at.isoformat()}"
            envelope = Envelope(id=id_, source="clock", type=ce_type(Klok), time=at, recorded_time=at)
            value, headers = encode(Klok(tot=at)), tuple(envelope.headers())
            # as if of a topic with one partition: it goes to all
            yield Record(log_topic(keten), 0, 0, record.timestamp, CLOCK, value, headers)


def type_of(record: Record) -> bytes:
    return next((value for name, value in record.headers if name == "ce_type"), b"")
