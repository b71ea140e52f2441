"""Plays a capture into a broker: every record as it was, or only what the processors of a bus need to make the rest anew."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import msgspec

from chain.replay.tempo import Pace
from topics.blobs import BlobStore
from topics.capture import Capture, open_capture
from topics.catalogue.declarations import (
    ALL_KETENS,
    BESLUIT,
    BESLUITSTAND,
    KINDS,
    dead_letter_topic,
    log_topic,
    raw_topic,
)
from topics.documents import ce_type, encode
from topics.documents.keten import Klok, Tik
from topics.envelope import Envelope
from topics.kafka import Sender, Write, open_sender, partition_for
from topics.runtime.step import Record

BATCH: Final = 2_000
_BYTES: Final = 8 << 20
_EVERY: Final = 10_000
RAW: Final = tuple(raw_topic(kind) for kind in KINDS)
LOGS: Final = tuple(log_topic(keten) for keten in ALL_KETENS)
CLOCK: Final = b"klok"
"""Key of what the clock writes, which goes to every partition."""

_BY_LETTER: Final = (BESLUIT, BESLUITSTAND, dead_letter_topic(BESLUIT))
_TICK: Final = ce_type(Tik).encode()
_CLOCK_TYPES: Final = (_TICK, ce_type(Klok).encode())
Tell = Callable[[str], None]


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


def placed(record: Record, captured: int, partitions: int) -> Sequence[int]:
    """The partitions of a topic of `partitions` that a record of one of `captured` goes to.

    The same where there are as many (masking gives letters other ids, so what is keyed by letter follows its key). Otherwise by its key, as every client computes it, so that a key keeps its order;
    and what the clock wrote to every partition goes to every partition, once.
    """
    if captured == partitions and record.topic not in _BY_LETTER:
        return (record.partition,)
    if record.key == CLOCK and _type(record) in _CLOCK_TYPES:
        return range(partitions) if record.partition == captured - 1 else ()
    return (partition_for(record.key, partitions),)


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
    *,
    total: int,
    speed: float | None = None,
) -> int:
    """What came in from outside, each after everything before it was handled as far as that matters; how many records.

    Raises as `play`, and Unavailable when the processors do not keep up.
    """
    async with open_sender(bootstrap) as sender:
        player = Player(sender, partitions, Pace(speed, time.monotonic()), tell, total)
        with open_capture(path, blobs) as capture:
            captured = {topic.name: topic.partitions for topic in capture.header.topics}
            former: Turn | None = None
            for turn, record in _turns(capture):
                if turn is not former and former is not None:
                    await player.flush()
                    # a deadline may not pass before what was in time is handled, nor a decision come before its letter
                    await settled.adapted()
                    await settled.correlated()
                former = turn
                await player.record(record, captured.get(record.topic, 1))
            await player.flush()
        await settled.adapted()
        await settled.correlated()
    return player.played


class Turn(StrEnum):
    """What has to be handled before the next of another kind is played."""

    MESSAGE = "bericht"
    DECISION = "besluit"
    TIME = "tijd"


def _turns(capture: Capture) -> Iterator[tuple[Turn, Record]]:
    """The input in a capture. Time is what its logs were told; of a capture without logs what `ruw.*` was told."""
    names = {topic.name for topic in capture.header.topics}
    decided = BESLUIT in names
    ticks = None if names.intersection(LOGS) else _Ticks(capture)
    for record in capture.records():
        kind = _type(record)
        if record.topic in RAW:
            if kind == _TICK:
                for one in ticks.seen(record) if ticks is not None else ():
                    yield Turn.TIME, one
            elif not (decided and forwarded(record)):
                yield Turn.MESSAGE, record
        elif record.topic == BESLUIT:
            yield Turn.DECISION, record
        elif record.topic in LOGS and kind in _CLOCK_TYPES:
            yield Turn.TIME, record


def forwarded(record: Record) -> bool:
    """Whether a record on `ruw.*` is what a decision came to: the decider makes it again from the decision."""
    return any(
        name == "ce_causationid" or (name == "ce_channel" and value == b"besluit") for name, value in record.headers
    )


class _Ticks:
    """The ticks that logs were told, from the marks on `ruw.*` alone: of T once every partition has its mark T.

    Which partners were suspended then is not known from there.
    """

    def __init__(self, capture: Capture) -> None:
        self._marks = {
            (topic.name, number)
            for topic in capture.header.topics
            if topic.name in RAW
            for number in range(topic.partitions)
        }
        self._seen: dict[bytes, set[tuple[str, int]]] = {}

    def seen(self, record: Record) -> Iterator[Record]:
        found = self._seen.setdefault(record.value or b"", set())
        found.add((record.topic, record.partition))
        if found < self._marks:
            return
        # an older mark that lacked somewhere, because the capture begins there, is nobody's any more
        self._seen.clear()
        at = msgspec.json.decode(record.value or b"", type=Tik).tot
        for keten in ALL_KETENS:
            id_ = f"klok-{keten}-{at.isoformat()}"
            envelope = Envelope(id=id_, source="clock", type=ce_type(Klok), time=at, recorded_time=at)
            value, headers = encode(Klok(tot=at)), tuple(envelope.headers())
            # as if of a topic with one partition: it goes to all
            yield Record(log_topic(keten), 0, 0, record.timestamp, CLOCK, value, headers)


def _type(record: Record) -> bytes:
    return next((value for name, value in record.headers if name == "ce_type"), b"")
