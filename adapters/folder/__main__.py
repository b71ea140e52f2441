"""Composition root of the folder intake: `python -m adapters.folder`. KETENBUS_MAPPEN names another root folder."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import structlog
import uvloop
from prometheus_client import CollectorRegistry, ProcessCollector

from adapters.folder.delivery import Delivery, keep_delivering
from adapters.folder.figures import Figures
from adapters.folder.look import Looks
from adapters.folder.mailbox import Mailbox
from adapters.folder.settings import Settings
from adapters.folder.wiring import KafkaLog
from adapters.intake.acceptance import Acceptance
from adapters.intake.body import Budget
from adapters.intake.repeats import FirstReceipts, Recent
from adapters.intake.settings import Settings as IntakeSettings
from adapters.intake.suspensions import Suspensions
from adapters.intake.wiring import Directory, ViewReceipts, follow, watch
from topics.clock.source import time_source
from topics.kafka import open_sender
from topics.metrics.certificates import KafkaCertificates
from topics.processes.health import health
from topics.processes.logging import configure
from topics.processes.starting import exit_status
from topics.processes.workers import stop_on_signals
from topics.view.queries import Queries

log = structlog.get_logger(__name__)

CHANNEL = "map"
_REFRESH_SECONDS = 1.0


async def main(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT. Raises ConfigurationError when it cannot start."""
    stop = stop_on_signals()
    root = settings.folders
    limits = IntakeSettings()
    clock, suspensions = time_source(settings.data), Suspensions()
    directory = Directory(settings.keys, settings.profiles)
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(KafkaCertificates(settings.bootstrap))
    figures, budget = Figures(registry), Budget(limits.memory)
    receipts = ViewReceipts(Queries(settings.view_url))
    traces = settings.open_traces("folder")

    def ready() -> bool:
        return suspensions.caught_up and os.path.isdir(root)

    async with AsyncExitStack() as stack:
        stack.callback(receipts.close)
        if traces is not None:
            stack.callback(traces.close)
        await stack.enter_async_context(health(settings.host, settings.port, registry, ready, stop))
        sender = await stack.enter_async_context(open_sender(settings.bootstrap))
        acceptance = Acceptance(
            sender=sender,
            blobs=settings.open_blobs(),
            receipts=receipts,
            first=FirstReceipts(receipts, clock, limits.repeat_window, limits.lookup),
            recent=Recent(limits.remembered, limits.repeat_window),
            budget=budget,
            clock=clock,
            seconds=limits.answer,
            channel=CHANNEL,
            traces=traces,
        )

        def delivery(folder: Path) -> Delivery:
            mailbox, looks = Mailbox(folder, limits.body), Looks(folder)
            stack.callback(mailbox.close)
            figures.watch(folder.name, looks)
            return Delivery(
                mailbox,
                looks,
                acceptance,
                partner=folder.name,
                members=directory,
                suspended=suspensions,
                written=KafkaLog(settings.bootstrap),
                budget=budget,
                clock=clock,
                figures=figures,
            )

        beside = [
            asyncio.create_task(follow(settings.bootstrap, suspensions)),
            asyncio.create_task(watch(directory, _REFRESH_SECONDS)),
        ]
        log.info("process.started", folders=str(root))
        known: dict[str, asyncio.Task[None]] = {}
        try:
            while not stop.is_set():
                for partner in set(directory.partners()) - known.keys():
                    if made(root / partner):
                        known[partner] = asyncio.create_task(
                            keep_delivering(delivery(root / partner), partner, settings.mappen_interval)
                        )
                for task in (*known.values(), *beside):
                    if task.done():
                        task.result()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _REFRESH_SECONDS)
        finally:
            for task in (*known.values(), *beside):
                task.cancel()
            await asyncio.gather(*known.values(), *beside, return_exceptions=True)
            await acceptance.settle()
    log.info("process.stopped")


def made(folder: Path) -> bool:
    """Whether the folder is there now; a share that is away is waited for."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        log.warning("folder cannot be made", folder=str(folder), error=str(error))
        return False
    return True


def start() -> None:
    """Raises ConfigurationError when a setting, a key file or a profile is wrong."""
    settings = Settings.of(os.environ)
    configure("folder", settings.log_level)
    uvloop.run(main(settings))


if __name__ == "__main__":
    sys.exit(exit_status(start))
