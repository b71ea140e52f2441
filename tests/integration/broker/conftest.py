"""Fixtures of the embedded broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.broker.faults import HEAP_MB
from topics.broker import EmbeddedBroker


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    """Not started."""
    broker = EmbeddedBroker(tmp_path / "broker", heap_mb=HEAP_MB)
    yield broker
    broker.stop()
