"""What a broker or an object store refuses or cannot do now: set apart, or waited for in order; nothing is lost."""

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.bench import PARTITIONS, OnBroker, keys_of
from tests.runtime.checker import check
from tests.runtime.teller import Teller, Telling, event
from tests.runtime.waiting import until
from topics.blobs import BlobStore, FolderBlobs, blob_ref
from topics.deadletters import Letter
from topics.documents import Reden
from topics.errors import Unavailable
from topics.runtime.batch import Limits
from topics.runtime.step import Output
from topics.runtime.task import TaskState
from topics.runtime.worker import Worker

LARGE = random.Random(7).randbytes(15_000).hex()
"""30 kB that do not compress below 15: the broker looks at the compressed batch."""


@pytest.fixture
def bench(bootstrap: str, unique: Callable[[str], str], tmp_path: Path) -> OnBroker:
    """Its topics are not there yet."""
    return OnBroker(Teller(unique("weigering")), bootstrap, tmp_path)


class Away(BlobStore):
    """An object store that can be away; `asked` tells that somebody tried."""

    def __init__(self, inner: BlobStore) -> None:
        self._inner = inner
        self.away = False
        self.asked = threading.Event()

    def put(self, content: bytes) -> str:
        self._try()
        return self._inner.put(content)

    def get(self, ref: str) -> bytes:
        self._try()
        return self._inner.get(ref)

    def _try(self) -> None:
        if self.away:
            self.asked.set()
            raise Unavailable("object store: away for a test")


# -- the broker refuses what the catalogue allows


@pytest.mark.parametrize("limits", [Limits(), Limits(steps=3)], ids=["one-batch", "small-batches"])
async def test_what_the_broker_refuses_is_set_apart_step_by_step(bench: OnBroker, limits: Limits) -> None:
    await bench.prepare(uit={"max.message.bytes": "12000"})
    big = {4, 5, 11}
    await bench.feed(
        *(bench.event("a", str(n), pad=LARGE if n in big else "") for n in range(14)),
        *(bench.event("b", str(n), pad="y" * 500) for n in range(60)),
    )
    assert await bench.drain(limits) == {}
    good = tuple(str(n) for n in range(14) if n not in big)
    assert await bench.state("a") == Telling(len(good), good)
    assert await bench.state("b") == Telling(60, tuple(str(n) for n in range(60)))
    letters = [Letter.read(record.headers) for record in await bench.written(f"{bench.teller.topic}.dlq")]
    assert {letter.reden for letter in letters} == {Reden.TE_GROOT}
    assert sorted(letter.offset for letter in letters) == sorted(big)
    assert "max.message.bytes" in letters[0].tekst


async def test_a_state_that_the_broker_refuses_is_set_apart(bench: OnBroker) -> None:
    await bench.prepare(toestand={"max.message.bytes": "12000"})
    await bench.count("a", ["1"])
    await bench.feed(bench.event("b", LARGE))
    await bench.count("a", ["2"])
    assert await bench.drain() == {}
    assert await bench.state("a") == Telling(2, ("1", "2"))
    assert await bench.state("b") is None
    assert [Letter.read(record.headers).reden for record in await bench.written(f"{bench.teller.topic}.dlq")] == [
        Reden.TE_GROOT
    ]


async def test_a_dead_letter_that_the_broker_refuses_halts_its_task(bench: OnBroker) -> None:
    await bench.prepare(**{"in.v1.dlq": {"max.message.bytes": "12000"}})
    (key, other) = (keys_of(partition, 1)[0] for partition in (0, 1))
    await bench.feed(bench.event(key, "1", "raise", pad=LARGE))
    await bench.count(key, ["2"])
    await bench.count(other, ["1"])
    assert await bench.drain() == {0: "te-groot-om-te-schrijven"}
    assert "max.message.bytes" in bench.messages[0]
    assert await bench.state(key) is None
    assert await bench.state(other) == Telling(1, ("1",))


# -- the object store is away


