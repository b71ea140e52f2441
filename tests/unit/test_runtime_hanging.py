"""One look for all tasks that ask: it begins after every one of them asked."""

import asyncio
from typing import Final

import pytest

from topics.errors import Unavailable
from topics.kafka import Position
from topics.runtime.hanging import Hanging

A, B, C = (("uit", number) for number in range(3))
LIMIT: Final = 30


class Looks:
    """What is open, and the looks for it: each sees it as it stands when it begins, and ends when it is let."""

    def __init__(self) -> None:
        self.open: set[Position] = set()
        self.begun: list[set[Position]] = []
        self.error: Unavailable | None = None
        self._may_end = asyncio.Semaphore(0)
        self._more = asyncio.Condition()

    async def look(self, wanted: set[Position]) -> set[Position]:
        found, error = wanted & self.open, self.error
        async with self._more:
            self.begun.append(wanted)
            self._more.notify_all()
        await self._may_end.acquire()
        if error is not None:
            raise error
        return found

    def end(self, looks: int = 1) -> None:
        for _ in range(looks):
            self._may_end.release()

    async def are_begun(self, number: int) -> None:
        async with asyncio.timeout(LIMIT), self._more:
            await self._more.wait_for(lambda: len(self.begun) == number)


@pytest.fixture
def looks() -> Looks:
    return Looks()


async def test_all_who_ask_at_once_have_one_look_and_each_its_own_partitions(looks: Looks) -> None:
    looks.open, hanging = {A, B}, Hanging(looks.look)
    looks.end()
    asked = [hanging.of([A]), hanging.of([B, C]), hanging.of([C])]
    assert await asyncio.gather(*asked) == [{A}, {B}, set()]
    assert looks.begun == [{A, B, C}]


async def test_who_asks_while_one_looks_sees_what_is_there_when_he_asks(looks: Looks) -> None:
    """And what a former owner wrote until then: what it left open would else be missed."""
    looks.open, hanging = {A}, Hanging(looks.look)
    first = asyncio.create_task(hanging.of([A]))
    await looks.are_begun(1)
    looks.open = {B}
    later = [asyncio.create_task(hanging.of([A, B])) for _ in range(3)]
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(looks.begun) == 1
    looks.end(2)
    assert await first == {A}
    assert await asyncio.gather(*later) == [{B}] * 3
    assert len(looks.begun) == 2


async def test_a_look_that_fails_does_so_for_who_had_it_and_the_next_looks_anew(looks: Looks) -> None:
    hanging, looks.error = Hanging(looks.look), Unavailable("weg")
    failing = [asyncio.create_task(hanging.of([one])) for one in (A, B)]
    await looks.are_begun(1)
    looks.error, looks.open = None, {C}
    later = asyncio.create_task(hanging.of([C]))
    looks.end(2)
    assert [type(one) for one in await asyncio.gather(*failing, return_exceptions=True)] == [Unavailable, Unavailable]
    assert await later == {C}
    looks.end()
    assert await hanging.of([A]) == set()
    assert looks.begun == [{A, B}, {C}, {A}]


async def test_a_task_that_is_cancelled_takes_the_look_away_from_nobody(looks: Looks) -> None:
    looks.open, hanging = {B}, Hanging(looks.look)
    gone, stays = (asyncio.create_task(hanging.of([one])) for one in (A, B))
    await looks.are_begun(1)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    looks.end()
    assert await stays == {B}
