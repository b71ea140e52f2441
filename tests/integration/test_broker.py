"""The embedded broker, for real: a JVM with Apache Kafka, its faults included.

The first run on a machine fetches the jars into the user's cache."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from topics.broker import EmbeddedBroker, machine
from topics.broker.distribution import Jar, Report
from topics.broker.errors import (
    BrokerStopped,
    DiskFull,
    FolderForeign,
    FolderInUse,
    MemoryTooSmall,
    NotReady,
    PortTaken,
    RegistryUnreachable,
)
from topics.broker.probe import answers
from topics.kafka import open_admin, open_reader, open_sender
from topics.runtime.step import Output

HEAP_MB = 256
LIMIT_SECONDS = 60.0


def until(condition: Callable[[], bool], seconds: float = LIMIT_SECONDS) -> bool:
    """True as soon as the condition holds, False when it did not within the limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def port_of(bootstrap: str) -> int:
    return int(bootstrap.rpartition(":")[2])


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """Not started."""
    broker = EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB)
    yield broker
    broker.stop()


async def write(bootstrap: str, value: bytes) -> None:
    async with open_admin(bootstrap) as admin:
        await admin.create("test.blijft.v1", 1, 1, {})
    async with open_sender(bootstrap) as sender:
        await sender.send(Output("test.blijft.v1", b"k", value))


async def read(bootstrap: str) -> list[bytes | None]:
    async with open_reader(bootstrap, ["test.blijft.v1"]) as reader:
        return [record.value async for record in reader.to_end()]


# ------------------------------------------------------------------ life


def test_data_port_and_cluster_stay_after_stop_and_after_kill(broker: EmbeddedBroker) -> None:
    bootstrap = broker.start()
    assert port_of(bootstrap) < 32768
    assert broker.alive()
    asyncio.run(write(bootstrap, b"one"))
    broker.stop()
    assert not broker.alive()
    assert broker.start() == bootstrap
    asyncio.run(write(bootstrap, b"two"))
    broker.kill()
    assert broker.start() == bootstrap
    assert asyncio.run(read(bootstrap)) == [b"one", b"two"]


def test_a_new_object_on_the_folder_gives_the_same_broker(broker: EmbeddedBroker, tmp_path: Path) -> None:
    bootstrap = broker.start()
    asyncio.run(write(bootstrap, b"kept"))
    broker.stop()
    with EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB) as again:
        assert again.bootstrap == bootstrap
        assert asyncio.run(read(bootstrap)) == [b"kept"]


def test_ready_within_ten_seconds_when_cached(broker: EmbeddedBroker) -> None:
    broker.prepare()
    began = time.monotonic()
    bootstrap = broker.start()
    assert answers(port_of(bootstrap))
    assert time.monotonic() - began < 10


def test_start_of_a_running_broker_changes_nothing(broker: EmbeddedBroker) -> None:
    bootstrap = broker.start()
    pid = broker.pid
    assert broker.start() == bootstrap
    assert broker.pid == pid


def test_settings_are_those_of_the_package_with_the_callers_on_top(tmp_path: Path) -> None:
    properties = {"offsets.retention.minutes": "1", "transaction.max.timeout.ms": "61000"}
    with EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB, properties=properties) as broker:

        async def settings() -> dict[str, str]:
            async with open_admin(broker.bootstrap) as admin:
                return await admin.broker_configs()

        found = asyncio.run(settings())
    expected = {**properties, "auto.create.topics.enable": "false", "message.max.bytes": "1114112"}
    assert {name: found[name] for name in expected} == expected


def test_a_frozen_broker_does_not_answer_until_it_is_thawed(broker: EmbeddedBroker) -> None:
    port = port_of(broker.start())
    assert answers(port)
    broker.freeze()
    assert until(lambda: not answers(port, 0.2))
    assert broker.alive()
    broker.thaw()
    assert until(lambda: answers(port))


def test_a_frozen_broker_can_be_stopped(broker: EmbeddedBroker) -> None:
    broker.start()
    pid = broker.pid
    broker.freeze()
    broker.stop()
    assert gone(pid)


def test_stop_goes_on_by_force_when_the_time_is_up(broker: EmbeddedBroker) -> None:
    broker.start()
    pid = broker.pid
    broker.stop(timeout=0)
    assert gone(pid)
    assert broker.failure() is None


def test_a_broker_that_another_killed_tells_so_and_starts_again(broker: EmbeddedBroker) -> None:
    bootstrap = broker.start()
    assert broker.failure() is None
    os.kill(broker.pid, signal.SIGKILL)
    assert until(lambda: not broker.alive())
    failure = broker.failure()
    assert isinstance(failure, BrokerStopped)
    assert "SIGKILL" in str(failure)
    with pytest.raises(BrokerStopped):
        broker.freeze()
    assert broker.start() == bootstrap


# ------------------------------------------------------------------ it never outlives its owner

OWNER = """
import os, sys, threading, time
from pathlib import Path
from topics.broker import EmbeddedBroker
broker = EmbeddedBroker(Path(sys.argv[1]), heap_mb=256)
starter = threading.Thread(target=broker.start)
starter.start(); starter.join()
forked = os.fork() if sys.argv[2] == "fork" else os.getpid()
if forked:
    print(broker.pid, broker.bootstrap, forked, flush=True)
time.sleep(600)
"""


