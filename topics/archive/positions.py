"""How far processors that are rebuilt had come, as a cut writes it down."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from topics.archive.errors import Rebuilding
from topics.archive.manifest import Offsets
from topics.archive.selection import processor_of
from topics.kafka import Position, Reader
from topics.runtime.positions import POSITION_KEY, decode_position
from topics.runtime.restored import RESTORED_KEY, decode_restored
from topics.runtime.step import Record

_BACK: Final = 50
_FIRST: Final = 8
_POLL: Final = 0.05


class Reached:
    """Reads the last `__positie` of each partition of some changelogs: every transaction ends with one, so that it lies
    near the end. `reader`: of those changelogs, from their beginning."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._untils: dict[Position, int] | None = None

    async def now(self) -> Offsets:
        """Per processor and partition an offset of its input below which everything was handled; 0 for nothing yet.

        Raises Unavailable; Rebuilding while a restored task has not come to where the restore ended: what it sent before does
        not lie where a cut says.
        """
        if self._untils is None:
            self._untils = await self._restored()
        found = await self._last()
        goal = await self._reader.ends()
        for at, until in self._untils.items():
            rebuilt(at, found.get(at, 0), until)
        positions: dict[str, dict[int, int]] = {}
        for topic, number in goal:
            positions.setdefault(processor_of(topic), {})[number] = found.get((topic, number), 0)
        return {name: tuple(some[number] for number in sorted(some)) for name, some in positions.items()}

    async def _last(self) -> dict[Position, int]:
        found: dict[Position, int] = {}
        goal = await self._reader.ends()
        lacking, back = [at for at, end in goal.items() if end], _BACK
        while lacking:
            await self._reader.step_back(back)
            async for record in self._until(goal):
                if record.key == POSITION_KEY.encode() and record.value is not None:
                    found[(record.topic, record.partition)] = decode_position(record.value).offset
            lacking = [at for at in lacking if at not in found and goal[at] > back]
            back *= 10
        return found

    async def _restored(self) -> dict[Position, int]:
        """Where a restore left off: told by the first records of a changelog, for it was empty."""
        goal = {at: min(end, _FIRST) for at, end in (await self._reader.ends()).items()}
        found = {}
        async for record in self._until(goal):
            if record.key == RESTORED_KEY.encode() and record.value is not None:
                found[(record.topic, record.partition)] = decode_restored(record.value).until
        return found

    async def _until(self, goal: Mapping[Position, int]) -> AsyncIterator[Record]:
        while not await self._reader.caught_up(goal):
            for record in await self._reader.poll(_POLL):
                yield record


def rebuilt(changelog: Position, offset: int, until: int) -> None:
    """Raises Rebuilding when a task at `offset` has not come to where the restore ended."""
    if offset < until:
        raise Rebuilding(
            f"{changelog[0]}/{changelog[1]}: still rebuilding after a restore, at {offset} of {until}; the first cut is made "
            "when that is done"
        )
