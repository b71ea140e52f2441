"""Every topic of the bus. A new topic is one declaration here; a new kind or keten is one name in a tuple here."""

from topics.catalogue.topic import (
    BODY_LIMIT,
    DEAD_LETTER_EXTRA,
    DEAD_LETTER_SUFFIX,
    Cleanup,
    Origin,
    Topic,
    Width,
)

KINDS = ("corporatie", "aannemer")
KETENS = ("onderhoud",)
ALL_KETENS = tuple(prefix + keten for keten in KETENS for prefix in ("", "proef-"))

_ONDERHOUD = (
    "onderhoud.opdracht",
    "onderhoud.status",
    "onderhoud.planning",
    "onderhoud.offerte",
    "onderhoud.mutatie",
    "onderhoud.eenheidsmelding",
    "onderhoud.eenheidsantwoord",
    "onderhoud.mutatiemelding",
    "onderhoud.onderaanneming",
    "onderhoud.factuur",
    "onderhoud.factuurstatus",
    "onderhoud.factuurdeel",
    "onderhoud.factuurantwoord",
    "onderhoud.factuurafronding",
)
_DERIVED_CONSUMERS = ("view", "measure")


def raw_topic(kind: str) -> str:
    return f"ruw.{kind}.v1"


def log_topic(keten: str) -> str:
    return f"{keten}.gebeurtenis.v1"


def changelog_topic(processor: str) -> str:
    return f"{processor}.toestand.v1"


def dead_letter_topic(topic: str) -> str:
    return topic + DEAD_LETTER_SUFFIX


SPOOR = "keten.spoor.v1"
DOSSIER = "keten.dossier.v1"
DOORLOOPTIJD = "keten.doorlooptijd.v1"
SIGNAAL = "keten.signaal.v1"
PERSOON = "keten.persoon.v1"
OPSCHORTING = "keten.opschorting.v1"
WATERMERK = "keten.watermerk.v1"
BESLUIT = "keten.besluit.v1"
BESLUITSTAND = "keten.besluitstand.v1"
FACTUURBEOORDELING = "keten.factuurbeoordeling.v1"
KPI = "keten.kpi.v1"


def adapter_name(kind: str) -> str:
    return f"adapter-{kind}"


def correlator_name(keten: str) -> str:
    return f"correlate-{keten}"


LEDGER = "ledger"
DECIDER = "besluit"
OPERATOR = "beheer"
"""A person at the command line: creates topics, decides on dead letters and suspensions, recounts the account."""

ADAPTERS = tuple(adapter_name(kind) for kind in KINDS)
CORRELATORS = tuple(correlator_name(keten) for keten in ALL_KETENS)
PROCESSORS = (*ADAPTERS, *CORRELATORS, LEDGER, DECIDER)
"""What the runtime runs: a consumer group, transactions, a private changelog, dead letters."""

MEASURE = "measure"
MEASURE_TABLES = ("measure-doorlooptijd", "measure-signaal")
"""The tables of `measure`, which Faust runs: each has a changelog beside the topic that it counts."""


def _changelog(processor: str, width: Width, principal: str = "", what: str = "") -> Topic:
    return Topic(
        name=changelog_topic(processor),
        what=what or f"private state of {processor}, and its position in `__positie`",
        key="state key",
        documents=("bytes",),
        width=width,
        origin=Origin.AFGELEID,
        cleanup=Cleanup.COMPACT,
        owner=principal or processor,
        producers=(principal or processor,),
        consumers=(principal or processor,),
        erasure="no personal data",
        private=True,
    )


_sources = (
    *(
        Topic(
            name=raw_topic(kind),
            what=f"what partners of kind {kind} sent, byte for byte, and the clock's marks",
            key="partner",
            documents=("bytes", "tik", "hervat"),
            width=Width.RAW,
            origin=Origin.BRON,
            retention_days=30,
            owner="intake",
            producers=("intake", "clock", DECIDER),
            consumers=(adapter_name(kind), "intake", "view", OPERATOR),
            dead_letters=True,
            erasure="retention of 30 days; raw bodies longer in the object store",
        )
        for kind in KINDS
    ),
    *(
        Topic(
            name=log_topic(keten),
            what=f"the log of the keten {keten}: every domain event, one order per dossier",
            key="dossier",
            documents=(*_ONDERHOUD, "uitval", "besluit", "klok"),
            width=Width.LOG,
            origin=Origin.BRON,
            owner="adapters",
            producers=(*ADAPTERS, "clock", correlator_name(keten), DECIDER),
            consumers=(correlator_name(keten), "view"),
            erasure="no personal data",
            dead_letters=True,
        )
        for keten in ALL_KETENS
    ),
    Topic(
        name=PERSOON,
        what="personal data of messages, apart from the log",
        key="dossier#receipt",
        documents=("persoon",),
        width=Width.LOG,
        origin=Origin.BRON,
        cleanup=Cleanup.COMPACT,
        owner="adapters",
        producers=ADAPTERS,
        consumers=("view",),
        erasure="tombstone",
    ),
    Topic(
        name=SPOOR,
        what="postings: which part of which message moved from which account to which",
        key="receipt",
        documents=("posting",),
        width=Width.LOG,
        origin=Origin.BRON,
        owner="ledger",
        producers=(*ADAPTERS, *CORRELATORS, DECIDER),
        consumers=(LEDGER, "view", OPERATOR),
        erasure="no personal data",
        dead_letters=True,
    ),
    Topic(
        name=BESLUIT,
        what="decisions of people on dead letters, and the lifting of suspensions",
        key="letter",
        documents=("besluit",),
        width=Width.SMALL,
        origin=Origin.BRON,
        owner="review",
        producers=("review", OPERATOR),
        consumers=(DECIDER, "view"),
        erasure="no personal data",
        dead_letters=True,
    ),
)

