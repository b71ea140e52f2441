"""The same log gives the same bytes, wherever transactions are cut and however often the process dies between them."""

from collections import defaultdict
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.checker import Found, examine
from tests.runtime.teller import Teller, catalogue, event
from topics.catalogue.declarations import changelog_topic, dead_letter_topic
from topics.catalogue.topic import SINGLE
from topics.runtime.batch import Limits
from topics.runtime.driver import Driver, FakeBus
from topics.runtime.step import Output, Record

NAME = "eigenschap"
KEYS = ["a", "b", "c", "d", "raise-on-tick-1", "raise-on-tick-2"]
DEEDS = st.one_of(
    st.sampled_from(["count", "count", "raise", "big", "letter", "elsewhere", "derive", "forget", "nonsense"]),
    st.integers(0, 12).map(lambda n: f"many:{n}"),
    st.integers(1, 5).map(lambda at: f"due:{at * 60_000}"),
    st.integers(1, 5).map(lambda at: f"tick:{at * 60_000}"),
)


@dataclass(frozen=True)
class Sent:
    key: str
    id: str
    do: str

    def output(self) -> Output:
        value = b"\xff" if self.do == "nonsense" else event(self.id, self.do)
        return Output(topic=f"{NAME}.in.v1", key=self.key.encode(), value=value)


SENT = st.builds(Sent, st.sampled_from(KEYS), st.integers(0, 40).map(str), DEEDS)
LIMITS = st.builds(
    Limits, steps=st.integers(1, 9), bytes=st.sampled_from([1, 300, 2000, 1 << 20]), seconds=st.just(3600.0)
)
CRASHES = st.lists(st.integers(0, 4), max_size=6)


def run(sent: list[Sent], limits: Limits, crashes: list[int], feeds: int) -> FakeBus:
    """The log in `feeds` pieces, each handled to its end; before that, one crash after each number of transactions."""
    bus = FakeBus(catalogue(NAME), SINGLE)
    teller = Teller(NAME)
    for piece in range(feeds):
        for number, one in enumerate(sent):
            if number * feeds // max(1, len(sent)) == piece:
                bus.send(one.output(), timestamp=number)
        driver = Driver(teller, bus, limits)
        for transactions in crashes:
            driver.run(transactions)
            driver.crash()
        while driver.run():
            pass
    return bus


def by_key(records: list[Record]) -> dict[bytes, list[tuple[object, ...]]]:
    found: defaultdict[bytes, list[tuple[object, ...]]] = defaultdict(list)
    for record in records:
        found[record.key].append((record.value, tuple(record.headers), record.timestamp))
    return dict(found)


def last(records: list[Record]) -> dict[tuple[int, bytes], bytes | None]:
    """What compaction leaves."""
    values = {(record.partition, record.key): record.value for record in records}
    return {at: value for at, value in values.items() if value is not None}


@settings(max_examples=300, deadline=None)
@given(st.lists(SENT, max_size=40), LIMITS, CRASHES)
def test_any_cuts_and_crashes_give_the_same_bytes(sent: list[Sent], limits: Limits, crashes: list[int]) -> None:
    whole, cut = run(sent, Limits(seconds=3600), [], 1), run(sent, limits, crashes, 1)
    for topic in (f"{NAME}.uit.v1", f"{NAME}.in.v1", dead_letter_topic(f"{NAME}.in.v1")):
        assert by_key(cut.records(topic)) == by_key(whole.records(topic))
    changelog = changelog_topic(NAME)
    assert last(cut.records(changelog)) == last(whole.records(changelog))


@settings(max_examples=200, deadline=None)
@given(st.lists(SENT, max_size=40), LIMITS, CRASHES, st.integers(1, 4))
def test_any_cuts_and_crashes_agree_with_a_plain_recomputation(
    sent: list[Sent], limits: Limits, crashes: list[int], feeds: int
) -> None:
    bus = run(sent, limits, crashes, feeds)
    teller = Teller(NAME)
    log = bus.records(teller.topic)
    found = Found(
        log=log,
        outputs=bus.records(teller.out),
        changelog=bus.records(changelog_topic(NAME)),
        letters=bus.records(dead_letter_topic(teller.topic)),
        group={record.partition: record.offset + 1 for record in log},
    )
    assert examine(teller, found).damage == []
