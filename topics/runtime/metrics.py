"""The workers' own health, per processor and partition, and the figures that come from state.

Counters count since the start of the process; everything that says something about the chain is a gauge taken from the
committed state, so that a restart or replay changes nothing.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from topics.runtime.batch import Full

_LABELS = ("processor", "partition")


class WorkerMetrics:
    """All metrics of one worker process; one per registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, labels: tuple[str, ...] = _LABELS) -> Counter:
            return Counter(f"ketenbus_task_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str, labels: tuple[str, ...] = _LABELS) -> Gauge:
            return Gauge(f"ketenbus_task_{name}", text, labels, registry=registry)

        self.records = counter("records_total", "Records handled in committed transactions")
        self.steps = counter("steps_total", "Steps in committed transactions")
        self.letters = counter("dead_letters_total", "Dead letters written")
        self.failures = counter("failures_total", "Attempts that failed, by code", (*_LABELS, "code"))
        self.opened = counter("opened_total", "Times a task was opened: fenced, restored, positioned")
        self.open_seconds = Histogram(
            "ketenbus_task_open_seconds",
            "Time to fence, restore and position a task",
            _LABELS[:1],
            buckets=(0.05, 0.2, 0.5, 1, 2, 5, 10, 20, 45, 90),
            registry=registry,
        )
        self.transaction_seconds = Histogram(
            "ketenbus_task_transaction_seconds",
            "Time from begin to commit of a transaction",
            _LABELS[:1],
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
            registry=registry,
        )
        self.keys = gauge("state_keys", "Keys in the state")
        self.lag = gauge("lag_records", "Records between the position and the end of the partition")
        self.paused = gauge("paused", "1 while a person has set the processor still", _LABELS[:1])
        self.halted = gauge("halted", "1 when the task waits for a person, by code", (*_LABELS, "code"))

    def task(self, processor: str, partition: int) -> "TaskMetrics":
        return TaskMetrics(self, processor, str(partition))


class TaskMetrics:
    """The metrics of one task."""

    def __init__(self, worker: WorkerMetrics, processor: str, partition: str) -> None:
        self._worker, self._at = worker, (processor, partition)
        self._records = worker.records.labels(*self._at)
        self._steps = worker.steps.labels(*self._at)
        self._letters = worker.letters.labels(*self._at)
        self._seconds = worker.transaction_seconds.labels(processor)
        self._keys, self._lag = worker.keys.labels(*self._at), worker.lag.labels(*self._at)

    def committed(self, full: Full, seconds: float, keys: int, lag: int) -> None:
        self._records.inc(full.records)
        self._steps.inc(full.steps)
        self._letters.inc(full.letters)
        self._seconds.observe(seconds)
        self._keys.set(keys)
        self._lag.set(lag)

    def behind(self, lag: int) -> None:
        """Of a task that is paused: nothing is committed that would tell."""
        self._lag.set(lag)

    def opened(self, seconds: float) -> None:
        self._worker.opened.labels(*self._at).inc()
        self._worker.open_seconds.labels(self._at[0]).observe(seconds)

    def failed(self, code: str) -> None:
        self._worker.failures.labels(*self._at, code).inc()

    def halted(self, code: str) -> None:
        self._worker.halted.labels(*self._at, code).set(1)
