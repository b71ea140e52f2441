"""The plain work of a stream processor on several runtimes, same feed, same broker, measured the same way from outside.

Rounds alternate the systems (A B C, A B C, …), so that a machine that drifts spoils all alike; a figure is the median of
its rounds, and a ratio the median of the ratios within each round.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from tests.bench.figures import Bound, Figure, Measured, lacking
from tests.bench.plain import systems
from tests.bench.plain.measure import Run, System, measure, prepare
from topics.runtime.batch import Limits

WIDTHS: Final = (4, 32)
ROUNDS: Final = 3
FEED: Final = 200_000
"""Rounds of five records: a million records, eight times what 32 tasks have in their open transactions together."""
SECONDS: Final = 240.0
"""Per width; no new round begins after them, so that a slow machine gives fewer rounds and not none."""
_TIMES: Final = "x"
_REQUIRED: Final = {systems.STREAMS: 1.0, systems.QUIX: 1.0, systems.FAUST: 10.0}


async def bench(
    bootstrap: str, folder: Path, tell: Callable[[str], None], rounds: int = ROUNDS, feed: int = FEED
) -> Measured:
    """Raises Unavailable when this runtime stops halfway; another system that does is reported as not measured."""
    figures: list[Figure] = []
    runs: list[Run] = []
    for partitions in WIDTHS:
        others, absent = _others(partitions)
        found = await _width(bootstrap, folder, tell, partitions, others, rounds, feed)
        runs += [run for many in found.values() for run in many]
        figures += _figures(partitions, found)
        figures += [lacking(f"plain, {partitions} partitions, ÷ {name}", _TIMES, why) for name, why in absent.items()]
    how = (
        f"{feed * 5:,} records of 330 bytes, state and changelog of every record, up to {rounds} alternating rounds; one "
        f"worker process, and two, with {Limits().steps} steps per transaction and task at most; Faust measured for 10 s, "
        "at_least_once"
    )
    return Measured(figures, how, {"runs": msgspec.to_builtins(runs)})


def _others(partitions: int) -> tuple[list[System], dict[str, str]]:
    """The other systems that are installed, and why the rest is not."""
    found: list[System] = []
    absent: dict[str, str] = {}
    wanted: dict[str, Callable[[], System]] = {
        f"{systems.STREAMS}, 1 thread": lambda: systems.streams(1),
        f"{systems.STREAMS}, 2 threads": lambda: systems.streams(2),
        systems.QUIX: systems.quix,
        systems.FAUST: lambda: systems.faust(partitions),
    }
    for name, make in wanted.items():
        try:
            found.append(make())
        except systems.Absent as reason:
            absent[name] = str(reason)
    return found, absent


async def _width(
    bootstrap: str,
    folder: Path,
    tell: Callable[[str], None],
    partitions: int,
    others: Sequence[System],
    rounds: int,
    feed: int,
) -> dict[str, list[Run]]:
    load = await prepare(bootstrap, f"bench{partitions}.plain.v1", partitions, feed)
    found: dict[str, list[Run]] = {}
    until = time.monotonic() + SECONDS
    for number in range(rounds):
        if number and time.monotonic() > until:
            break
        for index, system in enumerate([systems.ours(), systems.ours(2), *others]):
            # a slow one is not compared more closely by more rounds
            if number and not system.exactly_once:
                continue
            name = f"bench-{partitions}-{number}-{index}"
            run = await measure(bootstrap, system, load, name, folder / name)
            tell(
                f"{partitions} partitions: {system.name}: {run.records_per_second:,.0f}/s, {run.cpu_us} us of CPU each"
            )
            found.setdefault(system.name, []).append(run)
    return found


def _figures(partitions: int, found: dict[str, list[Run]]) -> list[Figure]:
    where = f"plain, {partitions} partitions"
    one, two = systems.ours().name, systems.ours(2).name
    figures: list[Figure] = []
    for name in (one, two):
        runs = found[name]
        note = f"{median(run.starved for run in runs):.2f} threads waiting for a core"
        figures += [
            Figure(name=f"{where}, {name}", value=median(run.records_per_second for run in runs), unit="/s", note=note),
            Figure(name=f"{where}, {name}, CPU per record", value=median(run.cpu_us for run in runs), unit="µs"),
        ]
    doubled = sum(run.doubled for name in (one, two) for run in found[name])
    figures.append(Figure(name=f"{where}, doubled", value=doubled, unit="", required=0, bound=Bound.AT_MOST))
    for name, runs in found.items():
        if name in (one, two):
            continue
        figures += [_ratio(where, mine, found[mine], name, runs) for mine in (one, two)]
    return figures


def _ratio(where: str, mine: str, ours: Sequence[Run], name: str, runs: Sequence[Run]) -> Figure:
    """The median of the ratios within each round."""
    ratio = median(my.records_per_second / its.records_per_second for my, its in zip(ours, runs, strict=False))
    rate, cpu = median(run.records_per_second for run in runs), median(run.cpu_us for run in runs)
    required = next(bound for system, bound in _REQUIRED.items() if name.startswith(system))
    starved = median(run.starved for run in runs)
    note = f"{rate:,.0f}/s, {cpu:.1f} µs of CPU per record, {starved:.2f} threads waiting for a core"
    return Figure(name=f"{where}, {mine} ÷ {name}", value=ratio, unit=_TIMES, required=required, note=note)
