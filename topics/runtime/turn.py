"""Whose turn it is after a restore: a task that was restored begins when those that come first are done."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

import msgspec
import structlog

from topics.catalogue.declarations import changelog_topic
from topics.errors import Refused
from topics.kafka import Position, Write, open_admin, open_reader, open_sender
from topics.runtime.restored import RESTORED_KEY, Restored, decode_restored, encode_restored

log = structlog.get_logger(__name__)

LOOK: Final = 0.5
"""Seconds between two looks at how far they are."""
_TELL: Final = 60.0


class Turn:
    """One look for all tasks of a worker. Kafka is asked only while a task waits."""

    def __init__(self, bootstrap: str, processor: str) -> None:
        self._bootstrap, self._processor = bootstrap, processor
        self._told: float | None = None
        self._lock = asyncio.Lock()
        self._found: dict[str, tuple[float, Mapping[Position, int]]] = {}

    async def left(self, restored: Restored) -> dict[str, int]:
        """Per processor that must be done first and is not: how many records it has yet to handle. Raises
        Unavailable."""
        found = {first.processor: first.left(await self._committed(first.processor)) for first in restored.first}
        left = {name: count for name, count in found.items() if count}
        if left:
            self._tell(left)
        return left

    def _tell(self, left: Mapping[str, int]) -> None:
        """At once, and louder from a minute on."""
        now = time.monotonic()
        if self._told is None:
            self._told = now
            log.info("worker.waits-for-others", processor=self._processor, records=left)
        elif now - self._told > _TELL:
            self._told = now
            log.warning(
                "worker.waits-for-others",
                processor=self._processor,
                records=left,
                todo=f"start {', '.join(left)}; of one that will never run: `ketenbus worker wacht-niet {self._processor} "
                f"--op {next(iter(left))}`",
            )

    async def _committed(self, group: str) -> Mapping[Position, int]:
        async with self._lock:
            at, offsets = self._found.get(group, (0.0, {}))
            if time.monotonic() - at > LOOK:
                async with open_admin(self._bootstrap) as admin:
                    offsets = await admin.group_offsets(group)
                self._found[group] = (time.monotonic(), offsets)
            return offsets


async def without(bootstrap: str, processor: str, other: str) -> int:
    """From now on no task of `processor` waits for `other`, after this restore; how many tasks that concerns.

    What `other` had not sent yet is sent when it runs after all: then the account may not balance. Raises Refused when
    no task was told to wait for it, Unavailable.
    """
    changelog, key = changelog_topic(processor), RESTORED_KEY.encode()
    latest: dict[int, Restored] = {}
    async with open_reader(bootstrap, [changelog]) as reader:
        async for record in reader.to_end():
            if record.key == key and record.value is not None:
                latest[record.partition] = decode_restored(record.value)
    writes = []
    for number, restored in sorted(latest.items()):
        left = tuple(first for first in restored.first if first.processor != other)
        if left != restored.first:
            value = encode_restored(msgspec.structs.replace(restored, first=left))
            writes.append(Write(changelog, number, key, value, (), int(time.time() * 1000)))
    if not writes:
        raise Refused(f"{processor}: no restore told it to wait for {other}")
    async with open_sender(bootstrap) as sender:
        await sender.send_all(writes)
    return len(writes)
