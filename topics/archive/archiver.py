"""Copies what the catalogue calls sources to an archive: recognises it, goes on where it ends, through every outage."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Final

import structlog

from topics.archive.contents import Contents, sweep
from topics.archive.errors import ArchiveForeign, ArchiveGap, Rebuilding
from topics.archive.manifest import HEAD, Cut, Gap, Head, encode
from topics.archive.place import Place
from topics.archive.selection import NEEDED, PERSON, RETRACED, SOURCES, STANDS, STATES, shelf
from topics.archive.session import ArchiverSettings, Connected, Session, Told
from topics.archive.standing import Standing
from topics.archive.tidy import Tidy, absent
from topics.blobs import BlobStore
from topics.catalogue.declarations import DECIDER, by_name, changelog_topic
from topics.catalogue.topic import Cleanup
from topics.errors import Unavailable
from topics.kafka import Admin, Position, Reader, open_admin, open_reader, open_written
from topics.runtime.restored import RESTORED_KEY, decode_restored

log = structlog.get_logger(__name__)

FORGETS: Final = timedelta(hours=12)
"""Kafka may forget a tombstone after a day: an archiver that was away this long looks for what is there no more."""


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
                    self._told.working(True)
                    while not stop.is_set():
                        self._told.cut(await session.cut())
                        wait = 1.0
                        await _pause(stop, self._settings.every)
                    # what was sent while it waited for the next one
                    self._told.cut(await session.cut())
            except Unavailable as error:
                self._told.working(isinstance(error, Rebuilding))
                log.warning("archive.waits", error=str(error), seconds=wait)
                await _pause(stop, wait)
                wait = min(wait * 2, 30.0)

    async def _open(self, stack: AsyncExitStack) -> Session:
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
        back = await stack.enter_async_context(open_reader(self._bootstrap, RETRACED, fetch_bytes=1 << 16))
        written = await stack.enter_async_context(open_written(self._bootstrap, NEEDED))
        connected = Connected(reader=reader, changelogs=back, written=written, states=states, beside=beside)
        return Session(self._place, self._blobs, contents, connected, self._now, self._settings, self._told, gaps)

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
        lacking = [name for name in NEEDED if name not in topics]
        if lacking:
            raise ArchiveForeign(
                f"Kafka at {self._bootstrap} has no topic {lacking[0]}; is this the broker of the bus?"
            )
        partitions = {name: topics[name].partitions for name in NEEDED}
        restored = await self._restored()
        if contents is None:
            head = Head(made=self._now(), cluster=cluster, restored=restored, partitions=partitions)
            await asyncio.to_thread(self._place.create, HEAD, encode(head))
            return Contents(head, [])
        if contents.head.cluster != cluster:
            raise ArchiveForeign(
                f"this archive is of cluster {contents.head.cluster}, found cluster {cluster}: its offsets say nothing "
                "here. Begin a new archive beside it; after a restore too"
            )
        if contents.head.restored != restored:
            raise ArchiveForeign(
                f"this archive is of the bus before it was restored ({restored or 'from no archive'}): its offsets say "
                "nothing here. Begin a new archive beside it"
            )
        grown = [name for name, count in contents.head.partitions.items() if partitions.get(name, count) != count]
        if grown:
            raise ArchiveForeign(
                f"{grown[0]} has {partitions[grown[0]]} partitions, {contents.head.partitions[grown[0]]} expected"
            )
        return contents

    async def _restored(self) -> str:
        """The restore that this bus came from; empty for none. It is in every changelog; one that is small is asked."""
        found = ""
        async with open_reader(self._bootstrap, [changelog_topic(DECIDER)]) as reader:
            async for record in reader.to_end():
                if record.key == RESTORED_KEY.encode() and record.value is not None:
                    found = decode_restored(record.value).made
        return found

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


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
