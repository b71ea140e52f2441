from collections.abc import Callable

import pytest

from tests.integration.measure.meetbaan import Meetbaan


@pytest.fixture
async def baan(bootstrap: str, unique: Callable[[str], str]) -> Meetbaan:
    found = Meetbaan(bootstrap, unique("meet"))
    await found.prepare()
    return found
