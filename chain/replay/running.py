"""A bus for tests: the topics of the catalogue, partners, and the processors, each a process of its own.

Without intake and clock: messages, decisions and time come from the capture. So the same capture gives the same
dossiers, whenever it is played.
"""

import asyncio
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from topics.blobs import BlobStore, FolderBlobs
from topics.broker import machine
from topics.catalogue.apply import apply
from topics.catalogue.topic import SINGLE
from topics.errors import ConfigurationError
from topics.kafka import open_admin
from topics.processes.supervisor import Supervisor
from topics.processes.table import PROCESSES
from topics.profile import samples

NEEDED: Final = ("adapters", "correlate", "ledger", "besluit")
READY_SECONDS: Final = 120.0


class Bus(msgspec.Struct):
    """A running bus. data: its folder, with profiles, object store and the logs of its processes."""

    bootstrap: str
    data: Path
    processes: Supervisor

    @property
    def blobs(self) -> BlobStore:
        return FolderBlobs(self.data / "blobs")

    @property
    def profiles(self) -> Path:
        return self.data / "profielen"


@contextmanager
def running(
    bootstrap: str,
    data: Path,
    environment: Mapping[str, str],
    *,
    profiles: Path | None = None,
    names: tuple[str, ...] = NEEDED,
) -> Iterator[Bus]:
    """The processes of `names` on the broker at `bootstrap`, ready; they end with the block.

    profiles: a folder with `<partner>/<version>.toml`; None: the sample partners. environment: what the processes
    inherit. Raises ConfigurationError, CatalogueDrift, Unavailable with the last words of a process that is not ready.
    """
    partners(data, profiles)
    asyncio.run(_topics(bootstrap))
    table = [process for process in PROCESSES if process.name in names]
    given = {name: value for name, value in environment.items() if not name.startswith("KETENBUS_")}
    base = machine.choose_base([process.offset for process in table])
    supervisor = Supervisor(data.absolute(), bootstrap, given, base_port=base, table=table)
    try:
        supervisor.start()
        supervisor.wait_until_ready(READY_SECONDS, lambda _name: None)
        yield Bus(bootstrap, data, supervisor)
    finally:
        supervisor.stop()


def partners(data: Path, profiles: Path | None) -> None:
    """Puts the partners where the processes look for them. Raises ConfigurationError."""
    target = data / "profielen"
    if profiles is None:
        samples.install(target)
        return
    if not any(profiles.glob("*/*.toml")):
        raise ConfigurationError(f"{profiles}: found no profile, expected <partner>/<version>.toml")
    shutil.copytree(profiles, target, dirs_exist_ok=True)


async def _topics(bootstrap: str) -> None:
    async with open_admin(bootstrap) as admin:
        await apply(admin, SINGLE)
