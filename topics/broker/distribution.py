"""The jars of Apache Kafka: which ones (`jars.lock`), and the cache they are run from.

The cache holds one folder per lock, `kafka-<version>-<lock's hash>/jars/`. It appears whole or not at all: jars are
fetched beside it, checked one by one, and the folder is renamed. From then on nothing touches the network.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from topics.broker.errors import CacheCorrupt, ChecksumMismatch, FolderNotWritable
from topics.broker.machine import MEGABYTE, require_disk

KAFKA = "org.apache.kafka:kafka_2.13"

# Jars twice while they are fetched and checked, the start-up archive, and what its making needs.
CACHE_BYTES = 300 * MEGABYTE


@dataclass(frozen=True)
class Jar:
    """One line of the lock: what it is, and the only content that is accepted under that name."""

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def coordinate(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


Report = Callable[[str], None]
"""Takes a line of progress for a person."""

Fetch = Callable[[Sequence[Jar], Path, Report], None]
"""Puts every jar under its file name into the (empty) folder. Raises RegistryUnreachable or DiskFull.
What it brings is checked by the caller."""


@dataclass(frozen=True)
class Lock:
    jars: tuple[Jar, ...]
    digest: str

    @property
    def kafka_version(self) -> str:
        return next(jar.version for jar in self.jars if f"{jar.group}:{jar.artifact}" == KAFKA)

    @property
    def name(self) -> str:
        return f"kafka-{self.kafka_version}-{self.digest[:8]}"

    @property
    def title(self) -> str:
        """What is fetched, for a person."""
        return f"Apache Kafka {self.kafka_version}"


def read_lock() -> Lock:
    """The lock of this release. Lines are `sha256 size group:artifact:version`, `#` begins a comment."""
    text = files("topics.broker").joinpath("jars.lock").read_text(encoding="ascii")
    return parse_lock(text)


def parse_lock(text: str) -> Lock:
    jars: list[Jar] = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            sha256, size, coordinate = line.split()
            group, artifact, version = coordinate.split(":")
            jars.append(Jar(group, artifact, version, sha256, int(size)))
    content = "\n".join(f"{jar.sha256} {jar.coordinate}" for jar in jars)
    return Lock(tuple(jars), hashlib.sha256(content.encode()).hexdigest())


def render_lock(jars: Sequence[Jar]) -> str:
    lines = [f"{jar.sha256} {jar.size:>8} {jar.coordinate}" for jar in sorted(jars, key=lambda jar: jar.coordinate)]
    return "\n".join(lines) + "\n"


def default_cache() -> Path:
    return Path.home() / ".cache" / "ketenbus"


def prepare(cache: Path, lock: Lock, fetch: Fetch, report: Report) -> Path:
    """The folder of this lock in the cache, its jars present and each of them checked. Fetches them when there are none.

    Raises ChecksumMismatch, CacheCorrupt, RegistryUnreachable, DiskFull, FolderNotWritable."""
    home = cache / lock.name
    jars = home / "jars"
    if not jars.is_dir():
        with exclusive(cache, report):
            if not jars.is_dir():
                _fill(home, lock, fetch, report)
                return home
    wrong = _first_difference(jars, lock)
    if wrong is not None:
        raise CacheCorrupt(f"{wrong}. Remove {home} and start again: the jars are then fetched anew.")
    return home


def _fill(home: Path, lock: Lock, fetch: Fetch, report: Report) -> None:
    require_disk(home, CACHE_BYTES, f"fetching {lock.title}")
    total = sum(jar.size for jar in lock.jars)
    report(f"{lock.title}: fetching {len(lock.jars)} jars ({total / 1e6:.0f} MB) into {home}, once")
    home.mkdir(exist_ok=True)
    for leftover in home.glob("fetch-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=home) as staging:
        arrived = Path(staging) / "jars"
        arrived.mkdir()
        fetch(lock.jars, arrived, report)
        wrong = _first_difference(arrived, lock)
        if wrong is not None:
            raise ChecksumMismatch(
                f"{wrong}. Nothing was kept. Either the transfer was disturbed (try again) or the registry serves "
                "something else than was locked: do not go on then."
            )
        os.replace(arrived, home / "jars")


def _first_difference(folder: Path, lock: Lock) -> str | None:
    for jar in lock.jars:
        path = folder / jar.file_name
        try:
            found = file_digest(path)
        except FileNotFoundError:
            return f"{path} is missing; expected {jar.coordinate} with sha256 {jar.sha256}"
        if found != jar.sha256:
            return f"{path} has sha256 {found} ({path.stat().st_size} bytes); expected {jar.sha256} ({jar.size} bytes)"
    return None


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def exclusive(cache: Path, report: Report) -> Iterator[None]:
    """One process at a time fills the cache; another waits for it."""
    try:
        cache.mkdir(parents=True, exist_ok=True)
        file = (cache / "lock").open("a")
    except OSError as error:
        raise FolderNotWritable(
            f"the cache {cache} cannot be written ({error.strerror}). Give another folder (--cache) or its rights."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report(f"waiting for another process that is filling {cache}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
