from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.unit.intake.fakes import World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    found = World(tmp_path, answer=2.0)
    async with found.client:
        yield found
