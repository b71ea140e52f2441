"""Composition root of the ledger's process: `python -m chain.ledger`."""

import os
import sys
from typing import Final

import uvloop

from chain.ledger.figures import FIGURES
from chain.ledger.processor import Ledger
from topics.metrics.state import StateFigures
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.starting import exit_status
from topics.processes.workers import Host

GATHER: Final = 1.0
"""Seconds. Nobody waits for the account: what a partner asks for comes from the postings themselves, by the view."""


async def main(settings: ProcessSettings) -> None:
    host = Host(settings, "ledger")
    host.add(Ledger(), StateFigures(FIGURES), gather=GATHER)
    await host.run()


def start() -> None:
    """Raises ConfigurationError when a setting is wrong."""
    settings = ProcessSettings.of(os.environ)
    configure("ledger", settings.log_level)
    uvloop.run(main(settings))


if __name__ == "__main__":
    sys.exit(exit_status(start))
