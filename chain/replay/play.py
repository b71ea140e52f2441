"""Plays a capture into a broker: every record as it was, or only what the processors of a bus need to make the rest anew."""

import asyncio
import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from chain.replay.placing import placed
from chain.replay.plan import Pas, Plan
from chain.replay.tempo import Pace, Tell
from chain.replay.turns import Turn, turns
from topics.blobs import BlobStore
from topics.capture import open_capture
from topics.kafka import Sender, Write, open_sender
from topics.runtime.step import Record

BATCH: Final = 2_000
_BYTES: Final = 8 << 20
_EVERY: Final = 10_000


class Wat(StrEnum):
    """alles: every record. invoer: what came in from outside (messages, decisions, the time), for a bus whose processors run
    and whose clock does not: they make the rest."""

    ALLES = "alles"
    INVOER = "invoer"


class Settled(Protocol):
    """The processors of the bus that is played into."""

    async def adapted(self) -> None:
        """Until adapters and decider have handled everything that is on their topics."""
        ...

    async def correlated(self) -> None:
        """Until the correlators have, what they tell each other included."""
        ...


class Player:
    """Writes records to a broker, in the order in which they are given. `partitions`: of the topics there."""

    def __init__(self, sender: Sender, partitions: Mapping[str, int], pace: Pace, tell: Tell, total: int) -> None:
        self._sender, self._partitions, self._pace, self._tell, self._total = sender, partitions, pace, tell, total
        self._batch: list[Write] = []
        self._size = 0
        self.played = 0

    async def record(self, record: Record, captured: int) -> None:
        """`captured`: partitions that its topic had. Raises Unavailable."""
        wait = self._pace.wait(record.timestamp, time.monotonic())
        if wait:
            await self.flush()
            await asyncio.sleep(wait)
        for partition in placed(record, captured, self._partitions[record.topic]):
            self._batch.append(
                Write(record.topic, partition, record.key, record.value, record.headers, record.timestamp)
            )
            self._size += len(record.value or b"")
        self.played += 1
        if len(self._batch) >= BATCH or self._size >= _BYTES:
            await self.flush()
        if self.played % _EVERY == 0:
            self._tell(f"played {self.played} of {self._total} records")

    async def flush(self) -> None:
        """Everything that was given is on the broker. Raises Unavailable."""
        if self._batch:
            batch, self._batch, self._size = self._batch, [], 0
            await self._sender.send_all(batch)


async def play(
    path: Path,
    bootstrap: str,
    partitions: Mapping[str, int],
    blobs: BlobStore,
    tell: Tell,
    *,
    total: int,
    speed: float | None = None,
) -> int:
    """Every record of the capture; how many. `total`: for the progress. Raises as `Capture.records`, Unavailable."""
    async with open_sender(bootstrap) as sender:
        player = Player(sender, partitions, Pace(speed, time.monotonic()), tell, total)
        with open_capture(path, blobs) as capture:
            captured = {topic.name: topic.partitions for topic in capture.header.topics}
            for record in capture.records():
                await player.record(record, captured[record.topic])
            await player.flush()
    return player.played


async def play_input(
    path: Path,
    bootstrap: str,
    partitions: Mapping[str, int],
    blobs: BlobStore,
    tell: Tell,
    settled: Settled,
    plan: Plan,
    *,
    total: int,
    speed: float | None = None,
) -> int:
    """What came in from outside, each after everything before it was handled as far as `plan` says; how many records.

    Raises as `play`, and Unavailable when the processors do not keep up.
    """
    async with open_sender(bootstrap) as sender:
        player = Player(sender, partitions, Pace(speed, time.monotonic()), tell, total)
        with open_capture(path, blobs) as capture:
            captured = {topic.name: topic.partitions for topic in capture.header.topics}
            former = Turn.MESSAGE
            for place, (turn, record) in enumerate(turns(capture)):
                step = plan[place]
                if step == Pas.LEAVE:
                    continue
                if step == Pas.WAIT or former is not turn:
                    # a tick is on the log before the events of what comes behind it
                    await player.flush()
                if step == Pas.WAIT:
                    await settled.adapted()
                    await settled.correlated()
                former = turn
                await player.record(record, captured.get(record.topic, 1))
            await player.flush()
        await settled.adapted()
        await settled.correlated()
    return player.played
