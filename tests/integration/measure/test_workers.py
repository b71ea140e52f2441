"""Workers that die, come and go, and a table that is made anew: always the same table."""

import asyncio
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from tests.integration.measure.measure_process import Order
from tests.integration.measure.meetbaan import (
    PARTITIONS,
    Meetbaan,
    counted,
    counting,
    differences,
    expected,
    revisies,
    rows,
    until,
)
from tests.runtime.cluster import delete_topic, move_group


@asynccontextmanager
async def process(baan: Meetbaan, kill_at: int = 0) -> AsyncIterator[Process]:
    order = Order(bootstrap=baan.bootstrap, word=baan.word, kill_at=kill_at)
    words = (sys.executable, "-m", "tests.integration.measure.measure_process", msgspec.json.encode(order).decode())
    started = await asyncio.create_subprocess_exec(*words)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def test_a_worker_killed_in_the_middle_of_a_batch_leaves_nothing_out_and_nothing_double(baan: Meetbaan) -> None:
    documents = revisies(300)
    await baan.feed(*documents)
    kept = sum(len(kept) for kept in expected(documents).values())
    async with process(baan, kept // 2) as killed, asyncio.timeout(60):
        assert await killed.wait() == -9
    async with counting(baan) as measure:
        await counted(baan, measure)
        assert rows(measure) == expected(documents)
    assert await baan.table() == expected(documents)


async def test_when_a_worker_leaves_the_other_has_its_part_of_the_table(baan: Meetbaan) -> None:
    documents = revisies(150)
    third = len(documents) // 3
    await baan.feed(*documents[:third])
    async with counting(baan) as stays:
        await counted(baan, stays)
        async with counting(baan) as leaves:
            await baan.feed(*documents[third : 2 * third])
            await until(lambda: len(rows(stays)) == len(rows(leaves)) == PARTITIONS // 2, "both have half")
            await counted(baan, stays, leaves)
            assert differences(rows(stays, leaves), expected(documents[: 2 * third])) == []
        await baan.feed(*documents[2 * third :])
        await until(lambda: len(rows(stays)) == PARTITIONS, "one has everything")
        await counted(baan, stays)
        assert differences(rows(stays), expected(documents)) == []
    assert await baan.table() == expected(documents)


async def test_a_rebuild_from_the_beginning_gives_the_same_table(baan: Meetbaan) -> None:
    documents = revisies(60)
    await baan.feed(*documents)
    async with counting(baan) as measure:
        await counted(baan, measure)
    before = await baan.table()
    for changelog in baan.changelogs:
        await delete_topic(baan.bootstrap, changelog)
    await baan.prepare()
    for partition in range(PARTITIONS):
        for topic in (baan.doorlooptijd, baan.signaal):
            await move_group(baan.bootstrap, baan.group, topic, partition, 0)
    async with counting(baan) as measure:
        await counted(baan, measure)
        assert rows(measure) == before == expected(documents)
    assert await baan.table() == before
