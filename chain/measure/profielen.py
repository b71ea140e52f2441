"""In which days what is still open counts, by the profiles of today; read again when they change."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import structlog

from chain.doorlooptijden.kalenders import Kalenders
from chain.kengetallen import Groep
from chain.kengetallen.cijfers import Dagen
from topics.errors import ConfigurationError
from topics.profile.registry import Registry

log = structlog.get_logger(__name__)


class Profielen:
    """Without profiles that can be read, days are weekdays, as on the command line."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: frozenset[tuple[str, int]] | None = None
        self._kalenders = Kalenders(None)

    async def dagen(self) -> Callable[[Groep], Dagen]:
        """As the profiles stand now."""
        await asyncio.to_thread(self._look)
        return self._kalenders.dagen

    def _look(self) -> None:
        seen = frozenset((str(path), path.stat().st_mtime_ns) for path in self._folder.glob("*/*.toml"))
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._kalenders = Kalenders(Registry.load(self._folder))
        except ConfigurationError as error:
            log.warning("measure.profiles-stay", code=error.code, error=str(error))
