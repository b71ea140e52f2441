"""A document's JSON Schema: its shape, as it is kept in snapshots; as writers must obey it."""

from typing import TypeAlias

import msgspec

from topics.documents.document import Document

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_PROSE = ("title", "description")


def shape(cls: type[Document]) -> dict[str, Json]:
    """JSON Schema 2020-12 of the document, without titles and descriptions: what two releases must agree on.

    As readers see it: fields that it does not name are ignored.
    """
    # defaults in it are Python's own (tuples); as JSON it compares equal to what is read from a file
    schema: Json = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(cls)))
    stripped = _without_prose(schema)
    return stripped if isinstance(stripped, dict) else {}


def writer_schema(cls: type[Document]) -> dict[str, Json]:
    """The same with `additionalProperties: false` on every object with named fields: writers may not invent any."""
    closed = _closed(shape(cls))
    return closed if isinstance(closed, dict) else {}


def _without_prose(node: Json, *, names: bool = False) -> Json:
    """`names`: the keys of this object are names of fields or definitions, not keywords."""
    if isinstance(node, list):
        return [_without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: _without_prose(value, names=not names and key in ("properties", "$defs"))
        for key, value in node.items()
        if names or key not in _PROSE
    }
    if not names and isinstance(required := kept.get("required"), list):
        kept["required"] = [*sorted(map(str, required))]
    return kept


def _closed(node: Json) -> Json:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if node.get("type") == "object" and isinstance(node.get("properties"), dict):
        closed["additionalProperties"] = False
    return closed
