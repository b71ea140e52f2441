"""What the embedded broker says when it cannot start."""

import socket
from pathlib import Path

import psutil
import pytest

from tests.integration.broker.faults import HEAP_MB, port_of, until
from topics.broker import EmbeddedBroker, machine
from topics.broker.errors import (
    BrokerStopped,
    DiskFull,
    FolderForeign,
    FolderInUse,
    MemoryTooSmall,
    NotReady,
    PortTaken,
)
from topics.broker.probe import answers


def test_a_second_broker_on_the_folder_is_refused(broker: EmbeddedBroker, tmp_path: Path) -> None:
    bootstrap = broker.start()
    with pytest.raises(FolderInUse, match="already runs on"):
        EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB).start()
    assert answers(port_of(bootstrap))


def test_a_fixed_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server((machine.HOST, 0)) as listener:
        port = listener.getsockname()[1]
        broker = EmbeddedBroker(tmp_path / "broker", port=port, heap_mb=HEAP_MB)
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken") as caught:
            broker.start()
    assert caught.value.code == "broker-poort-bezet"
    assert not broker.alive()
    with broker:
        assert broker.bootstrap == f"{machine.HOST}:{port}"


def test_a_disk_that_is_nearly_full_is_named(broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    broker.prepare()
    monkeypatch.setattr(machine, "free_disk", lambda _folder: 3 * machine.MEGABYTE)
    with pytest.raises(DiskFull, match=r"3 MB is free .* a broker needs at least 256 MB"):
        broker.start()


def test_too_little_memory_is_named(tmp_path: Path) -> None:
    with pytest.raises(MemoryTooSmall, match="MB of memory is free; a heap of"):
        EmbeddedBroker(tmp_path / "broker", heap_mb=1_000_000).start()


def test_data_of_another_cluster_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with EmbeddedBroker(tmp_path / name, heap_mb=HEAP_MB):
            pass
    (tmp_path / "a" / "broker.json").replace(tmp_path / "b" / "broker.json")
    with pytest.raises(FolderForeign, match="belongs to another cluster"):
        EmbeddedBroker(tmp_path / "b", heap_mb=HEAP_MB).start()


def test_a_setting_that_kafka_does_not_accept_is_shown(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB, properties={"num.io.threads": "many"})
    with pytest.raises(BrokerStopped, match=r"num\.io\.threads"):
        broker.start()
    assert not broker.alive()


def test_a_broker_that_is_not_ready_in_time_is_ended(broker: EmbeddedBroker, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="was not ready after"):
        broker.start(timeout=0.1)
    assert not broker.alive()
    assert until(lambda: not [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in str(p.info["cmdline"])])
    broker.start()
