"""How far the bus has read, and which ticks follow from it (DESIGN 5, "Time is an event"). Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from topics.documents.keten import Klok, Opschorting, Watermerk

Partition = tuple[str, int]
"""A partition of `ruw.*`: (topic, number)."""


class Behind(msgspec.Struct, frozen=True):
    """A partition that holds the watermark of its keten back; `tot` None when its adapter never answered."""

    partition: Partition
    tot: datetime | None


class Watermark:
    """What the adapters have answered, and per keten the tick that was last given.

    `feeds`: per keten every partition that may bring it messages. A keten ticks only when all of them have answered.
    """

    def __init__(self, feeds: Mapping[str, frozenset[Partition]]) -> None:
        self._feeds = feeds
        self._read: dict[Partition, datetime] = {}
        self._given: dict[str, datetime] = {}
        self._suspended: dict[str, tuple[str, ...]] = {}

    @property
    def ketens(self) -> tuple[str, ...]:
        return tuple(self._feeds)

    def answered(self, answer: Watermerk) -> None:
        """An adapter has read its partition up to `tot`. An older answer than before changes nothing."""
        partition = (answer.topic, answer.partitie)
        known = self._read.get(partition)
        if known is None or answer.tot > known:
            self._read[partition] = answer.tot

    def suspended(self, change: Opschorting) -> None:
        """A partner's messages are held at their source, or no longer."""
        self._suspended[change.partner] = (change.partner, *change.glns) if change.actief else ()

    def at(self, keten: str) -> datetime | None:
        """Up to when everything of `keten` has been read; None while a partition never answered."""
        times = [self._read.get(partition) for partition in self._feeds[keten]]
        known = [time for time in times if time is not None]
        return min(known) if known and len(known) == len(times) else None

    def newest(self) -> datetime | None:
        """The newest mark that any adapter answered: the clock never marks an older time."""
        return max(list(self._read.values()), default=None)

    def ticks(self) -> dict[str, Klok]:
        """Per keten whose watermark rose since the last call: the tick to write, with the suspended partners."""
        names = tuple(sorted(name for names in self._suspended.values() for name in names))
        risen: dict[str, Klok] = {}
        for keten in self._feeds:
            now, given = self.at(keten), self._given.get(keten)
            if now is not None and (given is None or now > given):
                self._given[keten] = now
                risen[keten] = Klok(tot=now, opgeschort=names)
        return risen

    def behind(self, keten: str, by: timedelta) -> list[Behind]:
        """Partitions of `keten` whose answer is more than `by` older than the newest one, or that never answered."""
        newest = self.newest()
        found = []
        for partition in sorted(self._feeds[keten]):
            read = self._read.get(partition)
            if read is None or (newest is not None and newest - read > by):
                found.append(Behind(partition, read))
        return found
