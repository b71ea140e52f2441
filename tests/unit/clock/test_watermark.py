"""The watermark: a keten ticks only for what every adapter that feeds it has read, and never backwards."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from topics.clock.watermark import Watermark
from topics.documents.keten import Klok, Opschorting, Watermerk

BASE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ONE, TWO, OTHER = ("ruw.a.v1", 0), ("ruw.a.v1", 1), ("ruw.b.v1", 0)
FEEDS = {"onderhoud": frozenset({ONE, TWO}), "aansluiting": frozenset({TWO, OTHER})}


def at(minutes: float) -> datetime:
    return BASE + timedelta(minutes=minutes)


def answer(partition: tuple[str, int], minutes: float) -> Watermerk:
    return Watermerk(topic=partition[0], partitie=partition[1], tot=at(minutes))


def test_nothing_ticks_while_one_partition_never_answered() -> None:
    watermark = Watermark(FEEDS)
    watermark.answered(answer(ONE, 5))
    assert watermark.ticks() == {}
    assert watermark.at("onderhoud") is None


def test_the_slowest_partition_of_a_keten_says_up_to_when() -> None:
    watermark = Watermark(FEEDS)
    watermark.answered(answer(ONE, 5))
    watermark.answered(answer(TWO, 3))
    assert watermark.ticks() == {"onderhoud": Klok(tot=at(3))}
    watermark.answered(answer(ONE, 6))
    assert watermark.ticks() == {}
    watermark.answered(answer(TWO, 4))
    assert watermark.ticks() == {"onderhoud": Klok(tot=at(4))}


def test_a_partition_that_feeds_two_ketens_holds_both_back() -> None:
    watermark = Watermark(FEEDS)
    for partition in (ONE, OTHER):
        watermark.answered(answer(partition, 9))
    watermark.answered(answer(TWO, 2))
    assert watermark.ticks() == {"onderhoud": Klok(tot=at(2)), "aansluiting": Klok(tot=at(2))}


def test_an_older_answer_changes_nothing() -> None:
    watermark = Watermark(FEEDS)
    watermark.answered(answer(ONE, 5))
    watermark.answered(answer(TWO, 5))
    watermark.ticks()
    watermark.answered(answer(TWO, 1))
    assert watermark.at("onderhoud") == at(5)
    assert watermark.ticks() == {}


def test_a_tick_names_the_partners_that_are_suspended_now() -> None:
    watermark = Watermark(FEEDS)
    for partner, active in (("wonen", True), ("bouw", True), ("wonen", False), ("dak", True)):
        watermark.suspended(Opschorting(partner=partner, actief=active, sinds=BASE, oorzaak="test"))
    watermark.answered(answer(ONE, 1))
    watermark.answered(answer(TWO, 1))
    assert watermark.ticks()["onderhoud"].opgeschort == ("bouw", "dak")


def test_a_tick_names_a_suspended_partner_also_by_its_glns() -> None:
    watermark = Watermark(FEEDS)
    watermark.suspended(Opschorting(partner="dak", actief=True, sinds=BASE, oorzaak="test", glns=("8799999000116",)))
    watermark.answered(answer(ONE, 1))
    watermark.answered(answer(TWO, 1))
    assert watermark.ticks()["onderhoud"].opgeschort == ("8799999000116", "dak")


def test_what_lags_is_named() -> None:
    watermark = Watermark(FEEDS)
    watermark.answered(answer(ONE, 10))
    watermark.answered(answer(TWO, 4))
    assert [(lag.partition, lag.tot) for lag in watermark.behind("onderhoud", timedelta(minutes=3))] == [(TWO, at(4))]
    assert watermark.behind("onderhoud", timedelta(minutes=6)) == []
    assert [(lag.partition, lag.tot) for lag in watermark.behind("aansluiting", timedelta(minutes=6))] == [
        (OTHER, None)
    ]


answers = st.lists(st.tuples(st.sampled_from([ONE, TWO, OTHER]), st.integers(0, 50)), max_size=40)


@given(answers)
def test_ticks_rise_and_never_pass_what_any_partition_has_read(
    given_answers: list[tuple[tuple[str, int], int]],
) -> None:
    watermark = Watermark(FEEDS)
    read: dict[tuple[str, int], int] = {}
    last: dict[str, datetime] = {}
    for partition, minutes in given_answers:
        watermark.answered(answer(partition, minutes))
        read[partition] = max(minutes, read.get(partition, 0))
        for keten, tick in watermark.ticks().items():
            assert keten not in last or tick.tot > last[keten]
            assert all(tick.tot <= at(read[feeding]) for feeding in FEEDS[keten])
            last[keten] = tick.tot
    for keten, feeding in FEEDS.items():
        if all(partition in read for partition in feeding):
            assert last[keten] == at(min(read[partition] for partition in feeding))


@given(answers)
def test_a_clock_that_reads_back_goes_on_where_the_former_was(answered: list[tuple[tuple[str, int], int]]) -> None:
    former, latest = Watermark(FEEDS), dict[tuple[str, int], int]()
    given_before: dict[str, datetime] = {}
    for partition, minutes in answered:
        latest[partition] = max(minutes, latest.get(partition, 0))
        former.answered(answer(partition, minutes))
        given_before |= {keten: tick.tot for keten, tick in former.ticks().items()}
    fresh = Watermark(FEEDS)
    for partition, minutes in latest.items():
        fresh.answered(answer(partition, minutes))
    assert {keten: tick.tot for keten, tick in fresh.ticks().items()} == given_before
