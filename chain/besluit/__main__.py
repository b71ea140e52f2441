"""Composition root of the process that forwards decisions: `python -m chain.besluit`."""

import os
import sys
from decimal import Decimal

import uvloop
from pydantic import Field

from chain.besluit.figures import FIGURES
from chain.besluit.processor import LIMIT, Decider
from topics.metrics.state import StateFigures
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.starting import exit_status
from topics.processes.workers import Host


class Settings(ProcessSettings):
    """vier_ogen_boven: euro including VAT above which a decision on an invoice needs a second person."""

    vier_ogen_boven: Decimal = Field(default=LIMIT, ge=0)


async def main(settings: Settings) -> None:
    host = Host(settings, "besluit")
    host.add(Decider(settings.vier_ogen_boven), StateFigures(FIGURES))
    await host.run()


def start() -> None:
    """Raises ConfigurationError when a setting is wrong."""
    settings = Settings.of(os.environ)
    configure("besluit", settings.log_level)
    uvloop.run(main(settings))


if __name__ == "__main__":
    sys.exit(exit_status(start))
