"""The archiver on a real broker: interrupted, overtaken by retention, told of an erasure, and beside another cluster."""

import asyncio
import gzip
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition
from prometheus_client import CollectorRegistry, generate_latest

from topics.archive import recordfile
from topics.archive.archiver import Archiver
from topics.archive.checked import check
from topics.archive.contents import Contents
from topics.archive.errors import ArchiveForeign, ArchiveGap
from topics.archive.figures import Figures
from topics.archive.manifest import CUTS, HEAD, RECORDS, Cut, cut_name, decode, encode
from topics.archive.place import open_place
from topics.archive.restore import restore
from topics.archive.session import ArchiverSettings
from topics.blobs import BlobStore, FolderBlobs, blob_path, blob_ref
from topics.broker import EmbeddedBroker
from topics.catalogue.apply import apply
from topics.catalogue.declarations import BESLUIT, DECIDER, KINDS, LEDGER, PERSOON, SPOOR, changelog_topic, raw_topic
from topics.catalogue.topic import SINGLE, Sizing
from topics.errors import Refused
from topics.kafka import Write, open_admin, open_reader, open_sender
from topics.objectstore import ObjectStoreSettings
from topics.runtime.restored import RESTORED_KEY, Restored, encode_restored
from topics.runtime.step import Record

