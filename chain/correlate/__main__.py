"""Composition root of the correlators' process: `python -m chain.correlate`."""

import os
import sys

import uvloop

from chain.correlate.figures import FIGURES
from chain.correlate.processor import Correlator
from topics.catalogue.declarations import ALL_KETENS
from topics.metrics.state import StateFigures
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.starting import exit_status
from topics.processes.workers import Host


async def main(settings: ProcessSettings) -> None:
    host = Host(settings, "correlate")
    for keten in ALL_KETENS:
        host.add(Correlator(keten), StateFigures(FIGURES, {"keten": keten}))
    await host.run()


def start() -> None:
    """Raises ConfigurationError when a setting is wrong."""
    settings = ProcessSettings.of(os.environ)
    configure("correlate", settings.log_level)
    uvloop.run(main(settings))


if __name__ == "__main__":
    sys.exit(exit_status(start))
