"""What the adapter writes: an outcome of a part, or an answer to a mark on `ruw.*`, as records, postings and letters."""

from datetime import datetime
from typing import Final

import msgspec

from adapters.adapter.flood import Overstroomd
from adapters.adapter.outcome import Geweigerd, Toegelaten
from topics import accounts, ids
from topics.blobs import blob_ref
from topics.catalogue.declarations import OPSCHORTING, PERSOON, WATERMERK
from topics.deadletters import id_of
from topics.documents import Account, Document, Posting, ce_type, encode
from topics.documents.content import content_hash
from topics.documents.factuur import Factuur, Factuurstatus
from topics.documents.keten import Hervat, Opschorting, Persoon, Tik, Uitval, Watermerk
from topics.documents.onderhoud import Mutatie, Offerte, Opdracht, Planning, Status
from topics.envelope import Envelope
from topics.keys import person_key
from topics.runtime.step import Blob, DeadLetter, Output, Record

_CARRIED: Final = 16_384
"""Bytes of an original that each letter of a receipt with several parts may carry itself."""


class Written(msgspec.Struct, frozen=True):
    """What one part comes to."""

    outputs: tuple[Output, ...] = ()
    postings: tuple[Posting, ...] = ()
    dead_letters: tuple[DeadLetter, ...] = ()
    blobs: tuple[Blob, ...] = ()


def admitted(record: Record, raw: Envelope, part: str, outcome: Toegelaten, *, several: bool) -> Written:
    """The event on the log, its personal data apart, and its warnings as a posting.

    `several`: the receipt has more parts, so that its number enters the key of the personal data.
    """
    document = outcome.document
    person: tuple[Output, ...] = ()
    if outcome.personen:
        key = person_key(outcome.dossier, f"{raw.id}.{part}" if several else raw.id)
        document = _with_person(document, key)
        apart = Persoon(velden=outcome.personen)
        about = _envelope(record, raw, part, apart, outcome.dossier)
        person = (Output(PERSOON, key.encode(), encode(apart), about.headers()),)
    event = _envelope(
        record, raw, part, document, outcome.dossier, happened=outcome.gebeurd, content_hash=content_hash(document)
    )
    output = Output(outcome.log, outcome.dossier.encode(), encode(document), event.headers())
    notes = (accounts.noted(event, outcome.bevindingen),) if outcome.bevindingen else ()
    blobs = tuple([Blob(content) for content in outcome.blobs])
    return Written((output, *person), notes, blobs=blobs)


def refused(
    stage: str, record: Record, raw: Envelope, part: str, outcome: Geweigerd, gln: str, *, several: bool
) -> Written:
    """The dead letter with its posting, and `uitval` on the log where the dossier is known. `gln`: of the sender.

    `several`: the receipt has more parts; each letter carries the whole original, so a larger one goes to the object
    store once and the letters refer to it.
    """
    dossier = outcome.dossier or ""
    original: Record = record
    blobs: tuple[Blob, ...] = ()
    if several and not raw.dataref and len(record.value or b"") > _CARRIED:
        blob = Blob(record.value or b"")
        ref = blob_ref(blob.content)
        headers = (*record.headers, ("ce_dataref", ref.encode()))
        original, blobs = msgspec.structs.replace(record, headers=headers), (blob,)
        raw = msgspec.structs.replace(raw, dataref=ref)
    letter = DeadLetter(
        original=original,
        reden=outcome.reden,
        bevindingen=outcome.bevindingen,
        tekst=" ".join(accounts.without_values(finding).tekst for finding in outcome.bevindingen),
        dossier=dossier,
        partner=raw.source,
        deel=part,
    )
    at = msgspec.structs.replace(raw, correlation_id=raw.id, part=part, subject=dossier)
    posting = accounts.moved(at, Account.ONDERWEG, Account.UITVAL, reden=outcome.reden, bevindingen=outcome.bevindingen)
    if not dossier:
        return Written((), (posting,), (letter,), blobs)
    fact = Uitval(brief=id_of(original, raw, part, stage), reden=outcome.reden, afzender=gln)
    envelope = _envelope(record, raw, part, fact, dossier)
    return Written(
        (Output(outcome.log, dossier.encode(), encode(fact), envelope.headers()),), (posting,), (letter,), blobs
    )


def suspension(raw: Envelope, flood: Overstroomd, glns: tuple[str, ...]) -> Output:
    """From now on the intake refuses the sender of `raw`, known in dossiers by `glns`."""
    document = Opschorting(
        partner=raw.source,
        actief=True,
        sinds=raw.recorded_time,
        oorzaak=flood.oorzaak,
        glns=glns,
        uitval=flood.uitval,
        van=flood.van,
    )
    return _about_partner(raw, document)


def resumption(raw: Envelope, hervat: Hervat) -> Output:
    """The intake takes messages of the partner again; `oorzaak` says why, `door` who decided it."""
    document = Opschorting(
        partner=hervat.partner, actief=False, sinds=raw.recorded_time, oorzaak=hervat.reden, door=hervat.door
    )
    return _about_partner(raw, document)


def watermark(record: Record, tick: Envelope, tik: Tik) -> Output:
    """This adapter has read its partition up to the tick."""
    document = Watermerk(topic=record.topic, partitie=record.partition, tot=tik.tot)
    key = f"{record.topic}/{record.partition}"
    envelope = Envelope(
        id=ids.derived_id(tick.id, ce_type(Watermerk), key),
        source=tick.source,
        type=ce_type(Watermerk),
        time=tick.time,
        recorded_time=tick.recorded_time,
        causation_id=tick.id,
    )
    return Output(WATERMERK, key.encode(), encode(document), envelope.headers())


def _about_partner(raw: Envelope, document: Opschorting) -> Output:
    envelope = Envelope(
        id=ids.derived_id(raw.id, ce_type(Opschorting), document.partner),
        source=raw.source,
        type=ce_type(Opschorting),
        time=raw.recorded_time,
        recorded_time=raw.recorded_time,
        correlation_id=raw.id,
        causation_id=raw.id,
    )
    return Output(OPSCHORTING, document.partner.encode(), encode(document), envelope.headers())


def _envelope(
    record: Record,
    raw: Envelope,
    part: str,
    document: Document,
    dossier: str,
    *,
    happened: datetime | None = None,
    content_hash: str = "",
) -> Envelope:
    """The envelope of something that the adapter makes of a part; `happened` None: when it was received."""
    type_ = ce_type(type(document))
    # every attempt that fails is a letter, and an event, of its own
    attempt = f"{part}#{raw.causation_id}" if raw.causation_id and isinstance(document, Uitval) else part
    return Envelope(
        id=ids.event_id(raw.id, attempt, type_),
        source=raw.source,
        type=type_,
        time=happened or raw.recorded_time,
        recorded_time=raw.recorded_time,
        subject=dossier,
        correlation_id=raw.id,
        causation_id=raw.causation_id or raw.id,
        part=part,
        sha256=raw.sha256,
        position=record.position,
        content_hash=content_hash,
    )


def _with_person(document: Document, key: str) -> Document:
    if isinstance(document, (Opdracht, Status, Planning, Offerte, Mutatie, Factuur, Factuurstatus)):
        return msgspec.structs.replace(document, persoon=key)
    raise TypeError(f"document {type(document).__name__} has no room for personal data")
