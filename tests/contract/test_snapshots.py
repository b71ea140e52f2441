"""Schemas over time: the present against every snapshot, both ways; what a change may be; upcasters."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.instances import bodies
from topics.documents import Document, Registry, registry
from topics.documents.compatibility import Direction, breaks
from topics.documents.schema import shape
from topics.documents.snapshot import Snapshot, history, regenerate
from topics.errors import Refused, UndecodableDocument, UnknownDocument

SNAPSHOTS = history()
CURRENT = {cls.NAME: cls for cls in registry.classes()}
every_snapshot = pytest.mark.parametrize(
    "snapshot", SNAPSHOTS, ids=lambda one: f"{one.name}.v{one.version}" + (f".r{one.revision}" if one.revision else "")
)

# ---------------------------------------------------------------- the present against the past


def test_every_version_that_ever_was_has_a_snapshot() -> None:
    standing = {(one.name, one.version) for one in SNAPSHOTS if one.revision is None}
    assert standing == {(cls.NAME, version) for cls in CURRENT.values() for version in range(1, cls.VERSION + 1)}


@pytest.mark.parametrize("cls", CURRENT.values(), ids=lambda cls: cls.NAME)
def test_the_current_schema_is_its_snapshot(cls: type[Document]) -> None:
    """When this fails: python -m topics.documents.snapshot."""
    (standing,) = (one for one in SNAPSHOTS if (one.name, one.version, one.revision) == (cls.NAME, cls.VERSION, None))
    assert standing.schema == shape(cls)


def test_revisions_of_a_version_break_nobody() -> None:
    """Each revision against each later one, so that no two releases that ever ran beside each other misread."""
    found = [
        f"{old.name} v{old.version}: {line}"
        for index, old in enumerate(SNAPSHOTS)
        for new in SNAPSHOTS[index + 1 :]
        if (old.name, old.version) == (new.name, new.version)
        for line in breaks(old.schema, new.schema)
    ]
    assert found == []


@every_snapshot
@settings(max_examples=20)
@given(data=st.data())
def test_what_any_release_wrote_is_read_by_this_one(snapshot: Snapshot, data: st.DataObject) -> None:
    body = json.dumps(data.draw(bodies(snapshot.schema))).encode()
    document = registry.decode(f"nl.ketenbus.{snapshot.name}.v{snapshot.version}", body)
    assert type(document) is CURRENT[snapshot.name]


# ---------------------------------------------------------------- what a change may be


def struct(fields: Mapping[str, object], required: tuple[str, ...] = ()) -> dict[str, object]:
    return {"$ref": "#/$defs/A", "$defs": {"A": {"type": "object", "properties": fields, "required": [*required]}}}


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
OPTIONAL = {"anyOf": [TEXT, {"type": "null"}], "default": None}
BOTH = {Direction.BACKWARD, Direction.FORWARD}
BACK = {Direction.BACKWARD}
AHEAD = {Direction.FORWARD}


def enum(*values: str) -> dict[str, object]:
    return {"enum": list(values)}


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        pytest.param(struct({"a": TEXT}, ("a",)), struct({"a": TEXT}, ("a",)), set(), id="nothing"),
        pytest.param(struct({"a": TEXT}, ("a",)), struct({"a": TEXT, "b": OPTIONAL}, ("a",)), set(), id="new-optional"),
        pytest.param(struct({"a": TEXT}, ("a",)), struct({"a": TEXT, "b": TEXT}, ("a", "b")), BACK, id="new-required"),
        pytest.param(struct({"a": TEXT}, ("a",)), struct({}), AHEAD, id="required-removed"),
        pytest.param(struct({"a": OPTIONAL}), struct({}), BOTH, id="optional-removed"),
        pytest.param(struct({"a": TEXT}, ("a",)), struct({"a": TEXT}), AHEAD, id="required-made-optional"),
        pytest.param(struct({"a": TEXT}), struct({"a": TEXT}, ("a",)), BACK, id="optional-made-required"),
        pytest.param(struct({"a": TEXT}), struct({"a": NUMBER}), BOTH, id="type-changed"),
        pytest.param(struct({"a": TEXT}), struct({"a": {**TEXT, "format": "date"}}), BOTH, id="format-changed"),
        pytest.param(struct({"a": TEXT}), struct({"a": {"anyOf": [TEXT, {"type": "null"}]}}), AHEAD, id="null-added"),
        pytest.param(struct({"a": {"anyOf": [TEXT, {"type": "null"}]}}), struct({"a": TEXT}), BACK, id="null-removed"),
        pytest.param(struct({"a": enum("x")}), struct({"a": enum("x", "y")}), AHEAD, id="enum-widened"),
        pytest.param(struct({"a": enum("x", "y")}), struct({"a": enum("x")}), BACK, id="enum-narrowed"),
        pytest.param(struct({"a": enum("x")}), struct({"a": enum("y")}), BOTH, id="enum-replaced"),
        pytest.param(
            struct({"a": {**TEXT, "default": ""}}), struct({"a": {**TEXT, "default": "x"}}), BOTH, id="default"
        ),
        pytest.param(struct({"a": NUMBER}), struct({"a": {**NUMBER, "minimum": 0}}), BACK, id="minimum-added"),
        pytest.param(struct({"a": {**NUMBER, "minimum": 0}}), struct({"a": NUMBER}), AHEAD, id="minimum-removed"),
        pytest.param(
            struct({"a": {**NUMBER, "maximum": 9}}), struct({"a": {**NUMBER, "maximum": 8}}), BACK, id="maximum-lowered"
        ),
        pytest.param(
            struct({"a": {**TEXT, "maxLength": 8}}), struct({"a": {**TEXT, "maxLength": 9}}), AHEAD, id="limit-raised"
        ),
        pytest.param(struct({"a": TEXT}), struct({"a": {**TEXT, "pattern": "x"}}), BOTH, id="pattern-added"),
        pytest.param(
            struct({"a": {"type": "array", "items": TEXT}}),
            struct({"a": {"type": "array", "items": NUMBER}}),
            BOTH,
            id="items-changed",
        ),
        pytest.param(
            struct({"a": {"type": "object", "additionalProperties": TEXT, "propertyNames": enum("x")}}),
            struct({"a": {"type": "object", "additionalProperties": TEXT, "propertyNames": enum("x", "y")}}),
            AHEAD,
            id="map-key-added",
        ),
        pytest.param(
            struct({"a": {"type": "object", "additionalProperties": TEXT}}),
            struct({"a": {"type": "object", "additionalProperties": NUMBER}}),
            BOTH,
            id="map-value-changed",
        ),
    ],
)
def test_a_change_breaks_exactly_those_whom_the_rule_names(
    old: dict[str, object], new: dict[str, object], broken: set[Direction]
) -> None:
    found = breaks(msgspec.convert(old, dict), msgspec.convert(new, dict))
    assert {one.direction for one in found} == broken
    assert all(one.path.startswith("$.a") or one.path == "$.b" for one in found)


def test_a_change_deep_inside_is_found_under_its_path() -> None:
    class Inner(msgspec.Struct):
        x: int

    class Outer(msgspec.Struct):
        inner: tuple[Inner, ...]

    old = msgspec.json.schema(Outer)
    new = json.loads(json.dumps(old).replace('"integer"', '"string"'))
    assert {one.path for one in breaks(old, new)} == {"$.inner[].x"}


# ---------------------------------------------------------------- the rules against real readers


class Kleur(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Made up for these tests."""

    NAME: ClassVar[str] = "proef.kleur"
    VERSION: ClassVar[int] = 1

    naam: str
    tint: int = 0


