"""The contract of a processor: records in, steps out.

A processor is a pure object. `process(record, state, cursor)` yields steps; each concerns one key and is the unit of
atomicity (a step is never cut), of isolation (what raises or cannot be written is set apart step by step) and of
progress (a record may yield without bound; after an interruption `process` is called again with the cursor of the last
step that was committed, and goes on behind it). The runtime does everything else (DESIGN 6).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, Generic, Protocol, TypeVar, runtime_checkable

import msgspec

from topics.documents import Bevinding, Posting, Reden
from topics.envelope import Envelope, Headers

S = TypeVar("S")
V_co = TypeVar("V_co", covariant=True)


class Record(msgspec.Struct, frozen=True, gc=False):
    """A record as it was read, its claim check resolved. `value` None is a tombstone. `timestamp`: ms since the epoch."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes
    value: bytes | None
    headers: Headers

    def envelope(self) -> Envelope:
        """Raises InvalidEnvelope."""
        return Envelope.read(self.headers)

    @property
    def position(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Output(msgspec.Struct, frozen=True, gc=False):
    """A record to write. Its partition follows from the key (murmur2, as every Kafka client) unless `partition` is set."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


class Blob(msgspec.Struct, frozen=True):
    """Bytes for the object store, stored before the commit under `sha256:<hex of content>`."""

    content: bytes


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What cannot be handled, with its original byte for byte. Goes to `<original topic>.dlq` (DESIGN 7).

    `original` is the record itself, or one that waited in the state (it keeps key, value, headers and coordinates).
    `deel`: the part of the receipt, where the original's envelope names none. The runtime adds the `dlq.*` headers; the
    posting to `uitval` is the step's own.
    """

    original: Record
    reden: Reden
    bevindingen: tuple[Bevinding, ...] = ()
    tekst: str = ""
    fout: str = ""
    dossier: str = ""
    partner: str = ""
    deel: str = ""


class Unchanged:
    """Type of UNCHANGED."""

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED: Final = Unchanged()


class Step(msgspec.Struct, Generic[S], frozen=True, kw_only=True, gc=False):
    """What happens to one key.

    state: the new state, None to delete it, UNCHANGED to leave it. due: when `StateView.due` shall name this key (None:
    never); kept with the state, so given anew with every change. facets: short labels that are counted over all keys
    for the figures, so that a restart or replay changes none of them; each counts 1, or as `weighed` says. cursor:
    where `process` goes on after this step; the last step of a record needs none.
    """

    key: str
    state: S | Unchanged | None = UNCHANGED
    due: datetime | None = None
    facets: tuple[str, ...] = ()
    outputs: Sequence[Output] = ()
    postings: Sequence[Posting] = ()
    dead_letters: Sequence[DeadLetter] = ()
    blobs: Sequence[Blob] = ()
    cursor: str | None = None


def weighed(facet: str, weight: int) -> str:
    """A facet that counts for `weight` (cents of money, say) instead of 1."""
    return f"{facet}\t{weight}"


class StateView(Protocol[V_co]):
    """The task's state as the steps so far left it, those of the open transaction included. Read only."""

    def get(self, key: str) -> V_co | None: ...

    def due(self, until: datetime) -> Iterator[str]:
        """Keys due at or before `until`, ordered by (due, key), as they stand when the call is made."""
        ...


class Processor(Protocol[S]):
    """What the runtime runs. Pure: no clock, no I/O, no look-up but `state`; the same records give the same steps."""

    @property
    def name(self) -> str:
        """Consumer group, transactional id prefix and `<name>.toestand.v1`; never changed once in use."""
        ...

    @property
    def topic(self) -> str: ...

    @property
    def stateful(self) -> bool: ...

    def encode(self, state: S) -> bytes: ...

    def decode(self, data: bytes) -> S:
        """Raises StateCorrupt when this release cannot read it."""
        ...

    def process(self, record: Record, state: StateView[S], cursor: str | None) -> Iterator[Step[S]]:
        """Steps for one record. Raises UnknownDocument to stop the task; any other exception makes the record (or the
        key at hand, see `suspend`) a dead letter `onverwacht`."""
        ...

    def suspend(self, key: str, state: StateView[S], record: Record, error: str) -> Step[S] | None:
        """The step that sets `key` apart after its handling in a record of many keys (a tick) raised `error`.

        `key` is the one that `process` last asked of `state`. With a cursor, `process` is called again to go on behind
        it. None when the record is about one key only: then the record itself becomes the dead letter.
        """
        ...


@runtime_checkable
class Beside(Protocol):
    """A processor part of whose work is slow, or waits for something outside, and would hold the event loop."""

    def beside(self, record: Record) -> Callable[[], object] | None:
        """What to do in a thread before the turn of `record`; None for most records.

        It only gets ready what `process` would compute from the record itself, so that leaving it out changes how long
        things take and never a step. It may raise Unavailable: the task then waits in its place and others go on.
        Whatever else it raises is left to `process` to raise again.
        """
        ...
