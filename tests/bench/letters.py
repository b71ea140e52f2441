"""What 10,000 dead letters in one go cost the others: the plain work with and without them, on the other partitions.

Both loads alternate; partition 0 has the broken records, one after another, and is left out of both rates.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

import msgspec

from tests.bench.figures import Bound, Figure, Measured
from tests.bench.plain import systems
from tests.bench.plain.measure import Run, measure, prepare

LETTERS: Final = 10_000
PARTITIONS: Final = 4
ROUNDS: Final = 3
FEED: Final = 60_000
"""Rounds of five records: 300,000."""


async def bench(
    bootstrap: str, folder: Path, tell: Callable[[str], None], rounds: int = ROUNDS, feed: int = FEED
) -> Measured:
    """Raises Unavailable when the worker stops halfway."""
    whole = msgspec.structs.replace(await prepare(bootstrap, "bench.whole.v1", PARTITIONS, feed), broken=1)
    broken = await prepare(bootstrap, "bench.broken.v1", PARTITIONS, feed, LETTERS)
    without: list[Run] = []
    beside: list[Run] = []
    for number in range(rounds):
        for runs, load in ((without, whole), (beside, broken)):
            name = f"bench-letters-{number}-{len(without)}-{len(beside)}"
            runs.append(await measure(bootstrap, systems.ours(), load, name, folder / name))
            tell(f"{'with' if load is broken else 'without'} dead letters: {runs[-1].records_per_second:,.0f}/s")
    ratio = median(
        one.records_per_second / other.records_per_second for one, other in zip(without, beside, strict=True)
    )
    figure = Figure(
        name=f"other partitions, without ÷ with {LETTERS:,} dead letters",
        value=ratio,
        unit="x",
        required=1.25,
        bound=Bound.AT_MOST,
        note="1.25 x is 20 % slower",
    )
    how = f"{feed * 5:,} records, {PARTITIONS} partitions, one worker, {rounds} alternating rounds"
    return Measured([figure], how, {"without": msgspec.to_builtins(without), "with": msgspec.to_builtins(beside)})
