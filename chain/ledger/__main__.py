"""Composition root of the ledger's process: `python -m chain.ledger`."""

import os
from typing import Final

import uvloop

from chain.ledger.processor import Ledger
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.workers import Host

GATHER: Final = 1.0
"""Seconds. Nobody waits for the account: what a partner asks for comes from the postings themselves, by the view."""


async def main(settings: ProcessSettings) -> None:
    host = Host(settings)
    host.add(Ledger(), gather=GATHER)
    await host.run()


if __name__ == "__main__":
    environment = ProcessSettings.of(os.environ)
    configure("ledger", environment.log_level)
    uvloop.run(main(environment))
