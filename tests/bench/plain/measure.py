"""Feeds a topic, and measures a system from outside: when its outputs became visible to a read_committed reader.

While a system runs only the last stable offsets of its output topic are asked, which costs it nothing; afterwards the
outputs are read once, so that offsets become counts, and every double shows.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import psutil

from tests.bench.plain.work import LAST, UITS, catalogue, feed, output_topic
from topics.catalogue.topic import Sizing
from topics.errors import Unavailable
from topics.kafka import Admin, Position, Write, open_admin, open_reader, open_sender

LOOK: Final = 0.1
PATIENCE: Final = 60.0
"""Seconds without any new output before a system counts as stuck."""
_CHUNK: Final = 2_000


class Load(msgspec.Struct, frozen=True):
    """A topic with records of the plain work. broken: how many records of partition 0, one after another, are none;
    then that partition is left out of the figures, which are of the others."""

    topic: str
    partitions: int
    records: int
    broken: int = 0


class System(msgspec.Struct, frozen=True):
    """command: of its process, where {bootstrap}, {name}, {topic}, {output} and {folder} are filled in.
    seconds: measured at most, from the first output on (a slow system need not handle everything). processes: how many
    of them share the work."""

    name: str
    command: Sequence[str]
    seconds: float = 60.0
    processes: int = 1
    exactly_once: bool = True


class Run(msgspec.Struct, frozen=True):
    """One system, once. records_per_second: between the first tenth of its outputs and the last; cpu_us: of its
    processes (all threads, user and system) per record in that time. starved: how many of its threads were ready to run
    but had no core, on average in that time: near 0 on a machine that nobody else uses."""

    system: str
    partitions: int
    records_per_second: float
    cpu_us: float
    starved: float
    records: int
    doubled: int
    start_seconds: float


async def prepare(bootstrap: str, topic: str, partitions: int, rounds: int, broken: int = 0) -> Load:
    """Make the input topic and fill it: `rounds` times five records, `broken` of those of partition 0 unreadable."""
    source = catalogue("bench", topic)[topic]
    async with open_admin(bootstrap) as admin:
        await admin.create(topic, partitions, 1, source.config(_sizing(partitions)))
    left = broken
    async with open_sender(bootstrap) as sender:
        for first in range(0, rounds, _CHUNK):
            writes = feed(topic, partitions, rounds, first, _CHUNK)
            if left and first >= rounds / 5:
                writes, left = _break(writes, left)
            await sender.send_all(writes)
    return Load(topic, partitions, rounds * LAST, broken)


def _break(writes: Sequence[Write], most: int) -> tuple[Sequence[Write], int]:
    """Up to `most` writes to partition 0 made unreadable, and how many are left to be."""
    found = []
    for write in writes:
        if write.partition == 0 and most:
            most -= 1
            found.append(msgspec.structs.replace(write, value=b"kapot" + (write.value or b"")))
        else:
            found.append(write)
    return found, most


async def measure(bootstrap: str, system: System, load: Load, name: str, folder: Path) -> Run:
    """Run `system` on `load` under a `name` that was never used. Raises Unavailable when it stops or is stuck."""
    topics = catalogue(name, load.topic)
    sizing = _sizing(load.partitions)
    output = output_topic(name)
    async with open_admin(bootstrap) as admin:
        for topic in topics.values():
            await admin.create(topic.name, load.partitions, 1, topic.config(sizing))
    values = {"bootstrap": bootstrap, "name": name, "topic": load.topic, "output": output, "folder": str(folder)}
    command = [part.format(**values) for part in system.command]
    started = time.monotonic()
    processes: list[asyncio.subprocess.Process] = []
    with _log(folder).open("wb") as log:
        try:
            for _ in range(system.processes):
                processes.append(await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log))
            looks = await _watch(bootstrap, name, processes, load, system)
        except Unavailable as error:
            raise Unavailable(f"{system.name}: {error}; its log ends with {_tail(folder / 'log')}") from error
        finally:
            for process in processes:
                await _end(process)
    return await _run(bootstrap, system, load, output, looks, started)


class _Look(msgspec.Struct, frozen=True):
    at: float
    cpu: float
    queued: float
    ends: dict[Position, int]


async def _watch(
    bootstrap: str, name: str, processes: Sequence[asyncio.subprocess.Process], load: Load, system: System
) -> list[_Look]:
    """What was seen of the output until the input is handled, or the time is up."""
    watched = [psutil.Process(process.pid) for process in processes]
    looks: list[_Look] = []
    last, last_at, first_at = -1, time.monotonic(), 0.0
    async with open_reader(bootstrap, [output_topic(name)]) as reader, open_admin(bootstrap) as admin:
        while True:
            for process in processes:
                if process.returncode is not None:
                    raise Unavailable(f"it ended by itself with {process.returncode}")
            ends = await reader.ends()
            now, total = time.monotonic(), sum(ends.values())
            cpu, queued = sum(map(_cpu_seconds, watched)), sum(_queued_seconds(one.pid) for one in watched)
            looks.append(_Look(now, cpu, queued, ends))
            if total != last:
                last, last_at = total, now
                first_at = first_at or (now if total else 0.0)
            elif first_at and await _handled(admin, name, load):
                return looks
            elif now - last_at > PATIENCE:
                raise Unavailable(f"no output for {PATIENCE:.0f} s; {total} of {load.records // LAST} seen")
            if first_at and now - first_at > system.seconds:
                return looks
            await asyncio.sleep(LOOK)


async def _handled(admin: Admin, group: str, load: Load) -> bool:
    """Whether the group's offsets say that every record was handled."""
    return sum((await admin.group_offsets(group)).values()) >= load.records


async def _run(bootstrap: str, system: System, load: Load, output: str, looks: Sequence[_Look], started: float) -> Run:
    """Raises Unavailable when outputs are missing although the time was not up."""
    offsets: dict[Position, list[int]] = {}
    keys: set[str] = set()
    total = 0
    async with open_reader(bootstrap, [output]) as reader:
        async for record in reader.to_end():
            if load.broken and record.partition == 0:
                continue
            offsets.setdefault((record.topic, record.partition), []).append(record.offset)
            keys.add(UITS.decode(record.value or b"").sleutel)
            total += 1

    def seen(look: _Look) -> int:
        return sum(bisect_left(found, look.ends[at]) for at, found in offsets.items())

    counts = [seen(look) for look in looks]
    last = counts.index(counts[-1])
    first = next(number for number, count in enumerate(counts) if count >= counts[-1] / 10)
    if last <= first:
        raise Unavailable(f"{system.name}: all outputs came at once; the load of {load.records} is too small")
    records = (counts[last] - counts[first]) * LAST
    return Run(
        system=system.name,
        partitions=load.partitions,
        records_per_second=round(records / (looks[last].at - looks[first].at)),
        cpu_us=round((looks[last].cpu - looks[first].cpu) / records * 1e6, 2),
        starved=round((looks[last].queued - looks[first].queued) / (looks[last].at - looks[first].at), 2),
        records=counts[-1] * LAST,
        doubled=total - len(keys),
        start_seconds=round(looks[first].at - started, 1),
    )


def _cpu_seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return times.user + times.system


def _queued_seconds(pid: int) -> float:
    """How long the threads of a process waited for a core so far, together; 0 where the system does not tell."""
    total = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(thread.read_text().split()[1])
        except (OSError, IndexError):
            continue
    return total / 1e9


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _log(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder / "log"


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-600:]


def _sizing(partitions: int) -> Sizing:
    return Sizing(log=partitions, ruw=partitions, klein=partitions, replication=1)
