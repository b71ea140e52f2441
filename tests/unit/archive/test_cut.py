"""Whatever moment a cut takes of each topic, a bus that is rebuilt from it sends what lacks and nothing twice."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.adapter.processor import AdapterProcessor
from adapters.kinds import KINDS
from chain.besluit.processor import Decider
from chain.correlate import Correlator
from chain.ledger.processor import SOORT, Ledger
from tests.integration.bus import load
from tests.unit.archive.made import HEADED, MADE, PARTITIONS
from topics import ids
from topics.archive import recordfile, writing
from topics.archive.checked import check
from topics.archive.manifest import HEAD, Cut, Offsets, cut_name, encode
from topics.archive.place import Place, open_place
from topics.archive.selection import REBUILT, SOURCES, STANDS, STATES, order, shelf
from topics.catalogue.declarations import ALL_KETENS, changelog_topic, log_topic, raw_topic
from topics.catalogue.precedence import earlier
from topics.catalogue.topic import SINGLE, Sizing
from topics.documents import ce_type
from topics.documents import encode as encode_document
from topics.documents.keten import Klok, Tik
from topics.envelope import RAW_TYPE, Envelope
from topics.errors import PositionMismatch
from topics.kafka import Write
from topics.objectstore import ObjectStoreSettings
from topics.profile import samples
from topics.profile.registry import Registry
from topics.runtime.driver import Driver, FakeBus, Runs, run_until_quiet
from topics.runtime.positions import Position
from topics.runtime.restored import RESTORED_KEY, Restored, encode_restored, identity
from topics.runtime.step import Output, Record

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
Ends = dict[tuple[str, int], int]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("profielen")
    samples.install(folder)
    return Registry.load(folder)


class Chain:
    """All processors of the bus on one FakeBus, and what partners send to it: `coming`, numbered."""

    def __init__(self, bus: FakeBus, registry: Registry, coming: Sequence[tuple[int, load.Message]]) -> None:
        self.bus, self._coming = bus, list(coming)
        adapters = [Driver(AdapterProcessor(kind, registry), bus) for kind in KINDS.values()]
        self.adapters = {driver.processor.name: driver for driver in adapters}
        self.correlators = {name: Driver(Correlator(name), bus) for name in ALL_KETENS}
        self.ledger, self.decider = Driver(Ledger(), bus), Driver(Decider(), bus)

    def some(self, chance: random.Random) -> None:
        """A few messages and ticks, and a few transactions of whoever comes first."""
        for _ in range(chance.randint(0, 3)):
            self._receive()
        drivers: list[Runs] = [*self.adapters.values(), *self.correlators.values(), self.ledger, self.decider]
        for driver in chance.sample(drivers, chance.randint(0, len(drivers))):
            driver.run(transactions=chance.randint(1, 3))

    def _receive(self) -> None:
        if self._coming:
            number, message = self._coming.pop(0)
            received(self.bus, message, number)
            if number % 5 == 4:
                ticked(self.bus, number)

    def quiet(self, chance: random.Random) -> None:
        """Until all is done, by whoever comes first of those whose turn it is; then what is yet to come too."""
        drivers: dict[str, Runs] = {
            **self.adapters,
            **{driver.processor.name: driver for driver in self.correlators.values()},
            self.ledger.processor.name: self.ledger,
            self.decider.processor.name: self.decider,
        }
        done: set[str] = set()
        while len(done) < len(drivers):
            name = chance.choice([name for name in drivers if name not in done and done.issuperset(earlier(name))])
            run_until_quiet(drivers[name])
            done.add(name)
        while self._coming:
            self._receive()
        run_until_quiet(*drivers.values())

    def positions(self) -> dict[str, dict[int, Position]]:
        found = {}
        for adapter in self.adapters.values():
            found[adapter.processor.name] = {at: store.position or Position(0) for at, store in adapter.stores.items()}
        for correlator in self.correlators.values():
            stores = correlator.stores
            found[correlator.processor.name] = {at: store.position or Position(0) for at, store in stores.items()}
        stores_ = self.decider.stores
        found[self.decider.processor.name] = {at: store.position or Position(0) for at, store in stores_.items()}
        return found


def received(bus: FakeBus, message: load.Message, number: int) -> None:
    at = START + timedelta(seconds=number)
    kind = "corporatie" if message.partner == load.CLIENT else "aannemer"
    envelope = Envelope(id=receipt(number), source=message.partner, type=RAW_TYPE, time=at, recorded_time=at)
    output = Output(raw_topic(kind), message.partner.encode(), message.body, envelope.headers())
    bus.send(output, int(at.timestamp() * 1000))


def receipt(number: int) -> str:
    return ids.receipt_id(START + timedelta(seconds=number), number.to_bytes(10, "big"))


def lost(bus: FakeBus, messages: Sequence[tuple[int, load.Message]]) -> list[tuple[int, load.Message]]:
    """What `bus` has no raw message of, so that its sender sends it again."""
    there = {record.envelope().id for kind in KINDS for record in bus.records(raw_topic(kind))}
    return [one for one in messages if receipt(one[0]) not in there]


def ticked(bus: FakeBus, number: int) -> None:
    """Time goes on in every partition of every topic that it is written to."""
    at = START + timedelta(hours=number)
    for topic, document in [
        *((raw_topic(kind), Tik(tot=at)) for kind in KINDS),
        *((log_topic(keten), Klok(tot=at)) for keten in ALL_KETENS),
    ]:
        envelope = Envelope(
            id=f"{topic}-{number}", source="clock", type=ce_type(type(document)), time=at, recorded_time=at
        )
        for partition in range(bus.partitions[topic]):
            output = Output(topic, b"klok", encode_document(document), envelope.headers(), partition=partition)
            bus.send(output, int(at.timestamp() * 1000))


def ends(bus: FakeBus, topics: Iterable[str]) -> Ends:
    return {(topic, number): len(bus.log(topic, number)) for topic in topics for number in range(bus.partitions[topic])}


def a_cut(chain: Chain, chance: random.Random, place: Place) -> None:
    """What the archiver does, with work going on between any two of its steps."""
    bus = chain.bus
    low = ends(bus, [topic.name for topic in SOURCES])
    chain.some(chance)
    taken = ends(bus, [topic.name for topic in STATES])
    positions = chain.positions()
    chain.some(chance)
    for step, topics in enumerate(order()):
        taken |= ends(bus, topics)
        if step == 0:
            taken |= ends(bus, [topic.name for topic in STANDS if not topic.private])
        chain.some(chance)
    shelves: dict[str, list[Record]] = {}
    for topic in SOURCES:
        shelves.setdefault(shelf(topic), []).extend(below(bus, topic.name, taken))
    files = [recordfile.write(place, name, name, some, PARTITIONS, MADE) for name, some in shelves.items() if some]
    stands = {}
    for topic in STANDS:
        last = {(one.partition, one.key): one for one in below(bus, topic.name, taken)}
        if last:
            stands[topic.name] = recordfile.write(place, topic.name, "stand", [*last.values()], PARTITIONS, MADE)
    cut = Cut(
        number=1,
        since=1,
        made=MADE,
        low=offsets(low),
        high=offsets(taken),
        positions={name: tuple(some[at].offset for at in sorted(some)) for name, some in positions.items()},
        files=tuple(files),
        stands=stands,
    )
    place.create(HEAD, encode(HEADED))
    place.create(cut_name(1), encode(cut))


def below(bus: FakeBus, topic: str, upto: Ends) -> list[Record]:
    return [one for number in range(bus.partitions[topic]) for one in bus.log(topic, number)[: upto[(topic, number)]]]


def offsets(found: Ends) -> Offsets:
    return {
        name: tuple(found[(name, number)] for number in range(PARTITIONS[name])) for name in {at[0] for at in found}
    }


def rebuilt(place: Place, sizing: Sizing) -> FakeBus:
    """A bus of `sizing` with what a restore writes."""
    checked = check(place, lambda _: None, sizing)
    bus = FakeBus(sizing=sizing)
    for writes in (
        *writing.records(place, checked),
        writing.standing(place, checked),
        writing.left(checked, sizing, MADE),
    ):
        for write in writes:
            bus.write(write)
    return bus


def identities(bus: FakeBus) -> Counter[tuple[str, bytes]]:
    return Counter(
        (topic.name, identity(topic, record.key, record.headers))
        for topic in SOURCES
        for record in bus.records(topic.name)
        if record.key != b"klok"
    )


def accounts(chain: Chain) -> dict[str, int]:
    return chain.ledger.facets()


@pytest.mark.parametrize("sizing", [SINGLE, Sizing.of("single:log=8,ruw=4,klein=6")], ids=["as-wide", "wider"])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_rebuilt_bus_sends_what_lacks_and_nothing_twice_whenever_it_was_cut(
    registry: Registry, tmp_path_factory: pytest.TempPathFactory, sizing: Sizing, seed: int
) -> None:
    chance = random.Random(seed)
    messages = list(load.messages(4, "KNIP"))
    wrong = [load.Message(load.CONTRACTOR, f"X{n}", b'{"formaat": "ketenbus-json/1", "nr": %d}' % n) for n in range(2)]
    messages[5:5] = wrong
    numbered = list(enumerate(messages))
    chain = Chain(FakeBus(), registry, numbered)
    for _ in range(chance.randint(0, 12)):
        chain.some(chance)
    with open_place(ObjectStoreSettings(blobs=str(tmp_path_factory.mktemp("archief"))), writing=True) as place:
        a_cut(chain, chance, place)
        bus = rebuilt(place, sizing)
    again = Chain(bus, registry, lost(bus, numbered))
    again.quiet(chance)
    chain.quiet(chance)
    assert {what for what, count in identities(again.bus).items() if count > 1} == set()
    assert accounts(again) == accounts(chain)
    assert not any(SOORT in facet for facet in accounts(again))


def test_a_task_refuses_to_begin_while_a_restore_has_not_ended(registry: Registry) -> None:
    bus = FakeBus()
    key, value = RESTORED_KEY.encode(), encode_restored(Restored(whole=False))
    bus.write(Write(changelog_topic(REBUILT[0]), 0, key, value, (), 0))
    with pytest.raises(PositionMismatch, match="broke off"):
        Chain(bus, registry, ())
