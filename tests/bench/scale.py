"""Three nodes of Kafka and one, two and four workers in containers: throughput, what joining costs, and what a kill costs.

Needs docker and the images of `make images`; `python -m tests.bench.scale`. The log is filled while no worker runs, so that
a round measures handling alone. At the end the outputs are held against the log, recomputed: nothing lost, nothing twice.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import httpx
import msgspec
import psutil
import uvloop

from chain.correlate import Correlator
from tests.bench import correlator
from tests.integration.bus.recomputed import OUTPUTS, from_the_log, on_the_topics
from tests.runtime.cluster import settled
from tests.unit.chain import berichten as b
from topics.catalogue.apply import apply
from topics.catalogue.declarations import CORRELATORS, TOPICS, log_topic
from topics.catalogue.topic import PRODUCTION, Cleanup
from topics.errors import Unavailable
from topics.kafka import Admin, Position, Sender, Write, open_admin, open_reader, open_sender, partition_for
from topics.runtime.step import Record

KAFKA: Final = "ketenbus/kafka:local"
BUS: Final = "ketenbus/ketenbus:local"
NODES: Final = 3
WORKERS: Final = (1, 2, 4)
DOSSIERS: Final = 600
"""Per round, of ten events each."""
LIMIT: Final = 300.0
_EVENTS: Final = 10
_CHUNK: Final = 2000
_SAFE: Final = {
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "3",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "3",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "2",
    "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "3",
    "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "2",
}
_PATIENT: Final = {"KAFKA_BROKER_SESSION_TIMEOUT_MS": "18000", "KAFKA_REPLICA_LAG_TIME_MAX_MS": "60000"}
"""Three nodes share the cores of one machine: a node that waits for one is not dead."""
_TOPICS: Final = tuple(topic for topic in TOPICS if {*CORRELATORS} & {*topic.producers, *topic.consumers})
_COMPACTED: Final = frozenset(topic.name for topic in TOPICS if topic.cleanup is Cleanup.COMPACT)
_GROUP: Final = Correlator(b.KETEN).name
_LOG: Final = log_topic(b.KETEN)


class Round(msgspec.Struct, frozen=True):
    """So many workers on a full log. cpu: microseconds per event, of the workers; ready: seconds from the start of the last
    container until all had their partitions."""

    workers: int
    events: int
    per_second: float
    per_second_per_worker: float
    cpu: float
    ready: float


class Kill(msgspec.Struct, frozen=True):
    """handled: seconds from the kill until everything that was on the log then had been handled."""

    what: str
    waiting: int
    handled: float


class Scale(msgspec.Struct, frozen=True):
    """`again`: seconds that two workers needed until a third, which came while they worked, had its share and was ready."""

    cores: int
    load: tuple[float, float]
    rounds: list[Round]
    again: float
    kills: list[Kill]
    events: int
    lost: int
    outputs: int
    differing: int


class Containers:
    """What this run started, by name; all of it is gone when the block is left."""

    def __init__(self) -> None:
        self.network = f"ketenbus-scale-{os.getpid()}"
        self._names: list[str] = []

    async def run(self, name: str, image: str, environment: Mapping[str, str], *command: str) -> str:
        full = f"{self.network}-{name}"
        variables = [word for key, value in environment.items() for word in ("-e", f"{key}={value}")]
        self._names.append(full)
        await docker("run", "-d", "--init", "--name", full, "--hostname", name, "--network", self.network,
                     "--network-alias", name, *variables, image, *command)  # fmt: skip
        return full

    async def address(self, name: str) -> str:
        """Reachable from this machine too."""
        return await docker("inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name)

    async def process(self, name: str) -> psutil.Process:
        return psutil.Process(int(await docker("inspect", "-f", "{{.State.Pid}}", name)))

    async def kill(self, name: str) -> None:
        await docker("kill", "-s", "KILL", name)

    async def remove(self, names: Sequence[str]) -> None:
        if names:
            await docker("rm", "-f", "-v", *names)

    async def __aenter__(self) -> "Containers":
        await docker("network", "create", self.network)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.remove(self._names)
        await docker("network", "rm", self.network)


async def docker(*words: str) -> str:
    """Raises Unavailable with what it said."""
    ran = await asyncio.create_subprocess_exec("docker", *words, stdout=-1, stderr=-1)
    out, wrong = await ran.communicate()
    if ran.returncode:
        raise Unavailable(f"docker {words[0]}: {wrong.decode().strip()[-400:]}")
    return out.decode().strip()


class Bench:
    """Everything on one cluster. Raises Unavailable when something is not done in LIMIT seconds."""

    def __init__(
        self, containers: Containers, bootstrap: str, nodes: Sequence[str], admin: Admin, sender: Sender
    ) -> None:
        self._containers, self._bootstrap, self._nodes = containers, bootstrap, nodes
        self._admin, self._sender = admin, sender
        self._records = correlator.log(DOSSIERS * (len(WORKERS) + 3))
        self._taken = 0
        self._started = 0
        self.ids: set[bytes] = set()

    # -- the load

    def next(self) -> list[Record]:
        """Ten events each of dossiers that no round had before, wave by wave."""
        first, self._taken = self._taken, self._taken + DOSSIERS
        per_wave = len(self._records) // _EVENTS
        return [one for wave in range(_EVENTS) for one in self._records[wave * per_wave + first :][:DOSSIERS]]

    async def write(self, records: Sequence[Record], pause: float = 0.0) -> None:
        """Until each chunk is acknowledged by two nodes."""
        for first in range(0, len(records), _CHUNK):
            chunk = [
                Write(one.topic, partition_for(one.key, PRODUCTION.log), one.key, one.value, one.headers, one.timestamp)
                for one in records[first : first + _CHUNK]
            ]
            while True:
                try:
                    await self._sender.send_all(chunk)
                    break
                except Unavailable:
                    await asyncio.sleep(0.5)
            self.ids |= {dict(one.headers)["ce_id"] for one in chunk}
            await asyncio.sleep(pause)

    async def ends(self) -> dict[Position, int]:
        """Behind the last event of each partition; a marker of a transaction is no event."""
        async with open_reader(self._bootstrap, [_LOG]) as reader:
            last: dict[Position, int] = {}
            async for record in reader.to_end():
                last[(record.topic, record.partition)] = record.offset + 1
            return last

    async def done(self) -> dict[Position, int]:
        with suppress(Unavailable):
            return await self._admin.group_offsets(_GROUP)
        return {}

    async def handled(self, goal: Mapping[Position, int]) -> float:
        """Seconds until the group is behind `goal`."""
        started = time.monotonic()
        while time.monotonic() - started < LIMIT:
            found = await self.done()
            if all(found.get(at, 0) >= end for at, end in goal.items()):
                return time.monotonic() - started
            await asyncio.sleep(0.05)
        raise Unavailable(f"not handled in {LIMIT:.0f} s")

    # -- the workers

    async def start(self, count: int) -> list[str]:
        environment = {"KETENBUS_BOOTSTRAP": self._bootstrap, "KETENBUS_LOG_LEVEL": "warning"}
        names = []
        for _ in range(count):
            self._started += 1
            name = f"worker{self._started}"
            names.append(await self._containers.run(name, BUS, environment, "python", "-m", "chain.correlate"))
        return names

    async def ready(self, names: Sequence[str]) -> float:
        """Seconds until all of them are in the group and have opened what they were given."""
        started = time.monotonic()
        addresses = [await self._containers.address(name) for name in names]
        async with httpx.AsyncClient(timeout=5) as client:
            while time.monotonic() - started < LIMIT:
                with suppress(httpx.HTTPError):
                    answers = [(await client.get(f"http://{one}:8080/readyz")).status_code for one in addresses]
                    if set(answers) == {200}:
                        return time.monotonic() - started
                await asyncio.sleep(0.05)
        raise Unavailable(f"workers were not ready in {LIMIT:.0f} s")

    # -- what is measured

    async def round(self, workers: int) -> Round:
        records = self.next()
        await self.write(records)
        goal = await self.ends()
        before = sum((await self.done()).values())
        names = await self.start(workers)
        processes = [await self._containers.process(name) for name in names]
        ready = asyncio.create_task(self.ready(names))
        rate, cpu, events = await self._rate(processes, before, len(records))
        await self.handled(goal)
        found = Round(workers, events, round(rate), round(rate / workers), round(cpu, 1), round(await ready, 1))
        await self._containers.remove(names)
        return found

    async def _rate(self, processes: Sequence[psutil.Process], before: int, events: int) -> tuple[float, float, int]:
        """Events a second, CPU per event in µs, and events, between the first tenth and the last."""
        begun: tuple[float, float, int] | None = None
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            asked = time.monotonic(), sum(map(_cpu, processes))
            done = sum((await self.done()).values()) - before
            # on a busy machine the answer takes its time: it is true of somewhere between
            now = (time.monotonic() + asked[0]) / 2, (sum(map(_cpu, processes)) + asked[1]) / 2, done
            if begun is None and now[2] >= events / 10:
                begun = now
            elif begun is not None and now[2] >= events * 0.98:
                seconds, cpu, count = (later - earlier for later, earlier in zip(now, begun, strict=True))
                return count / seconds, cpu / count * 1e6, int(count)
            await asyncio.sleep(0.05)
        raise Unavailable(f"{events} events were not handled in {LIMIT:.0f} s")

    async def faults(self) -> tuple[float, list[Kill]]:
        """Under a load that goes on: a worker joins two others; then one is killed, and then a node that leads."""
        names = await self.start(2)
        await self.ready(names)
        feeding = asyncio.create_task(self.write(self.next() + self.next() + self.next(), pause=2.0))
        third = await self.start(1)
        again = await self.ready([*names, *third])
        kills = []
        for what, victim in (("a worker", names[0]), ("a node of three", self._nodes[1])):
            await asyncio.sleep(1.0)
            goal = await self.ends()
            found = await self.done()
            waiting = sum(max(0, end - found.get(at, 0)) for at, end in goal.items())
            await self._containers.kill(victim)
            kills.append(Kill(what, waiting, round(await self.handled(goal), 1)))
        await feeding
        await self.handled(await self.ends())
        return round(again, 1), kills


async def measured() -> Scale:
    load = os.getloadavg()[0]
    async with _cluster() as (containers, bootstrap, nodes):
        async with open_admin(bootstrap) as admin, open_sender(bootstrap) as sender:
            await _made(admin)
            bench = Bench(containers, bootstrap, nodes, admin, sender)
            rounds = []
            for workers in WORKERS:
                rounds.append(await bench.round(workers))
                print(msgspec.json.encode(rounds[-1]).decode(), flush=True)
            again, kills = await bench.faults()
            lost = len(bench.ids - await _on_the_log(bootstrap))
        # a commit is acknowledged before readers can see it, and a node that was killed takes its time
        await settled(bootstrap, OUTPUTS, LIMIT)
        found, expected = await on_the_topics(bootstrap, b.KETEN), await from_the_log(bootstrap, b.KETEN, PRODUCTION)
    return Scale(
        cores=os.cpu_count() or 0,
        load=(load, os.getloadavg()[0]),
        rounds=rounds,
        again=again,
        kills=kills,
        events=len(bench.ids),
        lost=lost,
        outputs=sum(map(len, expected.values())),
        differing=sum(
            not _same(key[0], found.get(key, []), expected.get(key, [])) for key in found.keys() | expected.keys()
        ),
    )


async def _made(admin: Admin) -> None:
    """The correlators' topics: all of the catalogue, three times over, is too much for two cores. What was not done in
    time is gone on with."""
    end = time.monotonic() + LIMIT
    while True:
        try:
            await apply(admin, PRODUCTION, _TOPICS)
            return
        except Unavailable:
            if time.monotonic() > end:
                raise


def _same(topic: str, found: Sequence[object], expected: Sequence[object]) -> bool:
    """Of a compacted topic the cleaner leaves the last per key, and may leave more."""
    if topic not in _COMPACTED:
        return found == expected
    rest = iter(expected)
    return found[-1:] == expected[-1:] and all(one in rest for one in found)


async def _on_the_log(bootstrap: str) -> set[bytes]:
    async with open_reader(bootstrap, [_LOG]) as reader:
        return {dict(record.headers)["ce_id"] async for record in reader.to_end()}


@asynccontextmanager
async def _cluster() -> AsyncIterator[tuple[Containers, str, list[str]]]:
    async with Containers() as containers:
        voters = ",".join(f"{number}@k{number}:9094" for number in range(1, NODES + 1))
        nodes = [
            await containers.run(
                f"k{number}",
                KAFKA,
                {**_SAFE, **_PATIENT, "KAFKA_NODE_ID": str(number), "KAFKA_CONTROLLER_QUORUM_VOTERS": voters},
            )
            for number in range(1, NODES + 1)
        ]
        bootstrap = ",".join([f"{await containers.address(node)}:9092" for node in nodes])
        end = time.monotonic() + LIMIT
        while True:
            try:
                async with open_admin(bootstrap) as admin:
                    await admin.topics()
                break
            except Unavailable:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(0.5)
        yield containers, bootstrap, nodes


def _cpu(process: psutil.Process) -> float:
    """Seconds of the process and of its children."""
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("--json", type=Path, default=Path(".ketenbus/scale.json"), help="where the figures go")
    given = parser.parse_args()
    result = uvloop.run(measured())
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(json.dumps(msgspec.to_builtins(result), indent=2) + "\n")
    print(given.json.read_text())
