"""The systems that the plain work runs on, and which of them this machine has.

Kafka Streams and Quix Streams are no dependencies of the project. `make bench-extras` fetches them into the user's
cache: pinned jars and the compiled program (a JDK must be there), and a virtual environment of its own.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.bench.plain.measure import System
from topics.broker.distribution import Lock, default_cache, parse_lock, prepare
from topics.broker.registry import fetch

OURS: Final = "ketenbus"
FAUST: Final = "faust"
STREAMS: Final = "kafka-streams"
QUIX: Final = "quix-streams"
QUIX_PIN: Final = "quixstreams==3.28.1"
_HERE: Final = Path(__file__).parent
_SOURCE: Final = _HERE / "streams" / "Plain.java"
_ROOT: Final = _HERE.parents[2]


class Absent(Exception):
    """A system is not installed; says what is lacking and how to get it."""


@dataclass(frozen=True)
class _StreamsLock(Lock):
    """The jars of Kafka Streams, kept beside the broker's in the same cache."""

    @property
    def kafka_version(self) -> str:
        return next(jar.version for jar in self.jars if jar.artifact == STREAMS)

    @property
    def name(self) -> str:
        return f"bench-streams-{self.kafka_version}-{self.digest[:8]}"


def ours(workers: int = 1) -> System:
    """Python's way to use several cores is several processes, where Java's is threads."""
    name = OURS if workers == 1 else f"{OURS}, {workers} workers"
    return System(name, _python("ours", "{bootstrap}", "{name}", "{topic}", "{folder}"), processes=workers)


def faust(partitions: int) -> System:
    """Measured for some seconds only: it is slow."""
    command = _python("fausts", "{bootstrap}", "{name}", "{topic}", "{folder}", str(partitions))
    return System(f"{FAUST} {version('faust-streaming')}", command, seconds=10.0, exactly_once=False)


def streams(threads: int) -> System:
    """Raises Absent."""
    lock, classes = _streams_lock(), _classes()
    jars = default_cache() / lock.name / "jars"
    if shutil.which("java") is None:
        raise Absent("no Java in the path; install a JDK, then `make bench-extras`")
    if not (classes / "Plain.class").is_file() or not jars.is_dir():
        raise Absent("not installed; `make bench-extras` fetches and compiles it (a JDK is needed)")
    path = os.pathsep.join([str(classes), *(str(jars / jar.file_name) for jar in lock.jars)])
    command = ["java", "-Xmx1g", "-cp", path, "Plain"]
    command += ["{bootstrap}", "{name}", "{topic}", "{output}", str(threads), "{folder}/state"]
    return System(f"{STREAMS} {lock.kafka_version}, {threads} thread{'s' * (threads > 1)}", command)


def quix() -> System:
    """Raises Absent."""
    python = Path(sys.executable) if find_spec("quixstreams") else _quix_home() / "bin" / "python"
    if not python.is_file():
        raise Absent("not installed; `make bench-extras` makes its virtual environment")
    command = [str(python), str(_HERE / "quix.py"), "{bootstrap}", "{name}", "{topic}", "{output}", "{folder}/state"]
    return System(f"{QUIX} {QUIX_PIN.partition('==')[2]}", command)


def install(report: Callable[[str], None]) -> None:
    """Everything that is lacking and can be had. Raises BrokerError or CalledProcessError when a registry fails."""
    javac = shutil.which("javac")
    if javac is None:
        report(f"{STREAMS}: no JDK in the path (javac); left out")
    else:
        lock = _streams_lock()
        home = prepare(default_cache(), lock, fetch, report)
        classes = _classes()
        path = os.pathsep.join(str(home / "jars" / jar.file_name) for jar in lock.jars)
        subprocess.run([javac, "-cp", path, "-d", str(classes), str(_SOURCE)], check=True)
        report(f"{STREAMS}: {classes}")
    home = _quix_home()
    if not (home / "bin" / "python").is_file():
        venv.create(home, with_pip=True)
    subprocess.run([str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", QUIX_PIN], check=True)
    report(f"{QUIX}: {home}")


def _streams_lock() -> _StreamsLock:
    found = parse_lock((_HERE / "streams" / "jars.lock").read_text(encoding="ascii"))
    return _StreamsLock(found.jars, found.digest)


def _classes() -> Path:
    digest = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:8]
    return default_cache() / _streams_lock().name / f"classes-{digest}"


def _quix_home() -> Path:
    return default_cache() / f"bench-{QUIX_PIN.replace('==', '-')}"


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", f"tests.bench.plain.{module}", *arguments]


if __name__ == "__main__":
    install(print)
