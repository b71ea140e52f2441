"""Every metric of Ketenbus, one declaration each; the table in the README of `compose/` is made from them.

Figures about the chain come from committed state, or from compacted topics: gauges, which a restart or replay does not
change. They add up over partitions and processes (`sum by`). Only a worker's own health counts since its start.
"""

from typing import Final

from topics.metrics.metric import DAG, UUR, Kind, Metric

WORKERS: Final = "workers"
"""Every process that runs processors: adapters, correlate, ledger and besluit."""

EVERY: Final = "every process"

BOUNDS: Final = {
    "aan_zet": "4: opdrachtgever, aannemer, huurder, niemand",
    "aannemer": "partners with terms of a pair: every event was mapped by those",
    "channel": "2: http, map",
    "code": "the tree of errors (`topics/errors.py`)",
    "door": "2: bus, mens",
    "keten": "ketens and their proef twins: 2",
    "kind": "kinds of partner, and - for a stranger",
    "kwantiel": "2: 0.5, 0.9",
    "maat": "measures of the keten (`chain/ketens`)",
    "opdrachtgever": "partners",
    "outcome": "codes of refusal, written in the code",
    "partition": "partitions of the topic",
    "partner": "partners: a stranger's message is not let in",
    "processor": "processors of the catalogue",
    "reden": "12: the enum Reden",
    "rekening": "8: the enum Account",
    "soort": "kinds of dossier, signal, credential or certificate, written in the code",
    "stand": "4: vrijgegeven, betwist, in_behandeling, verrekend",
    "toestand": "states of the rules, written in the code",
    "topic": "topics of the catalogue",
    "uitkomst": "2: gehaald, gemist",
    "venster": "2: 30d, 90d",
}
"""Per label: what bounds its values."""

_CORRELATE: Final = "state of the correlators"
_LEDGER: Final = "state of the ledger"
_ADAPTERS: Final = "state of the adapters"
_OWN: Final = "this process, since its start"
_PAIR: Final = ("opdrachtgever", "aannemer")

# -- every process

PROCESS_READY: Final = Metric(
    name="ketenbus_process_ready",
    help="1 when the process does its work: what /readyz says",
    process=EVERY,
    source="the process, now",
)
KAFKA_CERTIFICAAT: Final = Metric(
    name="ketenbus_kafka_certificaat_geldig_seconds",
    help="Time until the first certificate ends: of a CA that this process trusts, of a server of Kafka as it was seen last; "
    "below 0 when it ended; absent without TLS",
    process=EVERY,
    source="file of the CA, handshake",
    labels=("soort",),
)

# -- correlate

DOSSIERS: Final = Metric(
    name="ketenbus_dossiers",
    help="Dossiers that are kept whole, by what state they are in and who is to act",
    process="correlate",
    source=_CORRELATE,
    labels=("keten", "soort", "toestand", "aan_zet", *_PAIR),
)
DOSSIERS_STOMP: Final = Metric(
    name="ketenbus_dossiers_stomp",
    help="Closed dossiers of which a stub is left, by their last state",
    process="correlate",
    source=_CORRELATE,
    labels=("keten", "toestand"),
)
DOSSIERS_ONVOLLEDIG: Final = Metric(
    name="ketenbus_dossiers_onvolledig",
    help="Dossiers with a dead letter that nobody decided on",
    process="correlate",
    source=_CORRELATE,
    labels=("keten",),
)
DOSSIERS_GESCHORST: Final = Metric(
    name="ketenbus_dossiers_geschorst",
    help="Dossiers set apart because handling them on a tick failed",
    process="correlate",
    source=_CORRELATE,
    labels=("keten",),
)
NORM_OVERSCHREDEN: Final = Metric(
    name="ketenbus_norm_overschreden",
    help="Dossiers in which a measure passed its agreed norm, still open or ended late",
    process="correlate",
    source=_CORRELATE,
    labels=("keten", "maat", *_PAIR),
)
FACTUUR_EUROS: Final = Metric(
    name="ketenbus_factuur_euros",
    help="Money of all known invoices by what became of it, including VAT",
    process="correlate",
    source=_CORRELATE,
    labels=("keten", "stand", *_PAIR),
)

# -- ledger

