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
from chain.measure import kpi
from chain.measure.app import Measure
from chain.measure.beeld import Beeld
from chain.measure.figures import Momentopname, Opname, maten
from chain.measure.peil import Peil
from chain.measure.publicatie import Publicatie
from chain.measure.rij import Rij
from topics.catalogue.declarations import DOORLOOPTIJD
from topics.documents.keten import Kpi

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 2_000
"""Rows or groups between two turns of everybody else."""


class Regie:
    """The sum of all rows, as long as it is this worker's to make; and what follows from it."""

    def __init__(
        self,
        bootstrap: str,
        measure: Measure,
        partitions: int,
        peil: Peil,
        publicatie: Publicatie,
        dagen: Callable[[], Awaitable[Callable[[Groep], Dagen]]],
    ) -> None:
        """`dagen`: asked at every turn, so that profiles that changed count."""
        self._bootstrap, self._measure, self._partitions = bootstrap, measure, partitions
        self._peil, self._publicatie, self._dagen = peil, publicatie, dagen
        self._sum_of: Mapping[str, int] = {}
        self.beeld: Beeld | None = None
        self.opname: Momentopname | None = None
        measure.listen(self._counted)

    @property
    def leads(self) -> bool:
        return 0 in self._measure.tables[DOORLOOPTIJD].rijen.rows

    def _counted(self, topic: str, partition: int, key: bytes, row: Rij) -> None:
        if self.beeld is not None:
            self.beeld.take(topic, partition, key, row)

    async def turn(self) -> None:
        """Add up, publish. Raises Unavailable."""
        restored = {topic: table.rijen.restored for topic, table in self._measure.tables.items()}
        if restored != self._sum_of:
            self.beeld = self.opname = None
            self._publicatie.forget()
            if self.leads:
                await self._add_up()
            self._sum_of = restored
        if self.beeld is None or not self._peil.known:
            return
        peil = self._peil()
        found = await self._figures(self.beeld, peil)
        self.opname = await self._opname(self.beeld, peil)
        sent = await self._publicatie.publish(found)
        if sent:
            log.debug("measure.published", sent=sent, of=len(found))

    async def _add_up(self) -> None:
        self.beeld = beeld = Beeld()
        for topic, table in self._measure.tables.items():
            for partition, rows in table.rijen.rows.items():
                for number, (key, row) in enumerate(list(rows.items())):
                    beeld.take(topic, partition, key, row)
                    if number % _AT_ONCE == 0:
                        await asyncio.sleep(0)

    async def _figures(self, beeld: Beeld, peil: int) -> dict[bytes, Kpi]:
        dagen = await self._dagen()
        found: dict[bytes, Kpi] = {}
        for groep in beeld.telling.groepen():
            for tijdvak, cijfers in beeld.telling.per_tijdvak(groep, peil, dagen):
                found[kpi.key_of(groep, tijdvak.naam)] = kpi.document(groep, tijdvak, cijfers, peil)
            await asyncio.sleep(0)
        return found

    async def _opname(self, beeld: Beeld, peil: int) -> Momentopname:
        made = Opname(beeld, peil)
        for maat, groepen in maten(beeld.telling).items():
            made.add(maat, groepen)
            await asyncio.sleep(0)
        return made.made()
