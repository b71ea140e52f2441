"""The whole bus on this machine: broker, topics, partners with keys, and every process of the table."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec

from topics.broker import EmbeddedBroker
from topics.catalogue.apply import apply
from topics.catalogue.topic import SINGLE
from topics.clock.source import time_source
from topics.errors import ConfigurationError
from topics.kafka import open_admin
from topics.processes.address import Address, keep
from topics.processes.supervisor import Supervisor
from topics.processes.table import PROCESSES
from topics.profile import samples
from topics.profile.credentials import Credentials, write_private
from topics.profile.registry import Registry

LEEWAY_MS: Final = 10 * 365 * 86_400_000
KEYS: Final = "sleutels.json"
LOCAL_KEYS: Final = "partner-sleutels"
Tell = Callable[[str], None]


class Bus(msgspec.Struct):
    """A running bus. `keys`: bearer key per sample partner, for use on this machine only."""

    data: Path
    bootstrap: str
    url: str
    keys: Mapping[str, str]
    broker: EmbeddedBroker
    processes: Supervisor


@contextmanager
def running(data: Path, environment: Mapping[str, str], tell: Tell, port: int = 18080) -> Iterator[Bus]:
    """Starts everything in order, and stops it in order however the block is left.

    `environment` is what the processes inherit. Raises the broker's errors, Unavailable when a process does not become
    ready, ConfigurationError when a profile is wrong or a port is taken.
    """
    _free(port)
    tell(f"starting Kafka and {len(PROCESSES)} processes; what they keep is in {data}")
    data.mkdir(parents=True, exist_ok=True)
    samples.install(data / "profielen")
    keys = local_keys(data)
    # a played week lies outside the broker's own idea of now
    times = {
        "log.message.timestamp.before.max.ms": str(LEEWAY_MS),
        "log.message.timestamp.after.max.ms": str(LEEWAY_MS),
    }
    with EmbeddedBroker(data / "kafka", properties=times, report=tell) as broker:
        tell(f"Kafka is up at {broker.bootstrap}")
        created = asyncio.run(_topics(broker.bootstrap))
        tell(f"{created} topics made" if created else "all topics are there")
        supervisor = Supervisor(data.absolute(), broker.bootstrap, environment, base_port=port)
        try:
            supervisor.start()
            supervisor.wait_until_ready(90, lambda name: tell(f"{name} is ready"))
            url = f"http://127.0.0.1:{port}"
            keep(data, Address(broker.bootstrap, url))
            yield Bus(data, broker.bootstrap, url, keys, broker, supervisor)
        finally:
            tell("stopping")
            supervisor.stop()


def _free(port: int) -> None:
    """Raises ConfigurationError when a process could not listen: else it would be started again until the wait ends."""
    for process in PROCESSES:
        wanted = port + process.offset
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except (OSError, OverflowError) as error:
                raise ConfigurationError(
                    f"port {wanted} ({process.name}): {error}; does a bus run already? --port takes another, of which "
                    f"{len(PROCESSES)} in a row are used"
                ) from error


async def _topics(bootstrap: str) -> int:
    async with open_admin(bootstrap) as admin:
        return len(await apply(admin, SINGLE))


def local_keys(data: Path) -> dict[str, str]:
    """Bearer keys of the partners in `data`, made at the first start; kept readable by this user alone."""
    registry = Registry.load(data / "profielen")
    path = data / KEYS
    credentials = Credentials.load(path) if path.exists() else Credentials()
    now = time_source(data).now()
    found = {}
    for partner in registry.partners():
        local = data / LOCAL_KEYS / partner
        try:
            found[partner] = local.read_text("utf-8").strip()
        except FileNotFoundError:
            credentials, bearer = credentials.issue(partner, now, now + timedelta(days=1))
            credentials.save(path)
            local.parent.mkdir(mode=0o700, exist_ok=True)
            write_private(local, bearer.encode())
            found[partner] = bearer
        except OSError as error:
            raise ConfigurationError(f"{local.name}: {error}; expected the local key of {partner}") from error
    return found