_derived = (
    Topic(
        name=DOSSIER,
        what="a dossier as others may see it",
        key="dossier",
        documents=("dossier",),
        width=Width.LOG,
        origin=Origin.AFGELEID,
        cleanup=Cleanup.COMPACT,
        owner="correlate",
        producers=CORRELATORS,
        consumers=("view",),
        erasure="no personal data",
    ),
    Topic(
        name=DOORLOOPTIJD,
        what="a measured interval from its start on; every change is a new revision",
        key="dossier",
        documents=("doorlooptijd",),
        width=Width.LOG,
        origin=Origin.AFGELEID,
        owner="correlate",
        producers=CORRELATORS,
        consumers=_DERIVED_CONSUMERS,
        erasure="no personal data",
        dead_letters=True,
    ),
    Topic(
        name=SIGNAAL,
        what="norm exceeded, stagnation, missing message; and its withdrawal",
        key="dossier",
        documents=("signaal",),
        width=Width.LOG,
        origin=Origin.AFGELEID,
        owner="correlate",
        producers=(*CORRELATORS, LEDGER),
        consumers=_DERIVED_CONSUMERS,
        erasure="no personal data",
        dead_letters=True,
    ),
    Topic(
        name=FACTUURBEOORDELING,
        what="what is released at once and what is disputed, per line",
        key="dossier",
        documents=("factuurbeoordeling",),
        width=Width.LOG,
        origin=Origin.AFGELEID,
        owner="correlate",
        producers=CORRELATORS,
        consumers=("view", "delivery"),
        erasure="no personal data",
    ),
    Topic(
        name=BESLUITSTAND,
        what="what the decisions on a letter came to",
        key="letter",
        documents=("besluitstand",),
        width=Width.SMALL,
        origin=Origin.AFGELEID,
        cleanup=Cleanup.COMPACT,
        owner=DECIDER,
        producers=(DECIDER,),
        consumers=("view",),
        erasure="no personal data",
    ),
    Topic(
        name=OPSCHORTING,
        what="partners whose messages are refused at the intake, and why",
        key="partner",
        documents=("opschorting",),
        width=Width.SMALL,
        origin=Origin.AFGELEID,
        cleanup=Cleanup.COMPACT,
        owner="adapters",
        producers=ADAPTERS,
        consumers=("intake", "clock", "view"),
        erasure="no personal data",
    ),
    Topic(
        name=WATERMERK,
        what="how far each adapter task has read",
        key="raw topic/partition",
        documents=("watermerk",),
        width=Width.SMALL,
        origin=Origin.AFGELEID,
        cleanup=Cleanup.COMPACT,
        owner="adapters",
        producers=ADAPTERS,
        consumers=("clock", MEASURE),
        erasure="no personal data",
    ),
    Topic(
        name=KPI,
        what="indicators per period and partner pair",
        key="indicator",
        documents=("kpi",),
        width=Width.SMALL,
        origin=Origin.AFGELEID,
        cleanup=Cleanup.COMPACT,
        owner=MEASURE,
        producers=(MEASURE,),
        consumers=("view", MEASURE),
        erasure="no personal data",
    ),
)

_changelogs = (
    *(_changelog(name, Width.RAW) for name in ADAPTERS),
    *(_changelog(name, Width.LOG) for name in CORRELATORS),
    _changelog(LEDGER, Width.LOG),
    _changelog(DECIDER, Width.SMALL),
    *(
        _changelog(name, Width.LOG, MEASURE, f"the table {name}: the last of everything that was counted")
        for name in MEASURE_TABLES
    ),
)

_declared = (*_sources, *_derived, *_changelogs)

TOPICS: tuple[Topic, ...] = (
    *_declared,
    *(
        topic.dead_letter_topic(tuple(name for name in topic.consumers if name in (*PROCESSORS, MEASURE)))
        for topic in _declared
        if topic.dead_letters
    ),
)
"""All of them, dead-letter topics included."""

READS = {
    name: topic.name
    for name in PROCESSORS
    for topic in TOPICS
    if name in topic.consumers and topic.name != changelog_topic(name)
}
"""The topic that each processor reads, which is also what its consumer group has offsets of."""

MESSAGE_LIMIT = BODY_LIMIT + DEAD_LETTER_EXTRA
"""The largest record of any topic: what producers and the broker itself must allow."""


def by_name(name: str) -> Topic:
    """Raises KeyError for a topic that is not declared."""
    return _BY_NAME[name]


_BY_NAME = {topic.name: topic for topic in TOPICS}
