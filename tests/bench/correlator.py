"""What the correlator alone costs: decode, decide, conclude, measure and encode, in memory (DESIGN 11).

Orders are interleaved as a log interleaves them, so that a dossier's state is decoded and encoded again for every event
as in the runtime, where it is bytes between transactions. Run as a module it prints its figures as JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chain.correlate import Correlator
from chain.ketens.onderhoud import Staat
from tests.unit.chain import berichten as b
from topics import keys
from topics.documents import Moment
from topics.runtime.step import Record, Step, Unchanged

_LOOP = (
    ("REG", 1),
    ("ACC", 2),
    ("REV", 5),
    ("REA", 20),
    ("OND+BNT", 26),
    ("AIN", 50),
    ("VIN", 52),
    ("TGE", 74),
    ("AGE", 98),
)
"""Nine statuses after the opdracht, in hours: an order as lively as ONDERHOUD knows them."""


class Frames:
    """State as the runtime keeps it: bytes, and objects while a transaction is open."""

    def __init__(self, correlator: Correlator) -> None:
        self._correlator = correlator
        self.frames: dict[str, bytes] = {}
        self.vervalt: dict[str, datetime] = {}
        self._open: dict[str, Staat] = {}

    def get(self, key: str) -> Staat | None:
        found = self._open.get(key)
        if found is not None:
            return found
        data = self.frames.get(key)
        return None if data is None else self._correlator.decode(data)

    def due(self, until: datetime) -> Iterator[str]:
        return iter([key for key, at in self.vervalt.items() if at <= until])

    def take(self, step: Step[Staat]) -> None:
        if step.state is not None and not isinstance(step.state, Unchanged):
            self._open[step.key] = step.state
            self.vervalt.pop(step.key, None)
            if step.due is not None:
                self.vervalt[step.key] = step.due

    def commit(self) -> None:
        for key, state in self._open.items():
            self.frames[key] = self._correlator.encode(state)
        self._open.clear()


def log(dossiers: int) -> list[Record]:
    """Ten events per dossier, wave by wave."""
    begin = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
    records: list[Record] = []
    sleutels = [keys.order_key(b.KETEN, b.CORPORATIE, f"IN{number:08}") for number in range(dossiers)]
    starts = [begin + timedelta(seconds=number) for number in range(dossiers)]
    for wave in range(len(_LOOP) + 1):
        for number, (sleutel, start) in enumerate(zip(sleutels, starts, strict=True)):
            records.append(b.record(event(wave, number, start), len(records), sleutel))
    return records


def event(wave: int, number: int, start: datetime) -> b.Bericht:
    if wave == 0:
        return b.opdracht_op(start, f"O{number:08}")
    code, hours = _LOOP[wave - 1]
    door = b.CORPORATIE if code == "REA" else b.AANNEMER
    moment = Moment(start + timedelta(hours=hours))
    return b.status(code, moment, nummer=f"S{number:08}{wave}", door=door)


def bench(dossiers: int = 20_000, batch: int = 4_000) -> dict[str, float]:
    """events_per_second, CPU per event, encoded bytes per dossier of ten messages, outputs per event; and per dossier
    that a tick finds late. Measured in memory: without the runtime and without the broker."""
    records = log(dossiers)
    correlator = Correlator(b.KETEN)
    frames = Frames(correlator)
    published = size = 0
    begin, cpu = time.perf_counter(), time.process_time()
    for first in range(0, len(records), batch):
        for record in records[first : first + batch]:
            for step in correlator.process(record, frames, None):
                frames.take(step)
                published += len(step.outputs)
                size += sum(len(output.value or b"") for output in step.outputs)
        frames.commit()
    spent, cpu = time.perf_counter() - begin, time.process_time() - cpu
    stored = sum(map(len, frames.frames.values()))
    return {
        "dossiers": dossiers,
        "events": len(records),
        "batch": batch,
        "events_per_second": round(len(records) / spent),
        "cpu_microseconds_per_event": round(cpu / len(records) * 1e6, 1),
        "bytes_per_dossier": round(stored / dossiers),
        "outputs_per_event": round(published / len(records), 2),
        "output_bytes_per_event": round(size / len(records)),
        "tick_cpu_microseconds_per_dossier": round(_tick(records[:dossiers], batch), 1),
    }


def _tick(orders: list[Record], batch: int) -> float:
    """CPU per dossier of a tick that finds every one of these orders late."""
    correlator = Correlator(b.KETEN)
    frames = Frames(correlator)
    for order in orders:
        for step in correlator.process(order, frames, None):
            frames.take(step)
    frames.commit()
    late = b.record(b.klok("++zo 00:00"), len(orders))
    cpu = time.process_time()
    for number, step in enumerate(correlator.process(late, frames, None)):
        frames.take(step)
        if number % batch == 0:
            frames.commit()
    frames.commit()
    return (time.process_time() - cpu) / len(orders) * 1e6


if __name__ == "__main__":
    print(json.dumps(bench(*(int(number) for number in sys.argv[1:]))))
