"""The SQL behind each `Op`: upserts that give the same rows however often a record is applied, in log order."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from topics.accounts import WHOLE
from topics.documents import Account
from topics.documents.besluit import Toestand
from topics.view import schema
from topics.view.change import Op

Insert = postgresql.Insert | sqlite.Insert

TABLE_OF: Final[Mapping[Op, Table]] = {
    Op.RECEIPT: schema.ontvangst,
    Op.OPENED: schema.ontvangst,
    Op.PART: schema.deel,
    Op.DOSSIER: schema.dossier,
    Op.DOSSIER_GONE: schema.dossier,
    Op.EVENT: schema.gebeurtenis,
    Op.MEASURE: schema.doorlooptijd,
    Op.REVISION: schema.doorlooptijd_revisie,
    Op.JUDGEMENT: schema.factuurbeoordeling,
    Op.SIGNAL: schema.signaal,
    Op.LETTER: schema.brief,
    Op.DECISION: schema.besluit,
    Op.DECIDED: schema.besluitstand,
    Op.SUSPENSION: schema.opschorting,
    Op.PERSON: schema.persoon,
    Op.PERSON_GONE: schema.persoon,
    Op.UNREAD: schema.niet_gelezen,
}
"""Changes of one table keep their order; changes of different tables are independent."""


def statements(dialect: str) -> dict[Op, Executable]:
    """One statement per Op for `dialect` ("sqlite" or "postgresql"), to be run with lists of `Change.values`."""

    def into(table: Table) -> Insert:
        return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)

    return {
        Op.RECEIPT: _receipt(into),
        Op.OPENED: _opened(into),
        Op.PART: _part(into),
        Op.DOSSIER: _replace(into, schema.dossier),
        Op.DOSSIER_GONE: delete(schema.dossier).where(schema.dossier.c.sleutel == bindparam("sleutel_")),
        Op.EVENT: into(schema.gebeurtenis).on_conflict_do_nothing(),
        Op.MEASURE: _revised(into, schema.doorlooptijd),
        Op.REVISION: into(schema.doorlooptijd_revisie).on_conflict_do_nothing(),
        Op.JUDGEMENT: _revised(into, schema.factuurbeoordeling),
        Op.SIGNAL: _signal(into),
        Op.LETTER: into(schema.brief).on_conflict_do_nothing(),
        Op.DECISION: into(schema.besluit).on_conflict_do_nothing(),
        Op.DECIDED: _replace(into, schema.besluitstand),
        Op.SUSPENSION: _replace(into, schema.opschorting),
        Op.PERSON: _replace(into, schema.persoon),
        Op.PERSON_GONE: delete(schema.persoon).where(schema.persoon.c.sleutel == bindparam("sleutel_")),
        Op.UNREAD: into(schema.niet_gelezen).on_conflict_do_nothing(),
    }


Into = Callable[[Table], Insert]


def _replace(into: Into, table: Table) -> Executable:
    statement = into(table)
    keys = list(table.primary_key.columns)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if column not in set(keys)}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _part(into: Into) -> Executable:
    """A later posting without findings leaves those of an earlier one: a warning of the adapter stays to be seen."""
    table = schema.deel
    statement = into(table)
    keys = list(table.primary_key.columns)
    new = statement.excluded
    changed: dict[str, ColumnElement[object]] = {
        column.name: new[column.name] for column in table.columns if column not in set(keys)
    }
    changed["bevindingen"] = case((new.bevindingen == "[]", table.c.bevindingen), else_=new.bevindingen)
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _receipt(into: Into) -> Executable:
    """What the raw record says. A resend under the same receipt leaves the first coordinates as they are."""
    table = schema.ontvangst
    statement = into(table)
    own = ("kind", "ontvangen", "sha256", "topic", "partitie", "positie", "grootte", "inhoudstype", "kanaal", "dataref")
    first = {name: func.coalesce(table.c[name], statement.excluded[name]) for name in own}
    return statement.on_conflict_do_update(index_elements=[table.c.id], set_=first)


def _opened(into: Into) -> Executable:
    """The number of parts. The first opening holds, as in the ledger."""
    table = schema.ontvangst
    statement = into(table)
    return statement.on_conflict_do_update(
        index_elements=[table.c.id], set_={"delen": func.coalesce(table.c.delen, statement.excluded.delen)}
    )


def _revised(into: Into, table: Table) -> Executable:
    """The row of the highest revision."""
    statement = into(table)
    keys = list(table.primary_key.columns)
    changed = {column.name: statement.excluded[column.name] for column in table.columns if column not in set(keys)}
    return statement.on_conflict_do_update(
        index_elements=keys, set_=changed, where=table.c.revisie <= statement.excluded.revisie
    )


def _signal(into: Into) -> Executable:
    """A withdrawal keeps the moment since which the signal stood."""
    table = schema.signaal
    statement = into(table)
    return statement.on_conflict_do_update(
        index_elements=[table.c.id],
        set_={
            "sinds": case((statement.excluded.ingetrokken, table.c.sinds), else_=statement.excluded.sinds),
            "tekst": statement.excluded.tekst,
            "ingetrokken": statement.excluded.ingetrokken,
            "bekend": statement.excluded.bekend,
        },
    )


def count_onderweg() -> Update:
    """Sets `ontvangst.onderweg` of receipt `geraakt` anew from its parts: a recount, so that doing it twice is harmless."""
    table, deel = schema.ontvangst, schema.deel
    elsewhere = (
        select(func.count())
        .select_from(deel)
        .where(deel.c.ontvangst == table.c.id, deel.c.account != Account.ONDERWEG.value)
        .scalar_subquery()
    )
    left = table.c.delen - elsewhere
    return (
        update(table)
        .where(table.c.id == bindparam("geraakt"), table.c.delen.is_not(None))
        .values(onderweg=case((left > 0, left), else_=0))
    )


OPNIEUW: Final = (Account.UITVAL.value, Account.TERUGGESTUURD.value, Account.AFGEVOERD.value)
"""A message whose parts are all in these accounts may be sent again with the same bytes (DESIGN 5)."""

_STATUS = (
    schema.ontvangst.c.id,
    schema.ontvangst.c.partner,
    schema.ontvangst.c.ontvangen,
    schema.ontvangst.c.sha256,
    schema.ontvangst.c.topic,
    schema.ontvangst.c.partitie,
    schema.ontvangst.c.positie,
    schema.ontvangst.c.grootte,
    schema.ontvangst.c.inhoudstype,
    schema.ontvangst.c.delen,
)
_PARTS = (
    schema.deel.c.deel,
    schema.deel.c.account,
    schema.deel.c.sinds,
    schema.deel.c.dossier,
    schema.deel.c.reden,
    schema.deel.c.bevindingen,
)
StatusRow = Select[tuple[object, ...]]


def receipt_status() -> StatusRow:
    """Receipt `ontvangst` of `partner` with its parts, a row per part (one row with empty part columns without any)."""
    table, deel = schema.ontvangst, schema.deel
    return (
        select(*_STATUS, *_PARTS)
        .select_from(table.outerjoin(deel, deel.c.ontvangst == table.c.id))
        .where(table.c.id == bindparam("ontvangst"), table.c.partner == bindparam("partner"))
    )


def receipts_since() -> StatusRow:
    """As `receipt_status`, for at most `aantal` receipts of `partner` with an id above `na`, in order of their ids."""
    table, deel = schema.ontvangst, schema.deel
    page = (
        select(*_STATUS)
        .where(table.c.partner == bindparam("partner"), table.c.id > bindparam("na"))
        .order_by(table.c.id)
        .limit(bindparam("aantal", type_=Integer))
        .subquery()
    )
    return select(*page.c, *_PARTS).select_from(page.outerjoin(deel, deel.c.ontvangst == page.c.id)).order_by(page.c.id)


def first_receipt() -> StatusRow:
    """The earliest receipt of `partner` with content `sha256`, received at `sinds` or later, that still stands."""
    table, deel = schema.ontvangst, schema.deel
    refused: list[ColumnElement[bool]] = [deel.c.account == name for name in OPNIEUW]
    given_up = (
        select(func.count()).select_from(deel).where(and_(deel.c.ontvangst == table.c.id, or_(*refused)))
    ).scalar_subquery()
    return (
        select(*_STATUS)
        .where(
            table.c.partner == bindparam("partner"),
            table.c.sha256 == bindparam("sha256"),
            table.c.ontvangen >= bindparam("sinds"),
            or_(table.c.delen.is_(None), table.c.delen > given_up),
        )
        .order_by(table.c.ontvangen, table.c.id)
        .limit(1)
    )


def letters() -> Select[tuple[object, ...]]:
    """All dead letters with `open`: no decision on it was forwarded yet and its part is in uitval; and `stand`, what its
    decisions came to.

    A letter of a record outside the account (a posting, a tick) has no part; it is open until a decision is forwarded.
    """
    brief, part, decision = schema.brief, schema.deel, schema.besluitstand
    place = and_(part.c.ontvangst == brief.c.ontvangst, part.c.deel == func.coalesce(brief.c.deel, WHOLE))
    joined = brief.outerjoin(part, place).outerjoin(decision, decision.c.brief == brief.c.id)
    still_there = func.coalesce(part.c.account, Account.UITVAL.value) == Account.UITVAL.value
    undecided = func.coalesce(decision.c.toestand, Toestand.OPEN.value) != Toestand.DOORGESTUURD.value
    open_ = case((and_(still_there, undecided), 1), else_=0).label("open")
    return select(*brief.columns, open_, decision.c.document.label("stand")).select_from(joined)
