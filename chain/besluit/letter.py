"""The dead letter that a decision carries, read back: what it is about, and which decisions it allows. Pure."""

import re
from decimal import Decimal
from typing import Final

import msgspec

from topics import documents
from topics.accounts import WHOLE
from topics.catalogue.declarations import ALL_KETENS, KINDS, SPOOR, log_topic, raw_topic
from topics.deadletters import Letter, id_of, original_headers
from topics.documents import Document
from topics.documents.besluit import Origineel
from topics.documents.factuur import Factuur, Factuurstatus
from topics.envelope import Envelope
from topics.errors import DocumentError, InvalidEnvelope
from topics.keys import keten_of, kind_of
from topics.runtime.step import Record

RAW: Final = frozenset(raw_topic(kind) for kind in KINDS)
LOGS: Final = frozenset(log_topic(keten) for keten in ALL_KETENS)
_CLOCK: Final = "clock"
_ACCOUNT: Final = re.compile(r"iban|^rekening")
"""In the code of a finding that is about an account."""


class Unreadable(Exception):
    """What a decision carries is no dead letter, or another one than it says."""


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """`record`: the original as it failed, without a body when that is in the object store (`blob`). `envelope` None:
    the original has none that can be read. `document`: of an event of a log, where it decodes."""

    letter: Letter
    record: Record
    envelope: Envelope | None
    blob: str | None
    document: Document | None

    @property
    def raw(self) -> bool:
        """Whether a partner's bytes failed at an adapter."""
        return self.record.topic in RAW

    @property
    def counted(self) -> bool:
        """Whether it is a part of a message, so that it has a place in the account; a tick and what one dossier told
        another have none."""
        if self.envelope is None or self.envelope.source == _CLOCK or not self.letter.receipt:
            return False
        return self.raw or (self.record.topic in LOGS and bool(self.letter.part))

    @property
    def part(self) -> str:
        return self.letter.part or WHOLE

    @property
    def log(self) -> str | None:
        """The log on which its dossier is told that the letter is closed."""
        dossier = self.letter.dossier
        return log_topic(keten_of(dossier)) if dossier and self.counted and keten_of(dossier) in ALL_KETENS else None

    @property
    def source_topic(self) -> str | None:
        """Where its sender's messages come in."""
        if self.raw:
            return self.record.topic
        topic = self.envelope.position.partition("/")[0] if self.envelope else ""
        return topic if topic in RAW else None


def carried(original: Origineel, letter_id: str) -> Carried:
    """Raises Unreadable when it is not the letter `letter_id`."""
    headers = tuple((kop.naam, kop.waarde) for kop in original.koppen)
    try:
        letter = Letter.read(headers)
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        raise Unreadable(f"kopregels: {type(error).__name__}: {error}") from error
    record = Record(
        letter.topic,
        letter.partition,
        letter.offset,
        letter.timestamp,
        original.sleutel.encode(),
        original.waarde or b"",
        tuple(original_headers(headers)),
    )
    envelope = _envelope(record)
    digest = (original.blob or "").removeprefix("sha256:")
    found = {id_of(record, envelope, part, letter.stage, digest) for part in (letter.part, "")}
    if letter_id != letter.id or letter_id not in found:
        raise Unreadable(f"brief {letter_id[:12]}: wat is meegestuurd is een andere brief ({letter.id[:12]})")
    document = None if original.blob else _document(record, envelope)
    return Carried(letter=letter, record=record, envelope=envelope, blob=original.blob, document=document)


class Money(msgspec.Struct, frozen=True):
    """What a letter means in money. `invoice` None: it cannot be told. `amount`: euro including VAT, None when it cannot be
    known here."""

    invoice: bool | None
    amount: Decimal | None
    iban: bool


def money(letter: Carried, invoice: bool | None, amount: Decimal | None) -> Money:
    """`invoice`, `amount`: what the desk says of bytes that are not here; what can be seen here goes before that."""
    iban = any(_ACCOUNT.search(finding.code) for finding in letter.letter.bevindingen)
    document = letter.document
    if isinstance(document, Factuur):
        unknown = not document.iban_bekend or document.g_iban_bekend is False
        return Money(True, abs(document.te_betalen), iban or unknown)
    if isinstance(document, Factuurstatus):
        return Money(True, abs(document.bedrag) if document.bedrag is not None else None, iban)
    if not letter.raw and document is not None:
        return Money(False, None, iban)
    dossier = letter.letter.dossier
    certain = bool(invoice) or iban or (dossier != "" and kind_of(dossier) == "factuur")
    # a record that is no partner's, and that nothing can be told of, is no invoice
    unknown = letter.raw and invoice is None
    return Money(True if certain else None if unknown else False, abs(amount) if amount is not None else None, iban)


def _envelope(record: Record) -> Envelope | None:
    try:
        return record.envelope()
    except InvalidEnvelope:
        return None


def _document(record: Record, envelope: Envelope | None) -> Document | None:
    """Of what stands on a log or beside it."""
    if envelope is None or record.topic not in (*LOGS, SPOOR):
        return None
    try:
        return documents.decode(envelope.type, record.value or b"")
    except DocumentError:
        return None
