"""The folder intake's process on a real broker: every file once, with its receipt, however often the process is killed."""

import asyncio
import json
import os
import random
import signal
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.intake_process import PARTNER, prepare
from tests.integration.processes.conftest import Until
from topics.catalogue.declarations import raw_topic
from topics.kafka import open_reader

ROOT = Path(__file__).resolve().parents[3]
LIMIT_SECONDS = 400.0
"""Of a dozen starts of a process and what each hands over; 20 s on a quiet machine."""

pytestmark = pytest.mark.timeout(900)


@asynccontextmanager
async def running(folder: Path, bootstrap: str, log: Path, port: int = 0) -> AsyncIterator[Process]:
    environment = {
        **os.environ,
        "KETENBUS_DATA": str(folder),
        "KETENBUS_BOOTSTRAP": bootstrap,
        "KETENBUS_MAPPEN_INTERVAL": "0.05",
        "KETENBUS_PORT": str(port),
    }
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "adapters.folder", cwd=ROOT, env=environment, stderr=stderr, stdout=stderr
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def written(bus: str) -> Counter[bytes]:
    """How often each body of the partner is on the topic."""
    found: Counter[bytes] = Counter()
    async with open_reader(bus, [raw_topic("corporatie")]) as reader:
        async for record in reader.to_end():
            if record.key == PARTNER.encode() and record.envelope().channel == "map":
                found[record.value or b""] += 1
    return found


async def test_files_go_once_and_in_order_however_often_the_process_is_killed(
    bus: str, tmp_path: Path, until: Until
) -> None:
    prepare(tmp_path)
    box, log = tmp_path / "mappen" / PARTNER, tmp_path / "folder.log"
    await asyncio.to_thread(box.mkdir, parents=True)
    bodies = [f'{{"nummer": {number}}}'.encode() for number in range(300)]
    for number, body in enumerate(bodies):
        (box / f"{number:04}.json").write_bytes(body)
    chance = random.Random(20261122)
    kills, end = 0, time.monotonic() + LIMIT_SECONDS
    while (left := len(list(box.glob("*.json")))) and time.monotonic() < end:
        async with running(tmp_path, bus, log) as process:
            goal = left - chance.randint(20, 60)
            await until(lambda goal=goal: len(list(box.glob("*.json"))) <= max(0, goal))  # type: ignore[misc]  # bound now
            await asyncio.sleep(chance.random() * 0.02)
            process.send_signal(signal.SIGKILL)
            await process.wait()
            kills += 1
    assert kills >= 4
    assert await written(bus) == Counter(bodies)
    receipts = [json.loads(file.read_bytes()) for file in (box / "verwerkt").rglob("*.ontvangst.json")]
    assert len({one["id"] for one in receipts}) == len(bodies)
    by_offset = sorted(receipts, key=lambda one: one["plaats"]["offset"])
    names = list(dict.fromkeys(one["bestand"] for one in by_offset))
    assert names == [f"{number:04}.json" for number in range(300)]
    assert not (box / "mislukt").exists()


def figures(port: int) -> str:
    """Nothing as long as nobody answers there."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    except httpx.TransportError:
        return ""


async def test_two_processes_take_turns_and_a_stop_leaves_nothing_half(
    bus: str, tmp_path: Path, until: Until, unused_port: int
) -> None:
    prepare(tmp_path)
    box = tmp_path / "mappen" / PARTNER
    await asyncio.to_thread(box.mkdir, parents=True)
    before = await written(bus)
    async with (
        running(tmp_path, bus, tmp_path / "one.log", unused_port) as one,
        running(tmp_path, bus, tmp_path / "two.log") as two,
    ):
        for number in range(50):
            (box / f"a{number:02}.json").write_bytes(f"first {number}".encode())
        await until(lambda: not list(box.glob("*.json")))
        # the other may have taken all of them before this one had begun
        await until(lambda: "ketenbus_process_ready 1.0" in figures(unused_port))
        assert "ketenbus_folder_waiting" in figures(unused_port)
        one.terminate()
        assert await asyncio.wait_for(one.wait(), LIMIT_SECONDS) == 0
        for number in range(50):
            (box / f"b{number:02}.json").write_bytes(f"second {number}".encode())
        await until(lambda: not list(box.glob("*.json")))
        two.terminate()
        assert await asyncio.wait_for(two.wait(), LIMIT_SECONDS) == 0
    found = await written(bus) - before
    assert found == Counter([f"{word} {number}".encode() for word in ("first", "second") for number in range(50)])
    assert not (box / ".onderhanden.json").exists()
