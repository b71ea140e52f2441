"""A broker of these tests' own, with the catalogue's topics: the processes read all of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from topics.broker import EmbeddedBroker
from topics.broker.machine import choose_port
from topics.catalogue.apply import apply
from topics.catalogue.topic import SINGLE
from topics.kafka import open_admin

LIMIT_SECONDS = 120.0


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(tmp_path_factory.mktemp("broker") / "data", heap_mb=256) as broker:
        asyncio.run(_topics(broker.start()))
        yield broker


async def _topics(bootstrap: str) -> None:
    async with open_admin(bootstrap) as admin:
        await apply(admin, SINGLE)


@pytest.fixture
def bus(own_broker: EmbeddedBroker) -> str:
    """Address of a running broker with all topics."""
    return own_broker.start()


Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture
def until() -> Until:
    """Waits for a condition; fails when it does not hold in time."""

    async def wait(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + LIMIT_SECONDS
        while not condition():
            assert time.monotonic() < end, "the condition did not hold in time"
            await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def unused_port() -> int:
    return choose_port(())
