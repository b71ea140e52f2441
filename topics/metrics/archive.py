"""What the archiver shows of itself."""

from typing import Final

from topics.metrics.metric import Kind, Metric

_OWN: Final = "this process, since its start"
_ARCHIVE: Final = "the archive"

BEHIND: Final = Metric(
    name="ketenbus_archief_achterstand_records",
    help="Records that are on the topic and not in the archive yet",
    process="archief",
    source="the topics",
    labels=("topic",),
)
AGE: Final = Metric(
    name="ketenbus_archief_leeftijd_seconds",
    help="Time since the last cut was whole: what is lost at most when everything else is; +Inf before the first one",
    process="archief",
    source=_ARCHIVE,
)
CUT: Final = Metric(
    name="ketenbus_archief_snede",
    help="Number of the last cut",
    process="archief",
    source=_ARCHIVE,
)
MISSING: Final = Metric(
    name="ketenbus_archief_bijlagen_ontbreken",
    help="Bodies that records refer to and the object store does not have",
    process="archief",
    source=_ARCHIVE,
)
RECORDS: Final = Metric(
    name="ketenbus_archief_records_total",
    help="Records archived",
    process="archief",
    source=_OWN,
    kind=Kind.COUNTER,
    labels=("topic",),
)
BYTES: Final = Metric(
    name="ketenbus_archief_bytes_total",
    help="Bytes of files written",
    process="archief",
    source=_OWN,
    kind=Kind.COUNTER,
)
