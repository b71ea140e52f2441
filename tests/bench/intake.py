"""How much one intake process takes over HTTP, acks=all awaited, and how fast it answers at half the required rate.

    python -m tests.bench.intake [SECONDS]

starts a broker of its own; `bench` takes one that runs and has the topics. The intake runs as it does in production:
its own process, profiles and keys from disk, the view asked about every message, a log line for each.
"""

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Final

import msgspec
import psutil

from tests.bench.http_load import Result
from tests.intake_process import prepare, running
from topics.broker import EmbeddedBroker
from topics.catalogue.apply import apply
from topics.catalogue.topic import SINGLE
from topics.kafka import open_admin

REQUIRED_PER_SECOND: Final = 4000
SIZE: Final = 5000
CONNECTIONS: Final = 32
_ROOT: Final = Path(__file__).resolve().parents[2]


async def bench(bootstrap: str, seconds: float) -> dict[str, float]:
    """requests_per_second at 32 connections; p50_ms and p99_ms at half of the required 4,000/s (latency counted from
    the moment a request was due); half_requests_per_second says whether that rate was held. machine_load: the load
    average before, so that a figure from a busy machine shows."""
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="ketenbus-bench-") as name:
        key = prepare(Path(name))
        async with running(Path(name), bootstrap) as intake:
            process = psutil.Process(intake.pid)
            before = _cpu_seconds(process)
            full = await load(intake.port, key, seconds)
            cpu = (_cpu_seconds(process) - before) / full.sent
            half = await load(intake.port, key, seconds, REQUIRED_PER_SECOND / 2)
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
        "machine_load": round(busy, 2),
    }


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


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _alone(seconds: float) -> None:
    with tempfile.TemporaryDirectory(prefix="ketenbus-bench-") as name, EmbeddedBroker(Path(name) / "kafka") as broker:
        async with open_admin(broker.bootstrap) as admin:
            await apply(admin, SINGLE)
        sys.stdout.write(json.dumps(await bench(broker.bootstrap, seconds), indent=2) + "\n")


if __name__ == "__main__":
    asyncio.run(_alone(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
