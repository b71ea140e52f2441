"""A process that runs processors: workers, figures from their state, health; until SIGTERM or SIGINT."""

import asyncio
import gc
import signal
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from topics.kafka import GroupSettings
from topics.processes.health import health
from topics.processes.pauses import Pauses
from topics.processes.settings import ProcessSettings
from topics.runtime.metrics import WorkerMetrics
from topics.runtime.step import Processor
from topics.runtime.task import TaskSettings
from topics.runtime.worker import Worker, WorkerSettings

log = structlog.get_logger(__name__)


S = TypeVar("S")


class Hosted(Protocol):
    """A worker of whatever state."""

    @property
    def name(self) -> str: ...

    @property
    def ready(self) -> bool: ...

    def facets(self) -> Counter[str]: ...

    async def run(self, stop: asyncio.Event) -> None: ...


class Figures(Collector):
    """How many keys count under each facet, over the tasks of this process; sums over processes are the chain's."""

    def __init__(self, workers: Sequence[Hosted]) -> None:
        self._workers = workers

    def collect(self) -> Iterable[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "ketenbus_state_facet", "Keys in the state that count under a facet", labels=["processor", "facet"]
        )
        for worker in self._workers:
            for facet, count in sorted(worker.facets().items()):
                family.add_metric([worker.name, facet], count)
        yield family


def stop_on_signals() -> asyncio.Event:
    """Set at the first SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def spare_collector() -> None:
    """Look for cycles seldom, and never among what was loaded at the start.

    A batch keeps thousands of live objects without a cycle among them, and the collector goes through them again and
    again: a seventh of a correlator's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


class Host:
    """Composes and runs the workers of one process."""

    def __init__(self, settings: ProcessSettings, process: str) -> None:
        """`process`: its name in traces. Raises ConfigurationError."""
        self._settings = settings
        self._traces = settings.open_traces(process)
        self._pauses = Pauses(settings.data)
        self._blobs = settings.open_blobs()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._metrics = WorkerMetrics(self._registry)
        self._workers: list[Hosted] = []
        self._registry.register(Figures(self._workers))

    def add(self, processor: Processor[S], gather: float = 0.0) -> None:
        """`gather` as in TaskSettings: for a processor whose outputs nobody waits for."""
        settings = self._settings
        how = WorkerSettings(group=GroupSettings(instance=settings.instance), task=TaskSettings(gather=gather))
        name = processor.name
        worker = Worker(
            processor,
            settings.bootstrap,
            self._blobs,
            self._metrics,
            how,
            spans=self._traces,
            paused=lambda: self._pauses.of(name) is not None,
        )
        self._metrics.paused.labels(name).set_function(lambda: float(self._pauses.of(name) is not None))
        self._workers.append(worker)

    async def run(self) -> None:
        """Returns after a signal, when every running transaction is finished or given up."""
        stop = stop_on_signals()
        spare_collector()
        settings = self._settings
        async with health(settings.host, settings.port, self._registry, self._ready, self._remarks):
            log.info("process.started", processors=[worker.name for worker in self._workers])
            looking = asyncio.create_task(self._pauses.watch())
            runs = [asyncio.create_task(worker.run(stop)) for worker in self._workers]
            done, _ = await asyncio.wait(runs, return_when=asyncio.FIRST_EXCEPTION)
            stop.set()
            await asyncio.gather(*runs, return_exceptions=True)
            looking.cancel()
            if self._traces is not None:
                await asyncio.to_thread(self._traces.close)
            for run in done:
                run.result()
        log.info("process.stopped")

    def _remarks(self) -> list[str]:
        found = ((worker.name, self._pauses.of(worker.name)) for worker in self._workers)
        return [f"{name}: {pause}" for name, pause in found if pause is not None]

    def _ready(self) -> bool:
        return all(worker.ready for worker in self._workers)
