"""A view that cannot be: what is told of it, and what never is."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from topics.clock.source import RealTime
from topics.errors import ConfigurationError, Unavailable
from topics.view.database import open_reader, open_writer, unavailable
from topics.view.process import Stock
from topics.view.queries import Queries
from topics.view.schema import posities

SECRET = "geheim-van-de-view"
BROKEN = b"dit is geen database" * 1_000


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ketenbus:{SECRET}@postgres:vijfduizend/ketenbus",
        f"mysql://ketenbus:{SECRET}@db/ketenbus",
        f"postgresql+psycopg2://ketenbus:{SECRET}@db/ketenbus",
        f"{SECRET}@postgres",
        "",
    ],
)
def test_a_url_that_no_view_can_have_is_refused_without_showing_it(url: str) -> None:
    for opened in (open_writer, open_reader, Queries):
        with pytest.raises(ConfigurationError, match=r"^KETENBUS_VIEW: found .* expected sqlite:") as raised:
            opened(url)
        assert SECRET not in str(raised.value)


def test_a_file_that_is_no_database_is_away_for_who_fills_it_and_for_who_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "view.db"
    file.write_bytes(BROKEN)
    for opened in (open_writer, open_reader):
        with pytest.raises(Unavailable, match="not a database"):
            opened(f"sqlite:///{file}")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "bestand").write_text("")
    with pytest.raises(Unavailable, match="bestand"):
        open_writer(f"sqlite:///{tmp_path / 'bestand' / 'map' / 'view.db'}")


@pytest.mark.parametrize("broken", [BROKEN, None])
def test_the_page_of_figures_is_there_without_the_view_when_its_file_broke_or_went(
    tmp_path: Path, broken: bytes | None
) -> None:
    file = tmp_path / "view.db"
    open_writer(f"sqlite:///{file}").dispose()
    reader = open_reader(f"sqlite:///{file}")
    stock = Stock(reader, RealTime())
    assert len(list(stock.collect())) == 5
    reader.dispose()
    file.unlink()
    if broken is None:
        shutil.rmtree(tmp_path)
    else:
        file.write_bytes(broken)
    assert list(stock.collect()) == []
    reader.dispose()


def test_values_are_in_no_text_of_an_error(tmp_path: Path) -> None:
    writer = open_writer(f"sqlite:///{tmp_path / 'view.db'}")
    row = {"topic": "J. de Vries", "partitie": 0, "volgende": 1}
    with pytest.raises(IntegrityError) as raised, writer.begin() as connection:
        connection.execute(insert(posities), [row, row])
    assert "Vries" not in str(raised.value)
    with pytest.raises(Unavailable) as away, unavailable("take the batch"), writer.begin() as connection:
        connection.execute(insert(posities), [row, row])
    assert "Vries" not in str(away.value)
    writer.dispose()
