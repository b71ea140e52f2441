"""Waiting until everything is handled: also for the adapters, which a broker that was away leaves behind."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from adapters.demo.progress import Progress
from topics.catalogue.declarations import SPOOR, log_topic, raw_topic
from topics.kafka import Admin, Position, Reader
from topics.view import search
from topics.view.database import Engine

GROUPS = {
    "adapter-aannemer": raw_topic("aannemer"),
    "correlate-onderhoud": log_topic("onderhoud"),
    "ledger": SPOOR,
}
ENDS: dict[Position, int] = {(topic, 0): 5 for topic in GROUPS.values()}


class Log:
    """Every topic ends at 5."""

    async def ends(self) -> dict[Position, int]:
        return ENDS

    async def caught_up(self, ends: dict[Position, int]) -> bool:
        return True


class Groups:
    """One group handles a record each time that somebody looks; the others are done."""

    def __init__(self, late: str) -> None:
        self.late, self.asked = late, Counter[str]()

    async def group_offsets(self, group: str) -> dict[Position, int]:
        self.asked[group] += 1
        at = min(5, self.asked[group]) if group == self.late else 5
        return {(GROUPS[group], 0): at} if group in GROUPS else {}


@contextmanager
def nothing(_: Engine) -> Iterator[None]:
    yield


@pytest.mark.parametrize("late", GROUPS)
async def test_everything_is_handled_only_when_every_group_is_at_the_end(
    late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "snapshot", nothing)
    monkeypatch.setattr(search, "positions", lambda _: ENDS)
    groups = Groups(late)
    progress = Progress(cast(Reader, Log()), cast(Admin, groups), cast(Engine, None))
    progress._last.update(ENDS)
    await progress.handled()
    assert groups.asked[late] == 5
