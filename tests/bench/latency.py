"""From a message at the intake to its dossier before a reader of `keten.dossier.v1`, with the whole bus running.

Messages are due at fixed moments and time counts from then, so that a stall is not hidden by a sender who waits for it.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import aiohttp

from adapters.demo.bus import Bus, running
from tests.bench.figures import Bound, Figure, Measured
from tests.integration.bus.load import Message, messages
from topics.broker.machine import choose_base
from topics.catalogue.declarations import DOSSIER
from topics.errors import Unavailable
from topics.kafka import Reader, open_reader
from topics.processes.table import OFFSETS

RATE: Final = 200
SECONDS: Final = 20
WARM_UP: Final = 40
WAVE: Final = 50
"""Orders whose messages go wave by wave, so that an order comes before its statuses, as it mostly does."""
CONNECTIONS: Final = 32
PATIENCE: Final = 60.0
_PER_ORDER: Final = 4


def bench(folder: Path, tell: Callable[[str], None]) -> Measured:
    """Starts the whole bus in `folder` and stops it. Raises Unavailable when a message never reaches its dossier."""
    with running(folder, os.environ, tell, choose_base(OFFSETS)) as bus:
        found = sorted(asyncio.run(_load(bus)))
    half, most = found[len(found) // 2] * 1000, found[int(len(found) * 0.99)] * 1000
    figures = [
        Figure(name=f"intake to dossier, p50 at {RATE}/s", value=half, unit="ms", required=100, bound=Bound.AT_MOST),
        Figure(name=f"intake to dossier, p99 at {RATE}/s", value=most, unit="ms", required=250, bound=Bound.AT_MOST),
    ]
    how = f"all processes of the table, one partner pair, {SECONDS} s after {WARM_UP} s of warming up, plain JSON form"
    return Measured(figures, how, {"messages": len(found), "max_ms": round(found[-1] * 1000, 1)})


def _sent() -> list[Message]:
    """In the order in which they go."""
    wanted = RATE * (SECONDS + WARM_UP)
    orders: list[list[Message]] = []
    source = messages(wanted // _PER_ORDER, "L", invoices=False)
    while own := list(islice(source, _PER_ORDER)):
        # the load also has orders whose statuses come first: here they come last
        orders.append(own if own[0].nummer.startswith("O") else own[::-1])
    return [
        orders[number][step]
        for first in range(0, len(orders), WAVE)
        for step in range(_PER_ORDER)
        for number in range(first, min(first + WAVE, len(orders)))
    ]


async def _load(bus: Bus) -> list[float]:
    """Seconds per message."""
    due_at: dict[bytes, float] = {}
    seen: dict[bytes, float] = {}
    load = _sent()
    queue: asyncio.Queue[tuple[float, Message] | None] = asyncio.Queue()
    async with open_reader(bus.bootstrap, [DOSSIER]) as reader:
        looking = asyncio.create_task(_look(reader, seen, due_at, len(load)))
        async with _client(bus) as client:
            posting = [asyncio.create_task(_post(client, bus, queue, due_at)) for _ in range(CONNECTIONS)]
            start = time.monotonic()
            for number, message in enumerate(load):
                due = start + number / RATE
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                queue.put_nowait((due, message))
            for _ in posting:
                queue.put_nowait(None)
            await asyncio.gather(*posting)
        await looking
    return [seen[id_] - due for id_, due in due_at.items() if due >= start + WARM_UP]


def _client(bus: Bus) -> aiohttp.ClientSession:
    """aiohttp: the pool of httpx answers 95 requests/s over 32 connections here, less than what is to be measured."""
    return aiohttp.ClientSession(
        bus.url,
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=PATIENCE),
    )


async def _post(
    client: aiohttp.ClientSession,
    bus: Bus,
    queue: "asyncio.Queue[tuple[float, Message] | None]",
    due_at: dict[bytes, float],
) -> None:
    while (item := await queue.get()) is not None:
        due, message = item
        headers = {"Authorization": f"Bearer {bus.keys[message.partner]}", "Content-Type": "application/json"}
        async with client.post("/v1/berichten", data=message.body, headers=headers) as answer:
            if answer.status != 202:
                raise Unavailable(f"{message.nummer}: {answer.status} {await answer.text()}")
            due_at[str((await answer.json())["id"]).encode()] = due


async def _look(reader: Reader, seen: dict[bytes, float], due_at: Mapping[bytes, float], wanted: int) -> None:
    """When each receipt was first seen in a dossier. Raises Unavailable when nothing comes any more."""
    last = time.monotonic()
    while len(due_at) < wanted or not due_at.keys() <= seen.keys():
        records = await reader.poll(0.5)
        now = time.monotonic()
        for record in records:
            seen.setdefault(dict(record.headers)["ce_correlationid"], now)
        last = now if records else last
        if now - last > PATIENCE:
            raise Unavailable(f"{len(seen)} of {wanted} messages reached a dossier, then none for {PATIENCE:.0f} s")
