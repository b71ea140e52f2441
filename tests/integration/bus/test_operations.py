"""What an operator does to a bus that works, and what befalls it: every runbook of compose/RUNBOOKS.md once, for real."""

import asyncio
import itertools
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest

from adapters.demo.bus import Bus, running
from tests.integration.bus import load
from tests.integration.bus.collector import Collector
from tests.integration.bus.test_whole_bus import assert_all_applied, command, everything_handled, kept_alive, ready
from tests.runtime.waiting import until
from topics.broker.machine import choose_base
from topics.clock.source import set_time
from topics.documents import decode
from topics.documents.keten import Klok
from topics.kafka import open_reader
from topics.processes.supervisor import Child
from topics.processes.table import OFFSETS

LIMIT = 120.0
ROOM = 1 << 30
GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Disk:
    """A disk of the broker's own that can be made smaller and larger under its feet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        self._mount("-t", "tmpfs", "-o", f"size={ROOM},mode=700", "tmpfs")

    def leave(self, free: int) -> None:
        """So many bytes are free from now on."""
        used = shutil.disk_usage(self._folder).used
        self._mount("-o", f"remount,size={used + free}")

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", str(self._folder)], check=True)

    def _mount(self, *words: str) -> None:
        ran = subprocess.run(["mount", *words, str(self._folder)], capture_output=True, text=True, check=False)
        if ran.returncode:
            reason = f"a disk of the broker's own cannot be mounted here: {ran.stderr.strip()}"
            assert os.environ.get("CI") != "true", reason
            pytest.skip(reason)


@dataclass
class Operated:
    bus: Bus
    disk: Disk
    collector: Collector

    @property
    def key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bus.keys[load.CLIENT]}", "Content-Type": "application/json"}

    def child(self, name: str) -> Child:
        return next(child for child in self.bus.processes.children if child.process.name == name)

    def says(self, name: str, path: str) -> str:
        return httpx.get(f"http://127.0.0.1:{self.child(name).port}{path}", timeout=10).text

    def shows(self, name: str, series: str) -> float | None:
        """A sample as Prometheus would scrape it."""
        lines = self.says(name, "/metrics").splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{series} ")), None)


@pytest.fixture(scope="module")
def operated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    data = tmp_path_factory.mktemp("operated")
    disk, collector = Disk(data / "kafka"), Collector()
    environment = dict(os.environ) | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.address}
    try:
        with running(data, environment, lambda _: None, choose_base(OFFSETS)) as bus:
            yield Operated(bus, disk, collector)
    finally:
        collector.close()
        disk.close()


@asynccontextmanager
async def under_load(bus: Bus, prefix: str) -> AsyncIterator[dict[str, str]]:
    """Messages come in until the block is left; then every one is handled and applied. Gives the receipts so far."""
    receipts: dict[str, str] = {}
    enough = False

    async def send() -> None:
        for number in itertools.count():
            if enough:
                return
            await load.send_all(bus, load.messages(2, f"{prefix}{number}-", invoices=False), receipts, width=2)
            await asyncio.sleep(0.1)

    sending = asyncio.create_task(send())
    await until(lambda: len(receipts) > 4, "messages come in", LIMIT)
    try:
        yield receipts
        enough = True
        await sending
    finally:
        sending.cancel()
    await ready(bus)
    await everything_handled(bus)
    assert_all_applied(bus, receipts)


def _whole(collector: Collector, trace: str, above: str) -> bool:
    """Every process told of its part, and every span of the one above it."""
    spans = collector.of(trace)
    told = {span.process for span in spans} >= {"intake", "adapters", "correlate", "ledger"}
    return told and {span.parent for span in spans} <= {above, *(span.id for span in spans)}


async def said(bus: Bus, *arguments: str) -> str:
    environment = {**os.environ, "KETENBUS_DATA": str(bus.data), "KETENBUS_BOOTSTRAP": bus.bootstrap}
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "topics.cli", *arguments, env=environment, stdout=-1, stderr=-1
    )
    out, wrong = await ran.communicate()
    assert ran.returncode == 0, wrong.decode()
    return out.decode()


async def test_one_trace_shows_the_whole_way_of_a_message(operated: Operated) -> None:
    bus, collector = operated.bus, operated.collector
    first, second = list(load.messages(1, "TRACE", invoices=False))[:2]
    async with httpx.AsyncClient(base_url=bus.url, headers=operated.key, timeout=15) as client:
        own = (await client.post("/v1/berichten", content=first.body)).json()["id"]
    headers = {**operated.key, "Authorization": f"Bearer {bus.keys[load.CONTRACTOR]}", "traceparent": GIVEN}
    async with httpx.AsyncClient(base_url=bus.url, headers=headers, timeout=15) as client:
        await client.post("/v1/berichten", content=second.body)
    for trace, above in ((own.replace("-", ""), ""), (GIVEN.split("-")[1], GIVEN.split("-")[2])):
        await until(partial(_whole, collector, trace, above), f"the trace {trace} is whole", LIMIT)
        by_process: dict[str, set[str]] = {}
        for span in collector.of(trace):
            by_process.setdefault(span.process, set()).add(span.id)
        parents = {
            span.process: span.parent for span in collector.of(trace) if span.name.startswith(("send", "process ruw"))
        }
        assert parents == {"intake": above, "adapters": next(iter(by_process["intake"]))}
        of_correlate = {span.parent for span in collector.of(trace) if span.process == "correlate"}
        assert by_process["adapters"] <= of_correlate
        assert of_correlate <= by_process["adapters"] | by_process["correlate"]
    await everything_handled(bus)


async def test_a_paused_processor_stands_still_over_its_own_death_and_goes_on_without_a_loss(
    operated: Operated,
) -> None:
    bus, name, done = operated.bus, "correlate-onderhoud", asyncio.Event()
    keeping = asyncio.create_task(kept_alive(bus, done))
    paused = f'ketenbus_task_paused{{processor="{name}"}}'
    try:
        async with under_load(bus, "PAUZE") as receipts:
            await command(bus, "worker", "pauzeer", name, "--door", "J. Beheer", "--reden", "nieuwe release")
            await until(lambda: f"{name}: paused since" in operated.says("correlate", "/readyz"), "it says so", LIMIT)
            assert operated.shows("correlate", paused) == 1
            assert operated.child("correlate").ready()
            os.kill(operated.child("correlate").pid or 0, 9)
            at = len(receipts)
            await until(lambda: len(receipts) > at + 12, "messages are received meanwhile", LIMIT)
            await ready(bus)
            assert "nieuwe release" in operated.says("correlate", "/readyz")

            async def behind() -> bool:
                found = json.loads(await said(bus, "worker", "lijst", "--json"))
                (one,) = [one for one in found if one["processor"] == name]
                return int(one["achter"]) > 10 and "J. Beheer" in one["pauze"]

            await until(behind, "the list says how far it is behind and who paused it", LIMIT)
            await command(bus, "worker", "hervat", name)
        assert operated.says("correlate", "/readyz") == "ready\n"
        assert operated.shows("correlate", paused) == 0
    finally:
        done.set()
        await keeping
    await command(bus, "verantwoording")


async def test_a_wrong_profile_is_refused_and_an_earlier_version_comes_back_under_load(operated: Operated) -> None:
    bus, partner = operated.bus, "tegendraad"
    folder = bus.data / "profielen" / partner
    version = f'ketenbus_profiel_versie{{partner="{partner}"}}'

    def stands(number: int, refused: int) -> bool:
        return (
            operated.shows("adapters", version),
            operated.shows("adapters", "ketenbus_profielen_geweigerd"),
        ) == (number, refused)

    first = (folder / "1.toml").read_text()
    async with under_load(bus, "PROFIEL"):
        (folder / "2.toml").write_text(first.replace("versie = 1", "versie = 2").replace("kind =", "soort ="))
        await until(lambda: stands(1, 1), "the wrong profile is refused and the old one stays", LIMIT)
        log = (bus.data / "logs" / "adapters.log").read_text()
        assert "tegendraad/2.toml: soort: found an unknown field" in log
        (folder / "2.toml").write_text(first.replace("versie = 1", "versie = 2").replace("Tegendraad", "Vergissing"))
        await until(lambda: stands(2, 0), "the right one is taken over", LIMIT)
        await command(bus, "partner", "terug", partner, "--naar", "1")
        await until(lambda: stands(3, 0), "the first one is back", LIMIT)
    assert (folder / "3.toml").read_text() != (folder / "2.toml").read_text()
    assert "Vergissing" not in (folder / "3.toml").read_text()


async def test_no_message_is_refused_while_a_key_is_rotated(operated: Operated) -> None:
    bus = operated.bus
    old = dict(operated.key)
    new = {**old, "Authorization": f"Bearer {(await said(bus, 'partner', 'sleutel', load.CLIENT)).strip()}"}
    assert new != old
    refused: list[str] = []
    async with httpx.AsyncClient(base_url=bus.url, timeout=15) as client:

        async def status(headers: dict[str, str]) -> int:
            return (await client.get("/v1/berichten", headers=headers)).status_code

        with_old = list(load.messages(30, "OUD", invoices=False))
        with_new = list(load.messages(30, "NIEUW", invoices=False))

        async def send(messages: list[load.Message], headers: dict[str, str]) -> None:
            for message in messages:
                if message.partner == load.CLIENT:
                    answer = await client.post("/v1/berichten", content=message.body, headers=headers)
                    if answer.status_code not in {200, 202}:
                        refused.append(f"{message.nummer}: {answer.status_code}")

        # nothing was asked with it before
        assert await status(new) != 401
        sending = asyncio.create_task(send(with_old, old))
        await asyncio.gather(sending, send(with_new, new))
        assert refused == []
        assert await status(old) != 401
        # the last step, once the partner says that it has changed over
        await said(bus, "partner", "sleutel", load.CLIENT, "--overlap-dagen", "0")

        async def ended() -> bool:
            return (await status(old), await status(new)) == (401, 401)

        await until(ended, "both older keys have ended", LIMIT)


async def test_the_watermark_never_goes_back_and_nothing_is_lost_when_clocks_are_wrong(
    operated: Operated, tmp_path: Path
) -> None:
    """Another clock and another intake, as on machines whose time is an hour ahead or behind."""
    bus = operated.bus
    fresh = (await said(bus, "partner", "sleutel", load.CLIENT, "--bewaar")).strip()
    bus = Bus(bus.data, bus.bootstrap, bus.url, {**bus.keys, load.CLIENT: fresh}, bus.broker, bus.processes)
    receipts: dict[str, str] = {}
    for number, hours in enumerate((1, -1)):
        elsewhere = tmp_path / f"machine{number}"
        for name in ("profielen", "sleutels.json"):
            source = bus.data / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, _made(elsewhere) / name)
        set_time(elsewhere, datetime.now(UTC) + timedelta(hours=hours), speed=1.0)
        port = choose_base((0, 1))
        environment = {**os.environ, "KETENBUS_DATA": str(elsewhere), "KETENBUS_BOOTSTRAP": bus.bootstrap}
        environment |= {"KETENBUS_VIEW": f"sqlite:///{bus.data / 'view.db'}", "KETENBUS_BLOBS": str(bus.data / "blobs")}
        environment |= {"KETENBUS_INTAKE_PORT": str(port), "KETENBUS_PORT": str(port + 1)}
        skewed = Bus(bus.data, bus.bootstrap, f"http://127.0.0.1:{port}", bus.keys, bus.broker, bus.processes)
        with _process("adapters.intake", environment), _process("topics.clock", environment):
            receipts |= await load.send_all(skewed, load.messages(6, f"UUR{number}", invoices=False))
            if hours > 0:
                await until(lambda: _ahead(bus), "the wrong clock has moved the watermark", LIMIT)
    receipts |= await load.send_all(bus, load.messages(6, "GOED", invoices=False))
    await everything_handled(bus)
    assert_all_applied(bus, receipts)
    ticks = await _ticks(bus)
    for times in ticks.values():
        assert times == sorted(times)
    await command(bus, "verantwoording")


async def test_a_full_disk_stops_what_comes_in_and_nothing_is_lost_once_there_is_room(operated: Operated) -> None:
    bus, disk, done = operated.bus, operated.disk, asyncio.Event()
    fresh = (await said(bus, "partner", "sleutel", load.CLIENT, "--bewaar")).strip()
    bus = Bus(bus.data, bus.bootstrap, bus.url, {**bus.keys, load.CLIENT: fresh}, bus.broker, bus.processes)
    keeping = asyncio.create_task(kept_alive(bus, done))
    client = httpx.AsyncClient(base_url=bus.url, timeout=15, headers={"Authorization": f"Bearer {fresh}"})
    disk.leave(6 << 20)
    receipts: dict[str, str] = {}
    sending = asyncio.create_task(load.send_all(bus, load.messages(60, "VOL", invoices=False), receipts, width=4))
    answers: set[int] = set()

    async def refused() -> bool:
        # of a size that fills a disk, and refused by nobody but a bus that has no room
        order = json.loads(next(iter(load.messages(1, f"GROOT{len(answers)}{time.monotonic_ns()}"))).body)
        answer = await client.post("/v1/berichten", json={**order, "tekst": secrets.token_hex(300_000)})
        answers.add(answer.status_code)
        if answer.status_code != 503:
            return False
        assert int(answer.headers["retry-after"]) > 0
        return True

    try:
        await until(refused, "the intake refuses what has no room", LIMIT)
        assert answers <= {202, 503}
        accepted = len(receipts)
        await until(lambda: not bus.broker.alive(), "the broker ends rather than lose something", LIMIT)
        assert len(receipts) < 240
        disk.leave(ROOM)
        await asyncio.to_thread(bus.broker.start)
        await asyncio.wait_for(sending, LIMIT)
    finally:
        sending.cancel()
        done.set()
        await keeping
        await client.aclose()
    await ready(bus)
    await everything_handled(bus)
    assert accepted <= len(receipts) == 240
    assert_all_applied(bus, receipts)
    await command(bus, "verantwoording")


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


class _process:
    """A process of the table on another machine: ready within the block, stopped behind it."""

    def __init__(self, module: str, environment: dict[str, str]) -> None:
        self._port = environment["KETENBUS_INTAKE_PORT" if module == "adapters.intake" else "KETENBUS_PORT"]
        self._process = subprocess.Popen([sys.executable, "-m", module], env=environment, stderr=subprocess.DEVNULL)

    def __enter__(self) -> None:
        end = time.monotonic() + LIMIT
        while True:
            assert time.monotonic() < end, "the process of another machine is not ready"
            try:
                if httpx.get(f"http://127.0.0.1:{self._port}/readyz", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


async def _ticks(bus: Bus) -> dict[int, list[datetime]]:
    """Per partition of the log the moments of its ticks, in order."""
    found: dict[int, list[datetime]] = {}
    async with open_reader(bus.bootstrap, ["onderhoud.gebeurtenis.v1"]) as reader:
        async for record in reader.to_end():
            envelope = record.envelope()
            if envelope.source == "clock":
                document = decode(envelope.type, record.value or b"")
                assert isinstance(document, Klok)
                found.setdefault(record.partition, []).append(document.tot)
    return found


async def _ahead(bus: Bus) -> bool:
    soon = datetime.now(UTC) + timedelta(minutes=30)
    return any(times[-1] > soon for times in (await _ticks(bus)).values())
