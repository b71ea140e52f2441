"""The decider as a process that does itself harm at a point of a transaction: `python -m … '<Order as JSON>'`."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec
import uvloop
from prometheus_client import CollectorRegistry

from chain.besluit.processor import Decider
from topics.blobs import FolderBlobs
from topics.kafka import GroupSettings
from topics.runtime.batch import Limits
from topics.runtime.metrics import WorkerMetrics
from topics.runtime.task import TaskSettings
from topics.runtime.worker import Worker, WorkerSettings


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """`point`: of the worker's hook, at whose `count`th visit the process kills itself; empty: never."""

    bootstrap: str
    blobs: str
    point: str = ""
    count: int = 1


async def main(order: Order) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    visits = 0

    async def hook(point: str) -> None:
        nonlocal visits
        visits += point == order.point
        if point == order.point and visits == order.count:
            os.kill(os.getpid(), signal.SIGKILL)

    # few steps a transaction: the kill falls between decisions on the same letter
    task = TaskSettings(limits=Limits(steps=3), transaction_ms=6000, back_off=(0.05, 1.0))
    settings = WorkerSettings(group=GroupSettings(instance="a"), task=task)
    blobs, metrics = FolderBlobs(Path(order.blobs)), WorkerMetrics(CollectorRegistry())
    await Worker(Decider(), order.bootstrap, blobs, metrics, settings, hook=hook).run(stop)


if __name__ == "__main__":
    uvloop.run(main(msgspec.json.decode(sys.argv[1], type=Order)))
