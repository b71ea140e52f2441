"""Invoices on the terminal: their lines, what is released or disputed and why, payments, and those of an order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import Engine

from tests.unit.chain.dossiers import sleutel, status
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuur_sleutel, factuurstap, opdracht
from topics.documents.factuur import Factuurstap
from topics.view import database, search
from topics.view.fill import View
from topics.view.page import render
from topics.view.rows import TOPICS_READ

F1 = factuur_sleutel("F1")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A view of an invoice of which half is disputed and the rest was paid."""
    keten = Facturen().speel(
        opdracht("A", 0, som="60"),
        status("A", "TGE", 2),
        factuur("F1", 3, Post("A", "60"), Post("A", "40", btw="9")),
        factuurstap("F1", Factuurstap.BETAALD, 9, bedrag="72.60"),
    )
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


def test_invoice_shows_lines_what_is_disputed_and_why_payments_and_evidence(engine: Engine) -> None:
    text = shown(engine, F1)
    assert "€ 116.20" in text
    assert "boven-aanneemsom" in text
    assert "met btw S 9 %" in text
    assert "factuur betaald, € 72.60" in text
    assert "opdracht A: € 60" in text
    assert "beoordeling" in text
    assert "betaling" in text
    assert "sha256" in text


def test_order_shows_its_invoices_with_state_and_amounts(engine: Engine) -> None:
    text = shown(engine, sleutel("A"))
    assert "Facturen" in text
    assert "NL001234567B01" in text
    page = search.dossier_page(engine, sleutel("A"))
    assert page is not None
    assert [one.sleutel for one in page.facturen] == [F1]
    assert page.facturen[0].toestand in text


def test_invoice_is_found_by_key_and_number_and_nothing_is_unread(engine: Engine) -> None:
    for wanted in (F1, "f1", " F 1"):
        assert [one.sleutel for one in search.find_dossiers(engine, wanted)] == [F1]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM niet_gelezen").scalar() == 0


def test_last_judgement_stands(engine: Engine) -> None:
    page = search.dossier_page(engine, F1)
    assert page is not None
    assert page.oordeel is not None
    assert page.oordeel.te_betalen == page.oordeel.vrijgegeven + page.oordeel.betwist
