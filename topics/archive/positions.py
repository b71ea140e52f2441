"""How far processors have read, as a cut writes it down."""

from collections.abc import Mapping, Sequence
from typing import Final

from topics.archive.manifest import Offsets
from topics.catalogue.declarations import changelog_topic
from topics.kafka import Admin, Position, open_reader
from topics.runtime.positions import POSITION_KEY, decode_position

_BACK: Final = 50


async def reached(admin: Admin, bootstrap: str, processors: Sequence[str], partitions: Mapping[str, int]) -> Offsets:
    """Per processor and partition an offset below which everything was handled and its outputs committed; 0 where that
    is not known. Raises Unavailable."""
    found: Offsets = {}
    for processor in processors:
        changelog = changelog_topic(processor)
        offsets = await admin.group_offsets(processor)
        per_partition = {at[1]: offset for at, offset in offsets.items()}
        lacking = [number for number in range(partitions[changelog]) if number not in per_partition]
        if lacking:
            # Kafka forgets a group that stood still; the changelog does not
            per_partition |= await _from_changelog(bootstrap, changelog, lacking)
        found[processor] = tuple(per_partition.get(number, 0) for number in range(partitions[changelog]))
    return found


async def _from_changelog(bootstrap: str, changelog: str, numbers: Sequence[int]) -> dict[int, int]:
    """The last `__positie` of each partition: a record near its end, for every transaction writes one."""
    found: dict[int, int] = {}
    back = _BACK
    while True:
        lacking = [(changelog, number) for number in numbers if number not in found]
        async with open_reader(bootstrap, [changelog], only=lacking) as reader:
            ends, begins = await reader.ends(), await reader.positions()
        start: dict[Position, int] = {at: max(begins[at], end - back) for at, end in ends.items()}
        async with open_reader(bootstrap, [changelog], start, only=lacking) as reader:
            async for record in reader.to_end():
                if record.key == POSITION_KEY.encode() and record.value is not None:
                    found[record.partition] = decode_position(record.value).offset
        if all(at[1] in found or start[at] == begins[at] for at in lacking):
            return found
        back *= 10
