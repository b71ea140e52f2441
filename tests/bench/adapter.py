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

Every format with an XSD is measured on its golden message with every element; the figures of SALES005 have no prefix.
UBL invoices are measured apart (`ubl`), as most of their time is spent in another process.
Of VERA the floor is JSON read exactly and validated by the models, as a schema is part of the floor of XML.
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
import psutil
from lxml import etree
from pydantic import BaseModel

from adapters.adapter.admission import sender
from adapters.adapter.flood import Toestand
from adapters.adapter.mapping import Mapping
from adapters.adapter.outcome import Toegelaten
from adapters.adapter.processor import AdapterProcessor
from adapters.formats import FORMATS, read
from adapters.formats.dico_projectprofiel import schema as kaarten
from adapters.formats.dico_sales005 import schema as sales005
from adapters.formats.insbou003 import schema as insbou003
from adapters.formats.insbou004 import schema as insbou004
from adapters.formats.payload import Payload
from adapters.formats.ubl import Ubl
from adapters.formats.vera import schema as vera
from adapters.kinds import AANNEMER, CORPORATIE, Kind
from adapters.schematron import Rules
from topics import ids
from topics.documents import encode
from topics.documents.onderhoud import Statuscode, Statusdetail
from topics.envelope import Envelope
from topics.profile.profile import Codering
from topics.profile.registry import Registry
from topics.profile.samples import FOLDER
from topics.runtime.step import Record

GOLDEN: Final = Path(__file__).parents[1] / "contract" / "golden"
UBL_INVOICE: Final = GOLDEN / "ubl" / "factuur-volledig.xml"
UBL_INVOICES: Final = 1000
JSON = GOLDEN / "json_v1" / "opdracht-volledig.json"
ROUNDS, ROUND_US, ORDERS = 1000, 1000, 20
NUMBERS: Final = ((b"OPD-26-00815", "OPD-26-{:05d}"), (b"ZL-2026-0004711", "ZL-2026-{:07d}"))
RECEIVED: Final = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

T = TypeVar("T")
Work = Callable[[], object]


class Way(NamedTuple):
    """A message of `partner` to measure; `xsd` (None: JSON) or `model` for its floor, and its prefix in the figures."""

    prefix: str
    path: Path
    kind: Kind
    partner: str
    xsd: Path | None
    model: type[BaseModel] | None = None

    def floor(self) -> Callable[[bytes], object]:
        """Parsing and validating alone. A schema that is kept without namespace gets that of the message."""
        if self.xsd is None:
            model = self.model
            return json.loads if model is None else lambda raw: model.model_validate(Payload(raw).value)
        tree = etree.parse(str(self.xsd))
        namespace = etree.parse(str(self.path)).getroot().nsmap.get(None)
        if namespace and tree.getroot().get("targetNamespace") is None:
            text = etree.tostring(tree).decode().replace(' elementFormDefault="unqualified"', "")
            text = text.replace(' elementFormDefault="qualified"', "")
            spaced = f'<xs:schema xmlns="{namespace}" targetNamespace="{namespace}" elementFormDefault="qualified"'
            tree = etree.ElementTree(etree.fromstring(text.replace("<xs:schema", spaced, 1)))
        schema = etree.XMLSchema(tree)
        if not schema.validate(etree.parse(str(self.path))):
            raise ValueError(f"{self.path.name} is not valid by {self.xsd}; the floor would be of a refusal")
        return lambda raw: schema.validate(etree.fromstring(raw))


WAYS: Final = (
    Way("", GOLDEN / "dico_sales005" / "opdracht-volledig.xml", CORPORATIE, "zilverlinde", sales005.OWN),
    Way("json_", JSON, CORPORATIE, "zilverlinde", None),
    Way("insbou003_", GOLDEN / "insbou003" / "opdracht-volledig.xml", CORPORATIE, "zilverlinde", insbou003.OWN),
    Way("insbou004_", GOLDEN / "insbou004" / "opdracht-volledig.xml", CORPORATIE, "zilverlinde", insbou004.OWN),
    Way(
        "projectprofiel_", GOLDEN / "dico_projectprofiel" / "status-volledig.xml", AANNEMER, "kobalt-noord", kaarten.OWN
    ),
    Way("vera_", GOLDEN / "vera" / "opdracht-volledig.json", CORPORATIE, "zilverlinde", None, vera.Order),
)


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


