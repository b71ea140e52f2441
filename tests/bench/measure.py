"""Measure (Faust) as a worker process: how fast it counts, how long a restart takes, and what an interval costs it.

It is watched from outside, by the last stable offsets of its changelog: a row is there before its record is committed.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import msgspec
import psutil

from tests.bench.figures import Figure, Measured
from topics.broker.machine import choose_port
from topics.catalogue.apply import apply
from topics.catalogue.declarations import DOORLOOPTIJD, MEASURE_TABLES, changelog_topic
from topics.catalogue.topic import SINGLE
from topics.documents import ce_type, encode
from topics.documents.keten import AanZet, Doorlooptijd, Stand
from topics.envelope import Envelope
from topics.errors import Unavailable
from topics.kafka import Reader, Sender, Write, open_admin, open_reader, open_sender, partition_for

INTERVALS: Final = 30_000
REQUIRED: Final = 2_000
PATIENCE: Final = 150.0
_CHUNK: Final = 5_000
_BEGIN: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
_CLIENT: Final = "8799999000017"
_MATEN: Final = ("acceptatie", "afspraak-gemaakt", "technisch-gereed", "facturatie", "gehele-keten")
_TYPE: Final = ce_type(Doorlooptijd)


async def bench(bootstrap: str, folder: Path, tell: Callable[[str], None]) -> Measured:
    """Raises Unavailable when the worker does not come to the end in time."""
    async with open_admin(bootstrap) as admin:
        await apply(admin, SINGLE)
    total = 2 * INTERVALS
    async with open_sender(bootstrap) as sender, open_reader(bootstrap, [changelog_topic(MEASURE_TABLES[0])]) as reader:
        partitions = await sender.partitions(DOORLOOPTIJD)
        tell(f"   feeding {total:,} revisions of {INTERVALS:,} intervals")
        await _feed(sender, partitions)
        rate, micros = await _count(bootstrap, folder, reader, total)
        tell("   starting it again")
        started = time.monotonic()
        worker, port = _start(bootstrap, folder)
        try:
            await _ready(port)
            restored = time.monotonic() - started
            resident = psutil.Process(worker.pid).memory_info().rss
        finally:
            worker.terminate()
            worker.wait(30)
    figures = [
        Figure(name="measure (Faust), one worker", value=rate, unit="/s", required=REQUIRED),
        Figure(name="measure, CPU per measure", value=micros, unit="µs"),
        Figure(name=f"measure, restart with {INTERVALS:,} intervals", value=round(restored, 1), unit="s"),
        Figure(name=f"measure, memory with {INTERVALS:,} intervals", value=round(resident / 2**20), unit="MiB"),
    ]
    tell("   rows in memory, without Kafka")
    found = await asyncio.to_thread(_memory)
    figures += [Figure(name=f"measure, {what}", value=value, unit="B") for what, value in found.items()]
    how = (
        f"{INTERVALS:,} intervals, opened and closed, {partitions} partitions, adding up and publishing every 2 s meanwhile; "
        "from the first tenth to the last"
    )
    return Measured(figures, how, {"restart_seconds": restored, "resident_bytes": resident, "bytes": found})


def _memory() -> dict[str, float]:
    """In a process of its own: what was freed here before would hide what it takes. Raises CalledProcessError."""
    words = (sys.executable, "-m", "tests.bench.measure_memory")
    return msgspec.json.decode(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout, type=dict[str, float])


async def _feed(sender: Sender, partitions: int) -> None:
    for revisie in (0, 1):
        for start in range(0, INTERVALS, _CHUNK):
            await sender.send_all([_write(number, revisie, partitions) for number in range(start, start + _CHUNK)])


def document(number: int, revisie: int, contractors: int = 4, kinds: int = 1) -> Doorlooptijd:
    """An interval's opening (revision 0), and its end, within 200 hours; five of an order, an order every ten minutes."""
    order = number // len(_MATEN)
    begin = _BEGIN + timedelta(minutes=10 * order)
    seconds = 3_600 + number * 2_654_435_761 % 720_000
    ended = revisie == 1
    return Doorlooptijd(
        dossier=f"onderhoud/opdracht/{_CLIENT}/ZL-{order}",
        keten="onderhoud",
        maat=_MATEN[number % len(_MATEN)],
        revisie=revisie,
        stand=Stand.GESLOTEN if ended else Stand.OPEN,
        opdrachtgever=_CLIENT,
        aannemer=f"8799999{24 + order % contractors:06}",
        begin=begin,
        eind=begin + timedelta(seconds=seconds) if ended else None,
        soort=f"reparatie-{order // contractors % kinds}",
        urgentie=("spoed", "regulier")[order % 2],
        deadline=begin + timedelta(days=5),
        bruto_seconden=seconds if ended else 0,
        netto_seconden=seconds // 2 if ended else 0,
        werkdagen=seconds // 86_400 if ended else None,
        aan_zet_seconden={AanZet.AANNEMER: seconds} if ended else {},
    )


def _write(number: int, revisie: int, partitions: int) -> Write:
    made = document(number, revisie)
    key, begin = made.dossier.encode(), made.begin
    envelope = Envelope(
        id=f"{number}-{revisie}", source="bench", type=_TYPE, time=begin, recorded_time=begin, subject=made.dossier
    )
    at = int(begin.timestamp() * 1000)
    return Write(DOORLOOPTIJD, partition_for(key, partitions), key, encode(made), envelope.headers(), at)


async def _count(bootstrap: str, folder: Path, reader: Reader, total: int) -> tuple[float, float]:
    """Measures per second and microseconds of CPU each, from a tenth on; then it is ready and is stopped."""
    worker, port = _start(bootstrap, folder)
    process = psutil.Process(worker.pid)
    try:
        first: tuple[float, int, float] | None = None
        until = time.monotonic() + PATIENCE
        while (done := sum((await reader.ends()).values())) < total:
            if time.monotonic() > until or worker.poll() is not None:
                raise Unavailable(f"measure counted {done:,} of {total:,} in {PATIENCE:.0f} s")
            if first is None and done >= total / 10:
                first = time.monotonic(), done, _cpu(process)
            await asyncio.sleep(0.05)
        if first is None:
            raise Unavailable("measure was done before it could be timed")
        seconds, counted = time.monotonic() - first[0], done - first[1]
        micros = (_cpu(process) - first[2]) / counted * 1e6
        await _ready(port)
        return round(counted / seconds), round(micros, 1)
    finally:
        worker.terminate()
        worker.wait(30)


def _start(bootstrap: str, folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    port = choose_port(())
    environment = {
        **os.environ,
        "KETENBUS_DATA": str(folder),
        "KETENBUS_BOOTSTRAP": bootstrap,
        "KETENBUS_PORT": str(port),
        "KETENBUS_LOG_LEVEL": "error",
    }
    return subprocess.Popen([sys.executable, "-m", "chain.measure"], env=environment), port


async def _ready(port: int) -> None:
    """Everything is counted, added up and published."""
    until = time.monotonic() + PATIENCE
    async with httpx.AsyncClient() as client:
        while time.monotonic() < until:
            with suppress(httpx.HTTPError):
                if (await client.get(f"http://127.0.0.1:{port}/readyz", timeout=10)).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise Unavailable(f"measure is not ready within {PATIENCE:.0f} s")


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system
