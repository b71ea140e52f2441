"""`python -m adapters.intake`: the intake process. The only place here that reads the environment."""

import asyncio
import gc
import os
import sys
from contextlib import suppress

import structlog
import uvloop

from adapters.check.process import CheckProcess
from adapters.intake.app import Intake, Ports
from adapters.intake.journal import configure
from adapters.intake.keys import KeyFigures
from adapters.intake.serve import listen, serve
from adapters.intake.settings import Settings
from adapters.intake.suspensions import Suspensions
from adapters.intake.wiring import Directory, ViewReceipts, follow, watch
from topics.clock.source import time_source
from topics.kafka import open_sender
from topics.metrics import declarations as declared
from topics.metrics.certificates import KafkaCertificates
from topics.processes.starting import exit_status
from topics.processes.workers import stop_on_signals
from topics.view.queries import Queries

log = structlog.get_logger(__name__)

REFRESH_SECONDS = 1.0


async def run(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT. Raises ConfigurationError when it cannot start."""
    stop = stop_on_signals()
    clock = time_source(settings.data)
    directory = Directory(settings.keys, settings.profiles)
    suspensions = Suspensions()
    receipts = ViewReceipts(Queries(settings.view_url))
    traces = settings.open_traces("intake")
    checker = CheckProcess(settings.profiles, clock, settings.check)
    with listen(settings.host, settings.port) as listener:
        async with open_sender(settings.bootstrap) as sender:
            ports = Ports(
                sender=sender,
                blobs=settings.open_blobs(),
                partners=directory,
                suspended=suspensions,
                receipts=receipts,
                clock=clock,
                checker=checker,
                traces=traces,
            )
            intake = Intake(settings, ports)
            intake.metrics.gauge(declared.INTAKE_SUSPENDED, lambda: len(suspensions))
            intake.metrics.registry.register(KeyFigures(directory.keys, clock))
            intake.metrics.registry.register(KafkaCertificates(settings.bootstrap))
            beside = [
                asyncio.create_task(follow(settings.bootstrap, suspensions)),
                asyncio.create_task(watch(directory, REFRESH_SECONDS)),
            ]
            host, port = listener.getsockname()[:2]
            # what lives as long as the process is not looked at again by the collector of garbage
            gc.collect()
            gc.freeze()
            log.info("intake listens", host=host, port=port, bootstrap=settings.bootstrap)
            try:
                await serve(intake, listener, stop, settings.drain)
            finally:
                for task in beside:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
                await checker.close()
                receipts.close()
                if traces is not None:
                    await asyncio.to_thread(traces.close)
    log.info("intake stopped")


def main() -> None:
    """Raises ConfigurationError when a setting, a key file or a profile is wrong."""
    settings = Settings.of(os.environ)
    configure(settings.log_level)
    uvloop.run(run(settings))


if __name__ == "__main__":
    sys.exit(exit_status(main))
