"""Composition root of the clock's process: `python -m topics.clock`."""

import os
import sys
from pathlib import Path

import structlog
import uvloop
from prometheus_client import CollectorRegistry, ProcessCollector

from topics.clock.clock import Clock, ClockFigures
from topics.clock.source import FILE, time_source
from topics.metrics.certificates import KafkaCertificates
from topics.metrics.disk import Disk
from topics.processes.health import health
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.starting import exit_status
from topics.processes.workers import stop_on_signals

MARGIN_SECONDS = 1.0
SIMULATED_MARGIN_SECONDS = 0.05

log = structlog.get_logger(__name__)


def margin(data: Path) -> float:
    """Real seconds that a message may take from the intake's stamp to its topic; a simulation runs on one machine."""
    return SIMULATED_MARGIN_SECONDS if (data / FILE).exists() else MARGIN_SECONDS


async def main(settings: ProcessSettings) -> None:
    stop = stop_on_signals()
    time = time_source(settings.data)
    clock = Clock(settings.bootstrap, time, lambda: margin(settings.data))
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(KafkaCertificates(settings.bootstrap))
    registry.register(ClockFigures(clock, time))
    registry.register(Disk(settings.data))
    async with health(settings.host, settings.port, registry, lambda: clock.watermark is not None, stop):
        log.info("process.started", now=time.now().isoformat())
        await clock.run(stop)
    log.info("process.stopped")


def start() -> None:
    """Raises ConfigurationError when a setting is wrong."""
    settings = ProcessSettings.of(os.environ)
    configure("clock", settings.log_level)
    uvloop.run(main(settings))


if __name__ == "__main__":
    sys.exit(exit_status(start))
