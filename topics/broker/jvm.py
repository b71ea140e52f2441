"""A JVM under the guard: its command line, its life, its signals."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from topics.broker import guard
from topics.broker.errors import BrokerStopped, MemoryTooSmall
from topics.broker.jre import Jre

# What is said at WARN and worse, and the one line that tells that the broker serves.
LOGGING = {
    "defaultLogLevel": "warn",
    "log.kafka.server.KafkaRaftServer": "info",
    # Prints every setting at each start.
    "log.org.apache.kafka.common.config": "warn",
    "showDateTime": "true",
    "dateTimeFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSZ",
    "logFile": "System.err",
}

# The guard gives its JVM this long after the owner has gone.
GRACE_SECONDS = 10.0

TAIL_BYTES = 64 * 1024


@dataclass(frozen=True)
class Java:
    """How every JVM of a broker is started: runtime, class path, start-up archive."""

    jre: Jre
    jars: Sequence[Path]
    archive: Path | None = None

    def command(
        self, main: str, arguments: Sequence[str], *, heap_mb: int, scratch: Path, options: Sequence[str] = ()
    ) -> list[str]:
        """`scratch` takes native libraries and crash reports: inside the data folder, so that a kill leaves nothing
        behind elsewhere."""
        archive = [f"-XX:AOTCache={self.archive}", "-Xlog:aot*=error"] if self.archive else []
        return [
            str(self.jre.java),
            f"-Xmx{heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            "-XX:-CreateCoredumpOnCrash",
            f"-XX:ErrorFile={scratch}/hs_err.log",
            f"-Djava.io.tmpdir={scratch}",
            "-Djava.awt.headless=true",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            *(f"-Dorg.slf4j.simpleLogger.{name}={value}" for name, value in LOGGING.items()),
            *archive,
            *options,
            "-cp",
            os.pathsep.join(str(jar) for jar in self.jars),
            main,
            *arguments,
        ]


class Jvm:
    """A running JVM. It ends with this process, however this process ends.

    Not to be dropped while it should run: the link to the guard closes with the object."""

    def __init__(self, command: Sequence[str], *, folder: Path, log: Path, keep_fd: int) -> None:
        """Starts `command` in `folder`, its output in `log`; the file descriptor `keep_fd` stays open in the JVM.

        Raises BrokerStopped or MemoryTooSmall when no process could be made."""
        self.log = log
        guarded = [
            sys.executable,
            "-I",
            "-S",
            str(Path(guard.__file__).resolve()),
            *(str(os.getpid()), str(GRACE_SECONDS), str(keep_fd), "--"),
            *command,
        ]
        try:
            with log.open("wb") as output:
                self._guard = subprocess.Popen(
                    guarded,
                    cwd=folder,
                    env=_ENVIRONMENT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=output,
                    pass_fds=(keep_fd,),
                    # Ctrl-C in a terminal reaches the owner only, which then stops its parts in order.
                    start_new_session=True,
                )
        except OSError as error:
            if error.errno in (errno.ENOMEM, errno.EAGAIN):
                raise MemoryTooSmall(
                    f"the system made no process ({error.strerror}). Stop something, or raise the limit of processes."
                ) from error
            raise BrokerStopped(f"no process could be started ({error}); expected {sys.executable} to run.") from error
        if self._guard.stdout is None:
            raise BrokerStopped("the guard has no output")
        line = self._guard.stdout.readline()
        if not line.strip().isdigit():
            self._guard.wait()
            raise BrokerStopped(f"no JVM could be started; {log} says: {self.tail()[-1000:].strip()}")
        self.pid = int(line)

    @property
    def status(self) -> int | None:
        """None while it runs, else its exit status (128 + n when signal n ended it)."""
        return self._guard.poll()

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the JVM; nothing when it has ended."""
        if self.status is None:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def terminate(self) -> None:
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.wait(GRACE_SECONDS)

    def wait(self, seconds: float) -> bool:
        """True when it ended within that time."""
        try:
            self._guard.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        for stream in (self._guard.stdin, self._guard.stdout):
            if stream is not None:
                stream.close()
        return True

    def tail(self) -> str:
        """The end of its output."""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - TAIL_BYTES))
            return file.read().decode("utf-8", errors="replace")


# Nothing of the caller's environment: JAVA_TOOL_OPTIONS and the like would make every machine another broker.
_ENVIRONMENT: Mapping[str, str] = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
