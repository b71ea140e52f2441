"""The whole bus under load, with its processes and its broker killed: nothing lost, nothing double, the account right."""

import asyncio
import os
import random
import sys
import time
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from adapters.demo.bus import Bus, running
from adapters.demo.progress import open_progress
from tests.integration.bus import load
from tests.integration.bus.recomputed import from_the_log, on_the_topics, told
from tests.integration.bus.released import assessments, released_per_order
from topics.broker.machine import choose_base
from topics.documents import Account
from topics.processes.table import OFFSETS
from topics.view import database, figures
from topics.view.queries import Queries

LIMIT = 120.0


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    data = tmp_path_factory.mktemp("bus")
    with running(data, dict(os.environ), lambda _: None, choose_base(OFFSETS)) as found:
        yield found


def view_url(bus: Bus) -> str:
    return f"sqlite:///{bus.data.absolute() / 'view.db'}"


async def everything_handled(bus: Bus) -> None:
    async with open_progress(bus.bootstrap, view_url(bus)) as progress:
        await progress.handled()


async def kept_alive(bus: Bus, done: asyncio.Event) -> None:
    """What `ketenbus run` does: start again what ended."""
    while not done.is_set():
        bus.processes.keep()
        await asyncio.sleep(0.1)


async def ready(bus: Bus) -> None:
    until = time.monotonic() + LIMIT
    for child in bus.processes.children:
        while not await asyncio.to_thread(child.ready):
            assert time.monotonic() < until, f"{child.process.name} is not ready: {child.last_words()}"
            await asyncio.sleep(0.1)


def assert_all_applied(bus: Bus, receipts: dict[str, str]) -> None:
    """Every message was applied once, under the receipt that its sender got or an earlier one of the same bytes."""
    queries = Queries(view_url(bus))
    try:
        wrong = {}
        for number, receipt in receipts.items():
            partner = load.CLIENT if number.startswith("O-") else load.CONTRACTOR
            status = queries.receipt_status(receipt, partner)
            accounts = [part.account for part in status.delen] if status else []
            if status is not None and accounts == [Account.DUBBEL]:
                # written although its acknowledgement was lost with the broker, so that it was sent once more: the
                # dossier applied the first and knows the second
                first = queries.first_receipt(partner, status.sha256 or "", datetime.min.replace(tzinfo=UTC))
                applied = queries.receipt_status(first.ontvangst, partner) if first is not None else None
                accounts = [part.account for part in applied.delen] if applied and applied != status else accounts
            if accounts != [Account.TOEGEPAST]:
                wrong[number] = accounts
    finally:
        queries.close()
    assert wrong == {}


async def command(bus: Bus, *arguments: str) -> None:
    """A command of the CLI; fails the test with what it printed when it does not end well."""
    environment = {**os.environ, "KETENBUS_DATA": str(bus.data), "KETENBUS_BOOTSTRAP": bus.bootstrap}
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "topics.cli", *arguments, env=environment, stdout=PIPE, stderr=STDOUT
    )
    said, _ = await ran.communicate()
    assert ran.returncode == 0, said.decode()


async def assert_the_log_says_the_same(bus: Bus) -> None:
    found, expected = await on_the_topics(bus.bootstrap, "onderhoud"), await from_the_log(bus.bootstrap, "onderhoud")
    assert found.keys() == expected.keys()
    assert [key for key in expected if found[key] != expected[key]] == []
    events = await told(bus.bootstrap, "onderhoud")
    assert events
    assert len(set(events)) == len(events)


async def assert_every_order_is_released_once(bus: Bus, orders: int, prefix: str) -> None:
    """To the cent, however its invoices and its order came, and never taken back."""
    found = {key: all_ for key, all_ in (await assessments(bus.bootstrap)).items() if f"F-{prefix}" in key}
    for revisions in found.values():
        assert [one.revisie for one in revisions] == list(range(len(revisions)))
        amounts = [one.vrijgegeven for one in revisions]
        assert amounts == sorted(amounts)
        last = revisions[-1]
        assert last.vrijgegeven + last.betwist == last.te_betalen
    keys = [load.order_key(number, prefix) for number in range(orders)]
    assert released_per_order(found) == dict.fromkeys(keys, load.payable())


