"""The tables: rows by source partition, in memory, each written to the same partition of its changelog.

Faust's own table writes a key to the partition of the event at hand and keeps all partitions in one mapping, so that a
key of two partitions is two values of which a restart or rebalance leaves either. Here every partition has a mapping of
its own, and whoever reads adds them up. Intervals are kept packed, by dossier.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import faust
import msgspec
from faust.stores.memory import Store
from faust.types import TP, EventT

from chain.kalender import micros
from chain.kengetallen import Meting, Pakker
from chain.kengetallen.vouw import voorbij
from chain.measure import rij
from chain.measure.driver import LOGGER
from chain.measure.rij import Gevouwen, Rij, Signaalstand, interval_key, interval_of_key
from topics.errors import Unavailable


class Partitie:
    """The rows of one partition of a table; a StateView as a processor sees them. `metingen`: intervals, packed by dossier.
    `overig`: everything else, by key."""

    def __init__(self, nummer: int, pakker: Pakker) -> None:
        self.nummer = nummer
        self._pakker = pakker
        self.metingen: dict[bytes, bytes] = {}
        self.overig: dict[bytes, Rij] = {}
        self.last_key: str | None = None

    def get(self, key: str) -> Rij | None:
        self.last_key = key
        return self._get(key.encode())

    def _get(self, key: bytes) -> Rij | None:
        found = self.overig.get(key)
        if found is not None:
            return found
        dossier, maat, subnummer = interval_of_key(key) if b"\n" in key else (key, "", None)
        pakker = self._pakker
        for one in pakker.unpack(self.metingen.get(dossier)):
            if one.subnummer == subnummer and pakker.groep(one).maat == maat:
                return pakker.meting(one)
        return None

    def due(self, until: datetime) -> Iterator[str]:
        """Keys of what is over before `until` and need not be a row any more: intervals of which nothing ages or lies later,
        signals that were withdrawn. In no order."""
        pakker, tot = self._pakker, micros(until)
        for dossier, pak in self.metingen.items():
            for one in pakker.unpack(pak):
                if not one.open and one.begin < tot and voorbij(pakker.interval(one), tot):
                    yield interval_key(dossier.decode(), pakker.groep(one).maat, one.subnummer)
        for key, row in self.overig.items():
            if isinstance(row, Signaalstand) and not row.open:
                yield key.decode()

    def keep(self, key: bytes, row: Rij | None) -> None:
        """None: the row goes. A former row stays when it is the later one: a worker that did not know yet that it had lost
        the partition may have written behind its successor."""
        if isinstance(row, Meting) or (row is None and key not in self.overig):
            self._keep_interval(key, row)
        elif row is None:
            del self.overig[key]
        elif rij.later(row, self.overig.get(key)):
            if isinstance(row, Gevouwen):
                row = msgspec.structs.replace(row, paar=self._pakker.eigen(row.paar))
            self.overig[key] = row

    def _keep_interval(self, key: bytes, row: Meting | None) -> None:
        dossier, maat, subnummer = interval_of_key(key)
        pakker, pak = self._pakker, self.metingen.get(dossier)
        found = pakker.unpack(pak)
        others = [one for one in found if one.subnummer != subnummer or pakker.groep(one).maat != maat]
        former = next((one for one in found if one not in others), None)
        if row is not None:
            if former is not None and row.revisie <= former.revisie:
                return
            others.append(pakker.gepakt(subnummer, row))
        if others:
            self.metingen[dossier] = pakker.pack(self.nummer, others)
        elif pak is not None:
            del self.metingen[dossier]

    def items(self) -> Iterator[tuple[bytes, Rij]]:
        """All rows, by key."""
        for dossier, pak in self.metingen.items():
            for one in self._pakker.unpack(pak):
                meting = self._pakker.meting(one)
                yield interval_key(dossier.decode(), meting.groep.maat, one.subnummer).encode(), meting
        yield from self.overig.items()


class Rijen(Store[bytes, Rij]):
    """Faust's store of a table. `rows`: by partition of the source, of what is assigned."""

    logger = LOGGER
    pakker: Pakker

    def __post_init__(self) -> None:
        self.data = {}
        self.rows: dict[int, Partitie] = {}
        self.assigned: frozenset[int] = frozenset()
        """Partitions of which the rows were restored from the changelog."""
        self.restored = 0
        """How often an assignment was taken over: what was added up before is to be added up anew."""

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Partitions that went to another worker go out of memory."""
        self.assigned = frozenset(tp.partition for tp in active_tps)
        self.rows = {partition: self._partition(partition) for partition in sorted(self.assigned)}
        self.restored += 1

    def apply_changelog_batch(
        self, batch: Iterable[EventT[Any]], to_key: Callable[[Any], Any], to_value: Callable[[Any], Any]
    ) -> None:
        """What the driver did not restore: nothing, as long as Faust has no other way to a changelog."""
        for event in batch:
            self.restore(event.message.partition, event.message.key, event.message.value)

    def restore(self, partition: int, key: bytes | None, value: bytes | None) -> None:
        """Raises StateCorrupt for a row of a newer release."""
        if key is not None:
            self.keep(partition, key, None if value is None else rij.decode(value))

    def keep(self, partition: int, key: bytes, row: Rij | None) -> None:
        """As `Partitie.keep`."""
        self._partition(partition).keep(key, row)

    def view(self, partition: int) -> Partitie:
        """Raises Unavailable when its rows were not restored: Faust leaves a changelog out of the assignment when the broker
        does not know the topic at that moment, and would count on an empty table."""
        if partition not in self.assigned:
            raise Unavailable(
                f"partition {partition} of {self.table_name} was not restored, expected it to be assigned"
            )
        return self.rows[partition]

    def _partition(self, number: int) -> Partitie:
        found = self.rows.get(number)
        if found is None:
            found = self.rows[number] = Partitie(number, self.pakker)
        return found


class Tabel(faust.Table[bytes, Rij]):
    """A table whose rows are written by `put` alone. `pakker`: set before it is added to the app's."""

    logger = LOGGER
    rijen: Rijen
    pakker: Pakker

    def _new_store(self) -> Rijen:
        self.rijen = Rijen("memory://", self.app, self, table_name=self.name, loop=self.loop)
        self.rijen.pakker = self.pakker
        return self.rijen

    def restore(self, partition: int, key: bytes | None, value: bytes | None) -> None:
        """As `Rijen.restore`."""
        self.rijen.restore(partition, key, value)

    async def put(self, partition: int, key: bytes, row: Rij | None) -> Awaitable[object]:
        """Keep a row, or let it go (None), and send that to the changelog; what is returned ends with the broker's
        acknowledgement."""
        self.rijen.keep(partition, key, row)
        value = None if row is None else rij.encode(row)
        return await self.app.producer.send(self.changelog_topic_name, key, value, partition, None, None)
