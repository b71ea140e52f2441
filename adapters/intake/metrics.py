"""The intake's figures for Prometheus. Labels are bounded: kinds and outcomes, never receipts; partners only of their keys
(`keys`)."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, ProcessCollector

from topics.metrics import declarations as declared
from topics.metrics.metric import Metric

ACCEPTED: Final = "aangenomen"
REPEATED: Final = "herhaling"
CHECKED: Final = "gecontroleerd"
GONE: Final = "verbinding-verbroken"


class Metrics:
    """One registry per process. An outcome is `aangenomen`, `herhaling`, or the code of the refusal."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._messages = declared.INTAKE_MESSAGES.counter(self.registry)
        self._seconds = declared.INTAKE_SECONDS.histogram(self.registry)
        self._bytes = declared.INTAKE_BYTES.counter(self.registry)
        self._checks = declared.INTAKE_CHECKS.counter(self.registry)
        self._outcomes: dict[tuple[str, str], Counter] = {}
        self._sizes: dict[str, Counter] = {}

    def offered(self, kind: str, outcome: str, seconds: float) -> None:
        """`kind` is "-" where the caller is not known."""
        counter = self._outcomes.get((kind, outcome))
        if counter is None:
            counter = self._outcomes[(kind, outcome)] = self._messages.labels(kind, outcome)
        counter.inc()
        self._seconds.observe(seconds)

    def accepted(self, kind: str, size: int) -> None:
        counter = self._sizes.get(kind)
        if counter is None:
            counter = self._sizes[kind] = self._bytes.labels(kind)
        counter.inc(size)

    def checked(self, kind: str, outcome: str) -> None:
        self._checks.labels(kind, outcome).inc()

    def gauge(self, metric: Metric, value: Callable[[], float]) -> None:
        """A figure that is read when Prometheus asks."""
        metric.gauge(self.registry, value)
