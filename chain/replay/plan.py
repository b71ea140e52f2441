"""Where the playing of input has to wait: found by playing it in memory first, as a bus handles it one after another.

Waiting for the processors after every message would take many minutes for a week, and most of it would be for nothing.
What is handled at once gives the same as what is handled one after another unless both touch the same dossier, and a
tick touches only the dossiers that are due. A play in memory (topics/play) tells which dossiers those are:

- a tick for which nothing is due changes nothing, and is not played;
- before any other tick everything is waited for: it may not overtake what was recorded before it;
- before a message, when something since the last wait touched one of its dossiers;
- around decisions: each is about a letter that is there before, and sends on what others must find.
"""

from array import array
from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import msgspec

from chain.replay.placing import placed
from chain.replay.tempo import Tell
from chain.replay.turns import CLOCK, LOGS, Turn, turns
from topics import documents
from topics.blobs import FolderBlobs
from topics.capture import open_capture
from topics.documents.keten import Klok
from topics.kafka import Position
from topics.play.bodies import Bodies
from topics.play.stage import Stage, sizing_of, staged
from topics.profile.registry import Registry
from topics.runtime.step import Record

_EVERY = 50_000


class Pas(IntEnum):
    """What is done with a record of the input."""

    LEAVE = 0
    PLAY = 1
    WAIT = 2
    """Played once everything before it was handled."""


class Plan(Protocol):
    """One Pas per record of the input, in its order."""

    def __getitem__(self, place: int, /) -> int: ...


def plan(path: Path, partitions: Mapping[str, int], registry: Registry, tell: Tell) -> Plan:
    """`partitions`: of the topics that will be played into; `registry`: the profiles that hold there.

    Raises as `Capture.records`, ConfigurationError for profiles that a processor refuses, and what stops a task.
    """
    with TemporaryDirectory(prefix="ketenbus-replay-") as folder:
        bodies = FolderBlobs(Path(folder))
        with open_capture(path, bodies) as capture:
            captured = {topic.name: topic.partitions for topic in capture.header.topics}
            planner = Planner(partitions, registry, Bodies(Path(folder)))
            steps = array("B")
            last: dict[Position, int] = {}
            for place, (turn, record) in enumerate(turns(capture)):
                steps.append(planner.step(turn, record, captured.get(record.topic, 1)))
                if turn is Turn.TIME:
                    last[(record.topic, record.partition)] = place
                if (place + 1) % _EVERY == 0:
                    tell(f"looked ahead at {place + 1} records, to see what has to wait for what")
            for place in last.values():
                # so that the bus knows how far its time went
                steps[place] = steps[place] or Pas.WAIT
            return steps


class Planner:
    """Asked for every record of the input in turn."""

    def __init__(self, partitions: Mapping[str, int], registry: Registry, bodies: Bodies) -> None:
        self._partitions = partitions
        self._stage: Stage = staged(sizing_of(partitions), registry, self._seen, bodies)
        self._touched: set[bytes] = set()
        self._open: set[bytes] = set()
        self._under_way = False
        self._tick: tuple[bytes | None, datetime | None] | None = None
        self._former = Turn.TIME

    def step(self, turn: Turn, record: Record, captured: int) -> Pas:
        """`captured`: partitions that its topic had. Raises what stops a task."""
        numbers = placed(record, captured, self._partitions[record.topic])
        if turn is Turn.TIME and not any(self._due(record, number) for number in numbers):
            return Pas.LEAVE
        self._touched.clear()
        for number in numbers:
            self._stage.feed(msgspec.structs.replace(record, partition=number))
        decided = turn is not self._former and Turn.DECISION in (turn, self._former)
        late = turn is Turn.TIME and self._under_way
        waits = decided or late or not self._open.isdisjoint(self._touched)
        self._former = turn
        if waits:
            self._open.clear()
            self._under_way = False
        # what follows a tick on the log of a dossier comes behind it there; only what it told other dossiers is under way
        self._open |= self._touched
        self._under_way |= turn is not Turn.TIME or bool(self._touched)
        return Pas.WAIT if waits else Pas.PLAY

    def _due(self, tick: Record, partition: int) -> bool:
        if self._tick is None or self._tick[0] != tick.value:
            # it comes once per partition
            document = documents.decode(tick.envelope().type, tick.value or b"")
            self._tick = tick.value, document.tot if isinstance(document, Klok) else None
        until = self._tick[1]
        return until is not None and self._stage.due(tick.topic, partition, until)

    def _seen(self, record: Record) -> None:
        if record.topic in LOGS and record.key != CLOCK:
            self._touched.add(record.key)
