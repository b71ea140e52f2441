"""Who adds up publishes no longer than the partitions are its own."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from chain.kengetallen import Groep, Interval, Meting, Paar, Pakker, Tijdvak
from chain.kengetallen.cijfers import Dagen
from chain.kengetallen.telling import Figures
from chain.measure.app import Counted, Measure
from chain.measure.publicatie import Publicatie
from chain.measure.regie import Regie
from chain.measure.rij import interval_key
from chain.measure.tabel import Partitie, Rijen
from tests.unit.measure.bak import dagen
from topics.documents.keten import Stand
from topics.errors import Unavailable

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
        measure = SimpleNamespace(
            tables={TOPIC: SimpleNamespace(rijen=cast(Rijen, self.rijen))},
            changelogs={TOPIC: "measure-doorlooptijd.toestand.v1"},
            first=TOPIC,
            partitions=1,
            pakker=pakker,
            listen=self._listens,
        )
        self.regie = Regie("", cast(Measure, measure), lambda: PEIL, cast(Publicatie, self.sent), self._days)
        for number, _ in enumerate(PAIRS):
            self.row(number, 0)

    def _listens(self, heard: Counted) -> None:
        self._heard = heard

    def row(self, number: int, revisie: int, begin: int = PEIL - DAY) -> None:
        """A revision of the interval of a pair; whoever listens is told."""
        groep = Groep("onderhoud", "8799999000017", PAIRS[number], "acceptatie", "REP", "regulier", False, "")
        ended = PEIL - 1
        interval = Interval(begin=begin, stand=Stand.GESLOTEN, eind=ended, op=ended, netto=1, dagen=1)
        key, meting = (
            interval_key(f"onderhoud/opdracht/1/{number}", "acceptatie", None).encode(),
            Meting(revisie, groep, interval),
        )
        self.rijen.rows[0].keep(key, meting)
        self._heard(TOPIC, self.rijen.rows[0], key, meting)

    async def turn(self) -> set[str]:
        """The next turn that comes to its end: pairs that were published."""
        former, self.sent.pairs = self.regie.opname, []
        while self.regie.opname is former:
            await self.regie.turn()
            await asyncio.sleep(0)
        return set(self.sent.pairs)

    @staticmethod
    async def _days() -> Callable[[Groep], Dagen]:
        return dagen


async def test_a_turn_publishes_every_pair() -> None:
    world = World()
    await world.regie.turn()
    assert set(world.sent.pairs) == set(PAIRS)
    assert world.sent.rested
    assert world.regie.opname is not None


async def test_a_turn_publishes_only_pairs_of_which_a_row_came_since() -> None:
    world = World()
    assert await world.turn() == set(PAIRS)
    assert await world.turn() == set()
    world.row(1, 1, PEIL - DAY // 2)
    assert await world.turn() == {PAIRS[1]}


async def test_a_row_that_comes_while_its_pair_is_published_is_counted_the_next_turn() -> None:
    world = World()
    world.sent.happens = lambda: world.row(0, len(world.sent.pairs))
    await world.turn()
    world.sent.happens = world.sent.forget
    assert await world.turn() == {PAIRS[0]}


async def test_every_pair_is_published_again_when_the_broker_was_away() -> None:
    world = World()
    await world.turn()

    def away() -> None:
        raise Unavailable("broker away")

    world.sent.happens = away
    world.row(2, 1, PEIL - DAY // 2)
    with pytest.raises(Unavailable):
        await world.turn()
    world.sent.happens = world.sent.forget
    assert await world.turn() == set(PAIRS)


async def test_who_leads_again_counts_every_pair_anew() -> None:
    world = World()
    await world.turn()
    world.rijen.restored += 1
    assert await world.turn() == set(PAIRS)


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
