"""The locked jars and their cache, with made-up jars and a fetch that is a function."""

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from topics.broker import machine
from topics.broker.distribution import Jar, Lock, Report, parse_lock, prepare, read_lock, render_lock
from topics.broker.errors import (
    CacheCorrupt,
    ChecksumMismatch,
    DiskFull,
    FolderNotWritable,
    RegistryUnreachable,
)

CONTENT = {"kafka_2.13-9.0.0.jar": b"the broker", "other-1.0.jar": b"something it needs"}


def jar(group: str, artifact: str, version: str) -> Jar:
    content = CONTENT[f"{artifact}-{version}.jar"]
    return Jar(group, artifact, version, hashlib.sha256(content).hexdigest(), len(content))


@pytest.fixture
def lock() -> Lock:
    jars = [jar("org.apache.kafka", "kafka_2.13", "9.0.0"), jar("org.other", "other", "1.0")]
    return parse_lock("# a comment\n" + render_lock(jars))


def silent(_line: str) -> None:
    """Progress is not looked at."""


class Registry:
    """Brings CONTENT, as often as it is asked."""

    def __init__(self) -> None:
        self.calls = 0
        self.content = dict(CONTENT)

    def fetch(self, jars: Sequence[Jar], into: Path, report: Report) -> None:
        self.calls += 1
        for wanted in jars:
            if wanted.file_name in self.content:
                (into / wanted.file_name).write_bytes(self.content[wanted.file_name])
        report("brought")


def test_the_lock_of_this_release_names_kafka_and_a_checksum_for_every_jar() -> None:
    lock = read_lock()
    assert lock.kafka_version == "4.3.1"
    names = [entry.file_name for entry in lock.jars]
    assert len(names) == len(set(names)) == 46
    assert "slf4j-simple-1.7.36.jar" in names
    assert all(len(entry.sha256) == 64 and entry.size > 0 for entry in lock.jars)


def test_the_lock_names_no_address() -> None:
    assert "://" not in render_lock(read_lock().jars)


def test_jars_are_fetched_once(tmp_path: Path, lock: Lock) -> None:
    registry = Registry()
    lines: list[str] = []
    home = prepare(tmp_path, lock, registry.fetch, lines.append)
    assert {path.name: path.read_bytes() for path in (home / "jars").iterdir()} == CONTENT
    assert "fetching 2 jars" in lines[0]
    assert prepare(tmp_path, lock, registry.fetch, lines.append) == home
    assert registry.calls == 1
    assert [path.name for path in home.iterdir()] == ["jars"]


def test_another_lock_gets_another_folder(tmp_path: Path, lock: Lock) -> None:
    other = parse_lock(render_lock(lock.jars[:1]))
    assert prepare(tmp_path, lock, Registry().fetch, silent) != prepare(tmp_path, other, Registry().fetch, silent)


def test_a_fetched_jar_with_another_content_is_refused_and_not_kept(tmp_path: Path, lock: Lock) -> None:
    registry = Registry()
    registry.content["other-1.0.jar"] = b"something else"
    with pytest.raises(ChecksumMismatch, match=r"other-1\.0\.jar has sha256 .*; expected") as caught:
        prepare(tmp_path, lock, registry.fetch, silent)
    assert caught.value.code == "broker-controlesom-wijkt-af"
    assert list((tmp_path / lock.name).iterdir()) == []
    registry.content = dict(CONTENT)
    prepare(tmp_path, lock, registry.fetch, silent)


def test_a_jar_that_did_not_come_is_refused(tmp_path: Path, lock: Lock) -> None:
    registry = Registry()
    del registry.content["other-1.0.jar"]
    with pytest.raises(ChecksumMismatch, match=r"other-1\.0\.jar is missing"):
        prepare(tmp_path, lock, registry.fetch, silent)


def test_a_cached_jar_that_changed_is_named_and_not_used(tmp_path: Path, lock: Lock) -> None:
    registry = Registry()
    home = prepare(tmp_path, lock, registry.fetch, silent)
    damaged = home / "jars" / "kafka_2.13-9.0.0.jar"
    damaged.write_bytes(b"the brokeR")
    with pytest.raises(CacheCorrupt, match=r"kafka_2\.13-9\.0\.0\.jar has sha256 .* Remove ") as caught:
        prepare(tmp_path, lock, registry.fetch, silent)
    assert caught.value.code == "broker-cache-beschadigd"
    assert registry.calls == 1


def test_a_cached_jar_that_is_gone_is_named(tmp_path: Path, lock: Lock) -> None:
    home = prepare(tmp_path, lock, Registry().fetch, silent)
    (home / "jars" / "other-1.0.jar").unlink()
    with pytest.raises(CacheCorrupt, match=r"other-1\.0\.jar is missing"):
        prepare(tmp_path, lock, Registry().fetch, silent)


def test_nothing_is_left_when_the_registry_fails_half_way(tmp_path: Path, lock: Lock) -> None:
    def fails(jars: Sequence[Jar], into: Path, _report: Report) -> None:
        (into / jars[0].file_name).write_bytes(b"half")
        raise RegistryUnreachable("the registry is away")

    with pytest.raises(RegistryUnreachable):
        prepare(tmp_path, lock, fails, silent)
    assert list((tmp_path / lock.name).iterdir()) == []


def test_what_a_killed_fetch_left_is_cleared_away(tmp_path: Path, lock: Lock) -> None:
    leftover = tmp_path / lock.name / "fetch-killed" / "jars"
    leftover.mkdir(parents=True)
    (leftover / "other-1.0.jar").write_bytes(b"half")
    home = prepare(tmp_path, lock, Registry().fetch, silent)
    assert [path.name for path in home.iterdir()] == ["jars"]


def test_fetching_is_refused_when_the_disk_is_nearly_full(
    tmp_path: Path, lock: Lock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "free_disk", lambda _folder: 1024 * 1024)
    registry = Registry()
    with pytest.raises(DiskFull, match=r"1 MB is free .* fetching Apache Kafka 9.0.0 needs"):
        prepare(tmp_path, lock, registry.fetch, silent)
    assert registry.calls == 0


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path, lock: Lock) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FolderNotWritable, match=r"cache .* cannot be written"):
        prepare(tmp_path / "file" / "cache", lock, Registry().fetch, silent)


def test_only_one_of_two_at_once_fetches(tmp_path: Path, lock: Lock) -> None:
    registry = Registry()
    inside, go_on = threading.Event(), threading.Event()
    waited: list[str] = []

    def slow(jars: Sequence[Jar], into: Path, report: Report) -> None:
        inside.set()
        assert go_on.wait(30)
        registry.fetch(jars, into, report)

    def note(line: str) -> None:
        waited.append(line)
        go_on.set()

    first = threading.Thread(target=prepare, args=(tmp_path, lock, slow, silent))
    first.start()
    assert inside.wait(30)
    prepare(tmp_path, lock, registry.fetch, note)
    first.join(30)
    assert registry.calls == 1
    assert "waiting for another process" in waited[0]
