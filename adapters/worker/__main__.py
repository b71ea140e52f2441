"""Composition root of the adapters' process: `python -m adapters.worker`.

Beside the settings of every process, KETENBUS_SALES005_XSD names the official schema of a licence holder, to be used in
place of our own.
"""

import asyncio
import os
from contextlib import suppress
from functools import partial
from pathlib import Path

import uvloop

from adapters.adapter.processor import AdapterProcessor, Reader
from adapters.formats import read, with_sales005_xsd
from adapters.kinds import KINDS
from adapters.worker.profiles import Profiles
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.workers import Host


async def main(settings: ProcessSettings, reader: Reader) -> None:
    profiles = Profiles(settings.profiles)
    adapters = [AdapterProcessor(kind, profiles.registry, reader) for kind in KINDS.values()]
    host = Host(settings)
    for adapter in adapters:
        host.add(adapter)
    watching = asyncio.create_task(profiles.watch(adapters))
    try:
        await host.run()
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


if __name__ == "__main__":
    environment = ProcessSettings.of(os.environ)
    licensed = os.environ.get("KETENBUS_SALES005_XSD")
    configure("adapters", environment.log_level)
    uvloop.run(main(environment, partial(read, formats=with_sales005_xsd(Path(licensed))) if licensed else read))
