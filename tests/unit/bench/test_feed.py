"""The feed of the plain work: every system gets the same, and nothing in it makes the work smaller than it is."""

from collections import Counter

from tests.bench.plain.work import APART, EVENT_BYTES, EVENTS, LAST, Plain, catalogue, feed, output_topic
from topics.catalogue.topic import Sizing
from topics.kafka import partition_for
from topics.runtime.driver import Driver, FakeBus

ROUNDS = APART * (LAST - 1) + 50


def test_every_record_has_the_same_size_and_lies_where_its_key_belongs() -> None:
    for write in feed("in.v1", 4, 100, 0, 100):
        assert len(write.value or b"") == EVENT_BYTES
        assert write.partition == partition_for(write.key, 4)


def test_the_next_event_of_a_key_comes_its_distance_later() -> None:
    first, later = feed("in.v1", 4, 3 * APART, APART, 20), feed("in.v1", 4, 3 * APART, 2 * APART, 20)
    assert len({write.key for write in first}) == len(first) == 20 * LAST
    followed = [write.key for write in first if EVENTS.decode(write.value or b"").nummer < LAST]
    following = [write.key for write in later if EVENTS.decode(write.value or b"").nummer > 1]
    assert followed == following


def test_the_work_gives_one_output_for_five_records_with_all_of_them_counted() -> None:
    name, source = "bench", "bench.in.v1"
    bus = FakeBus(catalogue(name, source), Sizing(log=2, ruw=2, klein=2, replication=1))
    wanted = Counter[str]()
    for write in feed(source, 2, ROUNDS, ROUNDS - 20, 20):
        bus.write(write)
        wanted[str(EVENTS.decode(write.value or b"").nummer)] += 1
    Driver(Plain(name, source), bus).run()
    assert len(bus.records(output_topic(name))) == wanted[str(LAST)] == 20
