"""What the correlator publishes, as records: the document, and the envelope of what follows from one event."""

from typing import Final

from chain.ketens.onderhoud import Uitkomst
from topics import documents, ids
from topics.catalogue.declarations import DOORLOOPTIJD, DOSSIER, SIGNAAL
from topics.documents import Document, ce_type
from topics.documents.keten import Doorlooptijd, Dossier, Signaal
from topics.envelope import Envelope
from topics.runtime.step import Output

_TOPIC: Final[dict[type[Document], str]] = {Dossier: DOSSIER, Doorlooptijd: DOORLOOPTIJD, Signaal: SIGNAAL}
_TYPE: Final = {cls: ce_type(cls) for cls in _TOPIC}


def outputs(key: str, cause: Envelope, outcome: Uitkomst) -> list[Output]:
    """One record per document, keyed by dossier.

    Its id follows from the cause, so that doing the work twice gives the same; its times are the cause's; its receipt
    is the cause's, or for what a tick causes the one that the dossier began with.
    """
    if not outcome.documenten:
        return []
    frame = Envelope(
        id="-",
        source=cause.source,
        type="-",
        time=cause.time,
        recorded_time=cause.recorded_time,
        subject=key,
        correlation_id=cause.correlation_id or outcome.gevolgd,
        causation_id=cause.id,
        traceparent=cause.traceparent,
    ).headers()
    record_key = key.encode()
    found = []
    for document, discriminator in outcome.documenten:
        cls = type(document)
        type_ = _TYPE[cls]
        subject = f"{key}#{discriminator}" if discriminator else key
        event = ids.derived_id(cause.id, type_, subject).encode()
        headers = [(name, _own(name, value, event, type_)) for name, value in frame]
        found.append(Output(_TOPIC[cls], record_key, documents.encode(document), headers))
    return found


def _own(name: str, value: bytes, event: bytes, type_: str) -> bytes:
    if name == "ce_id":
        return event
    return type_.encode() if name == "ce_type" else value
