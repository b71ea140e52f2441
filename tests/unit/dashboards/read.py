"""The boards as Grafana is given them: the committed files, read with types."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).resolve().parents[3]
FOLDER: Final = ROOT / "compose" / "grafana" / "dashboards"

USED: Final = re.compile(r"\$(?:\{(\w+)(?:[.:][\w:]+)?\}|(\w+))")
"""A use of a variable: $name, ${name}, ${name:format}, ${name.field:format}."""
METRIC: Final = re.compile(r"\b(?:ketenbus|process)_\w+|\bup\b")


class Source(msgspec.Struct):
    uid: str
    type: str


class Place(msgspec.Struct):
    x: int
    y: int
    w: int
    h: int


class Target(msgspec.Struct, rename="camel"):
    ref_id: str
    expr: str
    datasource: Source
    format: str
    instant: bool
    range: bool
    legend_format: str = ""


class Step(msgspec.Struct):
    color: str
    value: float | None


class Thresholds(msgspec.Struct):
    steps: list[Step]


class Defaults(msgspec.Struct, rename="camel"):
    unit: str = ""
    thresholds: Thresholds | None = None
    no_value: str = ""


class Matcher(msgspec.Struct):
    id: str
    options: str


class Property(msgspec.Struct):
    id: str
    value: object


class Override(msgspec.Struct):
    matcher: Matcher
    properties: list[Property]


class Fields(msgspec.Struct):
    defaults: Defaults
    overrides: list[Override] = []


class Link(msgspec.Struct, rename="camel"):
    type: str = "link"
    title: str = ""
    url: str = ""
    tags: list[str] = []
    include_vars: bool = False
    keep_time: bool = False


class Organize(msgspec.Struct, rename="camel"):
    rename_by_name: dict[str, str] = {}


class Transformation(msgspec.Struct):
    id: str
    options: Organize


class Panel(msgspec.Struct, rename="camel"):
    id: int
    type: str
    title: str
    grid_pos: Place
    description: str = ""
    datasource: Source | None = None
    targets: list[Target] = []
    field_config: Fields = msgspec.field(default_factory=lambda: Fields(Defaults()))
    links: list[Link] = []
    transformations: list[Transformation] = []

    @property
    def units(self) -> list[str]:
        """Of the panel and of its columns."""
        own = [self.field_config.defaults.unit]
        return own + [str(found.value) for found in self.properties("unit")]

    @property
    def urls(self) -> list[str]:
        urls = [one.url for one in self.links]
        for found in self.properties("links"):
            urls += [one.url for one in msgspec.convert(found.value, list[Link])]
        return urls

    @property
    def renamed(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for one in self.transformations:
            names |= one.options.rename_by_name
        return names

    def properties(self, id_: str) -> Iterator[Property]:
        for one in self.field_config.overrides:
            yield from (found for found in one.properties if found.id == id_)


class Query(msgspec.Struct, rename="camel"):
    query: str
    ref_id: str


class Current(msgspec.Struct):
    value: str | list[str]


class Variable(msgspec.Struct, rename="camel"):
    name: str
    type: str
    label: str
    query: Query
    datasource: Source
    current: Current
    refresh: int
    multi: bool = False
    include_all: bool = False
    all_value: str = ""


class Templating(msgspec.Struct):
    list: list[Variable]


class Board(msgspec.Struct, rename="camel"):
    uid: str
    title: str
    description: str
    schema_version: int
    tags: list[str]
    timezone: str
    panels: list[Panel]
    templating: Templating
    links: list[Link]

    @property
    def shown(self) -> list[Panel]:
        """The panels that show something: not the headings."""
        return [panel for panel in self.panels if panel.type != "row"]


def boards() -> dict[str, Board]:
    """Every committed board by the name of its file."""
    return {path.name: msgspec.json.decode(path.read_bytes(), type=Board) for path in sorted(FOLDER.glob("*.json"))}


def used(text: str) -> set[str]:
    """Names of the variables that a text uses, Grafana's own (`__…`) left out."""
    names = {one or other for one, other in USED.findall(text)}
    return {name for name in names if not name.startswith("__")}
