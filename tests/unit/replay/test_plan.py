"""A plan lets wait what must: whatever order the rest is handled in, the outcome is that of one after another."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from chain.replay.outcome import Uitkomst, of_records
from chain.replay.placing import placed
from chain.replay.plan import Pas, plan
from chain.replay.turns import Turn, turns
from tests.unit.replay.files import played, written
from topics.capture import open_capture
from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import SINGLE
from topics.errors import ConfigurationError
from topics.play.stage import staged
from topics.profile import samples
from topics.profile.registry import Registry
from topics.runtime.step import Record

MESSAGES = 60
PARTITIONS = {topic.name: SINGLE.partitions(topic.width) for topic in TOPICS}
Item = tuple[Turn, Record]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plan")
    return written(played(folder, MESSAGES), folder / "a" / "bus.capture")


@pytest.fixture(scope="module")
def items(file: Path) -> list[Item]:
    """With every tick where a bus has one for each minute: before every message."""
    with open_capture(file) as capture:
        return list(turns(capture))


@pytest.fixture(scope="module")
def steps(file: Path) -> list[Pas]:
    found = plan(file, PARTITIONS, Registry.load(samples.FOLDER), print)
    with open_capture(file) as capture:
        return [Pas(found[place]) for place, _ in enumerate(turns(capture))]


def outcome_of(items: Sequence[Item]) -> Uitkomst:
    made: list[Record] = []
    stage = staged(SINGLE, Registry.load(samples.FOLDER), made.append)
    for _, record in items:
        # a capture of a bus has the sizes of `SINGLE`
        for number in placed(record, PARTITIONS[record.topic], PARTITIONS[record.topic]):
            stage.feed(msgspec.structs.replace(record, partition=number))
    return of_records(made)


def told(outcome: Uitkomst) -> tuple[object, ...]:
    """What a test of a supplier asserts on."""
    return (
        outcome.dossiers,
        outcome.maten,
        sorted((one.dossier, one.soort) for one in outcome.signalen),
        Counter((one.brief.reden, one.brief.part) for one in outcome.uitval),
        outcome.rekening,
    )


def shuffled(items: Sequence[Item], steps: Sequence[Pas], chance: random.Random) -> Iterator[Item]:
    """Between two waits in any order that keeps that of each partition; a tick is on the log before what is not waited
    for."""
    batch: list[Item] = []
    for item, step in zip(items, steps, strict=True):
        if step is Pas.WAIT:
            yield from _mixed(batch, chance)
            batch = []
        if step is Pas.LEAVE:
            continue
        if item[0] is Turn.TIME:
            yield item
        else:
            batch.append(item)
    yield from _mixed(batch, chance)


def _mixed(batch: Sequence[Item], chance: random.Random) -> Iterator[Item]:
    lanes: dict[tuple[str, int], list[Item]] = {}
    for item in batch:
        lanes.setdefault((item[1].topic, item[1].partition), []).append(item)
    while lanes:
        lane = chance.choice(sorted(lanes))
        yield lanes[lane].pop(0)
        if not lanes[lane]:
            del lanes[lane]


def test_what_is_played_between_waits_comes_to_the_same_in_any_order(items: list[Item], steps: list[Pas]) -> None:
    expected = told(outcome_of(items))
    for seed in range(4):
        assert told(outcome_of(list(shuffled(items, steps, random.Random(seed))))) == expected
    # without waiting it comes to something else, or this capture shows nothing
    never = [Pas.PLAY if step is Pas.WAIT else step for step in steps]
    assert any(told(outcome_of(list(shuffled(items, never, random.Random(seed))))) != expected for seed in range(4))


def test_only_ticks_are_left_out_and_waiting_is_the_exception(items: list[Item], steps: list[Pas]) -> None:
    left = {turn for (turn, _), step in zip(items, steps, strict=True) if step is Pas.LEAVE}
    assert left == {Turn.TIME}
    runs = sum(former[0] is not item[0] for former, item in pairwise(items))
    assert 0 < steps.count(Pas.WAIT) < runs


def test_a_tick_overtakes_nothing_that_was_recorded_before_it(items: list[Item], steps: list[Pas]) -> None:
    under_way, ticks = False, 0
    for (turn, _), step in zip(items, steps, strict=True):
        under_way = under_way and step is not Pas.WAIT
        if turn is not Turn.TIME:
            under_way = True
        elif step is not Pas.LEAVE:
            assert not under_way
            ticks += 1
    assert ticks > 8


def test_the_last_tick_of_every_partition_is_played(items: list[Item], steps: list[Pas]) -> None:
    last = {
        (one.topic, one.partition): step for (turn, one), step in zip(items, steps, strict=True) if turn is Turn.TIME
    }
    assert last
    assert Pas.LEAVE not in last.values()


def test_without_a_profile_there_is_no_plan(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        plan(file, PARTITIONS, Registry.load(tmp_path / "nowhere"), print)
