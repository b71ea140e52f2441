"""Filling the view: a batch of records and the positions behind it, in one database transaction."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, StatementError

from topics.errors import PositionMismatch
from topics.runtime.step import Record
from topics.view.change import Change, Op, Value, unread
from topics.view.database import Identity, identity, prepare, reset, unavailable
from topics.view.rows import changes
from topics.view.schema import niet_gelezen, posities, schema_versie
from topics.view.statements import TABLE_OF, count_onderweg, statements

Positions = dict[tuple[str, int], int]
"""Next offset to read per (topic, partition)."""

# what a row itself may cause; everything else is the database's own trouble
_REFUSED = (DataError, IntegrityError, InterfaceError, OverflowError, UnicodeError)


class View:
    """The one writer of the view. `applied` counts records, `apart` those that could not be read."""

    def __init__(self, engine: Engine) -> None:
        """Raises Unavailable."""
        self._engine = engine
        self._statements = statements(engine.dialect.name)
        self._recount = count_onderweg()
        self.applied = self.apart = 0
        self._positions: Positions = {}
        self._file: Identity = None
        self._read()

    @property
    def positions(self) -> Positions:
        """Where to go on reading. A partition that is not named is read from its beginning."""
        return dict(self._positions)

    def apply(self, records: Sequence[Record], positions: Mapping[tuple[str, int], int]) -> None:
        """Writes `records` (in log order per partition) and the reader's `positions` behind them.

        A record before the stored position is skipped; one that cannot be read or stored is set apart in
        `niet_gelezen`. Raises Unavailable when the database is away (nothing was written: call again), PositionMismatch
        when another process wrote into this view meanwhile.
        """
        fresh = [record for record in records if record.offset >= self._positions.get(_partition(record), 0)]
        ahead = {key: offset for key, offset in positions.items() if self._positions.get(key, -1) < offset}
        if not fresh and not ahead:
            return
        with unavailable("take the batch"), self._engine.begin() as connection:
            self._own(connection)
            self._write(connection, fresh)
            _store(connection, ahead)
            apart = connection.execute(select(func.count()).select_from(niet_gelezen)).scalar_one()
        self._positions |= ahead
        self.applied += len(fresh)
        self.apart = apart

    @property
    def lost(self) -> bool:
        """Whether the database is not the one that was opened: its file was taken away or replaced."""
        return identity(self._engine.url) != self._file

    def reopen(self) -> None:
        """Opens what is there now, and makes it when there is nothing: the positions say where to go on reading."""
        prepare(self._engine)
        self._read()

    def rebuild(self) -> None:
        """Empties the view; the positions are gone with it, so that filling starts at the beginning."""
        with unavailable("be emptied"), self._engine.begin() as connection:
            reset(connection)
        self._positions = {}
        self.apart = 0

    def _read(self) -> None:
        with unavailable("read the positions"), self._engine.begin() as connection:
            self._file = identity(self._engine.url)
            self._positions = _stored(connection)
            self.apart = connection.execute(select(func.count()).select_from(niet_gelezen)).scalar_one()

    def _own(self, connection: Connection) -> None:
        """Locks out a second writer for this transaction, and notices one that was here before."""
        connection.execute(select(schema_versie.c.versie).with_for_update())
        found = _stored(connection)
        if found != self._positions:
            changed = sorted(
                key for key in found.keys() | self._positions.keys() if found.get(key) != self._positions.get(key)
            )
            topic, partition = changed[0]
            raise PositionMismatch(
                f"the view's position of {topic}/{partition} is {found.get((topic, partition))}, expected "
                f"{self._positions.get((topic, partition))}: another process fills this view; let only one run"
            )

    def _write(self, connection: Connection, records: Sequence[Record]) -> None:
        batch = [change for record in records for change in changes(record)]
        try:
            with connection.begin_nested():
                self._execute(connection, batch)
        except (*_REFUSED, StatementError) as error:
            if not _caused_by_row(error):
                raise
            for record in records:
                self._write_alone(connection, record)

    def _write_alone(self, connection: Connection, record: Record) -> None:
        try:
            with connection.begin_nested():
                self._execute(connection, changes(record))
        except (*_REFUSED, StatementError) as error:
            if not _caused_by_row(error):
                raise
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            self._execute(connection, [unread(record, "niet-op-te-slaan", reason)])

    def _execute(self, connection: Connection, batch: Iterable[Change]) -> None:
        """Groups by statement; a table's former statement goes first when another one follows on that table."""
        waiting: dict[str, tuple[Op, list[Mapping[str, Value]]]] = {}
        touched: dict[str, None] = {}
        for op, values in batch:
            table = TABLE_OF[op].name
            group = waiting.get(table)
            if group is not None and group[0] is op:
                group[1].append(values)
            else:
                if group is not None:
                    connection.execute(self._statements[group[0]], group[1])
                waiting[table] = (op, [values])
            if op is Op.PART:
                touched[str(values["ontvangst"])] = None
            elif op is Op.OPENED:
                touched[str(values["id"])] = None
        for op, rows in waiting.values():
            connection.execute(self._statements[op], rows)
        if touched:
            connection.execute(self._recount, [{"geraakt": receipt} for receipt in touched])


def _caused_by_row(error: Exception) -> bool:
    return isinstance(error, _REFUSED) or (isinstance(error, StatementError) and isinstance(error.orig, _REFUSED))


def _partition(record: Record) -> tuple[str, int]:
    return record.topic, record.partition


def _stored(connection: Connection) -> Positions:
    rows = connection.execute(select(posities.c.topic, posities.c.partitie, posities.c.volgende))
    return {(topic, partition): offset for topic, partition, offset in rows}


def _store(connection: Connection, positions: Mapping[tuple[str, int], int]) -> None:
    for (topic, partition), offset in positions.items():
        connection.execute(delete(posities).where(posities.c.topic == topic, posities.c.partitie == partition))
        connection.execute(insert(posities).values(topic=topic, partitie=partition, volgende=offset))
