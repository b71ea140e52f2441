"""Profiles in use: published at the start, and taken over while running when a file appears or changes."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import structlog
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from adapters.formats.dialects import DIALECTEN, unknown
from topics.accounts import day_of
from topics.clock.source import TimeSource
from topics.errors import ConfigurationError
from topics.metrics.declarations import PARTNER_STIL_GRENS, PROFIEL_VERSIE, PROFIELEN_GEWEIGERD
from topics.metrics.metric import UUR
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
    check_dialects(Registry.load(folder))
    return publish(folder)


def check_dialects(registry: Registry) -> None:
    """Raises ConfigurationError when a profile names a dialect that no format knows."""
    wrong = [
        str(Misstand(f"{partner}/{profile.versie}.toml", "dialecten", repr(name), f"one of {', '.join(DIALECTEN)}"))
        for partner in registry.partners()
        for profile in registry.versions(partner)
        for name in unknown(profile.dialecten)
    ]
    if wrong:
        raise ConfigurationError("; ".join(wrong))


def newest(registry: Registry) -> dict[str, int]:
    """Per partner the number of its last version."""
    return {partner: registry.versions(partner)[-1].versie for partner in registry.partners()}


class Profiles(Collector):
    """The profiles of a folder, and figures of them. Raises ConfigurationError when they are wrong at the start."""

    def __init__(self, folder: Path, time: TimeSource) -> None:
        self._folder, self._time = folder, time
        self._seen = stamps(folder)
        self.registry = published(folder)
        self._refused = False

    def collect(self) -> Iterable[Family]:
        refused, versions = PROFIELEN_GEWEIGERD.family(), PROFIEL_VERSIE.family()
        refused.add_metric([], float(self._refused))
        for partner, version in newest(self.registry).items():
            versions.add_metric([partner], version)
        return refused, versions, self._silence()

    def _silence(self) -> Family:
        """By the versions that are in force today."""
        limits = PARTNER_STIL_GRENS.family()
        today = day_of(self._time.now())
        for partner in self.registry.partners():
            profile = self.registry.partner(partner, today)
            if profile is not None and profile.stil_na_uren:
                limits.add_metric([partner], profile.stil_na_uren * UUR)
        return limits

    def refresh(self) -> bool:
        """Whether a change was taken over and published. A wrong one is logged, and what held goes on holding."""
        found = stamps(self._folder)
        if found == self._seen:
            return False
        self._seen = found
        before = newest(self.registry)
        try:
            self.registry = published(self._folder)
        except ConfigurationError as error:
            self._refused = True
            log.error("profiles.refused", code=error.code, error=str(error))
            return False
        self._refused = False
        changed = {name: version for name, version in newest(self.registry).items() if before.get(name) != version}
        log.info("profiles.taken_over", partners=len(self.registry.partners()), versions=changed)
        return True

    async def watch(self, adapters: Iterable[Adopter], seconds: float = 0.5) -> None:
        """Hand every change to `adapters` within about `seconds`, for ever."""
        every = tuple(adapters)
        while True:
            await asyncio.sleep(seconds)
            if await asyncio.to_thread(self.refresh):
                for adapter in every:
                    adapter.adopt(self.registry)
