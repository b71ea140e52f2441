"""The plain work (DESIGN 11): decode JSON of 330 bytes, keep state per key, write the changed state, and one output per
five records. Every system does exactly this; here it is for this runtime, with the topics that it needs.

    event   {"id": …, "nummer": 1..5, "tekst": …}      keyed by dossier
    state   {"n": events seen, "id": of the last one}  JSON in the store and in the changelog
    output  {"sleutel": key, "id": …, "n": …}          for the fifth event of a key
"""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from topics.catalogue.declarations import changelog_topic
from topics.catalogue.topic import Cleanup, Origin, Topic, Width
from topics.errors import StateCorrupt
from topics.kafka import Write, partition_for
from topics.runtime.step import Output, Record, StateView, Step

LAST: Final = 5
EVENT_BYTES: Final = 330
APART: Final = 30_000
"""Keys between two events of one key in the feed: 150,000 records, so that no batch sees a key twice, at 32 partitions
neither."""


class Event(msgspec.Struct, frozen=True):
    id: str
    nummer: int
    tekst: str


class Stand(msgspec.Struct, frozen=True):
    n: int
    id: str


class Uit(msgspec.Struct, frozen=True):
    sleutel: str
    id: str
    n: int


EVENTS: Final = msgspec.json.Decoder(Event)
UITS: Final = msgspec.json.Decoder(Uit)
_STANDS: Final = msgspec.json.Decoder(Stand)
_JSON: Final = msgspec.json.Encoder()


class Plain:
    """The plain work as a processor. `name` is new for every run, so that each starts from nothing."""

    stateful = True

    def __init__(self, name: str, topic: str) -> None:
        self.name, self.topic, self._out = name, topic, output_topic(name)

    def encode(self, state: Stand) -> bytes:
        return _JSON.encode(state)

    def decode(self, data: bytes) -> Stand:
        try:
            return _STANDS.decode(data)
        except msgspec.MsgspecError as error:
            raise StateCorrupt(str(error)) from error

    def process(self, record: Record, state: StateView[Stand], cursor: str | None) -> Iterator[Step[Stand]]:
        event = EVENTS.decode(record.value or b"")
        key = record.key.decode()
        former = state.get(key)
        after = Stand(1 if former is None else former.n + 1, event.id)
        if event.nummer == LAST:
            value = _JSON.encode(Uit(key, event.id, after.n))
            yield Step(key=key, state=after, outputs=(Output(self._out, record.key, value),))
        else:
            yield Step(key=key, state=after)

    def suspend(self, key: str, state: StateView[Stand], record: Record, error: str) -> Step[Stand] | None:
        return None


def output_topic(name: str) -> str:
    return f"{name}.uit.v1"


def catalogue(name: str, source: str) -> dict[str, Topic]:
    """Input, output and changelog of a run."""

    def topic(what: str, cleanup: Cleanup, *, dead_letters: bool = False) -> Topic:
        return Topic(
            name=what,
            what="bench",
            key="key",
            documents=("bytes",),
            width=Width.LOG,
            origin=Origin.BRON,
            cleanup=cleanup,
            owner=name,
            producers=(name,) if what != source else (),
            consumers=(name,),
            erasure="none",
            dead_letters=dead_letters,
        )

    read = topic(source, Cleanup.DELETE, dead_letters=True)
    found = [
        read,
        read.dead_letter_topic((name,)),
        topic(output_topic(name), Cleanup.DELETE),
        topic(changelog_topic(name), Cleanup.COMPACT),
    ]
    return {declared.name: declared for declared in found}


def feed(topic: str, partitions: int, rounds: int, first: int, count: int) -> Sequence[Write]:
    """Records of rounds `first` to `first + count`: in each, one key gets its first event and four others their next."""
    writes = []
    for number in range(first, min(first + count, rounds)):
        for nummer in range(1, LAST + 1):
            key = f"dossier-{number - (nummer - 1) * APART}".encode()
            writes.append(Write(topic, partition_for(key, partitions), key, _event(number, nummer), (), 0))
    return writes


def _event(number: int, nummer: int) -> bytes:
    head = _JSON.encode(Event(f"{number:08}-{nummer}", nummer, ""))
    return head[:-2] + b"x" * (EVENT_BYTES - len(head)) + head[-2:]
