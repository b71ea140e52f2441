"""What a record counts for: one processor per topic. Pure, behind the boundary of `topics.runtime`.

Months close by the log alone: by the recorded time of what was read so far in the same partition. So a rebuild closes
them at the same record, and so does who reads a part of it again (see README, "Months close").
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from chain.kalender import micros
from chain.kalender.moment import moment
from chain.kengetallen import Meting, groep_of, interval_of
from chain.kengetallen.tijdvak import maand, maand_van
from chain.kengetallen.vouw import gevouwen, grens, pack, samen, unpack
from chain.measure import rij
from chain.measure.rij import AFSLUITING, Afsluiting, Gevouwen, Rij, Signaalstand, interval_key, vouw_key
from topics import documents
from topics.catalogue.declarations import DOORLOOPTIJD, MEASURE, SIGNAAL
from topics.documents import Document, Reden
from topics.documents.keten import Doorlooptijd, Signaal
from topics.envelope import Envelope
from topics.errors import InvalidEnvelope, UndecodableDocument
from topics.runtime.step import DeadLetter, Record, StateView, Step

HORIZON: Final = 6
"""Whole months between a month that closes and the one at hand. Windows touch three before theirs; a dossier is kept whole
for 90 days after it closed, and most orders last a month or two."""
LEAST: Final = 4
"""The shortest horizon: what a window may show is not folded."""

_NOTHING: Final = Afsluiting(0, -1)


class _Teller:
    """A Processor of rows. One record changes one row, except where it closes months: then it folds and removes those that
    are over, in steps of which each is a row, in an order that can be gone through again from any point."""

    name = MEASURE
    stateful = True

    def __init__(self, topic: str, horizon: int) -> None:
        self.topic = topic
        self._horizon = horizon

    def encode(self, state: Rij) -> bytes:
        return rij.encode(state)

    def decode(self, data: bytes) -> Rij:
        return rij.decode(data)

    def suspend(self, key: str, state: StateView[Rij], record: Record, error: str) -> Step[Rij] | None:
        return None

    def process(self, record: Record, state: StateView[Rij], cursor: str | None) -> Iterator[Step[Rij]]:
        """At most one step for what it counts, behind those that close months. What cannot be decoded is a dead letter; a
        tombstone counts for nothing. Raises UnknownDocument."""
        if record.value is None:
            return
        try:
            envelope = Envelope.read(record.headers)
            document = documents.decode(envelope.type, record.value)
        except (InvalidEnvelope, UndecodableDocument) as error:
            letter = DeadLetter(
                original=record, reden=Reden.ONLEESBAAR, fout=type(error).__name__, tekst=f"{error.code}: {error}"
            )
            yield Step(key="", dead_letters=(letter,))
            return
        key, row = self.counted(document, record)
        for step in self._close(grens(micros(envelope.recorded_time), self._horizon), record, state):
            # any cursor: behind a step of a closing the record starts again, and closes what is left
            yield msgspec.structs.replace(step, cursor=step.key)
        if record.offset > _closed(state).offset:
            yield from self._count(key, row, record, state)

    def counted(self, document: Document, record: Record) -> tuple[str, Rij]:
        """The row that a document is kept as. Raises TypeError for a document that does not belong on this topic."""
        raise TypeError(f"{record.topic} carries {document.NAME}")

    def _close(self, until: int, record: Record, state: StateView[Rij]) -> Iterator[Step[Rij]]:
        """Close the months before `until`, and before that what another worker began to close."""
        closed = _closed(state)
        if closed.bezig:
            yield from self._finish(closed, state)
        if until > closed.maand:
            closing = Afsluiting(until, record.offset - 1, closed.laat, bezig=True)
            yield Step(key=AFSLUITING, state=closing)
            yield from self._finish(closing, state)

    def _finish(self, closing: Afsluiting, state: StateView[Rij]) -> Iterator[Step[Rij]]:
        """First what is folded, then the rows that it stands for go, and last it is said that they are closed. Gone through
        again from any point: a row that is not there was folded, and what was folded says so."""
        keys = list(state.due(moment(maand(closing.maand).periode.van or 0)))
        yield from self._fold(closing.maand, keys, state)
        for key in keys:
            yield Step(key=key, state=None)
        yield Step(key=AFSLUITING, state=msgspec.structs.replace(closing, bezig=False))

    def _fold(self, until: int, keys: list[str], state: StateView[Rij]) -> Iterator[Step[Rij]]:
        return iter(())

    def _count(self, key: str, row: Rij, record: Record, state: StateView[Rij]) -> Iterator[Step[Rij]]:
        if rij.later(row, state.get(key)):
            yield Step(key=key, state=row)


class Doorlooptijdteller(_Teller):
    """The last revision of every interval, by dossier, measure and sub-order; of closed months what they come to.

    `horizon`: whole months between a month that closes and the one at hand.
    """

    def __init__(self, topic: str = DOORLOOPTIJD, horizon: int = HORIZON) -> None:
        super().__init__(topic, horizon)

    def counted(self, document: Document, record: Record) -> tuple[str, Rij]:
        if not isinstance(document, Doorlooptijd):
            return super().counted(document, record)
        found = Meting(document.revisie, groep_of(document), interval_of(document))
        return interval_key(document.dossier, document.maat, document.subnummer), found

    def _fold(self, until: int, keys: list[str], state: StateView[Rij]) -> Iterator[Step[Rij]]:
        over = [row for row in map(state.get, keys) if isinstance(row, Meting)]
        for paar, month, fresh in gevouwen(over):
            key = vouw_key(paar, month)
            former = state.get(key)
            if not isinstance(former, Gevouwen):
                yield Step(key=key, state=Gevouwen(until, month, paar, pack(fresh)))
            elif former.tot < until:
                whole = samen(month, unpack(paar, former.sommen), fresh)
                yield Step(key=key, state=Gevouwen(until, month, paar, pack(whole)))

    def _count(self, key: str, row: Rij, record: Record, state: StateView[Rij]) -> Iterator[Step[Rij]]:
        """What begins in a closed month counts only when it was open when that closed, and so is a row still: whether
        anything else was folded before nobody knows any more."""
        closed = _closed(state)
        if isinstance(row, Meting) and (begin := maand_van(row.interval.begin)) < closed.maand:
            former = state.get(key)
            if not isinstance(former, Meting) or maand_van(former.interval.begin) != begin:
                yield Step(key=AFSLUITING, state=Afsluiting(closed.maand, record.offset, closed.laat + 1))
                return
        yield from super()._count(key, row, record, state)


class Signaalteller(_Teller):
    """Whether every signal stands, by its id. What was withdrawn goes when a month is over."""

    def __init__(self, topic: str = SIGNAAL) -> None:
        super().__init__(topic, 0)

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


def _closed(state: StateView[Rij]) -> Afsluiting:
    found = state.get(AFSLUITING)
    return found if isinstance(found, Afsluiting) else _NOTHING
