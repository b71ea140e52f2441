"""The view's process and the plain recount on a real broker: exact through aborted transactions, restarts and outages."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
import typer
from prometheus_client import CollectorRegistry
from sqlalchemy import update
from typer.testing import CliRunner

from chain.ledger.command import both, verantwoording
from topics.accounts import day_of
from topics.broker import EmbeddedBroker
from topics.catalogue.declarations import SPOOR, raw_topic
from topics.clock.source import RealTime
from topics.documents import Account, Posting, ce_type, encode
from topics.envelope import Envelope
from topics.errors import Unavailable
from topics.kafka import open_sender
from topics.runtime.step import Output
from topics.view import figures, schema
from topics.view.database import open_reader, open_writer
from topics.view.fill import View
from topics.view.process import Filler, Stock, ViewMetrics
from topics.view.queries import Queries

Until = Callable[[Callable[[], bool]], Awaitable[None]]
NOW = datetime.now(UTC)


def raw(receipt: str, partner: str) -> Output:
    envelope = Envelope(
        id=receipt, source=partner, type="nl.ketenbus.bericht.v1", time=NOW, recorded_time=NOW, sha256="ab" * 32
    )
    return Output(raw_topic("aannemer"), partner.encode(), b"<x/>", envelope.headers())


def posting(receipt: str, partner: str, van: Account | None, naar: Account, delen: int | None = None) -> Output:
    document = Posting(
        ontvangst=receipt, deel="-" if van is None else "1", van=van, naar=naar, partner=partner, dag=day_of(NOW),
        uit=f"{receipt}-{naar}", delen=delen,
    )  # fmt: skip
    envelope = Envelope(
        id=f"{receipt}-{naar}-{van}", source=partner, type=ce_type(Posting), time=NOW, recorded_time=NOW
    )
    return Output(SPOOR, receipt.encode(), encode(document), envelope.headers())


async def deliver(bus: str, partner: str, count: int) -> None:
    async with open_sender(bus) as sender:
        for number in range(count):
            receipt = f"{partner}-{number:04d}"
            await sender.send(raw(receipt, partner))
            await sender.send(posting(receipt, partner, None, Account.ONDERWEG, 1))
            await sender.send(posting(receipt, partner, Account.ONDERWEG, Account.TOEGEPAST))


class Running:
    """A filler in this process, on a database file."""

    def __init__(self, url: str, bus: str) -> None:
        self.view = View(open_writer(url))
        self.reader = open_reader(url)
        self.registry = CollectorRegistry()
        self.registry.register(Stock(self.reader, RealTime()))
        self.filler = Filler(self.view, bus, ViewMetrics(self.registry))
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self.filler.run(self._stop))

    def applied(self, partner: str) -> int:
        row = figures.account(self.reader).rows.get((partner, day_of(NOW).isoformat()), figures.AccountRow())
        return row.accounts.get(Account.TOEGEPAST, 0)

    async def stop(self) -> None:
        self._stop.set()
        await self._task

    async def die(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


async def test_the_view_follows_the_topics_and_goes_on_where_it_was(bus: str, tmp_path: Path, until: Until) -> None:
    url = f"sqlite:///{tmp_path / 'view.db'}"
    await deliver(bus, "eerst", 30)
    first = Running(url, bus)
    await until(lambda: first.applied("eerst") == 30)
    await until(lambda: first.filler.ready)
    await first.die()
    await deliver(bus, "later", 20)
    second = Running(url, bus)
    await until(lambda: second.applied("later") == 20)
    assert second.view.applied == 60  # nothing was read again
    assert second.registry.get_sample_value("ketenbus_view_unread_records") == 0
    assert second.registry.get_sample_value("ketenbus_view_unopened_receipts") == 0
    await second.stop()


async def test_a_view_whose_file_was_taken_away_is_filled_anew_and_found_by_who_had_it_open(
    bus: str, tmp_path: Path, until: Until
) -> None:
    file = tmp_path / "view.db"
    url = f"sqlite:///{file}"
    await deliver(bus, "weg", 10)
    running = Running(url, bus)
    await until(lambda: running.applied("weg") == 10)
    queries = Queries(url)
    since = NOW - timedelta(days=1)
    assert len(queries.receipts_since("weg", since, 100)) == 10
    file.unlink()
    await deliver(bus, "weg-later", 5)

    def found(partner: str) -> int:
        try:
            return len(queries.receipts_since(partner, since, 100))
        except Unavailable:
            return 0

    await until(lambda: found("weg") == 10 and found("weg-later") == 5)
    assert running.applied("weg-later") == 5
    await until(lambda: running.filler.ready)
    queries.close()
    await running.stop()


async def test_the_view_waits_out_a_broker_that_is_away(
    own_broker: EmbeddedBroker, bus: str, tmp_path: Path, until: Until
) -> None:
    running = Running(f"sqlite:///{tmp_path / 'view.db'}", bus)
    await deliver(bus, "voor", 5)
    await until(lambda: running.applied("voor") == 5)
    own_broker.kill()
    own_broker.start()
    await deliver(bus, "na", 5)
    await until(lambda: running.applied("na") == 5)
    await running.stop()


async def test_both_counts_are_taken_at_the_same_positions_while_messages_come_in(
    bus: str, tmp_path: Path, until: Until
) -> None:
    running = Running(f"sqlite:///{tmp_path / 'view.db'}", bus)
    traffic = asyncio.create_task(deliver(bus, "druk", 150))
    await until(lambda: running.applied("druk") > 3)
    rounds = 0
    while not traffic.done() or rounds < 3:
        state, recount, cut = await both(bus, partial(figures.account, running.reader), 30)
        live, counted = state.rows, recount.rows()
        assert live.keys() == counted.keys()
        for key, row in live.items():
            books = counted[key]
            assert (row.ontvangen, row.ongeopend, row.aangenomen) == (
                books.ontvangen,
                books.ongeopend,
                books.aangenomen,
            )
            assert {account.value: count for account, count in row.accounts.items()} == dict(books.accounts)
        assert not cut
        rounds += 1
    await traffic
    await running.stop()


async def test_a_view_that_does_not_catch_up_is_told_apart_from_a_difference(bus: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'view.db'}"
    open_writer(url).dispose()
    await deliver(bus, "achter", 1)
    engine = open_reader(url)
    with pytest.raises(Unavailable, match="achter op de topics"):
        await both(bus, partial(figures.account, engine), 0.1)
    engine.dispose()


async def test_the_command_says_whether_the_account_is_right(
    bus: str, tmp_path: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'view.db'}"
    running = Running(url, bus)
    await deliver(bus, "opdracht", 3)
    await until(lambda: running.applied("opdracht") == 3)
    monkeypatch.setenv("KETENBUS_BOOTSTRAP", bus)
    monkeypatch.setenv("KETENBUS_VIEW", url)
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    runner, app = CliRunner(), typer.Typer()
    app.command()(verantwoording)
    right = await asyncio.to_thread(runner.invoke, app, ["--json"])
    assert right.exit_code == 0, right.output
    found = json.loads(right.stdout)
    assert found["klopt"] is True
    assert found["som"]["live"] == found["som"]["herrekend"]
    await running.stop()
    writer = open_writer(url)
    with writer.begin() as connection:
        connection.execute(
            update(schema.deel).where(schema.deel.c.ontvangst == "opdracht-0001").values(account="dubbel")
        )
    wrong = await asyncio.to_thread(runner.invoke, app, ["--json"])
    assert wrong.exit_code == 1
    assert json.loads(wrong.stdout)["redenen"] == [
        f"opdracht {day_of(NOW).isoformat()}: live en herrekend verschillen in toegepast, dubbel"
    ]
    writer.dispose()


async def test_the_process_serves_its_figures_and_stops_cleanly(bus: str, tmp_path: Path, unused_port: int) -> None:
    environment = {
        **os.environ,
        "KETENBUS_BOOTSTRAP": bus,
        "KETENBUS_DATA": str(tmp_path),
        "KETENBUS_PORT": str(unused_port),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "topics.view", env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_port}") as client:
            async with asyncio.timeout(60):
                while True:
                    with suppress(httpx.HTTPError):
                        if (await client.get("/readyz")).status_code == 200:
                            break
                    await asyncio.sleep(0.1)
            metrics = (await client.get("/metrics")).text
        assert "ketenbus_view_lag_records 0.0" in metrics
        assert "ketenbus_view_onderweg_parts" in metrics
    finally:
        process.send_signal(signal.SIGTERM)
        _, words = await process.communicate()
    assert process.returncode == 0, words.decode()
