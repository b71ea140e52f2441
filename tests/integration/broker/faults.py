"""What the tests of the embedded broker share."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil

from topics.broker import EmbeddedBroker
from topics.broker.distribution import Report
from topics.kafka import open_admin, open_reader, open_sender
from topics.runtime.step import Output

HEAP_MB = 256
LIMIT_SECONDS = 60.0


def until(condition: Callable[[], bool], seconds: float = LIMIT_SECONDS) -> bool:
    """True as soon as the condition holds, False when it did not within the limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def port_of(bootstrap: str) -> int:
    return int(bootstrap.rpartition(":")[2])


async def write(bootstrap: str, value: bytes) -> None:
    async with open_admin(bootstrap) as admin:
        await admin.create("test.blijft.v1", 1, 1, {})
    async with open_sender(bootstrap) as sender:
        await sender.send(Output("test.blijft.v1", b"k", value))


async def read(bootstrap: str) -> list[bytes | None]:
    async with open_reader(bootstrap, ["test.blijft.v1"]) as reader:
        return [record.value async for record in reader.to_end()]


class CopyOfCache:
    """A fetch that takes the jars from the user's cache, so that a test may spoil a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.jars = EmbeddedBroker(folder).prepare().jars

    def __call__(self, _jars: object, into: Path, _report: Report) -> None:
        for jar in self.jars:
            (into / jar.name).write_bytes(jar.read_bytes())
