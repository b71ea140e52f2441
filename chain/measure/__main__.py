"""Composition root of the process that counts lead times: `python -m chain.measure`."""

import asyncio
import logging
import os
import sys
from collections import Counter
from typing import Final

import structlog
import uvloop
from prometheus_client import CollectorRegistry, ProcessCollector
from pydantic import Field

from chain.measure.app import Measure, telparen, timer
from chain.measure.figures import MeasureFigures
from chain.measure.peil import Peil
from chain.measure.profielen import Profielen
from chain.measure.publicatie import Publicatie
from chain.measure.regie import Regie
from chain.measure.teller import HORIZON, LEAST
from chain.measure.web import pages
from topics.catalogue.declarations import DOORLOOPTIJD
from topics.clock.source import time_source
from topics.kafka import open_sender
from topics.metrics.certificates import KafkaCertificates
from topics.processes.health import health
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.starting import exit_status
from topics.processes.workers import spare_collector, stop_on_signals
from topics.profile.names import Names

log = structlog.get_logger(__name__)

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 15.0


class Settings(ProcessSettings):
    """beurt: real seconds between two turns of adding up and publishing. sessie: seconds of silence after which Kafka
    gives the partitions of this worker to another. horizon: whole months between a month that is closed and the one at hand;
    the same for every worker, and for good: what is closed stays closed."""

    beurt: float = Field(default=2.0, gt=0)
    sessie: float = Field(default=10.0, ge=1, le=60)
    horizon: int = Field(default=HORIZON, ge=LEAST)


async def main(settings: Settings) -> None:
    """Returns after a signal, when what was counted is acknowledged. Raises what ended the counting, else."""
    stop = stop_on_signals()
    spare_collector()
    peil = Peil(settings.bootstrap, time_source(settings.data))
    profielen, names = Profielen(settings.profiles), Names(settings.profiles)
    async with open_sender(settings.bootstrap) as sender:
        partitions = await sender.partitions(DOORLOOPTIJD)
        url = f"http://{settings.host}:{settings.port}"
        measure = Measure(
            settings.bootstrap,
            sender,
            partitions,
            session=settings.sessie,
            url=url,
            paren=telparen(settings.horizon),
        )
        publicatie = Publicatie(settings.bootstrap, sender)
        regie = Regie(settings.bootstrap, measure, peil, publicatie, profielen.dagen)

        async def turn() -> None:
            # while it stops its partitions go, and what it shows stays
            if not stop.is_set():
                await regie.turn()

        timer(measure, settings.beurt, turn)
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(KafkaCertificates(settings.bootstrap))
        registry.register(
            MeasureFigures(
                lambda: regie.opname,
                lambda: {at: behind for at, behind in measure.lag().items() if behind is not None},
                lambda: Counter() if (beeld := regie.beeld) is None else beeld.onleesbaar(),
                lambda: None if (beeld := regie.beeld) is None else beeld.laat(),
                peil.now,
                names,
            )
        )
        ready = Ready(measure, regie)
        try:
            async with health(settings.host, settings.port, registry, ready, stop, pages=pages(publicatie.laatste)):
                beside = [asyncio.create_task(peil.follow()), asyncio.create_task(names.watch())]
                try:
                    await _run(measure, beside, stop)
                finally:
                    for task in beside:
                        task.cancel()
        finally:
            # its figures are shown for as long as the process answers
            await regie.close()
    log.info("process.stopped")


class Ready:
    """Once everything that was there at the start is counted, and added up by whoever adds up; then for good."""

    def __init__(self, measure: Measure, regie: Regie) -> None:
        self._measure, self._regie = measure, regie
        self._ready = False

    def __call__(self) -> bool:
        if not self._ready and self._measure.app.started and self._measure.app.tables.actives_ready:
            settled = all(behind == 0 for behind in self._measure.lag().values())
            self._ready = settled and (not self._regie.leads or self._regie.opname is not None)
        return self._ready


async def _run(measure: Measure, beside: list[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Until `stop`. Raises what ended the app or something beside it."""
    asked = asyncio.create_task(stop.wait())
    crashed = asyncio.create_task(_crashed(measure))
    starting = asyncio.create_task(measure.start())
    starting.add_done_callback(lambda task: _told(measure, task))
    try:
        log.info("process.started")
        waiting: set[asyncio.Future[object]] = {asked, crashed, measure.failed, *beside}  # type: ignore[arg-type]  # set of futures of whatever
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        starting.cancel()
        crashed.cancel()
        await asyncio.wait([starting])
        async with asyncio.timeout(_STOP_SECONDS):
            await measure.stop()
    for task in (measure.failed, *beside):
        if task.done() and not task.cancelled():
            task.result()
    if not stop.is_set():
        raise SystemExit(1)
    asked.cancel()


def _told(measure: Measure, starting: asyncio.Task[None]) -> None:
    """What kept the app from starting ends the process; whoever watches it starts it again."""
    error = None if starting.cancelled() else starting.exception()
    if error is not None and not measure.failed.done():
        measure.failed.set_exception(error)


async def _crashed(measure: Measure) -> None:
    await measure.app._crashed.wait()
    log.error("process.failed", error=str(measure.app.crash_reason))


def start() -> None:
    """Raises ConfigurationError when a setting is wrong."""
    settings = Settings.of(os.environ)
    configure("measure", settings.log_level)
    for library in ("faust", "mode"):
        # what it does at every rebalance, or that a turn of its timers is late, is not for a log of events
        logging.getLogger(library).setLevel(logging.ERROR)
    uvloop.run(main(settings))


if __name__ == "__main__":
    sys.exit(exit_status(start))