class Owner:
    """A process that started a broker, from a thread that has ended since."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(folder), kind], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        pid, self.bootstrap, forked = self.process.stdout.readline().split()
        self.pid, self.forked = int(pid), int(forked)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        if not gone(self.forked):
            os.kill(self.forked, signal.SIGKILL)
        assert until(lambda: gone(self.pid))


@pytest.fixture
def owner(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Owner]:
    owner = Owner(tmp_path / "broker", getattr(request, "param", "plain"))
    yield owner
    owner.end()


@pytest.mark.parametrize("owner", ["plain", "fork"], indirect=True)
def test_a_broker_ends_when_its_owner_is_killed(owner: Owner) -> None:
    """Also when a fork of the owner lives on with copies of all its descriptors."""
    assert answers(port_of(owner.bootstrap))
    owner.process.kill()
    assert until(lambda: gone(owner.pid))
    assert not answers(port_of(owner.bootstrap))


def test_a_frozen_broker_ends_when_its_owner_is_killed(owner: Owner) -> None:
    os.kill(owner.pid, signal.SIGSTOP)
    owner.process.kill()
    assert until(lambda: gone(owner.pid))


def test_a_broker_ends_when_its_guard_is_killed(broker: EmbeddedBroker) -> None:
    broker.start()
    pid = broker.pid
    guard = psutil.Process(pid).ppid()
    assert guard != os.getpid()
    os.kill(guard, signal.SIGKILL)
    assert until(lambda: gone(pid))
    assert not broker.alive()


def test_the_folder_can_be_used_again_right_after_the_owner_was_killed(owner: Owner, tmp_path: Path) -> None:
    owner.process.kill()
    owner.process.wait()
    with EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB) as successor:
        assert successor.bootstrap == owner.bootstrap
        assert gone(owner.pid)


def test_interrupt_of_the_terminal_does_not_reach_the_broker(broker: EmbeddedBroker) -> None:
    """The owner stops its parts in order; a JVM in its process group would be gone before them."""
    broker.start()
    assert os.getpgid(broker.pid) != os.getpgid(0)


# ------------------------------------------------------------------ in the foreground


@pytest.fixture
def foreground(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "topics.broker", "--folder", str(tmp_path / "broker"), "--heap-mb", str(HEAP_MB)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_its_address_and_stops_when_asked(
    foreground: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert foreground.stdout is not None
    bootstrap = foreground.stdout.readline().strip()
    assert answers(port_of(bootstrap))
    foreground.send_signal(number)
    assert foreground.wait(LIMIT_SECONDS) == 0
    assert not answers(port_of(bootstrap))
    assert foreground.stdout.read() == ""


def test_the_command_ends_with_the_error_when_the_broker_does(foreground: subprocess.Popen[str]) -> None:
    assert foreground.stdout is not None
    assert foreground.stderr is not None
    foreground.stdout.readline()
    java = [child for child in psutil.Process(foreground.pid).children(recursive=True) if child.name() == "java"]
    java[0].kill()
    assert foreground.wait(LIMIT_SECONDS) == 1
    assert "broker-gestopt" in foreground.stderr.read()


# ------------------------------------------------------------------ what it says when it cannot


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


def test_another_port_is_tried_when_a_chosen_one_is_taken_before_the_broker_has_it(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = machine.choose_port
    with socket.create_server((machine.HOST, choose(()))) as listener:
        stolen = listener.getsockname()[1]
        chosen: list[set[int]] = []

        def late(taken: set[int]) -> int:
            chosen.append(set(taken))
            return choose(taken) if stolen in taken or len(chosen) == 2 else stolen

        monkeypatch.setattr(machine, "choose_port", late)
        bootstrap = broker.start()
    assert port_of(bootstrap) != stolen
    assert any(stolen in taken for taken in chosen)


def test_the_controllers_port_may_change_between_two_starts(broker: EmbeddedBroker, tmp_path: Path) -> None:
    bootstrap = broker.start()
    asyncio.run(write(bootstrap, b"kept"))
    broker.stop()
    controller = json.loads((tmp_path / "broker" / "broker.json").read_text())["controller_port"]
    with socket.create_server((machine.HOST, controller)):
        assert broker.start() == bootstrap
        assert asyncio.run(read(bootstrap)) == [b"kept"]


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


def test_a_first_start_that_was_cut_off_while_formatting_is_done_again(broker: EmbeddedBroker, tmp_path: Path) -> None:
    bootstrap = broker.start()
    broker.stop()
    root = tmp_path / "broker"
    (root / "data").replace(root / "data.new")
    (root / "data.new" / "meta.properties").unlink()
    assert broker.start() == bootstrap
    assert not (root / "data.new").exists()


class CopyOfCache:
    """A fetch that takes the jars from the user's cache, so that a test may spoil a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.jars = EmbeddedBroker(folder).prepare().jars

    def __call__(self, _jars: object, into: Path, _report: Report) -> None:
        for jar in self.jars:
            (into / jar.name).write_bytes(jar.read_bytes())


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


def test_two_brokers_run_beside_each_other_when_started_at_once(tmp_path: Path) -> None:
    brokers = [EmbeddedBroker(tmp_path / str(number), heap_mb=HEAP_MB) for number in range(2)]
    threads = [threading.Thread(target=broker.start) for broker in brokers]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(LIMIT_SECONDS)
        assert len({broker.bootstrap for broker in brokers}) == 2
        assert all(answers(port_of(broker.bootstrap)) for broker in brokers)
    finally:
        for broker in brokers:
            broker.stop()
