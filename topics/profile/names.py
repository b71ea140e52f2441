"""What partners are called in figures: the id of whoever has a GLN, by the profiles of a folder."""

import asyncio
from pathlib import Path
from typing import Final

import structlog

from topics.errors import ConfigurationError
from topics.profile.registry import Registry

log = structlog.get_logger(__name__)

REFRESH_SECONDS: Final = 5.0

Stamps = frozenset[tuple[str, int, int]]


class Names:
    """`names(gln)`: the partner's id, or the GLN itself where no profile names it.

    Profiles that cannot be read leave the names as they were: a figure is never missed for its label.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: Stamps = frozenset()
        self._registry: Registry | None = None
        self.refresh()

    def __call__(self, gln: str) -> str:
        found = self._registry.owner(gln) if self._registry is not None else None
        return gln if found is None else found

    def refresh(self) -> None:
        """Take over what changed in the folder."""
        seen = _stamps(self._folder)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._registry = Registry.load(self._folder)
        except ConfigurationError as error:
            log.warning("names.stay", code=error.code, error=str(error))

    async def watch(self, seconds: float = REFRESH_SECONDS) -> None:
        """For ever, beside the event loop: profiles take a while to read."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)


def _stamps(folder: Path) -> Stamps:
    found = set()
    for path in folder.glob("*/*.toml"):
        try:
            status = path.stat()
        except OSError:
            continue
        found.add((f"{path.parent.name}/{path.name}", status.st_mtime_ns, status.st_size))
    return frozenset(found)
