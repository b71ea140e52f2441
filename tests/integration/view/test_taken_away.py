"""A view's file that is deleted or replaced under those who have it open."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from topics.errors import Unavailable
from topics.view import schema
from topics.view.database import open_reader, open_writer
from topics.view.fill import View
from topics.view.queries import Queries

SINCE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "view.db"


@pytest.fixture
def filled(file: Path, log: Any) -> Iterator[View]:
    engine = open_writer(f"sqlite:///{file}")
    view = View(engine)
    log.raw("019c0000-0000-7000-8000-000000000001")
    log.give(view)
    yield view
    engine.dispose()


def test_a_writer_notices_and_starts_again_without_what_the_former_left(filled: View, file: Path, log: Any) -> None:
    assert not filled.lost
    assert file.with_name("view.db-wal").exists()
    file.unlink()
    assert filled.lost
    filled.reopen()
    assert (filled.lost, filled.positions, filled.apart) == (False, {}, 0)
    log.raw("019c0000-0000-7000-8000-000000000002")
    log.give(filled)
    with open_reader(f"sqlite:///{file}").connect() as connection:
        assert connection.execute(select(func.count()).select_from(schema.ontvangst)).scalar_one() == 1


def test_a_writer_that_starts_beside_a_leftover_log_has_an_empty_view(filled: View, file: Path) -> None:
    file.unlink()
    other = View(open_writer(f"sqlite:///{file}"))
    assert other.positions == {}


def test_queries_find_the_new_file_and_say_so_while_there_is_none(filled: View, file: Path, log: Any) -> None:
    queries = Queries(f"sqlite:///{file}")
    assert len(queries.receipts_since("wonen", SINCE, 10)) == 1
    file.unlink()
    with pytest.raises(Unavailable):
        queries.receipts_since("wonen", SINCE, 10)
    filled.reopen()
    assert queries.receipts_since("wonen", SINCE, 10) == []
    log.raw("019c0000-0000-7000-8000-000000000003")
    log.give(filled)
    assert len(queries.receipts_since("wonen", SINCE, 10)) == 1
    queries.close()


def test_an_engine_for_queries_takes_a_new_connection_to_a_new_file(filled: View, file: Path) -> None:
    reader = open_reader(f"sqlite:///{file}")
    count = select(func.count()).select_from(schema.ontvangst)
    with reader.connect() as connection:
        assert connection.execute(count).scalar_one() == 1
    file.unlink()
    filled.reopen()
    with reader.connect() as connection:
        assert connection.execute(count).scalar_one() == 0
    reader.dispose()
