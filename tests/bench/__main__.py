"""`make bench [ONLY=plain,correlator,…]`: every figure of DESIGN 11, measured in one run, beside what is asked of it.

Each part has its own time limit and a broker of its own; a part that fails is reported and the others go on. Exit
status 0 whenever it could measure: a busy machine is no error.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec
import psutil
import uvloop

from tests.bench import (
    adapter,
    correlator,
    correlator_worker,
    growth,
    intake,
    invoices,
    latency,
    letters,
    measure,
    plain,
)
from tests.bench.figures import Bound, Figure, Measured, lacking, table
from topics.broker import EmbeddedBroker
from topics.catalogue.apply import apply
from topics.catalogue.topic import SINGLE
from topics.errors import KetenbusError
from topics.kafka import open_admin

Tell = Callable[[str], None]


async def _plain(folder: Path, tell: Tell) -> Measured:
    with EmbeddedBroker(folder / "kafka") as broker:
        return await plain.bench(broker.bootstrap, folder / "runs", tell)


async def _latency(folder: Path, tell: Tell) -> Measured:
    return await asyncio.to_thread(latency.bench, folder, tell)


async def _letters(folder: Path, tell: Tell) -> Measured:
    with EmbeddedBroker(folder / "kafka") as broker:
        return await letters.bench(broker.bootstrap, folder / "runs", tell)


async def _growth(folder: Path, tell: Tell) -> Measured:
    with EmbeddedBroker(folder / "kafka", heap_mb=1024) as broker:
        return await growth.bench(broker.bootstrap, folder / "runs", tell)


async def _correlator(_folder: Path, _tell: Tell) -> Measured:
    found = await asyncio.to_thread(correlator.bench)
    rate = found["events_per_second"]
    figures = [
        Figure(name="correlator alone, events", value=rate, unit="/s", note="in memory, without the runtime"),
        Figure(name="correlator alone, CPU per event", value=found["cpu_microseconds_per_event"], unit="µs"),
    ]
    return Measured(figures, f"{found['dossiers']:,.0f} dossiers of 10 messages, batch {found['batch']:.0f}", found)


async def _invoices(_folder: Path, _tell: Tell) -> Measured:
    found = await asyncio.to_thread(invoices.bench)
    figures = [
        Figure(name="invoice to release, CPU per invoice", value=found["cpu_microseconds_per_invoice"], unit="µs"),
        Figure(name="invoice to release, CPU per event", value=found["cpu_microseconds_per_event"], unit="µs"),
    ]
    how = (
        f"{found['invoices']:,.0f} invoices of one line, {found['events_per_invoice']} events and "
        f"{found['outputs_per_invoice']} outputs each, in memory"
    )
    return Measured(figures, how, found)


async def _worker(folder: Path, tell: Tell) -> Measured:
    with EmbeddedBroker(folder / "kafka", heap_mb=1024) as broker:
        return await correlator_worker.bench(broker.bootstrap, folder, tell)


async def _measure(folder: Path, tell: Tell) -> Measured:
    with EmbeddedBroker(folder / "kafka", heap_mb=512) as broker:
        return await measure.bench(broker.bootstrap, folder, tell)


async def _adapter(_folder: Path, _tell: Tell) -> Measured:
    found = await asyncio.to_thread(adapter.bench)
    name, note = "adapter, 5 kB order ÷ lxml parse + XSD", f"reading alone {found['read_ratio']}"
    figure = Figure(name=name, value=found["ratio"], unit="x", required=2.0, bound=Bound.AT_MOST, note=note)
    how = f"order of {found['bytes']:.0f} bytes, raw record to step; CPU time, medians of alternating rounds"
    ubl = await asyncio.to_thread(adapter.ubl)
    of = f"UBL invoice of {ubl['ubl_bytes'] / 1000:.0f} kB"
    beside = f"in a process of {ubl['ubl_rules_mb']:.0f} MB, beside the event loop"
    figures = [
        figure,
        Figure(name=f"adapter, {of} read, without the rules", value=ubl["ubl_again_ms"], unit="ms"),
        Figure(
            name=f"adapter, {of} held against the official rules", value=ubl["ubl_rules_ms"], unit="ms", note=beside
        ),
    ]
    return Measured(figures, how, found | ubl)


async def _intake(folder: Path, tell: Tell) -> Measured:
    with EmbeddedBroker(folder / "kafka") as broker:
        async with open_admin(broker.bootstrap) as admin:
            await apply(admin, SINGLE)
        found = await intake.bench(broker.bootstrap, 10)
    figures = [
        Figure(name="intake, requests of 5 kB", value=found["requests_per_second"], unit="/s", required=4000),
        Figure(name="intake, p99 at 2,000/s", value=found["p99_ms"], unit="ms", required=20, bound=Bound.AT_MOST),
    ]
    return Measured(figures, "one process, 32 connections, acks=all awaited, a process of its own asks", found)


PARTS: Final[dict[str, tuple[float, Callable[[Path, Tell], Awaitable[Measured]]]]] = {
    "plain": (540, _plain),
    "correlator": (60, _correlator),
    "invoices": (60, _invoices),
    "worker": (240, _worker),
    "adapter": (60, _adapter),
    "intake": (60, _intake),
    "latency": (200, _latency),
    "letters": (120, _letters),
    "growth": (300, _growth),
    "measure": (240, _measure),
}
"""Per part: seconds that it may take, and how it is measured."""


class Report(msgspec.Struct, frozen=True):
    """What `--json` gets. Nothing of the machine but its size."""

    cores: int
    memory_gb: float
    load: tuple[float, float, float]
    seconds: float
    parts: dict[str, Measured]


async def _part(name: str, tell: Tell) -> Measured:
    limit, run = PARTS[name]
    try:
        with tempfile.TemporaryDirectory(prefix="ketenbus-bench-", ignore_cleanup_errors=True) as folder:
            async with asyncio.timeout(limit):
                return await run(Path(folder), tell)
    except TimeoutError:
        return Measured([lacking(name, "", f"took longer than its {limit:.0f} s")], "")
    except (KetenbusError, OSError, RuntimeError, ValueError) as error:
        return Measured([lacking(name, "", f"{type(error).__name__}: {error}")], "")


async def measured(names: list[str]) -> Report:
    started = time.monotonic()
    load = os.getloadavg()
    parts: dict[str, Measured] = {}
    for name in names:
        tell(f"-- {name}")
        parts[name] = await _part(name, tell)
    memory = psutil.virtual_memory().total / 2**30
    return Report(os.cpu_count() or 0, round(memory, 1), load, round(time.monotonic() - started, 1), parts)


def show(report: Report) -> str:
    figures = [figure for part in report.parts.values() for figure in part.figures]
    how = "\n".join(f"{name}: {part.how}" for name, part in report.parts.items() if part.how)
    machine = (
        f"machine: {report.cores} cores, {report.memory_gb} GB, the broker on it too; load average at the start "
        f"{report.load[0]:.1f} (more than {report.cores} means that others worked on it: then only ratios say something)"
    )
    return f"\n{table(figures)}\n\n{how}\n{machine}\n{report.seconds:.0f} s"


def _builtins(report: Report) -> object:
    found = msgspec.to_builtins(report)
    for name, part in report.parts.items():
        for as_json, figure in zip(found["parts"][name]["figures"], part.figures, strict=True):
            as_json["verdict"] = figure.verdict
    return found


def tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", default="", help=f"parts, with commas: {','.join(PARTS)}")
    parser.add_argument("--json", type=Path, default=Path(".ketenbus/bench.json"), help="where the figures go")
    given = parser.parse_args()
    wanted = [name for name in given.only.split(",") if name] or list(PARTS)
    if unknown := sorted(set(wanted) - set(PARTS)):
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    # of a client that retries while a new topic gets its leader
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    report = uvloop.run(measured(wanted))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(_builtins(report), indent=2, ensure_ascii=False) + "\n")
    print(f"{show(report)}; {given.json}")
