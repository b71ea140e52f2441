"""What people who decide on dead letters ask of the view: what was decided before, what waits, where a part is now, and
what a letter may be about. Read only; every function raises Unavailable when the database is away."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Engine, and_, func, or_, select

from topics.accounts import WHOLE
from topics.documents import Account
from topics.documents.besluit import Besluit, Besluitstand, Toestand
from topics.documents.keten import Dossier
from topics.documents.onderhoud import Opdracht
from topics.view import schema
from topics.view.database import unavailable
from topics.view.schema import text_of, time_of

_decision = msgspec.json.Decoder(Besluit)
_stand = msgspec.json.Decoder(Besluitstand)
_dossier = msgspec.json.Decoder(Dossier)
_order = msgspec.json.Decoder(Opdracht)
_ORDER: Final = Opdracht.NAME


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One decision, whether it had effect or not."""

    id: str
    besluit: Besluit


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier of an order, with the order itself as it came last; None when only others spoke of it."""

    dossier: Dossier
    opdracht: Opdracht | None


class Later(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was applied."""

    ontvangst: str
    dossier: str
    soort: str
    berichtnummer: str
    bekend: datetime
    document: str


def history(engine: Engine, brief: str) -> list[Taken]:
    """Every decision on a letter, in the order in which they were taken."""
    table = schema.besluit
    query = select(table.c.id, table.c.document).where(table.c.brief == brief).order_by(table.c.op, table.c.id)
    with unavailable("answer"), engine.connect() as connection:
        return [Taken(id=row.id, besluit=_decision.decode(row.document)) for row in connection.execute(query)]


def stand(engine: Engine, brief: str) -> Besluitstand | None:
    """What the decisions on a letter (or on a partner's suspension) came to."""
    table = schema.besluitstand
    with unavailable("answer"), engine.connect() as connection:
        found = connection.execute(select(table.c.document).where(table.c.brief == brief)).scalar()
    return None if found is None else _stand.decode(found)


def waiting(engine: Engine, reeks: str | None = None) -> list[Besluitstand]:
    """What waits for a second person, oldest first; of one set, or of all."""
    table = schema.besluitstand
    query = select(table.c.document).where(table.c.toestand == Toestand.WACHT.value).order_by(table.c.bijgewerkt)
    if reeks is not None:
        query = query.where(table.c.reeks == reeks)
    with unavailable("answer"), engine.connect() as connection:
        return [_stand.decode(row.document) for row in connection.execute(query)]


def sets(engine: Engine, prefix: str) -> list[str]:
    """Sets of decisions whose id begins with `prefix`; two at most, enough to see that it is not one."""
    table = schema.besluitstand
    query = select(table.c.reeks).where(table.c.reeks.startswith(prefix, autoescape=True)).distinct().limit(2)
    with unavailable("answer"), engine.connect() as connection:
        return [row.reeks for row in connection.execute(query)]


def accounts_of(engine: Engine, receipt: str) -> dict[str, Account]:
    """Where the parts of a receipt are, by name; parts of which nothing was posted are left out."""
    table = schema.deel
    query = select(table.c.deel, table.c.account).where(table.c.ontvangst == receipt)
    with unavailable("answer"), engine.connect() as connection:
        return {row.deel: Account(row.account) for row in connection.execute(query)}


def failed_again(engine: Engine, receipt: str, part: str) -> bool:
    """Whether a part of a receipt lies in a letter on which no decision was forwarded."""
    brief, table = schema.brief, schema.besluitstand
    undecided = func.coalesce(table.c.toestand, Toestand.OPEN.value) != Toestand.DOORGESTUURD.value
    query = (
        select(func.count())
        .select_from(brief.outerjoin(table, table.c.brief == brief.c.id))
        .where(brief.c.ontvangst == receipt, func.coalesce(brief.c.deel, WHOLE) == part, undecided)
    )
    with unavailable("answer"), engine.connect() as connection:
        return bool(connection.execute(query).scalar())


def orders_of(engine: Engine, glns: Collection[str], limit: int = 500) -> list[Order]:
    """Orders to which one of `glns` is a party, the latest first."""
    table, event = schema.dossier, schema.gebeurtenis
    mine = or_(table.c.opdrachtgever.in_(list(glns)), table.c.aannemer.in_(list(glns)))
    query = (
        select(table.c.sleutel, table.c.document)
        .where(mine, table.c.sleutel.like("%/opdracht/%"))
        .order_by(table.c.bijgewerkt.desc(), table.c.sleutel)
        .limit(limit)
    )
    with unavailable("answer"), engine.connect() as connection:
        found = {row.sleutel: _dossier.decode(row.document) for row in connection.execute(query)}
        keys = list(found)
        events = (
            select(event.c.dossier, event.c.document)
            .where(event.c.dossier.in_(keys), event.c.soort == _ORDER)
            .order_by(event.c.bekend)
        )
        orders = {row.dossier: _order.decode(row.document) for row in connection.execute(events)}
    return [Order(dossier=dossier, opdracht=orders.get(key)) for key, dossier in found.items()]


def applied_since(engine: Engine, partner: str, since: datetime, limit: int = 2000) -> list[Later]:
    """Messages of `partner` that came after `since` and were applied, oldest first."""
    event, part = schema.gebeurtenis, schema.deel
    place = and_(part.c.ontvangst == event.c.ontvangst, part.c.deel == event.c.deel)
    query = (
        select(event.c.ontvangst, event.c.dossier, event.c.soort, event.c.bekend, event.c.document)
        .select_from(event.join(part, place))
        .where(
            event.c.partner == partner,
            event.c.bekend > text_of(since),
            part.c.account == Account.TOEGEPAST.value,
        )
        .order_by(event.c.bekend, event.c.id)
        .limit(limit)
    )
    with unavailable("answer"), engine.connect() as connection:
        rows = list(connection.execute(query))
    return [
        Later(
            ontvangst=row.ontvangst,
            dossier=row.dossier,
            soort=row.soort,
            berichtnummer=_number(row.document),
            bekend=time_of(row.bekend),
            document=row.document,
        )
        for row in rows
    ]


class _Numbered(msgspec.Struct):
    berichtnummer: str = ""


_numbered = msgspec.json.Decoder(_Numbered)


def _number(document: str) -> str:
    return _numbered.decode(document).berichtnummer
