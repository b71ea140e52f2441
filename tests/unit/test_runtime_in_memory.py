"""The behaviour suite on the in-memory driver."""

from collections import deque

import pytest

from tests.runtime.behaviour import Behaviour, stateless_teller
from tests.runtime.bench import Bench, InMemory
from tests.runtime.teller import Teller
from topics.runtime.batch import Batcher, Full, Limits
from topics.runtime.step import Record


class TestInMemory(Behaviour):
    @pytest.fixture
    def bench(self) -> Bench:
        return InMemory(Teller("geheugen"))

    @pytest.fixture
    def stateless(self) -> Bench:
        return InMemory(stateless_teller("geheugen"))


async def test_a_transaction_is_full_by_what_it_brings_to_the_object_store_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise thousands of attachments would be held at once."""
    held: list[int] = []
    fill = Batcher.fill

    def watched(self: Batcher[object], records: deque[Record], limits: Limits) -> Full | None:
        full = fill(self, records, limits)
        held.append(sum(map(len, full.blobs)) if full is not None else 0)
        return full

    monkeypatch.setattr(Batcher, "fill", watched)
    bench = InMemory(Teller("geheugen"))
    for number in range(12):
        await bench.feed(bench.event("a", str(number), "blob:400000", pad=f"{number:02}"))
    await bench.drain(Limits(bytes=1_000_000, seconds=3600))
    assert sum(held) == 9_600_000
    assert max(held) < 2_000_000
