"""Where transactions stay open that should have ended: one look for all tasks of a worker that ask at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from topics.kafka import Position

Look = Callable[[set[Position]], Awaitable[set[Position]]]


class Hanging:
    """A look takes two connections, and a worker that starts opens as many tasks as it has partitions."""

    def __init__(self, look: Look) -> None:
        """`look`: which of some partitions have a transaction that stays open; `topics.kafka.held`."""
        self._look = look
        self._wanted: set[Position] = set()
        self._running: asyncio.Task[set[Position]] | None = None
        self._next: asyncio.Task[set[Position]] | None = None

    async def of(self, positions: Iterable[Position]) -> set[Position]:
        """Those of `positions` where a transaction stays open. Raises what the look raises.

        The look begins after the call, so that what a fence before it ended is seen as ended: while one is under way all
        who ask wait for the next.
        """
        wanted = set(positions)
        self._wanted |= wanted
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
        # who is cancelled takes the look away from nobody
        return wanted & await asyncio.shield(self._next)

    async def _after(self, former: asyncio.Task[set[Position]] | None) -> set[Position]:
        if former is not None:
            await asyncio.wait([former])
        self._running, self._next = self._next, None
        wanted, self._wanted = self._wanted, set()
        return await self._look(wanted)
