"""Opening the view's database: SQLite with a write-ahead log, or PostgreSQL. Same tables, same statements.

One process writes; any number reads. Readers never create anything: a view that is not there is `Unavailable`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    PoolProxiedConnection,
    create_engine,
    delete,
    event,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from topics.errors import ConfigurationError, Unavailable
from topics.view.schema import SCHEMA_VERSION, metadata, schema_versie

__all__ = ["Engine", "Identity", "address", "identity", "open_reader", "open_writer", "prepare", "reset", "unavailable"]

Identity = tuple[int, int] | None
"""Which file a view is (device and inode), None when there is none. Any two of a view that is no file are the same."""

_SQLITE_WRITER: Final = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA busy_timeout=30000")
_DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_SQLITE_READER: Final = ("PRAGMA query_only=ON", "PRAGMA busy_timeout=2000")


def open_writer(url: str) -> Engine:
    """An engine whose transactions take the write lock at once; the tables are there and of this release's version.

    Tables of another version are dropped: the caller starts without positions and so replays. Raises Unavailable, and
    ConfigurationError as `address`.
    """
    target = address(url)
    if target.get_backend_name() == "sqlite":
        if target.database:
            with unavailable("be made"):
                Path(target.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(target, hide_parameters=True)
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
    else:
        engine = create_engine(target, pool_pre_ping=True, hide_parameters=True)
    prepare(engine)
    return engine


def prepare(engine: Engine) -> None:
    """Makes the tables of a writer's engine where they are not there, also when its file was taken away meanwhile.

    Raises Unavailable.
    """
    engine.dispose()
    with unavailable("open"):
        if engine.dialect.name == "sqlite" and engine.url.database and identity(engine.url) is None:
            # what the former file had not yet taken in would be taken into the new one
            for leftover in ("-wal", "-shm", "-journal"):
                Path(engine.url.database + leftover).unlink(missing_ok=True)
        with engine.begin() as connection:
            if _version(connection) != SCHEMA_VERSION:
                reset(connection)


def identity(url: URL) -> Identity:
    """Who keeps a view open asks now and then whether it still is what it was: a file that was taken away stays readable
    and writable for those who have it open, and nobody else sees it."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return (0, 0)
    try:
        status = os.stat(url.database)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def open_reader(url: str) -> Engine:
    """An engine for queries, each its own snapshot. Raises Unavailable when there is no view of this release yet, and
    ConfigurationError as `address`."""
    target = address(url)
    if target.get_backend_name() == "sqlite":
        if not target.database or not Path(target.database).exists():
            raise Unavailable(
                f"the view {target.render_as_string()} is not there; start the bus (`ketenbus run`) or the view alone "
                "(`python -m topics.view`)"
            )
        engine = create_engine(target, isolation_level="AUTOCOMMIT", hide_parameters=True)
        event.listen(engine, "connect", _sqlite_reader_connect)
        event.listen(engine, "checkout", _SameFile(target).check)
    else:
        engine = create_engine(target, isolation_level="AUTOCOMMIT", pool_pre_ping=True, hide_parameters=True)
    with unavailable("open"), engine.connect() as connection:
        found = _version(connection)
    if found != SCHEMA_VERSION:
        raise Unavailable(
            f"the view has tables of version {found}, expected {SCHEMA_VERSION}; the view process of this release "
            "rebuilds them when it starts"
        )
    return engine


def reset(connection: Connection) -> None:
    """Drop and create all tables, inside the caller's transaction."""
    metadata.drop_all(connection)
    metadata.create_all(connection)
    connection.execute(delete(schema_versie))
    connection.execute(insert(schema_versie).values(versie=SCHEMA_VERSION))


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Turns a database that is away, locked, broken or without tables into Unavailable; `what` names the operation. Of the
    values that were given to it, nothing is told."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        raise Unavailable(f"the view's database cannot {what}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _version(connection: Connection) -> int | None:
    if not inspect(connection).has_table(schema_versie.name):
        return None
    return connection.execute(select(schema_versie.c.versie)).scalar()


def address(url: str) -> URL:
    """Opens nothing. Raises ConfigurationError when it is not the URL of a database that a view can be; its text does not
    show the URL, which has a password."""
    expected = "expected sqlite:////PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"KETENBUS_VIEW: found no URL of a database, {expected}") from None
    if found.drivername not in _DRIVERS:
        raise ConfigurationError(f"KETENBUS_VIEW: found {found.drivername!r} before the '://', {expected}")
    return found.set(drivername=_DRIVERS[found.drivername])


def _sqlite_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # sqlite3's own transaction handling would open transactions late; "begin" below does it instead
    connection.isolation_level = None
    _pragmas(connection, _SQLITE_WRITER)


def _sqlite_reader_connect(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    _pragmas(connection, _SQLITE_READER)


class _SameFile:
    """A connection to a file that was replaced is replaced too, when it is taken from the pool."""

    def __init__(self, url: URL) -> None:
        self._url = url

    def check(self, _connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        found = identity(self._url)
        if entry.info.setdefault("file", found) != found:
            entry.info.pop("file")
            raise DisconnectionError("the view's file was replaced")


def _pragmas(connection: DBAPIConnection, statements: tuple[str, ...]) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
