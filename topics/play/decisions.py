"""Decisions of a capture, taken on the letters of this play.

A decision is about a letter: a part of a message that failed at a stage for a reason. Under another mapping the same part
may fail with other bytes (a letter of a log carries the mapped event), for another reason, or not at all. The decision is
taken when this play has a letter of the same part, attempt, stage and reason; it then carries that letter. Else it is left
out and named: nobody can know what the person would have decided.
"""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from topics import documents
from topics.accounts import WHOLE
from topics.blobs import blob_ref
from topics.catalogue.topic import DEAD_LETTER_SUFFIX
from topics.deadletters import Letter, original_headers
from topics.documents.besluit import Besluit, Besluitsoort, Kop, Origineel
from topics.envelope import Headers
from topics.errors import DocumentError
from topics.play.bodies import Bodies
from topics.play.sources import RAW
from topics.runtime.claims import claimed
from topics.runtime.step import Output, Record


class About(NamedTuple):
    """What makes two letters of two plays the same. `cause`: the decision that caused this attempt, or empty."""

    receipt: str
    part: str
    stage: str
    cause: str
    alone: str
    """The letter's id, of what is no part of a receipt."""


class LeftOut(msgspec.Struct, frozen=True):
    """A decision that was not taken, and why: `geen-brief` (this play has no such letter), `andere-reden` (it has, for
    another reason), `vervanging-ontbreekt` (the capture lacks the corrected message)."""

    besluit: str
    brief: str
    soort: str
    waarom: str


class Decisions:
    """Letters as they are written, and what becomes of each decision. `blobs`: where bodies of letters are put, so that
    what a decision sends again finds them."""

    def __init__(self, blobs: Bodies) -> None:
        self._blobs = blobs
        self._letters: dict[About, tuple[Letter, Record]] = {}
        self._called: dict[str, str] = {}
        self.left_out: list[LeftOut] = []

    def observe(self, record: Record) -> None:
        """A record that a task wrote: dead letters are kept."""
        if not record.topic.endswith(DEAD_LETTER_SUFFIX):
            return
        letter = Letter.read(record.headers)
        self._letters[about(letter, record.headers)] = (letter, record)
        if record.value:
            self._blobs.put(record.value)

    def taken(self, record: Record) -> Iterator[Output]:
        """The decision in `record` as it is taken in this play: one output, or none. Raises DocumentError."""
        document = documents.decode(record.envelope().type, record.value or b"")
        if not isinstance(document, Besluit):
            raise DocumentError(f"{record.position}: found {document.NAME}, expected {Besluit.NAME}")
        if document.soort == Besluitsoort.HERVAT:
            yield Output(record.topic, record.key, record.value, record.headers)
            return
        if document.origineel is None:
            # it is about what was decided before on the same letter
            brief = self._called.get(document.brief)
            if brief is not None:
                yield _addressed(record, document, brief)
            else:
                self._leave_out(record, document, "geen-brief")
            return
        headers = tuple((kop.naam, kop.waarde) for kop in document.origineel.koppen)
        former = Letter.read(headers)
        found = self._letters.get(about(former, headers))
        if found is None:
            self._leave_out(record, document, "geen-brief")
        elif found[0].reden is not former.reden:
            self._leave_out(record, document, "andere-reden")
        elif document.vervanging is not None and not self._blobs.has(document.vervanging.blob):
            self._leave_out(record, document, "vervanging-ontbreekt")
        else:
            self._called[document.brief] = found[0].id
            yield _on(record, document, *found)

    def _leave_out(self, record: Record, document: Besluit, why: str) -> None:
        self.left_out.append(LeftOut(record.envelope().id, document.brief, document.soort, why))


def about(letter: Letter, headers: Headers) -> About:
    """`headers`: of the dead letter, `dlq.*` included."""
    given = dict(original_headers(headers))
    cause = given.get("ce_causationid", b"").decode("utf-8", "replace")
    return About(
        receipt=letter.receipt,
        part=one_name(letter.part),
        stage=letter.stage,
        cause="" if cause == letter.receipt else cause,
        alone="" if letter.receipt and letter.part else letter.id,
    )


def one_name(part: str) -> str:
    """A message that is refused as a whole is its only part, which has a number where it is not."""
    return "1" if part == WHOLE else part


def _on(record: Record, document: Besluit, letter: Letter, found: Record) -> Output:
    if letter.id == document.brief:
        return Output(record.topic, record.key, record.value, record.headers)
    raw = letter.topic in RAW
    carried = Origineel(
        topic=found.topic,
        partitie=found.partition,
        positie=found.offset,
        sleutel=found.key.decode("utf-8", "replace"),
        koppen=tuple(Kop(name, value) for name, value in found.headers),
        waarde=None if raw else found.value or b"",
        blob=_blob(found) if raw else None,
    )
    return _addressed(record, msgspec.structs.replace(document, origineel=carried), letter.id)


def _addressed(record: Record, document: Besluit, brief: str) -> Output:
    addressed = msgspec.structs.replace(document, brief=brief)
    return Output(record.topic, brief.encode(), documents.encode(addressed), record.headers)


def _blob(found: Record) -> str | None:
    """None where the original itself refers to the object store."""
    return None if claimed(found.headers) else blob_ref(found.value or b"")
