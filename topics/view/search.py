"""What people and figures ask of the view: dossiers, letters, the account, the work stock. Read only.

Every function takes an engine of `database.open_reader` and raises Unavailable when the database is away.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, RowMapping, Select, and_, or_, select

from topics.documents import Account, Bevinding, Document, Reden, ce_type, keten, registry
from topics.documents.besluit import Besluitstand
from topics.keys import normalise_number
from topics.view import schema, statements
from topics.view.database import unavailable
from topics.view.schema import time_of

_findings = msgspec.json.Decoder(tuple[Bevinding, ...])
_fields = msgspec.json.Decoder(dict[str, str])
_dossier = msgspec.json.Decoder(keten.Dossier)
_measure = msgspec.json.Decoder(keten.Doorlooptijd)
_judgement = msgspec.json.Decoder(keten.Factuurbeoordeling)
_stand = msgspec.json.Decoder(Besluitstand)
_TYPES: Final = {cls.NAME: ce_type(cls) for cls in registry.classes()}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a dossier's log.

    `bron`: first coordinates of its raw record; `positie`: its place on the log. `account`: where its part of the
    message is now (None for an event that no message brought).
    """

    id: str
    soort: str
    code: str | None
    detail: str | None
    gebeurd: datetime
    alleen_dag: bool
    bekend: datetime
    partner: str
    ontvangst: str | None
    deel: str | None
    sha256: str | None
    bron: str | None
    positie: str
    account: Account | None
    document: Document


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter. `open`: no decision was forwarded yet and its part is still in uitval. `besluit`: what people's
    decisions came to, None while there is none."""

    id: str
    reden: Reden
    stage: str
    fout: str
    tekst: str
    op: datetime
    partner: str
    dossier: str | None
    ontvangst: str | None
    deel: str | None
    bron: str
    topic: str
    partitie: int
    positie: int
    bevindingen: tuple[Bevinding, ...]
    open: bool
    besluit: Besluitstand | None = None


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """The latest revision of a measure, and when the bus made it."""

    laatste: keten.Doorlooptijd
    bekend: datetime


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier with everything behind it. `personen`: personal data by receipt, then by field. `oordeel`: of an
    invoice, what of it is released and disputed; `facturen`: of an order or a contract, its invoices."""

    dossier: keten.Dossier
    gebeurtenissen: tuple[Event, ...]
    maten: tuple[Measure, ...]
    signalen: tuple[keten.Signaal, ...]
    brieven: tuple[Letter, ...]
    personen: Mapping[str, Mapping[str, str]]
    oordeel: keten.Factuurbeoordeling | None = None
    facturen: tuple[keten.Dossier, ...] = ()


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """Where a receipt's raw bytes are: on the topic and, when `dataref` is set, in the object store."""

    ontvangst: str
    partner: str
    topic: str
    partitie: int
    positie: int
    sha256: str
    inhoudstype: str
    dataref: str | None


def find_dossiers(engine: Engine, wanted: str, limit: int = 50) -> list[keten.Dossier]:
    """Dossiers with key `wanted`, or whose order or invoice number is `wanted` (normalised as in keys), by key."""
    number = ""
    with suppress(ValueError):
        number = normalise_number(wanted)
    table = schema.dossier
    query = (
        select(table.c.document)
        .where(or_(table.c.sleutel == wanted, table.c.nummer == number))
        .order_by(table.c.sleutel)
        .limit(limit)
    )
    return [_dossier.decode(row.document) for row in _all(engine, query)]


def all_dossiers(engine: Engine) -> list[keten.Dossier]:
    """Every dossier, by key: for a view of a size that fits a screen or a test."""
    query = select(schema.dossier.c.document).order_by(schema.dossier.c.sleutel)
    return [_dossier.decode(row.document) for row in _all(engine, query)]


def dossier_page(engine: Engine, key: str) -> Page | None:
    """Everything about dossier `key`, as one snapshot; None when it is unknown."""
    with snapshot(engine) as connection:
        found = next(_dossiers(connection, [key]), None)
        if found is None:
            return None
        return Page(
            dossier=found,
            oordeel=_judgement_of(connection, key),
            facturen=tuple(_dossiers(connection, found.facturen)),
            gebeurtenissen=tuple(_events(connection, key)),
            maten=tuple(_measures(connection, key)),
            signalen=tuple(_signals(connection, key)),
            brieven=tuple(
                _letter(row)
                for row in connection.execute(statements.letters().where(schema.brief.c.dossier == key)).mappings()
            ),
            personen={
                row.ontvangst: _fields.decode(row.velden)
                for row in connection.execute(select(schema.persoon).where(schema.persoon.c.dossier == key))
            },
        )


def letters(engine: Engine, *, open_only: bool = True) -> list[Letter]:
    """Dead letters, oldest first."""
    query = statements.letters().order_by(schema.brief.c.op, schema.brief.c.id)
    found = [_letter(row) for row in _mappings(engine, query)]
    return [letter for letter in found if letter.open] if open_only else found


def letter(engine: Engine, prefix: str) -> list[Letter]:
    """Dead letters whose id begins with `prefix`; two at most, enough to see that it is not one."""
    escaped = prefix.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    query = (
        statements.letters()
        .where(schema.brief.c.id.like(f"{escaped}%", escape="!"))
        .order_by(schema.brief.c.id)
        .limit(2)
    )
    return [_letter(row) for row in _mappings(engine, query)]


