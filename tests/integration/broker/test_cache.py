"""The cache of jars and the start-up archive, for real. The first run on a machine fetches the jars."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.broker.faults import HEAP_MB, CopyOfCache, port_of
from topics.broker import EmbeddedBroker, machine
from topics.broker.distribution import Jar, Report
from topics.broker.errors import (
    RegistryUnreachable,
)
from topics.broker.probe import answers


def test_a_missing_registry_is_named(tmp_path: Path) -> None:
    def away(_jars: object, _into: Path, _report: Report) -> None:
        raise RegistryUnreachable("Maven Central does not answer")

    broker = EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB, cache=tmp_path / "cache", fetch=away)
    with pytest.raises(RegistryUnreachable) as caught:
        broker.start()
    assert caught.value.code == "broker-register-onbereikbaar"
    assert not (tmp_path / "broker").exists()


def test_the_fetch_by_jgo_names_the_jar_and_the_remedy_when_no_connection_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from topics.broker.registry import fetch

    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://{machine.HOST}:{machine.choose_port(())}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "jars").mkdir()
    jar = Jar("org.slf4j", "slf4j-simple", "1.7.36", "0" * 64, 1)
    with pytest.raises(RegistryUnreachable, match=r"org\.slf4j:slf4j-simple:1\.7\.36 could not be fetched") as caught:
        fetch([jar], tmp_path / "jars", lambda _line: None)
    assert "copy the cache folder" in str(caught.value)
    assert list(tmp_path.iterdir()) == [tmp_path / "jars"]


def test_nothing_of_the_network_is_even_loaded_once_cached(broker: EmbeddedBroker, tmp_path: Path) -> None:
    broker.prepare()
    script = (
        "import sys; from pathlib import Path; from topics.broker import EmbeddedBroker\n"
        "with EmbeddedBroker(Path(sys.argv[1]), heap_mb=256): pass\n"
        "print([name for name in ('jgo', 'requests', 'urllib3') if name in sys.modules])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "other")], capture_output=True, text=True, timeout=120, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_a_start_up_archive_is_made_once_and_anew_when_damaged(tmp_path: Path) -> None:
    lines: list[str] = []
    broker = EmbeddedBroker(
        tmp_path / "broker",
        heap_mb=HEAP_MB,
        cache=tmp_path / "cache",
        fetch=CopyOfCache(tmp_path / "none"),
        report=lines.append,
    )
    made = broker.prepare().archive
    assert made is not None
    assert len(lines) == 2
    lines.clear()
    assert broker.prepare().archive == made
    assert lines == []
    with made.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"damaged")
    assert broker.prepare().archive == made
    assert "making the start-up archive" in lines[0]
    with broker:
        assert broker.alive()


def test_a_broker_starts_without_archive_when_none_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    broker = EmbeddedBroker(
        tmp_path / "broker",
        heap_mb=HEAP_MB,
        cache=tmp_path / "cache",
        fetch=CopyOfCache(tmp_path / "none"),
        report=lines.append,
    )
    monkeypatch.setattr("topics.broker.archive.READY_SECONDS", 0.0)
    assert broker.prepare().archive is None
    assert "no start-up archive (the broker on port" in lines[-1]
    with broker:
        assert answers(port_of(broker.bootstrap))
    assert len([line for line in lines if "archive" in line]) == 2
