"""A process that ends with the one that started it."""

import signal
import subprocess
import sys


def tied(module: str) -> "subprocess.Popen[bytes]":
    command = (sys.executable, "-m", "topics.processes.tied", module)
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_module_that_ends_by_itself_ends_the_process_with_its_own_status() -> None:
    with tied("this") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        printed, complaints = process.stdout.read(), process.stderr.read()
        assert process.wait(30) == 0
    assert b"Zen" in printed
    assert complaints == b""


def test_a_module_is_ended_when_the_pipe_closes() -> None:
    process = tied("tests.unit.topics.waits")
    assert process.stdout is not None
    assert process.stdout.readline() == b"waits\n"
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGTERM
