"""The intake's figures for Prometheus. Labels are bounded: kinds and outcomes, never partners or receipts."""

from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

ACCEPTED: Final = "aangenomen"
REPEATED: Final = "herhaling"
CHECKED: Final = "gecontroleerd"
GONE: Final = "verbinding-verbroken"

_SECONDS: Final = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """One registry per process. An outcome is `aangenomen`, `herhaling`, or the code of the refusal."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._messages = Counter(
            "ketenbus_intake_messages_total",
            "Messages offered, by kind of partner and outcome (aangenomen, herhaling, or the code of the refusal)",
            ("kind", "outcome"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "ketenbus_intake_answer_seconds",
            "From the first byte of a request to its answer",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._bytes = Counter(
            "ketenbus_intake_body_bytes_total", "Decoded bytes of accepted messages", ("kind",), registry=self.registry
        )
        self._checks = Counter(
            "ketenbus_intake_checks_total",
            "Checks asked for, by kind of partner and outcome (gecontroleerd, or the code of the refusal)",
            ("kind", "outcome"),
            registry=self.registry,
        )
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

    def gauge(self, name: str, what: str, value: Callable[[], float]) -> None:
        """A figure that is read when Prometheus asks."""
        Gauge(f"ketenbus_intake_{name}", what, registry=self.registry).set_function(value)
