"""Work that a processor wants done beside the event loop: before the record's turn, in a thread, waited for in order."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.test_runtime_unavailable import offset
from tests.runtime.bench import OnBroker, keys_of
from tests.runtime.teller import EVENTS, Teller, Telling
from tests.runtime.waiting import until
from topics.errors import Unavailable
from topics.runtime.batch import Limits
from topics.runtime.step import Record


class Prepared(Teller):
    """Its events with an id that begins with `b` have work beside. `asked`: threads that did some; `away`: cannot now."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.asked: list[str] = []
        self.threads: set[int] = set()
        self.away = threading.Event()

    def beside(self, record: Record) -> Callable[[], object] | None:
        event = EVENTS.decode(record.value or b"")
        return (lambda: self._work(event.id)) if event.id.startswith("b") else None

    def _work(self, name: str) -> None:
        self.asked.append(name)
        self.threads.add(threading.get_ident())
        if self.away.is_set():
            raise Unavailable("away for a test")
        if name == "bug":
            raise ValueError("left to the processor")


@pytest.fixture
def teller(unique: Callable[[str], str]) -> Prepared:
    return Prepared(unique("ernaast"))


@pytest.fixture
def bench(bootstrap: str, teller: Prepared, tmp_path: Path) -> OnBroker:
    return OnBroker(teller, bootstrap, tmp_path)


async def test_work_is_done_in_another_thread_for_the_records_that_have_some(bench: OnBroker, teller: Prepared) -> None:
    await bench.prepare()
    ids = ["1", "b2", "3", "bug", "5", *(f"b-{number}" for number in range(40))]
    await bench.count("a", ids)
    assert await bench.drain() == {}
    assert await bench.state("a") == Telling(len(ids), tuple(ids))
    assert [name for name in ids if name.startswith("b")] == list(dict.fromkeys(teller.asked))
    assert threading.get_ident() not in teller.threads


async def test_what_cannot_be_done_now_is_waited_for_in_order_and_others_go_on(
    bench: OnBroker, teller: Prepared
) -> None:
    await bench.prepare()
    waits, other = (keys_of(partition, 1)[0] for partition in (0, 1))
    teller.away.set()
    async with bench.running() as worker:
        await bench.count(waits, ["1", "2", "b3", "4"])
        await until(lambda: len(teller.asked) >= 2, "the work is tried again")
        await until(lambda: offset(worker, 0) == 2, "what came before it is handled")
        await bench.count(other, ["1"])
        await until(lambda: offset(worker, 1) == 1, "the other partition goes on")
        assert offset(worker, 0) == 2
        teller.away.clear()
        await bench.handled(worker)
    assert await bench.state(waits) == Telling(4, ("1", "2", "b3", "4"))


async def test_a_worker_that_waits_for_it_stops_when_told_and_another_goes_on(
    bench: OnBroker, teller: Prepared
) -> None:
    await bench.prepare()
    teller.away.set()
    async with bench.running():
        await bench.count("a", ["b1"])
        await until(lambda: bool(teller.asked), "the work is tried")
        stopping = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - stopping < 30
    teller.away.clear()
    await bench.drain(Limits())
    assert await bench.state("a") == Telling(1, ("b1",))