def _record(way: Way, number: int, raw: bytes) -> Record:
    at = RECEIVED + timedelta(days=10, seconds=number)
    envelope = Envelope(
        id=ids.receipt_id(at, number.to_bytes(10, "big")),
        source=way.partner,
        type="nl.ketenbus.ruw.bericht.v1",
        time=at,
        recorded_time=at,
        content_type="application/json" if way.xsd is None else "application/xml",
        sha256=f"{number:064x}",
        channel="http",
    )
    return Record(way.kind.raw_topic, 0, number, 0, way.partner.encode(), raw, tuple(envelope.headers()))


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


def _registry() -> Registry:
    """The sample partners, who may send every format here and whose words are those of the golden messages."""
    loaded, names = Registry.load(FOLDER), tuple(one.name for one in FORMATS)
    versions = (one for partner in loaded.partners() for one in loaded.versions(partner))
    word = {"OND/AFH": Codering(code=Statuscode.OND, detail=Statusdetail.AFH, voorbeeld="OND/AFH: afspraak gemaakt")}
    return Registry(one.model_copy(update={"formaten": names, "statussen": one.statussen | word}) for one in versions)


def _costs(way: Way) -> tuple[list[Cost], int]:
    raws = orders(way.path)
    registry, held = _registry(), _Held()
    processor = AdapterProcessor(way.kind, registry)
    records = [_record(way, number, raw) for number, raw in enumerate(raws)]

    def whole(record: Record) -> None:
        steps = list(processor.process(record, held, None))
        if any(step.dead_letters for step in steps) or not any(step.outputs for step in steps):
            raise ValueError(f"{way.path.name} is refused; the figures would be of a refusal")

    def event(record: Record) -> bytes:
        profile = sender(registry, way.kind, way.partner, RECEIVED)
        outcome = Mapping(registry, way.kind, profile, RECEIVED).part(read(record.value or b"").delen[0])
        if not isinstance(outcome, Toegelaten):
            raise ValueError(f"{way.path.name} is refused; the figures would be of a refusal: {outcome}")
        return encode(outcome.document)

    works = [_next(way.floor(), raws), _next(read, raws), _next(event, records), _next(whole, records)]
    return _measured(works), len(raws[0])


def bench() -> dict[str, float]:
    """Microseconds per message (see above), `…_ratio` each ÷ floor, `ratio` that of the whole; prefixed per way."""
    found: dict[str, float] = {}
    for way in WAYS:
        prefix = way.prefix
        costs, size = _costs(way)
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


def ubl() -> dict[str, float]:
    """Milliseconds elapsed per UBL invoice, medians: `ubl_read_ms` with the official rules, asked over the pipes of their
    process; `ubl_again_ms` when their verdict is kept, so without them; `ubl_rules_ms` the difference. `ubl_rules_mb` is
    what that process has in memory after them, `ubl_first_s` what the first invoice waits for it."""
    rules = Rules()
    formats = (Ubl(rules),)
    raw = UBL_INVOICE.read_bytes()
    raws = [raw.replace(b"F-2026-0412", b"F-%09d" % number) for number in range(UBL_INVOICES)]
    started = time.perf_counter()
    read(raw, formats=formats)
    first = time.perf_counter() - started
    fresh: list[float] = []
    kept: list[float] = []
    for one in raws:
        for spent in (fresh, kept):
            began = time.perf_counter()
            gelezen = read(one, formats=formats)
            spent.append((time.perf_counter() - began) * 1e3)
            if gelezen.delen[0].bericht is None:
                raise ValueError(f"{UBL_INVOICE.name} is refused; the figures would be of a refusal")
    memory = psutil.Process(rules.pid).memory_info().rss / 1e6
    rules.close()
    whole, again = median(fresh), median(kept)
    return {
        "ubl_bytes": float(len(raw)),
        "ubl_read_ms": round(whole, 2),
        "ubl_again_ms": round(again, 2),
        "ubl_rules_ms": round(whole - again, 2),
        "ubl_rules_mb": round(memory),
        "ubl_first_s": round(first, 2),
    }


if __name__ == "__main__":
    print(json.dumps(bench() | ubl(), indent=1))
