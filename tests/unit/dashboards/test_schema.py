"""What Grafana 10.1 and newer ask of a board, and what its readers do."""

import json
import re
from itertools import combinations, groupby
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import units

from tests.unit.dashboards.read import FOLDER, ROOT, Board, Panel, boards, used

SCHEMA_OF_10_1: Final = 38
BOARDS: Final = boards()
TYPES: Final = {"stat", "timeseries", "bargauge", "barchart", "heatmap", "table", "row"}
"""Of the panels that come with Grafana since 10.1 and are not deprecated; `graph`, `singlestat` and `table-old` are gone in 11."""
UNITS: Final = {unit for unit in vars(units).values() if isinstance(unit, str)}
SHORT_MAX: Final = 60


def every_panel() -> list[tuple[str, Panel]]:
    return [(name, panel) for name, board in BOARDS.items() for panel in board.panels]


@pytest.fixture(params=sorted(BOARDS))
def board(request: pytest.FixtureRequest) -> Board:
    return BOARDS[request.param]


def test_the_five_boards_are_there() -> None:
    assert {board.title for board in BOARDS.values()} == {
        "Keten in één oogopslag",
        "Doorlooptijden",
        "Werkvoorraad en stagnatie",
        "Uitval en beoordeling",
        "Techniek",
    }
    assert len({board.uid for board in BOARDS.values()}) == len(BOARDS)


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_a_board_holds_nothing_that_the_schema_of_10_1_does_not_know(name: str) -> None:
    register_default_plugins()
    text = (FOLDER / name).read_text("utf-8")
    understood = model.Dashboard.from_json(json.loads(text))
    assert json.loads(json.dumps(understood, cls=JSONEncoder)) == json.loads(text)


def test_a_board_is_of_the_schema_that_10_1_and_newer_read(board: Board) -> None:
    assert board.schema_version == SCHEMA_OF_10_1


def test_no_panel_is_of_a_type_that_is_deprecated() -> None:
    assert {panel.type for _, panel in every_panel()} <= TYPES


def test_every_panel_of_a_board_has_a_number_of_its_own(board: Board) -> None:
    numbers = [panel.id for panel in board.panels]
    assert len(set(numbers)) == len(numbers)
    assert min(numbers) > 0


def test_panels_lie_within_the_grid_and_not_over_each_other(board: Board) -> None:
    for panel in board.panels:
        place = panel.grid_pos
        assert place.x >= 0
        assert place.w > 0
        assert place.x + place.w <= 24, panel.title
    for one, other in combinations(board.panels, 2):
        a, b = one.grid_pos, other.grid_pos
        apart = a.x + a.w <= b.x or b.x + b.w <= a.x or a.y + a.h <= b.y or b.y + b.h <= a.y
        assert apart, f"{one.title} lies over {other.title}"


def test_every_line_of_panels_is_full_and_of_one_height(board: Board) -> None:
    for y, line in groupby(board.panels, lambda panel: panel.grid_pos.y):
        panels = list(line)
        assert sum(panel.grid_pos.w for panel in panels) == 24, f"line {y} of {board.title}"
        assert len({panel.grid_pos.h for panel in panels}) == 1, f"line {y} of {board.title}"


def test_a_board_begins_with_a_heading_and_a_line_of_figures(board: Board) -> None:
    assert board.panels[0].type == "row"
    assert [panel.type for panel in board.panels[1:7]] == ["stat"] * 6


def test_everything_is_asked_of_the_data_source_that_is_provisioned(board: Board) -> None:
    provisioned = yaml.safe_load((ROOT / "compose/grafana/provisioning/datasources/prometheus.yml").read_text())
    known = {(source["uid"], source["type"]) for source in provisioned["datasources"]}
    for panel in board.shown:
        assert panel.datasource is not None
        for source in (panel.datasource, *(target.datasource for target in panel.targets)):
            assert (source.uid, source.type) in known, panel.title
    assert {(choice.datasource.uid, choice.datasource.type) for choice in board.templating.list} <= known


