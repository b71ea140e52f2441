"""A bus that gets more partitions: what lay in one is divided by its keys, in its order, and nothing else is."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.archive.made import HEADED, MADE, PARTITIONS, record, write_cut
from topics.archive import recordfile
from topics.archive.checked import check
from topics.archive.manifest import cut_name, encode
from topics.archive.place import Place, open_place
from topics.archive.spread import Spread
from topics.catalogue.declarations import (
    KINDS,
    SPOOR,
    adapter_name,
    changelog_topic,
    dead_letter_topic,
    log_topic,
    raw_topic,
)
from topics.catalogue.topic import PRODUCTION, Sizing
from topics.documents import ce_type
from topics.documents.keten import Klok, Tik
from topics.errors import Refused
from topics.kafka import partition_for
from topics.objectstore import ObjectStoreSettings
from topics.runtime.positions import POSITION_KEY, encode_position
from topics.runtime.positions import Position as At
from topics.runtime.step import Record

LOG, RAW = log_topic("onderhoud"), raw_topic(KINDS[0])
TWICE = Sizing.of("single:log=8,ruw=4,klein=4")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_place(ObjectStoreSettings(blobs=str(tmp_path / "archief")), writing=True) as found:
        yield found


def of(topic: str, key: bytes, offset: int = 0, type_: str = "", number: int | None = None) -> Record:
    where = partition_for(key, PARTITIONS[topic]) if number is None else number
    return Record(topic, where, offset, 0, key, b"x", (("ce_type", type_.encode()),))


@given(key=st.binary(max_size=12), times=st.integers(1, 5))
def test_a_key_goes_where_every_client_of_kafka_looks_for_it(key: bytes, times: int) -> None:
    spread = Spread(HEADED.partitions, Sizing.of(f"single:log={4 * times}"))
    found = of(SPOOR, key)
    assert list(spread.to(found)) == [partition_for(key, 4 * times)]
    assert spread.former(SPOOR, spread.to(found)[0]) == found.partition


def test_a_tick_goes_to_every_partition_that_follows_from_its_own() -> None:
    spread = Spread(HEADED.partitions, TWICE)
    assert [list(spread.to(of(LOG, b"klok", type_=ce_type(Klok), number=at))) for at in range(4)] == [
        [0, 4],
        [1, 5],
        [2, 6],
        [3, 7],
    ]
    assert list(spread.to(of(RAW, b"klok", type_=ce_type(Tik), number=1))) == [1, 3]


def test_a_dead_letter_of_a_tick_is_kept_once() -> None:
    spread = Spread(HEADED.partitions, TWICE)
    found = [spread.to(of(dead_letter_topic(LOG), b"klok", type_=ce_type(Klok), number=at)) for at in range(4)]
    assert [len(one) for one in found] == [1, 1, 1, 1]
    assert [one[0] % 4 for one in found] == [0, 1, 2, 3]


@pytest.mark.parametrize("size", ["single:log=6", "single:log=2", "single:ruw=3", "single:klein=1"])
def test_what_is_no_whole_multiple_is_refused_with_what_is_possible(size: str) -> None:
    with pytest.raises(Refused, match=r"possible are \d and its multiples \(--maat production:(log=8|ruw=4|klein=4)\)"):
        Spread(HEADED.partitions, Sizing.of(size))


def test_a_bus_of_one_machine_fits_one_of_three_nodes() -> None:
    assert Spread(HEADED.partitions, PRODUCTION).successors(SPOOR, 3) == range(3, 32, 4)


def test_what_was_not_written_by_its_key_is_refused_before_anything_is_written(place: Place) -> None:
    stray = of(SPOOR, b"k", number=(partition_for(b"k", 4) + 1) % 4)
    write_cut(place, 1, [stray])
    assert check(place, lambda _: None).counts == {(SPOOR, stray.partition): 1}
    with pytest.raises(Refused, match="not written by its key"):
        check(place, lambda _: None, TWICE)


@given(keys=st.lists(st.sampled_from([b"a", b"b", b"c", b"d", b"klok"]), max_size=30), mark=st.integers(0, 40))
def test_an_offset_is_where_what_lay_below_it_ends_in_each_partition(
    tmp_path_factory: pytest.TempPathFactory, keys: Sequence[bytes], mark: int
) -> None:
    lies = [of(LOG, key, at, ce_type(Klok) if key == b"klok" else "", number=1) for at, key in enumerate(keys)]
    mine = [one for one in lies if one.key == b"klok" or partition_for(one.key, 4) == 1]
    where = ObjectStoreSettings(blobs=str(tmp_path_factory.mktemp("archief")))
    with open_place(where, writing=True) as place:
        cut = write_cut(place, 1, [*mine, record(SPOOR, 0, partition=partition_for(b"k", 4))])
        place.replace(cut_name(1), encode(msgspec.structs.replace(cut, low={LOG: (0, mark, 0, 0)})))
        found = check(place, lambda _: None, TWICE)
    for number in (1, 5):
        here = [one for one in mine if one.key == b"klok" or partition_for(one.key, 8) == number]
        assert found.counts.get((LOG, number), 0) == len(here)
        assert found.place_of(LOG, number, mark) == sum(one.offset < mark for one in here)


def partner(number: int) -> bytes:
    """A key of that partition of four."""
    return next(key for key in (b"partner-%d" % one for one in range(100)) if partition_for(key, 4) == number)


def test_a_task_goes_on_behind_what_was_handled_and_within_a_message_only_where_it_went(place: Place) -> None:
    changelog = changelog_topic(adapter_name(KINDS[0]))
    here, sister = partner(1), partner(3)
    came = [
        of(RAW, here, 0),
        of(RAW, sister, 1),
        of(RAW, b"klok", 2, ce_type(Tik), 1),
        of(RAW, here, 5),
        of(RAW, sister, 7),
    ]
    position = Record(changelog, 1, 9, 0, POSITION_KEY.encode(), encode_position(At(5, "2")), ())
    cut = write_cut(place, 1, came)
    stand = recordfile.write(place, "stand", "stand", [position], PARTITIONS, MADE)
    place.replace(cut_name(1), encode(msgspec.structs.replace(cut, stands={changelog: stand})))
    found = check(place, lambda _: None, TWICE)
    assert {number: found.position_of(changelog, number) for number in range(4)} == {
        0: None,
        1: At(2, "2"),
        2: None,
        3: At(2),
    }
