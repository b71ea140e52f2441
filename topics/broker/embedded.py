"""A real Apache Kafka on one machine: one node, KRaft, its own data folder, nothing installed but Python packages."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from topics.broker import machine
from topics.broker.archive import with_archive
from topics.broker.diagnosis import diagnose, taken_port
from topics.broker.distribution import Fetch, Jar, Report, default_cache, prepare, read_lock
from topics.broker.errors import BrokerError, BrokerStopped, PortTaken
from topics.broker.folder import DataFolder, Identity
from topics.broker.jre import find_jre
from topics.broker.jvm import GRACE_SECONDS, Java, Jvm
from topics.broker.node import format_storage, serve, wait_until_ready
from topics.broker.settings import server_properties

LEAST_FREE_DISK = 256 * machine.MEGABYTE
STOP_SECONDS = 20.0

# A port that was ours may still be held for a moment by the broker that is ending.
PORT_PATIENCE_SECONDS = 3.0
PORT_ATTEMPTS = 5


class EmbeddedBroker:
    """One broker on one data folder. It ends with this process, however this process ends (kill -9 included).

    `folder`      made when absent; belongs to this broker alone
    `port`        fixed; by default a free one below 32768 is chosen. A folder keeps its port once it was ready
    `heap_mb`     Java heap, at least 256
    `cache`       where jars and start-up archive are kept, shared by all brokers of a user (default ~/.cache/ketenbus)
    `properties`  broker settings that override `settings.DEFAULTS`
    `report`      gets a line of text for each slow step of a first start
    `fetch`       brings the jars when the cache lacks them (default: Maven Central by jgo)

    Not for use from two threads at once. Listens on 127.0.0.1 only, unencrypted."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        heap_mb: int = 512,
        cache: Path | None = None,
        properties: Mapping[str, str] | None = None,
        report: Report | None = None,
        fetch: Fetch | None = None,
    ) -> None:
        """Raises PropertyRefused when `properties` names a setting that only this class may set."""
        server_properties(port=0, controller_port=0, data="", overrides=properties)
        self._folder = DataFolder(folder)
        self._fixed_port = port
        self._heap_mb = heap_mb
        self._cache = (cache or default_cache()).absolute()
        self._properties = dict(properties or {})
        self._report = report or _silent
        self._fetch = fetch or _fetch_from_registry
        self._jvm: Jvm | None = None
        self._port: int | None = None
        self._asked_to_end = False

    def start(self, timeout: float = 60) -> str:
        """Starts the broker and returns 'host:port' when it answers; the same when it already runs.

        `timeout` (seconds) is for the broker to be ready; filling the cache at the very first start is not counted.
        Raises a BrokerError (the tree in `topics.broker.errors`); nothing is left running then."""
        if self.alive():
            return self.bootstrap
        java = self.prepare()
        machine.require_disk(self._folder.root, LEAST_FREE_DISK, "a broker")
        machine.require_memory(self._heap_mb, machine.free_memory())
        deadline = time.monotonic() + timeout
        descriptor = self._folder.lock(wait=GRACE_SECONDS + 5)
        try:
            identity = self._folder.identify(read_lock().kafka_version)
            self._jvm, self._port = self._serve(java, identity, descriptor, deadline)
        finally:
            # The guard and the JVM hold it from here on.
            os.close(descriptor)
        self._asked_to_end = False
        return self.bootstrap

    def prepare(self) -> Java:
        """Fills and checks the cache, so that a later start needs no network; start() does it too.

        Raises RegistryUnreachable, ChecksumMismatch, CacheCorrupt, JreMissing, DiskFull, FolderNotWritable."""
        lock = read_lock()
        jre = find_jre()
        home = prepare(self._cache, lock, self._fetch, self._report)
        java = Java(jre, [home / "jars" / jar.file_name for jar in lock.jars])
        return with_archive(java, home, self._cache, lock.kafka_version, self._report)

    def _serve(self, java: Java, identity: Identity, descriptor: int, deadline: float) -> tuple[Jvm, int]:
        kept = self._fixed_port or identity.port
        refused: set[int] = set()
        for attempt in range(PORT_ATTEMPTS):
            ports = self._choose_ports(kept, identity.controller_port, refused)
            if not self._folder.formatted:
                format_storage(java, self._folder, identity, ports, descriptor)
            jvm = serve(java, self._folder, ports, descriptor, heap_mb=self._heap_mb, overrides=self._properties)
            try:
                wait_until_ready(jvm, ports[0], max(0.0, deadline - time.monotonic()))
            except PortTaken:
                lost = taken_port(jvm.tail())
                if lost is None or lost == kept or attempt == PORT_ATTEMPTS - 1:
                    raise
                refused.add(lost)
                continue
            except BaseException:
                jvm.kill()
                raise
            self._folder.keep(replace(identity, port=ports[0], controller_port=ports[1]))
            return jvm, ports[0]
        raise PortTaken(f"{PORT_ATTEMPTS} ports in a row were taken by others. Give a fixed port (--port).")

    def _choose_ports(self, kept: int | None, controller: int | None, refused: set[int]) -> tuple[int, int]:
        """The broker's port, which clients know and so stays, and the controller's, which nobody else uses."""
        if kept is not None:
            patience = time.monotonic() + PORT_PATIENCE_SECONDS
            while not machine.port_is_free(kept):
                if time.monotonic() > patience:
                    raise PortTaken(
                        f"port {kept} on {machine.HOST} is taken by another process; expected it free"
                        f"{'' if self._fixed_port else ', because this data folder has used it before'}. "
                        "Stop that process, or give another port (--port)."
                    )
                time.sleep(0.05)
        port = kept or machine.choose_port({*refused, controller or 0})
        if controller is None or controller in (port, *refused) or not machine.port_is_free(controller):
            controller = machine.choose_port({*refused, port})
        return port, controller

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Ends the broker in order; after `timeout` seconds by force. Returns when it is gone; does nothing when it
        does not run."""
        self._asked_to_end = True
        if self._jvm is not None:
            self._jvm.terminate()
            if not self._jvm.wait(timeout):
                self._jvm.kill()

    def kill(self) -> None:
        """SIGKILL; returns when it is gone. What was acknowledged is there at the next start."""
        self._asked_to_end = True
        if self._jvm is not None:
            self._jvm.kill()

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers, until thaw()."""
        self._running().send(signal.SIGSTOP)

    def thaw(self) -> None:
        self._running().send(signal.SIGCONT)

    def alive(self) -> bool:
        """True while the process runs (a frozen one too)."""
        return self._jvm is not None and self._jvm.status is None

    def failure(self) -> BrokerError | None:
        """Why the broker ended by itself after it was ready; None while it runs, or when stop() or kill() ended it."""
        if self._jvm is None or self._asked_to_end or self._jvm.status is None:
            return None
        return diagnose(self._jvm.tail(), self._jvm.status, str(self._jvm.log))

    @property
    def pid(self) -> int:
        """The JVM's. Raises BrokerStopped when it does not run."""
        return self._running().pid

    @property
    def bootstrap(self) -> str:
        """'host:port' for clients, also while the broker is down between two starts. Raises BrokerStopped before the
        first start."""
        if self._port is None:
            raise BrokerStopped(f"the broker of {self._folder.root} was not started yet. Call start() first.")
        return f"{machine.HOST}:{self._port}"

    def _running(self) -> Jvm:
        if self._jvm is None or self._jvm.status is not None:
            raise self.failure() or BrokerStopped(
                f"the broker of {self._folder.root} does not run; expected it to. Call start() first."
            )
        return self._jvm

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _silent(_line: str) -> None:
    """Nobody asked for progress."""


def _fetch_from_registry(jars: Sequence[Jar], into: Path, report: Report) -> None:
    # Imported here: a machine whose cache is filled needs neither jgo nor a network.
    from topics.broker.registry import fetch

    fetch(jars, into, report)