async def test_nothing_is_lost_or_doubled_when_processes_are_killed_under_load(bus: Bus) -> None:
    chance, done = random.Random(20260302), asyncio.Event()
    keeping = asyncio.create_task(kept_alive(bus, done))
    sending = asyncio.create_task(load.send_all(bus, load.messages(100, "KILL")))
    victims = ["adapters", "correlate", "ledger", "view", "clock", "intake", "correlate", "adapters"]
    for name in victims:
        child = next(child for child in bus.processes.children if child.process.name == name)
        starts = child.starts
        os.kill(child.pid or 0, 9)
        until = time.monotonic() + LIMIT
        while child.starts == starts or not await asyncio.to_thread(child.ready):
            assert time.monotonic() < until, f"{name} did not come back: {child.last_words()}"
            await asyncio.sleep(0.05 + chance.random() / 10)
    receipts = await sending
    done.set()
    await keeping
    await ready(bus)
    await everything_handled(bus)
    assert len(receipts) == load.count(100)
    assert_all_applied(bus, receipts)
    await command(bus, "verantwoording")
    await assert_every_order_is_released_once(bus, 100, "KILL")
    await assert_the_log_says_the_same(bus)


async def test_the_bus_goes_on_when_the_broker_was_killed_under_load(bus: Bus) -> None:
    await ready(bus)
    receipts: dict[str, str] = {}
    sending = asyncio.create_task(load.send_all(bus, load.messages(60, "BROKER"), receipts))
    while len(receipts) < 40:
        await asyncio.sleep(0.01)
    await asyncio.to_thread(bus.broker.kill)
    await asyncio.to_thread(bus.broker.start)
    await sending
    await everything_handled(bus)
    assert len(receipts) == load.count(60)
    assert_all_applied(bus, receipts)
    await command(bus, "verantwoording")
    await assert_every_order_is_released_once(bus, 60, "BROKER")
    await assert_the_log_says_the_same(bus)


async def test_a_partner_that_floods_waits_at_its_source_until_a_person_lifts_it(bus: Bus) -> None:
    await ready(bus)
    key = bus.keys["kobalt-noord"]
    async with httpx.AsyncClient(base_url=bus.url, headers={"Authorization": f"Bearer {key}"}, timeout=15) as client:
        answers: list[int] = []
        until = time.monotonic() + LIMIT
        while 429 not in answers:
            assert time.monotonic() < until, "the partner was never suspended"
            body = b'{"formaat": "ketenbus-json/1", "soort": "status", "nr": %d}' % len(answers)
            answer = await client.post("/v1/berichten", content=body, headers={"Content-Type": "application/json"})
            answers.append(answer.status_code)
        problem = answer.json()
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert problem["code"]
        # the others go on
        receipts = await load.send_all(bus, load.messages(5, "ANDER"))
        # a person lifts it
        await command(bus, "partner", "hervat", "kobalt-noord", "--door", "A. Beheerder", "--reden", "teruggedraaid")
        again = 429
        while again == 429:
            assert time.monotonic() < until, "the suspension was never lifted"
            again = (
                await client.post("/v1/berichten", content=b"{}", headers={"Content-Type": "application/json"})
            ).status_code
            await asyncio.sleep(0.1)
        assert again == 202
    await everything_handled(bus)
    assert_all_applied(bus, receipts)
    engine = database.open_reader(view_url(bus))
    try:
        rows = figures.account(engine).rows
    finally:
        engine.dispose()
    mine = [row for (partner, _), row in rows.items() if partner == "kobalt-noord"]
    accepted = sum(status in {200, 202} for status in answers) + 1
    assert sum(row.ontvangen for row in mine) == accepted
    assert sum(row.accounts.get(Account.UITVAL, 0) for row in mine) == accepted
    await command(bus, "verantwoording")
