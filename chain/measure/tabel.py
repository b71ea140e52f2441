"""The tables: rows by source partition, in memory, each written to the same partition of its changelog.

Faust's own table writes a key to the partition of the event at hand and keeps all partitions in one mapping, so that a
key of two partitions is two values of which a restart or rebalance leaves either. Here every partition has a mapping of
its own, and whoever reads adds them up.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import faust
from faust.stores.memory import Store
from faust.types import TP, EventT

from chain.measure import rij
from chain.measure.driver import LOGGER
from chain.measure.rij import Rij
from topics.errors import Unavailable


class Rijen(Store[bytes, Rij]):
    """Faust's store of a table. `rows`: by partition of the source, of what is assigned."""

    logger = LOGGER

    def __post_init__(self) -> None:
        self.data = {}
        self.rows: dict[int, dict[bytes, Rij]] = {}
        self.assigned: frozenset[int] = frozenset()
        """Partitions of which the rows were restored from the changelog."""
        self.restored = 0
        """How often an assignment was taken over: what was added up before is to be added up anew."""

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Partitions that went to another worker go out of memory."""
        self.assigned = frozenset(tp.partition for tp in active_tps)
        self.rows = {partition: self.rows.get(partition, {}) for partition in sorted(self.assigned)}
        self.restored += 1

    def apply_changelog_batch(
        self, batch: Iterable[EventT[Any]], to_key: Callable[[Any], Any], to_value: Callable[[Any], Any]
    ) -> None:
        """Raises StateCorrupt for a row of a newer release."""
        for event in batch:
            message = event.message
            if message.key is not None and message.value is not None:
                self.keep(message.partition, message.key, rij.decode(message.value))

    def keep(self, partition: int, key: bytes, row: Rij) -> None:
        """A former row stays when it is the later one: a worker that did not know yet that it had lost the partition may
        have written behind its successor."""
        rows = self.rows.setdefault(partition, {})
        if rij.later(row, rows.get(key)):
            rows[key] = row


class Tabel(faust.Table[bytes, Rij]):
    """A table whose rows are written by `put` alone."""

    logger = LOGGER
    rijen: Rijen

    def _new_store(self) -> Rijen:
        self.rijen = Rijen("memory://", self.app, self, table_name=self.name, loop=self.loop)
        return self.rijen

    async def put(self, partition: int, key: bytes, row: Rij) -> Awaitable[object]:
        """Keep a row and send it to the changelog; what is returned ends with the broker's acknowledgement."""
        self.rijen.keep(partition, key, row)
        return await self.app.producer.send(self.changelog_topic_name, key, rij.encode(row), partition, None, None)


class Partitie:
    """One partition of a table, as a processor sees it."""

    def __init__(self, store: Rijen, partition: int) -> None:
        """Raises Unavailable when its rows were not restored: Faust leaves a changelog out of the assignment when the broker
        does not know the topic at that moment, and would count on an empty table."""
        if partition not in store.assigned:
            raise Unavailable(
                f"partition {partition} of {store.table_name} was not restored, expected it to be assigned"
            )
        self._rows = store.rows[partition]
        self.last_key: str | None = None

    def get(self, key: str) -> Rij | None:
        self.last_key = key
        return self._rows.get(key.encode())

    def due(self, until: datetime) -> Iterator[str]:
        """Nothing of a row is due: what ages is taken up by the timer."""
        return iter(())
