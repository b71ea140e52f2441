"""Captures of a bus in memory, for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from adapters.demo.inbox import load
from chain.replay.selection import SOURCES, known
from chain.replay.spool import Spool
from tests.unit.demo.play import Play
from topics.capture import CapturedTopic, Header, catalogue_version, write_capture
from topics.runtime.driver import FakeBus
from topics.runtime.step import Record

MADE = datetime(2026, 3, 31, 12, tzinfo=UTC)


def played(folder: Path, messages: int) -> FakeBus:
    """A bus on which the first `messages` of the inbox were played, and the ticks up to the last."""
    bus = FakeBus()
    play = Play(folder, bus)
    some = load()[0][:messages]
    play.week(some, some[-1].verwacht.op)
    play.close()
    return bus


def written(bus: FakeBus, path: Path, topics: Sequence[str] = SOURCES) -> Path:
    """What is on `topics` of a bus, as a capture of it: a record's time is when the bus knew it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spool_folder = path.with_suffix(".spool")
    spool_folder.mkdir()
    spool = Spool(spool_folder)
    for topic in topics:
        for record in bus.records(topic):
            spool.add(msgspec.structs.replace(record, timestamp=int(known(record).timestamp() * 1000)))
    header = Header(
        made=MADE,
        masked=False,
        topics=tuple(CapturedTopic(name, bus.partitions[name]) for name in topics),
        catalogue=catalogue_version(),
    )
    with write_capture(path, header) as writer:
        for record in spool.merged({name: place for place, name in enumerate(topics)}):
            for name, value in record.headers:
                if name == "ce_dataref":
                    writer.blob(bus.blobs.get(value.decode()))
            writer.record(record)
    return path


def plain(records: Sequence[Record]) -> list[tuple[str, int, bytes, bytes | None, tuple[tuple[str, bytes], ...], int]]:
    """Records without their offsets, which a broker with transactions gives otherwise."""
    return [(r.topic, r.partition, r.key, r.value, tuple(r.headers), r.timestamp) for r in records]
