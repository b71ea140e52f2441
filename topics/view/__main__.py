"""Composition root of the view's process: `python -m topics.view [--opnieuw]`."""

import os
import sys

import structlog
import uvloop
from prometheus_client import CollectorRegistry, ProcessCollector

from topics.clock.source import time_source
from topics.metrics.certificates import KafkaCertificates
from topics.processes.health import health
from topics.processes.logging import configure
from topics.processes.settings import ProcessSettings
from topics.processes.starting import exit_status
from topics.processes.workers import stop_on_signals
from topics.view.database import open_reader, open_writer
from topics.view.fill import View
from topics.view.process import Filler, Stock, ViewMetrics

log = structlog.get_logger(__name__)


async def main(settings: ProcessSettings, *, rebuild: bool) -> None:
    stop = stop_on_signals()
    engine = open_writer(settings.view_url)
    view = View(engine)
    if rebuild:
        view.rebuild()
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(KafkaCertificates(settings.bootstrap))
    figures = open_reader(settings.view_url)
    registry.register(Stock(figures, time_source(settings.data)))
    filler = Filler(view, settings.bootstrap, ViewMetrics(registry))
    async with health(settings.host, settings.port, registry, lambda: filler.ready, stop):
        log.info("process.started", view=engine.url.render_as_string(), positions=len(view.positions))
        await filler.run(stop)
    figures.dispose()
    engine.dispose()
    log.info("process.stopped", records=view.applied)


def start() -> None:
    """Raises ConfigurationError when a setting is wrong."""
    settings = ProcessSettings.of(os.environ)
    configure("view", settings.log_level)
    uvloop.run(main(settings, rebuild="--opnieuw" in sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(exit_status(start))
