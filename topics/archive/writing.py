"""What a restore writes: records of the archive, each where it belongs now, and where every task goes on from."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from topics.archive import recordfile
from topics.archive.checked import Checked, stands
from topics.archive.place import Place
from topics.archive.selection import SOURCES, STANDING
from topics.catalogue.declarations import PROCESSORS, changelog_topic
from topics.catalogue.precedence import earlier, input_of
from topics.catalogue.topic import Sizing
from topics.kafka import Write
from topics.runtime.positions import POSITION_KEY, encode_position
from topics.runtime.restored import RESTORED_KEY, First, Restored, encode_restored
from topics.runtime.step import Record

_AT_ONCE: Final = 4000
_AT_ONCE_BYTES: Final = 8 << 20


def under_way(sizing: Sizing) -> list[Write]:
    """To every changelog: a restore has begun."""
    return [
        _mark(processor, number, Restored(whole=False))
        for processor in PROCESSORS
        for number in range(sizing.partitions(input_of(processor).width))
    ]


def records(place: Place, checked: Checked) -> Iterator[list[Write]]:
    """Of all sources, some at a time, in their order. Raises ArchiveDamaged, Unavailable."""
    writes: list[Write] = []
    size = 0
    for file in checked.contents.files():
        for record in recordfile.read(place, file):
            for number in checked.spread.to(record):
                writes.append(_write(record, number))
                size += len(record.value or b"")
            if len(writes) >= _AT_ONCE or size >= _AT_ONCE_BYTES:
                yield writes
                writes, size = [], 0
    if writes:
        yield writes


def standing(place: Place, checked: Checked) -> list[Write]:
    """Last records per key as they were, but for positions: those are offsets of the bus that was. Raises as `records`."""
    writes = []
    for record in stands(place, checked.cut):
        if record.key != POSITION_KEY.encode():
            writes += [_write(record, number) for number in checked.spread.to(record)]
            continue
        for number in checked.spread.successors(record.topic, record.partition):
            at = checked.position_of(record.topic, number)
            if at is not None:
                writes.append(_write(record, number, encode_position(at)))
    return writes


def left(checked: Checked, sizing: Sizing, made: datetime) -> list[Write]:
    """To every changelog: the restore, begun at `made`, is whole, and what of its input the task handled before."""
    return [
        _mark(processor, number, _restored(checked, processor, number, made))
        for processor in PROCESSORS
        for number in range(sizing.partitions(input_of(processor).width))
    ]


def _restored(checked: Checked, processor: str, number: int, made: datetime) -> Restored:
    source, spread = input_of(processor).name, checked.spread
    sure = 0
    if processor in STANDING:
        at = checked.position_of(changelog_topic(processor), number)
        sure = at.offset if at is not None else 0
    elif processor in checked.cut.positions:
        sure = checked.place_of(source, number, checked.cut.positions[processor][spread.former(source, number)])
    return Restored(
        whole=True,
        sure=sure,
        until=checked.counts.get((source, number), 0),
        tail={
            topic.name: tuple(_tail(checked, topic.name, lows))
            for topic in SOURCES
            if processor in topic.producers and (lows := checked.cut.low.get(topic.name))
        },
        first=tuple(_first(checked, name) for name in earlier(processor)),
        made=made.isoformat(),
    )


def _tail(checked: Checked, topic: str, lows: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    for number in range(checked.spread.partitions(topic)):
        low = checked.place_of(topic, number, lows[checked.spread.former(topic, number)])
        yield low, checked.counts.get((topic, number), 0)


def _first(checked: Checked, processor: str) -> First:
    source = input_of(processor).name
    ends = (checked.counts.get((source, number), 0) for number in range(checked.spread.partitions(source)))
    return First(processor, source, tuple(ends))


def _mark(processor: str, number: int, restored: Restored) -> Write:
    return Write(changelog_topic(processor), number, RESTORED_KEY.encode(), encode_restored(restored), (), 0)


def _write(record: Record, partition: int, value: bytes | None = None) -> Write:
    content = record.value if value is None else value
    return Write(record.topic, partition, record.key, content, record.headers, record.timestamp)
