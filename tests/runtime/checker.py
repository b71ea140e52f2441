"""Reads what a run left on the broker and says what is wrong with it.

Everything is read committed, after the processor has handled its input, and compared with a plain recomputation from
the input log (`truth_of`): nothing that the runtime says of itself is believed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from tests.runtime.cluster import settled
from tests.runtime.teller import EVENTS, UITS, Teller, Telling, output_topic
from tests.runtime.truth import Truth, truth_of
from topics.catalogue.declarations import changelog_topic, dead_letter_topic
from topics.errors import StateCorrupt
from topics.kafka import open_admin, open_reader
from topics.runtime.positions import POSITION_KEY, Position, decode_position
from topics.runtime.step import Record
from topics.runtime.store import Store


@dataclass
class Found:
    """What lies on the topics: records in offset order within each partition, and the group's offsets."""

    log: Sequence[Record]
    outputs: Sequence[Record]
    changelog: Sequence[Record]
    letters: Sequence[Record]
    group: Mapping[int, int]


@dataclass
class Report:
    """`damage`: one line per kind of damage, with a first example. Empty means exact."""

    records: int = 0
    repeats: int = 0
    outputs: int = 0
    letters: int = 0
    keys: int = 0
    changelog: int = 0
    damage: list[str] = field(default_factory=list)

    def note(self, what: str, examples: Iterable[object]) -> None:
        found = list(examples)
        if found:
            self.damage.append(f"{what}: {len(found)}, such as {found[0]}")


def examine(teller: Teller, found: Found) -> Report:
    truth = truth_of(found.log)
    report = Report(
        records=len(found.log),
        repeats=sum(key.dubbel for key in truth.keys.values()),
        outputs=len(found.outputs),
        letters=len(found.letters),
        keys=len(truth.keys),
        changelog=len(found.changelog),
    )
    _examine_outputs(found, truth, report)
    _examine_state(teller, found, truth, report)
    _examine_letters(found, truth, report)
    _examine_positions(found, truth, report)
    sent = Counter((record.key.decode(), record_id(record)) for record in found.log)
    wanted = Counter(truth.derived)
    report.note("derived events lost", [at for at in wanted if wanted[at] > sent[at]])
    report.note("derived events doubled", [at for at in wanted if wanted[at] < sent[at]])
    return report


def _examine_outputs(found: Found, truth: Truth, report: Report) -> None:
    seen: dict[str, list[tuple[str, int]]] = {}
    for record in found.outputs:
        uit = UITS.decode(record.value or b"")
        seen.setdefault(uit.key, []).append((uit.id, uit.n))
    counted = Counter((key, id_) for key, all_ in seen.items() for id_, _ in all_)
    wanted = Counter((key, id_) for key, all_ in truth.outputs.items() for id_, _ in all_)
    report.note("outputs lost", (wanted - counted).elements())
    report.note("outputs doubled", (counted - wanted).elements())
    report.note(
        "keys out of order",
        [key for key in seen.keys() | truth.outputs.keys() if seen.get(key, []) != truth.outputs.get(key, [])],
    )


def _examine_state(teller: Teller, found: Found, truth: Truth, report: Report) -> None:
    stores = changelog_stores(teller, found.changelog)
    state: dict[str, Telling] = {}
    for store in stores.values():
        report.note("keys in two partitions", [key for key, _ in store.items() if key in state])
        state |= {key: teller.decode(payload) for key, payload in store.items()}
    wrong = [
        key
        for key in state.keys() | truth.keys.keys()
        if key not in state
        or key not in truth.keys
        or (state[key].n, list(state[key].ids)) != (len(truth.keys[key].ids), truth.keys[key].ids)
        or (state[key].dubbel, state[key].geschorst) != (truth.keys[key].dubbel, truth.keys[key].geschorst)
    ]
    report.note("keys whose state differs from a recomputation", wrong)


def _examine_letters(found: Found, truth: Truth, report: Report) -> None:
    seen: Counter[tuple[int, int]] = Counter()
    for record in found.letters:
        headers = dict(record.headers)
        seen[(int(headers["dlq.partition"]), int(headers["dlq.offset"]))] += 1
    wanted = Counter(truth.letters)
    report.note("dead letters lost", (wanted - seen).elements())
    report.note("dead letters doubled", (seen - wanted).elements())


def _examine_positions(found: Found, truth: Truth, report: Report) -> None:
    last: dict[int, Position] = {}
    for record in found.changelog:
        if record.key.decode() != POSITION_KEY:
            continue
        position = decode_position(record.value or b"")
        former = last.get(record.partition)
        if former is not None and position.offset < former.offset:
            report.note("positions that went back", [f"{record.position}: {former} to {position}"])
        last[record.partition] = position
    ends = {partition: Position(offset + 1) for partition, offset in truth.last.items()}
    report.note(
        "positions not at the end", [f"{p}: {last.get(p)}, not {end}" for p, end in ends.items() if last.get(p) != end]
    )
    report.note(
        "group offsets not at the position",
        [f"{p}: {found.group.get(p)}, not {end.offset}" for p, end in ends.items() if found.group.get(p) != end.offset],
    )


def record_id(record: Record) -> str:
    """The id of the event in a record of the input; empty when it is unreadable."""
    try:
        return EVENTS.decode(record.value or b"").id
    except msgspec.DecodeError:
        return ""


def changelog_stores(teller: Teller, changelog: Iterable[Record]) -> dict[int, Store[Telling]]:
    """The state per partition, as a restore makes it."""
    stores: dict[int, Store[Telling]] = {}
    for record in changelog:
        store = stores.setdefault(record.partition, Store(teller))
        store.restore(record.key.decode(), record.value)
    return stores


async def read_all(bootstrap: str, topic: str) -> list[Record]:
    """All committed records, in order within each partition."""
    async with open_reader(bootstrap, [topic]) as reader:
        records = [record async for record in reader.to_end()]
    return sorted(records, key=lambda record: (record.partition, record.offset))


async def find(bootstrap: str, teller: Teller) -> Found:
    await settled(
        bootstrap,
        [teller.topic, output_topic(teller.name), changelog_topic(teller.name), dead_letter_topic(teller.topic)],
    )
    async with open_admin(bootstrap) as admin:
        group = await admin.group_offsets(teller.name)
    return Found(
        log=await read_all(bootstrap, teller.topic),
        outputs=await read_all(bootstrap, output_topic(teller.name)),
        changelog=await read_all(bootstrap, changelog_topic(teller.name)),
        letters=await read_all(bootstrap, dead_letter_topic(teller.topic)),
        group={partition: offset for (_, partition), offset in group.items()},
    )


async def check(bootstrap: str, teller: Teller) -> Report:
    """Call it when the input is handled and no worker runs."""
    try:
        return examine(teller, await find(bootstrap, teller))
    except StateCorrupt as error:
        return Report(damage=[f"changelog unreadable: {error}"])
