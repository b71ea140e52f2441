"""Whatever moment a cut takes of each topic, a bus that is rebuilt from it sends what lacks and nothing twice."""

import random
from collections import Counter
from collections.abc import Iterable
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
from topics import ids
from topics.archive.selection import REBUILT, SOURCES, STANDS, STATES, order
from topics.catalogue.declarations import ALL_KETENS, changelog_topic, raw_topic
from topics.envelope import RAW_TYPE, Envelope
from topics.errors import PositionMismatch
from topics.kafka import Write
from topics.profile import samples
from topics.profile.registry import Registry
from topics.runtime.driver import Driver, FakeBus, Runs, run_until_quiet
from topics.runtime.positions import Position
from topics.runtime.restored import RESTORED_KEY, Restored, encode_restored, identity
from topics.runtime.step import Output

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
Ends = dict[tuple[str, int], int]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("profielen")
    samples.install(folder)
    return Registry.load(folder)


class Chain:
    """All processors of the bus on one FakeBus."""

    def __init__(self, bus: FakeBus, registry: Registry) -> None:
        self.bus = bus
        adapters = [Driver(AdapterProcessor(kind, registry), bus) for kind in KINDS.values()]
        self.adapters = {driver.processor.name: driver for driver in adapters}
        self.correlators = {name: Driver(Correlator(name), bus) for name in ALL_KETENS}
        self.ledger, self.decider = Driver(Ledger(), bus), Driver(Decider(), bus)

    def some(self, chance: random.Random) -> None:
        """A few transactions of whoever comes first."""
        drivers: list[Runs] = [*self.adapters.values(), *self.correlators.values(), self.ledger, self.decider]
        for driver in chance.sample(drivers, chance.randint(0, len(drivers))):
            driver.run(transactions=chance.randint(1, 3))

    def quiet(self) -> None:
        run_until_quiet(*self.adapters.values(), self.decider, *self.correlators.values(), self.ledger)

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


def received(bus: FakeBus, messages: Iterable[load.Message]) -> None:
    for number, message in enumerate(messages):
        at = START + timedelta(seconds=number)
        kind = "corporatie" if message.partner == load.CLIENT else "aannemer"
        receipt = ids.receipt_id(at, number.to_bytes(10, "big"))
        envelope = Envelope(id=receipt, source=message.partner, type=RAW_TYPE, time=at, recorded_time=at)
        output = Output(raw_topic(kind), message.partner.encode(), message.body, envelope.headers())
        bus.send(output, int(at.timestamp() * 1000))


def ends(bus: FakeBus, topics: Iterable[str]) -> Ends:
    return {(topic, number): len(bus.log(topic, number)) for topic in topics for number in range(bus.partitions[topic])}


def copied(bus: FakeBus, into: FakeBus, upto: Ends) -> None:
    for (topic, number), end in upto.items():
        for record in bus.log(topic, number)[:end]:
            into.write(Write(topic, number, record.key, record.value, record.headers, record.timestamp))


def a_cut(chain: Chain, chance: random.Random) -> tuple[FakeBus, dict[str, dict[int, Position]], Ends, Ends]:
    """What the archiver does, with work going on between any two of its steps."""
    low = ends(chain.bus, [topic.name for topic in SOURCES])
    chain.some(chance)
    taken = ends(chain.bus, [topic.name for topic in STATES])
    positions = chain.positions()
    chain.some(chance)
    for step, topics in enumerate(order()):
        taken |= ends(chain.bus, topics)
        if step == 0:
            taken |= ends(chain.bus, [topic.name for topic in STANDS if not topic.private])
        chain.some(chance)
    bus = FakeBus()
    copied(chain.bus, bus, taken)
    return bus, positions, low, taken


def mark(bus: FakeBus, positions: dict[str, dict[int, Position]], low: Ends, taken: Ends) -> None:
    for processor, some in positions.items():
        mine = [topic for topic in SOURCES if processor in topic.producers]
        source = next(
            topic.name for topic in bus.catalogue.values() if processor in topic.consumers and not topic.private
        )
        for number, position in some.items():
            tail = {
                topic.name: tuple(
                    (low[(topic.name, part)], taken[(topic.name, part)]) for part in range(bus.partitions[topic.name])
                )
                for topic in mine
            }
            sure = position.offset
            restored = Restored(whole=True, sure=sure, until=taken[(source, number)], tail=tail)
            key, value = RESTORED_KEY.encode(), encode_restored(restored)
            bus.write(Write(changelog_topic(processor), number, key, value, (), 0))


def identities(bus: FakeBus) -> Counter[tuple[str, bytes]]:
    return Counter(
        (topic.name, identity(topic, record.key, record.headers))
        for topic in SOURCES
        for record in bus.records(topic.name)
    )


def accounts(chain: Chain) -> dict[str, int]:
    return chain.ledger.facets()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_a_rebuilt_bus_sends_what_lacks_and_nothing_twice_whenever_it_was_cut(registry: Registry, seed: int) -> None:
    chance = random.Random(seed)
    messages = list(load.messages(4, "KNIP"))
    wrong = [load.Message(load.CONTRACTOR, f"X{n}", b'{"formaat": "ketenbus-json/1", "nr": %d}' % n) for n in range(2)]
    messages[5:5] = wrong
    chain = Chain(FakeBus(), registry)
    received(chain.bus, messages)
    for _ in range(chance.randint(0, 12)):
        chain.some(chance)
    bus, positions, low, taken = a_cut(chain, chance)
    mark(bus, positions, low, taken)
    rebuilt = Chain(bus, registry)
    rebuilt.quiet()
    chain.quiet()
    assert {what for what, count in identities(rebuilt.bus).items() if count > 1} == set()
    assert accounts(rebuilt) == accounts(chain)
    assert not any(SOORT in facet for facet in accounts(rebuilt))


def test_a_task_refuses_to_begin_while_a_restore_has_not_ended(registry: Registry) -> None:
    bus = FakeBus()
    key, value = RESTORED_KEY.encode(), encode_restored(Restored(whole=False))
    bus.write(Write(changelog_topic(REBUILT[0]), 0, key, value, (), 0))
    with pytest.raises(PositionMismatch, match="broke off"):
        Chain(bus, registry)
