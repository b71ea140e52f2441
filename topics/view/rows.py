"""What one record changes in the view. Pure: a record in, changes out; the database is elsewhere.

Documents are stored as this release writes them, so that an older version is lifted once, here.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import msgspec

from topics.accounts import day_of
from topics.catalogue.declarations import (
    ALL_KETENS,
    BESLUIT,
    BESLUITSTAND,
    DOORLOOPTIJD,
    DOSSIER,
    FACTUURBEOORDELING,
    KINDS,
    OPSCHORTING,
    PERSOON,
    SIGNAAL,
    SPOOR,
    TOPICS,
    log_topic,
    raw_topic,
)
from topics.deadletters import Letter
from topics.documents import Document, Moment, besluit, decode, encode, factuur, keten, onderhoud, split_type
from topics.envelope import Envelope
from topics.errors import DocumentError, KetenbusError, UndecodableDocument
from topics.keys import normalise_number, parts
from topics.runtime.step import Record
from topics.view.change import Change, Op, Value, clean, findings_text, unread
from topics.view.schema import text_of

D = TypeVar("D", bound=Document)

NO_MESSAGE: Final = frozenset({"tik", "hervat"})
"""Documents on `ruw.*` that no partner sent."""


def changes(record: Record) -> list[Change]:
    """What `record` changes; empty for a record that the view does not keep (ticks).

    A record that this release cannot read is one change: the row that sets it apart with the reason.
    """
    try:
        return _HANDLERS[record.topic](record)
    except KetenbusError as error:
        return [unread(record, error.code, str(error))]
    except (KeyError, ValueError, msgspec.MsgspecError) as error:
        return [unread(record, UndecodableDocument.code, f"{type(error).__name__}: {error}")]


def _raw(record: Record) -> list[Change]:
    envelope = record.envelope()
    name, _ = split_type(envelope.type)
    if name in NO_MESSAGE:
        return []
    kind = record.topic.removeprefix("ruw.").rpartition(".v")[0]
    return [
        Change(
            Op.RECEIPT,
            {
                "id": clean(envelope.id),
                "partner": clean(envelope.source),
                "dag": day_of(envelope.recorded_time).isoformat(),
                "kind": kind,
                "ontvangen": text_of(envelope.recorded_time),
                "sha256": clean(envelope.sha256),
                "topic": record.topic,
                "partitie": record.partition,
                "positie": record.offset,
                "grootte": len(record.value or b""),
                "inhoudstype": clean(envelope.content_type),
                "kanaal": clean(envelope.channel) or None,
                "dataref": clean(envelope.dataref) or None,
            },
        )
    ]


def _spoor(record: Record) -> list[Change]:
    envelope, posting = _document(record, keten.Posting)
    row: dict[str, Value] = {"partner": posting.partner, "dag": posting.dag.isoformat()}
    if posting.van is None:
        if posting.delen is None or posting.delen < 1:
            raise UndecodableDocument(f"opening of {posting.ontvangst}: delen is {posting.delen}, expected 1 or more")
        return [Change(Op.OPENED, {"id": posting.ontvangst, "delen": posting.delen, **row})]
    return [
        Change(
            Op.PART,
            {
                "ontvangst": posting.ontvangst,
                "deel": posting.deel,
                **row,
                "account": posting.naar.value,
                "sinds": text_of(envelope.recorded_time),
                "dossier": posting.dossier,
                "reden": posting.reden.value if posting.reden else None,
                "bevindingen": findings_text(posting.bevindingen),
            },
        )
    ]


def _dossier(record: Record) -> list[Change]:
    if record.value is None:
        return [Change(Op.DOSSIER_GONE, {"sleutel_": record.key.decode("utf-8", "replace")})]
    _, document = _document(record, keten.Dossier)
    number = document.opdrachtnummer or parts(document.sleutel)[-1]
    return [
        Change(
            Op.DOSSIER,
            {
                "sleutel": document.sleutel,
                "keten": document.keten,
                "opdrachtgever": document.opdrachtgever,
                "aannemer": document.aannemer,
                "opdrachtnummer": document.opdrachtnummer,
                "nummer": normalise_number(number) if number.strip() else None,
                "toestand": document.toestand,
                "aan_zet": document.aan_zet.value if document.aan_zet else None,
                "bijgewerkt": text_of(document.bijgewerkt),
                "onvolledig": len(document.onvolledig),
                "geschorst": document.geschorst,
                "document": encode(document).decode(),
            },
        )
    ]


def _event(record: Record) -> list[Change]:
    envelope = record.envelope()
    document = decode(envelope.type, record.value or b"")
    if isinstance(document, keten.Klok):
        return []
    code, detail, happened = _claim(document, envelope)
    return [
        Change(
            Op.EVENT,
            {
                "id": envelope.id,
                "dossier": envelope.subject or record.key.decode("utf-8", "replace"),
                "soort": document.NAME,
                "code": code,
                "detail": detail,
                "gebeurd": text_of(happened.op),
                "alleen_dag": happened.alleen_dag,
                "bekend": text_of(envelope.recorded_time),
                "partner": envelope.source,
                "ontvangst": envelope.correlation_id or None,
                "deel": envelope.part or None,
                "oorzaak": envelope.causation_id or None,
                "sha256": envelope.sha256 or None,
                "bron": envelope.position or None,
                "topic": record.topic,
                "partitie": record.partition,
                "positie": record.offset,
                "document": encode(document).decode(),
            },
        )
    ]


def _claim(document: Document, envelope: Envelope) -> tuple[str | None, str | None, Moment]:
    """Code, detail code and moment of what a document claims to have happened."""
    match document:
        case onderhoud.Status():
            detail = document.detail.value if document.detail else None
            return document.code.value, detail, document.gebeurd
        case onderhoud.Opdracht():
            return None, None, document.datum or document.verzonden
        case onderhoud.Planning():
            return None, None, document.gebeurd
        case onderhoud.Offerte() | onderhoud.Mutatie() | factuur.Factuurstatus():
            return document.stap.value, None, document.gebeurd
        case keten.Uitval():
            return document.reden.value, None, Moment(envelope.time)
        case besluit.Besluit():
            return document.soort, None, Moment(envelope.time)
        case _:
            return None, None, Moment(envelope.time)


def _measure(record: Record) -> list[Change]:
    envelope, document = _document(record, keten.Doorlooptijd)
    row: dict[str, Value] = {
        "dossier": document.dossier,
        "maat": document.maat,
        "subnummer": document.subnummer or "",
        "revisie": document.revisie,
        "keten": document.keten,
        "stand": document.standnaam,
        "opdrachtgever": document.opdrachtgever,
        "aannemer": document.aannemer,
        "begin": text_of(document.begin),
        "eind": text_of(document.eind) if document.eind else None,
        "deadline": text_of(document.deadline) if document.deadline else None,
        "voorlopig": document.voorlopig,
        "bekend": text_of(envelope.recorded_time),
        "document": encode(document).decode(),
    }
    return [Change(Op.REVISION, row), Change(Op.MEASURE, row)]


def _judgement(record: Record) -> list[Change]:
    _, document = _document(record, keten.Factuurbeoordeling)
    text = encode(document).decode()
    return [Change(Op.JUDGEMENT, {"dossier": document.dossier, "revisie": document.revisie, "document": text})]


def _signal(record: Record) -> list[Change]:
    envelope, document = _document(record, keten.Signaal)
    return [
        Change(
            Op.SIGNAL,
            {
                "id": document.id,
                "dossier": document.dossier,
                "keten": document.keten,
                "soort": document.soort,
                "sinds": text_of(document.sinds),
                "tekst": clean(document.tekst),
                "maat": document.maat,
                "subnummer": document.subnummer,
                "tegen": document.tegen,
                "ingetrokken": document.ingetrokken,
                "bekend": text_of(envelope.recorded_time),
            },
        )
    ]


def _letter(record: Record) -> list[Change]:
    letter = Letter.read(record.headers)
    return [
        Change(
            Op.LETTER,
            {
                "id": letter.id,
                "topic": record.topic,
                "partitie": record.partition,
                "positie": record.offset,
                "bron": f"{letter.topic}/{letter.partition}/{letter.offset}",
                "reden": letter.reden.value,
                "stage": letter.stage,
                "fout": clean(letter.fout),
                "tekst": clean(letter.tekst),
                "op": text_of(letter.at),
                "partner": clean(letter.partner),
                "dossier": clean(letter.dossier) or None,
                "ontvangst": clean(letter.receipt) or None,
                "deel": clean(letter.part) or None,
                "bevindingen": findings_text(letter.bevindingen),
            },
        )
    ]


def _decision(record: Record) -> list[Change]:
    envelope, document = _document(record, besluit.Besluit)
    return [
        Change(
            Op.DECISION,
            {
                "id": envelope.id,
                "brief": document.brief,
                "soort": clean(document.soort),
                "door": clean(document.door),
                "op": text_of(document.op),
                "document": encode(msgspec.structs.replace(document, origineel=None)).decode(),
            },
        )
    ]


def _decided(record: Record) -> list[Change]:
    _, document = _document(record, besluit.Besluitstand)
    return [
        Change(
            Op.DECIDED,
            {
                "brief": document.brief,
                "toestand": document.toestand.value,
                "reeks": document.reeks,
                "bijgewerkt": text_of(document.bijgewerkt),
                "document": encode(document).decode(),
            },
        )
    ]


def _suspension(record: Record) -> list[Change]:
    _, document = _document(record, keten.Opschorting)
    return [
        Change(
            Op.SUSPENSION,
            {
                "partner": document.partner,
                "actief": document.actief,
                "sinds": text_of(document.sinds),
                "oorzaak": clean(document.oorzaak),
                "uitval": document.uitval,
                "van": document.van,
                "door": document.door,
            },
        )
    ]


def _person(record: Record) -> list[Change]:
    key = record.key.decode("utf-8", "replace")
    if record.value is None:
        return [Change(Op.PERSON_GONE, {"sleutel_": key})]
    _, document = _document(record, keten.Persoon)
    dossier, _, receipt = key.rpartition("#")
    fields = msgspec.json.encode(document.velden).decode()
    return [Change(Op.PERSON, {"sleutel": key, "dossier": dossier, "ontvangst": receipt, "velden": fields})]


def _document(record: Record, cls: type[D]) -> tuple[Envelope, D]:
    envelope = record.envelope()
    document = decode(envelope.type, record.value or b"")
    if not isinstance(document, cls):
        raise DocumentError(f"topic {record.topic}: found {envelope.type}, expected {cls.NAME}")
    return envelope, document


_HANDLERS: Final[Mapping[str, Callable[[Record], list[Change]]]] = {
    **{raw_topic(kind): _raw for kind in KINDS},
    **{log_topic(keten_name): _event for keten_name in ALL_KETENS},
    SPOOR: _spoor,
    DOSSIER: _dossier,
    DOORLOOPTIJD: _measure,
    FACTUURBEOORDELING: _judgement,
    SIGNAAL: _signal,
    BESLUIT: _decision,
    BESLUITSTAND: _decided,
    OPSCHORTING: _suspension,
    PERSOON: _person,
    **{topic.name: _letter for topic in TOPICS if topic.name.endswith(".dlq")},
}

TOPICS_READ: Final = tuple(sorted(_HANDLERS))
"""What the view tails. A topic without a table is not read: the release that brings the table finds it whole."""
