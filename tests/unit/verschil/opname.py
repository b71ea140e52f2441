"""Captures for these tests: the inbox of samples as it lies on the bus, played once in memory by the drivers of the runtime."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import msgspec

from adapters.demo.inbox import load
from tests.unit.demo.play import Play
from topics.capture import CapturedTopic, Header, catalogue_version, write_capture
from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import SINGLE
from topics.kafka import Write
from topics.profile import samples as partners
from topics.runtime.driver import FakeBus
from topics.runtime.step import Record

PARTITIONS = {topic.name: SINGLE.partitions(topic.width) for topic in TOPICS}


class RecordedBus(FakeBus):
    """Keeps what is written in order; what comes from outside has a millisecond of its own, as on Kafka."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[Record] = []

    def write(self, write: Write) -> Record:
        record = super().write(msgspec.structs.replace(write, timestamp=write.timestamp or len(self.written) + 1))
        self.written.append(record)
        return record


@cache
def inbox() -> tuple[Record, ...]:
    """Every record that the inbox leaves on a bus, changelogs included, in the order in which it was written."""
    samples, einde = load()
    bus = RecordedBus()
    with tempfile.TemporaryDirectory() as folder:
        play = Play(Path(folder), bus)
        play.week(samples, einde.einde)
        play.close()
    return tuple(bus.written)


def captured(path: Path, records: Iterable[Record]) -> Path:
    """A capture file of `records`."""
    topics = tuple(CapturedTopic(name, count) for name, count in PARTITIONS.items())
    header = Header(made=datetime(2026, 3, 30, tzinfo=UTC), masked=False, topics=topics, catalogue=catalogue_version())
    with write_capture(path, header) as writer:
        for record in records:
            if not record.topic.endswith(".toestand.v1"):
                writer.record(record)
    return path


def of_topics(records: Iterable[Record], prefixes: Sequence[str]) -> list[Record]:
    return [record for record in records if record.topic.startswith(tuple(prefixes))]


def profiles(folder: Path, changes: Mapping[str, Mapping[str, str]] | None = None) -> Path:
    """The sample partners, each change of text made once in the profile of its partner."""
    for source in sorted(partners.FOLDER.glob("*/1.toml")):
        text = source.read_text("utf-8")
        for old, new in (changes or {}).get(source.parent.name, {}).items():
            assert old in text, f"{source.parent.name}: {old!r} is not there"
            text = text.replace(old, new)
        target = folder / source.parent.name / "1.toml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    return folder
