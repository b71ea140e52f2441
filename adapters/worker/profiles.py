"""Profiles in use: published at the start, and taken over while running when a file appears or changes."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import structlog

from adapters.formats.dialects import DIALECTEN, unknown
from topics.errors import ConfigurationError
from topics.profile.registry import Registry, publish
from topics.profile.terms import Misstand

log = structlog.get_logger(__name__)

Stamps = dict[str, tuple[int, int]]


class Adopter(Protocol):
    """An adapter: from its next record on it looks things up in the new registry."""

    def adopt(self, registry: Registry) -> None: ...


def stamps(folder: Path) -> Stamps:
    """Moment and size of every profile file: what tells whether anything changed."""
    found: Stamps = {}
    for path in folder.glob("*/*.toml"):
        try:
            status = path.stat()
        except OSError:
            continue
        found[f"{path.parent.name}/{path.name}"] = (status.st_mtime_ns, status.st_size)
    return found


def published(folder: Path) -> Registry:
    """`publish(folder)`, when no profile names a dialect that no format knows. Raises ConfigurationError."""
    registry = Registry.load(folder)
    wrong = [
        str(Misstand(f"{partner}/{profile.versie}.toml", "dialecten", repr(name), f"one of {', '.join(DIALECTEN)}"))
        for partner in registry.partners()
        for profile in registry.versions(partner)
        for name in unknown(profile.dialecten)
    ]
    if wrong:
        raise ConfigurationError("; ".join(wrong))
    return publish(folder)


class Profiles:
    """The profiles of a folder. Raises ConfigurationError when they are wrong at the start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = stamps(folder)
        self.registry = published(folder)

    def refresh(self) -> bool:
        """Whether a change was taken over and published. A wrong one is logged, and what held goes on holding."""
        found = stamps(self._folder)
        if found == self._seen:
            return False
        self._seen = found
        try:
            self.registry = published(self._folder)
        except ConfigurationError as error:
            log.error("profiles.refused", code=error.code, error=str(error))
            return False
        log.info("profiles.taken_over", partners=len(self.registry.partners()))
        return True

    async def watch(self, adapters: Iterable[Adopter], seconds: float = 0.5) -> None:
        """Hand every change to `adapters` within about `seconds`, for ever."""
        every = tuple(adapters)
        while True:
            await asyncio.sleep(seconds)
            if await asyncio.to_thread(self.refresh):
                for adapter in every:
                    adapter.adopt(self.registry)
