"""The correlator as it runs: all rules, state and changelog, outputs and postings, one transaction per task and batch.

The log is filled first; then workers start and the group's offsets tell how far they are. The rate counts from the
first tenth of the events to the last, so that starting, joining and restoring stay out.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import psutil

from chain.correlate import Correlator
from tests.bench import correlator
from tests.bench.figures import Figure, Measured
from tests.unit.chain import berichten as b
from topics.catalogue.apply import apply
from topics.catalogue.topic import Sizing
from topics.errors import Unavailable
from topics.kafka import Admin, Write, open_admin, open_sender, partition_for

PARTITIONS: Final = 32
DOSSIERS: Final = 20_000
REQUIRED: Final = 20_000
LOOK: Final = 0.1
LIMIT: Final = 150.0
_CHUNK: Final = 5_000


async def bench(bootstrap: str, folder: Path, tell: Callable[[str], None], workers: int = 1) -> Measured:
    """Raises Unavailable when the workers end by themselves or are not done in time."""
    records = correlator.log(DOSSIERS)
    async with open_admin(bootstrap) as admin, open_sender(bootstrap) as sender:
        await apply(admin, Sizing(log=PARTITIONS, ruw=2, klein=2, replication=1))
        for first in range(0, len(records), _CHUNK):
            await sender.send_all(
                [
                    Write(one.topic, partition_for(one.key, PARTITIONS), one.key, one.value, one.headers, one.timestamp)
                    for one in records[first : first + _CHUNK]
                ]
            )
        tell(f"{len(records):,} events written")
        variables = {"KETENBUS_BOOTSTRAP": bootstrap, "KETENBUS_DATA": str(folder), "KETENBUS_LOG_LEVEL": "warning"}
        command = [sys.executable, "-m", "tests.bench.one_correlator", b.KETEN]
        processes: list[asyncio.subprocess.Process] = []
        try:
            for _ in range(workers):
                processes.append(await asyncio.create_subprocess_exec(*command, env={**os.environ, **variables}))
            seconds, cpu, counted = await _watch(admin, processes, len(records))
        finally:
            for process in processes:
                if process.returncode is None:
                    process.terminate()
                await process.wait()
    named = f"correlator, {workers} worker{'s' * (workers > 1)}"
    figures = [
        Figure(name=f"{named}, events per worker", value=counted / seconds / workers, unit="/s", required=REQUIRED),
        Figure(name=f"{named}, CPU per event, runtime included", value=cpu / counted * 1e6, unit="µs"),
    ]
    how = f"{DOSSIERS:,} dossiers of 10 messages, {PARTITIONS} partitions, state, changelog, outputs and postings"
    return Measured(figures, how, {"seconds": seconds, "events": counted})


async def _watch(
    admin: Admin, processes: Sequence[asyncio.subprocess.Process], events: int
) -> tuple[float, float, int]:
    """Seconds, CPU seconds and events between the first tenth and the last."""
    watched = [psutil.Process(process.pid) for process in processes]
    begun: tuple[float, float, int] | None = None
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        if any(process.returncode is not None for process in processes):
            raise Unavailable("a correlator ended by itself")
        done = 0
        # the group's coordinator is not there before its first member
        with suppress(Unavailable):
            done = sum((await admin.group_offsets(Correlator(b.KETEN).name)).values())
        now = time.monotonic(), sum(sum(one.cpu_times()[:2]) for one in watched), done
        if begun is None and done >= events / 10:
            begun = now
        if begun is not None and done >= events:
            return now[0] - begun[0], now[1] - begun[1], done - begun[2]
        await asyncio.sleep(LOOK)
    raise Unavailable(f"{events} events were not handled in {LIMIT:.0f} s")
