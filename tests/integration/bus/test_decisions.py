"""A morning of decisions on the whole bus, from the command line: with its processes, its broker and its intake."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from adapters.demo.bus import Bus, running
from adapters.demo.progress import open_progress
from tests.integration.bus import load
from topics.broker.machine import choose_base
from topics.processes.table import OFFSETS

LIMIT = 120.0
ANNA, BRAM = ("--door", "Anna de Vries"), ("--door", "Bram Smit")


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    with running(tmp_path_factory.mktemp("bus"), dict(os.environ), lambda _: None, choose_base(OFFSETS)) as found:
        yield found


async def command(bus: Bus, *arguments: str, code: int = 0) -> str:
    environment = {
        **os.environ,
        "KETENBUS_DATA": str(bus.data),
        "KETENBUS_BOOTSTRAP": bus.bootstrap,
        "KETENBUS_INTAKE": bus.url,
    }
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "topics.cli", *arguments, env=environment, stdout=PIPE, stderr=PIPE
    )
    said, errors = await ran.communicate()
    assert ran.returncode == code, (said + errors).decode()
    return (said if code == 0 else said + errors).decode()


async def letters(bus: Bus) -> list[dict[str, object]]:
    found = msgspec.json.decode(await command(bus, "uitval", "lijst", "--json"))["brieven"]
    assert isinstance(found, list)
    return found


async def handled(bus: Bus) -> None:
    async with open_progress(bus.bootstrap, f"sqlite:///{bus.data.absolute() / 'view.db'}") as progress:
        await progress.handled()


def a_status(message: str, word: str) -> bytes:
    fields = {
        "formaat": "ketenbus-json/1",
        "soort": "status",
        "opdrachtgever": load.CLIENT_GLN,
        "aannemer": load.CONTRACTOR_GLN,
        "opdrachtnummer": "BESLUIT0",
        "berichtnummer": message,
        "status": word,
        "gebeurd": "2026-03-03T10:00:00+01:00",
    }
    return msgspec.json.encode(fields)


async def status_of(bus: Bus, receipt: str) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {bus.keys[load.CONTRACTOR]}"}
    async with httpx.AsyncClient(base_url=bus.url, headers=headers, timeout=15) as client:
        found = (await client.get(f"/v1/berichten/{receipt}")).json()
    assert isinstance(found, dict)
    return found


async def comes_to(bus: Bus, receipt: str, account: str) -> dict[str, object]:
    until = time.monotonic() + LIMIT
    while (found := await status_of(bus, receipt))["status"] != account:
        assert time.monotonic() < until, found
        await asyncio.sleep(0.1)
    return found


async def test_letters_are_replaced_sent_back_in_a_set_and_the_account_balances(bus: Bus, tmp_path: Path) -> None:
    until = time.monotonic() + LIMIT
    for child in bus.processes.children:
        while not await asyncio.to_thread(child.ready):
            assert time.monotonic() < until, f"{child.process.name} is not ready: {child.last_words()}"
            await asyncio.sleep(0.1)
    await load.send_all(bus, iter(list(load.messages(1, "BESLUIT"))[:1]))
    wrong = [load.Message(load.CONTRACTOR, f"X-{n}", a_status(f"X-{n}", "77")) for n in range(4)]
    receipts = await load.send_all(bus, iter(wrong))
    await handled(bus)
    await command(bus, "verantwoording")
    open_letters = await letters(bus)
    assert {one["reden"] for one in open_letters} == {"onbekende-code"}
    assert len(open_letters) == 4
    chosen = next(one for one in open_letters if one["ontvangst"] == receipts["X-3"])
    brief = str(chosen["id"])

    refused = tmp_path / "fout.json"
    refused.write_bytes(a_status("X-3", "78"))
    said = await command(bus, "uitval", "vervang", brief, str(refused), *ANNA, "--reden", "nieuwe versie", code=2)
    assert "afgekeurd" in said
    corrected = tmp_path / "goed.json"
    corrected.write_bytes(a_status("X-3", "10"))
    wait = ("--wacht", "60")
    said = await command(bus, "uitval", "vervang", brief, str(corrected), *ANNA, "--reden", "nieuwe versie", *wait)
    assert "toegepast" in said
    assert (await status_of(bus, receipts["X-3"]))["status"] == "vervangen"

    cause = ("--oorzaak", "onbekende-code")
    said = await command(bus, "uitval", "hermap", *cause, *ANNA, "--reden", "in kaart", *wait, code=1)
    assert "opnieuw uitval" in said
    reeks = said.split("reeks ", 1)[1].split(":", 1)[0]
    said = await command(bus, "uitval", "keur", "--reeks", reeks, *BRAM, code=2)
    assert "kanarie" in said
    await command(bus, "uitval", "intrek", "--reeks", reeks, *BRAM, "--reden", "profiel is niet gepubliceerd")

    async def all_free() -> bool:
        stands = [one.get("besluit") for one in await letters(bus)]
        return all(not isinstance(stand, dict) or stand["toestand"] == "open" for stand in stands)

    while not await all_free():
        assert time.monotonic() < until + LIMIT
        await asyncio.sleep(0.2)
    said = await command(bus, "uitval", "retour", *cause, *ANNA, "--reden", "code 77 bestaat niet", *wait)
    assert "teruggestuurd" in said
    reeks = said.split("reeks ", 1)[1].split(":", 1)[0]
    await command(bus, "uitval", "keur", "--reeks", reeks, *BRAM)
    for number in range(3):
        found = await comes_to(bus, receipts[f"X-{number}"], "teruggestuurd")
        assert "code 77 bestaat niet" in str(found["delen"])
    await handled(bus)
    assert await letters(bus) == []
    shown = await command(bus, "uitval", "toon", brief)
    assert "vervang door Anna de Vries" in shown
    await command(bus, "verantwoording")
