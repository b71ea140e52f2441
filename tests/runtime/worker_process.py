"""A worker as a process of its own, so that it can be killed, frozen and continued: `python -m … '<Order as JSON>'`.

It can do itself harm at a named point of a transaction, which no signal from outside can time.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer
from prometheus_client import CollectorRegistry

from tests.runtime.teller import Teller, Telling, catalogue
from topics.blobs import FolderBlobs
from topics.errors import Unavailable
from topics.kafka import GroupSettings, Hook
from topics.runtime.batch import Limits
from topics.runtime.metrics import WorkerMetrics
from topics.runtime.task import TaskSettings
from topics.runtime.worker import Worker, WorkerSettings, _Member


class Fault(msgspec.Struct, frozen=True):
    """At the `count`th visit of `point`: kill or stop (freeze) the process, fail the attempt, or sleep.

    Points are those of the worker's hook (fenced, restored, begin, sent, delivered, offsets, committed) and `revoked`:
    partitions were taken away, by a rebalance; `poll` with `cancel`: the client's own task dies while it waits for
    records. Sleeping (`seconds`) happens at every visit.
    """

    point: str
    do: str
    count: int = 1
    seconds: float = 0.0


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What a process is told. Times in milliseconds, `attempt` in seconds; `trace`: a file that gets every point."""

    bootstrap: str
    name: str
    trace: str
    blobs: str
    instance: str | None = None
    faults: tuple[Fault, ...] = ()
    mutant: str = ""
    session: int = 3000
    transaction: int = 6000
    attempt: float = 10.0
    grace: float = 1.0
    steps: int = 20
    most: int = 8000
    every: int = 1

    def teller(self) -> Teller:
        return Teller(self.name, every=self.every)


def worker_of(order: Order) -> Worker[Telling]:
    visits: dict[str, int] = {}
    trace = os.open(order.trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def hook(point: str) -> None:
        visits[point] = visits.get(point, 0) + 1
        os.write(trace, f"{point}\n".encode())
        for fault in order.faults:
            if fault.point != point:
                continue
            if fault.do == "sleep":
                await asyncio.sleep(fault.seconds)
            elif visits[point] == fault.count:
                _harm(fault.do)

    _tell_of_revocation(hook)
    for fault in order.faults:
        if fault.point == "poll":
            _cancel_polling(fault.count)
    settings = WorkerSettings(
        group=GroupSettings(
            instance=order.instance, session_ms=order.session, heartbeat_ms=min(500, order.session // 4)
        ),
        task=TaskSettings(
            limits=Limits(steps=order.steps),
            transaction_ms=order.transaction,
            attempt=order.attempt,
            grace=order.grace,
            back_off=(0.05, 1.0),
        ),
        most=order.most,
        back_off=(0.05, 1.0),
    )
    return Worker(
        order.teller(),
        order.bootstrap,
        FolderBlobs(Path(order.blobs)),
        WorkerMetrics(CollectorRegistry()),
        settings,
        catalogue=catalogue(order.name),
        hook=hook,
    )


def _harm(do: str) -> None:
    if do == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif do == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif do == "fail":
        raise Unavailable("injected")


def _tell_of_revocation(hook: Hook) -> None:
    """The runtime itself has no use for this point."""
    original = _Member._on_revoked

    async def revoked(member: _Member[Telling], partitions: set[int]) -> None:
        await original(member, partitions)
        if partitions:
            await hook("revoked")

    setattr(_Member, "_on_revoked", revoked)  # noqa: B010  # a type checker refuses the assignment


def _cancel_polling(at: int) -> None:
    """What a poll does once the client's coordination task has died inside a rebalance."""
    original = AIOKafkaConsumer.getmany
    polls = 0

    async def getmany(consumer: AIOKafkaConsumer, *partitions: object, **settings: object) -> object:
        nonlocal polls
        polls += consumer._group_id is not None
        if polls == at:
            raise asyncio.CancelledError
        return await original(consumer, *partitions, **settings)

    setattr(AIOKafkaConsumer, "getmany", getmany)  # noqa: B010  # a type checker refuses the assignment


async def main(order: Order) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    worker = worker_of(order)
    await worker.run(stop)


if __name__ == "__main__":
    order = msgspec.json.decode(sys.argv[1], type=Order)
    if order.mutant:
        from tests.chaos.mutants import apply

        apply(order.mutant)
    uvloop.run(main(order))
