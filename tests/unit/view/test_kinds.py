"""Every kind of dossier on the terminal: units, vacancies, parts, and what dossiers told each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import Engine

from tests.unit.chain.dossiers import EENHEID, Keten, klok, mutatie_sleutel, opdracht, sleutel, stap, status
from topics.documents.onderhoud import Mutatiestap
from topics.view import database, figures, search
from topics.view.fill import View
from topics.view.page import render
from topics.view.rows import TOPICS_READ

M1 = mutatie_sleutel("M1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A view of an order that came back, its unit and its vacancy."""
    keten = Keten().speel(
        stap("M1", Mutatiestap.SLEUTELS_IN, 0),
        opdracht("A", 0, mutatie="M1"),
        status("A", "TGE", 2),
        opdracht("B", 5, boven=("8799999000017", "A")),
        stap("M1", Mutatiestap.OPGELEVERD, 8),
    )
    with viewed(keten, tmp_path) as found:
        yield found


@contextmanager
def viewed(keten: Keten, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'view.db'}"
    writer = database.open_writer(url)
    records = [read for topic in TOPICS_READ for read in keten.bus.records(topic)]
    View(writer).apply(records, {(read.topic, read.partition): read.offset + 1 for read in records})
    found = database.open_reader(url)
    yield found
    found.dispose()
    writer.dispose()


def shown(engine: Engine, key: str) -> str:
    page = search.dossier_page(engine, key)
    assert page is not None
    console = Console(width=160, record=True, file=StringIO())
    console.print(render(page, {}, datetime(2026, 4, 1, tzinfo=UTC)))
    return console.export_text()


def test_order_shows_whether_it_was_right_the_first_time_and_what_its_unit_answered(engine: Engine) -> None:
    text = shown(engine, sleutel("A"))
    assert "in één keer goed  nee" in text
    assert "herhaald door B" in text
    assert "onderaannemer 8799999000116" in text
    assert "afgeleid, begonnen met ontvangst" in text


def test_unit_shows_its_orders_and_no_contract_clock(engine: Engine) -> None:
    text = shown(engine, EENHEID)
    assert sleutel("A") in text
    assert "opdracht A: gereed" in text
    assert "contractklok" not in text


def test_vacancy_shows_its_steps_and_calendar_days(engine: Engine) -> None:
    text = shown(engine, M1)
    assert "mutatie: sleutels-in" in text
    assert "8 kalenderdag(en)" in text
    assert "opdracht A: gereed" in text


def test_vacancy_that_was_closed_shows_what_never_ended(tmp_path: Path) -> None:
    keten = Keten().speel(stap("M1", Mutatiestap.SLEUTELS_IN, 0), stap("M1", Mutatiestap.SLEUTELS_UIT, 3), klok(100))
    with viewed(keten, tmp_path) as engine:
        text = shown(engine, M1)
        assert "uitgebleven: 2026-03-02 09:00 → geen eind tot het dossier sloot, 2026-06-10 09:00" in text
        assert figures.overview(engine).maten == {
            ("onderhoud", "sleutels-in-opgeleverd", "uitgebleven"): 1,
            ("onderhoud", "sleutels-in-sleutels-uit", "gesloten"): 1,
        }


def test_every_dossier_is_found_by_its_key_and_nothing_is_unread(engine: Engine) -> None:
    keys = {dossier.sleutel for dossier in search.all_dossiers(engine)}
    assert keys == {sleutel("A"), sleutel("B"), EENHEID, M1}
    for key in keys:
        assert [found.sleutel for found in search.find_dossiers(engine, key)] == [key]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM niet_gelezen").scalar() == 0
