"""The behaviour suite on a real broker, and what only a broker can show."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.behaviour import Behaviour, stateless_teller
from tests.runtime.bench import OnBroker
from tests.runtime.teller import Teller


@pytest.fixture
async def bench(bootstrap: str, unique: Callable[[str], str], tmp_path: Path) -> OnBroker:
    bench = OnBroker(Teller(unique("broker")), bootstrap, tmp_path)
    await bench.prepare()
    return bench


class TestOnBroker(Behaviour):
    @pytest.fixture
    async def bench(self, bench: OnBroker) -> OnBroker:
        return bench

    @pytest.fixture
    async def stateless(self, bootstrap: str, unique: Callable[[str], str], tmp_path: Path) -> OnBroker:
        bench = OnBroker(stateless_teller(unique("broker")), bootstrap, tmp_path)
        await bench.prepare()
        return bench
