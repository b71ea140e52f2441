"""Hands the inbox over, each message at its own moment of the played week, and waits until it is handled.

Time stands still and is moved from moment to moment, so that receipts, ticks and working days come out the same on every
machine. What was handed over is kept in `<data>/inbox.jsonl`: starting again goes on behind it.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from adapters.demo.bus import Bus
from adapters.demo.inbox import Sample
from adapters.demo.journal import keep, kept
from adapters.demo.progress import LOOK, PATIENCE, Progress
from adapters.stuur.client import Intake, IntakeRefused
from topics.clock.source import set_time
from topics.documents import Account
from topics.errors import Unavailable

JOURNAL: Final = "inbox.jsonl"
TICK_SECONDS: Final = 60.0


class Delivered(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the intake answered to a sample: the HTTP status, the receipt, and whether it was a repeat."""

    naam: str
    op: datetime
    antwoord: int
    ontvangst: str | None = None
    herhaling: bool = False


def journal(data: Path) -> dict[str, Delivered]:
    """What was handed over earlier, by name of the sample."""
    return kept(data / JOURNAL, Delivered)


def wind_back(data: Path, samples: Sequence[Sample]) -> None:
    """Sets the time of a data folder in which nothing was played yet to that of the first sample.

    Before any process starts: a clock that has marked the real time never marks an older one, so that the week would
    pass without ticks.
    """
    if not journal(data):
        data.mkdir(parents=True, exist_ok=True)
        set_time(data, min(sample.verwacht.op for sample in samples))


async def deliver(
    bus: Bus, samples: Sequence[Sample], progress: Progress, tell: Callable[[Sample, Delivered], None]
) -> dict[str, Delivered]:
    """Hand over what was not yet, in order. Raises Unavailable when the bus does not keep up."""
    done = journal(bus.data)
    intakes = {partner: Intake(bus.url, key) for partner, key in bus.keys.items()}
    former = max((one.op for one in done.values()), default=None)
    try:
        for sample in samples:
            if sample.naam in done:
                continue
            at = sample.verwacht.op
            set_time(bus.data, at)
            if former is None or (at - former).total_seconds() >= TICK_SECONDS:
                await progress.ticked(at)
            former = at
            answer = await asyncio.to_thread(_hand_over, intakes, sample)
            keep(bus.data / JOURNAL, [answer])
            done[sample.naam] = answer
            tell(sample, answer)
    finally:
        for intake in intakes.values():
            intake.close()
    return done


def _hand_over(intakes: Mapping[str, Intake], sample: Sample) -> Delivered:
    """One message, as its partner's ERP sends it; returns when no part of it is on its way any more."""
    verwacht = sample.verwacht
    intake = intakes[verwacht.partner]
    try:
        receipt = intake.send(sample.bestand.read_bytes(), sample.content_type)
    except IntakeRefused as refused:
        return Delivered(sample.naam, verwacht.op, refused.status)
    until = time.monotonic() + PATIENCE
    while intake.status(receipt.id).status == Account.ONDERWEG:
        if time.monotonic() > until:
            raise Unavailable(f"{sample.naam}: still onderweg after {PATIENCE:.0f} s")
        time.sleep(LOOK)
    answer = 200 if receipt.herhaling else 202
    return Delivered(sample.naam, verwacht.op, answer, receipt.id, receipt.herhaling)
