"""A processor made for tests: it numbers the events of a key, so that a loss, a double or a wrong order shows.

The value of a record is JSON: {"id": …, "do": …}. `do`: count (default), raise, big (an output its topic refuses),
many:<n> (n steps from one record, each a count of its own key), due:<ms> (count and be due then), tick:<ms> (count
every key that is due), derive (a derived event to another key of the same log), state (a change although stateless).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from topics.catalogue.topic import Cleanup, Origin, Topic, Width
from topics.documents import Reden
from topics.errors import StateCorrupt, UnknownDocument
from topics.ids import derived_id
from topics.runtime.step import DeadLetter, Output, Record, StateView, Step

IN: Final = "toets.in.v1"
OUT: Final = "toets.uit.v1"


class Telling(msgspec.Struct, frozen=True):
    """What a key's state is: how often, which ids in order, and until when it is due."""

    n: int = 0
    ids: tuple[str, ...] = ()
    geschorst: bool = False


class Event(msgspec.Struct, frozen=True):
    id: str
    do: str = "count"
    pad: str = ""


class Teller:
    """`stateful` can be switched off; `keep` bounds the ids that a state keeps (0: none, for speed)."""

    topic = IN

    def __init__(self, name: str = "teller", stateful: bool = True, keep: int = 1_000_000, every: int = 1) -> None:
        self.name, self.stateful, self._keep, self._every = name, stateful, keep, every

    def encode(self, state: Telling) -> bytes:
        return msgspec.msgpack.encode(state)

    def decode(self, data: bytes) -> Telling:
        try:
            return _STATE.decode(data)
        except msgspec.MsgspecError as error:
            raise StateCorrupt(str(error)) from error

    def process(self, record: Record, state: StateView[Telling], cursor: str | None) -> Iterator[Step[Telling]]:
        event = _EVENT.decode(record.value or b"{}")
        do, _, argument = event.do.partition(":")
        key = record.key.decode()
        if do == "many":
            for number in range(int(cursor or -1) + 1, int(argument)):
                yield self._count(f"{key}/{number}", f"{event.id}/{number}", state, cursor=str(number))
        elif do == "tick":
            until = datetime.fromtimestamp(int(argument) / 1000, UTC)
            for due in state.due(until):
                yield self._count(due, f"{event.id}@{due}", state, cursor=due)
        elif do == "unknown":
            raise UnknownDocument(f"{event.id} is of a newer version")
        elif do == "letter":
            letter = DeadLetter(original=record, reden=Reden.ONGELDIG, tekst="asked for")
            yield Step(key=key, dead_letters=(letter,))
        elif do == "derive":
            other = f"{key}-afgeleid"
            derived = Event(id=derived_id(event.id, "derive", other))
            step = self._count(key, event.id, state)
            out = Output(topic=IN, key=other.encode(), value=msgspec.json.encode(derived))
            yield msgspec.structs.replace(step, outputs=[*step.outputs, out])
        else:
            step = self._count(key, event.id, state, pad=event.pad)
            if do == "raise":
                raise ValueError(f"{event.id} asked for it")
            if do == "due":
                step = msgspec.structs.replace(step, due=datetime.fromtimestamp(int(argument) / 1000, UTC))
            if do == "big":
                huge = Output(topic=OUT, key=record.key, value=b"x" * 2_000_000)
                step = msgspec.structs.replace(step, outputs=[huge])
            yield step

    def suspend(self, key: str, state: StateView[Telling], record: Record, error: str) -> Step[Telling] | None:
        if b'"tick' not in (record.value or b""):
            return None
        former = state.get(key) or Telling()
        return Step(key=key, state=Telling(former.n, former.ids, True), facets=("geschorst",), cursor=key)

    def _count(
        self, key: str, id_: str, state: StateView[Telling], *, cursor: str | None = None, pad: str = ""
    ) -> Step[Telling]:
        former = state.get(key) or Telling()
        if "raise-on-tick" in key and cursor is not None:
            raise ValueError(f"{key} raises on a tick")
        ids = (*former.ids, id_)[-self._keep :] if self._keep else ()
        after = Telling(former.n + 1, ids, former.geschorst)
        outputs = []
        if after.n % self._every == 0:
            value = msgspec.json.encode({"key": key, "id": id_, "n": after.n, "pad": pad})
            outputs.append(Output(topic=OUT, key=key.encode(), value=value))
        changed: Step[Telling] = Step(
            key=key, state=after, facets=(f"n={min(after.n, 3)}",), outputs=outputs, cursor=cursor
        )
        return changed


_EVENT = msgspec.json.Decoder(Event)
_STATE = msgspec.msgpack.Decoder(Telling)


def catalogue(name: str = "teller") -> dict[str, Topic]:
    """The topics of the tests, all with as many partitions as a log."""

    def topic(topic_name: str, cleanup: Cleanup = Cleanup.DELETE, *, dead_letters: bool = False) -> Topic:
        return Topic(
            name=topic_name,
            what="test",
            key="key",
            documents=("bytes",),
            width=Width.LOG,
            origin=Origin.BRON,
            cleanup=cleanup,
            owner=name,
            producers=(name,),
            consumers=(name,),
            erasure="none",
            dead_letters=dead_letters,
        )

    source = topic(IN, dead_letters=True)
    topics = [
        source,
        topic(OUT),
        topic(f"{name}.toestand.v1", Cleanup.COMPACT),
        topic("keten.spoor.v1"),
        source.dead_letter_topic((name,)),
    ]
    return {declared.name: declared for declared in topics}


def event(id_: str, do: str = "count", pad: str = "") -> bytes:
    return msgspec.json.encode(Event(id_, do, pad))
