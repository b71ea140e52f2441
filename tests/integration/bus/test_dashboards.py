"""Every question of every board, asked of a real Prometheus that looked at the demo, is answered with data."""

import os
import re
from typing import Final

import pytest

from tests.integration.bus.conftest import Played
from tests.unit.dashboards.read import Board, Panel, Target, boards, used

pytestmark = pytest.mark.timeout(1100)

BOARDS: Final = boards()
ZERO: Final = re.compile(r" or vector\(0\)")
"""What makes a board say 0 where nothing is; asked without it, so that a name that nobody gives is noticed."""
STEP: Final = 1
LABELS: Final = re.compile(r"label_values\((.+), (\w+)\)")


@pytest.fixture(scope="module")
def seen(played: Played) -> Played:
    if played.prometheus is None:
        if os.environ.get("CI") == "true":
            pytest.fail("prometheus is not installed: .ci/run must install it")
        pytest.skip("prometheus is not installed on this machine")
    assert played.status == 0, played.said
    assert played.end > played.begin
    return played


def filled(expr: str, board: Board) -> str:
    """As Grafana asks it when a reader has chosen nothing yet."""
    for choice in board.templating.list:
        value = choice.all_value if choice.include_all else str(choice.current.value)
        expr = expr.replace(f"${choice.name}", value)
    expr = ZERO.sub("", expr.replace("$__rate_interval", "30s"))
    assert not used(expr), expr
    return expr


def questions() -> list[tuple[str, Panel, Target]]:
    return [
        (name, panel, target) for name, board in BOARDS.items() for panel in board.panels for target in panel.targets
    ]


@pytest.mark.parametrize(
    ("name", "panel", "target"),
    [pytest.param(*one, id=f"{one[0]}-{one[1].title}-{one[2].ref_id}") for one in questions()],
)
def test_a_question_of_a_panel_is_answered(seen: Played, name: str, panel: Panel, target: Target) -> None:
    assert seen.prometheus is not None
    expr = filled(target.expr, BOARDS[name])
    # also what a panel asks as it stands: some of it is there only for a while, such as money in hand
    found = seen.prometheus.over(expr, seen.begin, seen.end, STEP)
    assert any(series.numbers for series in found), f"no data: {expr}"
    legend = re.findall(r"\{\{(\w+)\}\}", target.legend_format)
    columns = [label for label in panel.renamed if not label.startswith("Value")]
    lacking = [label for label in legend + columns if not any(series.metric.get(label) for series in found)]
    assert not lacking, f"no {lacking}: {expr}"


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_a_choice_offers_values_and_what_it_begins_with_is_one_of_them(seen: Played, name: str) -> None:
    assert seen.prometheus is not None
    board = BOARDS[name]
    for choice in board.templating.list:
        shape = LABELS.fullmatch(choice.query.query)
        assert shape, choice.query.query
        series, label = shape.groups()
        values = seen.prometheus.values(label, filled(series, board))
        assert values, choice.query.query
        if not choice.include_all:
            assert choice.current.value in values, choice.query.query
