"""A bus is archived while it works, is lost, and is rebuilt from its archive on another Kafka, also a wider one."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from adapters.demo.bus import Bus, local_keys, running
from adapters.demo.progress import open_progress
from tests.integration.bus import load
from tests.integration.bus.recomputed import Written, from_the_log, on_the_topics
from tests.integration.bus.slow_cut import slowed
from topics.archive.manifest import CUTS
from topics.broker import EmbeddedBroker
from topics.broker.machine import choose_base
from topics.catalogue.declarations import ADAPTERS, ALL_KETENS, KINDS, PROCESSORS, SPOOR, log_topic, raw_topic
from topics.catalogue.topic import SINGLE, Sizing
from topics.documents import ce_type
from topics.documents.keten import Klok
from topics.kafka import open_reader
from topics.processes.supervisor import Supervisor
from topics.processes.table import OFFSETS
from topics.view.queries import Queries

pytestmark = pytest.mark.timeout(900)
LIMIT = 120.0


@contextmanager
def archiving(bus: Bus, archive: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "topics.cli", "archief", "--naar", str(archive), "--elke", "1"], env=environment(bus)
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def environment(bus: Bus) -> dict[str, str]:
    return {
        **os.environ,
        "KETENBUS_DATA": str(bus.data),
        "KETENBUS_BOOTSTRAP": bus.bootstrap,
        "KETENBUS_INTAKE": bus.url,
    }


def command(env: Mapping[str, str], *arguments: str, code: int = 0) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "topics.cli", *arguments],
        check=False,
        env=dict(env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert ran.returncode == code, ran.stdout
    return ran.stdout


def letters(bus: Bus) -> list[dict[str, object]]:
    """Those that wait for a person."""
    found = msgspec.json.decode(command(environment(bus), "uitval", "lijst", "--json"))["brieven"]
    assert isinstance(found, list)
    return found


@contextmanager
def rebuilt(former: Bus, archive: Path, data: Path, size: str) -> Iterator[Bus]:
    """Another Kafka and another folder with the same profiles and keys; restored, and none of its processes started."""
    data.mkdir()
    for name in ("profielen", "partner-sleutels"):
        shutil.copytree(former.data / name, data / name)
    shutil.copy(former.data / "sleutels.json", data / "sleutels.json")
    keys = local_keys(data)
    with EmbeddedBroker(data / "kafka") as broker:
        env = {**os.environ, "KETENBUS_DATA": str(data)}
        here = ("herstel", str(archive), "--naar", broker.bootstrap, "--maat")
        assert "records and" in command(env, *here, size)
        base = choose_base(OFFSETS)
        processes = Supervisor(data.absolute(), broker.bootstrap, dict(os.environ), base_port=base)
        try:
            yield Bus(data, broker.bootstrap, f"http://127.0.0.1:{base}", keys, broker, processes)
        finally:
            processes.stop()


def start(bus: Bus, *, last: Collection[str] = ()) -> None:
    """All processes; those of `last` when everybody else has long begun, and correlate says that it waits for them."""
    children = bus.processes.children
    for child in children:
        if child.process.name not in last:
            child.start()
    if last:
        correlate = next(child for child in children if child.process.name == "correlate")
        until = time.monotonic() + LIMIT
        while not set(ADAPTERS) <= set(waited_for(correlate.port)):
            assert time.monotonic() < until, "correlate does not wait"
            time.sleep(0.2)
        assert not correlate.ready()
    for child in children:
        if child.process.name in last:
            child.start()
    bus.processes.wait_until_ready(90, lambda _: None)


def waited_for(port: int) -> list[str]:
    """Processors that a process says it waits for."""
    try:
        said = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).text
    except httpx.HTTPError:
        return []
    return [name for name in PROCESSORS if f"{name} (" in said]


async def handled(bus: Bus) -> None:
    async with open_progress(bus.bootstrap, f"sqlite:///{bus.data.absolute() / 'view.db'}") as progress:
        await progress.handled()


async def until_cut(archive: Path, behind: int = 0) -> int:
    """Waits for a cut after number `behind`; the number of the last one."""
    until = time.monotonic() + LIMIT
    while (number := len(list((archive / CUTS).glob("*.json")))) <= behind:
        assert time.monotonic() < until, "no cut"
        await asyncio.sleep(0.05)
    return number


async def statuses(bus: Bus, receipts: Mapping[str, str]) -> dict[str, object]:
    queries = Queries(f"sqlite:///{bus.data.absolute() / 'view.db'}")
    try:
        partner = {number: load.CLIENT if number.startswith("O-") else load.CONTRACTOR for number in receipts}
        found = {number: queries.receipt_status(receipt, partner[number]) for number, receipt in receipts.items()}
    finally:
        queries.close()
    return {number: msgspec.to_builtins(one) for number, one in found.items()}


def placeless(stands: Mapping[str, object]) -> dict[str, object]:
    """Without where the raw message lies, which is elsewhere on a wider bus."""
    assert all(isinstance(one, dict) for one in stands.values())
    return {
        number: {name: value for name, value in one.items() if name not in ("partitie", "positie")}
        for number, one in stands.items()
        if isinstance(one, dict)
    }


async def ids_on(bootstrap: str, topics: list[str]) -> list[tuple[str, str, str, str]]:
    """Identity of every record of sources."""
    async with open_reader(bootstrap, topics) as reader:
        found = [record async for record in reader.to_end()]
    envelopes = [(record.topic, record.envelope()) for record in found]
    return [(topic, one.id, one.part, one.causation_id) for topic, one in envelopes if one.source != "clock"]


async def worked(bus: Bus, archive: Path, early: Path) -> "Before":
    """A morning of work, archived all the while, by an archiver that is killed in the middle of it; then more work, of
    which the archive has a part. `early`: a copy of the archive as it was before that."""
    with archiving(bus, archive) as archiver:
        receipts = await load.send_all(bus, load.messages(20, "EEN"))
        number = await until_cut(archive)
        archiver.send_signal(signal.SIGKILL)
        archiver.wait()
    wrong = load.Message(load.CONTRACTOR, "S-X", b'{"formaat": "ketenbus-json/1", "soort": "status", "nr": 1}')
    receipts |= await load.send_all(bus, iter([wrong]))
    await handled(bus)
    (brief,) = [str(one["id"]) for one in await asyncio.to_thread(letters, bus)]
    because = ("--door", "Anna de Vries", "--reden", "een proefbericht", "--wacht", "60")
    await asyncio.to_thread(command, environment(bus), "uitval", "afvoer", brief, *because)
    await asyncio.to_thread(command, environment(bus), "archief", "--naar", str(archive), "--eenmaal")
    shutil.copytree(archive, early)
    with archiving(bus, archive) as archiver:
        await until_cut(archive, number)
        await handled(bus)
        documents, stands = await on_the_topics(bus.bootstrap, "onderhoud"), await statuses(bus, receipts)
        later: dict[str, str] = {}
        sending = asyncio.create_task(load.send_all(bus, load.messages(30, "TWEE"), later))
        number = await until_cut(archive)
        while len(later) < 40 or await until_cut(archive) == number:
            await asyncio.sleep(0.01)
        archiver.send_signal(signal.SIGKILL)
        archiver.wait()
        await sending
    return Before(receipts, documents, stands, brief, datetime.now(UTC))


class Before(msgspec.Struct, frozen=True):
    """Of what was handled when the bus was still there: receipts, what was published, what partners saw, the letter that a
    person decided on, and when it ended."""

    receipts: dict[str, str]
    documents: Written
    stands: dict[str, object]
    brief: str
    ended: datetime


async def the_same(bus: Bus, before: Before, sizing: Sizing) -> None:
    await handled(bus)
    found = await on_the_topics(bus.bootstrap, "onderhoud")
    expected = await from_the_log(bus.bootstrap, "onderhoud", sizing)
    assert found.keys() == expected.keys()
    assert [key for key in expected if found[key] != expected[key]] == []
    stands = await statuses(bus, before.receipts)
    if sizing == SINGLE:
        assert stands == before.stands
    else:
        assert placeless(stands) == placeless(before.stands)
    assert [key for key, some in before.documents.items() if found[key][: len(some)] != some] == []
    sources = [raw_topic(kind) for kind in KINDS] + [log_topic(keten) for keten in ALL_KETENS] + [SPOOR]
    ids = await ids_on(bus.bootstrap, sources)
    assert len(ids) == len(set(ids))


async def ticked(bus: Bus, since: datetime) -> None:
    """Until every partition of the log has a tick of after `since`, the same in all."""
    topic, until = log_topic("onderhoud"), time.monotonic() + LIMIT
    found: dict[datetime, set[int]] = {}
    async with open_reader(bus.bootstrap, [topic]) as reader:
        while not any(len(numbers) == 8 for numbers in found.values()):
            assert time.monotonic() < until, found
            for record in await reader.poll():
                envelope = record.envelope()
                if envelope.type == ce_type(Klok) and envelope.time > since:
                    found.setdefault(envelope.time, set()).add(record.partition)


async def goes_on(bus: Bus, before: Before, orders: Mapping[str, int]) -> None:
    """What was sent before is known, the rest is taken, and a new order goes its whole way."""
    receipts: dict[str, str] = {}
    for prefix, count in orders.items():
        receipts |= await load.send_all(bus, load.messages(count, prefix))
    known = {number: receipt for number, receipt in before.receipts.items() if number in receipts}
    assert {number: receipts[number] for number in known} == known
    await handled(bus)
    found = await statuses(bus, receipts)
    assert [number for number, one in found.items() if '"toegepast"' not in msgspec.json.encode(one).decode()] == []


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bus, Path, "Before"]:
    """A bus that is no more, its archive, and what it was. Of what was handled last the archive has no posting."""
    folder = tmp_path_factory.mktemp("herstel")
    archive, early = folder / "archief", folder / "eerder"
    with running(folder / "bus", dict(os.environ), lambda _: None, choose_base(OFFSETS)) as bus:
        before = asyncio.run(worked(bus, archive, early))
    assert slowed(archive, early) > 50
    return bus, archive, before


def test_a_bus_is_the_same_after_a_restore_and_goes_on_whoever_starts_first(
    lost: tuple[Bus, Path, "Before"], tmp_path: Path
) -> None:
    bus, archive, before = lost
    with rebuilt(bus, archive, tmp_path / "ander", "single") as other:
        again = ("herstel", str(archive), "--naar", other.bootstrap)
        assert "is not empty" in command(environment(other), *again, code=2)
        start(other, last=("adapters", "besluit"))
        asyncio.run(the_same(other, before, SINGLE))
        command(environment(other), "verantwoording")
        assert "afvoer door Anna de Vries" in command(environment(other), "uitval", "toon", before.brief)
        assert letters(other) == []
        asyncio.run(goes_on(other, before, {"EEN": 20, "TWEE": 30, "DRIE": 2}))
        command(environment(other), "verantwoording")


def test_a_bus_is_the_same_on_twice_as_many_partitions_and_time_goes_on_in_all(
    lost: tuple[Bus, Path, "Before"], tmp_path: Path
) -> None:
    bus, archive, before = lost
    size = "single:log=8,ruw=4,klein=4"
    with rebuilt(bus, archive, tmp_path / "breder", size) as other:
        start(other)
        asyncio.run(the_same(other, before, Sizing.of(size)))
        command(environment(other), "verantwoording")
        assert letters(other) == []
        asyncio.run(goes_on(other, before, {"EEN": 3, "DRIE": 2}))
        command(environment(other), "verantwoording")
        asyncio.run(ticked(other, before.ended))
