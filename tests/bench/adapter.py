"""What an order costs in the adapter, beside the floor: lxml's parse and XSD validation alone, of the same bytes.

`python -m tests.bench.adapter` prints it. `read` is bytes to Bericht; `event` is bytes to the encoded event: read,
map, encode; `whole` is all of `AdapterProcessor.process`, a raw record to its step: also the content's hash, the
personal data apart, both envelopes as headers, the postings and the state. Orders differ in number, day and time, so
that nothing kept from one answers for a next.

They alternate in rounds, and the median over the rounds of what each costs counts, so that a busy machine spoils all
alike. `_us` is elapsed time, `_cpu_us` time on the processor, which leaves out the waiting for others on the machine;
the ratios are of the latter. What others do to the caches stays in it and weighs on the whole more than on the floor,
so `best_ratio` is of the best round of each, nearest to a machine of one's own. For JSON the floor is `json.loads`;
msgspec's decoder stands beside it.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple, TypeVar

import msgspec
from lxml import etree

from adapters.adapter.admission import sender
from adapters.adapter.flood import Toestand
from adapters.adapter.mapping import Mapping
from adapters.adapter.outcome import Toegelaten
from adapters.adapter.processor import AdapterProcessor
from adapters.formats import read
from adapters.formats.dico_sales005.schema import OWN
from adapters.kinds import CORPORATIE
from topics import ids
from topics.documents import encode
from topics.envelope import Envelope
from topics.profile.registry import Registry
from topics.profile.samples import FOLDER
from topics.runtime.step import Record

GOLDEN: Final = Path(__file__).parents[1] / "contract" / "golden"
XML, JSON = GOLDEN / "dico_sales005" / "opdracht-volledig.xml", GOLDEN / "json_v1" / "opdracht-volledig.json"
ROUNDS, ROUND_US, ORDERS = 1000, 1000, 20
NUMBERS: Final = ((b"OPD-26-00815", "OPD-26-{:05d}"), (b"ZL-2026-0004711", "ZL-2026-{:07d}"))
RECEIVED: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

T = TypeVar("T")
Work = Callable[[], object]


def orders(path: Path) -> list[bytes]:
    """Orders like the one in `path`, of the same size: other numbers, other days of March, other times."""
    raw, made = path.read_bytes(), []
    for number in range(ORDERS):
        one = raw.replace(b"-03-02", b"-03-%02d" % (1 + number // 2)).replace(b"08:30:00", b"08:30:%02d" % number)
        for found, form in NUMBERS:
            one = one.replace(found, form.format(number).encode())
        made.append(one)
    return made


class _Held:
    """The partner's state as the runtime shows it: filled, so that every order moves its window."""

    def __init__(self) -> None:
        self.state = Toestand(uitkomsten=bytes(200), aantal=200)

    def get(self, key: str) -> Toestand | None:
        return self.state

    def due(self, until: datetime) -> Iterator[str]:
        return iter(())


def _record(number: int, raw: bytes, content_type: str) -> Record:
    at = RECEIVED + timedelta(days=10, seconds=number)
    envelope = Envelope(
        id=ids.receipt_id(at, number.to_bytes(10, "big")),
        source="zilverlinde",
        type="nl.ketenbus.ruw.bericht.v1",
        time=at,
        recorded_time=at,
        content_type=content_type,
        sha256=f"{number:064x}",
        channel="http",
    )
    return Record(CORPORATIE.raw_topic, 0, number, 0, b"zilverlinde", raw, tuple(envelope.headers()))


def _next(work: Callable[[T], object], over: Sequence[T]) -> Work:
    """Does the next one, round and round."""
    turn = cycle(over)
    return lambda: work(next(turn))


def _micros(work: Work, times: int) -> tuple[float, float]:
    """Elapsed and CPU, each time."""
    started, on_cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        work()
    return (time.perf_counter() - started) / times * 1e6, (time.process_time() - on_cpu) / times * 1e6


class Cost(NamedTuple):
    """Microseconds per order: medians over the rounds, and the CPU time of the best round."""

    elapsed: float
    cpu: float
    best: float


def _measured(works: Sequence[Work]) -> list[Cost]:
    """A round of each lasts equally long, so that being interrupted, and finding cold caches then, hits all alike."""
    times = [max(1, round(ROUND_US / min(_micros(work, ORDERS)[1] for _ in range(10)))) for work in works]
    rounds: list[list[tuple[float, float]]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, often, found in zip(works, times, rounds, strict=True):
            found.append(_micros(work, often))
    columns = [tuple(zip(*found, strict=True)) for found in rounds]
    return [Cost(median(elapsed), median(on_cpu), min(on_cpu)) for elapsed, on_cpu in columns]


def _way(path: Path, content_type: str, floor: Callable[[bytes], object]) -> tuple[list[Cost], int]:
    raws = orders(path)
    registry, held = Registry.load(FOLDER), _Held()
    processor = AdapterProcessor(CORPORATIE, registry)
    records = [_record(number, raw, content_type) for number, raw in enumerate(raws)]

    def whole(record: Record) -> None:
        for step in processor.process(record, held, None):
            if step.dead_letters or len(step.outputs) != 2:
                raise ValueError(f"{path.name} is refused; the figures would be of a refusal")

    def event(record: Record) -> bytes:
        profile = sender(registry, CORPORATIE, "zilverlinde", RECEIVED)
        outcome = Mapping(registry, CORPORATIE, profile, RECEIVED).part(read(record.value or b"").delen[0])
        if not isinstance(outcome, Toegelaten):
            raise ValueError(f"{path.name} is refused; the figures would be of a refusal")
        return encode(outcome.document)

    works = [_next(floor, raws), _next(read, raws), _next(event, records), _next(whole, records)]
    return _measured(works), len(raws[0])


def bench() -> dict[str, float]:
    """Microseconds per order (see above), `…_ratio` each ÷ floor, `ratio` that of the whole; `json_…` of JSON."""
    schema = etree.XMLSchema(etree.parse(str(OWN)))
    found: dict[str, float] = {}
    for prefix, path, content_type, floor in (
        ("", XML, "application/xml", lambda raw: schema.validate(etree.fromstring(raw))),
        ("json_", JSON, "application/json", json.loads),
    ):
        costs, size = _way(path, content_type, floor)
        found[f"{prefix}bytes"] = float(size)
        lowest = costs[0]
        for name, cost in zip(("floor", "read", "event", "whole"), costs, strict=True):
            found[f"{prefix}{name}_us"], found[f"{prefix}{name}_cpu_us"] = round(cost.elapsed, 1), round(cost.cpu, 1)
            if cost is not lowest:
                found[f"{prefix}{name}_ratio"] = round(cost.cpu / lowest.cpu, 2)
                found[f"{prefix}{name}_best_ratio"] = round(cost.best / lowest.best, 2)
        found[f"{prefix}ratio"] = found[f"{prefix}whole_ratio"]
    decode, raws = msgspec.json.Decoder().decode, orders(JSON)
    found["json_msgspec_cpu_us"] = round(_measured([_next(decode, raws)])[0].cpu, 1)
    return found


if __name__ == "__main__":
    print(json.dumps(bench(), indent=1))
