"""The demo, played once for every test that looks at it: as a process of its own, with a Prometheus beside it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from prometheus_client import CollectorRegistry

from tests.integration.bus.pages import Pages
from tests.integration.bus.prometheus import Fed, Prometheus, installed
from topics.broker.machine import choose_base, choose_port
from topics.metrics import archive, declarations, measure
from topics.metrics.metric import DAG
from topics.processes.table import OFFSETS, PROCESSES
from topics.runtime.metrics import WorkerMetrics

LIMIT: Final = 480.0
"""Seconds; on an idle machine the demo takes two minutes."""


@dataclass(frozen=True)
class Played:
    """A demo that ended. `pages`: what each process last said on /metrics. `begin`, `end`: the moments, in seconds, between which every process answered Prometheus."""

    status: int
    said: str
    pages: Mapping[str, str] = field(default_factory=dict)
    prometheus: Prometheus | None = None
    begin: float = 0.0
    end: float = 0.0


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    data, base = tmp_path_factory.mktemp("demo"), choose_base(OFFSETS)
    targets = {process.name: f"127.0.0.1:{base + process.offset}" for process in PROCESSES}
    if not installed():
        yield _play(data, base, targets)
        return
    fed = Fed(_never_in_a_demo(), choose_port(()))
    nobody = f"127.0.0.1:{choose_port(())}"
    prometheus = Prometheus(
        tmp_path_factory.mktemp("prometheus"), choose_port(()), {**targets, "fed": fed.address, "nobody": nobody}
    )
    try:
        prometheus.start()
        begin = time.time()
        ended = _play(data, base, targets)
        jobs = "|".join(targets)
        answered = prometheus.over(f'sum(up{{job=~"{jobs}"}})', begin, time.time(), 1)
        all_up = [at for series in answered for at, number in series.values if float(number) == len(targets)]
        yield Played(
            ended.status, ended.said, ended.pages, prometheus, min(all_up, default=begin), max(all_up, default=begin)
        )
    finally:
        prometheus.stop()
        fed.stop()


def _play(data: Path, base: int, targets: Mapping[str, str]) -> Played:
    with Pages(targets) as pages:
        ran = subprocess.run(
            [sys.executable, "-m", "topics.cli", "demo", "--port", str(base)],
            env={**os.environ, "KETENBUS_DATA": str(data)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    return Played(ran.returncode, ran.stdout, pages.found)


def _never_in_a_demo() -> CollectorRegistry:
    """What a demo that goes well does not show, by the names that the processes themselves give it."""
    registry = CollectorRegistry()
    task = WorkerMetrics(registry).task("nagebootst", 0)
    task.failed("niet-bereikbaar")
    task.halted("onbekend-type")
    declarations.ONTVANGSTEN_ONGEOPEND.gauge(registry).labels("nagebootst").set(0)
    declarations.SLEUTEL_GELDIG.gauge(registry).labels("nagebootst", "sleutel").set(20 * DAG)
    # there only for a moment, at which nobody may happen to look: until a second person confirms, until orders answer
    declarations.BESLUITEN.gauge(registry).labels("wacht").set(0)
    declarations.FACTUUR_EUROS.gauge(registry).labels("onderhoud", "in_behandeling", "nagebootst", "nagebootst").set(0)
    for metric in (archive.AGE, archive.MISSING):
        metric.gauge(registry).set(0)
    archive.BEHIND.gauge(registry).labels("nagebootst").set(0)
    measure.ONLEESBAAR.gauge(registry).labels("nagebootst").set(0)
    return registry
