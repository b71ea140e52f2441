"""Composition root of the adapters' process: `python -m adapters.worker`.

Beside the settings of every process, KETENBUS_SALES005_XSD names the official schema of a licence holder, to be used in
place of our own.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import uvloop

from adapters.adapter.figures import FIGURES
from adapters.adapter.processor import AdapterProcessor, Reader
from adapters.formats import read, with_sales005_xsd
from adapters.kinds import KINDS
from adapters.worker.profiles import Profiles
from topics.clock.source import time_source
from topics.metrics.state import StateFigures
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.starting import exit_status
from topics.processes.workers import Host


async def main(settings: ProcessSettings, reader: Reader) -> None:
    profiles = Profiles(settings.profiles, time_source(settings.data))
    adapters = [AdapterProcessor(kind, profiles.registry, reader) for kind in KINDS.values()]
    host = Host(settings, "adapters")
    for adapter in adapters:
        host.add(adapter, StateFigures(FIGURES))
    host.show(profiles)
    watching = asyncio.create_task(profiles.watch(adapters))
    try:
        await host.run()
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


def start(environment: Mapping[str, str]) -> None:
    """Raises ConfigurationError when a setting or a profile is wrong."""
    settings = ProcessSettings.of(environment)
    configure("adapters", settings.log_level)
    licensed = environment.get("KETENBUS_SALES005_XSD")
    reader: Reader = partial(read, formats=with_sales005_xsd(Path(licensed))) if licensed else read
    uvloop.run(main(settings, reader))


if __name__ == "__main__":
    sys.exit(exit_status(partial(start, os.environ)))
