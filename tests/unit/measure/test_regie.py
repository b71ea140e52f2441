"""Who adds up publishes no longer than the partitions are its own."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from chain.kengetallen import Groep, Interval, Meting, Paar, Pakker, Tijdvak
from chain.kengetallen.cijfers import Dagen
from chain.kengetallen.telling import Figures
from chain.measure.app import Measure
from chain.measure.publicatie import Publicatie
from chain.measure.regie import Regie
from chain.measure.rij import interval_key
from chain.measure.tabel import Partitie, Rijen
from tests.unit.measure.bak import dagen
from topics.documents.keten import Stand

TOPIC = "keten.doorlooptijd.v1"
PAIRS = ("8799999000215", "8799999000222", "8799999000239")
DAY = 86_400_000_000
PEIL = 20_000 * DAY


class Sent:
    """Stands for what publishes; at the first document something `happens`."""

    def __init__(self) -> None:
        self.pairs: list[str] = []
        self.rested = False
        self.happens: Callable[[], None] = self.forget

    async def publish(self, paar: Paar, tijdvak: Tijdvak, found: Figures, peil: int) -> int:
        self.pairs.append(paar.aannemer)
        self.happens()
        return 1

    async def rest(self) -> int:
        self.rested = True
        return 0

    def forget(self) -> None:
        """Nothing is kept."""


class World:
    def __init__(self) -> None:
        self.sent, pakker = Sent(), Pakker()
        self.rijen = SimpleNamespace(rows={0: Partitie(0, pakker)}, restored=1)
        for number, contractor in enumerate(PAIRS):
            groep = Groep("onderhoud", "8799999000017", contractor, "acceptatie", "REP", "regulier", False, "")
            ended = PEIL - 1
            interval = Interval(begin=PEIL - DAY, stand=Stand.GESLOTEN, eind=ended, op=ended, netto=1, dagen=1)
            key = interval_key(f"onderhoud/opdracht/1/{number}", "acceptatie", None)
            self.rijen.rows[0].keep(key.encode(), Meting(0, groep, interval))
        measure = SimpleNamespace(
            tables={TOPIC: SimpleNamespace(rijen=cast(Rijen, self.rijen))},
            changelogs={TOPIC: "measure-doorlooptijd.toestand.v1"},
            first=TOPIC,
            partitions=1,
            pakker=pakker,
            listen=lambda heard: None,
        )
        self.regie = Regie("", cast(Measure, measure), lambda: PEIL, cast(Publicatie, self.sent), self._days)

    @staticmethod
    async def _days() -> Callable[[Groep], Dagen]:
        return dagen


async def test_a_turn_publishes_every_pair() -> None:
    world = World()
    await world.regie.turn()
    assert set(world.sent.pairs) == set(PAIRS)
    assert world.sent.rested
    assert world.regie.opname is not None


@pytest.mark.parametrize("change", ["rebalance", "first partition away"])
async def test_a_turn_ends_when_the_partitions_change_meanwhile(change: str) -> None:
    world = World()

    def happens() -> None:
        world.rijen.restored += change == "rebalance"
        if change == "first partition away":
            world.rijen.rows.clear()

    world.sent.happens = happens
    await world.regie.turn()
    assert len(world.sent.pairs) == 1
    assert not world.sent.rested
    assert world.regie.opname is None
