"""The tables of the view. All of it is derived: a new SCHEMA_VERSION empties them and replays the topics.

Times are text in UTC of fixed width (`2026-03-02T08:15:00.000000Z`), so that they sort as times on every database;
days are `2026-03-02`. Structures (findings, whole documents) are JSON text, exactly as they travelled.
"""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, Text

SCHEMA_VERSION: Final = 4

metadata = MetaData()

schema_versie = Table("schema_versie", metadata, Column("versie", Integer, primary_key=True, autoincrement=False))

posities = Table(
    "posities",
    metadata,
    Column("topic", String, primary_key=True),
    Column("partitie", Integer, primary_key=True, autoincrement=False),
    Column("volgende", BigInteger, nullable=False),
)

ontvangst = Table(
    "ontvangst",
    metadata,
    Column("id", String, primary_key=True),
    Column("partner", String, nullable=False),
    Column("dag", String, nullable=False),
    Column("kind", String),
    Column("ontvangen", String),
    Column("sha256", String),
    Column("topic", String),
    Column("partitie", Integer),
    Column("positie", BigInteger),
    Column("grootte", BigInteger),
    Column("inhoudstype", String),
    Column("kanaal", String),
    Column("dataref", String),
    Column("delen", Integer),
    Column("onderweg", Integer, nullable=False, default=0),
)
"""From `ruw.*` (all but `delen`) and from the opening on `keten.spoor.v1` (`delen`), in whichever order they come.

`onderweg`: parts that are in no other account yet. A receipt whose `delen` is empty is not opened yet.
"""

Index("ontvangst_van_partner", ontvangst.c.partner, ontvangst.c.id)
Index("ontvangst_op_inhoud", ontvangst.c.partner, ontvangst.c.sha256, ontvangst.c.ontvangen)
Index(
    "ontvangst_ongeopend",
    ontvangst.c.ontvangen,
    sqlite_where=ontvangst.c.delen.is_(None),
    postgresql_where=ontvangst.c.delen.is_(None),
)
Index(
    "ontvangst_onderweg",
    ontvangst.c.ontvangen,
    ontvangst.c.onderweg,
    sqlite_where=ontvangst.c.onderweg > 0,
    postgresql_where=ontvangst.c.onderweg > 0,
)

deel = Table(
    "deel",
    metadata,
    Column("ontvangst", String, primary_key=True),
    Column("deel", String, primary_key=True),
    Column("partner", String, nullable=False),
    Column("dag", String, nullable=False),
    Column("account", String, nullable=False),
    Column("sinds", String, nullable=False),
    Column("dossier", String),
    Column("reden", String),
    Column("bevindingen", Text, nullable=False),
)
Index("deel_per_account", deel.c.partner, deel.c.dag, deel.c.account)
Index("deel_van_dossier", deel.c.dossier)

dossier = Table(
    "dossier",
    metadata,
    Column("sleutel", String, primary_key=True),
    Column("keten", String, nullable=False),
    Column("opdrachtgever", String),
    Column("aannemer", String),
    Column("opdrachtnummer", String),
    Column("nummer", String),
    Column("toestand", String, nullable=False),
    Column("aan_zet", String),
    Column("bijgewerkt", String, nullable=False),
    Column("onvolledig", Integer, nullable=False),
    Column("geschorst", Boolean, nullable=False),
    Column("document", Text, nullable=False),
)
"""`nummer` is the order number as it counts in a key, for search."""

Index("dossier_op_nummer", dossier.c.nummer)
Index("dossier_per_toestand", dossier.c.keten, dossier.c.toestand)

