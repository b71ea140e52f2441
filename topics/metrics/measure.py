"""The metrics of `chain/measure`: key figures of lead times per window, as `keten.kpi.v1` has them."""

from typing import Final

from topics.metrics.metric import DAG, UUR, Kind, Metric

_PROCESS: Final = "measure"
_TABLES: Final = "tables of measure"
_PAIR: Final = ("opdrachtgever", "aannemer")
_PER_MEASURE: Final = ("keten", "maat", *_PAIR)
_DAYS: Final = tuple(days * DAG for days in (1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 90))
_SCALE: Final = (UUR, 4 * UUR, 8 * UUR, *_DAYS)

DOORLOOPTIJD: Final = Metric(
    name="ketenbus_doorlooptijd_seconds",
    help="Gross duration of the intervals of a measure that ended in the window",
    process=_PROCESS,
    source=_TABLES,
    kind=Kind.GAUGE_HISTOGRAM,
    labels=(*_PER_MEASURE, "venster"),
    buckets=_SCALE,
)
KWANTIEL: Final = Metric(
    name="ketenbus_doorlooptijd_kwantiel_seconds",
    help="Quantile of the gross duration by Kaplan-Meier: open intervals count as censored",
    process=_PROCESS,
    source=_TABLES,
    labels=(*_PER_MEASURE, "venster", "kwantiel"),
)
DEADLINES: Final = Metric(
    name="ketenbus_deadlines",
    help="Deadlines of a measure that passed in the window, by whether they were met",
    process=_PROCESS,
    source=_TABLES,
    labels=(*_PER_MEASURE, "venster", "uitkomst"),
)
AAN_ZET: Final = Metric(
    name="ketenbus_aan_zet_seconds",
    help="How long whom was to act, of the intervals that ended in the window",
    process=_PROCESS,
    source=_TABLES,
    labels=(*_PER_MEASURE, "venster", "aan_zet"),
)
OPEN: Final = Metric(
    name="ketenbus_open_intervallen",
    help="Intervals of a measure that began and did not end, of dossiers that are not closed yet",
    process=_PROCESS,
    source=_TABLES,
    labels=_PER_MEASURE,
)
OPEN_TE_LAAT: Final = Metric(
    name="ketenbus_open_te_laat",
    help="Intervals of a measure that did not end by their deadline and are still open, of dossiers that are not closed yet",
    process=_PROCESS,
    source=_TABLES,
    labels=_PER_MEASURE,
)
OPEN_LEEFTIJD: Final = Metric(
    name="ketenbus_open_leeftijd_seconds",
    help="Age of the intervals of a measure that did not end",
    process=_PROCESS,
    source=_TABLES,
    kind=Kind.GAUGE_HISTOGRAM,
    labels=("keten", "maat"),
    buckets=_SCALE,
)
SIGNALEN: Final = Metric(
    name="ketenbus_signalen_open",
    help="Signals that were raised and not withdrawn",
    process=_PROCESS,
    source=_TABLES,
    labels=("keten", "soort", *_PAIR),
)
LAG: Final = Metric(
    name="ketenbus_measure_lag_records",
    help="Records between what measure has counted and the end of the partition",
    process=_PROCESS,
    source="positions of measure",
    labels=("topic", "partition"),
)
STAND_PER: Final = Metric(
    name="ketenbus_measure_stand_per_timestamp_seconds",
    help="Up to when all figures of measure stand, the ages of what is open too; as a Unix time of the bus",
    process=_PROCESS,
    source=_TABLES,
)
ONLEESBAAR: Final = Metric(
    name="ketenbus_measure_onleesbaar",
    help="Records that could not be counted; each has a dead letter",
    process=_PROCESS,
    source=_TABLES,
    labels=("topic",),
)
LAAT: Final = Metric(
    name="ketenbus_measure_laat",
    help="Records about an interval that began in a month that was closed; they changed no figure",
    process=_PROCESS,
    source=_TABLES,
)