pytestmark = pytest.mark.timeout(300)
RAW = raw_topic(KINDS[0])
NAME = b"Mw. Onvindbaar"
LIMIT = 90.0


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Kafka of its own with the topics of the catalogue: an archive is of all of them."""
    with EmbeddedBroker(tmp_path_factory.mktemp("archief") / "kafka", heap_mb=256) as broker:

        async def topics() -> None:
            async with open_admin(broker.bootstrap) as admin:
                await apply(admin, SINGLE)

        asyncio.run(topics())
        yield broker.bootstrap


def now_ms() -> int:
    return int(time.time() * 1000)


async def write(
    bootstrap: str, topic: str, values: Sequence[bytes | None], key: bytes = b"k", partition: int = 0
) -> None:
    async with open_sender(bootstrap) as sender:
        await sender.send_all([Write(topic, partition, key, value, (("ce_id", b"1"),), now_ms()) for value in values])


async def cut(
    bootstrap: str,
    archive: Path,
    blobs: BlobStore,
    settings: ArchiverSettings | None = None,
    figures: Figures | None = None,
) -> Cut:
    with open_place(ObjectStoreSettings(blobs=str(archive)), writing=True) as place:
        found = figures or Figures(CollectorRegistry())
        archiver = Archiver(place, blobs, bootstrap, lambda: datetime.now(UTC), settings or ArchiverSettings(), found)
        made = await archiver.once()
        found.cut(made)
        return made


def held(archive: Path) -> list[Record]:
    with open_place(ObjectStoreSettings(blobs=str(archive)), writing=False) as place:
        contents = Contents.load(place)
        assert contents is not None
        return [record for file in contents.files() for record in recordfile.read(place, file)]


async def on_the_topic(bootstrap: str, topic: str) -> list[tuple[int, int, bytes | None]]:
    async with open_reader(bootstrap, [topic]) as reader:
        return sorted([(one.partition, one.offset, one.value) async for one in reader.to_end()])


async def test_an_archiver_that_is_killed_again_and_again_leaves_no_gap_and_no_double(
    bootstrap: str, tmp_path: Path
) -> None:
    archive, chance = tmp_path / "archief", random.Random(6)
    done = asyncio.Event()

    async def feed() -> None:
        number = 0
        while not done.is_set():
            values = [b"%d" % (number + one) for one in range(50)]
            await write(bootstrap, SPOOR, values, partition=number % 4)
            number += 50
            await asyncio.sleep(0.01)

    feeding = asyncio.create_task(feed())
    options = ["archief", "--naar", str(archive), "--elke", "1", "--bootstrap", bootstrap]
    for seen in (1, 3):
        archiver = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "topics.cli", *options, env={**os.environ, "KETENBUS_DATA": str(tmp_path)}
        )
        until = time.monotonic() + LIMIT
        while len(list((archive / CUTS).glob("*.json"))) < seen:
            assert archiver.returncode is None
            assert time.monotonic() < until
            await asyncio.sleep(0.05)
        await asyncio.sleep(chance.random())
        archiver.send_signal(signal.SIGKILL)
        await archiver.wait()
    done.set()
    await feeding
    (archive / RECORDS / "000000000099-blijvend-half.jsonl.gz").write_bytes(b"half a file")
    registry = CollectorRegistry()
    await cut(bootstrap, archive, FolderBlobs(tmp_path / "blobs"), figures=Figures(registry))
    found = [(one.partition, one.offset, one.value) for one in held(archive) if one.topic == SPOOR]
    assert {what for what, count in Counter(found).items() if count > 1} == set()
    assert sorted(found) == await on_the_topic(bootstrap, SPOOR)
    assert not (archive / RECORDS / "000000000099-blijvend-half.jsonl.gz").exists()
    shown = generate_latest(registry).decode()
    assert f'ketenbus_archief_achterstand_records{{topic="{SPOOR}"}} 0.0' in shown


async def test_what_retention_took_before_it_was_archived_is_refused_and_named(bootstrap: str, tmp_path: Path) -> None:
    archive, blobs = tmp_path / "archief", FolderBlobs(tmp_path / "blobs")
    await write(bootstrap, RAW, [b"een"])
    await cut(bootstrap, archive, blobs)
    begin = len(await on_the_topic(bootstrap, RAW))
    await write(bootstrap, RAW, [b"verloren", b"verloren", b"nog"])
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.delete_records({TopicPartition(RAW, 0): RecordsToDelete(before_offset=begin + 2)})
    await admin.close()
    with pytest.raises(ArchiveGap, match=f"{RAW}/0 offsets {begin} to {begin + 2}"):
        await cut(bootstrap, archive, blobs)
    made = await cut(bootstrap, archive, blobs, ArchiverSettings(accept_gaps=True))
    assert [(gap.first, gap.until) for gap in made.gaps] == [(begin, begin + 2)]
    assert [one.value for one in held(archive) if one.topic == RAW][-1] == b"nog"
    assert (await cut(bootstrap, archive, blobs)).gaps == ()


async def test_an_erased_person_is_in_no_byte_after_the_next_cut(bootstrap: str, tmp_path: Path) -> None:
    archive, blobs = tmp_path / "archief", FolderBlobs(tmp_path / "blobs")
    await write(bootstrap, PERSOON, [b'{"naam": "' + NAME + b'"}'], key=b"dossier#ontvangst")
    await write(bootstrap, PERSOON, [b'{"naam": "ander"}'], key=b"dossier#andere")
    await cut(bootstrap, archive, blobs)
    assert NAME in unpacked(archive)
    await write(bootstrap, PERSOON, [None], key=b"dossier#ontvangst")
    await cut(bootstrap, archive, blobs)
    assert NAME not in unpacked(archive)
    assert b"ander" in unpacked(archive)


def unpacked(archive: Path) -> bytes:
    files = [path for path in archive.rglob("*") if path.is_file()]
    return b"".join(gzip.decompress(one.read_bytes()) if one.suffix == ".gz" else one.read_bytes() for one in files)


async def test_bodies_come_along_and_one_that_is_missing_is_asked_for_again(bootstrap: str, tmp_path: Path) -> None:
    archive, blobs = tmp_path / "archief", FolderBlobs(tmp_path / "blobs")
    there, late = blobs.put(b"een lang bericht"), blob_ref(b"een late bijlage")
    await write(bootstrap, BESLUIT, [f'{{"blob": "{there}"}}'.encode(), f'{{"blob": "{late}"}}'.encode()])
    assert (await cut(bootstrap, archive, blobs)).missing == (late,)
    assert (archive / "blobs" / blob_path(there)).read_bytes() == b"een lang bericht"
    blobs.put(b"een late bijlage")
    assert (await cut(bootstrap, archive, blobs)).missing == ()
    assert (archive / "blobs" / blob_path(late)).read_bytes() == b"een late bijlage"


async def test_an_archive_of_another_cluster_is_refused(bootstrap: str, tmp_path: Path) -> None:
    archive, blobs = tmp_path / "archief", FolderBlobs(tmp_path / "blobs")
    await cut(bootstrap, archive, blobs)
    head = archive / HEAD
    text = head.read_text()
    head.write_text(text.replace('"cluster": "', '"cluster": "ander-'))
    with pytest.raises(ArchiveForeign, match="of cluster ander-"):
        await cut(bootstrap, archive, blobs)
    head.write_text(text)
    await cut(bootstrap, archive, blobs)
    last = archive / cut_name(2)
    made = decode(last.read_bytes(), Cut, last.name)
    further = {**made.high, SPOOR: tuple(end + 1 for end in made.high[SPOOR])}
    last.write_bytes(encode(msgspec.structs.replace(made, high=further)))
    with pytest.raises(ArchiveForeign, match="made anew"):
        await cut(bootstrap, archive, blobs)


async def test_an_archive_of_before_a_restore_is_refused_though_kafka_calls_itself_the_same(
    bootstrap: str, tmp_path: Path
) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    await cut(bootstrap, tmp_path / "archief", blobs)
    restored = encode_restored(Restored(whole=True, made="2026-03-02T08:00:00+00:00"))
    await write(bootstrap, changelog_topic(DECIDER), [restored], key=RESTORED_KEY.encode())
    with pytest.raises(ArchiveForeign, match="before it was restored"):
        await cut(bootstrap, tmp_path / "archief", blobs)
    for _ in range(2):
        await cut(bootstrap, tmp_path / "nieuw", blobs)


async def test_a_restore_refuses_what_is_not_empty_and_what_one_broke_off(bootstrap: str, tmp_path: Path) -> None:
    archive, blobs = tmp_path / "archief", FolderBlobs(tmp_path / "blobs")
    await write(bootstrap, SPOOR, [b"er is al iets"])
    await cut(bootstrap, archive, blobs)
    with open_place(ObjectStoreSettings(blobs=str(archive)), writing=False) as place:
        with pytest.raises(Refused, match="possible are 4 and its multiples"):
            check(place, lambda _: None, Sizing.of("single:log=6"))
        checked = check(place, lambda _: None, SINGLE)
        before = await on_the_topic(bootstrap, SPOOR)
        with pytest.raises(Refused, match=r"\S+\.v1 is not empty"):
            await restore(place, checked, bootstrap, blobs, datetime.now(UTC), lambda _: None)
        started = encode_restored(Restored(whole=False))
        await write(bootstrap, changelog_topic(LEDGER), [started], key=RESTORED_KEY.encode())
        with pytest.raises(Refused, match="a restore broke off here"):
            await restore(place, checked, bootstrap, blobs, datetime.now(UTC), lambda _: None)
    assert await on_the_topic(bootstrap, SPOOR) == before
