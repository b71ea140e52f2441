"""A process with the correlator of one keten, as `chain.correlate` runs several: `python -m … KETEN`, KETENBUS_* set."""

import os
import sys

import uvloop

from chain.correlate import Correlator
from chain.correlate.figures import FIGURES
from topics.metrics.state import StateFigures
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.workers import Host


async def main(settings: ProcessSettings, keten: str) -> None:
    host = Host(settings, "correlate")
    host.add(Correlator(keten), StateFigures(FIGURES, {"keten": keten}))
    await host.run()


if __name__ == "__main__":
    environment = ProcessSettings.of(os.environ)
    configure("correlate", environment.log_level)
    uvloop.run(main(environment, sys.argv[1]))
