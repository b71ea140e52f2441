"""What the bus in memory makes of a capture of the real bus is what the real bus made of it, byte for byte."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import pytest

from adapters.demo import morning
from adapters.demo.bus import Bus, running
from adapters.demo.delivery import deliver, wind_back
from adapters.demo.inbox import load
from adapters.demo.progress import open_progress
from chain.replay.masking import Masker, open_masker
from chain.replay.recording import capture
from chain.replay.selection import SOURCES, Window
from topics.blobs import FolderBlobs
from topics.broker.machine import choose_base
from topics.capture import open_capture
from topics.catalogue.declarations import (
    BESLUIT,
    BESLUITSTAND,
    DOORLOOPTIJD,
    DOSSIER,
    KINDS,
    PROCESSORS,
    SIGNAAL,
    SPOOR,
    TOPICS,
    WATERMERK,
    log_topic,
    raw_topic,
)
from topics.clock.source import set_time, time_source
from topics.kafka import open_reader
from topics.play.bodies import Bodies
from topics.play.player import Player
from topics.play.sources import in_order, survey
from topics.processes.table import OFFSETS
from topics.profile.registry import Registry
from topics.runtime.step import Record
from topics.view import database

pytestmark = pytest.mark.timeout(900)

MADE: Final = tuple(
    topic.name
    for topic in TOPICS
    if not topic.private
    and topic.name not in (*map(raw_topic, KINDS), BESLUIT, WATERMERK)
    and not set(PROCESSORS).isdisjoint(topic.producers)
)
"""What the runtime's processors write. Of marks a play of a log's ticks makes no answers."""
Headers = tuple[tuple[str, bytes], ...]
Written = dict[tuple[str, bytes], list[tuple[bytes | None, Headers]]]
SAMPLES, EINDE = load()


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    data = tmp_path_factory.mktemp("played")
    wind_back(data, SAMPLES)
    with running(data, dict(os.environ), lambda _: None, choose_base(OFFSETS)) as found:
        asyncio.run(played_week(found))
        yield found


async def played_week(bus: Bus) -> None:
    """The inbox, and a morning of decisions on what failed of it."""
    url = f"sqlite:///{bus.data.absolute() / 'view.db'}"
    engine = database.open_reader(url)
    try:
        async with open_progress(bus.bootstrap, url) as progress:
            delivered = await deliver(bus, SAMPLES, progress, lambda *_: None)
            set_time(bus.data, EINDE.einde)
            await progress.ticked(EINDE.einde)
            await progress.handled()
            await morning.play(bus, engine, morning.load(), delivered, lambda _: None)
            await progress.handled()
    finally:
        engine.dispose()


async def test_every_topic_comes_out_byte_for_byte_when_a_capture_of_the_bus_is_played(
    bus: Bus, tmp_path: Path
) -> None:
    path = await taken(bus, tmp_path / "inbox.opname", None)
    async with open_reader(bus.bootstrap, MADE) as reader:
        recorded = by_key([record async for record in reader.to_end()])
    found = by_key(await asyncio.to_thread(played, path, bus.data / "profielen", tmp_path / "bodies"))
    differ = sorted(key for key in {*found, *recorded} if found.get(key) != recorded.get(key))
    assert differ[:5] == []
    assert {topic for topic, _ in recorded} >= {
        log_topic("onderhoud"),
        DOSSIER,
        DOORLOOPTIJD,
        SIGNAAL,
        SPOOR,
        BESLUITSTAND,
    }
    assert len(recorded) > 300


async def test_a_masked_capture_comes_to_the_same_dossiers_and_all_its_decisions_are_taken(
    bus: Bus, tmp_path: Path
) -> None:
    masked = await taken(bus, tmp_path / "gemaskeerd.opname", open_masker(bytes(32), bus.data / "profielen"))
    plain = await taken(bus, tmp_path / "open.opname", None)
    outcomes = []
    for path in (masked, plain):
        records = await asyncio.to_thread(played, path, bus.data / "profielen", tmp_path / path.stem)
        last = {record.key: record.value for record in records if record.topic == DOSSIER}
        documents = {key: msgspec.json.decode(value or b"{}") for key, value in last.items()}
        outcomes.append(
            {key: (one["toestand"], one.get("feiten"), one.get("aan_zet")) for key, one in documents.items()}
        )
    assert outcomes[0] == outcomes[1]
    assert len(outcomes[0]) > 50


async def taken(bus: Bus, path: Path, masker: Masker | None) -> Path:
    """A capture of everything that cannot be made again."""
    now, blobs = time_source(bus.data).now(), FolderBlobs(bus.data / "blobs")
    await capture(bus.bootstrap, path, SOURCES, Window(), now, blobs, masker, lambda _: None)
    return path


def played(path: Path, profiles: Path, folder: Path) -> list[Record]:
    """As the two passes of a comparison do it."""
    with open_capture(path, FolderBlobs(folder)) as found:
        partitions = {topic.name: topic.partitions for topic in found.header.topics}
        seen = survey(found.records())
    made: list[Record] = []
    player = Player(Registry.load(profiles), seen, partitions, made.append, Bodies(folder))
    with open_capture(path) as found:
        for record in in_order(found.records()):
            player.feed(record)
    player.finish()
    assert player.left_out == ()
    return made


def by_key(records: list[Record]) -> Written:
    """Value and headers per topic and key, in order; by id where a key lies in several partitions: ticks, and what moved of
    one message."""
    found: Written = {}
    for record in records:
        if record.topic in MADE:
            found.setdefault((record.topic, record.key), []).append((record.value, placeless(record)))
    for (topic, key), written in found.items():
        if topic == SPOOR or key == b"klok":
            written.sort(key=lambda one: dict(one[1])["ce_id"])
    return found


def placeless(record: Record) -> Headers:
    """Without the offsets of what the bus wrote itself: between those lie the marks of transactions."""
    return tuple((name, value) for name, value in record.headers if name not in ("dlq.offset", "ce_position"))
