"""A bus is archived while it works, is lost, and is rebuilt from its archive on another Kafka."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from adapters.demo.bus import Bus, local_keys, running
from adapters.demo.progress import open_progress
from tests.integration.bus import load
from tests.integration.bus.recomputed import Written, from_the_log, on_the_topics
from topics.archive.manifest import CUTS
from topics.broker import EmbeddedBroker
from topics.catalogue.declarations import ALL_KETENS, BESLUIT, DECIDER, KINDS, SPOOR, adapter_name, log_topic, raw_topic
from topics.kafka import open_admin, open_reader
from topics.processes.supervisor import Supervisor
from topics.view.queries import Queries

pytestmark = pytest.mark.timeout(900)
PORT, OTHER_PORT = 17400, 17420
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
def rebuilt(former: Bus, archive: Path, data: Path) -> Iterator[Bus]:
    """Another Kafka and another folder with the same profiles and keys; restored, and started."""
    data.mkdir()
    for name in ("profielen", "partner-sleutels"):
        shutil.copytree(former.data / name, data / name)
    shutil.copy(former.data / "sleutels.json", data / "sleutels.json")
    keys = local_keys(data)
    with EmbeddedBroker(data / "kafka") as broker:
        env = {**os.environ, "KETENBUS_DATA": str(data)}
        said = command(env, "herstel", str(archive), "--naar", broker.bootstrap)
        assert "records and" in said
        assert "is not empty" in command(env, "herstel", str(archive), "--naar", broker.bootstrap, code=2)
        processes = Supervisor(data.absolute(), broker.bootstrap, dict(os.environ), base_port=OTHER_PORT)
        try:
            # first those that go on: what they had not sent yet comes before what follows from it
            first = [child for child in processes.children if child.process.name in ("adapters", "besluit")]
            for child in first:
                child.start()
            asyncio.run(gone_on(broker.bootstrap))
            for child in processes.children:
                if child not in first:
                    child.start()
            processes.wait_until_ready(90, lambda _: None)
            yield Bus(data, broker.bootstrap, f"http://127.0.0.1:{OTHER_PORT}", keys, broker, processes)
        finally:
            processes.stop()


async def gone_on(bootstrap: str) -> None:
    """Until adapters and besluit have handled everything that was restored."""
    inputs = {adapter_name(kind): raw_topic(kind) for kind in KINDS} | {DECIDER: BESLUIT}
    until = time.monotonic() + LIMIT
    async with open_admin(bootstrap) as admin, open_reader(bootstrap, inputs.values()) as reader:
        ends = await reader.ends()
        for group, topic in inputs.items():
            goal = {at: end for at, end in ends.items() if at[0] == topic and end}
            while True:
                found = await admin.group_offsets(group)
                if all(found.get(at, 0) >= end for at, end in goal.items()):
                    break
                assert time.monotonic() < until, group
                await asyncio.sleep(0.2)


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


async def ids_on(bootstrap: str, topics: list[str]) -> list[tuple[str, str, str, str]]:
    """Identity of every record of sources."""
    async with open_reader(bootstrap, topics) as reader:
        found = [record async for record in reader.to_end()]
    envelopes = [(record.topic, record.envelope()) for record in found]
    return [(topic, one.id, one.part, one.causation_id) for topic, one in envelopes if one.source != "clock"]


async def worked(bus: Bus, archive: Path) -> "Before":
    """A morning of work, archived all the while, by an archiver that is killed in the middle of it; then more work, of
    which the archive has a part."""
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
    return Before(receipts, documents, stands, brief)


class Before(msgspec.Struct, frozen=True):
    """Of what was handled when the bus was still there: receipts, what was published, what partners saw, and the letter
    that a person decided on."""

    receipts: dict[str, str]
    documents: Written
    stands: dict[str, object]
    brief: str


async def the_same(bus: Bus, before: Before) -> None:
    await handled(bus)
    found, expected = await on_the_topics(bus.bootstrap, "onderhoud"), await from_the_log(bus.bootstrap, "onderhoud")
    assert found.keys() == expected.keys()
    assert [key for key in expected if found[key] != expected[key]] == []
    assert await statuses(bus, before.receipts) == before.stands
    assert [key for key, some in before.documents.items() if found[key][: len(some)] != some] == []
    sources = [raw_topic(kind) for kind in KINDS] + [log_topic(keten) for keten in ALL_KETENS] + [SPOOR]
    ids = await ids_on(bus.bootstrap, sources)
    assert len(ids) == len(set(ids))


async def goes_on(bus: Bus, before: Before) -> None:
    """What was sent before is known, the rest is taken, and a new order goes its whole way."""
    again = await load.send_all(bus, load.messages(20, "EEN"))
    assert again == {number: receipt for number, receipt in before.receipts.items() if number in again}
    receipts = await load.send_all(bus, load.messages(30, "TWEE"))
    receipts |= await load.send_all(bus, load.messages(2, "DRIE"))
    await handled(bus)
    found = await statuses(bus, receipts)
    assert [number for number, one in found.items() if '"toegepast"' not in msgspec.json.encode(one).decode()] == []


def test_a_bus_is_the_same_after_a_restore_and_goes_on(tmp_path: Path) -> None:
    archive = tmp_path / "archief"
    with running(tmp_path / "bus", dict(os.environ), lambda _: None, PORT) as bus:
        before = asyncio.run(worked(bus, archive))
    with rebuilt(bus, archive, tmp_path / "ander") as other:
        asyncio.run(the_same(other, before))
        command(environment(other), "verantwoording")
        assert "afvoer door Anna de Vries" in command(environment(other), "uitval", "toon", before.brief)
        assert letters(other) == []
        asyncio.run(goes_on(other, before))
        command(environment(other), "verantwoording")
