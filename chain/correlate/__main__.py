"""Composition root of the correlators' process: `python -m chain.correlate`."""

import os

import uvloop

from chain.correlate.processor import Correlator
from topics.catalogue.declarations import ALL_KETENS
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.workers import Host


async def main(settings: ProcessSettings) -> None:
    host = Host(settings)
    for keten in ALL_KETENS:
        host.add(Correlator(keten))
    await host.run()


if __name__ == "__main__":
    environment = ProcessSettings.of(os.environ)
    configure("correlate", environment.log_level)
    uvloop.run(main(environment))