def variant(name: str, fields: list[tuple[str, object] | tuple[str, object, object]]) -> type[Document]:
    made = msgspec.defstruct(
        name,
        fields,
        bases=(Document,),
        namespace={"NAME": "proef.kleur", "VERSION": 1},
        frozen=True,
        kw_only=True,
        omit_defaults=True,
    )
    assert issubclass(made, Document)
    return made


VARIANTS = [
    variant("KleurMetMeer", [("naam", str), ("tint", int, 0), ("glans", str | None, None)]),
    variant("KleurMetPlicht", [("naam", str), ("tint", int, 0), ("glans", str)]),
    variant("KleurZonderNaam", [("tint", int, 0)]),
    variant("KleurMaarMisschien", [("naam", str | None, None), ("tint", int, 0)]),
    variant("KleurVerplichteTint", [("naam", str), ("tint", int)]),
    variant("KleurTintAlsTekst", [("naam", str), ("tint", str, "")]),
    variant("KleurTintPositief", [("naam", str), ("tint", Annotated[int, msgspec.Meta(ge=1)], 1)]),
]


@pytest.mark.parametrize("changed", VARIANTS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("direction", Direction)
def test_a_rule_says_break_when_a_real_reader_fails(changed: type[Document], direction: Direction) -> None:
    """Bodies of one side are offered to the other side's decoder: if none of many fails, no rule may be needed; if one
    fails, a rule must have said so."""
    writer, reader = (Kleur, changed) if direction is Direction.BACKWARD else (changed, Kleur)
    decoder = msgspec.json.Decoder(reader)
    failures: list[str] = []

    @settings(max_examples=60, database=None)
    @given(bodies(shape(writer)))
    def offer(content: object) -> None:
        try:
            decoder.decode(json.dumps(content).encode())
        except msgspec.ValidationError as error:
            failures.append(str(error))

    offer()
    predicted = {one.direction for one in breaks(shape(Kleur), shape(changed))}
    assert not failures or direction in predicted, failures[0]


# ---------------------------------------------------------------- regenerating


def only(cls: type[Document]) -> Registry:
    documents = Registry()
    documents.add(cls)
    return documents


def test_regenerating_writes_once_and_then_nothing(tmp_path: Path) -> None:
    assert [file.name for file in regenerate(only(Kleur), tmp_path)] == ["proef.kleur.v1.json"]
    assert regenerate(only(Kleur), tmp_path) == ()
    assert [one.schema for one in history(tmp_path)] == [shape(Kleur)]


def test_regenerating_keeps_the_former_revision_when_a_version_grows(tmp_path: Path) -> None:
    regenerate(only(Kleur), tmp_path)
    regenerate(only(VARIANTS[0]), tmp_path)
    found = [(one.revision, one.schema) for one in history(tmp_path)]
    assert found == [(1, shape(Kleur)), (None, shape(VARIANTS[0]))]


@pytest.mark.parametrize("changed", VARIANTS[1:], ids=lambda cls: cls.__name__)
def test_regenerating_refuses_when_a_published_version_would_break_somebody(
    changed: type[Document], tmp_path: Path
) -> None:
    regenerate(only(Kleur), tmp_path)
    with pytest.raises(Refused, match=r"make it a new VERSION with an upcaster:\n  proef\.kleur v1: \$\."):
        regenerate(only(changed), tmp_path)
    assert [one.schema for one in history(tmp_path)] == [shape(Kleur)]


def test_regenerating_refuses_a_return_to_a_name_of_a_former_revision(tmp_path: Path) -> None:
    """The second revision would be compatible with the last one, but not with the one before."""
    regenerate(only(Kleur), tmp_path)
    (tmp_path / "proef.kleur.v1.json").rename(tmp_path / "proef.kleur.v1.r1.json")
    (tmp_path / "proef.kleur.v1.json").write_text(json.dumps(shape(variant("Kaal", [("naam", str)]))))
    with pytest.raises(Refused, match=r"\$\.tint"):
        regenerate(only(VARIANTS[5]), tmp_path)


# ---------------------------------------------------------------- upcasters


class Kleur3(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Version 3: `naam` became `woord` in 2, `tint` became parts per thousand in 3."""

    NAME: ClassVar[str] = "proef.kleur"
    VERSION: ClassVar[int] = 3

    woord: str
    promille: int = 0


def _rename(fields: dict[str, object]) -> dict[str, object]:
    return {**{name: value for name, value in fields.items() if name != "naam"}, "woord": fields["naam"]}


def _scale(fields: dict[str, object]) -> dict[str, object]:
    tint = fields.get("tint", 0)
    if not isinstance(tint, int):
        raise TypeError(f"tint: found {tint!r}, expected a whole number")
    return {"woord": fields["woord"], "promille": tint * 10}


@pytest.fixture
def lifted() -> Registry:
    documents = only(Kleur3)
    documents.upcaster("proef.kleur", 1, _rename)
    documents.upcaster("proef.kleur", 2, _scale)
    return documents


@given(bodies(shape(Kleur)))
def test_every_body_of_version_1_is_lifted_through_all_upcasters(content: object) -> None:
    documents = only(Kleur3)
    documents.upcaster("proef.kleur", 1, _rename)
    documents.upcaster("proef.kleur", 2, _scale)
    body = json.dumps(content).encode()
    former = only(Kleur).decode("nl.ketenbus.proef.kleur.v1", body)
    assert isinstance(former, Kleur)
    found = documents.decode("nl.ketenbus.proef.kleur.v1", body)
    assert found == Kleur3(woord=former.naam, promille=former.tint * 10)


def test_a_body_is_lifted_only_from_its_own_version_on(lifted: Registry) -> None:
    assert lifted.decode("nl.ketenbus.proef.kleur.v2", b'{"woord":"rood","tint":2}') == Kleur3(
        woord="rood", promille=20
    )
    assert lifted.decode("nl.ketenbus.proef.kleur.v3", b'{"woord":"rood","promille":2}') == Kleur3(
        woord="rood", promille=2
    )


def test_a_newer_version_stops_the_reader(lifted: Registry) -> None:
    with pytest.raises(UnknownDocument, match="version 3 at most"):
        lifted.decode("nl.ketenbus.proef.kleur.v4", b"{}")


def test_a_version_without_upcaster_stops_the_reader() -> None:
    documents = only(Kleur3)
    documents.upcaster("proef.kleur", 2, _scale)
    with pytest.raises(UnknownDocument, match="no upcaster from version 1"):
        documents.decode("nl.ketenbus.proef.kleur.v1", b'{"naam":"rood"}')


@pytest.mark.parametrize("body", [b"{}", b'{"naam":"rood","tint":"x"}', b'{"naam":5}', b"[]", b"{", b'{"x":' * 100_000])
def test_an_old_body_that_is_not_of_its_version_is_undecodable(lifted: Registry, body: bytes) -> None:
    with pytest.raises(UndecodableDocument):
        lifted.decode("nl.ketenbus.proef.kleur.v1", body)


def test_a_name_is_taken_once() -> None:
    documents = only(Kleur)
    with pytest.raises(ValueError, match=r"proef\.kleur"):
        documents.add(Kleur3)
