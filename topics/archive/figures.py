"""The archiver's metrics (topics.metrics.archive) and whether it is well."""

import time
from collections.abc import Mapping

from prometheus_client import CollectorRegistry

from topics.archive.manifest import Cut
from topics.metrics import archive


class Figures:
    """Told by the archiver, shown to Prometheus."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._behind = archive.BEHIND.gauge(registry)
        self._cuts = archive.CUT.gauge(registry)
        self._records = archive.RECORDS.counter(registry)
        self._bytes = archive.BYTES.counter(registry)
        self._missing = archive.MISSING.gauge(registry)
        self._last: float | None = None
        self._working = False
        archive.AGE.gauge(registry, self._age)

    def behind(self, records: Mapping[str, int]) -> None:
        for topic, count in records.items():
            self._behind.labels(topic).set(count)

    def cut(self, cut: Cut) -> None:
        self._last = time.monotonic()
        self._cuts.set(cut.number)
        self._missing.set(len(cut.missing))
        for file in cut.files:
            self._bytes.inc(file.bytes)
            for span in file.spans:
                self._records.labels(span.topic).inc(span.records)

    def working(self, works: bool) -> None:
        self._working = works

    def ready(self) -> bool:
        return self._working

    def _age(self) -> float:
        return float("inf") if self._last is None else time.monotonic() - self._last
