"""Archives made by hand, without a broker."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from topics.archive import recordfile
from topics.archive.contents import Contents
from topics.archive.manifest import HEAD, Cut, Head, cut_name, encode
from topics.archive.place import Place
from topics.archive.selection import shelf
from topics.catalogue.declarations import TOPICS, by_name
from topics.catalogue.topic import SINGLE
from topics.runtime.step import Record

MADE = datetime(2026, 3, 2, 8, tzinfo=UTC)
PARTITIONS = {topic.name: SINGLE.partitions(topic.width) for topic in TOPICS}
HEADED = Head(made=MADE, cluster="kluster", partitions=PARTITIONS)


def record(topic: str, offset: int, value: bytes | None = b"x", *, key: bytes = b"k", partition: int = 0) -> Record:
    return Record(topic, partition, offset, 1000 + offset, key, value, (("ce_id", b"%d" % offset),))


def write_cut(place: Place, number: int, records: Sequence[Record], *, erasing: bool = False) -> Cut:
    """A cut of `records`, a file per shelf."""
    if number == 1:
        place.create(HEAD, encode(HEADED))
    shelves: dict[str, list[Record]] = {}
    for one in records:
        shelves.setdefault(shelf(by_name(one.topic)), []).append(one)
    files = tuple(
        recordfile.write(place, f"{number:012d}-{name}", name, some, PARTITIONS, MADE) for name, some in shelves.items()
    )
    cut = Cut(number=number, since=number, made=MADE, low={}, high={}, positions={}, files=files, erasing=erasing)
    place.create(cut_name(number), encode(cut))
    return cut


def loaded(place: Place) -> Contents:
    found = Contents.load(place)
    assert found is not None
    return found


def held(place: Place, topics: Iterable[str] = ()) -> list[tuple[str, int, bytes | None]]:
    """Topic, offset and value of everything in the archive, in its order."""
    wanted = set(topics)
    return [
        (one.topic, one.offset, one.value)
        for file in loaded(place).files()
        for one in recordfile.read(place, file)
        if not wanted or one.topic in wanted
    ]
