"""Runs all processes of the table on one machine, with the embedded broker, as one: for `ketenbus run` and `demo`.

A process that ends by itself is started again with a growing pause; what it prints goes to `<data>/logs/<name>.log`.
Every child ends with this process, also when it is killed: its stdin is a pipe that closes then.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx

from topics.errors import ConfigurationError, Unavailable
from topics.processes.starting import MISCONFIGURED
from topics.processes.table import PROCESSES, Process

_PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0)
_STOP_SECONDS: Final = 20.0


class Child:
    """One running process of the table."""

    def __init__(self, process: Process, environment: Mapping[str, str], port: int, log: Path) -> None:
        self.process, self.port = process, port
        self._environment, self._log = dict(environment), log
        self.starts = 0
        self._again_at = 0.0
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as output:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "topics.processes.tied", self.process.module],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.starts += 1

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def keep(self, now: float) -> bool:
        """Start it again when it ended; whether it was.

        Raises ConfigurationError when it ended because of a setting or a profile: that ends the same way every time.
        """
        if self.alive() or now < self._again_at:
            return False
        if self._popen is not None and self._popen.returncode == MISCONFIGURED:
            raise ConfigurationError(f"{self.process.name} cannot start; its log ends with:\n{self.last_words()}")
        self._again_at = now + _PAUSES[min(self.starts, len(_PAUSES)) - 1]
        self.start()
        return True

    def signal(self, number: int) -> None:
        if self._popen is not None and self.alive():
            self._popen.send_signal(number)

    def wait(self, seconds: float) -> bool:
        if self._popen is None:
            return True
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        if self._popen.stdin:
            self._popen.stdin.close()
        return True

    def last_words(self, lines: int = 5) -> str:
        try:
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


class Supervisor:
    """All processes of `table` against one broker. `base_port`: that of the intake; others follow (see the
    table). `environment`: what the children inherit, besides what is set here."""

    def __init__(
        self,
        data: Path,
        bootstrap: str,
        environment: Mapping[str, str],
        base_port: int = 18080,
        table: Sequence[Process] = PROCESSES,
    ) -> None:
        self.children = [
            Child(
                process,
                {**environment, **_variables(process, data, bootstrap, base_port)},
                base_port + process.offset,
                data / "logs" / f"{process.name}.log",
            )
            for process in table
        ]

    def start(self) -> None:
        for child in self.children:
            child.start()

    def wait_until_ready(self, seconds: float, tell: Callable[[str], None]) -> None:
        """Raises Unavailable, with the last lines of its log, when a process is not ready in time; else as `keep`."""
        until = time.monotonic() + seconds
        for child in self.children:
            while not child.ready():
                if time.monotonic() > until:
                    raise Unavailable(
                        f"{child.process.name} is not ready within {seconds:.0f} s; its log ends with:\n{child.last_words()}"
                    )
                child.keep(time.monotonic())
                time.sleep(0.1)
            tell(child.process.name)

    def keep(self) -> list[str]:
        """Start again what ended; names of those that were. Raises ConfigurationError as `Child.keep`."""
        now = time.monotonic()
        return [child.process.name for child in self.children if child.keep(now)]

    def stop(self) -> None:
        """The intake first, so that nothing comes in; then the others, each finishing its transaction."""
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        until = time.monotonic() + _STOP_SECONDS
        for child in reversed(self.children):
            if not child.wait(max(0.1, until - time.monotonic())):
                child.signal(signal.SIGKILL)
                child.wait(5)


def _variables(process: Process, data: Path, bootstrap: str, base_port: int) -> dict[str, str]:
    port = str(base_port + process.offset)
    return {
        "KETENBUS_DATA": str(data),
        "KETENBUS_BOOTSTRAP": bootstrap,
        "KETENBUS_PORT": port,
        "KETENBUS_INTAKE_PORT": port,
        "KETENBUS_INSTANCE": f"{process.name}-0",
    }
