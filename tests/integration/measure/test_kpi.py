"""Key figures on the topic: those that everybody counts who reads the measures, however many workers there are."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import httpx
from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette

from chain.doorlooptijden.kalenders import Kalenders
from chain.doorlooptijden.rapport import regels
from chain.kalender import micros
from chain.kengetallen import Groep, Laatste
from chain.kengetallen.cijfers import Dagen
from chain.kengetallen.tijdvak import maand, maand_van, venster
from chain.measure import kpi
from chain.measure.app import Measure
from chain.measure.figures import MeasureFigures
from chain.measure.publicatie import Publicatie
from chain.measure.regie import Regie
from chain.measure.web import pages
from tests.integration.measure.meetbaan import (
    CLIENT,
    PARTITIONS,
    START,
    Meetbaan,
    closed,
    counted,
    counting,
    revisies,
    rows,
    signaal,
    until,
)
from topics.documents import decode
from topics.documents.keten import Doorlooptijd, Kpi
from topics.kafka import open_sender

PEIL = micros(START + timedelta(days=12))


async def dagen() -> Callable[[Groep], Dagen]:
    return Kalenders(None).dagen


@dataclass
class Worker:
    measure: Measure
    regie: Regie
    publicatie: Publicatie


@asynccontextmanager
async def adding_up(baan: Meetbaan, peil: int = PEIL) -> AsyncIterator[Worker]:
    async with AsyncExitStack() as stack:
        sender = await stack.enter_async_context(open_sender(baan.bootstrap))
        measure = await stack.enter_async_context(counting(baan))
        publicatie = Publicatie(baan.bootstrap, sender, baan.kpi)
        regie = Regie(baan.bootstrap, measure, lambda: peil, publicatie, dagen)
        stack.push_async_callback(regie.close)
        yield Worker(measure, regie, publicatie)


async def on_the_topic(baan: Meetbaan) -> dict[bytes, Kpi]:
    found: dict[bytes, Kpi] = {}
    for record in await baan.records(baan.kpi):
        if record.value is None:
            del found[record.key]
        else:
            document = decode(record.envelope().type, record.value)
            assert isinstance(document, Kpi)
            found[record.key] = document
    return found


def asked(documents: Sequence[Doorlooptijd]) -> dict[bytes, Kpi]:
    """What the command tells of the same measures, period by period."""
    laatste = Laatste()
    for one in documents:
        laatste.take(one)
    found = {}
    for tijdvak in (maand(maand_van(PEIL)), venster(30, PEIL), venster(90, PEIL)):
        for regel in regels(laatste.intervals(), tijdvak.periode, PEIL, Kalenders(None).dagen):
            key = kpi.key_of(regel.groep, tijdvak.naam)
            found[key] = kpi.document(regel.groep, tijdvak, regel.cijfers, PEIL)
    return found


async def turn_until(workers: Sequence[Worker], baan: Meetbaan, wanted: dict[bytes, Kpi]) -> None:
    async def same() -> bool:
        for worker in workers:
            await worker.regie.turn()
        return await on_the_topic(baan) == wanted

    await until(same, "the figures on the topic are those of the measures")


async def test_what_is_published_is_what_the_command_tells_and_is_taken_back_when_it_changes(baan: Meetbaan) -> None:
    documents = revisies(40)
    await baan.feed(*documents)
    async with adding_up(baan) as worker:
        await counted(baan, worker.measure)
        await turn_until([worker], baan, asked(documents))
        before = len(await baan.records(baan.kpi))
        await worker.regie.turn()
        assert len(await baan.records(baan.kpi)) == before
        moved = [closed(one, 9, 30) for one in documents if one.revisie == 0 and one.aannemer.endswith("31")]
        other = [
            Doorlooptijd(**{name: getattr(one, name) for name in one.__struct_fields__} | {"soort": "planmatig"})
            for one in moved
        ]
        await baan.feed(*other)
        await counted(baan, worker.measure)
        await turn_until([worker], baan, asked([*documents, *other]))
    async with adding_up(baan) as after:
        records = len(await baan.records(baan.kpi))
        await turn_until([after], baan, asked([*documents, *other]))
        assert len(await baan.records(baan.kpi)) == records


async def test_two_workers_publish_the_figures_of_both_their_parts(baan: Meetbaan) -> None:
    documents = revisies(40)
    half = len(documents) // 2
    await baan.feed(*documents[:half])
    async with adding_up(baan) as one, adding_up(baan) as other:
        both = (one, other)
        await until(lambda: {len(rows(worker.measure)) for worker in both} == {PARTITIONS // 2}, "both have half")
        await counted(baan, one.measure, other.measure)
        await turn_until(both, baan, asked(documents[:half]))
        await baan.feed(*documents[half:])
        await counted(baan, one.measure, other.measure)
        await turn_until(both, baan, asked(documents))
        assert sorted(worker.regie.opname is not None for worker in both) == [False, True]


async def test_a_scrape_and_the_page_show_the_rows_as_they_were_added_up(baan: Meetbaan) -> None:
    documents = revisies(40)
    await baan.feed(*documents, signaal(1), signaal(2), signaal(2, ingetrokken=True))
    async with adding_up(baan) as worker:
        await counted(baan, worker.measure)
        await turn_until([worker], baan, asked(documents))
        regie = worker.regie
        registry = CollectorRegistry()
        lag = {at: behind for at, behind in worker.measure.lag().items() if behind is not None}
        names = {CLIENT: "zilverlinde"}
        registry.register(
            MeasureFigures(
                lambda: regie.opname, lambda: lag, lambda: {}, lambda: 3, lambda: PEIL, lambda gln: names.get(gln, gln)
            )
        )
        scraped = dict(
            line.rsplit(" ", 1) for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")
        )
        app = Starlette(routes=list(pages(worker.publicatie.laatste)))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://measure") as client:
            shown = (await client.get("/kpi", params={"maat": "acceptatie", "periode": "30d"})).json()
            refused = await client.get("/kpi", params={"maand": "1"})
    wanted = [one for one in asked(documents).values() if (one.maat, one.periode) == ("acceptatie", "30d")]
    assert sum(one["aantal"] for one in shown) == sum(one.aantal for one in wanted) > 0
    assert {one.get("waarde") and Decimal(one["waarde"]) for one in shown} == {one.waarde for one in wanted}
    assert refused.status_code == 400
    ended = [value for name, value in scraped.items() if name.startswith("ketenbus_doorlooptijd_seconds_gcount")]
    assert sum(map(float, ended)) > 0
    assert any('opdrachtgever="zilverlinde"' in name for name in scraped)
    laatste = Laatste()
    for one in documents:
        laatste.take(one)
    opened = [groep for groep, interval in laatste.intervals() if interval.open]
    count = [value for name, value in scraped.items() if name.startswith("ketenbus_open_intervallen{")]
    assert sum(map(float, count)) == len(opened)
    late = [interval for groep, interval in laatste.intervals() if interval.open and interval.verstreken(PEIL)]
    assert sum(float(v) for n, v in scraped.items() if n.startswith("ketenbus_open_te_laat{")) == len(late) > 0
    assert sum(float(v) for n, v in scraped.items() if n.startswith("ketenbus_open_leeftijd_seconds_gcount")) == len(
        opened
    )
    assert [value for name, value in scraped.items() if name.startswith("ketenbus_signalen_open{")] == ["1.0"]
    assert {value for name, value in scraped.items() if name.startswith("ketenbus_measure_lag_records{")} == {"0.0"}
    assert scraped["ketenbus_measure_laat"] == "3.0"
