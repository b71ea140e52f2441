"""The one boundary around a processor: what raises becomes a dead letter or a suspended key, and nothing else happens.

Here, and only here, `except Exception` is written (DESIGN 7): a bug of ours must cost one message, not the partition.
Errors that speak of the whole task (unknown version, unreadable state, something outside away) go through.

What is told of it is where it was raised, never the words of the error: those often quote what was handled, and what is
told goes to the log of postings, to the partner and to who decides.
"""

import traceback
from collections.abc import Generator
from typing import Final, Protocol, TypeVar

from topics import accounts
from topics.documents import Account, Posting, Reden
from topics.envelope import Envelope
from topics.errors import InvalidEnvelope, KetenbusError, PositionMismatch, StateCorrupt, Unavailable, UnknownDocument
from topics.runtime.errors import CannotWrite
from topics.runtime.step import DeadLetter, Processor, Record, StateView, Step

S = TypeVar("S")
V_co = TypeVar("V_co", covariant=True)

_OURS: Final = ("topics.", "adapters.", "chain.")
TASK_ERRORS = (UnknownDocument, StateCorrupt, PositionMismatch, Unavailable)


class Asked(StateView[V_co], Protocol[V_co]):
    """State that remembers the key that was asked for last: the key at hand when a processor raises."""

    last_key: str | None


def guarded(
    processor: Processor[S], record: Record, store: Asked[S], cursor: str | None
) -> Generator[Step[S], None, None]:
    """The steps of one record, behind the boundary.

    The caller stages each step before it asks for the next. It throws CannotWrite in when a step cannot be written:
    that step is then replaced as if the processor had raised on it.
    """
    while True:
        store.last_key = None
        last = False
        try:
            for step in processor.process(record, store, cursor):
                if last:
                    raise CannotWrite(f"{processor.name}: a step after one without a cursor; only the last needs none")
                last = step.cursor is None
                try:
                    yield step
                except CannotWrite as error:
                    instead = _instead(processor, record, store, step.key or None, error, error.reden)
                    break
                cursor = step.cursor or cursor
                store.last_key = None
            else:
                return
        except TASK_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001  # the one boundary
            instead = _instead(processor, record, store, store.last_key, error, Reden.ONVERWACHT)
        yield instead
        if instead.cursor is None:
            return
        cursor = instead.cursor


def _instead(
    processor: Processor[S], record: Record, store: Asked[S], key: str | None, error: Exception, reden: Reden
) -> Step[S]:
    what = _told(error)
    step = processor.suspend(key, store, record, what) if key is not None else None
    return unexpected_step(record, what, reden) if step is None else step


def _told(error: Exception) -> str:
    """'KeyError: in chain.ketens.onderhoud.vouw._feit, line 12'; of an error of ours its own words, which are chosen."""
    name = type(error).__name__
    if isinstance(error, KetenbusError):
        return f"{name}: {error}"
    # the first frame is the boundary's own
    frames = list(traceback.walk_tb(error.__traceback__))[1:]
    ours = [one for one in frames if str(one[0].f_globals.get("__name__")).startswith(_OURS)]
    for frame, line in (ours or frames)[-1:]:
        return f"{name}: in {frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}, line {line}"
    return name


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
    """On `ruw.*` the receipt is opened with one part and moved; on a log its part moves. Ticks and what one dossier
    told another (no part of a message) have no account."""
    if envelope is None or envelope.source == "clock":
        return ()
    if envelope.correlation_id:
        moved = accounts.moved(envelope, Account.ONDERWEG, Account.UITVAL, reden=reden)
        return (moved,) if envelope.part else ()
    if record.topic.startswith("ruw."):
        moved = accounts.moved(envelope, Account.ONDERWEG, Account.UITVAL, reden=reden)
        # a part that is sent again belongs to a receipt that was opened before
        return (moved,) if envelope.part else (accounts.opened(envelope, 1), moved)
    return ()
