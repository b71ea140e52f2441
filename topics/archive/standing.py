"""The last record per key of some compacted topics, followed as they grow."""

from collections.abc import Iterator, Sequence
from typing import Final

from topics.archive.positions import rebuilt
from topics.errors import Unavailable
from topics.kafka import Position, Reader
from topics.runtime.positions import POSITION_KEY, decode_position
from topics.runtime.restored import RESTORED_KEY, decode_restored
from topics.runtime.step import Record

_POLL: Final = 0.05


class Standing:
    """`reader` is set before the first call of `follow`, and reads `topics` from their beginning."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = topics
        self.reader: Reader | None = None
        self._last: dict[str, dict[tuple[int, bytes], Record]] = {topic: {} for topic in topics}
        self._changed = set(topics)

    async def ends(self) -> dict[Position, int]:
        """Last stable offsets, now. Raises Unavailable."""
        if self.reader is None:
            raise Unavailable("not connected")
        return await self.reader.ends()

    async def follow(self) -> None:
        """Up to what is there now; what comes meanwhile may be in it. Raises Unavailable."""
        if self.reader is None:
            raise Unavailable("not connected")
        goal: dict[Position, int] = await self.reader.ends()
        while not await self.reader.caught_up(goal):
            for record in await self.reader.poll(_POLL):
                self._changed.add(record.topic)
                at = (record.partition, record.key)
                if record.value is None:
                    self._last[record.topic].pop(at, None)
                else:
                    self._last[record.topic][at] = record

    def rebuilt(self) -> None:
        """Raises Rebuilding while a restored task has not come to where the restore ended. Of changelogs only."""
        for topic, records in self._last.items():
            for (number, key), record in records.items():
                if key == RESTORED_KEY.encode() and record.value is not None:
                    at = records.get((number, POSITION_KEY.encode()))
                    offset = decode_position(at.value).offset if at is not None and at.value is not None else 0
                    rebuilt((topic, number), offset, decode_restored(record.value).until)

    def changed(self) -> Iterator[tuple[str, list[Record]]]:
        """Topics that changed since the last time, with all that they hold, by partition and offset."""
        changed, self._changed = sorted(self._changed), set()
        for topic in changed:
            found = self._last[topic].values()
            yield topic, sorted(found, key=lambda record: (record.partition, record.offset))
