"""Hypothesis strategies for bodies of documents, from the JSON Schema of a snapshot (so also of former versions)."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone

from hypothesis import strategies as st

from topics.documents.schema import Json

Schema = Mapping[str, Json]

_zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))) | st.just(UTC)
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_formats: dict[str, st.SearchStrategy[Json]] = {
    "date-time": st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=_zones).map(datetime.isoformat),
    "date": st.dates().map(date.isoformat),
    "partial-time": st.times().map(time.isoformat),
    "decimal": st.decimals(-(10**9), 10**9, places=2).map(str) | st.sampled_from(["0", "-0.005", "1E+3", "12.50"]),
}


def bodies(schema: Schema) -> st.SearchStrategy[Json]:
    """Bodies that are valid by `schema`, optional fields present or not. KeyError: a keyword that is not known here."""
    return _values(schema, schema)


def _values(node: Schema, root: Schema) -> st.SearchStrategy[Json]:
    if "$ref" in node:
        return _values(_schema(_schema(root["$defs"])[str(node["$ref"]).rpartition("/")[2]]), root)
    if "anyOf" in node:
        return st.one_of([_values(_schema(one), root) for one in _list(node["anyOf"])])
    if "enum" in node:
        return st.sampled_from(_list(node["enum"]))
    kinds: dict[str, Callable[[Schema, Schema], st.SearchStrategy[Json]]] = {
        "object": _objects,
        "array": _arrays,
        "string": _strings,
        "integer": _integers,
        "boolean": lambda node, root: st.booleans(),
        "null": lambda node, root: st.none(),
    }
    return kinds[str(node["type"])](node, root)


def _objects(node: Schema, root: Schema) -> st.SearchStrategy[Json]:
    if "properties" not in node:
        keys = st.sampled_from(_list(_schema(node["propertyNames"])["enum"])) if "propertyNames" in node else _texts
        return st.dictionaries(keys.map(str), _values(_schema(node["additionalProperties"]), root), max_size=3).map(
            dict
        )
    fields = {name: _values(_schema(field), root) for name, field in _schema(node["properties"]).items()}
    required = {str(name) for name in _list(node.get("required", []))}
    return st.fixed_dictionaries(
        {name: field for name, field in fields.items() if name in required},
        optional={name: field for name, field in fields.items() if name not in required},
    ).map(dict)


def _arrays(node: Schema, root: Schema) -> st.SearchStrategy[Json]:
    return st.lists(_values(_schema(node["items"]), root), max_size=3)


def _strings(node: Schema, root: Schema) -> st.SearchStrategy[Json]:
    if node.get("contentEncoding") == "base64":
        return st.binary(max_size=12).map(lambda content: b64encode(content).decode())
    return _formats[str(node["format"])] if "format" in node else _texts


def _integers(node: Schema, root: Schema) -> st.SearchStrategy[Json]:
    minimum = node.get("minimum", -(2**53))
    return st.integers(minimum if isinstance(minimum, int) else 0, 2**53)


def _schema(value: Json) -> Schema:
    assert isinstance(value, dict), value
    return value


def _list(value: Json) -> list[Json]:
    assert isinstance(value, list), value
    return value
