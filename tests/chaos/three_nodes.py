"""A cluster of three combined nodes on one machine: replication 3, two of three must have a record."""

import os
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from topics.broker import EmbeddedBroker
from topics.broker.jvm import Java, Jvm
from topics.broker.machine import HOST, choose_port
from topics.broker.node import wait_until_ready
from topics.broker.settings import DEFAULTS, render
from topics.catalogue.topic import Sizing

THREE: Final = Sizing(log=4, ruw=2, klein=2, replication=3)
HEAP_MB: Final = 256

REPLICATED: Mapping[str, str] = {
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
    "share.coordinator.state.topic.replication.factor": "3",
    "share.coordinator.state.topic.min.isr": "2",
    "group.min.session.timeout.ms": "1000",
    # a dead node is out of the replicas in sync after this, and its partitions have another leader
    "replica.lag.time.max.ms": "5000",
    "unclean.leader.election.enable": "false",
}


class Node:
    """One broker and controller; its folder survives a kill."""

    def __init__(self, java: Java, folder: Path, properties: Mapping[str, str], cluster: str) -> None:
        self._java, self._folder = java, folder
        self._jvm: Jvm | None = None
        self.port = int(properties["listeners"].split(",")[0].rpartition(":")[2])
        (folder / "scratch").mkdir(parents=True)
        (folder / "server.properties").write_text(render(properties), encoding="ascii")
        self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        format_ = self._run(
            "kafka.tools.StorageTool", ["format", "-t", cluster, "-c", "server.properties"], "format.log"
        )
        assert format_.wait(60), f"format hangs: {format_.tail()}"
        assert format_.status == 0, format_.tail()

    def _run(self, main: str, arguments: list[str], log: str) -> Jvm:
        command = self._java.command(main, arguments, heap_mb=HEAP_MB, scratch=self._folder / "scratch")
        return Jvm(command, folder=self._folder, log=self._folder / log, keep_fd=self._lock)

    def start(self) -> None:
        self._jvm = self._run("kafka.Kafka", ["server.properties"], "broker.log")

    def ready(self, seconds: float = 120.0) -> None:
        assert self._jvm is not None
        wait_until_ready(self._jvm, self.port, seconds)

    def kill(self) -> None:
        if self._jvm is not None:
            self._jvm.kill()

    def close(self) -> None:
        self.kill()
        os.close(self._lock)


class ThreeNodes:
    """Node 1, 2 and 3. Ends with this process, as every broker of the project."""

    def __init__(self, folder: Path) -> None:
        java = EmbeddedBroker(folder / "unused").prepare()
        taken: set[int] = set()
        for _ in range(6):
            taken.add(choose_port(taken))
        ports = sorted(taken)
        voters = ",".join(f"{number}@{HOST}:{ports[number + 2]}" for number in (1, 2, 3))
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
        self.nodes = [
            Node(
                java,
                folder / f"node-{number}",
                {
                    **DEFAULTS,
                    **REPLICATED,
                    "process.roles": "broker,controller",
                    "node.id": str(number),
                    "controller.quorum.voters": voters,
                    "controller.listener.names": "CONTROLLER",
                    "listeners": f"PLAINTEXT://{HOST}:{ports[number - 1]},CONTROLLER://{HOST}:{ports[number + 2]}",
                    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
                    "log.dirs": "data",
                },
                cluster,
            )
            for number in (1, 2, 3)
        ]

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{HOST}:{node.port}" for node in self.nodes)

    def __enter__(self) -> Self:
        try:
            for node in self.nodes:
                node.start()
            for node in self.nodes:
                node.ready()
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        for node in self.nodes:
            node.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
