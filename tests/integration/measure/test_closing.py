"""Months that close on a real broker: rows go, figures stay, and a worker that dies meanwhile leaves the same table."""

import asyncio
from datetime import UTC, datetime, timedelta

from chain.kalender import micros
from chain.kengetallen import Meting
from chain.measure.rij import Gevouwen
from chain.measure.teller import HORIZON
from tests.integration.measure.meetbaan import (
    CLIENT,
    CONTRACTORS,
    PARTITIONS,
    START,
    Meetbaan,
    closed,
    counted,
    counting,
    revisies,
    rows,
    until,
)
from tests.integration.measure.test_kpi import Worker, adding_up, on_the_topic
from tests.integration.measure.test_workers import process
from tests.runtime.cluster import delete_topic, move_group
from topics.documents.keten import Doorlooptijd, Kpi, Stand
from topics.kafka import partition_for

LATER = datetime(2026, START.month + HORIZON + 1, 10, tzinfo=UTC)
"""In the first month in which that of START is closed."""
PEIL = micros(LATER + timedelta(days=1))
MARCH = f"{START:%Y-%m}"


def of_later() -> list[Doorlooptijd]:
    """An interval that begins at LATER, for every partition."""
    found: dict[int, Doorlooptijd] = {}
    for number in range(1_000, 1_200):
        dossier = f"onderhoud/opdracht/{CLIENT}/ZL-{number}"
        one = Doorlooptijd(
            dossier=dossier,
            keten="onderhoud",
            maat="acceptatie",
            revisie=0,
            stand=Stand.OPEN,
            opdrachtgever=CLIENT,
            aannemer=CONTRACTORS[0],
            begin=LATER,
        )
        found.setdefault(partition_for(dossier.encode(), PARTITIONS), one)
    assert len(found) == PARTITIONS
    return list(found.values())


async def of_march(baan: Meetbaan) -> dict[bytes, Kpi]:
    return {key: one for key, one in (await on_the_topic(baan)).items() if one.periode == MARCH}


async def told(worker: Worker) -> None:
    """Until a turn has told everything."""

    async def done() -> bool:
        worker.regie.opname = None
        await worker.regie.turn()
        return worker.regie.opname is not None

    await until(done, "a turn has told everything")


async def test_a_month_closes_without_a_change_of_its_figures_and_what_comes_after_it_is_told(baan: Meetbaan) -> None:
    documents = revisies(40)
    await baan.feed(*documents)
    async with adding_up(baan, PEIL) as worker:
        await counted(baan, worker.measure)
        await told(worker)
        before = await of_march(baan)
        assert sum(one.aantal - one.open for one in before.values()) > 0
        await baan.feed(*of_later(), known=LATER)
        await counted(baan, worker.measure)
        kept = [row for table in rows(worker.measure).values() for row in table.values()]
        assert {row.interval.open for row in kept if isinstance(row, Meting)} == {True}
        assert any(isinstance(row, Gevouwen) for row in kept)
        await told(worker)
        assert await of_march(baan) == before
        late = [closed(one, 9, 7) for one in documents if one.stand is Stand.GESLOTEN]
        await baan.feed(*late, known=LATER)
        await counted(baan, worker.measure)
        await told(worker)
        assert await of_march(baan) == before
        assert worker.regie.beeld is not None
        assert worker.regie.beeld.laat() == len(late)
    async with adding_up(baan, PEIL) as after:
        records = len(await baan.records(baan.kpi))
        await told(after)
        assert len(await baan.records(baan.kpi)) == records
        shown = after.publicatie.laatste({"periode": MARCH, "maat": "acceptatie"})
        assert sorted(shown, key=repr) == sorted((one for one in before.values() if one.maat == "acceptatie"), key=repr)


async def test_a_worker_killed_while_it_closes_a_rebuild_and_a_redelivery_end_in_one_table(baan: Meetbaan) -> None:
    documents = revisies(80)
    await baan.feed(*documents)
    await baan.feed(*of_later(), known=LATER)
    # each partition is said to be closed once at its first record, in two rows; what is folded comes after all that
    async with process(baan, len(documents) + 2 * PARTITIONS + 30) as killed, asyncio.timeout(60):
        assert await killed.wait() == -9
    async with counting(baan) as measure:
        await counted(baan, measure)
        found = rows(measure)
    assert await baan.table() == found
    kept = [row for table in found.values() for row in table.values()]
    assert {row.interval.open for row in kept if isinstance(row, Meting)} == {True}
    assert sum(isinstance(row, Gevouwen) for row in kept) >= PARTITIONS
    written = [len(await baan.records(changelog)) for changelog in baan.changelogs]
    await from_the_beginning(baan)
    async with counting(baan) as measure:
        await counted(baan, measure)
        assert rows(measure) == found
    assert [len(await baan.records(changelog)) for changelog in baan.changelogs] == written
    for changelog in baan.changelogs:
        await delete_topic(baan.bootstrap, changelog)
    await baan.prepare()
    await from_the_beginning(baan)
    async with counting(baan) as measure:
        await counted(baan, measure)
        assert rows(measure) == found
    assert await baan.table() == found


async def from_the_beginning(baan: Meetbaan) -> None:
    for partition in range(PARTITIONS):
        for topic in (baan.doorlooptijd, baan.signaal):
            await move_group(baan.bootstrap, baan.group, topic, partition, 0)
