"""Room on the file system of the data folder, as it is at every scrape."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from topics.metrics.declarations import DATA_FREE, DATA_SIZE

log = structlog.get_logger(__name__)


class Disk(Collector):
    """Without figures while `folder` is away: the rest of the page is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[GaugeMetricFamily]:
        try:
            found = shutil.disk_usage(self._folder)
        except OSError as error:
            log.warning("disk.figures-away", error=str(error))
            return
        for metric, size in ((DATA_FREE, found.free), (DATA_SIZE, found.total)):
            family = metric.family()
            family.add_metric([], size)
            yield family
