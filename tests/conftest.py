"""Fixtures for all tiers."""

import itertools
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from topics.broker import EmbeddedBroker

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--chaos-seconds", type=float, default=300.0, help="how long each random run of `make chaos` lasts"
    )


def pytest_configure() -> None:
    """A shell without job control starts what it puts in the background with SIGINT ignored, and every child inherits
    that: the commands under test would never hear of Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Reference material that stands beside the checkout on development machines and in CI; not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the reference material (../shared) is not beside this checkout")
    return SHARED


FAST_GROUPS = {"group.min.session.timeout.ms": "1000"}
"""Tests of dead members need not wait for the six seconds that Kafka asks at least."""


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBroker]:
    """One real broker for all tests of a run. A test may kill it, and must start it again; it keeps its address."""
    folder = tmp_path_factory.mktemp("broker")
    with EmbeddedBroker(folder / "data", heap_mb=256, properties=FAST_GROUPS) as broker:
        yield broker


@pytest.fixture
def bootstrap(broker: EmbeddedBroker) -> str:
    """The address of a broker that runs."""
    return broker.start()


_numbers = itertools.count(1)


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Names that no other test of this run uses, so that tests on one broker do not meet."""
    return lambda word: f"{word}-{next(_numbers)}"
