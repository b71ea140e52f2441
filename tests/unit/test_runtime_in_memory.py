"""The behaviour suite on the in-memory driver."""

import pytest

from tests.runtime.behaviour import Behaviour, stateless_teller
from tests.runtime.bench import Bench, InMemory
from tests.runtime.teller import Teller


class TestInMemory(Behaviour):
    @pytest.fixture
    def bench(self) -> Bench:
        return InMemory(Teller("geheugen"))

    @pytest.fixture
    def stateless(self) -> Bench:
        return InMemory(stateless_teller("geheugen"))
