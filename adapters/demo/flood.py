"""Halfway the generated week one ERP breaks and floods: the bus suspends it, others go on, and a person lets it send again."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import aiohttp

from adapters.demo.bus import Bus
from adapters.demo.progress import LOOK, PATIENCE, Progress
from adapters.partner.lifting import lift
from adapters.stuur.client import PATH
from topics.accounts import day_of
from topics.errors import Unavailable
from topics.kafka import open_sender
from topics.profile.registry import Registry

WHO: Final = "S. Verzonnen"
WHY: Final = "leverancier heeft de release teruggedraaid"
_SUSPENDED: Final = 429
_UNTAKEN: Final = "image/png"
"""A kind of content that the intake takes from nobody: it tells whether a partner may send and leaves no trace."""

Sessions = Callable[[str], aiohttp.ClientSession]
"""By partner, with its own key."""


async def suspended_and_lifted(bus: Bus, sessions: Sessions, progress: Progress, partner: str, at: datetime) -> None:
    """Waits until `partner` is refused, sees that all others are not, lets it send again and waits until it may.

    Raises Unavailable when one of these does not happen in time.
    """
    await progress.handled()
    await _until(sessions(partner), suspended=True, what=f"{partner} suspended after what it sent")
    for other in bus.keys:
        if other != partner and await _refused(sessions(other)):
            raise Unavailable(f"{other} is suspended as well, expected {partner} only")
    await lifted(bus, sessions, progress, partner, at)


async def lifted(bus: Bus, sessions: Sessions, progress: Progress, partner: str, at: datetime) -> None:
    """Lets `partner` send again where it may not. Raises Unavailable when that does not happen in time."""
    if not await _refused(sessions(partner)):
        return
    profile = Registry.load(bus.data / "profielen").partner(partner, day_of(at))
    if profile is None:
        raise Unavailable(f"{partner}: found no profile on {at}")
    async with open_sender(bus.bootstrap) as sender:
        await lift(sender, profile, door=WHO, reden=WHY, now=at)
    await _until(sessions(partner), suspended=False, what=f"{partner} allowed to send after the suspension was lifted")
    await progress.handled()


async def _until(session: aiohttp.ClientSession, *, suspended: bool, what: str) -> None:
    limit = time.monotonic() + PATIENCE
    while await _refused(session) is not suspended:
        if time.monotonic() > limit:
            raise Unavailable(f"not within {PATIENCE:.0f} s: {what}")
        await asyncio.sleep(LOOK)


async def _refused(session: aiohttp.ClientSession) -> bool:
    async with session.post(PATH, data=b"", headers={"Content-Type": _UNTAKEN}) as answer:
        return answer.status == _SUSPENDED
