"""What the intake asks of the view, on its hot path: compiled once, run on a raw cursor (microseconds on SQLite).

One `Queries` per process; every thread gets a connection of its own. On SQLite a call may stand in the event loop; on
PostgreSQL it waits for the network, so call it in a thread (`blocking` says which).
"""

import threading
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, TypedDict

import msgspec
from sqlalchemy import Engine, PoolProxiedConnection

from topics.documents import Account, Bevinding, Reden
from topics.errors import Unavailable
from topics.view import statements
from topics.view.database import Identity, address, identity, open_reader
from topics.view.schema import text_of, time_of
from topics.view.status import MessageStatus, PartStatus, Receipt, complete, least_finished

Row = Sequence[object]
_NO_FINDINGS: Final = "[]"
_STATUS_COLUMNS: Final = 10


class _Prepared:
    """A statement compiled for one dialect; `bind` gives what the driver's cursor takes."""

    def __init__(self, statement: statements.StatusRow, engine: Engine) -> None:
        compiled = statement.compile(dialect=engine.dialect, compile_kwargs={"render_postcompile": True})
        self.sql = str(compiled)
        self._fixed: dict[str, object] = dict(compiled.params)
        self._order: Sequence[str] | None = compiled.positiontup

    def bind(self, given: Mapping[str, object]) -> Sequence[object] | Mapping[str, object]:
        values = {**self._fixed, **given}
        return values if self._order is None else [values[name] for name in self._order]


class Queries:
    """Read-only queries by partner. All raise Unavailable when the view is away."""

    def __init__(self, url: str) -> None:
        """`url`: SQLAlchemy URL. The view is opened at the first call, so that an intake may start before it. Raises
        ConfigurationError."""
        self._backend = address(url).get_backend_name()
        self._url = url
        self._opening = threading.Lock()
        self._engine: Engine | None = None
        self._file: Identity = None
        self._local = threading.local()
        self._prepared: dict[str, _Prepared] = {}
        self._findings = msgspec.json.Decoder(tuple[Bevinding, ...])

    @property
    def blocking(self) -> bool:
        """Whether a call waits for the network."""
        return self._backend != "sqlite"

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
            self._local = threading.local()
            self._prepared = {}

    def receipt_status(self, receipt: str, partner: str) -> MessageStatus | None:
        """What became of `receipt`; None when it is unknown or not of `partner`."""
        rows = self._rows("receipt_status", {"ontvangst": receipt, "partner": partner})
        return self._status(rows) if rows else None

    def receipts_since(self, partner: str, since: datetime, limit: int, after: str = "") -> list[MessageStatus]:
        """At most `limit` receipts of `partner` received at `since` or later, in order of intake.

        `after`: the last receipt id of the former page.
        """
        rows = self._rows("receipts_since", {"partner": partner, "na": max(after, _floor(since)), "aantal": limit})
        pages: dict[object, list[Row]] = {}
        for row in rows:
            pages.setdefault(row[0], []).append(row)
        return [self._status(page) for page in pages.values()]

    def first_receipt(self, partner: str, sha256: str, since: datetime) -> Receipt | None:
        """The first receipt of the same bytes since then, parts left out; None when the message counts as new.

        A receipt of which all parts are uitval, teruggestuurd or afgevoerd does not stand in the way (DESIGN 5).
        """
        rows = self._rows("first_receipt", {"partner": partner, "sha256": sha256, "sinds": text_of(since)})
        return Receipt(**_receipt(rows[0])) if rows else None

    def _rows(self, name: str, given: Mapping[str, object]) -> list[Row]:
        connection, prepared, cursor = None, self._prepared.get(name), None
        try:
            connection = self._connection()
            prepared = self._prepared.get(name) or self._prepare(name)
            cursor = connection.cursor()
            cursor.execute(prepared.sql, prepared.bind(given))
            return list(cursor.fetchall())
        except self._driver_error() as error:
            self._drop(connection)
            raise Unavailable(f"the view's database cannot answer: {error}") from error
        finally:
            if cursor is not None:
                cursor.close()

    def _connection(self) -> PoolProxiedConnection:
        if self._engine is not None and identity(self._engine.url) != self._file:
            self.close()
        found: PoolProxiedConnection | None = getattr(self._local, "connection", None)
        if found is None:
            with self._opening:
                if self._engine is None:
                    engine = open_reader(self._url)
                    self._file = identity(engine.url)
                    self._engine = engine
            found = self._local.connection = self._engine.raw_connection()
        return found

    def _prepare(self, name: str) -> _Prepared:
        if self._engine is None:
            raise Unavailable("the view is closed")
        makers = {
            "receipt_status": statements.receipt_status,
            "receipts_since": statements.receipts_since,
            "first_receipt": statements.first_receipt,
        }
        prepared = self._prepared[name] = _Prepared(makers[name](), self._engine)
        return prepared

    def _driver_error(self) -> type[Exception]:
        if self._engine is None:
            return Unavailable
        error: type[Exception] = self._engine.dialect.loaded_dbapi.Error
        return error

    def _drop(self, connection: PoolProxiedConnection | None) -> None:
        self._local = threading.local()
        if connection is not None:
            connection.invalidate()

    def _status(self, rows: Sequence[Row]) -> MessageStatus:
        parts = complete([self._part(row) for row in rows if row[_STATUS_COLUMNS] is not None], _number(rows[0][9]))
        final = all(part.definitief for part in parts)
        return MessageStatus(
            **_receipt(rows[0]), account=least_finished(parts), definitief=bool(parts) and final, delen=parts
        )

    def _part(self, row: Row) -> PartStatus:
        name, account_name, since, dossier, reason, findings = row[_STATUS_COLUMNS:]
        account = Account(str(account_name))
        return PartStatus(
            deel=str(name),
            account=account,
            definitief=account.final,
            sinds=time_of(str(since)),
            dossier=_text(dossier),
            reden=Reden(str(reason)) if reason is not None else None,
            bevindingen=() if findings == _NO_FINDINGS else self._findings.decode(str(findings)),
        )


class _Fields(TypedDict):
    ontvangst: str
    partner: str
    ontvangen: datetime | None
    sha256: str | None
    topic: str | None
    partitie: int | None
    positie: int | None
    grootte: int | None
    inhoudstype: str | None


def _receipt(row: Row) -> _Fields:
    receipt, partner, received, sha256, topic, partition, offset, size, content_type, _ = row[:_STATUS_COLUMNS]
    return {
        "ontvangst": str(receipt),
        "partner": str(partner),
        "ontvangen": time_of(str(received)) if received is not None else None,
        "sha256": _text(sha256),
        "topic": _text(topic),
        "partitie": _number(partition),
        "positie": _number(offset),
        "grootte": _number(size),
        "inhoudstype": _text(content_type),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _floor(since: datetime) -> str:
    """The lowest receipt id (UUID version 7) of that millisecond: receipt ids sort by the moment of intake."""
    millis = max(0, int(since.astimezone(UTC).timestamp() * 1000))
    return str(uuid.UUID(bytes=millis.to_bytes(6, "big") + b"\x00" * 10))
