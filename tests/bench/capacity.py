"""What messages cost: CPU of every process, bytes on disk per topic, bytes of state per key; by generated weeks of two sizes.

Each size is a whole bus of its own that plays a generated week in all its formats. What a message costs is the slope
between the two, so that starting, ticks and empty topics stay out. `python -m tests.bench.capacity` writes the figures.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import psutil

from adapters.demo import week
from adapters.demo.bus import Bus, running
from adapters.demo.progress import open_progress
from adapters.generator.week import Week, maak
from topics.broker.machine import choose_base
from topics.catalogue.declarations import TOPICS
from topics.kafka import open_reader
from topics.processes.table import OFFSETS
from topics.runtime.positions import POSITION_KEY

SIZES: Final = (300, 900)
"""Orders of a week; about 7.5 messages each, and an invoice or more."""
_STATE: Final = ".toestand.v1"
_MEGABYTE: Final = 1 << 20


class Point(msgspec.Struct, frozen=True):
    """What one week left. cpu: seconds per process; memory: MiB per process; disk: bytes per topic, as compressed; records: per
    topic; state: per changelog (keys, bytes of the last of each)."""

    orders: int
    messages: int
    bytes: int
    seconds: float
    cpu: dict[str, float]
    memory: dict[str, float]
    disk: dict[str, int]
    records: dict[str, int]
    state: dict[str, tuple[int, int]]


class Capacity(msgspec.Struct, frozen=True):
    """`per_message`: slopes between the first point and the last. load: of the machine at the start and at the end."""

    cores: int
    load: tuple[float, float]
    points: list[Point]
    cpu_per_message: dict[str, float]
    disk_per_message: dict[str, float]
    records_per_message: dict[str, float]
    state_keys_per_message: dict[str, float]
    state_bytes_per_key: dict[str, float]


def bench(folder: Path, tell: Callable[[str], None], sizes: tuple[int, ...] = SIZES) -> Capacity:
    """Raises Unavailable when a bus does not keep up."""
    load = os.getloadavg()[0]
    points = [_point(folder / str(orders), orders, tell) for orders in sizes]
    first, last = points[0], points[-1]
    more = last.messages - first.messages

    def slopes(one: dict[str, float] | dict[str, int], other: dict[str, float] | dict[str, int]) -> dict[str, float]:
        return {name: (other[name] - one.get(name, 0)) / more for name in other}

    keys = [{name: keys for name, (keys, _) in point.state.items()} for point in (first, last)]
    return Capacity(
        cores=os.cpu_count() or 0,
        load=(load, os.getloadavg()[0]),
        points=points,
        cpu_per_message=slopes(first.cpu, last.cpu),
        disk_per_message=slopes(first.disk, last.disk),
        records_per_message=slopes(first.records, last.records),
        state_keys_per_message=slopes(keys[0], keys[1]),
        state_bytes_per_key={
            name: (size - before[1]) / (count - before[0])
            for name, (count, size) in last.state.items()
            if count > (before := first.state.get(name, (0, 0)))[0]
        },
    )


def _point(folder: Path, orders: int, tell: Callable[[str], None]) -> Point:
    made = maak(orders, orders)
    with running(folder, os.environ, tell, choose_base(OFFSETS)) as bus:
        processes = {child.process.name: psutil.Process(child.pid) for child in bus.processes.children}
        processes["kafka"] = psutil.Process(bus.broker.pid)
        before = {name: _cpu(process) for name, process in processes.items()}
        started = time.monotonic()
        asyncio.run(_played(bus, made))
        seconds = time.monotonic() - started
        cpu = {name: round(_cpu(process) - before[name], 2) for name, process in processes.items()}
        memory = {name: round(process.memory_info().rss / _MEGABYTE, 1) for name, process in processes.items()}
        records, state = asyncio.run(_topics(bus))
        tell(f"{orders} orders, {len(made.berichten)} messages: {seconds:.0f} s, CPU {sum(cpu.values()):.0f} s")
    return Point(
        orders=orders,
        messages=len(made.berichten),
        bytes=sum(len(one.inhoud) for one in made.berichten),
        seconds=round(seconds, 1),
        cpu=cpu,
        memory=memory,
        disk=_disk(folder / "kafka"),
        records=records,
        state=state,
    )


async def _played(bus: Bus, made: Week) -> None:
    async with open_progress(bus.bootstrap, f"sqlite:///{bus.data.absolute() / 'view.db'}") as progress:
        await week.play(bus, made, progress, lambda *_: None)


async def _topics(bus: Bus) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    """Records per topic, and keys and bytes of every changelog."""
    counted: Counter[str] = Counter()
    last: dict[str, dict[bytes, int]] = defaultdict(dict)
    async with open_reader(bus.bootstrap, [topic.name for topic in TOPICS]) as reader:
        async for record in reader.to_end():
            counted[record.topic] += 1
            if record.topic.endswith(_STATE) and record.key != POSITION_KEY.encode():
                last[record.topic][record.key] = len(record.key) + len(record.value or b"")
    return dict(counted), {name: (len(sizes), sum(sizes.values())) for name, sizes in last.items()}


def _disk(folder: Path) -> dict[str, int]:
    """Bytes of the segments per topic."""
    found: Counter[str] = Counter()
    for path in folder.rglob("*.log"):
        topic, dash, partition = path.parent.name.rpartition("-")
        if dash and partition.isdecimal():
            found[topic] += path.stat().st_size
    return dict(found)


def _cpu(process: psutil.Process) -> float:
    """Seconds of the process and of its children."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.capacity", description=__doc__)
    parser.add_argument("--orders", type=int, nargs=2, default=SIZES, help="of the small and the large week")
    parser.add_argument("--json", type=Path, default=Path(".ketenbus/capacity.json"), help="where the figures go")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ketenbus-capacity-", ignore_cleanup_errors=True) as scratch:
        found = bench(Path(scratch), print, tuple(given.orders))
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(msgspec.to_builtins(found), indent=2) + "\n")
    print(f"CPU per million messages: {sum(found.cpu_per_message.values()) * 1e6:,.0f} s; {given.json}")
