"""A process that runs processors: workers, figures from their state, health; until SIGTERM or SIGINT."""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from topics.clock.source import TimeSource, time_source
from topics.kafka import GroupSettings
from topics.metrics.certificates import KafkaCertificates
from topics.metrics.metric import Metric
from topics.metrics.state import Figure, Found, Labels, StateFigures, families
from topics.processes.health import health
from topics.processes.pauses import Pauses
from topics.processes.settings import ProcessSettings
from topics.profile.names import Names
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

    @property
    def remarks(self) -> Sequence[str]: ...

    def facets(self) -> Mapping[str, int]: ...

    async def run(self, stop: asyncio.Event) -> None: ...


class Figures(Collector):
    """What the states of this process come to, at every scrape; sums over processes are the chain's.

    `now`: the time of the bus, against which ages are taken. `name`: the partner's id of a GLN.
    """

    def __init__(self, now: TimeSource, name: Callable[[str], str]) -> None:
        self._now, self._name = now, name
        self._hosted: list[tuple[Hosted, StateFigures]] = []

    def add(self, worker: Hosted, figures: StateFigures) -> None:
        self._hosted.append((worker, figures))

    def collect(self) -> Iterable[Family]:
        found: dict[Metric, tuple[Figure, dict[Labels, Found]]] = {}
        now = self._now.now()
        for worker, figures in self._hosted:
            figures.add(worker.facets(), now, self._name, found)
        return families(found)


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
        self._registry.register(KafkaCertificates(settings.bootstrap))
        self._metrics = WorkerMetrics(self._registry)
        self._workers: list[Hosted] = []
        self._names = Names(settings.profiles)
        self._figures = Figures(time_source(settings.data), self._names)
        self._registry.register(self._figures)

    def add(self, processor: Processor[S], figures: StateFigures, gather: float = 0.0) -> None:
        """`figures`: what its state shows. `gather` as in TaskSettings: for a processor whose outputs nobody waits for."""
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
        self._figures.add(worker, figures)

    def show(self, figures: Collector) -> None:
        """Beside what the states come to."""
        self._registry.register(figures)

    async def run(self) -> None:
        """Returns after a signal, when every running transaction is finished or given up."""
        stop = stop_on_signals()
        spare_collector()
        settings = self._settings

        def ready() -> bool:
            return all(worker.ready for worker in self._workers)

        async with health(settings.host, settings.port, self._registry, ready, stop, self._remarks):
            log.info("process.started", processors=[worker.name for worker in self._workers])
            naming = asyncio.create_task(self._names.watch())
            looking = asyncio.create_task(self._pauses.watch())
            runs = [asyncio.create_task(worker.run(stop)) for worker in self._workers]
            done, _ = await asyncio.wait(runs, return_when=asyncio.FIRST_EXCEPTION)
            stop.set()
            await asyncio.gather(*runs, return_exceptions=True)
            naming.cancel()
            with suppress(asyncio.CancelledError):
                await naming
            looking.cancel()
            if self._traces is not None:
                await asyncio.to_thread(self._traces.close)
            for run in done:
                run.result()
        log.info("process.stopped")

    def _remarks(self) -> list[str]:
        found = ((worker.name, self._pauses.of(worker.name)) for worker in self._workers)
        paused = [f"{name}: {pause}" for name, pause in found if pause is not None]
        return [*paused, *(f"{worker.name}: {remark}" for worker in self._workers for remark in worker.remarks)]
