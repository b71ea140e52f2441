"""Waiting for a condition, with a generous limit and a reason when it does not come."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], bool | Awaitable[bool]], what: str, limit: float = 60.0) -> None:
    """Returns when `condition` holds. Fails with `what` after `limit` seconds."""
    deadline = time.monotonic() + limit
    while True:
        holds = condition()
        if isinstance(holds, Awaitable):
            holds = await holds
        if holds:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit:.0f} s: {what}")
        await asyncio.sleep(0.02)