gebeurtenis = Table(
    "gebeurtenis",
    metadata,
    Column("id", String, primary_key=True),
    Column("dossier", String, nullable=False),
    Column("soort", String, nullable=False),
    Column("code", String),
    Column("detail", String),
    Column("gebeurd", String, nullable=False),
    Column("alleen_dag", Boolean, nullable=False),
    Column("bekend", String, nullable=False),
    Column("partner", String, nullable=False),
    Column("ontvangst", String),
    Column("deel", String),
    Column("oorzaak", String),
    Column("sha256", String),
    Column("bron", String),
    Column("topic", String, nullable=False),
    Column("partitie", Integer, nullable=False),
    Column("positie", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)
"""Every event of a log but the ticks. `bron`: first coordinates of the raw record (`topic/partition/offset`)."""

Index("gebeurtenis_van_dossier", gebeurtenis.c.dossier, gebeurtenis.c.gebeurd)
Index("gebeurtenis_van_ontvangst", gebeurtenis.c.ontvangst)


def _measure(name: str, *, history: bool) -> Table:
    """`subnummer` is empty for the measures of the whole order."""
    return Table(
        name,
        metadata,
        Column("dossier", String, primary_key=True),
        Column("maat", String, primary_key=True),
        Column("subnummer", String, primary_key=True),
        Column("revisie", Integer, primary_key=history, nullable=False, autoincrement=False),
        Column("keten", String, nullable=False),
        Column("stand", String, nullable=False),
        Column("opdrachtgever", String, nullable=False),
        Column("aannemer", String, nullable=False),
        Column("begin", String, nullable=False),
        Column("eind", String),
        Column("deadline", String),
        Column("voorlopig", Boolean, nullable=False),
        Column("bekend", String, nullable=False),
        Column("document", Text, nullable=False),
    )


doorlooptijd = _measure("doorlooptijd", history=False)
doorlooptijd_revisie = _measure("doorlooptijd_revisie", history=True)
Index("doorlooptijd_per_stand", doorlooptijd.c.keten, doorlooptijd.c.stand, doorlooptijd.c.deadline)

factuurbeoordeling = Table(
    "factuurbeoordeling",
    metadata,
    Column("dossier", String, primary_key=True),
    Column("revisie", Integer, nullable=False),
    Column("document", Text, nullable=False),
)
"""The last judgement of every invoice."""

signaal = Table(
    "signaal",
    metadata,
    Column("id", String, primary_key=True),
    Column("dossier", String, nullable=False),
    Column("keten", String, nullable=False),
    Column("soort", String, nullable=False),
    Column("sinds", String, nullable=False),
    Column("tekst", Text, nullable=False),
    Column("maat", String),
    Column("subnummer", String),
    Column("tegen", String),
    Column("ingetrokken", Boolean, nullable=False),
    Column("bekend", String, nullable=False),
)
Index("signaal_van_dossier", signaal.c.dossier)

brief = Table(
    "brief",
    metadata,
    Column("id", String, primary_key=True),
    Column("topic", String, nullable=False),
    Column("partitie", Integer, nullable=False),
    Column("positie", BigInteger, nullable=False),
    Column("bron", String, nullable=False),
    Column("reden", String, nullable=False),
    Column("stage", String, nullable=False),
    Column("fout", String, nullable=False),
    Column("tekst", Text, nullable=False),
    Column("op", String, nullable=False),
    Column("partner", String, nullable=False),
    Column("dossier", String),
    Column("ontvangst", String),
    Column("deel", String),
    Column("bevindingen", Text, nullable=False),
)
"""Dead letters; the original stays on its topic, at (topic, partitie, positie). `bron`: where it failed."""

Index("brief_per_reden", brief.c.reden, brief.c.partner)
Index("brief_van_dossier", brief.c.dossier)

besluit = Table(
    "besluit",
    metadata,
    Column("id", String, primary_key=True),
    Column("brief", String, nullable=False),
    Column("soort", String, nullable=False),
    Column("door", String, nullable=False),
    Column("op", String, nullable=False),
    Column("document", Text, nullable=False),
)

"""Everything that people decided, also what had no effect; without the letters themselves."""

Index("besluit_op_brief", besluit.c.brief)

besluitstand = Table(
    "besluitstand",
    metadata,
    Column("brief", String, primary_key=True),
    Column("toestand", String, nullable=False),
    Column("reeks", String),
    Column("bijgewerkt", String, nullable=False),
    Column("document", Text, nullable=False),
)
"""What the decisions on a letter came to."""

Index("besluitstand_op_reeks", besluitstand.c.reeks)

opschorting = Table(
    "opschorting",
    metadata,
    Column("partner", String, primary_key=True),
    Column("actief", Boolean, nullable=False),
    Column("sinds", String, nullable=False),
    Column("oorzaak", Text, nullable=False),
    Column("uitval", Integer, nullable=False),
    Column("van", Integer, nullable=False),
    Column("door", String),
)

persoon = Table(
    "persoon",
    metadata,
    Column("sleutel", String, primary_key=True),
    Column("dossier", String, nullable=False),
    Column("ontvangst", String, nullable=False),
    Column("velden", Text, nullable=False),
)
"""Personal data of one message; a tombstone on `keten.persoon.v1` deletes the row."""

Index("persoon_van_dossier", persoon.c.dossier)

niet_gelezen = Table(
    "niet_gelezen",
    metadata,
    Column("topic", String, primary_key=True),
    Column("partitie", Integer, primary_key=True, autoincrement=False),
    Column("positie", BigInteger, primary_key=True, autoincrement=False),
    Column("code", String, nullable=False),
    Column("tekst", Text, nullable=False),
)
"""Records that this release cannot read, with the reason: set apart, so that one of them never stops the view."""


def text_of(at: datetime) -> str:
    """An aware time as it stands in the tables."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def time_of(text: str) -> datetime:
    """The aware time (UTC) of a column."""
    return datetime.fromisoformat(text)
