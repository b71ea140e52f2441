"""Dossiers by the million: a few hundred that the correlator really made, copied under as many keys as are wanted.

Most rest, due in a year. Some (`late`) are orders without an answer, whose norm a tick finds exceeded; these lie in the
lower half of the partitions, so that the upper half shows what a tick does to others.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

import msgspec

from chain.correlate import Correlator
from chain.ketens.onderhoud import Staat
from tests.bench.correlator import event, log
from tests.unit.chain import berichten as b
from topics import keys
from topics.catalogue.declarations import changelog_topic
from topics.kafka import Sender, Write, partition_for
from topics.runtime.positions import POSITION_KEY, Position, encode_position
from topics.runtime.step import Record, Step, Unchanged
from topics.runtime.store import frame

SEEDS: Final = 300
MESSAGES: Final = 9
"""Of a dossier that rests: the tenth is what the bench feeds."""
_CHUNK: Final = 10_000
_BEGIN: Final = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
_REST: Final = _BEGIN + timedelta(days=365)


class Population(msgspec.Struct, frozen=True):
    """The dossiers of one keten: numbers 0 to `dossiers`; those below `late` whose partition is in the lower half are
    late."""

    keten: str
    dossiers: int
    partitions: int
    late: int = 0

    def key(self, number: int) -> str:
        return f"{_prefix(self.keten)}{number:08}"

    def partition(self, number: int) -> int:
        return partition_for(self.key(number).encode(), self.partitions)

    def tenth(self, number: int) -> Write:
        """The tenth message of a resting dossier."""
        start = _BEGIN + timedelta(seconds=number % SEEDS)
        made = b.record(event(MESSAGES, number, start), number, self.key(number))
        return Write(Correlator(self.keten).topic, self.partition(number), made.key, made.value, made.headers, _now())

    def tick(self, partition: int) -> Write:
        """Two weeks later: every late dossier is due, no resting one."""
        made = b.record(b.klok("++zo 00:00"), 0)
        return Write(Correlator(self.keten).topic, partition, made.key, made.value, made.headers, _now())

    async def seed(self, sender: Sender) -> int:
        """Fill the changelog as if a worker had stopped before the first record of the log; how many are late."""
        resting, late = _frames(MESSAGES), _frames(1)
        topic = changelog_topic(Correlator(self.keten).name)
        found = 0
        for first in range(0, self.dossiers, _CHUNK):
            writes = []
            for number in range(first, min(first + _CHUNK, self.dossiers)):
                key = self.key(number).encode()
                partition = partition_for(key, self.partitions)
                is_late = number < self.late and partition < self.partitions // 2
                found += is_late
                value = late[number % SEEDS] if is_late else resting[number % SEEDS]
                writes.append(Write(topic, partition, key, value, (), _now()))
            await sender.send_all(writes)
        start = encode_position(Position(0))
        await sender.send_all(
            [Write(topic, partition, POSITION_KEY.encode(), start, (), _now()) for partition in range(self.partitions)]
        )
        return found


class _Played:
    """The last step of every dossier of a log."""

    def __init__(self) -> None:
        self.steps: dict[str, Step[Staat]] = {}

    def get(self, key: str) -> Staat | None:
        step = self.steps.get(key)
        return None if step is None or isinstance(step.state, Unchanged) else step.state

    def due(self, until: datetime) -> Iterator[str]:
        return iter(())

    def play(self, records: list[Record]) -> None:
        correlator = Correlator(b.KETEN)
        for record in records:
            for step in correlator.process(record, self, None):
                self.steps[step.key] = step


def _frames(messages: int) -> list[bytes]:
    """Of each seed, as its changelog has it after so many messages; one that rests is due in a year."""
    played = _Played()
    played.play(log(SEEDS)[: SEEDS * messages])
    correlator = Correlator(b.KETEN)
    frames = []
    for number, step in enumerate(played.steps.values()):
        if step.state is None or isinstance(step.state, Unchanged) or step.due is None:
            raise ValueError(f"{step.key} has no state or is never due; the figures would be of something else")
        due = _REST + timedelta(minutes=number) if messages == MESSAGES else step.due
        frames.append(frame(correlator.encode(step.state), int(due.timestamp() * 1000), tuple(step.facets)))
    return frames


@cache
def _prefix(keten: str) -> str:
    return keys.order_key(keten, b.CORPORATIE, f"IN{0:08}").removesuffix(f"{0:08}")


def _now() -> int:
    return int(_BEGIN.timestamp() * 1000)
