"""How far the bus is: ticks on the logs, positions of the processors, positions of the view. For waiting, by condition."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from topics.catalogue.declarations import ALL_KETENS, LEDGER, SPOOR, correlator_name, log_topic
from topics.documents import ce_type
from topics.documents.keten import Klok
from topics.envelope import Envelope
from topics.errors import Unavailable
from topics.kafka import Admin, Position, Reader, open_admin, open_reader
from topics.view import database, search
from topics.view.database import Engine
from topics.view.rows import TOPICS_READ

PATIENCE: Final = 90.0
LOOK: Final = 0.05

_KLOK: Final = ce_type(Klok)
_LOGS: Final = tuple(log_topic(keten) for keten in ALL_KETENS)


class Progress:
    """Every wait takes PATIENCE seconds at most and then raises Unavailable, naming who is not there yet."""

    def __init__(self, logs: Reader, everything: Reader, admin: Admin, view: Engine) -> None:
        self._logs, self._everything, self._admin, self._view = logs, everything, admin, view
        self._ticks: dict[Position, tuple[datetime, int]] = {}

    async def ticked(self, until: datetime) -> None:
        """Until every correlator has handled a tick of `until` or later."""
        limit = time.monotonic() + PATIENCE
        partitions = (await self._logs.ends()).keys()
        while late := [at for at in partitions if at not in self._ticks or self._ticks[at][0] < until]:
            for record in await self._logs.poll(LOOK):
                envelope = Envelope.read(record.headers)
                if envelope.type == _KLOK:
                    self._ticks[(record.topic, record.partition)] = (envelope.time, record.offset)
            _in_time(limit, f"a tick of {until} on {late}")
        await self._correlated({at: offset + 1 for at, (_, offset) in self._ticks.items()}, limit)

    async def handled(self) -> None:
        """Until processors and view have read everything that is there now."""
        limit = time.monotonic() + PATIENCE
        ends = await self._everything.ends()
        await self._correlated({at: end for at, end in ends.items() if at[0] in _LOGS}, limit)
        ends = await self._everything.ends()
        await self._group(LEDGER, {at: end for at, end in ends.items() if at[0] == SPOOR}, limit)
        ends = await self._everything.ends()
        while True:
            with search.snapshot(self._view) as connection:
                found = search.positions(connection)
            if all(found.get(at, 0) >= end for at, end in ends.items()):
                return
            _in_time(limit, "the view at the ends of all topics")
            await asyncio.sleep(LOOK)

    async def _correlated(self, goal: Mapping[Position, int], limit: float) -> None:
        for keten in ALL_KETENS:
            mine = {at: offset for at, offset in goal.items() if at[0] == log_topic(keten)}
            await self._group(correlator_name(keten), mine, limit)

    async def _group(self, group: str, goal: Mapping[Position, int], limit: float) -> None:
        """The last record of a transaction is a marker: a position one before the end has read all there is."""
        while True:
            found = await self._admin.group_offsets(group)
            if all(found.get(at, 0) >= offset - 1 for at, offset in goal.items()):
                return
            _in_time(limit, f"{group} at {dict(goal)}, found {found}")
            await asyncio.sleep(LOOK)


@asynccontextmanager
async def open_progress(bootstrap: str, view_url: str) -> AsyncIterator[Progress]:
    engine = database.open_reader(view_url)
    try:
        async with (
            open_reader(bootstrap, _LOGS) as logs,
            open_reader(bootstrap, TOPICS_READ) as everything,
            open_admin(bootstrap) as admin,
        ):
            yield Progress(logs, everything, admin, engine)
    finally:
        engine.dispose()


def _in_time(limit: float, expected: str) -> None:
    if time.monotonic() > limit:
        raise Unavailable(f"not within {PATIENCE:.0f} s: {expected}")
