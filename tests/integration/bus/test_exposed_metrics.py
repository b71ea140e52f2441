"""What the processes of a real bus show on /metrics is what is declared, and as Prometheus wants it."""

import os
import shutil
import subprocess
from typing import Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.bus.conftest import Played
from topics.metrics.declarations import EVERY, WORKERS
from topics.metrics.metric import Kind, Metric
from topics.metrics.table import declared
from topics.processes.table import PROCESSES

pytestmark = pytest.mark.timeout(1100)

PROMTOOL: Final = "promtool"
WORK: Final = ("adapters", "correlate", "ledger", "besluit")
NAMES: Final = [process.name for process in PROCESSES]
_GAUGES_BESIDE: Final = ("_gcount", "_gsum")


@pytest.fixture(scope="module")
def seen(played: Played) -> Played:
    assert played.status == 0, played.said
    return played


def expected(process: str) -> dict[str, Metric]:
    by = {process, EVERY, *([WORKERS] if process in WORK else [])}
    return {one.name.removesuffix("_total"): one for one in declared() if one.process in by}


@pytest.mark.parametrize("process", NAMES)
def test_a_process_shows_what_is_declared_of_it(seen: Played, process: str) -> None:
    kinds = {
        Kind.GAUGE: "gauge",
        Kind.COUNTER: "counter",
        Kind.HISTOGRAM: "histogram",
        Kind.GAUGE_HISTOGRAM: "histogram",
    }
    found = {one.name: one for one in text_string_to_metric_families(seen.pages[process])}
    beside = {name for name in found if name.endswith(_GAUGES_BESIDE)}
    ours = {name: family for name, family in found.items() if name.startswith("ketenbus_") and name not in beside}
    wanted = expected(process)
    assert sorted(ours) == sorted(wanted)
    for name, family in ours.items():
        metric = wanted[name]
        assert (family.type, family.documentation) == (kinds[metric.kind], metric.help), name
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(metric.labels), sample


@pytest.mark.parametrize("process", NAMES)
def test_promtool_has_nothing_to_say_of_a_process(seen: Played, process: str) -> None:
    if shutil.which(PROMTOOL) is None:
        if os.environ.get("CI") == "true":
            pytest.fail("promtool is not installed: .ci/run must install prometheus")
        pytest.skip("promtool is not installed on this machine")
    ran = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=seen.pages[process], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
