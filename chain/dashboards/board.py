"""A board: choices on top, then rows of panels, each with its place and number."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from chain.dashboards.panels import Panel

TAG: Final = "ketenbus"
WIDTH: Final = 24
SCHEMA: Final = 38
"""Of Grafana 10.1; a newer one lifts it by itself when it loads the board."""


@dataclass(frozen=True)
class Row:
    """Panels under a heading, from left to right; a line of them is as high as its first."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Board:
    """`uid` is the address (/d/<uid>) and the name of the file. `since`: the time range at first, as Grafana writes it."""

    uid: str
    title: str
    about: str
    choices: tuple[model.VariableModel, ...]
    rows: tuple[Row, ...]
    since: str = "now-7d"
    refresh: str = "1m"


def rendered(board: Board) -> str:
    """The JSON text of a board, the same for the same board."""
    document = model.Dashboard(
        uid=board.uid,
        title=board.title,
        description=board.about,
        tags=[TAG],
        timezone="Europe/Amsterdam",
        week_start="monday",
        editable=False,
        graph_tooltip=model.DashboardCursorSync.CROSSHAIR,
        time=model.DashboardDashboardTime(from_val=board.since, to="now"),
        refresh=board.refresh,
        schema_version=SCHEMA,
        version=1,
        panels=list(_placed(board.rows)),
        templating=model.DashboardDashboardTemplating(list_val=list(board.choices)),
        annotations=model.AnnotationContainer(list_val=[]),
        links=[
            model.DashboardLink(
                title="Ketenbus",
                type_val=model.DashboardLinkType.DASHBOARDS,
                tags=[TAG],
                include_vars=True,
                keep_time=True,
            )
        ],
    )
    return json.dumps(document, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _placed(rows: Sequence[Row]) -> Iterator[model.Panel | model.RowPanel]:
    number, y = 0, 0
    for row in rows:
        number += 1
        yield model.RowPanel(title=row.title, id_val=number, grid_pos=model.GridPos(h=1, w=WIDTH, x=0, y=y))
        x, y, high = 0, y + 1, 0
        for panel in row.panels:
            if x + panel.width > WIDTH:
                x, y, high = 0, y + high, 0
            number += 1
            high = max(high, panel.height)
            panel.built.id_val = number
            panel.built.grid_pos = model.GridPos(h=panel.height, w=panel.width, x=x, y=y)
            yield panel.built
            x += panel.width
        y += high
