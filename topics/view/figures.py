"""Counts over the whole view: the account, the work stock, what lies unread. Read only, from state."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, Engine, case, func, select

from topics.documents import Account
from topics.view import schema
from topics.view.schema import time_of
from topics.view.search import positions, snapshot
from topics.view.statements import letters


class AccountRow(msgspec.Struct, kw_only=True):
    """The account of one partner and day of receipt.

    `ontvangen`: receipts on `ruw.*`; `ongeopend`: those that no adapter has opened yet; `aangenomen`: parts of the opened
    ones. The account balances when `aangenomen` is the sum of `accounts`.
    """

    ontvangen: int = 0
    ongeopend: int = 0
    aangenomen: int = 0
    accounts: dict[Account, int] = msgspec.field(default_factory=dict)


class AccountState(msgspec.Struct, frozen=True, kw_only=True):
    """The whole account as the view has it, and up to where on the topics that is. Keys: (partner, day)."""

    rows: Mapping[tuple[str, str], AccountRow]
    positions: Mapping[tuple[str, int], int]


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """What is under way: raw receipts that no adapter opened, parts in `onderweg`, and since when the oldest waits."""

    ongeopend: int
    ongeopend_sinds: datetime | None
    onderweg: int
    onderweg_sinds: datetime | None
    niet_gelezen: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Counts for one screen.

    dossiers: by (keten, toestand). maten: latest revisions by (keten, maat, stand). signalen: standing ones by (keten,
    soort). uitval: open dead letters by (reden, partner). opgeschort: suspended partners with the cause.
    """

    dossiers: Mapping[tuple[str, str], int]
    maten: Mapping[tuple[str, str, str], int]
    signalen: Mapping[tuple[str, str], int]
    uitval: Mapping[tuple[str, str], int]
    opgeschort: Mapping[str, str]
    accounts: Mapping[Account, int]
    backlog: Backlog


def account(engine: Engine) -> AccountState:
    """The account per partner and day, as one snapshot with the positions. Raises Unavailable."""
    receipts, parts = schema.ontvangst, schema.deel
    rows: dict[tuple[str, str], AccountRow] = {}
    with snapshot(engine) as connection:
        seen = select(
            receipts.c.partner,
            receipts.c.dag,
            func.count(receipts.c.topic).label("ontvangen"),
            func.sum(case((receipts.c.delen.is_(None), 1), else_=0)).label("ongeopend"),
            func.coalesce(func.sum(receipts.c.delen), 0).label("aangenomen"),
            func.sum(receipts.c.onderweg).label("onderweg"),
        ).group_by(receipts.c.partner, receipts.c.dag)
        for row in connection.execute(seen):
            found = rows.setdefault((row.partner, row.dag), AccountRow())
            found.ontvangen, found.ongeopend, found.aangenomen = row.ontvangen, row.ongeopend, row.aangenomen
            if row.onderweg:
                found.accounts[Account.ONDERWEG] = row.onderweg
        elsewhere = (
            select(parts.c.partner, parts.c.dag, parts.c.account, func.count().label("aantal"))
            .where(parts.c.account != Account.ONDERWEG.value)
            .group_by(parts.c.partner, parts.c.dag, parts.c.account)
        )
        for row in connection.execute(elsewhere):
            rows.setdefault((row.partner, row.dag), AccountRow()).accounts[Account(row.account)] = row.aantal
        return AccountState(rows=rows, positions=positions(connection))


def backlog(engine: Engine) -> Backlog:
    """Raises Unavailable."""
    with snapshot(engine) as connection:
        return _backlog(connection)


def overview(engine: Engine) -> Overview:
    """Raises Unavailable."""
    dossier, measure, signal = schema.dossier, schema.doorlooptijd, schema.signaal
    part, suspension = schema.deel, schema.opschorting
    with snapshot(engine) as connection:
        states = select(dossier.c.keten, dossier.c.toestand, func.count()).group_by(dossier.c.keten, dossier.c.toestand)
        measures = select(measure.c.keten, measure.c.maat, measure.c.stand, func.count()).group_by(
            measure.c.keten, measure.c.maat, measure.c.stand
        )
        signals = (
            select(signal.c.keten, signal.c.soort, func.count())
            .where(signal.c.ingetrokken.is_(False))
            .group_by(signal.c.keten, signal.c.soort)
        )
        every = letters().subquery()
        waiting = (
            select(every.c.reden, every.c.partner, func.count())
            .where(every.c.open == 1)
            .group_by(every.c.reden, every.c.partner)
        )
        suspended = select(suspension.c.partner, suspension.c.oorzaak).where(suspension.c.actief.is_(True))
        moved = (
            select(part.c.account, func.count())
            .where(part.c.account != Account.ONDERWEG.value)
            .group_by(part.c.account)
        )
        stock = _backlog(connection)
        return Overview(
            dossiers={(row[0], row[1]): row[2] for row in connection.execute(states)},
            maten={(row[0], row[1], row[2]): row[3] for row in connection.execute(measures)},
            signalen={(row[0], row[1]): row[2] for row in connection.execute(signals)},
            uitval={(row[0], row[1]): row[2] for row in connection.execute(waiting)},
            opgeschort={row[0]: row[1] for row in connection.execute(suspended)},
            accounts={
                Account.ONDERWEG: stock.onderweg,
                **{Account(row[0]): row[1] for row in connection.execute(moved)},
            },
            backlog=stock,
        )


def _backlog(connection: Connection) -> Backlog:
    receipts = schema.ontvangst
    unopened = connection.execute(
        select(func.count(), func.min(receipts.c.ontvangen)).where(receipts.c.delen.is_(None))
    ).one()
    under_way = connection.execute(
        select(func.coalesce(func.sum(receipts.c.onderweg), 0), func.min(receipts.c.ontvangen)).where(
            receipts.c.onderweg > 0
        )
    ).one()
    return Backlog(
        ongeopend=unopened[0],
        ongeopend_sinds=time_of(unopened[1]) if unopened[1] else None,
        onderweg=under_way[0],
        onderweg_sinds=time_of(under_way[1]) if under_way[1] else None,
        niet_gelezen=connection.execute(select(func.count()).select_from(schema.niet_gelezen)).scalar_one(),
    )
