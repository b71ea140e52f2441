"""How far the bus is: ticks on the logs, positions of the processors, positions of the view. For waiting, by condition."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from topics.catalogue.declarations import ADAPTERS, ALL_KETENS, CORRELATORS, DECIDER, LEDGER, READS, log_topic
from topics.documents import ce_type
from topics.documents.keten import Klok
from topics.envelope import Envelope
from topics.errors import Unavailable
from topics.kafka import Admin, Position, Reader, open_admin, open_reader
from topics.view import database, search
from topics.view.database import Engine
from topics.view.rows import TOPICS_READ

PATIENCE: Final = 180.0
LOOK: Final = 0.05

_KLOK: Final = ce_type(Klok)
_LOGS: Final = tuple(log_topic(keten) for keten in ALL_KETENS)


class Progress:
    """Every wait takes PATIENCE seconds at most and then raises Unavailable, naming who is not there yet."""

    def __init__(self, reader: Reader, admin: Admin, view: Engine) -> None:
        self._reader, self._admin, self._view = reader, admin, view
        self._last: dict[Position, int] = {}
        self._ticks: dict[Position, tuple[datetime, int]] = {}

    async def ticked(self, until: datetime) -> None:
        """Until every correlator has handled a tick of `until` or later."""
        limit = time.monotonic() + PATIENCE
        partitions = [at for at in await self._reader.ends() if at[0] in _LOGS]
        while late := [at for at in partitions if at not in self._ticks or self._ticks[at][0] < until]:
            await self._read()
            _in_time(limit, f"a tick of {until} on {late}")
        await self._groups(CORRELATORS, {at: offset for at, (_, offset) in self._ticks.items()}, limit)

    async def handled(self) -> None:
        """Until processors and view have read everything that is there now."""
        limit = time.monotonic() + PATIENCE
        await self._groups([DECIDER], await self._ends(limit), limit)
        await self._groups(ADAPTERS, await self._ends(limit), limit)
        await self._groups(CORRELATORS, await self._ends(limit), limit)
        await self._groups([LEDGER], await self._ends(limit), limit)
        goal = await self._ends(limit)
        while True:
            with search.snapshot(self._view) as connection:
                found = search.positions(connection)
            if all(found.get(at, 0) >= end for at, end in goal.items()):
                return
            _in_time(limit, "the view at the ends of all topics")
            await asyncio.sleep(LOOK)

    async def _ends(self, limit: float) -> dict[Position, int]:
        """Behind the last record of each partition: the end itself may lie further, behind markers of transactions."""
        ends = await self._reader.ends()
        while not await self._reader.caught_up(ends):
            await self._read()
            _in_time(limit, "the ends of all topics")
        return dict(self._last)

    async def _read(self) -> None:
        for record in await self._reader.poll(LOOK):
            at = (record.topic, record.partition)
            self._last[at] = record.offset + 1
            if record.topic in _LOGS:
                envelope = Envelope.read(record.headers)
                if envelope.type == _KLOK:
                    self._ticks[at] = (envelope.time, record.offset + 1)

    async def _groups(self, groups: Iterable[str], goal: Mapping[Position, int], limit: float) -> None:
        for group in groups:
            await self._group(group, {at: offset for at, offset in goal.items() if at[0] == READS[group]}, limit)

    async def _group(self, group: str, mine: Mapping[Position, int], limit: float) -> None:
        while True:
            found = await self._admin.group_offsets(group)
            if all(found.get(at, 0) >= offset for at, offset in mine.items()):
                return
            _in_time(limit, f"{group} at {mine}, found {found}")
            await asyncio.sleep(LOOK)


@asynccontextmanager
async def open_progress(bootstrap: str, view_url: str) -> AsyncIterator[Progress]:
    engine = database.open_reader(view_url)
    try:
        async with open_reader(bootstrap, TOPICS_READ) as reader, open_admin(bootstrap) as admin:
            yield Progress(reader, admin, engine)
    finally:
        engine.dispose()


def _in_time(limit: float, expected: str) -> None:
    if time.monotonic() > limit:
        raise Unavailable(f"not within {PATIENCE:.0f} s: {expected}")
