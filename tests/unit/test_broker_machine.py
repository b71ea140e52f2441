"""What the broker asks of the machine."""

import socket
from pathlib import Path

import pytest

from topics.broker import machine
from topics.broker.errors import DiskFull, MemoryTooSmall, PortTaken

MB = 1024 * 1024


def fake_proc(folder: Path, available_mb: int, membership: str) -> Path:
    proc = folder / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(f"MemTotal: 99999999 kB\nMemAvailable: {available_mb * 1024} kB\n")
    (proc / "self" / "cgroup").write_text(membership)
    return proc


def group(folder: Path, limit: str, current_mb: int, cache_mb: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(limit)
    (folder / "memory.current").write_text(str(current_mb * MB))
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cache_mb * MB}\n")


def test_free_memory_is_the_machines_when_no_group_limits_it(tmp_path: Path) -> None:
    proc = fake_proc(tmp_path, 2000, "0::/a\n")
    group(tmp_path / "cg" / "a", "max", 10, 0)
    assert machine.free_memory(proc, tmp_path / "cg") == 2000 * MB


def test_free_memory_is_the_least_of_all_enclosing_groups(tmp_path: Path) -> None:
    proc = fake_proc(tmp_path, 2000, "0::/a/b\n")
    group(tmp_path / "cg" / "a", str(700 * MB), 500, 100)
    group(tmp_path / "cg" / "a" / "b", str(1000 * MB), 200, 0)
    assert machine.free_memory(proc, tmp_path / "cg") == 300 * MB


def test_free_memory_reads_the_older_kind_of_groups(tmp_path: Path) -> None:
    proc = fake_proc(tmp_path, 2000, "5:cpu:/\n4:memory:/box\n")
    box = tmp_path / "cg" / "memory" / "box"
    box.mkdir(parents=True)
    (box / "memory.limit_in_bytes").write_text(str(600 * MB))
    (box / "memory.usage_in_bytes").write_text(str(200 * MB))
    (box / "memory.stat").write_text(f"total_inactive_file {50 * MB}\n")
    assert machine.free_memory(proc, tmp_path / "cg") == 450 * MB


def test_free_memory_is_unknown_where_the_system_does_not_tell(tmp_path: Path) -> None:
    assert machine.free_memory(tmp_path / "none", tmp_path / "none") is None


def test_memory_is_refused_when_heap_and_what_is_beside_it_do_not_fit() -> None:
    with pytest.raises(MemoryTooSmall, match=r"600 MB of memory is free; a heap of 512 MB needs 704 MB") as caught:
        machine.require_memory(512, 600 * MB)
    assert caught.value.code == "broker-geheugen-te-klein"
    machine.require_memory(512, 704 * MB)
    machine.require_memory(512, None)


def test_memory_is_refused_when_the_heap_is_too_small_for_kafka() -> None:
    with pytest.raises(MemoryTooSmall, match="heap of 255 MB; Kafka needs at least 256 MB"):
        machine.require_memory(255, None)


def test_disk_is_refused_when_nearly_full(tmp_path: Path) -> None:
    more_than_there_is = machine.free_disk(tmp_path) + 1024 * MB
    with pytest.raises(DiskFull, match="a broker needs at least") as caught:
        machine.require_disk(tmp_path / "not" / "yet", more_than_there_is, "a broker")
    assert caught.value.code == "broker-schijf-vol"
    machine.require_disk(tmp_path / "not" / "yet", 1, "a broker")


def test_a_port_is_not_free_while_somebody_listens_on_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert not machine.port_is_free(port)
    assert machine.port_is_free(port)


def test_a_chosen_port_lies_below_the_outgoing_ones_and_is_not_one_that_was_refused() -> None:
    first = machine.choose_port(())
    assert 1024 < first < 32768
    assert all(machine.choose_port({first}) != first for _ in range(20))


def test_a_base_is_one_where_every_process_can_listen_and_no_broker_chooses_its_own() -> None:
    base = machine.choose_base((0, 3))
    assert machine.port_is_free(base)
    assert machine.port_is_free(base + 3)
    assert 1024 < base < base + 100 < machine.PORT_RANGE[0]


def test_a_base_is_not_one_next_to_a_port_that_somebody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "BASE_RANGE", (12_000, 12_008))
    monkeypatch.setattr(machine, "port_is_free", lambda port: port != 12_009)
    assert {machine.choose_base((0, 2, 5)) for _ in range(200)} == {12_000, 12_001, 12_002, 12_003, 12_005, 12_006}
    monkeypatch.setattr(machine, "port_is_free", lambda _: False)
    with pytest.raises(PortTaken, match="--port"):
        machine.choose_base((0, 1))