def stored(engine: Engine, receipt: str) -> Stored | None:
    """Where the raw bytes of `receipt` are; None when it is unknown or its raw record is past its retention."""
    table = schema.ontvangst
    columns = (
        table.c.id.label("ontvangst"),
        table.c.partner,
        table.c.topic,
        table.c.partitie,
        table.c.positie,
        table.c.sha256,
        table.c.inhoudstype,
        table.c.dataref,
    )
    rows = _mappings(engine, select(*columns).where(table.c.id == receipt, table.c.topic.is_not(None)))
    return msgspec.convert(dict(rows[0]), Stored) if rows else None


def positions(connection: Connection) -> dict[tuple[str, int], int]:
    """The next offset per (topic, partition) that the view will read."""
    return {(row.topic, row.partitie): row.volgende for row in connection.execute(select(schema.posities))}


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection whose queries all see one moment."""
    start = "BEGIN ISOLATION LEVEL REPEATABLE READ" if engine.dialect.name == "postgresql" else "BEGIN"
    with unavailable("answer"), engine.connect() as connection:
        connection.exec_driver_sql(start)
        try:
            yield connection
        finally:
            connection.exec_driver_sql("ROLLBACK")


def _all(engine: Engine, query: Select[tuple[str]]) -> list[RowMapping]:
    return _mappings(engine, query)


def _mappings(engine: Engine, query: Select[tuple[object, ...]] | Select[tuple[str]]) -> list[RowMapping]:
    with unavailable("answer"), engine.connect() as connection:
        return list(connection.execute(query).mappings())


def _dossiers(connection: Connection, wanted: Sequence[str]) -> Iterator[keten.Dossier]:
    """By key; what is unknown is left out."""
    table = schema.dossier
    query = select(table.c.document).where(table.c.sleutel.in_(wanted)).order_by(table.c.sleutel)
    for row in connection.execute(query) if wanted else ():
        yield _dossier.decode(row.document)


def _judgement_of(connection: Connection, key: str) -> keten.Factuurbeoordeling | None:
    table = schema.factuurbeoordeling
    found = connection.execute(select(table.c.document).where(table.c.dossier == key)).scalar()
    return None if found is None else _judgement.decode(found)


def _events(connection: Connection, key: str) -> Iterator[Event]:
    table = schema.gebeurtenis
    part = schema.deel
    receipt = schema.ontvangst
    place = and_(part.c.ontvangst == table.c.ontvangst, part.c.deel == table.c.deel)
    raw = (receipt.c.topic.label("raw"), receipt.c.partitie.label("raw_part"), receipt.c.positie.label("raw_at"))
    query = (
        select(*table.columns, part.c.account, *raw)
        .select_from(table.outerjoin(part, place).outerjoin(receipt, receipt.c.id == table.c.ontvangst))
        .where(table.c.dossier == key)
        .order_by(table.c.gebeurd, table.c.bekend, table.c.positie)
    )
    for row in connection.execute(query):
        yield Event(
            id=row.id,
            soort=row.soort,
            code=row.code,
            detail=row.detail,
            gebeurd=time_of(row.gebeurd),
            alleen_dag=bool(row.alleen_dag),
            bekend=time_of(row.bekend),
            partner=row.partner,
            ontvangst=row.ontvangst,
            deel=row.deel,
            sha256=row.sha256,
            # where it lies on this bus: after a restore the event still says where it was
            bron=row.bron if row.raw is None else f"{row.raw}/{row.raw_part}/{row.raw_at}",
            positie=f"{row.topic}/{row.partitie}/{row.positie}",
            account=Account(row.account) if row.account else None,
            document=registry.decode(_TYPES[row.soort], row.document.encode()),
        )


def _measures(connection: Connection, key: str) -> Iterator[Measure]:
    table = schema.doorlooptijd
    query = (
        select(table.c.document, table.c.bekend)
        .where(table.c.dossier == key)
        .order_by(table.c.subnummer, table.c.begin, table.c.maat)
    )
    for row in connection.execute(query):
        yield Measure(laatste=_measure.decode(row.document), bekend=time_of(row.bekend))


def _signals(connection: Connection, key: str) -> Iterator[keten.Signaal]:
    table = schema.signaal
    for row in connection.execute(select(table).where(table.c.dossier == key).order_by(table.c.sinds, table.c.id)):
        yield keten.Signaal(
            id=row.id,
            dossier=row.dossier,
            keten=row.keten,
            soort=row.soort,
            sinds=time_of(row.sinds),
            tekst=row.tekst,
            maat=row.maat,
            subnummer=row.subnummer,
            tegen=row.tegen,
            ingetrokken=bool(row.ingetrokken),
        )


def _letter(row: RowMapping) -> Letter:
    return Letter(
        id=row["id"],
        reden=Reden(row["reden"]),
        stage=row["stage"],
        fout=row["fout"],
        tekst=row["tekst"],
        op=time_of(row["op"]),
        partner=row["partner"],
        dossier=row["dossier"],
        ontvangst=row["ontvangst"],
        deel=row["deel"],
        bron=row["bron"],
        topic=row["topic"],
        partitie=row["partitie"],
        positie=row["positie"],
        bevindingen=_findings.decode(row["bevindingen"]),
        open=bool(row["open"]),
        besluit=_stand.decode(row["stand"]) if row["stand"] else None,
    )
