"""One archive and the readers that fill it, from one connection to the next: makes cuts.

A cut is asked for in an order that makes it whole: positions of processors first, then the ends of what they write, then
the ends of what they read, each when the transactions before it have ended everywhere. So no effect is in it without its
cause, and what a processor had read by then is in it with all its outputs. What it had read later may lack outputs; a
restore sends those (topics.runtime.restored).
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, Protocol

import msgspec
import structlog

from topics.archive import recordfile
from topics.archive.contents import Contents
from topics.archive.manifest import Cut, File, Gap, Offsets, cut_name, encode
from topics.archive.place import Place
from topics.archive.positions import Reached
from topics.archive.selection import PERSON, SOURCES, STAND, order, shelf
from topics.archive.standing import Standing
from topics.archive.tidy import Tidy
from topics.blobs import BlobStore
from topics.catalogue.declarations import by_name
from topics.errors import Unavailable
from topics.kafka import Ends, Position, Reader
from topics.runtime.step import Record

log = structlog.get_logger(__name__)

_POLL: Final = 0.2
_LOOK: Final = 0.02
_PATIENCE: Final = 60.0
_REMEMBERED: Final = 100_000


class ArchiverSettings(msgspec.Struct, frozen=True, kw_only=True):
    """every: seconds between cuts. file_bytes: of records in one file, before compression. accept_gaps: go on behind
    what retention took before it was archived, and write down that it is lost. compare_persons: hold the archive against
    the topic of personal data first, as is done anyhow after FORGETS."""

    every: float = 15.0
    file_bytes: int = 32 << 20
    accept_gaps: bool = False
    compare_persons: bool = False


class Told(Protocol):
    """Hears how it goes. `working`: whether it has its archive and Kafka, be there something to archive yet or not."""

    def behind(self, records: Mapping[str, int]) -> None: ...

    def cut(self, cut: Cut) -> None: ...

    def working(self, works: bool) -> None: ...


class Connected(msgspec.Struct, frozen=True, kw_only=True):
    """What a session reads: `reader` the sources, `changelogs` those that are rebuilt, `states` and `beside` last
    records per key; `written` asks for the ends of them all."""

    reader: Reader
    changelogs: Reader
    written: Ends
    states: Standing
    beside: Standing


class Session:
    """See the module. `gaps`: found when it was opened."""

    def __init__(
        self,
        place: Place,
        blobs: BlobStore,
        contents: Contents,
        connected: Connected,
        now: Callable[[], datetime],
        settings: ArchiverSettings,
        told: Told,
        gaps: tuple[Gap, ...],
    ) -> None:
        self._place, self._blobs, self._contents, self._connected = place, blobs, contents, connected
        self._reader, self._states, self._beside = connected.reader, connected.states, connected.beside
        self._now, self._settings, self._told, self._gaps = now, settings, told, gaps
        self._reached = Reached(connected.changelogs)
        self._tidy = Tidy(place, contents, settings.file_bytes)
        self._erasing = False
        self._missing: set[str] = set(contents.last.missing) if contents.last else set()
        self._copied: set[str] = set()
        self._held: list[Record] = []
        self._shelves: dict[str, list[Record]] = {}
        self._sizes: dict[str, int] = {}
        self._files: list[File] = []

    async def cut(self) -> Cut:
        """The next cut, written. Raises as `Archiver.once`."""
        number = self._contents.last.number + 1 if self._contents.last else 1
        low = await self._reader.ends()
        await self._copy(low, number)
        await self._settled(self._states.ends, self._connected.changelogs.ends)
        await self._states.follow()
        self._states.rebuilt()
        positions = await self._reached.now()
        await self._settled(self._reader.ends, self._beside.ends)
        goal: dict[Position, int] = {}
        for step, topics in enumerate(order()):
            ends = await self._reader.ends()
            goal |= {at: end for at, end in ends.items() if at[0] in topics}
            if step == 0:
                await self._beside.follow()
        await self._copy(goal, number)
        for name in sorted(self._shelves):
            await self._close(name, number)
        await self._again()
        stands = await self._standing(number)
        cut = Cut(
            number=number,
            since=number,
            made=self._now(),
            low=_offsets(low, self._contents.head.partitions),
            high=_offsets(goal, self._contents.head.partitions),
            positions=positions,
            files=tuple(self._files),
            stands=stands,
            gaps=self._gaps,
            missing=tuple(sorted(self._missing)),
            erasing=self._erasing,
        )
        await asyncio.to_thread(self._place.create, cut_name(number), encode(cut))
        former = self._contents.referred()
        self._contents.cuts.append(cut)
        self._files, self._gaps, self._erasing = [], (), False
        for name in former - self._contents.referred():
            await asyncio.to_thread(self._place.delete, name)
        await asyncio.to_thread(self._tidied)
        log.info("archive.cut", number=number, files=len(cut.files), records=sum(file.records for file in cut.files))
        return cut

    def _tidied(self) -> None:
        erased, pruned = self._tidy.erased(), self._tidy.pruned(self._now())
        if erased or pruned:
            log.info("archive.tidied", erased=erased, pruned=pruned)
        while self._tidy.joined():
            log.info("archive.joined", cuts=len(self._contents.cuts))

    async def _settled(self, *stable: Ends) -> None:
        """Until every transaction that has written by now to what `stable` is about is ended there: the marks of its end
        reach its partitions one after the other. Raises Unavailable."""
        goal = await self._connected.written()
        until = time.monotonic() + _PATIENCE
        for ask in stable:
            while hanging := [at for at, end in (await ask()).items() if end < goal[at]]:
                if time.monotonic() > until:
                    raise Unavailable(
                        f"{hanging[0][0]}/{hanging[0][1]}: a transaction has been open for {_PATIENCE:.0f} s; find it with "
                        "`kafka-transactions.sh find-hanging`"
                    )
                await asyncio.sleep(_LOOK)

    # -- records

    async def _copy(self, goal: Mapping[Position, int], number: int) -> None:
        """Everything below `goal`; what was read beyond it waits for the next."""
        held, self._held = self._held, []
        await self._take(held, goal, number)
        while not await self._reader.caught_up(goal):
            await self._take(await self._reader.poll(_POLL), goal, number)
            at = await self._reader.positions()
            behind = {topic.name: 0 for topic in SOURCES}
            for position, end in goal.items():
                behind[position[0]] += max(0, end - at[position])
            self._told.behind(behind)

    async def _take(self, records: Iterable[Record], goal: Mapping[Position, int], number: int) -> None:
        for record in records:
            if record.offset >= goal.get((record.topic, record.partition), 0):
                self._held.append(record)
                continue
            name = shelf(by_name(record.topic))
            self._erasing |= name == PERSON and record.value is None
            self._shelves.setdefault(name, []).append(record)
            size = self._sizes[name] = self._sizes.get(name, 0) + recordfile.size_of(record)
            if size >= self._settings.file_bytes:
                await self._close(name, number)

    async def _close(self, name: str, number: int) -> None:
        records = self._shelves.pop(name, [])
        self._sizes.pop(name, None)
        if not records:
            return
        at = f"{number:012d}-{len(self._files):03d}"
        file = await asyncio.to_thread(self._written, at, name, records)
        self._files.append(file)

    def _written(self, at: str, name: str, records: list[Record]) -> File:
        file = recordfile.write(self._place, at, name, records, self._contents.head.partitions, self._now())
        for ref in file.refs:
            self._blob(ref)
        return file

    # -- blobs

    def _blob(self, ref: str) -> None:
        """Copy it, once. One that is not there is asked for again with every cut."""
        if ref in self._copied:
            return
        try:
            content = self._blobs.get(ref)
        except Unavailable as error:
            if not isinstance(error.__cause__, FileNotFoundError):
                raise
            if ref not in self._missing:
                log.error("archive.blob-missing", ref=ref, error=str(error))
            self._missing.add(ref)
            return
        self._place.blobs.put(content)
        self._missing.discard(ref)
        if len(self._copied) > _REMEMBERED:
            self._copied.clear()
        self._copied.add(ref)

    async def _again(self) -> None:
        for ref in sorted(self._missing):
            await asyncio.to_thread(self._blob, ref)

    # -- last records per key

    async def _standing(self, number: int) -> dict[str, File]:
        """A file per topic; the former one where nothing changed."""
        found = dict(self._contents.last.stands) if self._contents.last else {}
        for standing in (self._states, self._beside):
            for topic, records in standing.changed():
                found.pop(topic, None)
                if records:
                    at = f"{number:012d}-{topic}"
                    write = recordfile.write
                    partitions, made = self._contents.head.partitions, self._now()
                    found[topic] = await asyncio.to_thread(write, self._place, at, STAND, records, partitions, made)
        return found


def _offsets(found: Mapping[Position, int], partitions: Mapping[str, int]) -> Offsets:
    names = sorted({topic for topic, _ in found})
    return {name: tuple(found.get((name, number), 0) for number in range(partitions[name])) for name in names}
