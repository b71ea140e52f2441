"""Copies what the catalogue calls sources, cut by cut.

A cut is asked for in an order that makes it whole (see `_cut`): positions of processors first, then the ends of what
they write, then the ends of what they read. So no effect is in it without its cause, and what a processor had read by
then is in it with all its outputs. What it had read later may lack outputs; a restore sends those (topics.runtime.restored).
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec
import structlog

from topics.archive import recordfile
from topics.archive.contents import Contents, sweep
from topics.archive.errors import ArchiveForeign, ArchiveGap
from topics.archive.manifest import HEAD, Cut, File, Gap, Head, Offsets, cut_name, encode
from topics.archive.place import Place
from topics.archive.positions import reached
from topics.archive.selection import PERSON, REBUILT, SOURCES, STAND, STANDS, STATES, order, shelf
from topics.archive.standing import Standing
from topics.archive.tidy import Tidy, absent
from topics.blobs import BlobStore
from topics.catalogue.declarations import TOPICS, by_name
from topics.catalogue.topic import Cleanup
from topics.errors import Unavailable
from topics.kafka import Admin, Position, Reader, open_admin, open_reader
from topics.runtime.step import Record

log = structlog.get_logger(__name__)

FORGETS: Final = timedelta(hours=12)
"""Kafka may forget a tombstone after a day: an archiver that was away this long looks for what is there no more."""
MARGIN: Final = 2.0
"""Seconds between the ends behind which a restore looks for what was sent already, and the positions of processors: the
markers of one transaction reach its partitions one after the other."""
_POLL: Final = 0.2
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
    """Hears how it goes."""

    def behind(self, records: Mapping[str, int]) -> None: ...

    def cut(self, cut: Cut) -> None: ...


class Archiver:
    """One writer of one archive. `once` makes a cut; `run` makes them until it is stopped, through every outage."""

    def __init__(
        self,
        place: Place,
        blobs: BlobStore,
        bootstrap: str,
        now: Callable[[], datetime],
        settings: ArchiverSettings,
        told: Told,
    ) -> None:
        self._place, self._blobs, self._bootstrap, self._now = place, blobs, bootstrap, now
        self._settings, self._told = settings, told
        self._compared = False

    async def once(self) -> Cut:
        """Copies up to now. Raises ArchiveGap, ArchiveForeign, ArchiveTaken, ArchiveDamaged, Unavailable."""
        async with AsyncExitStack() as stack:
            return await (await self._open(stack)).cut()

    async def run(self, stop: asyncio.Event) -> None:
        """Raises as `once`, but for Unavailable, which it waits out."""
        wait = 1.0
        while not stop.is_set():
            try:
                async with AsyncExitStack() as stack:
                    session = await self._open(stack)
                    while not stop.is_set():
                        self._told.cut(await session.cut())
                        wait = 1.0
                        await _pause(stop, self._settings.every)
                    # what was sent while it waited for the next one
                    self._told.cut(await session.cut())
            except Unavailable as error:
                log.warning("archive.waits", error=str(error), seconds=wait)
                await _pause(stop, wait)
                wait = min(wait * 2, 30.0)

    async def _open(self, stack: AsyncExitStack) -> "_Session":
        contents = await asyncio.to_thread(Contents.load, self._place)
        admin = await stack.enter_async_context(open_admin(self._bootstrap))
        contents = await self._recognised(admin, contents)
        left = await asyncio.to_thread(sweep, self._place, contents)
        if left:
            log.info("archive.swept", files=left)
        tidy = Tidy(self._place, contents, self._settings.file_bytes)
        await asyncio.to_thread(tidy.erased)
        start = {(topic, number): at for topic, some in contents.high.items() for number, at in enumerate(some)}
        names = [topic.name for topic in SOURCES]
        reader = await stack.enter_async_context(open_reader(self._bootstrap, names, start))
        gaps = await self._gaps(reader, start)
        states = Standing([topic.name for topic in STATES])
        beside = Standing([topic.name for topic in STANDS if not topic.private])
        for one in (states, beside):
            one.reader = await stack.enter_async_context(open_reader(self._bootstrap, one.topics))
        away = contents.last is not None and self._now() - contents.last.made > FORGETS
        if contents.last is not None and (away or (self._settings.compare_persons and not self._compared)):
            gone = absent(await self._persons())
            count = await asyncio.to_thread(tidy.erase, gone)
            self._compared = True
            log.info("archive.compared", erased=count)
        return _Session(self, contents, admin, reader, (states, beside), gaps, tidy)

    async def _persons(self) -> dict[Position, set[bytes]]:
        """The keys that the topics of personal data have."""
        found: dict[Position, set[bytes]] = {}
        names = [topic.name for topic in SOURCES if shelf(topic) == PERSON]
        async with open_reader(self._bootstrap, names) as reader:
            async for record in reader.to_end():
                found.setdefault((record.topic, record.partition), set()).add(record.key)
        return found

    async def _recognised(self, admin: Admin, contents: Contents | None) -> Contents:
        """The archive is of this cluster; a new one begins with saying so."""
        cluster, topics = await admin.cluster(), await admin.topics()
        lacking = [topic.name for topic in TOPICS if topic.name not in topics]
        if lacking:
            raise ArchiveForeign(
                f"Kafka at {self._bootstrap} has no topic {lacking[0]}; is this the broker of the bus?"
            )
        partitions = {topic.name: topics[topic.name].partitions for topic in TOPICS}
        if contents is None:
            head = Head(made=self._now(), cluster=cluster, partitions=partitions)
            await asyncio.to_thread(self._place.create, HEAD, encode(head))
            return Contents(head, [])
        if contents.head.cluster != cluster:
            raise ArchiveForeign(
                f"this archive is of cluster {contents.head.cluster}, found cluster {cluster}: its offsets say nothing "
                "here. Begin a new archive beside it; after a restore too"
            )
        grown = [name for name, count in contents.head.partitions.items() if partitions.get(name, count) != count]
        if grown:
            raise ArchiveForeign(
                f"{grown[0]} has {partitions[grown[0]]} partitions, {contents.head.partitions[grown[0]]} expected"
            )
        return contents

    async def _gaps(self, reader: Reader, start: Mapping[Position, int]) -> tuple[Gap, ...]:
        """Raises ArchiveGap, ArchiveForeign."""
        ends = await reader.ends()
        found = []
        for at, begin in (await reader.positions()).items():
            expected = start.get(at)
            if expected is None:
                continue
            if ends[at] < expected:
                raise ArchiveForeign(
                    f"{at[0]}/{at[1]} ends at {ends[at]} but was archived up to {expected}: the topic was made anew"
                )
            if begin > expected and by_name(at[0]).cleanup is Cleanup.DELETE:
                found.append(Gap(at[0], at[1], expected, begin))
        if found and not self._settings.accept_gaps:
            lost = "; ".join(f"{gap.topic}/{gap.partition} offsets {gap.first} to {gap.until}" for gap in found)
            raise ArchiveGap(
                f"retention took records before they were archived: {lost}. They are not in the archive and no longer "
                "on the topic. --aanvaard-gat writes that down and goes on"
            )
        for gap in found:
            log.error("archive.gap", topic=gap.topic, partition=gap.partition, first=gap.first, until=gap.until)
        return tuple(found)


class _Session:
    """The archive and the readers, from one connection to the next."""

    def __init__(
        self,
        archiver: Archiver,
        contents: Contents,
        admin: Admin,
        reader: Reader,
        standing: tuple[Standing, Standing],
        gaps: tuple[Gap, ...],
        tidy: Tidy,
    ) -> None:
        self._place, self._blobs = archiver._place, archiver._blobs
        self._bootstrap, self._now = archiver._bootstrap, archiver._now
        self._settings, self._told = archiver._settings, archiver._told
        self._contents, self._admin, self._reader = contents, admin, reader
        self._states, self._beside = standing
        self._gaps, self._tidy = gaps, tidy
        self._erasing = False
        self._missing: set[str] = set(contents.last.missing) if contents.last else set()
        self._copied: set[str] = set()
        self._held: list[Record] = []
        self._ends: list[tuple[float, dict[Position, int]]] = []
        self._shelves: dict[str, list[Record]] = {}
        self._sizes: dict[str, int] = {}
        self._files: list[File] = []

    async def cut(self) -> Cut:
        """The next cut, written. Raises as `Archiver.once`."""
        number = self._contents.last.number + 1 if self._contents.last else 1
        low = await self._low()
        await self._states.follow()
        positions = await reached(self._admin, self._bootstrap, REBUILT, self._contents.head.partitions)
        goal: dict[Position, int] = {}
        ends: dict[Position, int] = {}
        for step, topics in enumerate(order()):
            ends = await self._reader.ends()
            goal |= {at: end for at, end in ends.items() if at[0] in topics}
            if step == 0:
                await self._beside.follow()
        self._ends.append((time.monotonic(), ends))
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
        return cut

    def _tidied(self) -> None:
        erased, pruned = self._tidy.erased(), self._tidy.pruned(self._now())
        if erased or pruned:
            log.info("archive.tidied", erased=erased, pruned=pruned)
        while self._tidy.joined():
            log.info("archive.joined", cuts=len(self._contents.cuts))

    async def _low(self) -> dict[Position, int]:
        """Ends as they were some time ago. The first time they are asked for, everything up to them is copied, and what
        lacks of the time is waited."""
        if not self._ends:
            self._ends.append((time.monotonic(), await self._reader.ends()))
            await self._copy(self._ends[0][1], self._contents.last.number + 1 if self._contents.last else 1)
            await asyncio.sleep(max(0.0, self._ends[0][0] + MARGIN - time.monotonic()))
        until = time.monotonic() - MARGIN
        while len(self._ends) > 1 and self._ends[1][0] <= until:
            self._ends.pop(0)
        return self._ends[0][1]

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


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
