"""How much one intake process takes over HTTP, acks=all awaited, and how fast it answers at half the required rate.

    python -m tests.bench.intake [SECONDS]

starts a broker of its own; `bench` takes one that runs and has the topics. The intake runs as it does in production:
its own process, profiles and keys from disk, the view asked about every message, a log line for each.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import httpx
import msgspec
import psutil

import topics.profile
from tests.bench.http_load import Result
from topics.broker import EmbeddedBroker
from topics.catalogue.apply import apply
from topics.catalogue.topic import SINGLE
from topics.kafka import open_admin
from topics.profile.credentials import Credentials
from topics.view.database import open_writer

REQUIRED_PER_SECOND: Final = 4000
SIZE: Final = 5000
CONNECTIONS: Final = 32
PARTNER: Final = "zilverlinde"
_ROOT: Final = Path(__file__).resolve().parents[2]


async def bench(bootstrap: str, seconds: float) -> dict[str, float]:
    """requests_per_second at 32 connections; p50_ms and p99_ms at half of the required 4,000/s (latency counted from
    the moment a request was due); half_requests_per_second says whether that rate was held."""
    with tempfile.TemporaryDirectory(prefix="ketenbus-bench-") as name:
        key = prepare(Path(name))
        async with running(Path(name), bootstrap) as (port, process):
            before = _cpu_seconds(process)
            full = await load(port, key, seconds)
            cpu = (_cpu_seconds(process) - before) / full.sent
            half = await load(port, key, seconds, REQUIRED_PER_SECOND / 2)
    return {
        "requests_per_second": full.requests_per_second,
        "cpu_us_per_request": round(cpu * 1e6, 1),
        "full_p50_ms": full.p50_ms,
        "full_p99_ms": full.p99_ms,
        "half_requests_per_second": half.requests_per_second,
        "p50_ms": half.p50_ms,
        "p99_ms": half.p99_ms,
        "max_ms": half.max_ms,
        "connections": CONNECTIONS,
        "body_bytes": SIZE,
    }


def prepare(folder: Path) -> str:
    """A data folder with the sample partners, an empty view, and a key, which is returned."""
    shutil.copytree(Path(topics.profile.__file__).parent / "samples", folder / "profielen")
    now = datetime.now(UTC)
    credentials, key = Credentials().issue(PARTNER, now, now)
    credentials.save(folder / "sleutels.json")
    open_writer(f"sqlite:///{folder / 'view.db'}").dispose()
    return key


@asynccontextmanager
async def running(folder: Path, bootstrap: str) -> AsyncIterator[tuple[int, psutil.Process]]:
    """The intake as a process, on a free port, until it is told to stop; yields port and process once it is ready."""
    settings = {"KETENBUS_DATA": str(folder), "KETENBUS_BOOTSTRAP": bootstrap, "KETENBUS_INTAKE_PORT": "0"}
    log = folder / "intake.log"
    with log.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "adapters.intake", cwd=_ROOT, env={**os.environ, **settings}, stderr=stderr
        )
    try:
        yield await asyncio.wait_for(_ready(process, log), 60), psutil.Process(process.pid)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 30)


async def load(port: int, key: str, seconds: float, rate: float | None = None) -> Result:
    """Raises RuntimeError when any answer is not 202: that would be another measurement."""
    arguments = ["127.0.0.1", port, key, seconds, CONNECTIONS, SIZE, *([] if rate is None else [rate])]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.http_load", *map(str, arguments), cwd=_ROOT, stdin=DEVNULL, stdout=PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the load ended with {process.returncode}")
    result = msgspec.json.decode(out, type=Result)
    if set(result.answers) != {"202"}:
        raise RuntimeError(f"expected 202 for every message, found {result.answers}")
    return result


async def _ready(process: Process, log: Path) -> int:
    port = 0
    async with httpx.AsyncClient() as client:
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"the intake ended with {process.returncode}: {_text(log)}")
            if not port:
                port = _port(log)
            if port and (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                return port
            await asyncio.sleep(0.05)


def _port(log: Path) -> int:
    for line in _text(log).splitlines():
        event = json.loads(line)
        if event["event"] == "intake listens":
            return int(event["port"])
    return 0


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _text(log: Path) -> str:
    return log.read_text()


async def _alone(seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="ketenbus-bench-") as name, EmbeddedBroker(Path(name) / "kafka") as broker:
        async with open_admin(broker.bootstrap) as admin:
            await apply(admin, SINGLE)
        print(json.dumps(await bench(broker.bootstrap, seconds), indent=2))


if __name__ == "__main__":
    asyncio.run(_alone(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
