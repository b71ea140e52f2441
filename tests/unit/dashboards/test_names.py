"""A board asks for figures that are declared, by labels that they have."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.unit.dashboards.read import boards
from topics.metrics import archive, declarations, measure
from topics.metrics.metric import Kind, Metric

SELECTED: Final = re.compile(r"\b(ketenbus_\w+)(?:\{([^}]*)\})?")
LABEL: Final = re.compile(r"(\w+)(?:=~|!~|!=|=)\"")
BOARDS: Final = boards()
NOT_OURS: Final = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
"""Of Prometheus itself and of its client library."""


def declared() -> dict[str, set[str]]:
    """Every series that is scraped, with the labels that it has."""
    found: dict[str, set[str]] = {}
    for module in (declarations, measure, archive):
        for metric in vars(module).values():
            if isinstance(metric, Metric):
                found |= dict(series(metric))
    return found


def series(metric: Metric) -> Iterator[tuple[str, set[str]]]:
    labels = set(metric.labels)
    if metric.kind is Kind.GAUGE_HISTOGRAM:
        yield f"{metric.name}_bucket", {*labels, "le"}
        yield f"{metric.name}_gcount", labels
        yield f"{metric.name}_gsum", labels
    elif metric.kind is Kind.HISTOGRAM:
        yield f"{metric.name}_bucket", {*labels, "le"}
        yield f"{metric.name}_count", labels
        yield f"{metric.name}_sum", labels
    else:
        yield metric.name, labels


def asked(name: str) -> list[str]:
    board = BOARDS[name]
    found = [target.expr for panel in board.panels for target in panel.targets]
    return found + [choice.query.query for choice in board.templating.list]


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_a_board_asks_for_declared_figures_by_labels_that_they_have(name: str) -> None:
    known = declared()
    wrong = []
    for expr in asked(name):
        for metric, selectors in SELECTED.findall(expr):
            labels = set(LABEL.findall(selectors))
            if metric not in known:
                wrong.append(f"{metric} is not declared")
            elif not labels <= known[metric]:
                wrong.append(f"{metric} has no label {sorted(labels - known[metric])}")
    assert wrong == []


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_what_is_not_ours_is_known_to_come_from_elsewhere(name: str) -> None:
    others = {
        word for expr in asked(name) for word in re.findall(r"\b(?:up|process_\w+|prometheus_\w+|scrape_\w+)\b", expr)
    }
    assert others <= NOT_OURS