def test_every_panel_asks_something_and_each_question_has_a_name_of_its_own(board: Board) -> None:
    for panel in board.shown:
        refs = [target.ref_id for target in panel.targets]
        assert refs, panel.title
        assert len(set(refs)) == len(refs), panel.title
        assert all(target.expr for target in panel.targets), panel.title
        assert all(target.instant != target.range for target in panel.targets), panel.title


def test_every_unit_is_one_that_grafana_knows() -> None:
    wrong = {unit for _, panel in every_panel() if panel.type != "row" for unit in panel.units if not known_unit(unit)}
    assert wrong == set()


def known_unit(unit: str) -> bool:
    return unit in UNITS or bool(re.fullmatch(r"suffix:(?:[a-z]+|/s)|prefix:€", unit))


def test_every_panel_says_what_it_means_and_what_one_can_do(board: Board) -> None:
    for panel in board.shown:
        means, question, can_do = panel.description.partition("\n\n**Wat kunt u doen?** ")
        assert question, panel.title
        for sentence in (means, can_do):
            assert sentence.endswith("."), panel.title
            assert len(sentence.split()) > 4, f"{panel.title}: {sentence}"
        assert len(panel.title) <= SHORT_MAX


def test_no_two_panels_of_a_board_have_one_title(board: Board) -> None:
    titles = [panel.title for panel in board.shown]
    assert len(set(titles)) == len(titles)


def test_what_is_asked_uses_only_the_choices_of_the_board_and_all_of_them(board: Board) -> None:
    choices = {choice.name for choice in board.templating.list}
    asked = [target.expr for panel in board.panels for target in panel.targets]
    asked += [panel.title for panel in board.panels] + [choice.query.query for choice in board.templating.list]
    in_use = {name for text in asked for name in used(text)}
    assert in_use == choices


def test_a_choice_of_everything_also_takes_what_has_no_value(board: Board) -> None:
    for choice in board.templating.list:
        if choice.include_all:
            assert choice.all_value == ".*"
            assert choice.current.value == ["$__all"]
        else:
            assert choice.current.value


def test_boards_lead_to_each_other_with_choices_and_time(board: Board) -> None:
    (to_all,) = board.links
    assert (to_all.type, to_all.tags, to_all.include_vars, to_all.keep_time) == ("dashboards", ["ketenbus"], True, True)
    assert "ketenbus" in board.tags


def test_a_link_leads_to_a_board_that_is_there_and_to_choices_that_it_has(board: Board) -> None:
    by_uid = {other.uid: {choice.name for choice in other.templating.list} for other in BOARDS.values()}
    own = {choice.name for choice in board.templating.list}
    for panel in board.panels:
        for url in panel.urls:
            parts = urlsplit(url)
            uid = parts.path.removeprefix("/d/")
            assert uid in by_uid, url
            assert used(url) <= own, url
            given = {
                name.removeprefix("var-")
                for name in parse_qs(parts.query, keep_blank_values=True)
                if name.startswith("var-")
            }
            assert given <= by_uid[uid], url
            passed_on = used(url)
            assert passed_on <= by_uid[uid], url


def test_a_table_names_each_of_its_columns(board: Board) -> None:
    for panel in board.panels:
        if panel.type not in {"table", "barchart"}:
            continue
        values = ["Value"] if len(panel.targets) == 1 else [f"Value #{target.ref_id}" for target in panel.targets]
        assert {name for name in panel.renamed if name.startswith("Value")} == set(values), panel.title
        titles = list(panel.renamed.values())
        assert len(set(titles)) == len(titles), panel.title
        if panel.type == "table":
            assert {one.matcher.options for one in panel.field_config.overrides} <= set(titles), panel.title


def test_limits_rise(board: Board) -> None:
    for panel in board.shown:
        if panel.field_config.defaults.thresholds is None:
            continue
        first, *rest = [step.value for step in panel.field_config.defaults.thresholds.steps]
        assert first is None
        found = [value for value in rest if value is not None]
        assert len(found) == len(rest)
        assert found == sorted(found)


def test_a_quantile_of_classes_keeps_the_classes(board: Board) -> None:
    for panel in board.panels:
        for target in panel.targets:
            if "_bucket" in target.expr and "le=" not in target.expr:
                assert re.search(r"by \((?:\w+, ?)*le[,)]", target.expr), target.expr
