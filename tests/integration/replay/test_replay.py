"""Captures on a real broker: taken, played, and asserted on in a project of somebody else."""

import asyncio
import gzip
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from chain.replay.container import kafka_container
from chain.replay.outcome import READ, Uitkomst, of_records
from chain.replay.selection import Window, moment
from chain.replay.target import LASTING
from tests.unit.replay.files import played, written
from topics.broker import EmbeddedBroker
from topics.capture import CapturedTopic, Header, open_capture, verify, write_capture
from topics.catalogue.declarations import PERSOON, raw_topic
from topics.kafka import TransactionalProducer, Write, no_hook, open_admin, open_reader
from topics.profile import samples
from topics.runtime.driver import FakeBus
from topics.runtime.step import Record

pytestmark = pytest.mark.timeout(600)
MESSAGES = 14
RAW = raw_topic("corporatie")
LIMIT = 300.0


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> FakeBus:
    return played(tmp_path_factory.mktemp("played"), MESSAGES)


@pytest.fixture(scope="module")
def expected(bus: FakeBus) -> Uitkomst:
    return of_records([record for topic in READ for record in bus.records(topic)])


@pytest.fixture(scope="module")
def file(bus: FakeBus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What came in, and all that was made of it."""
    return written(bus, tmp_path_factory.mktemp("file") / "bus.capture")


@pytest.fixture(scope="module")
def filled(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Settings of a data folder with a broker into which the file was played."""
    data = tmp_path_factory.mktemp("filled")
    samples.install(data / "profielen")
    with EmbeddedBroker(data / "kafka", heap_mb=256, properties=LASTING) as broker:
        settings = {"KETENBUS_DATA": str(data), "KETENBUS_BOOTSTRAP": broker.bootstrap}
        done = ketenbus("replay", str(file), "--naar", broker.bootstrap, settings=settings)
        assert done.returncode == 0, done.stderr
        assert "for less time than these are old" not in done.stdout
        yield settings


def ketenbus(*arguments: str, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "topics.cli", *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def records(path: Path) -> list[Record]:
    with open_capture(path) as capture:
        return list(capture.records())


def test_what_was_played_is_captured_byte_for_byte(file: Path, filled: dict[str, str], tmp_path: Path) -> None:
    again = tmp_path / "again.capture"
    unmasked = ("--ongemaskeerd", "ik-mag-persoonsgegevens-meenemen")
    done = ketenbus("capture", "--uit", str(again), *unmasked, settings=filled)
    assert done.returncode == 0, done.stderr
    assert "NOT MASKED" in done.stdout
    assert records(again) == records(file)
    assert verify(again)[1] == verify(file)[1]
    assert not [path for path in tmp_path.iterdir() if path != again]


def test_a_capture_is_masked_unless_somebody_says_the_word(
    bus: FakeBus, file: Path, filled: dict[str, str], tmp_path: Path
) -> None:
    refused = ketenbus("capture", "--uit", str(tmp_path / "a"), "--ongemaskeerd", "ja", settings=filled)
    assert refused.returncode == 2
    assert "expected ik-mag-persoonsgegevens-meenemen" in refused.stderr
    secret = tmp_path / "sleutel"
    secret.write_bytes(b"a secret of at least 32 bytes, ok")
    for name, more in (("one", ("--sleutel", str(secret))), ("two", ("--sleutel", str(secret))), ("other", ())):
        done = ketenbus("capture", "--uit", str(tmp_path / name), *more, settings=filled)
        assert done.returncode == 0, done.stderr
    one, two, other = (records(tmp_path / name) for name in ("one", "two", "other"))
    assert len(one) == len(records(file))
    assert one == two
    assert one != other
    assert verify(tmp_path / "one")[0].masked
    tenants = set(re.findall(rb'"locatie.naam":"([^"]+)"', b"".join(one.value or b"" for one in bus.records(PERSOON))))
    assert tenants
    before, after = gzip.decompress(file.read_bytes()), gzip.decompress((tmp_path / "one").read_bytes())
    assert {name for name in tenants if name in before} == tenants
    assert {name for name in tenants if name in after} == set()


def test_a_broker_that_has_records_is_refused(file: Path, filled: dict[str, str]) -> None:
    before = records(file)
    refused = ketenbus("replay", str(file), "--naar", filled["KETENBUS_BOOTSTRAP"], settings=filled)
    assert refused.returncode == 2
    assert "doel-niet-leeg" in refused.stderr
    assert records(file) == before


def test_a_part_of_a_bus_is_captured_by_topic_and_time(file: Path, filled: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "part.capture"
    window = ("--van", "2026-03-02T12:00:00+01:00", "--tot", "2026-03-03")
    done = ketenbus("capture", "--uit", str(path), "--topics", "ruw.*.v1", *window, settings=filled)
    assert done.returncode == 0, done.stderr
    found = [(one.topic, one.offset) for one in records(path)]
    wanted = Window(moment("", window[1]), moment("", window[3]))
    raw = [one for one in records(file) if one.topic.startswith("ruw.") and not one.topic.endswith(".dlq")]
    assert found == [(one.topic, one.offset) for one in raw if wanted.holds(one)]
    assert 0 < len(found) < len(raw)


def test_a_window_without_records_is_refused_with_what_there_is_and_leaves_no_file(
    filled: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "empty.capture"
    done = ketenbus("capture", "--uit", str(path), "--van", "2031-01-01", settings=filled)
    assert done.returncode == 2
    assert "nothing between --van and --tot; what is there was known from 2026-03-02T" in done.stderr
    assert not any(tmp_path.iterdir())


async def test_what_a_broker_would_throw_away_is_told_before_and_a_broker_for_captures_keeps_it(
    tmp_path: Path,
) -> None:
    path, old = tmp_path / "old.capture", int(time.time() * 1000) - 31 * 86_400_000
    header = Header(made=datetime.now(UTC), masked=False, topics=(CapturedTopic(RAW, 2), CapturedTopic(PERSOON, 4)))
    with write_capture(path, header) as writer:
        writer.record(Record(RAW, 0, 0, old, b"zilverlinde", b"{}", ()))
        writer.record(Record(PERSOON, 0, 0, old, b"key", b"{}", ()))
    settings = {"KETENBUS_DATA": str(tmp_path)}
    eager = {"log.retention.check.interval.ms": "300", "log.initial.task.delay.ms": "300"}
    for name, properties in (("eager", eager), ("lasting", {**eager, **LASTING})):
        with EmbeddedBroker(tmp_path / name, heap_mb=256, properties=properties) as broker:
            done = await asyncio.to_thread(ketenbus, "replay", str(path), "--naar", broker.bootstrap, settings=settings)
            assert done.returncode == 0, done.stderr
            told = f"within minutes, read or not: {RAW} (30 days); --naar container keeps them"
            if name == "eager":
                assert done.stdout.index(told) < done.stdout.index("played 2 records")
                async with asyncio.timeout(LIMIT):
                    while await _on(broker.bootstrap, RAW):
                        await asyncio.sleep(0.1)
            else:
                assert "for less time" not in done.stdout
                assert await _on(broker.bootstrap, RAW) == 1


async def _on(bootstrap: str, topic: str) -> int:
    async with open_reader(bootstrap, (topic,)) as reader:
        return len([record async for record in reader.to_end()])


def test_a_capture_that_is_cut_plays_nothing(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(file.read_bytes()[:-40])
    refused = ketenbus("replay", str(cut), "--naar", "127.0.0.1:1", settings={"KETENBUS_DATA": str(tmp_path)})
    assert refused.returncode == 2
    assert "capture-afgekapt" in refused.stderr


# the tests of somebody else

GOOD = """
import json
from pathlib import Path

WANTED = json.loads(Path(__file__).with_name("wanted.json").read_text())


async def test_every_dossier_is_as_it_was(ketenbus_replay):
    uitkomst = ketenbus_replay()
    assert {key: one.toestand for key, one in uitkomst.dossiers.items()} == WANTED["dossiers"]
    assert len(uitkomst.maten) == WANTED["maten"]
    assert sorted(one.brief.reden for one in uitkomst.uitval) == WANTED["uitval"]
    assert uitkomst.rekening.sluit
    assert {name: count for name, count in uitkomst.rekening.delen.items()} == WANTED["delen"]


def test_the_bus_is_there(ketenbus_bus):
    assert ":" in ketenbus_bus.bootstrap
"""
WRONG = """
def test_my_erp_ended_the_order(ketenbus_replay):
    assert ketenbus_replay().dossier("ZL-26-1003").toestand == "gefactureerd"


def test_my_erp_sent_an_order_that_nobody_has(ketenbus_replay):
    assert ketenbus_replay("bus.capture").dossier("ZL-NERGENS").feiten == 1
"""


def test_a_supplier_plays_a_capture_in_its_own_tests_and_reads_what_is_wrong(
    file: Path, expected: Uitkomst, tmp_path: Path
) -> None:
    (tmp_path / "bus.capture").write_bytes(file.read_bytes())
    wanted = {
        "dossiers": {key: one.toestand for key, one in expected.dossiers.items()},
        "maten": len(expected.maten),
        "uitval": sorted(one.brief.reden for one in expected.uitval),
        "delen": expected.rekening.delen,
    }
    (tmp_path / "wanted.json").write_bytes(msgspec.json.encode(wanted))
    (tmp_path / "test_good.py").write_text(GOOD)
    (tmp_path / "test_wrong.py").write_text(WRONG)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nketenbus_capture = bus.capture\nketenbus_broker = embedded\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    said = done.stdout + done.stderr
    assert "2 failed, 2 passed" in said
    toestand = expected.dossier("ZL-26-1003").toestand
    assert f"assert '{toestand}' == 'gefactureerd'" in said
    assert "found 0 dossiers 'ZL-NERGENS', expected one; there are: " in said
    assert len(expected.dossiers) > 10


def test_nothing_of_the_plugin_is_imported_before_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import sys\ndef test_it():\n    heavy = {'aiokafka', 'msgspec', 'lxml', 'testcontainers', 'docker', 'topics'}\n"
        "    assert not heavy & set(sys.modules)\n    assert 'chain.replay.plugin' in sys.modules\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
        "test_it.py",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 0, done.stdout


# a container


@pytest.mark.container
def test_a_container_is_filled_stays_until_it_is_interrupted_and_is_gone_then(file: Path, tmp_path: Path) -> None:
    image = _image()
    settings = {"KETENBUS_DATA": str(tmp_path / "data"), "KETENBUS_KAFKA_IMAGE": image}
    process = subprocess.Popen(
        [sys.executable, "-m", "topics.cli", "replay", str(file), "--naar", "container"],
        env={**os.environ, **settings, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines: list[str] = []
        while not any("until Ctrl-C" in line for line in lines):
            lines.append(process.stdout.readline())
            assert lines[-1], "".join(lines)
        bootstrap = lines[-1].split("the broker is at ")[1].split(" until")[0]
        again = tmp_path / "again.capture"
        unmasked = ("--ongemaskeerd", "ik-mag-persoonsgegevens-meenemen", "--bootstrap", bootstrap)
        done = ketenbus("capture", "--uit", str(again), *unmasked, settings=settings)
        assert done.returncode == 0, done.stderr
        assert records(again) == records(file)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.wait()
    gone = ketenbus("topics", "check", "--bootstrap", bootstrap, settings=settings)
    assert gone.returncode == 2
    assert "niet-beschikbaar" in gone.stderr


@pytest.mark.container
def test_a_transaction_ends_in_a_container() -> None:
    """The broker writes its marks over its own address: on another port they never come."""
    image = _image()

    async def committed(bootstrap: str) -> list[bytes | None]:
        async with open_admin(bootstrap) as admin:
            await admin.create("proef.in.v1", 1, 1, {})
        producer = TransactionalProducer(bootstrap, "proef-0", 60_000, 60.0, no_hook)
        await producer.fence()
        try:
            for offset, value in enumerate((b"1", b"2")):
                write = Write("proef.in.v1", 0, b"k", value, (), 1_700_000_000_000)
                await producer.transact([write], "proef", "proef.in.v1", 0, offset)
        finally:
            await producer.close()
        async with open_reader(bootstrap, ["proef.in.v1"]) as reader:
            return [record.value async for record in reader.to_end()]

    with kafka_container(image) as bootstrap:
        assert asyncio.run(committed(bootstrap)) == [b"1", b"2"]


KILLED = """
import os, signal, sys
from chain.replay.container import kafka_container
with kafka_container(sys.argv[1]) as bootstrap:
    print(bootstrap, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.container
def test_what_a_killed_replay_left_is_removed_by_the_next_and_what_runs_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = _image()
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", KILLED, image]
    killed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    left = _published(killed.stdout.strip())
    assert left
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    try:
        with kafka_container(image) as one:
            assert not _published(killed.stdout.strip())
            with kafka_container(image) as other:
                assert _published(one)
                assert _published(other)
        assert not _published(one)
    finally:
        subprocess.run(["docker", "rm", "--force", "--volumes", left], capture_output=True, timeout=60, check=False)


def _published(bootstrap: str) -> str:
    """The container behind `bootstrap`, or nothing."""
    port = bootstrap.rpartition(":")[2]
    command = ["docker", "ps", "--all", "--quiet", "--filter", f"publish={port}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def test_without_such_an_image_the_command_says_what_to_do(file: Path, tmp_path: Path) -> None:
    settings = {
        "KETENBUS_DATA": str(tmp_path),
        "KETENBUS_KAFKA_IMAGE": "ketenbus/nowhere:none",
        "DOCKER_HOST": "tcp://127.0.0.1:1",
    }
    refused = ketenbus("replay", str(file), "--naar", "container", settings=settings)
    assert refused.returncode == 2
    assert "geen-container: no Docker here" in refused.stderr
    assert "Is the bus running?" not in refused.stderr


def test_input_is_not_played_into_a_container_where_nothing_would_handle_it(file: Path, tmp_path: Path) -> None:
    settings = {"KETENBUS_DATA": str(tmp_path), "DOCKER_HOST": "tcp://127.0.0.1:1"}
    refused = ketenbus("replay", str(file), "--naar", "container", "--wat", "invoer", settings=settings)
    assert refused.returncode == 2
    assert "no processors" in refused.stderr


def _image() -> str:
    """The image of Kafka that is here; where there is none the test is skipped, and fails in CI."""
    image = os.environ.get("KETENBUS_KAFKA_IMAGE", "ketenbus/kafka:local")
    try:
        found = subprocess.run(["docker", "image", "inspect", image], capture_output=True, timeout=60, check=False)
        here, why = found.returncode == 0, found.stderr.decode(errors="replace").strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        here, why = False, str(error)
    if not here and os.environ.get("CI") == "true":
        pytest.fail(f"no image {image}: {why}")
    if not here:
        pytest.skip(f"no Docker with the image {image} here: {why}")
    return image
