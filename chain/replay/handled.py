"""Whether the processors of a bus have handled what is on their topics. For waiting, by condition."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from topics.catalogue.declarations import ADAPTERS, CORRELATORS, DECIDER, LEDGER, READS
from topics.errors import Unavailable
from topics.kafka import Admin, Position, Reader, open_admin, open_reader

PATIENCE: Final = 120.0
"""Seconds without any progress."""

_LOOK: Final = 0.01


class Handled:
    """Every wait raises Unavailable after PATIENCE seconds without progress, naming who is where."""

    def __init__(self, reader: Reader, admin: Admin) -> None:
        self._reader, self._admin = reader, admin
        self._last: dict[Position, int] = {}

    async def adapted(self) -> None:
        """Decider and adapters are at the ends of their topics."""
        await self._at_ends([DECIDER])
        await self._at_ends(ADAPTERS)

    async def correlated(self) -> None:
        """The correlators are, what they told each other included."""
        await self._at_ends(CORRELATORS)

    async def everything(self) -> None:
        """All processors are, and the ledger has counted what they did."""
        await self.adapted()
        await self.correlated()
        await self._at_ends([LEDGER])

    async def _at_ends(self, groups: Sequence[str]) -> None:
        """What a group writes to a topic of another of `groups` counts too: looked at until nothing was added."""
        topics = {READS[group] for group in groups}
        while True:
            before = await self._ends(topics)
            for group in groups:
                await self._group(group, {at: offset for at, offset in before.items() if at[0] == READS[group]})
            if await self._ends(topics) == before:
                return

    async def _ends(self, names: set[str]) -> dict[Position, int]:
        """Behind the last record of each partition: the end itself may lie further, behind markers of transactions."""
        ends = await self._reader.ends()
        waited = time.monotonic()
        while not await self._reader.caught_up(ends):
            records = await self._reader.poll(_LOOK)
            if records:
                waited = time.monotonic()
            _in_time(waited, f"the ends of {', '.join(sorted(names))}")
            for record in records:
                self._last[(record.topic, record.partition)] = record.offset + 1
        return {at: offset for at, offset in self._last.items() if at[0] in names}

    async def _group(self, group: str, goal: Mapping[Position, int]) -> None:
        waited, before = time.monotonic(), -1
        while True:
            found = await self._admin.group_offsets(group)
            behind = {at: offset for at, offset in goal.items() if found.get(at, 0) < offset}
            if not behind:
                return
            done = sum(found.values())
            if done != before:
                waited, before = time.monotonic(), done
            _in_time(waited, f"{group} at {behind}, found {found}; does it run?")
            await asyncio.sleep(_LOOK)


@asynccontextmanager
async def open_handled(bootstrap: str) -> AsyncIterator[Handled]:
    """Raises Unavailable when the broker or a topic is away."""
    async with open_reader(bootstrap, READS.values(), wait_ms=50) as reader, open_admin(bootstrap) as admin:
        yield Handled(reader, admin)


def _in_time(since: float, expected: str) -> None:
    if time.monotonic() - since > PATIENCE:
        raise Unavailable(f"no progress in {PATIENCE:.0f} s: expected {expected}")
