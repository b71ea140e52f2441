"""Documents against their examples, and against bodies made up from their own schema."""

import json
from collections.abc import Iterator

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.instances import bodies
from topics.catalogue.declarations import TOPICS
from topics.documents import Document, ce_type, registry
from topics.documents.example import FOLDER, Invalid, Refuser, Valid, invalid_examples, valid_examples
from topics.documents.schema import Json, shape, writer_schema
from topics.errors import UndecodableDocument, UnknownDocument

CLASSES = registry.classes()
VALID = [pytest.param(cls, one, id=f"{cls.NAME}-{one.name}") for cls in CLASSES for one in valid_examples(cls)]
INVALID = [pytest.param(cls, one, id=f"{cls.NAME}-{one.name}") for cls in CLASSES for one in invalid_examples(cls)]
every_document = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.NAME)


def refusals_of_writers(cls: type[Document], content: Json) -> list[str]:
    """Why no writer may write `content`; those inside an alternative included."""

    def messages(error: jsonschema.ValidationError) -> Iterator[str]:
        yield error.message
        for inner in error.context or ():
            yield from messages(inner)

    validator = jsonschema.Draft202012Validator(writer_schema(cls))
    return [message for error in validator.iter_errors(content) for message in messages(error)]


@every_document
def test_every_document_has_valid_and_invalid_examples(cls: type[Document]) -> None:
    assert valid_examples(cls)
    assert invalid_examples(cls)


def test_every_example_file_belongs_to_a_document() -> None:
    folders = {f"{cls.NAME}.v{cls.VERSION}" for cls in CLASSES}
    assert {folder.name for folder in FOLDER.iterdir()} == folders
    read = {
        *(f"{cls.NAME}.v{cls.VERSION}/{one.name}" for cls in CLASSES for one in valid_examples(cls)),
        *(f"{cls.NAME}.v{cls.VERSION}/invalid/{one.name}" for cls in CLASSES for one in invalid_examples(cls)),
    }
    files = {str(file.relative_to(FOLDER).with_suffix("")) for file in FOLDER.rglob("*") if file.is_file()}
    assert files == read


@pytest.mark.parametrize(("cls", "example"), VALID)
def test_a_valid_example_comes_out_as_it_went_in(cls: type[Document], example: Valid) -> None:
    assert registry.encode(registry.decode(ce_type(cls), example.body)) == example.body
    assert refusals_of_writers(cls, example.content) == []


@pytest.mark.parametrize(("cls", "example"), INVALID)
def test_an_invalid_example_is_refused_for_the_reason_beside_it(cls: type[Document], example: Invalid) -> None:
    if example.refuser is Refuser.READER:
        with pytest.raises(UndecodableDocument) as refused:
            registry.decode(ce_type(cls), example.body)
        assert example.why in str(refused.value)
    else:
        registry.decode(ce_type(cls), example.body)
        assert any(example.why in why for why in refusals_of_writers(cls, msgspec.json.decode(example.body)))


@every_document
@settings(max_examples=30)
@given(data=st.data())
def test_whatever_the_schema_allows_is_read_and_written_within_it(cls: type[Document], data: st.DataObject) -> None:
    """The schema hides no rule of the reader, and a writer adds nothing; encoding settles after one round."""
    content = data.draw(bodies(shape(cls)))
    document = registry.decode(ce_type(cls), json.dumps(content).encode())
    encoded = registry.encode(document)
    assert refusals_of_writers(cls, msgspec.json.decode(encoded)) == []
    assert registry.decode(ce_type(cls), encoded) == document
    assert registry.encode(registry.decode(ce_type(cls), encoded)) == encoded


@every_document
@settings(max_examples=30)
@given(data=st.data())
def test_a_reader_ignores_fields_that_it_does_not_know(cls: type[Document], data: st.DataObject) -> None:
    content = data.draw(bodies(shape(cls)))
    assert isinstance(content, dict)
    ahead = json.dumps({"van_later": {"diep": [1]}, **content, "nog_later": None}).encode()
    document = registry.decode(ce_type(cls), ahead)
    assert document == registry.decode(ce_type(cls), json.dumps(content).encode())


@every_document
def test_a_newer_version_is_unknown_rather_than_unreadable(cls: type[Document]) -> None:
    with pytest.raises(UnknownDocument, match="deploy readers first"):
        registry.decode(f"nl.ketenbus.{cls.NAME}.v{cls.VERSION + 1}", b"{}")


@pytest.mark.parametrize(
    "type_name",
    [
        "nl.ketenbus.bestaatniet.v1",
        "posting.v1",
        "nl.ketenbus.posting",
        "nl.ketenbus.posting.v0",
        "nl.ketenbus.posting.v01",
        "nl.ketenbus.posting.v-1",
        "nl.ketenbus.posting.v١",
        "com.elders.posting.v1",
        "",
    ],
)
def test_a_type_that_nobody_declared_is_unknown(type_name: str) -> None:
    with pytest.raises(UnknownDocument):
        registry.decode(type_name, b"{}")


@every_document
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe{}", b'{"a":1}x', b"[" * 100_000, b'{"x":' * 100_000]
)
def test_bytes_that_are_no_body_are_undecodable(cls: type[Document], body: bytes) -> None:
    with pytest.raises(UndecodableDocument):
        registry.decode(ce_type(cls), body)


def test_the_documents_of_every_topic_are_registered() -> None:
    known = {cls.NAME for cls in CLASSES} | {"bytes"}
    assert {name: topic.name for topic in TOPICS for name in topic.documents if name not in known} == {}


def test_every_document_travels_on_some_topic() -> None:
    assert {cls.NAME for cls in CLASSES} <= {name for topic in TOPICS for name in topic.documents}


def test_no_document_has_a_float() -> None:
    """Money and quantities are decimal strings: a float loses cents."""
    assert [cls.NAME for cls in CLASSES if '"number"' in json.dumps(shape(cls))] == []


def test_every_time_in_a_document_has_a_zone_or_is_declared_local() -> None:
    def times(info: msgspec.inspect.Type) -> Iterator[msgspec.inspect.Type]:
        match info:
            case msgspec.inspect.StructType():
                for field in info.fields:
                    yield from times(field.type)
            case msgspec.inspect.UnionType():
                for one in info.types:
                    yield from times(one)
            case msgspec.inspect.VarTupleType():
                yield from times(info.item_type)
            case msgspec.inspect.DictType():
                yield from times(info.value_type)
            case msgspec.inspect.Metadata():
                yield from times(info.type)
            case msgspec.inspect.DateTimeType() | msgspec.inspect.TimeType():
                yield info

    found = [(cls.NAME, info) for cls in CLASSES for info in times(msgspec.inspect.type_info(cls))]
    assert found
    wrong = [
        name for name, info in found if getattr(info, "tz", None) is not isinstance(info, msgspec.inspect.DateTimeType)
    ]
    assert wrong == []
