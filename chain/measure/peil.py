"""Up to when figures stand: now, or as far as every adapter has read when that is less. As `ketenbus doorlooptijden`."""

import asyncio
from typing import Final

import structlog

from chain.doorlooptijden.stand import Stand
from chain.kalender import micros
from topics.catalogue.declarations import WATERMERK
from topics.clock.source import TimeSource
from topics.errors import Unavailable
from topics.kafka import open_reader

log = structlog.get_logger(__name__)

_POLL: Final = 0.5
_BACK_OFF: Final = 2.0


class Peil:
    """The moment of the figures, in microseconds; None until everything that adapters said before was read."""

    def __init__(self, bootstrap: str, time: TimeSource) -> None:
        self._bootstrap, self._time = bootstrap, time
        self._stand = Stand(())
        self._known = False

    def now(self) -> int:
        """The time of the bus."""
        return micros(self._time.now())

    def __call__(self) -> int | None:
        if not self._known:
            return None
        read = self._stand.gelezen
        return self.now() if read is None else min(self.now(), read)

    async def follow(self) -> None:
        """For ever. Raises DocumentError for what this release cannot read: then it cannot say up to when."""
        while True:
            try:
                async with open_reader(self._bootstrap, [WATERMERK]) as reader:
                    async for record in reader.to_end():
                        self._stand.add(record)
                    self._known = True
                    while True:
                        for record in await reader.poll(_POLL):
                            self._stand.add(record)
            except Unavailable as error:
                log.warning("measure.watermark-away", code=error.code, error=str(error))
                await asyncio.sleep(_BACK_OFF)
