"""The process that fills the view: tails the public topics, a batch and its positions per database transaction."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry
from sqlalchemy import Engine

from topics.clock.source import TimeSource
from topics.errors import Unavailable
from topics.kafka import Reader, open_reader
from topics.metrics import declarations as declared
from topics.view.figures import backlog
from topics.view.fill import View
from topics.view.rows import TOPICS_READ

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.05
"""Short, because a record that is in the view a moment earlier is seen that much earlier by the intake."""

_WORTH_IT = 500
_GATHER = 0.05
"""Seconds. A transaction of the database costs as much for one record as for hundreds."""

_BACK_OFF = (0.2, 5.0)
_LAG_EVERY = 2.0


class ViewMetrics:
    """Counters of this process, and its lag."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.applied = declared.VIEW_RECORDS.counter(registry)
        self.lag = declared.VIEW_LAG.gauge(registry)
        self.failures = declared.VIEW_FAILURES.counter(registry)


class Stock(Collector):
    """What is under way, from the view's own tables at every scrape, so that a restart changes nothing."""

    def __init__(self, engine: Engine, time: TimeSource) -> None:
        """`engine`: of `database.open_reader`."""
        self._engine, self._time = engine, time

    def collect(self) -> Iterable[GaugeMetricFamily]:
        try:
            found = backlog(self._engine)
        except Unavailable as error:
            log.warning("view.figures-away", error=str(error))
            return
        now = self._time.now()
        values = {
            declared.VIEW_UNOPENED: float(found.ongeopend),
            declared.VIEW_UNOPENED_OLDEST: _age(now, found.ongeopend_sinds),
            declared.VIEW_ONDERWEG: float(found.onderweg),
            declared.VIEW_ONDERWEG_OLDEST: _age(now, found.onderweg_sinds),
            declared.VIEW_UNREAD: float(found.niet_gelezen),
        }
        for metric, value in values.items():
            family = metric.family()
            family.add_metric([], value)
            yield family


class Filler:
    """Fills `view` from Kafka until told to stop; `ready` once it has seen the ends of all topics."""

    def __init__(self, view: View, bootstrap: str, metrics: ViewMetrics) -> None:
        self._view, self._bootstrap, self._metrics = view, bootstrap, metrics
        self._lag_at = 0.0
        self.ready = False

    async def run(self, stop: asyncio.Event) -> None:
        """Goes on through every outage of Kafka or the database, from the stored positions; a view whose file was taken away
        is filled anew.

        Raises PositionMismatch when another process fills the same view.
        """
        low, high = _BACK_OFF
        wait = low
        while not stop.is_set():
            try:
                if self._view.lost:
                    self.ready = False
                    log.error("view.lost", positions=len(self._view.positions))
                    await asyncio.to_thread(self._view.reopen)
                async with open_reader(self._bootstrap, TOPICS_READ, self._view.positions) as reader:
                    while not stop.is_set() and not self._view.lost:
                        await self._batch(reader)
                        wait = low
            except Unavailable as error:
                self._metrics.failures.labels(error.code).inc()
                log.warning("view.waits", code=error.code, error=str(error), seconds=wait)
                await _pause(stop, wait)
                wait = min(wait * 2, high)

    async def _batch(self, reader: Reader) -> None:
        records = await reader.poll(POLL_SECONDS)
        if len(records) < _WORTH_IT:
            await asyncio.sleep(_GATHER)
            records += await reader.poll(0)
        positions = await reader.positions()
        before = self._view.apart
        # in a thread: a slow database must not hold up health and the client's heartbeats
        await asyncio.to_thread(self._view.apply, records, positions)
        self._metrics.applied.inc(len(records))
        if self._view.apart > before:
            log.error("view.set-apart", records=self._view.apart - before, where="table niet_gelezen")
        now = asyncio.get_running_loop().time()
        if now - self._lag_at >= _LAG_EVERY or not self.ready:
            self._lag_at = now
            lag = sum(max(0, end - positions[at]) for at, end in (await reader.ends()).items())
            self._metrics.lag.set(lag)
            self.ready = self.ready or lag == 0


def _age(now: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
