"""The one boundary around a processor: what raises becomes a dead letter or a suspended key, and nothing else happens.

Here, and only here, `except Exception` is written (DESIGN 7): a bug of ours must cost one message, not the partition.
Errors that speak of the whole task (unknown version, unreadable state, something outside away) go through.
"""

from collections.abc import Iterator
from typing import Generic, TypeVar

from topics import accounts
from topics.documents import Account, Posting, Reden
from topics.envelope import Envelope
from topics.errors import InvalidEnvelope, PositionMismatch, StateCorrupt, Unavailable, UnknownDocument
from topics.runtime.errors import CannotWrite
from topics.runtime.step import DeadLetter, Processor, Record, Step
from topics.runtime.store import Store

S = TypeVar("S")

TASK_ERRORS = (UnknownDocument, StateCorrupt, PositionMismatch, Unavailable)


class Guarded(Generic[S]):
    """The steps of one record, behind the boundary.

    Iterating gives steps; the caller stages each before it asks for the next. `reject(step)` says that a step cannot be
    written: it is replaced as if the processor had raised on it.
    """

    def __init__(self, processor: Processor[S], record: Record, store: Store[S], cursor: str | None) -> None:
        self._processor, self._record, self._store = processor, record, store
        self._cursor = cursor
        self._steps = processor.process(record, store, cursor)
        self._finished = False

    def __iter__(self) -> Iterator[Step[S]]:
        return self

    def __next__(self) -> Step[S]:
        if self._finished:
            raise StopIteration
        self._store.last_key = None
        try:
            step = next(self._steps)
        except StopIteration:
            raise
        except TASK_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001  # the one boundary
            return self._instead(self._store.last_key, error, Reden.ONVERWACHT)
        self._cursor = step.cursor or self._cursor
        return step

    def reject(self, step: Step[S], former: str | None, error: CannotWrite) -> Step[S]:
        """The step to take in place of `step`, which came after cursor `former`."""
        self._cursor = former
        return self._instead(step.key or None, error, error.reden)

    def _instead(self, key: str | None, error: Exception, reden: Reden) -> Step[S]:
        what = f"{type(error).__name__}: {error}"
        step = self._processor.suspend(key, self._store, self._record, what) if key is not None else None
        if step is None:
            self._finished = True
            return unexpected_step(self._record, what, reden)
        if step.cursor is None:
            self._finished = True
        else:
            self._cursor = step.cursor
            self._steps = self._processor.process(self._record, self._store, step.cursor)
        return step


def unexpected_step(record: Record, error: str, reden: Reden) -> Step[S]:
    """The whole record becomes a dead letter: its key's state stays as it is."""
    envelope = envelope_or_none(record)
    letter = DeadLetter(
        original=record,
        reden=reden,
        fout=error.partition(":")[0],
        tekst=error,
        partner=envelope.source if envelope else record.key.decode("utf-8", "replace"),
        dossier=envelope.subject if envelope else "",
    )
    return Step(key="", dead_letters=(letter,), postings=_postings(record, envelope, reden))


def envelope_or_none(record: Record) -> Envelope | None:
    try:
        return record.envelope()
    except InvalidEnvelope:
        return None


def _postings(record: Record, envelope: Envelope | None, reden: Reden) -> tuple[Posting, ...]:
    """On `ruw.*` the receipt is opened with one part and moved; on a log its part moves. Ticks have no account."""
    if envelope is None or envelope.source == "clock":
        return ()
    if envelope.correlation_id:
        return (accounts.moved(envelope, Account.ONDERWEG, Account.UITVAL, reden=reden),)
    if record.topic.startswith("ruw."):
        opening = accounts.opened(envelope, 1)
        return (opening, accounts.moved(envelope, Account.ONDERWEG, Account.UITVAL, reden=reden))
    return ()
