"""What a decision does, as records and postings of one transaction: its letter is closed by them. Pure."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from chain.besluit.coupling import coupled
from chain.besluit.letter import Carried
from topics import accounts, documents, ids
from topics.catalogue.declarations import BESLUIT, DECIDER, KINDS, raw_topic
from topics.documents import Account, Bevinding, Ernst, Posting, Reden, ce_type
from topics.documents.besluit import Besluit, Besluitsoort, Koppeling
from topics.documents.content import content_hash
from topics.documents.keten import Hervat
from topics.envelope import RAW_TYPE, Envelope
from topics.resend import NO_DOUBLE, kept, resent_headers
from topics.runtime.step import Output

NAAR: Final = {
    Besluitsoort.KOPPEL: Account.ONDERWEG,
    Besluitsoort.HERMAP: Account.ONDERWEG,
    Besluitsoort.STUUR: Account.ONDERWEG,
    Besluitsoort.VERVANG: Account.VERVANGEN,
    Besluitsoort.RETOUR: Account.TERUGGESTUURD,
    Besluitsoort.AFVOER: Account.AFGEVOERD,
}
_SHOWN: Final = 39
"""Findings of the letter that go along with a posting; one more says what was decided."""


class Forwarded(msgspec.Struct, frozen=True, kw_only=True):
    """`naar`: where the part went, None for a letter that has no place in the account. `ontvangst`: of a replacement."""

    outputs: tuple[Output, ...]
    postings: tuple[Posting, ...] = ()
    naar: Account | None = None
    ontvangst: str | None = None


def forwarded(decision: str, besluit: Besluit, letter: Carried, at: datetime) -> Forwarded:
    """`decision`: its id; `at`: when the last word was said, which is when it takes effect."""
    kind = Besluitsoort(besluit.soort)
    closed = _closed(decision, besluit, letter, at)
    sent: tuple[Output, ...] = ()
    receipt: str | None = None
    dossier = letter.letter.dossier
    if kind is Besluitsoort.VERVANG:
        receipt, replacement = _replaced(decision, besluit, letter, at)
        sent = (replacement,)
    elif NAAR[kind] is Account.ONDERWEG:
        no_double = kind is Besluitsoort.STUUR and letter.letter.reden is Reden.MOGELIJK_DUBBEL
        again = _resent(decision, besluit.koppeling, letter, at, no_double=no_double)
        sent = (again,)
        dossier = again.key.decode() if letter.log and not letter.raw else dossier
    if not letter.counted or letter.envelope is None:
        return Forwarded(outputs=sent)
    posting = _posting(decision, besluit, letter, letter.envelope, dossier, NAAR[kind], receipt)
    return Forwarded(outputs=(*closed, *sent), postings=(posting,), naar=NAAR[kind], ontvangst=receipt)


def resumed(decision: str, besluit: Besluit, at: datetime) -> Output | None:
    """The suspension of partner `voor` is lifted from where this stands in its own partition of `ruw.*`; None when the
    decision does not say whose, or where its messages come in."""
    if not besluit.voor or besluit.naar not in {raw_topic(kind) for kind in KINDS}:
        return None
    document = Hervat(partner=besluit.voor, door=besluit.door, reden=besluit.toelichting)
    envelope = Envelope(
        id=ids.derived_id(decision, ce_type(Hervat), besluit.voor),
        source=DECIDER,
        type=ce_type(Hervat),
        time=at,
        recorded_time=at,
        causation_id=decision,
        channel=BESLUIT,
        actor=besluit.door,
    )
    return Output(besluit.naar, besluit.voor.encode(), documents.encode(document), envelope.headers())


def _closed(decision: str, besluit: Besluit, letter: Carried, at: datetime) -> tuple[Output, ...]:
    """The dossier is told. Without the letter, and without the words of whoever decided: a log keeps no free text."""
    if letter.log is None:
        return ()
    dossier = letter.letter.dossier
    event = Besluit(
        brief=besluit.brief, soort=besluit.soort, door=besluit.door, op=besluit.op, koppeling=besluit.koppeling
    )
    envelope = Envelope(
        id=ids.derived_id(decision, ce_type(Besluit), dossier),
        source=DECIDER,
        type=ce_type(Besluit),
        time=besluit.op,
        recorded_time=at,
        subject=dossier,
        correlation_id=letter.letter.receipt,
        causation_id=decision,
    )
    return (Output(letter.log, dossier.encode(), documents.encode(event), envelope.headers()),)


def _resent(decision: str, koppeling: Koppeling | None, letter: Carried, at: datetime, *, no_double: bool) -> Output:
    record = letter.record
    if letter.raw:
        headers = resent_headers(
            record.headers, decision=decision, at=at, part=letter.part, blob=letter.blob, koppeling=koppeling
        )
        return Output(record.topic, record.key, record.value, headers)
    if letter.envelope is None or not letter.counted:
        # it has no place in the account; when it fails again it must be a new letter all the same
        cause = {"ce_causationid": decision.encode()}
        return Output(record.topic, record.key, record.value, [*kept(record.headers, cause), *cause.items()])
    key, document = record.key.decode(), letter.document
    given: dict[str, bytes] = {}
    value = record.value
    if koppeling is not None and document is not None:
        key, document = coupled(koppeling, key, document)
        value = documents.encode(document)
        given["ce_contenthash"] = content_hash(document).encode()
    given |= {
        "ce_id": ids.derived_id(decision, letter.envelope.type, key).encode(),
        "ce_causationid": decision.encode(),
        "ce_subject": key.encode(),
        **({"ce_dataref": letter.blob.encode()} if letter.blob else {}),
        **({NO_DOUBLE: b"ja"} if no_double else {}),
    }
    return Output(record.topic, key.encode(), value, [*kept(record.headers, given), *given.items()])


def _replaced(decision: str, besluit: Besluit, letter: Carried, at: datetime) -> tuple[str, Output]:
    """The corrected message as one of its sender's, with a receipt of its own: it may have other parts. It names no
    decision as its cause: what it says is new, and is judged as if the sender had sent it."""
    replacement, envelope, topic = besluit.vervanging, letter.envelope, letter.source_topic
    if replacement is None or envelope is None or topic is None:
        raise ValueError(f"decision {decision} replaces nothing")
    receipt = ids.receipt_id(at, hashlib.sha256(decision.encode()).digest()[:10])
    sent = Envelope(
        id=receipt,
        source=envelope.source,
        type=RAW_TYPE,
        time=at,
        recorded_time=at,
        sha256=replacement.blob.removeprefix("sha256:"),
        dataref=replacement.blob,
        channel=DECIDER,
        actor=besluit.door,
        content_type=replacement.inhoudstype,
    )
    return receipt, Output(topic, envelope.source.encode(), b"", sent.headers())


def _posting(
    decision: str,
    besluit: Besluit,
    letter: Carried,
    envelope: Envelope,
    dossier: str,
    naar: Account,
    receipt: str | None,
) -> Posting:
    at = msgspec.structs.replace(
        envelope, correlation_id=letter.letter.receipt, causation_id=decision, part=letter.part, subject=dossier
    )
    reden, findings = _told(besluit, letter, receipt)
    return accounts.moved(at, Account.UITVAL, naar, reden=reden, bevindingen=findings)


def _told(besluit: Besluit, letter: Carried, receipt: str | None) -> tuple[Reden | None, Sequence[Bevinding]]:
    """What the sender sees of it in the status of its message."""
    if besluit.soort == Besluitsoort.RETOUR:
        text = f"Teruggestuurd: {besluit.toelichting.strip()}"
        return letter.letter.reden, (*letter.letter.bevindingen[:_SHOWN], _finding("teruggestuurd", Ernst.FOUT, text))
    if receipt is not None:
        text = f"Vervangen door het verbeterde bericht met ontvangst {receipt}."
        return letter.letter.reden, (_finding("vervangen", Ernst.WAARSCHUWING, text),)
    return (letter.letter.reden if besluit.soort == Besluitsoort.AFVOER else None), ()


def _finding(code: str, ernst: Ernst, text: str) -> Bevinding:
    return Bevinding(code=code, pad="/", ernst=ernst, tekst=text, bron="beoordelaar")
