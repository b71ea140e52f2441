"""A bus of its own names on the tests' broker: measures and signals in, the tables of measure out."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, cast

import msgspec
from aiokafka import AIOKafkaProducer

from chain.kengetallen import Meting, groep_of, interval_of
from chain.measure import rij
from chain.measure.app import Counted, Measure, Telpaar
from chain.measure.driver import Consumer
from chain.measure.rij import AFSLUITING, Onleesbaar, Rij, Signaalstand, interval_key
from chain.measure.teller import Doorlooptijdteller, Signaalteller
from topics.catalogue.declarations import DOORLOOPTIJD, KPI, MEASURE_TABLES, SIGNAAL, by_name, changelog_topic
from topics.catalogue.topic import SINGLE
from topics.deadletters import Letter
from topics.documents import Document, ce_type, encode
from topics.documents.keten import AanZet, Doorlooptijd, Signaal, Stand
from topics.envelope import Envelope
from topics.errors import Unavailable
from topics.kafka import Write, open_admin, open_reader, open_sender, partition_for
from topics.runtime.step import Record

PARTITIONS: Final = 4
LIMIT: Final = 60.0
START: Final = datetime(2026, 3, 2, 8, tzinfo=UTC)
CLIENT, CONTRACTORS = "8799999000017", ("8799999000024", "8799999000031")
MATEN: Final = ("acceptatie", "technisch-gereed", "gehele-keten")

Table = dict[int, dict[bytes, Rij]]


def revisies(orders: int, seed: int = 1) -> list[Doorlooptijd]:
    """Every revision of three measures of each order, in the order in which a log has them."""
    chance = random.Random(seed)
    found = []
    for number in range(orders):
        dossier = f"onderhoud/opdracht/{CLIENT}/ZL-{number}"
        begin = START + timedelta(minutes=17 * number)
        for maat in MATEN:
            first = Doorlooptijd(
                dossier=dossier,
                keten="onderhoud",
                maat=maat,
                revisie=0,
                stand=Stand.OPEN,
                opdrachtgever=CLIENT,
                aannemer=chance.choice(CONTRACTORS),
                begin=begin,
                soort="reparatie",
                urgentie=chance.choice(("spoed", "regulier")),
                deadline=begin + timedelta(days=2),
            )
            found.append(first)
            if chance.random() < 0.7:
                hours = chance.randrange(1, 100)
                found.append(closed(first, 1, hours))
                if chance.random() < 0.2:
                    found.append(closed(first, 2, hours + 5))
            elif chance.random() < 0.2:
                found.append(closed(first, 1, 1, chance.choice((Stand.VERVALLEN, Stand.INGETROKKEN))))
            elif chance.random() < 0.3:
                last = closed(first, 1, chance.randrange(1, 100), Stand.OPEN)
                found.append(msgspec.structs.replace(last, eind=None, uitgebleven=last.eind))
    return found


def closed(first: Doorlooptijd, revisie: int, hours: int, stand: Stand = Stand.GESLOTEN) -> Doorlooptijd:
    return Doorlooptijd(
        dossier=first.dossier,
        keten=first.keten,
        maat=first.maat,
        revisie=revisie,
        stand=stand,
        opdrachtgever=first.opdrachtgever,
        aannemer=first.aannemer,
        begin=first.begin,
        eind=first.begin + timedelta(hours=hours),
        soort=first.soort,
        urgentie=first.urgentie,
        deadline=first.deadline,
        bruto_seconden=hours * 3600,
        netto_seconden=hours * 1800,
        werkdagen=hours // 24,
        aan_zet_seconden={AanZet.AANNEMER: hours * 3600},
    )


def signaal(number: int, *, ingetrokken: bool = False) -> Signaal:
    return Signaal(
        id=f"s{number}",
        dossier=f"onderhoud/opdracht/{CLIENT}/ZL-{number}",
        keten="onderhoud",
        soort="norm-overschreden",
        sinds=START,
        tekst="te laat",
        maat="acceptatie",
        tegen=CONTRACTORS[0],
        ingetrokken=ingetrokken,
    )


def expected(documents: Iterable[Doorlooptijd], partition: Callable[[Doorlooptijd], int] | None = None) -> Table:
    """What the table of intervals must be: the last revision of each, in the partition of its key."""
    found: Table = {number: {} for number in range(PARTITIONS)}
    for one in documents:
        number = partition_for(one.dossier.encode(), PARTITIONS) if partition is None else partition(one)
        key = interval_key(one.dossier, one.maat, one.subnummer).encode()
        row = Meting(one.revisie, groep_of(one), interval_of(one))
        if rij.later(row, found[number].get(key)):
            found[number][key] = row
    return found


@dataclass
class Meetbaan:
    """`word`: in the names of its topics and group."""

    bootstrap: str
    word: str
    sent: int = field(default=0)

    @property
    def doorlooptijd(self) -> str:
        return f"keten.doorlooptijd-{self.word}.v1"

    @property
    def signaal(self) -> str:
        return f"keten.signaal-{self.word}.v1"

    @property
    def kpi(self) -> str:
        return f"keten.kpi-{self.word}.v1"

    @property
    def changelogs(self) -> tuple[str, str]:
        return f"{self.word}-doorlooptijd.toestand.v1", f"{self.word}-signaal.toestand.v1"

    @property
    def group(self) -> str:
        return f"measure-{self.word}"

    async def prepare(self) -> None:
        """Topics as the catalogue has them, under other names."""
        own = {
            self.doorlooptijd: DOORLOOPTIJD,
            f"{self.doorlooptijd}.dlq": f"{DOORLOOPTIJD}.dlq",
            self.signaal: SIGNAAL,
            f"{self.signaal}.dlq": f"{SIGNAAL}.dlq",
            self.kpi: KPI,
            **dict(zip(self.changelogs, map(changelog_topic, MEASURE_TABLES), strict=True)),
        }
        async with open_admin(self.bootstrap) as admin:
            for name, like in own.items():
                topic = by_name(like)
                await admin.create(name, SINGLE.partitions(topic.width), 1, topic.config(SINGLE))
        await until(lambda: self._led(own), "the topics have leaders")

    async def _led(self, topics: Iterable[str]) -> bool:
        try:
            async with open_reader(self.bootstrap, topics) as reader:
                return len(await reader.ends()) > 0
        except Unavailable:
            return False

    def paren(self, teller: Doorlooptijdteller | None = None) -> tuple[Telpaar, ...]:
        tellers = (teller or Doorlooptijdteller(self.doorlooptijd), Signaalteller(self.signaal))
        return tuple(Telpaar(one, changelog) for one, changelog in zip(tellers, self.changelogs, strict=True))

    # -- in

    def write(self, document: Document, key: str, partition: int | None = None, known: datetime = START) -> Write:
        """`known`: when it was recorded."""
        self.sent += 1
        envelope = Envelope(
            id=f"e{self.sent}",
            source="test",
            type=ce_type(type(document)),
            time=known,
            recorded_time=known,
            subject=key,
        )
        return self.raw(key.encode(), encode(document), envelope.headers(), partition, type(document))

    def raw(
        self,
        key: bytes,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]],
        partition: int | None = None,
        of: type[Document] = Doorlooptijd,
    ) -> Write:
        topic = self.signaal if of is Signaal else self.doorlooptijd
        number = partition_for(key, PARTITIONS) if partition is None else partition
        return Write(topic, number, key, value, headers, int(START.timestamp() * 1000))

    async def feed(self, *documents: Doorlooptijd | Signaal, known: datetime = START) -> None:
        await self.send([self.write(one, one.dossier, known=known) for one in documents])

    async def send(self, writes: Sequence[Write]) -> None:
        async with open_sender(self.bootstrap) as sender:
            await sender.send_all(writes)

    async def transact(self, writes: Sequence[Write], *, commit: bool) -> None:
        """All of them in one transaction, committed or aborted."""
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=f"{self.word}-feeds")
        await producer.start()
        try:
            await producer.begin_transaction()
            for one in writes:
                await producer.send_and_wait(
                    one.topic, one.value, key=one.key, partition=one.partition, headers=list(one.headers)
                )
            await (producer.commit_transaction() if commit else producer.abort_transaction())
        finally:
            await producer.stop()

    # -- out

    async def records(self, topic: str) -> list[Record]:
        async with open_reader(self.bootstrap, [topic]) as reader:
            return [record async for record in reader.to_end()]

    async def table(self) -> Table:
        """The table of intervals as its changelog has it: what a worker would find after a restart; without how far it is
        closed."""
        found: Table = {number: {} for number in range(PARTITIONS)}
        for record in await self.records(self.changelogs[0]):
            found[record.partition].pop(record.key, None)
            if record.value is not None and record.key != AFSLUITING.encode():
                found[record.partition][record.key] = rij.decode(record.value)
        return found

    async def letters(self) -> list[tuple[Record, Letter]]:
        records = await self.records(f"{self.doorlooptijd}.dlq") + await self.records(f"{self.signaal}.dlq")
        return [(record, Letter.read(record.headers)) for record in records]


@asynccontextmanager
async def counting(
    baan: Meetbaan, teller: Doorlooptijdteller | None = None, listener: Counted | None = None
) -> AsyncIterator[Measure]:
    """A worker that counts, in this process; started when the block begins, stopped in order at its end."""
    async with open_sender(baan.bootstrap) as sender:
        measure = Measure(baan.bootstrap, sender, PARTITIONS, session=3.0, group=baan.group, paren=baan.paren(teller))
        if listener is not None:
            measure.listen(listener)
        await measure.start()
        try:
            yield measure
        finally:
            await measure.stop()


async def until(condition: Callable[[], bool | Awaitable[bool]], what: str, limit: float = LIMIT) -> None:
    end = time.monotonic() + limit
    while True:
        held = condition()
        if await held if isinstance(held, Awaitable) else held:
            return
        assert time.monotonic() < end, f"not within {limit:.0f} s: {what}"
        await asyncio.sleep(0.05)


async def counted(baan: Meetbaan, *workers: Measure) -> None:
    """Until everything that is on both topics now is counted by one of the workers."""
    async with open_reader(baan.bootstrap, [baan.doorlooptijd, baan.signaal]) as reader:
        ends = await reader.ends()

    def everything() -> bool:
        done = set()
        for worker in workers:
            if worker.failed.done():
                worker.failed.result()
            consumer = cast(Consumer, worker.app.consumer)
            for tp in consumer.assignment():
                at, fetched = (tp.topic, tp.partition), consumer.gehaald.get(tp)
                if at in ends and fetched is not None and fetched.volgende >= ends[at] and consumer.achter(tp) == 0:
                    done.add(at)
        return done == ends.keys()

    await until(everything, "everything is counted")


def rows(*workers: Measure) -> Table:
    """The tables of intervals that workers have in memory, together; without how far they are closed."""
    found: Table = {}
    for worker in workers:
        for partition, kept in worker.tables[worker.first].rijen.rows.items():
            assert partition not in found, f"partition {partition} is with two workers"
            found[partition] = {key: row for key, row in kept.items() if key != AFSLUITING.encode()}
    return found


def without_unreadable(table: Mapping[int, Mapping[bytes, Rij]]) -> Table:
    return {
        partition: {key: row for key, row in kept.items() if not isinstance(row, Onleesbaar)}
        for partition, kept in table.items()
    }


def standing(worker: Measure, topic: str) -> set[str]:
    """Ids of the signals that stand."""
    return {
        key.decode()
        for kept in worker.tables[topic].rijen.rows.values()
        for key, row in kept.items()
        if isinstance(row, Signaalstand) and row.open
    }


def differences(found: Table, wanted: Table) -> list[tuple[int, bytes, object, object]]:
    """Partition, key, and the two rows, of every row that is not the same."""
    keys = {(partition, key) for table in (found, wanted) for partition, kept in table.items() for key in kept}
    pairs = [(*at, found.get(at[0], {}).get(at[1]), wanted.get(at[0], {}).get(at[1])) for at in sorted(keys)]
    return [one for one in pairs if one[2] != one[3]]
