"""What a record counts for: one processor per topic. Pure, behind the boundary of `topics.runtime`."""

from collections.abc import Iterator

from chain.kengetallen import Meting, groep_of, interval_of
from chain.measure import rij
from chain.measure.rij import Rij, Signaalstand
from topics import documents
from topics.catalogue.declarations import DOORLOOPTIJD, MEASURE, SIGNAAL
from topics.documents import Document, Reden
from topics.documents.keten import Doorlooptijd, Signaal
from topics.envelope import Envelope
from topics.errors import InvalidEnvelope, UndecodableDocument
from topics.runtime.step import DeadLetter, Record, StateView, Step

_SEPARATOR = "\n"
"""In no dossier key: they are one line."""


class _Teller:
    """A Processor of rows. One record concerns one key, so that a row is all that it changes."""

    name = MEASURE
    stateful = True

    def __init__(self, topic: str) -> None:
        self.topic = topic

    def encode(self, state: Rij) -> bytes:
        return rij.encode(state)

    def decode(self, data: bytes) -> Rij:
        return rij.decode(data)

    def suspend(self, key: str, state: StateView[Rij], record: Record, error: str) -> Step[Rij] | None:
        return None

    def process(self, record: Record, state: StateView[Rij], cursor: str | None) -> Iterator[Step[Rij]]:
        """At most one step. What cannot be decoded is a dead letter; a tombstone counts for nothing. Raises
        UnknownDocument."""
        if record.value is None:
            return
        try:
            document = documents.decode(Envelope.read(record.headers).type, record.value)
        except (InvalidEnvelope, UndecodableDocument) as error:
            letter = DeadLetter(
                original=record, reden=Reden.ONLEESBAAR, fout=type(error).__name__, tekst=f"{error.code}: {error}"
            )
            yield Step(key="", dead_letters=(letter,))
            return
        key, row = self.counted(document, record)
        if rij.later(row, state.get(key)):
            yield Step(key=key, state=row)

    def counted(self, document: Document, record: Record) -> tuple[str, Rij]:
        """The row that a document is kept as. Raises TypeError for a document that does not belong on this topic."""
        raise TypeError(f"{record.topic} carries {document.NAME}")


class Doorlooptijdteller(_Teller):
    """The last revision of every interval, by dossier, measure and sub-order."""

    def __init__(self, topic: str = DOORLOOPTIJD) -> None:
        super().__init__(topic)

    def counted(self, document: Document, record: Record) -> tuple[str, Rij]:
        if not isinstance(document, Doorlooptijd):
            return super().counted(document, record)
        found = Meting(document.revisie, groep_of(document), interval_of(document))
        return interval_key(document.dossier, document.maat, document.subnummer), found


class Signaalteller(_Teller):
    """Whether every signal stands, by its id."""

    def __init__(self, topic: str = SIGNAAL) -> None:
        super().__init__(topic)

    def counted(self, document: Document, record: Record) -> tuple[str, Rij]:
        if not isinstance(document, Signaal):
            return super().counted(document, record)
        found = Signaalstand(
            record.offset,
            not document.ingetrokken,
            document.keten,
            document.soort,
            document.dossier,
            document.tegen or "",
        )
        return document.id, found


def interval_key(dossier: str, maat: str, subnummer: str | None) -> str:
    return _SEPARATOR.join((dossier, maat) if subnummer is None else (dossier, maat, subnummer))


def unreadable_key(offset: int) -> str:
    """Of the row of a record that could not be counted: no dossier and no signal is called so."""
    return f"{_SEPARATOR}{offset}"
