"""Who adds up: one worker has everything, so that a figure of a pair is one figure, however many workers count.

Quantiles do not add up over partitions. The worker that has the first partition of `keten.doorlooptijd.v1` adds up its
own rows, and reads those of the others from their changelogs; it alone publishes and shows figures.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from chain.kengetallen import Groep
from chain.kengetallen.cijfers import Dagen
from chain.measure import rij
from chain.measure.app import Measure
from chain.measure.beeld import Beeld
from chain.measure.opname import Momentopname, Opname
from chain.measure.publicatie import Publicatie
from chain.measure.rij import Rij
from chain.measure.tabel import Partitie
from topics.errors import Unavailable
from topics.kafka import Position, open_reader
from topics.runtime.step import Record

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 2_000
"""Rows between two turns of everybody else."""
_REST: Final = 4
"""How many times as long as a turn took until the next one: counting comes first, also of a million intervals."""
_POLL: Final = 0.5
_BACK_OFF: Final = 2.0


class Regie:
    """The sum of all rows, as long as it is this worker's to make; and what follows from it. `beeld` and `opname` are None
    while another worker adds up, or not everything has been read."""

    def __init__(
        self,
        bootstrap: str,
        measure: Measure,
        peil: Callable[[], int | None],
        publicatie: Publicatie,
        dagen: Callable[[], Awaitable[Callable[[Groep], Dagen]]],
    ) -> None:
        """`peil`: up to when figures stand, None while that is not known. `dagen`: asked at every turn, so that profiles that changed count."""
        self._bootstrap, self._measure = bootstrap, measure
        self._peil, self._publicatie, self._dagen = peil, publicatie, dagen
        self._sum_of: Mapping[str, int] = {}
        self._not_before = 0.0
        self._following: asyncio.Task[None] | None = None
        self._read = asyncio.Event()
        self._laat = 0
        self._geteld = Opname()
        self.beeld: Beeld | None = None
        self.opname: Momentopname | None = None
        measure.listen(self._counted)

    @property
    def leads(self) -> bool:
        return 0 in self._measure.tables[self._measure.first].rijen.rows

    async def turn(self) -> None:
        """Add up, publish. Raises Unavailable, and StateCorrupt for a row of a newer release."""
        restored = self._restored()
        if restored != self._sum_of:
            await self.close()
            if self.leads:
                await self._add_up()
            self._sum_of = restored
        if self._following is not None and self._following.done():
            self._following.result()
        peil, loop = self._peil(), asyncio.get_running_loop()
        if self.beeld is None or peil is None or not self._read.is_set() or loop.time() < self._not_before:
            return
        began = loop.time()
        try:
            sent = await self._publish(self.beeld, peil)
        except Unavailable:
            self.beeld.telling.opnieuw()
            raise
        self._not_before = loop.time() + _REST * (loop.time() - began)
        if sent:
            log.debug("measure.published", sent=sent)
        laat = self.beeld.laat()
        if laat > self._laat:
            log.warning("measure.late", records=laat - self._laat, why="what they are about began in a closed month")
        self._laat = laat

    async def close(self) -> None:
        """Add up no longer."""
        self.beeld = self.opname = None
        self._geteld = Opname()
        self._not_before = 0.0
        self._publicatie.forget()
        self._read.clear()
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            await asyncio.wait([following])

    def _restored(self) -> dict[str, int]:
        """Changes with every rebalance."""
        return {topic: table.rijen.restored for topic, table in self._measure.tables.items()}

    def _counted(self, topic: str, partitie: Partitie, key: bytes, row: Rij | None) -> None:
        if self.beeld is not None:
            self.beeld.take(topic, partitie, key, row)

    async def _add_up(self) -> None:
        self.beeld = beeld = Beeld(self._measure.pakker)
        others: dict[Position, str] = {}
        for topic, table in self._measure.tables.items():
            own = table.rijen.rows
            changelog = self._measure.changelogs[topic]
            others |= {(changelog, number): topic for number in range(self._measure.partitions) if number not in own}
            for partitie in tuple(own.values()):
                for number, _ in enumerate(beeld.whole(topic, partitie)):
                    if number % _AT_ONCE == 0:
                        await asyncio.sleep(0)
        self._laat = beeld.laat()
        if others:
            self._following = asyncio.create_task(self._follow(beeld, others))
        else:
            self._read.set()

    async def _follow(self, beeld: Beeld, others: Mapping[Position, str]) -> None:
        """Rows that other workers keep, as they come. `others`: partitions of changelogs, and what they count."""
        kept = {at: Partitie(at[1], self._measure.pakker) for at in others}

        def take(record: Record) -> None:
            at = record.topic, record.partition
            row = None if record.value is None else rij.decode(record.value)
            kept[at].keep(record.key, row)
            beeld.take(others[at], kept[at], record.key, row)

        try:
            async with open_reader(self._bootstrap, {topic for topic, _ in others}, only=others) as reader:
                async for record in reader.to_end():
                    take(record)
                self._laat = beeld.laat()
                self._read.set()
                while True:
                    for record in await reader.poll(_POLL):
                        take(record)
        except Unavailable as error:
            log.warning("measure.others-away", code=error.code, error=str(error))
            await asyncio.sleep(_BACK_OFF)
            # what went meanwhile may be compacted away: all of it is read anew
            self._sum_of = {}

    async def _publish(self, beeld: Beeld, peil: int) -> int:
        """The figures of every pair of which they may have changed; how many documents were sent. Not all of them where a
        partition begins to close months meanwhile: the next turn goes on."""
        geteld, dagen, sent = self._geteld, await self._dagen(), 0
        if beeld.bezig():
            return 0
        for paar, tijdvak, found in geteld.tel(beeld.telling, peil, dagen):
            sent += await self._publicatie.publish(paar, tijdvak, found, peil)
            await asyncio.sleep(0)
            # who leads now must not find older figures of this worker behind its own
            if beeld.bezig() or not self.leads or self._restored() != self._sum_of:
                return sent
        sent += await self._publicatie.rest()
        self.opname = geteld.made(peil, beeld.signalen())
        return sent
