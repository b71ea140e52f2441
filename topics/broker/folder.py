"""The data folder of one broker.

<folder>/broker.json        who it is: cluster id, Kafka version, ports. Written first, kept for ever
<folder>/lock               locked as long as a broker lives on the folder; holds the pid of its owner
<folder>/data/              Kafka's own; appears whole, by a rename after the storage was formatted
<folder>/server.properties  written at every start
<folder>/log/broker.log     this start; broker.log.1 is the one before
<folder>/scratch/           emptied at every start
"""

import base64
import errno
import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from topics.broker.errors import DiskFull, FolderForeign, FolderInUse, FolderNotWritable
from topics.broker.settings import NODE_ID

OURS = frozenset({"broker.json", "broker.json.new", "lock", "data", "data.new", "server.properties", "log", "scratch"})

# A killed JVM needs a moment to let go of its lock.
ENDING_SECONDS = 1.0


@dataclass(frozen=True)
class Identity:
    """`port` and `controller_port` are None until the broker was ready once."""

    cluster_id: str
    kafka: str
    port: int | None = None
    controller_port: int | None = None


class DataFolder:
    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.data = self.root / "data"
        self.unformatted = self.root / "data.new"
        self.properties = self.root / "server.properties"
        self.log = self.root / "log" / "broker.log"
        self.scratch = self.root / "scratch"
        self._identity = self.root / "broker.json"
        self._lock = self.root / "lock"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turns what the file system refuses into FolderNotWritable or DiskFull."""
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(f"the disk of {self.root} is full. Make room there.") from error
            raise FolderNotWritable(
                f"{error.filename or self.root} cannot be made or written ({error.strerror}); the data folder "
                f"{self.root} must be a folder that this user may write. Give another folder or its rights."
            ) from error

    def lock(self, wait: float) -> int:
        """Takes the folder for this process and what it starts; returns the descriptor that holds it.

        Waits up to `wait` seconds for a broker that is stopping because its owner has gone, and not longer than
        ENDING_SECONDS for one whose owner lives; then raises FolderInUse."""
        self._refuse_strangers()
        with self.writing():
            self.root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        began = time.monotonic()
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    owner = os.pread(descriptor, 32, 0).decode("ascii", errors="replace").strip()
                    if time.monotonic() - began > (ENDING_SECONDS if _is_alive(owner) else wait):
                        raise FolderInUse(
                            f"a broker already runs on {self.root} (owner: process {owner or 'unknown'}). "
                            "Use that one, stop it, or give another folder."
                        ) from None
                    time.sleep(0.05)
            with self.writing():
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _refuse_strangers(self) -> None:
        if self.root.is_file():
            raise FolderForeign(f"{self.root} is a file; expected a folder. Give another folder.")
        if not self.root.is_dir() or self._identity.exists():
            return
        strangers = sorted(entry.name for entry in self.root.iterdir() if entry.name not in OURS)
        if strangers or self.data.exists():
            raise FolderForeign(
                f"{self.root} holds {', '.join(strangers[:5]) or 'data'} but no broker.json: it is no data folder of "
                "an embedded broker. Give an empty or new folder."
            )

    def identify(self, kafka: str) -> Identity:
        """Who this folder is; a new folder gets a new cluster id. Call with the lock held.

        Raises FolderForeign when its data is another cluster's or a newer Kafka's than `kafka`."""
        if not self._identity.exists():
            identity = Identity(new_cluster_id(), kafka)
            self.keep(identity)
            return identity
        try:
            identity = Identity(**json.loads(self._identity.read_bytes()))
        except (ValueError, TypeError) as error:
            raise FolderForeign(
                f"{self._identity} is not what a broker wrote there ({error}). Restore it, or give another folder."
            ) from error
        if _version(identity.kafka) > _version(kafka):
            raise FolderForeign(
                f"{self.root} was last used by Kafka {identity.kafka}; this release runs {kafka}, which cannot read "
                "newer data. Use the newer release, or give another folder."
            )
        self._compare(identity)
        if identity.kafka != kafka:
            identity = replace(identity, kafka=kafka)
            self.keep(identity)
        return identity

    def _compare(self, identity: Identity) -> None:
        if not self.data.exists():
            return
        meta = self.data / "meta.properties"
        try:
            lines = meta.read_text(encoding="latin-1").splitlines()
        except OSError as error:
            raise FolderForeign(
                f"{meta} cannot be read ({error.strerror}); expected the identity of cluster {identity.cluster_id}. "
                "Restore it, or give another folder."
            ) from error
        found = dict(line.split("=", 1) for line in lines if "=" in line)
        expected = {"cluster.id": identity.cluster_id, "node.id": str(NODE_ID)}
        for name, value in expected.items():
            if found.get(name) != value:
                raise FolderForeign(
                    f"{meta} says {name}={found.get(name)}; {self._identity.name} beside it expects {value}: the data "
                    "belongs to another cluster. Put the right data there, or give another folder."
                )

    def keep(self, identity: Identity) -> None:
        with self.writing():
            new = self._identity.with_suffix(".json.new")
            with new.open("w", encoding="ascii") as file:
                json.dump(asdict(identity), file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self._identity)

    def prepare_start(self, properties: str) -> None:
        """Everything but the data itself, ready for a start."""
        with self.writing():
            shutil.rmtree(self.scratch, ignore_errors=True)
            self.scratch.mkdir()
            self.log.parent.mkdir(exist_ok=True)
            if self.log.exists():
                os.replace(self.log, self.log.with_suffix(".log.1"))
            self.log.touch()
            self.properties.write_text(properties, encoding="ascii")

    def discard_unformatted(self) -> None:
        """Removes what a format that was cut off left."""
        with self.writing():
            if self.unformatted.exists():
                shutil.rmtree(self.unformatted)

    @property
    def formatted(self) -> bool:
        return self.data.exists()


def new_cluster_id() -> str:
    """22 characters of base64, as Kafka writes ids; never with a dash first, which its storage tool takes for an option."""
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode("ascii")
        if not made.startswith("-"):
            return made


def _is_alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        # A killed owner whose parent has not collected it yet still has a pid.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return True


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())
