"""The correlator of one keten: reads the log, keeps the dossiers, and writes what they come to. Decides nothing itself."""

from collections.abc import Iterator
from typing import Final

from chain.correlate.outputs import outputs
from chain.kalender import micros, moment
from chain.ketens.onderhoud import (
    Dossierstaat,
    Kader,
    Klokstand,
    Staat,
    Stomp,
    Tik,
    Uitkomst,
    decide,
    decode_state,
    encode_state,
    opschorten,
    tik,
)
from topics import documents
from topics.catalogue.declarations import correlator_name, log_topic
from topics.documents import ce_type
from topics.documents.keten import Klok
from topics.envelope import Envelope
from topics.errors import StateCorrupt, UndecodableDocument
from topics.runtime.step import Record, StateView, Step

KLOK_KEY: Final = "__klok"
"""State key of the last tick handled: a doubled or older tick changes nothing."""

_KLOK: Final = ce_type(Klok)


class Correlator:
    """Processor over `<keten>.gebeurtenis.v1`; `keten` is `onderhoud` or `proef-onderhoud`.

    An event is one step for its dossier; a tick is one step per due dossier and one that remembers the tick.
    """

    stateful: Final = True

    def __init__(self, keten: str) -> None:
        self.name: Final = correlator_name(keten)
        self.topic: Final = log_topic(keten)
        self._kader = Kader(keten, self.name)

    def encode(self, state: Staat) -> bytes:
        return encode_state(state)

    def decode(self, data: bytes) -> Staat:
        return decode_state(data)

    def process(self, record: Record, state: StateView[Staat], cursor: str | None) -> Iterator[Step[Staat]]:
        """Raises UnknownDocument for a type or version that this release does not know: the task stops."""
        envelope = record.envelope()
        if record.value is None:
            raise UndecodableDocument(f"{record.position}: no value, expected a document of the log")
        document = documents.decode(envelope.type, record.value)
        if isinstance(document, Klok):
            yield from self._tick(record, envelope, document, state)
            return
        key = record.key.decode()
        outcome = decide(self._kader, key, _dossier(key, state.get(key)), envelope, document, record)
        yield _step(record, envelope, key, outcome)

    def suspend(self, key: str, state: StateView[Staat], record: Record, error: str) -> Step[Staat] | None:
        """Sets a dossier apart that raised on a tick. `error` goes to the alert, not into the log of the keten."""
        envelope = record.envelope()
        if envelope.type != _KLOK or key == KLOK_KEY:
            return None
        found = state.get(key)
        if not isinstance(found, Dossierstaat):
            return None
        outcome = opschorten(self._kader, key, found, micros(envelope.recorded_time))
        return _step(record, envelope, key, outcome, cursor=key)

    def _tick(self, record: Record, envelope: Envelope, klok: Klok, state: StateView[Staat]) -> Iterator[Step[Staat]]:
        """Every step takes its dossier out of what is due, so that going on after a cursor is asking again."""
        until = micros(klok.tot)
        last = state.get(KLOK_KEY)
        if isinstance(last, Klokstand) and last.tot >= until:
            return
        now = Tik(until, frozenset(klok.opgeschort))
        for key in state.due(klok.tot):
            found = _dossier(key, state.get(key))
            if found is not None:
                yield _step(record, envelope, key, tik(self._kader, key, found, now), cursor=key)
        yield Step(key=KLOK_KEY, state=Klokstand(until))


def _dossier(key: str, found: Staat | None) -> Dossierstaat | Stomp | None:
    if isinstance(found, Klokstand):
        raise StateCorrupt(f"state of {key!r} is that of the clock, expected a dossier")
    return found


def _step(record: Record, cause: Envelope, key: str, outcome: Uitkomst, cursor: str | None = None) -> Step[Staat]:
    return Step(
        key=key,
        state=outcome.staat,
        due=None if outcome.due is None else moment(outcome.due),
        facets=outcome.facets,
        outputs=outputs(record, cause, key, outcome),
        postings=outcome.postings,
        dead_letters=outcome.dead_letters,
        cursor=cursor,
    )
