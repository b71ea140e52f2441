"""When Kafka's certificates end, as Prometheus is told: of the file that a process trusts, and of the servers themselves."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from prometheus_client import CollectorRegistry

from tests.runtime.waiting import until
from tests.unit.topics.tls import NOW, Authority, listening
from topics.broker.machine import choose_port
from topics.errors import ConfigurationError
from topics.metrics.certificates import KafkaCertificates

DAY: Final = 86_400.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "ca")


@pytest.fixture
def address(authority: Authority, tmp_path: Path) -> Callable[..., str]:
    def of(*ports: int, ca: Path = authority.file) -> str:
        servers = ",".join(f"127.0.0.1:{port}" for port in ports)
        return f"sasl_ssl://clock@{servers}?ca={ca}&keys={tmp_path / 'keys'}"

    return of


class Shown:
    """What a scrape shows, in days from now on."""

    def __init__(self, bootstrap: str) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(KafkaCertificates(bootstrap, every=0.05, now=lambda: NOW))

    def days(self, soort: str) -> float | None:
        found = self._registry.get_sample_value("ketenbus_kafka_certificaat_geldig_seconds", {"soort": soort})
        return None if found is None else round(found / DAY, 2)


def test_nothing_is_told_when_the_address_is_plain() -> None:
    shown = Shown("kafka:9092")
    assert (shown.days("ca"), shown.days("server")) == (None, None)


def test_a_wrong_address_is_an_error_at_the_start() -> None:
    with pytest.raises(ConfigurationError):
        KafkaCertificates("ssl://kafka:9092")


def test_the_ca_that_ends_first_is_told_also_when_it_has_ended(
    authority: Authority, address: Callable[..., str], tmp_path: Path
) -> None:
    assert Shown(address(1)).days("ca") == 900
    both = tmp_path / "both.pem"
    both.write_bytes(authority.file.read_bytes() + Authority(tmp_path / "next", ends=-2).file.read_bytes())
    assert Shown(address(1, ca=both)).days("ca") == -2


def test_a_file_that_is_replaced_is_told_at_the_next_scrape(
    authority: Authority, address: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    shown = Shown(address(1, ca=file))
    assert shown.days("ca") is None
    file.write_bytes(authority.file.read_bytes())
    assert shown.days("ca") == 900
    file.write_text("no certificate")
    assert shown.days("ca") is None


async def test_the_server_that_ends_first_is_told(authority: Authority, address: Callable[..., str]) -> None:
    async with listening(authority.server(ends=300)) as one, listening(authority.server(ends=20)) as other:
        shown = Shown(address(one, other))
        await until(lambda: shown.days("server") == 20, "the first that ends is told")


async def test_a_server_whose_certificate_has_ended_is_told_below_zero(
    authority: Authority, address: Callable[..., str]
) -> None:
    async with listening(authority.server(ends=-3)) as port:
        shown = Shown(address(port))
        await until(lambda: shown.days("server") == -3, "what has ended is told")


async def test_a_renewed_certificate_is_told_once_the_server_shows_it(
    authority: Authority, address: Callable[..., str]
) -> None:
    async with listening(authority.server(ends=5)) as port:
        shown = Shown(address(port))
        await until(lambda: shown.days("server") == 5, "the old one is told")
    await until(lambda: shown.days("server") is None, "a server that is away is not told of")
    async with listening(authority.server(ends=365), port):
        await until(lambda: shown.days("server") == 365, "the new one is told")


async def test_a_server_whom_the_ca_does_not_vouch_for_is_left_out(
    authority: Authority, address: Callable[..., str], tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "stranger").server(ends=1)
    async with listening(stranger) as other, listening(authority.server(ends=30)) as known:
        shown = Shown(address(other, known))
        await until(lambda: shown.days("server") == 30, "only who is trusted is told of")


async def test_no_scrape_waits_for_a_server_that_does_not_answer(address: Callable[..., str]) -> None:
    async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gone.wait()
        writer.close()

    gone, port = asyncio.Event(), choose_port(())
    async with await asyncio.start_server(silent, "127.0.0.1", port):
        shown = Shown(address(port))
        # each that waited would take the five seconds after which a server is given up
        began = time.monotonic()
        for _ in range(20):
            assert shown.days("server") is None
        assert time.monotonic() - began < 60
        gone.set()
