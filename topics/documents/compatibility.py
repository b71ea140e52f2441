"""Which changes of a document's schema break whom, within one version.

Backward: a new reader reads what an old writer wrote. Forward: an old reader reads what a new writer writes, for as
long as a release is rolled out. Both must hold within a version; a change that breaks either is a new version, which
old readers refuse as unknown (so readers are deployed first) and whose upcaster lifts what old writers wrote.

    change                                   backward   forward
    new optional field                       holds      holds     old readers ignore it
    new required field                       breaks     holds     old writers did not write it
    required field made optional             holds      breaks    old readers miss it
    optional field made required             breaks     holds
    required field removed                   holds      breaks
    optional field removed                   breaks     breaks    its name would be free for another meaning
    default changed                          breaks     breaks    writers leave out what equals the default
    another type                             breaks     breaks
    type added (`| None`), enum widened      holds      breaks
    type removed, enum narrowed              breaks     holds
    limit loosened                           holds      breaks
    limit tightened                          breaks     holds
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from topics.documents.schema import Json

Node = Mapping[str, Json]

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT: Final = ("pattern", "multipleOf", "uniqueItems", "prefixItems", "const", "discriminator")
_ABSENT: Final = "(none)"


class Direction(StrEnum):
    BACKWARD = "backward"
    FORWARD = "forward"


class Break(msgspec.Struct, frozen=True, order=True):
    """A change that one side cannot stand. `path` is the place in a body, such as `$.regels[].prijs`."""

    path: str
    direction: Direction
    change: str

    def __str__(self) -> str:
        return f"{self.path}: {self.change} ({self.direction.value})"


def breaks(old: Node, new: Node) -> tuple[Break, ...]:
    """Every break between two schemas as `topics.documents.schema.shape` makes them, in the order of their paths."""
    return tuple(sorted(set(_Comparison(old, new).run())))


class _Comparison:
    def __init__(self, old: Node, new: Node) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str]] = set()

    def run(self) -> Iterator[Break]:
        return self._any("$", self._old, self._new)

    def _any(self, path: str, old: Node, new: Node) -> Iterator[Break]:
        if "$ref" in old and "$ref" in new:
            pair = (str(old["$ref"]), str(new["$ref"]))
            if pair in self._seen:
                return
            self._seen.add(pair)
        before, after = _branches(old, self._old), _branches(new, self._new)
        for kind in before.keys() - after.keys():
            yield Break(path, Direction.BACKWARD, f"{kind} is no longer read")
        for kind in after.keys() - before.keys():
            yield Break(path, Direction.FORWARD, f"{kind} is new")
        for kind in before.keys() & after.keys():
            yield from self._same_kind(path, kind, before[kind], after[kind])

    def _same_kind(self, path: str, kind: str, old: Node, new: Node) -> Iterator[Break]:
        yield from _limits(path, old, new)
        if kind == "enum":
            yield from _values(path, old, new)
        elif kind == "array":
            yield from self._any(f"{path}[]", _node(old.get("items")), _node(new.get("items")))
        elif kind == "object":
            yield from self._fields(path, old, new)
        elif kind == "map":
            yield from _values(f"{path}{{key}}", _node(old.get("propertyNames")), _node(new.get("propertyNames")))
            values = _node(old.get("additionalProperties")), _node(new.get("additionalProperties"))
            yield from self._any(f"{path}{{}}", *values)

    def _fields(self, path: str, old: Node, new: Node) -> Iterator[Break]:
        before, after = _node(old["properties"]), _node(new["properties"])
        needed_before, needed_after = _names(old.get("required")), _names(new.get("required"))
        for name in after.keys() - before.keys():
            if name in needed_after:
                yield Break(f"{path}.{name}", Direction.BACKWARD, "new required field")
        for name in before.keys() - after.keys():
            if name in needed_before:
                yield Break(f"{path}.{name}", Direction.FORWARD, "required field removed")
            else:
                for direction in Direction:
                    yield Break(f"{path}.{name}", direction, "optional field removed")
        for name in before.keys() & after.keys():
            at, was, now = f"{path}.{name}", _node(before[name]), _node(after[name])
            if name in needed_before - needed_after:
                yield Break(at, Direction.FORWARD, "required field made optional")
            elif name in needed_after - needed_before:
                yield Break(at, Direction.BACKWARD, "optional field made required")
            elif was.get("default", _ABSENT) != now.get("default", _ABSENT):
                for direction in Direction:
                    yield Break(at, direction, f"default {_default(was)} became {_default(now)}")
            yield from self._any(at, was, now)


def _branches(node: Node, root: Node) -> dict[str, Node]:
    """The alternatives of a node by kind of value; msgspec allows one alternative of each kind."""
    if isinstance(ref := node.get("$ref"), str):
        return _branches(_node(_node(root["$defs"])[ref.rpartition("/")[2]]), root)
    if isinstance(alternatives := node.get("anyOf"), list):
        return {kind: one for item in alternatives for kind, one in _branches(_node(item), root).items()}
    if "enum" in node:
        return {"enum": node}
    if node.get("type") == "object" and "properties" not in node:
        return {"map": node}
    kind = str(node.get("type", "anything"))
    return {f"{kind}/{node['format']}" if "format" in node else kind: node}


def _values(path: str, old: Node, new: Node) -> Iterator[Break]:
    before, after = _names(old.get("enum")), _names(new.get("enum"))
    if before - after:
        yield Break(path, Direction.BACKWARD, f"no longer read: {', '.join(sorted(before - after))}")
    if after - before:
        yield Break(path, Direction.FORWARD, f"new: {', '.join(sorted(after - before))}")


def _limits(path: str, old: Node, new: Node) -> Iterator[Break]:
    for name in (*_LOWER, *_UPPER):
        before, after = _number(old.get(name)), _number(new.get(name))
        if before != after:
            raised = before is None or (after is not None and after > before)
            lowered = before is None or (after is not None and after < before)
            tighter = raised if name in _LOWER else lowered
            direction = Direction.BACKWARD if tighter else Direction.FORWARD
            yield Break(path, direction, f"{name} {before} became {after}")
    for name in _EXACT:
        if old.get(name) != new.get(name):
            for direction in Direction:
                yield Break(path, direction, f"{name} {old.get(name)!r} became {new.get(name)!r}")


def _node(value: Json) -> Node:
    return value if isinstance(value, dict) else {}


def _names(value: Json) -> frozenset[str]:
    return frozenset(str(item) for item in value) if isinstance(value, list) else frozenset()


def _number(value: Json) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _default(node: Node) -> str:
    return repr(node["default"]) if "default" in node else _ABSENT