async def test_an_object_store_that_is_away_is_waited_for_in_order_and_others_go_on(bench: OnBroker) -> None:
    await bench.prepare()
    blobs = bench.blobs = Away(bench.blobs)
    (waits, other) = (keys_of(partition, 1)[0] for partition in (0, 1))
    reference = blobs.put(event("2"))
    async with bench.running() as worker:
        await bench.count(waits, ["1"])
        await bench.handled(worker)
        opened = opened_tasks(bench)
        blobs.away = True
        await bench.feed(
            Output(
                topic=bench.teller.topic, key=waits.encode(), value=b"", headers=[("ce_dataref", reference.encode())]
            )
        )
        await bench.count(waits, ["3"])
        await until(blobs.asked.is_set, "the object store is asked")
        await bench.count(other, ["1", "2"])
        await until(lambda: offset(worker, 1) == 2, "the other partition goes on")
        assert offset(worker, 0) == 1
        await until(lambda: bench.lag(0) == 2, "the lag shows what waits")
        blobs.away = False
        await bench.handled(worker)
    assert await bench.state(waits) == Telling(3, ("1", "2", "3"))
    assert opened_tasks(bench) == opened
    assert (await check(bench.bootstrap, bench.teller)).letters == 0


async def test_a_blob_is_stored_before_the_step_that_yields_it_is_committed(bench: OnBroker) -> None:
    await bench.prepare()
    blobs = bench.blobs = Away(bench.blobs)
    blobs.away = True
    async with bench.running() as worker:
        await bench.feed(bench.event("a", "1", "blob", pad="attachment"))
        await until(blobs.asked.is_set, "the object store is asked")
        assert await bench.written(bench.teller.out) == []
        blobs.away = False
        await bench.handled(worker)
    assert blobs.get(blob_ref(b"attachment")) == b"attachment"
    assert await bench.state("a") == Telling(1, ("1",))


async def test_a_worker_that_waits_for_the_object_store_stops_when_told_and_another_goes_on(bench: OnBroker) -> None:
    await bench.prepare()
    inner = bench.blobs
    blobs = bench.blobs = Away(inner)
    reference = blobs.put(event("1"))
    blobs.away = True
    async with bench.running():
        await bench.feed(
            Output(topic=bench.teller.topic, key=b"a", value=b"", headers=[("ce_dataref", reference.encode())])
        )
        await until(blobs.asked.is_set, "the object store is asked")
    bench.blobs = inner
    await bench.drain()
    assert await bench.state("a") == Telling(1, ("1",))


async def test_a_blob_with_other_content_halts_its_task(bench: OnBroker, tmp_path: Path) -> None:
    await bench.prepare()
    key, other = (keys_of(partition, 1)[0] for partition in (2, 3))
    reference = FolderBlobs(tmp_path).put(event("1"))
    damage(tmp_path, event("2"))
    await bench.feed(
        Output(topic=bench.teller.topic, key=key.encode(), value=b"", headers=[("ce_dataref", reference.encode())])
    )
    await bench.count(other, ["1"])
    assert await bench.drain() == {2: "blob-beschadigd"}
    assert await bench.state(other) == Telling(1, ("1",))


# -- stopping


async def test_a_worker_without_topics_waits_until_they_are_there(bench: OnBroker) -> None:
    """`make run` starts everything at once: the topics may come after the workers."""
    async with bench.running() as worker:
        await bench.prepare()
        await bench.count("a", ["1"])
        await bench.handled(worker)
        assert {task.state for task in worker.tasks.values()} == {TaskState.RUNNING}
        assert len(worker.tasks) == PARTITIONS


def damage(folder: Path, content: bytes) -> None:
    """Another content under the only blob in `folder`."""
    (stored,) = (path for path in folder.rglob("*") if path.is_file())
    stored.write_bytes(content)


def offset(worker: Worker[Telling], partition: int) -> int:
    at = worker.tasks[partition].position
    return at.offset if at is not None else -1


def opened_tasks(bench: OnBroker) -> float:
    """How often tasks were opened, over all partitions."""
    return sum(
        bench.registry.get_sample_value(
            "ketenbus_task_opened_total", {"processor": bench.teller.name, "partition": str(partition)}
        )
        or 0.0
        for partition in range(PARTITIONS)
    )