REKENING_DELEN: Final = Metric(
    name="ketenbus_rekening_delen",
    help="Parts of messages in an account",
    process="ledger",
    source=_LEDGER,
    labels=("partner", "rekening"),
)
REKENING_OUDSTE: Final = Metric(
    name="ketenbus_rekening_oudste_seconds",
    help="Age of the oldest part in an account; 0 when it is empty",
    process="ledger",
    source=_LEDGER,
    labels=("partner", "rekening"),
)
REKENING_FOUTEN: Final = Metric(
    name="ketenbus_rekening_fouten",
    help="Receipts and parts whose postings cannot be right: the account does not balance",
    process="ledger",
    source=_LEDGER,
    labels=("partner",),
)
ONTVANGSTEN: Final = Metric(
    name="ketenbus_ontvangsten",
    help="Receipts that an adapter opened in the account, of the last 400 days",
    process="ledger",
    source=_LEDGER,
    labels=("partner",),
)
ONTVANGSTEN_ONGEOPEND: Final = Metric(
    name="ketenbus_ontvangsten_ongeopend",
    help="Receipts with postings that no adapter opened",
    process="ledger",
    source=_LEDGER,
    labels=("partner",),
)
DELEN_BEHANDELD: Final = Metric(
    name="ketenbus_delen_behandeld",
    help="Parts that came to rest: by the bus alone, or once they had waited for a person",
    process="ledger",
    source=_LEDGER,
    labels=("partner", "door"),
)
UITVAL_OPEN: Final = Metric(
    name="ketenbus_uitval_open",
    help="Dead letters that wait for a person",
    process="ledger",
    source=_LEDGER,
    labels=("reden", "partner"),
)
UITVAL_LEEFTIJD: Final = Metric(
    name="ketenbus_uitval_open_leeftijd_seconds",
    help="Age of the dead letters that wait for a person",
    process="ledger",
    source=_LEDGER,
    kind=Kind.GAUGE_HISTOGRAM,
    labels=("reden",),
    buckets=(UUR, 4 * UUR, DAG, 2 * DAG, 5 * DAG, 10 * DAG, 20 * DAG),
)

# -- besluit

BESLUITEN: Final = Metric(
    name="ketenbus_besluiten",
    help="Letters on which people decided, by the state of that decision",
    process="besluit",
    source="state of besluit",
    labels=("toestand",),
)

# -- adapters

OPGESCHORT: Final = Metric(
    name="ketenbus_partner_opgeschort",
    help="1 while the messages of a partner are refused because too many of them failed",
    process="adapters",
    source=_ADAPTERS,
    labels=("partner",),
)
PARTNER_STIL: Final = Metric(
    name="ketenbus_partner_stil_seconds",
    help="Time since the last message of a partner was received",
    process="adapters",
    source=_ADAPTERS,
    labels=("partner",),
)
PARTNER_STIL_GRENS: Final = Metric(
    name="ketenbus_partner_stil_grens_seconds",
    help="How long a partner may be silent by its profile (stil_na_uren); absent when it is not expected to send",
    process="adapters",
    source="files profielen",
    labels=("partner",),
)

PROFIEL_VERSIE: Final = Metric(
    name="ketenbus_profiel_versie",
    help="Newest version of a partner's profile that the adapters have taken over",
    process="adapters",
    source="files profielen",
    labels=("partner",),
)
PROFIELEN_GEWEIGERD: Final = Metric(
    name="ketenbus_profielen_geweigerd",
    help="1 while the profiles on disk are wrong, so that those of before stay in force",
    process="adapters",
    source="files profielen",
)

# -- clock

WATERMERK: Final = Metric(
    name="ketenbus_watermerk_achterstand_seconds",
    help="How far the watermark lies behind: everything received before it was read by all adapters",
    process="clock",
    source="topic keten.watermerk.v1",
    labels=("keten",),
)
WATERMERK_PARTITIE: Final = Metric(
    name="ketenbus_clock_partition_behind",
    help="1 for a raw partition that holds the watermark back: its adapter is more than 3 marks behind, or silent",
    process="clock",
    source="topic keten.watermerk.v1",
    labels=("keten", "topic", "partition"),
)

DATA_FREE: Final = Metric(
    name="ketenbus_data_free_bytes",
    help="Free space of the disk with the data folder; the broker's too where it stands on the same disk",
    process="clock",
    source="the file system",
)
DATA_SIZE: Final = Metric(
    name="ketenbus_data_size_bytes",
    help="Size of the disk with the data folder",
    process="clock",
    source="the file system",
)

# -- intake

