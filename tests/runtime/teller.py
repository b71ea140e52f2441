"""A processor made for tests: it numbers the events of a key, so that a loss, a double or a wrong order shows.

The value of a record is JSON: {"id": …, "do": …}. `do` is one of

    count        one more of the key; an id that the key has already is counted as `dubbel` instead, without output
    raise        raises after it looked at the state             letter       a dead letter of its own accord
    big          an output that its topic refuses                bigstate     a state that the changelog refuses
    large        count; the test has the broker refuse its padding
    elsewhere    an output to a topic that is not declared       forget       the state is deleted
    many:<n>     n steps from one record, each of its own key    derive       a derived event to another key of the log
    due:<ms>     count and be due then                           tick:<ms>    count every key that is due
    blob:<n>     count, with n times the padding as a blob       toegepast    count, and post the part as applied
    unknown      a document of a newer version
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from topics import accounts
from topics.catalogue.declarations import SPOOR, by_name, changelog_topic
from topics.catalogue.topic import Cleanup, Origin, Topic, Width
from topics.documents import Account, Reden
from topics.errors import StateCorrupt, UnknownDocument
from topics.ids import derived_id
from topics.runtime.step import Blob, DeadLetter, Output, Record, StateView, Step

ELSEWHERE: Final = "toets.elders.v1"
"""A topic that no catalogue of these tests declares."""


def input_topic(name: str) -> str:
    return f"{name}.in.v1"


def output_topic(name: str) -> str:
    return f"{name}.uit.v1"


IN: Final = input_topic("teller")
OUT: Final = output_topic("teller")


class Telling(msgspec.Struct, frozen=True):
    """What a key's state is: how many events, which ids in order, how many repeats of them."""

    n: int = 0
    ids: tuple[str, ...] = ()
    geschorst: bool = False
    dubbel: int = 0
    pad: str = ""


class Event(msgspec.Struct, frozen=True):
    id: str
    do: str = "count"
    pad: str = ""


class Uit(msgspec.Struct, frozen=True):
    """What an output says: event `id` was the `n`th of `key`."""

    key: str
    id: str
    n: int
    pad: str = ""


class Teller:
    """`keep` bounds the ids that a state keeps (0: none, for speed); `every`: one output per so many events of a key."""

    def __init__(self, name: str = "teller", stateful: bool = True, keep: int = 1_000_000, every: int = 1) -> None:
        self.name, self.stateful, self._keep, self._every = name, stateful, keep, every
        self.topic, self.out = input_topic(name), output_topic(name)

    def encode(self, state: Telling) -> bytes:
        return msgspec.msgpack.encode(state)

    def decode(self, data: bytes) -> Telling:
        try:
            return _STATE.decode(data)
        except msgspec.MsgspecError as error:
            raise StateCorrupt(str(error)) from error

    def process(self, record: Record, state: StateView[Telling], cursor: str | None) -> Iterator[Step[Telling]]:
        event = EVENTS.decode(record.value or b"")
        do, _, argument = event.do.partition(":")
        key = record.key.decode()
        if do == "many":
            for number in range(int(cursor or -1) + 1, int(argument)):
                yield self._count(f"{key}/{number}", f"{event.id}/{number}", state, cursor=str(number))
        elif do == "tick":
            for due in state.due(moment(int(argument))):
                yield self._count(due, f"{event.id}@{due}", state, cursor=due, ticked=True)
        elif do == "unknown":
            raise UnknownDocument(f"{event.id} is of a newer version")
        elif do == "letter":
            letter = DeadLetter(original=record, reden=Reden.ONGELDIG, tekst="asked for")
            yield Step(key=key, dead_letters=(letter,))
        elif do == "forget":
            state.get(key)
            yield Step(key=key, state=None)
        else:
            yield self._one(do, argument, event, record, state)

    def _one(self, do: str, argument: str, event: Event, record: Record, state: StateView[Telling]) -> Step[Telling]:
        key = record.key.decode()
        step = self._count(key, event.id, state, pad=event.pad)
        replace = msgspec.structs.replace
        if do == "raise":
            raise ValueError(f"{event.id} asked for it")
        if do == "due":
            return replace(step, due=moment(int(argument)))
        if do == "big":
            return replace(step, outputs=[Output(topic=self.out, key=record.key, value=b"x" * 2_000_000)])
        if do == "bigstate":
            former = state.get(key) or Telling()
            return replace(step, state=replace(former, pad="x" * 2_000_000))
        if do == "elsewhere":
            return replace(step, outputs=[Output(topic=ELSEWHERE, key=record.key, value=b"")])
        if do == "blob":
            return replace(step, blobs=[Blob(event.pad.encode() * int(argument or 1))])
        if do == "toegepast":
            posting = accounts.moved(record.envelope(), Account.ONDERWEG, Account.TOEGEPAST)
            return replace(step, postings=[posting])
        if do == "derive":
            other = derived_key(key)
            derived = msgspec.json.encode(Event(id=derived_id(event.id, "derive", other)))
            return replace(step, outputs=[*step.outputs, Output(topic=self.topic, key=other.encode(), value=derived)])
        return step

    def suspend(self, key: str, state: StateView[Telling], record: Record, error: str) -> Step[Telling] | None:
        if b'"tick' not in (record.value or b""):
            return None
        former = state.get(key) or Telling()
        set_apart = msgspec.structs.replace(former, geschorst=True)
        return Step(key=key, state=set_apart, facets=("geschorst",), cursor=key)

    def _count(
        self,
        key: str,
        id_: str,
        state: StateView[Telling],
        *,
        cursor: str | None = None,
        pad: str = "",
        ticked: bool = False,
    ) -> Step[Telling]:
        former = state.get(key) or Telling()
        if ticked and raises_on_tick(key):
            raise ValueError(f"{key} raises on a tick")
        if id_ in former.ids:
            repeated = msgspec.structs.replace(former, dubbel=former.dubbel + 1)
            return Step(key=key, state=repeated, facets=facets(former.n), cursor=cursor)
        ids = (*former.ids, id_)[-self._keep :] if self._keep else ()
        after = Telling(former.n + 1, ids, former.geschorst, former.dubbel, former.pad)
        outputs = []
        if after.n % self._every == 0:
            value = msgspec.json.encode(Uit(key, id_, after.n, pad))
            outputs.append(Output(topic=self.out, key=key.encode(), value=value))
        return Step(key=key, state=after, facets=facets(after.n), outputs=outputs, cursor=cursor)


EVENTS: Final = msgspec.json.Decoder(Event)
UITS: Final = msgspec.json.Decoder(Uit)
_STATE: Final = msgspec.msgpack.Decoder(Telling)


def moment(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, UTC)


def facets(n: int) -> tuple[str, ...]:
    return (f"n={min(n, 3)}",)


def derived_key(key: str) -> str:
    return f"{key}-afgeleid"


def raises_on_tick(key: str) -> bool:
    return "raise-on-tick" in key


def event(id_: str, do: str = "count", pad: str = "") -> bytes:
    return msgspec.json.encode(Event(id_, do, pad))


def catalogue(name: str = "teller") -> dict[str, Topic]:
    """The topics of the tests, all as wide as a log; `keten.spoor.v1` as it is, with this producer added."""

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

    spoor = by_name(SPOOR)
    source = topic(input_topic(name), dead_letters=True)
    topics = [
        source,
        topic(output_topic(name)),
        topic(changelog_topic(name), Cleanup.COMPACT),
        spoor.model_copy(update={"producers": (*spoor.producers, name)}),
        source.dead_letter_topic((name,)),
    ]
    return {declared.name: declared for declared in topics}
