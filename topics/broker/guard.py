"""The process between the owner and the JVM, so that a broker never outlives its owner.

Run as a script, alone (`python -I -S guard.py OWNER GRACE KEEP_FD -- COMMAND…`): standard library only, one thread.

Two links hold, each against a kill -9 of the process above it:

    owner ──pipe on stdin + parent pid──▶ guard ──parent-death signal (Linux)──▶ JVM

- The owner's end of the pipe closes when the owner ends, however it ends. A fork of the owner may hold a copy of that
  end, so the parent pid is watched too. Either way the JVM gets SIGTERM, and SIGKILL after GRACE seconds.
- The JVM asks the kernel for SIGKILL when the guard dies. That signal is tied to the thread that forked; the guard has
  only one, unlike an owner that may start brokers from a worker thread.

KEEP_FD (the lock of the data folder) is handed on to the JVM and stays locked as long as the JVM lives. The first line
on stdout is the JVM's pid; the exit status is the JVM's, 128 + n when signal n ended it.
"""

import ctypes
import os
import select
import signal
import sys
import time
from types import FrameType

PR_SET_PDEATHSIG = 1
LINUX = sys.platform == "linux"
LOOK_AT_PARENT_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    owner, grace = int(arguments[0]), float(arguments[1])
    command = arguments[arguments.index("--") + 1 :]
    wake_read, wake_write = os.pipe()
    for end in (wake_read, wake_write):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, _only_wake)
    jvm = _spawn(command)
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: os.kill(jvm, signal.SIGTERM))
    os.write(1, f"{jvm}\n".encode())
    os.dup2(2, 1)

    kill_at: float | None = None
    watched = [0, wake_read]
    while (status := _status(jvm)) is None:
        readable, _, _ = select.select(watched, [], [], LOOK_AT_PARENT_SECONDS)
        if wake_read in readable:
            os.read(wake_read, 4096)
        if kill_at is None and (0 in readable or os.getppid() != owner):
            watched.remove(0)
            os.kill(jvm, signal.SIGTERM)
            os.kill(jvm, signal.SIGCONT)
            kill_at = time.monotonic() + grace
        if kill_at is not None and time.monotonic() > kill_at:
            os.kill(jvm, signal.SIGKILL)
    return status


def _spawn(command: list[str]) -> int:
    prctl = ctypes.CDLL(None).prctl if LINUX else None
    guard = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            # The guard may have died before the kernel was asked.
            if os.getppid() != guard:
                os._exit(1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        os.execv(command[0], command)  # noqa: S606  # no shell wanted: the pid must be the JVM's own
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _status(child: int) -> int | None:
    # A child that has ended stays, with its pid, until it is collected here: signals always reach the right process.
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid == 0:
        return None
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """SIGCHLD needs a handler for the wake-up pipe to be written."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
