"""The embedded broker never outlives its owner; the command in the foreground is one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.integration.broker.faults import HEAP_MB, LIMIT_SECONDS, gone, port_of, until
from topics.broker import EmbeddedBroker, guard
from topics.broker.probe import answers

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


def test_what_does_not_listen_to_the_guard_is_killed_after_its_grace(tmp_path: Path) -> None:
    deaf = "trap '' TERM; echo deaf >&2; while :; do sleep 0.1; done"
    with (tmp_path / "lock").open("w") as lock:
        command = [sys.executable, "-I", "-S", guard.__file__, str(os.getpid()), "0.2", str(lock.fileno())]
        with subprocess.Popen(
            [*command, "--", "/bin/sh", "-c", deaf],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(lock.fileno(),),
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stderr is not None
            pid = int(process.stdout.readline())
            assert process.stderr.readline() == b"deaf\n"
            process.stdin.close()
            try:
                assert process.wait(LIMIT_SECONDS) == 128 + signal.SIGKILL
                assert gone(pid)
            finally:
                process.kill()


def test_interrupt_of_the_terminal_does_not_reach_the_broker(broker: EmbeddedBroker) -> None:
    """The owner stops its parts in order; a JVM in its process group would be gone before them."""
    broker.start()
    assert os.getpgid(broker.pid) != os.getpgid(0)


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
