"""The kinds of panels: what each shows, how Grafana draws it, and what a person is told about it.

Every panel says what it means and what one can do about it (`Uitleg`): a panel of which nobody knows what to do is not
built. Widths are in Grafana's 24 columns, heights in its rows of 30 pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from string import ascii_uppercase
from typing import Final

from grafana_foundation_sdk.builders import barchart, bargauge, common, heatmap, stat, table, timeseries
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import heatmap as heat
from grafana_foundation_sdk.models.prometheus import Dataquery, PromQueryFormat, QueryEditorMode

from chain.dashboards.terms import BETTER_HIGH, CLASSES, COUNT, NEUTRAL, SECONDS, SHARE, Column, Step, Uitleg

SOURCE: Final = model.DataSourceRef(type_val="prometheus", uid="prometheus")
"""The one data source; compose/grafana/provisioning gives it this uid."""


class Shape(StrEnum):
    """How an answer is asked: over the time range of the board, as it stands now, now as rows of a table, now as the
    classes of a histogram, or those over time."""

    RANGE = "range"
    NOW = "now"
    ROWS = "rows"
    CLASSES = "classes"
    HEAT = "heat"


_FORMAT: Final = {
    Shape.RANGE: PromQueryFormat.TIME_SERIES,
    Shape.NOW: PromQueryFormat.TIME_SERIES,
    Shape.ROWS: PromQueryFormat.TABLE,
    Shape.CLASSES: PromQueryFormat.HEATMAP,
    Shape.HEAT: PromQueryFormat.HEATMAP,
}
_OVER_TIME: Final = (Shape.RANGE, Shape.HEAT)
_NONE: Final[Mapping[str, str]] = {}


@dataclass(frozen=True)
class Panel:
    """A panel that still needs its place and number."""

    built: model.Panel
    width: int
    height: int

    def wide(self, width: int, height: int | None = None) -> "Panel":
        return replace(self, width=width, height=self.height if height is None else height)


def link(title: str, uid: str) -> model.DashboardLink:
    """To the board `uid`, with the same choices and time range."""
    return model.DashboardLink(
        title=title,
        type_val=model.DashboardLinkType.LINK,
        url=f"/d/{uid}?${{__all_variables}}&${{__url_time_range}}",
    )


def figure(
    uitleg: Uitleg,
    expr: str,
    unit: str = COUNT,
    steps: Sequence[Step] = NEUTRAL,
    decimals: int | None = None,
    scheme: str = "",
    to: model.DashboardLink | None = None,
) -> Panel:
    """One number as it stands, with its course behind it.

    Without it for `BETTER_HIGH`: that needs a least and a most, and the sparkline of @grafana/ui 11.6 fails on a field that
    has both.
    """
    built = (
        stat.Panel()
        .graph_mode(options.BigValueGraphMode.NONE if scheme == BETTER_HIGH else options.BigValueGraphMode.AREA)
        .color_mode(options.BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields(""))
        .text_mode(options.BigValueTextMode.VALUE)
        .build()
    )
    _fill(built, uitleg, [(expr, uitleg.titel)], Shape.RANGE, unit, decimals)
    defaults = built.field_config.defaults
    defaults.thresholds = _thresholds(steps)
    defaults.color = _color(scheme)
    if scheme == BETTER_HIGH:
        defaults.min_val, defaults.max_val = 0, 1
    if to is not None:
        built.links = [to]
    return Panel(built, 4, 4)


def trend(
    uitleg: Uitleg,
    queries: Sequence[tuple[str, str]],
    unit: str = COUNT,
    stacked: bool = False,
    high: float | None = None,
    colors: Mapping[str, str] = _NONE,
) -> Panel:
    """Lines over time: `queries` are expressions with their legends."""
    builder = (
        timeseries.Panel()
        .line_width(2 if not stacked else 1)
        .fill_opacity(40 if stacked else 5)
        .show_points(options.VisibilityMode.AUTO)
        .span_nulls(False)
        .axis_soft_min(0)
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI).sort(options.SortOrder.DESCENDING))
    )
    if stacked:
        builder = builder.stacking(common.StackingConfig().mode(options.StackingMode.NORMAL).group("A"))
    built = builder.build()
    _fill(built, uitleg, queries, Shape.RANGE, unit, None)
    defaults = built.field_config.defaults
    defaults.color = _color("palette-classic")
    defaults.max_val = high
    built.field_config.overrides = _kept(colors)
    return Panel(built, 12, 8)


def bars(
    uitleg: Uitleg,
    queries: Sequence[tuple[str, str]],
    unit: str = COUNT,
    steps: Sequence[Step] = NEUTRAL,
    colors: Mapping[str, str] = _NONE,
) -> Panel:
    """A bar per label set as it stands, the longest on top where the query sorts."""
    built = _gauge().build()
    _fill(built, uitleg, queries, Shape.NOW, unit, None)
    defaults = built.field_config.defaults
    defaults.thresholds = _thresholds(steps)
    defaults.min_val = 0
    built.field_config.overrides = _kept(colors)
    return Panel(built, 8, 8)


def classes(uitleg: Uitleg, expr: str) -> Panel:
    """How many fall in each class of a histogram as it stands; `expr` sums the buckets by `le`."""
    built = _gauge().build()
    _fill(built, uitleg, [(expr, "{{le}}")], Shape.CLASSES, COUNT, None)
    built.field_config.defaults.thresholds = _thresholds(NEUTRAL)
    built.field_config.defaults.min_val = 0
    built.field_config.overrides = [_override(bound, {"displayName": words}) for bound, words in CLASSES.items()]
    return Panel(built, 8, 8)


def heat_map(uitleg: Uitleg, expr: str, axis: str = SECONDS) -> Panel:
    """The classes of a histogram over time; `expr` sums the buckets by `le`."""
    color = (
        heatmap.HeatmapColorOptions()
        .mode(heat.HeatmapColorMode.SCHEME)
        .scheme("Oranges")
        .scale(heat.HeatmapColorScale.EXPONENTIAL)
        .exponent(0.5)
        .steps(32)
    )
    built = (
        heatmap.Panel()
        .calculate(False)
        .color(color)
        .cell_gap(1)
        .y_axis(heatmap.YAxisConfig().unit(axis).axis_placement(options.AxisPlacement.LEFT))
        .scale_distribution(common.ScaleDistributionConfig().type(options.ScaleDistribution.LINEAR))
        .show_tooltip()
        .show_legend()
        .build()
    )
    _fill(built, uitleg, [(expr, "{{le}}")], Shape.HEAT, COUNT, None)
    return Panel(built, 12, 9)


def rows(
    uitleg: Uitleg,
    labels: Mapping[str, str],
    columns: Sequence[Column],
    to: Mapping[str, tuple[str, str]] | None = None,
) -> Panel:
    """A table: a row per set of `labels` (label: its heading), a column per query. `to`: label: (title, url) of a link."""
    built = (
        table.Panel()
        .show_header(True)
        .cell_height(options.TableCellHeight.SM)
        .sort_by([common.TableSortByFieldState().display_name(columns[0].title).desc(True)])
        .build()
    )
    _fill(built, uitleg, [(column.expr, "") for column in columns], Shape.ROWS, COUNT, None)
    built.transformations = _merged(labels, columns)
    built.field_config.defaults.no_value = "–"
    built.field_config.defaults.custom = {"align": "auto", "filterable": False, "inspect": False}
    built.field_config.overrides = [_cell(column) for column in columns]
    for label, (title, url) in (to or {}).items():
        built.field_config.overrides.append(
            _override(labels[label], {"links": [{"title": title, "url": url, "targetBlank": False}]})
        )
    return Panel(built, 24, 9)


def shares(
    uitleg: Uitleg,
    label: tuple[str, str],
    columns: Sequence[Column],
    unit: str = SHARE,
    colors: Mapping[str, str] = _NONE,
) -> Panel:
    """A stacked bar per value of `label` (label, its heading), of a part per column that together are all of it."""
    built = (
        barchart.Panel()
        .orientation(options.VizOrientation.HORIZONTAL)
        .stacking(options.StackingMode.PERCENT)
        .show_value(options.VisibilityMode.NEVER)
        .x_field(label[1])
        .bar_width(0.8)
        .group_width(0.7)
        .fill_opacity(80)
        .line_width(1)
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(options.TooltipDisplayMode.MULTI).sort(options.SortOrder.NONE))
        .build()
    )
    _fill(built, uitleg, [(column.expr, "") for column in columns], Shape.ROWS, unit, None)
    built.transformations = _merged(dict([label]), columns)
    built.field_config.defaults.color = _color("palette-classic-by-name")
    built.field_config.overrides = _kept(colors)
    return Panel(built, 12, 9)


def _gauge() -> bargauge.Panel:
    return (
        bargauge.Panel()
        .orientation(options.VizOrientation.HORIZONTAL)
        .display_mode(options.BarGaugeDisplayMode.BASIC)
        .value_mode(options.BarGaugeValueMode.COLOR)
        .show_unfilled(True)
        .min_viz_height(12)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields(""))
    )


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(options.LegendDisplayMode.LIST)
        .placement(options.LegendPlacement.BOTTOM)
        .show_legend(True)
        .calcs([])
    )


def _fill(
    built: model.Panel,
    uitleg: Uitleg,
    queries: Sequence[tuple[str, str]],
    shape: Shape,
    unit: str,
    decimals: int | None,
) -> None:
    built.title, built.description = uitleg.titel, uitleg.tekst
    built.datasource = SOURCE
    built.targets = [
        Dataquery(
            expr=expr,
            instant=shape not in _OVER_TIME,
            range_val=shape in _OVER_TIME,
            editor_mode=QueryEditorMode.CODE,
            format_val=_FORMAT[shape],
            legend_format=legend,
            ref_id=ref,
            datasource=SOURCE,
        )
        for ref, (expr, legend) in zip(ascii_uppercase, queries, strict=False)
    ]
    defaults = built.field_config.defaults
    defaults.unit = unit
    defaults.decimals = decimals
    defaults.no_value = "geen gegevens"


def _merged(labels: Mapping[str, str], columns: Sequence[Column]) -> list[model.DataTransformerConfig]:
    """Rows with the same labels become one row, and fields get the words of the board."""
    values = [f"Value #{ref}" for ref, _ in zip(ascii_uppercase, columns, strict=False)]
    if len(columns) == 1:
        values = ["Value"]
    names = {**labels, **{value: column.title for value, column in zip(values, columns, strict=True)}}
    organize = {
        "excludeByName": {"Time": True},
        "indexByName": {name: place for place, name in enumerate(names)},
        "renameByName": names,
    }
    return [
        model.DataTransformerConfig(id_val="merge", options={}),
        model.DataTransformerConfig(id_val="organize", options=organize),
    ]


def _cell(column: Column) -> model.DashboardFieldConfigSourceOverrides:
    properties: dict[str, object] = {"unit": column.unit}
    if column.decimals is not None:
        properties["decimals"] = column.decimals
    if column.low is not None:
        properties["min"] = column.low
    if column.high is not None:
        properties["max"] = column.high
    if column.steps:
        properties["thresholds"] = _thresholds(column.steps)
        properties["custom.cellOptions"] = {"type": "color-text"}
    if column.scheme:
        properties["color"] = {"mode": column.scheme}
        properties["custom.cellOptions"] = {"type": "color-background", "mode": "basic"}
    if column.steps or column.scheme:
        # an empty cell else takes the colour of the lowest value
        nothing = {"text": "–", "color": "transparent" if column.scheme else "text", "index": 0}
        properties["mappings"] = [{"type": "special", "options": {"match": "null+nan", "result": nothing}}]
    return _override(column.title, properties)


def _kept(colors: Mapping[str, str]) -> list[model.DashboardFieldConfigSourceOverrides]:
    return [_override(word, {"color": {"mode": "fixed", "fixedColor": color}}) for word, color in colors.items()]


def _override(name: str, properties: Mapping[str, object]) -> model.DashboardFieldConfigSourceOverrides:
    return model.DashboardFieldConfigSourceOverrides(
        matcher=model.MatcherConfig(id_val="byName", options=name),
        properties=[model.DynamicConfigValue(id_val=id_, value=value) for id_, value in properties.items()],
    )


def _thresholds(steps: Sequence[Step]) -> model.ThresholdsConfig:
    return model.ThresholdsConfig(
        mode=model.ThresholdsMode.ABSOLUTE,
        steps=[model.Threshold(value=step.value, color=step.color) for step in steps],
    )


def _color(scheme: str) -> model.FieldColor:
    return model.FieldColor(mode=model.FieldColorModeId(scheme or "thresholds"))
