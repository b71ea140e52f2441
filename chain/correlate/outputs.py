"""What the correlator writes, as records: documents and events for other dossiers, and the envelope of what follows
from one event."""

from typing import Final

from chain.ketens.onderhoud import Afgeleid, Uitkomst
from topics import documents, ids
from topics.catalogue.declarations import DOORLOOPTIJD, DOSSIER, FACTUURBEOORDELING, SIGNAAL
from topics.documents import Document, ce_type
from topics.documents.keten import Doorlooptijd, Dossier, Factuurbeoordeling, Signaal
from topics.envelope import JSON, SPECVERSION, Envelope
from topics.runtime.step import Output, Record

_TOPIC: Final[dict[type[Document], str]] = {
    Dossier: DOSSIER,
    Doorlooptijd: DOORLOOPTIJD,
    Signaal: SIGNAAL,
    Factuurbeoordeling: FACTUURBEOORDELING,
}
_TYPE: Final = {cls: (ce_type(cls), ("ce_type", ce_type(cls).encode())) for cls in _TOPIC}
_SPECVERSION: Final = ("ce_specversion", SPECVERSION.encode())
_CONTENT_TYPE: Final = ("content-type", JSON.encode())


def outputs(record: Record, cause: Envelope, key: str, outcome: Uitkomst) -> list[Output]:
    """One record per document, keyed by dossier, after the events for other dossiers. `cause`: envelope of `record`.

    Its id follows from the cause, so that doing the work twice gives the same; source and times are the cause's, taken
    over as bytes; its receipt is the cause's, or for what a tick causes the one that the dossier began with.
    """
    found = [_derived(record.topic, cause, key, one, outcome.gevolgd) for one in outcome.gebeurtenissen]
    if not outcome.documenten:
        return found
    given = dict(record.headers)
    record_key = key.encode()
    source = ("ce_source", given["ce_source"])
    receipt = given.get("ce_correlationid") or outcome.gevolgd.encode()
    known = given.get("ce_recordedtime", given["ce_time"])
    rest = [
        ("ce_subject", record_key),
        *([("ce_correlationid", receipt)] if receipt else []),
        ("ce_causationid", given["ce_id"]),
        _CONTENT_TYPE,
        ("ce_time", given["ce_time"]),
        ("ce_recordedtime", known),
    ]
    for document, discriminator in outcome.documenten:
        cls = type(document)
        type_, type_header = _TYPE[cls]
        event = ids.derived_id(cause.id, type_, f"{key}#{discriminator}" if discriminator else key)
        headers = [_SPECVERSION, ("ce_id", event.encode()), source, type_header, *rest]
        found.append(Output(_TOPIC[cls], record_key, documents.encode(document), headers))
    return found


def _derived(log: str, cause: Envelope, key: str, event: Afgeleid, followed: str) -> Output:
    """An event for another dossier on the same log (DESIGN 5). It is no part of a message: it names no part, so nothing
    of the account follows from it. `followed`: the receipt of what a tick causes."""
    type_ = ce_type(type(event.document))
    envelope = Envelope(
        id=ids.derived_id(cause.id, type_, f"{key}#{event.sleutel}"),
        source=cause.source,
        type=type_,
        time=cause.time,
        recorded_time=cause.recorded_time,
        subject=event.sleutel,
        correlation_id=cause.correlation_id or followed,
        causation_id=cause.id,
        sha256=cause.sha256,
    )
    return Output(log, event.sleutel.encode(), documents.encode(event.document), envelope.headers())
