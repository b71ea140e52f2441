"""The workers' own health, per processor and partition, and the figures that come from state.

Counters count since the start of the process; everything that says something about the chain is a gauge taken from the
committed state, so that a restart or replay changes nothing.
"""

from prometheus_client import CollectorRegistry

from topics.metrics import declarations as declared
from topics.runtime.batch import Full


class WorkerMetrics:
    """All metrics of one worker process; one per registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.records = declared.TASK_RECORDS.counter(registry)
        self.steps = declared.TASK_STEPS.counter(registry)
        self.letters = declared.TASK_LETTERS.counter(registry)
        self.failures = declared.TASK_FAILURES.counter(registry)
        self.opened = declared.TASK_OPENED.counter(registry)
        self.open_seconds = declared.TASK_OPEN_SECONDS.histogram(registry)
        self.transaction_seconds = declared.TASK_TRANSACTION_SECONDS.histogram(registry)
        self.keys = declared.TASK_KEYS.gauge(registry)
        self.lag = declared.TASK_LAG.gauge(registry)
        self.halted = declared.TASK_HALTED.gauge(registry)
        self.paused = declared.TASK_PAUSED.gauge(registry)
        self.waiting = declared.TASK_WAITING.gauge(registry)

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
        self._waits = False
        self._halted: set[str] = set()
        # there before the first commit
        worker.keys.labels(*self._at)
        worker.lag.labels(*self._at)

    def committed(self, full: Full, seconds: float, keys: int, lag: int) -> None:
        self._records.inc(full.records)
        self._steps.inc(full.steps)
        self._letters.inc(full.letters)
        self._seconds.observe(seconds)
        self._worker.keys.labels(*self._at).set(keys)
        self._worker.lag.labels(*self._at).set(lag)

    def behind(self, lag: int) -> None:
        """Of a task that may stand still: nothing is committed that would tell."""
        self._worker.lag.labels(*self._at).set(lag)

    def opened(self, seconds: float) -> None:
        self._worker.opened.labels(*self._at).inc()
        self._worker.open_seconds.labels(self._at[0]).observe(seconds)

    def waiting(self, waits: bool) -> None:
        """For its turn after a restore. Nothing is shown of a task that never did."""
        if waits or self._waits:
            self._waits = waits
            self._worker.waiting.labels(*self._at).set(waits)

    def failed(self, code: str) -> None:
        self._worker.failures.labels(*self._at, code).inc()

    def halted(self, code: str) -> None:
        self._halted.add(code)
        self._worker.halted.labels(*self._at, code).set(1)

    def gone(self) -> None:
        """The task is here no more: what it was when it went would be counted beside what it is elsewhere."""
        self._worker.keys.remove(*self._at)
        self._worker.lag.remove(*self._at)
        for code in self._halted:
            self._worker.halted.remove(*self._at, code)
        self._halted.clear()