SLEUTEL_GELDIG: Final = Metric(
    name="ketenbus_certificaat_geldig_seconds",
    help="Time until the last valid key or certificate of a partner ends; below 0 when it ended; absent when it never ends",
    process="intake",
    source="file sleutels.json",
    labels=("partner", "soort"),
)
SLEUTEL_LEEFTIJD: Final = Metric(
    name="ketenbus_sleutel_leeftijd_seconds",
    help="Age of the youngest valid key of a partner",
    process="intake",
    source="file sleutels.json",
    labels=("partner",),
)
INTAKE_MESSAGES: Final = Metric(
    name="ketenbus_intake_messages_total",
    help="Messages offered, by kind of partner and outcome (aangenomen, herhaling, or the code of the refusal)",
    process="intake",
    source=_OWN,
    kind=Kind.COUNTER,
    labels=("kind", "outcome"),
)
INTAKE_SECONDS: Final = Metric(
    name="ketenbus_intake_answer_seconds",
    help="From the first byte of a request to its answer",
    process="intake",
    source=_OWN,
    kind=Kind.HISTOGRAM,
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
INTAKE_BYTES: Final = Metric(
    name="ketenbus_intake_body_bytes_total",
    help="Decoded bytes of accepted messages",
    process="intake",
    source=_OWN,
    kind=Kind.COUNTER,
    labels=("kind",),
)
INTAKE_CHECKS: Final = Metric(
    name="ketenbus_intake_checks_total",
    help="Checks asked for, by kind of partner and outcome (gecontroleerd, or the code of the refusal)",
    process="intake",
    source=_OWN,
    kind=Kind.COUNTER,
    labels=("kind", "outcome"),
)


def _intake(name: str, help: str) -> Metric:
    return Metric(name=f"ketenbus_intake_{name}", help=help, process="intake", source="this process, now")


INTAKE_READY: Final = _intake("ready", "1 when messages are let in")
INTAKE_BUSY: Final = _intake("busy", "Requests in hand")
INTAKE_CHECKING: Final = _intake("checking", "Checks in hand")
INTAKE_DELIVERIES: Final = _intake("deliveries", "Messages on their way to Kafka")
INTAKE_HELD: Final = _intake("held_bytes", "Bytes of the bodies in hand")
INTAKE_REMEMBERED: Final = _intake("remembered_receipts", "Receipts in memory")
INTAKE_UNCHECKED: Final = _intake("unchecked_repeats", "Messages whose repeat the view could not tell since the start")
INTAKE_SUSPENDED: Final = _intake("suspended_partners", "Partners whose messages are refused")

# -- folder

FOLDER_FILES: Final = Metric(
    name="ketenbus_folder_files_total",
    help="Files handled, by kind of partner and outcome",
    process="folder",
    source=_OWN,
    kind=Kind.COUNTER,
    labels=("kind", "outcome"),
)
FOLDER_WAITING: Final = Metric(
    name="ketenbus_folder_waiting", help="Files that lie in the folders", process="folder", source="the folders"
)

# -- view

VIEW_RECORDS: Final = Metric(
    name="ketenbus_view_records_total",
    help="Records taken into the view",
    process="view",
    source=_OWN,
    kind=Kind.COUNTER,
)
VIEW_LAG: Final = Metric(
    name="ketenbus_view_lag_records",
    help="Records on the topics that are not in the view yet",
    process="view",
    source="positions of the view",
)
VIEW_FAILURES: Final = Metric(
    name="ketenbus_view_failures_total",
    help="Attempts that failed, by code",
    process="view",
    source=_OWN,
    kind=Kind.COUNTER,
    labels=("code",),
)


def _view(name: str, help: str) -> Metric:
    return Metric(name=f"ketenbus_view_{name}", help=help, process="view", source="tables of the view")


VIEW_UNOPENED: Final = _view("unopened_receipts", "Raw receipts that no adapter opened")
VIEW_UNOPENED_OLDEST: Final = _view("unopened_oldest_seconds", "Age of the oldest raw receipt that no adapter opened")
VIEW_ONDERWEG: Final = _view("onderweg_parts", "Parts in the account onderweg")
VIEW_ONDERWEG_OLDEST: Final = _view("onderweg_oldest_seconds", "Age of the oldest receipt with a part onderweg")
VIEW_UNREAD: Final = _view("unread_records", "Records that this release cannot read")

# -- workers

_TASK: Final = ("processor", "partition")


def _task(
    name: str,
    help: str,
    kind: Kind = Kind.GAUGE,
    labels: tuple[str, ...] = _TASK,
    buckets: tuple[float, ...] = (),
) -> Metric:
    return Metric(
        name=f"ketenbus_task_{name}",
        help=help,
        process=WORKERS,
        source=_OWN if kind is not Kind.GAUGE else "the task",
        kind=kind,
        labels=labels,
        buckets=buckets,
    )


TASK_RECORDS: Final = _task("records_total", "Records handled in committed transactions", Kind.COUNTER)
TASK_STEPS: Final = _task("steps_total", "Steps in committed transactions", Kind.COUNTER)
TASK_LETTERS: Final = _task("dead_letters_total", "Dead letters written", Kind.COUNTER)
TASK_FAILURES: Final = _task("failures_total", "Attempts that failed, by code", Kind.COUNTER, (*_TASK, "code"))
TASK_OPENED: Final = _task("opened_total", "Times a task was opened: fenced, restored, positioned", Kind.COUNTER)
TASK_OPEN_SECONDS: Final = _task(
    "open_seconds",
    "Time to fence, restore and position a task",
    Kind.HISTOGRAM,
    ("processor",),
    (0.05, 0.2, 0.5, 1, 2, 5, 10, 20, 45, 90),
)
TASK_TRANSACTION_SECONDS: Final = _task(
    "transaction_seconds",
    "Time from begin to commit of a transaction",
    Kind.HISTOGRAM,
    ("processor",),
    (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
TASK_KEYS: Final = _task("state_keys", "Keys in the state")
TASK_LAG: Final = _task("lag_records", "Records between the position and the end of the partition")
TASK_HALTED: Final = _task("halted", "1 when the task waits for a person, by code", labels=(*_TASK, "code"))
TASK_WAITING: Final = _task("waiting", "1 while a restored task waits for the processors that come first")
TASK_PAUSED: Final = _task("paused", "1 while a person has set the processor still", labels=("processor",))
