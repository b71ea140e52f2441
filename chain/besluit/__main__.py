"""Composition root of the process that forwards decisions: `python -m chain.besluit`."""

import os
from decimal import Decimal

import uvloop
from pydantic import Field

from chain.besluit.figures import FIGURES
from chain.besluit.processor import LIMIT, Decider
from topics.metrics.state import StateFigures
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.workers import Host


class Settings(ProcessSettings):
    """vier_ogen_boven: euro including VAT above which a decision on an invoice needs a second person."""

    vier_ogen_boven: Decimal = Field(default=LIMIT, ge=0)


async def main(settings: Settings) -> None:
    host = Host(settings, "besluit")
    host.add(Decider(settings.vier_ogen_boven), StateFigures(FIGURES))
    await host.run()


if __name__ == "__main__":
    environment = Settings.of(os.environ)
    configure("besluit", environment.log_level)
    uvloop.run(main(environment))
