"""Dossiers that tell each other on a real broker: a derived event is committed with its cause, once, whatever fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from chain.correlate import Correlator
from chain.ketens.onderhoud import Staat
from tests.runtime.cluster import settled
from tests.runtime.waiting import until
from tests.unit.chain.berichten import CORPORATIE, KETEN, TOPIC, record
from tests.unit.chain.dossiers import EENHEID, Zending, mutatie_sleutel, opdracht, sleutel, stap, status
from topics import documents
from topics.blobs import FolderBlobs
from topics.catalogue.declarations import TOPICS, correlator_name
from topics.catalogue.topic import SINGLE
from topics.documents.keten import Dossier
from topics.documents.onderhoud import Eenheidsantwoord, Mutatiestap
from topics.errors import Unavailable
from topics.kafka import GroupSettings, Position, open_admin, open_reader, open_sender
from topics.runtime.metrics import WorkerMetrics
from topics.runtime.step import Output, Record
from topics.runtime.task import TaskSettings
from topics.runtime.worker import Worker, WorkerSettings

NAME = correlator_name(KETEN)
WRITTEN = [topic for topic in TOPICS if NAME in topic.producers or NAME in topic.consumers]
POINTS = ("sent", "delivered", "offsets", "committed")
M1 = mutatie_sleutel("M1")


class Broken:
    """Fails once at each point of a transaction, and then no more."""

    def __init__(self) -> None:
        self.left = list(POINTS)

    async def __call__(self, point: str) -> None:
        if self.left and point == self.left[0]:
            self.left.pop(0)
            raise Unavailable(f"injected at {point}")


@asynccontextmanager
async def correlating(bootstrap: str, folder: Path, hook: Broken) -> AsyncIterator[Worker[Staat]]:
    task = TaskSettings(grace=1.0, attempt=10.0, back_off=(0.02, 0.2), transaction_ms=10_000)
    settings = WorkerSettings(group=GroupSettings(session_ms=6000, heartbeat_ms=500), task=task, back_off=(0.02, 0.2))
    metrics = WorkerMetrics(CollectorRegistry())
    worker = Worker(Correlator(KETEN), bootstrap, FolderBlobs(folder), metrics, settings, hook=hook)
    stop = asyncio.Event()
    run = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await run


async def handled(bootstrap: str, worker: Worker[Staat]) -> None:
    """Everything on the log was handled, what it wrote there itself included."""
    ends: dict[Position, int] = {}
    async with open_reader(bootstrap, [TOPIC]) as reader:

        async def quiet() -> bool:
            for read in await reader.poll(0.02):
                ends[(read.topic, read.partition)] = read.offset + 1
            tasks = list(worker.tasks.values())
            return (
                await reader.caught_up()
                and len(tasks) == SINGLE.log
                and all(
                    task.position is not None and task.position.offset >= ends.get((TOPIC, task.partition), 0)
                    for task in tasks
                )
            )

        before: dict[Position, int] = {(TOPIC, -1): 0}
        while ends != before:
            before = dict(ends)
            await until(quiet, "the log is handled")
            # a commit is acknowledged before readers can see it: what it wrote to the log is looked for once more
            await settled(bootstrap, [TOPIC])
            await until(quiet, "the log is handled")


async def committed(bootstrap: str) -> list[Record]:
    names = [topic.name for topic in WRITTEN]
    await settled(bootstrap, names)
    async with open_reader(bootstrap, names) as reader:
        return [read async for read in reader.to_end()]


def of(records: list[Record], topic: str) -> list[Record]:
    return [read for read in records if read.topic == topic]


def places(records: list[Record]) -> set[str]:
    """Where the records lie, but for those by which a task opens and closes."""
    return {read.position for read in records if ".toestand." not in read.topic}


async def send(bootstrap: str, zendingen: list[Zending]) -> None:
    async with open_sender(bootstrap) as sender:
        for number, zending in enumerate(zendingen):
            made = record(zending.bericht, number, zending.sleutel)
            await sender.send(Output(TOPIC, made.key, made.value, made.headers), made.timestamp)


async def test_derived_events_arrive_once_in_the_other_dossier_whatever_fails(bootstrap: str, tmp_path: Path) -> None:
    async with open_admin(bootstrap) as admin:
        for topic in WRITTEN:
            await admin.create(topic.name, SINGLE.partitions(topic.width), 1, topic.config(SINGLE))
    hook = Broken()
    async with correlating(bootstrap, tmp_path, hook) as worker:
        for batch in (
            [stap("M1", Mutatiestap.SLEUTELS_IN, 0), opdracht("A", 0, mutatie="M1")],
            [status("A", "TGE", 2)],
            [opdracht("B", 5)],
            [status("B", "ANN", 6, door=CORPORATIE)],
        ):
            await send(bootstrap, batch)
            await handled(bootstrap, worker)
        while hook.left:
            await send(bootstrap, [opdracht(f"X{len(hook.left)}", 7, eenheid=f"VHE-{len(hook.left)}0")])
            await handled(bootstrap, worker)
        await handled(bootstrap, worker)
    found = await committed(bootstrap)
    told = [read.envelope() for read in of(found, TOPIC) if not read.envelope().part]
    assert len({envelope.id for envelope in told}) == len(told)
    caused = {read.envelope().id for read in of(found, TOPIC)}
    assert {envelope.causation_id for envelope in told} <= caused
    answers = [
        document
        for read in of(found, TOPIC)
        if isinstance(document := documents.decode(read.envelope().type, read.value or b""), Eenheidsantwoord)
    ]
    assert [answer.herhaald_door for answer in answers] == [None, sleutel("B"), None]
    dossiers = {}
    for read in of(found, "keten.dossier.v1"):
        document = documents.decode(read.envelope().type, read.value or b"")
        assert isinstance(document, Dossier)
        dossiers[document.sleutel] = document
    assert dossiers[EENHEID].opdrachten == (sleutel("A"),)
    assert dossiers[M1].opdrachten == (sleutel("A"),)
    own = {EENHEID, M1, sleutel("A"), sleutel("B")}
    assert not [read for read in of(found, f"{TOPIC}.dlq") if read.key.decode() in own]

    async with correlating(bootstrap, tmp_path, hook) as worker:
        await handled(bootstrap, worker)
    again = await committed(bootstrap)
    assert places(again) == places(found)
