"""The AsyncAPI document against AsyncAPI's own schema, and against itself: references, examples, participants."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from topics.catalogue.asyncapi import REF, document
from topics.catalogue.command import app
from topics.catalogue.declarations import TOPICS
from topics.catalogue.topic import PRODUCTION, SINGLE
from topics.documents.schema import Json

OFFICIAL = jsonschema.Draft7Validator(json.loads((Path(__file__).parent / "asyncapi" / "3.0.0.json").read_text()))
PUBLIC = [topic for topic in TOPICS if not topic.private]


def described() -> dict[str, Json]:
    found = json.loads(json.dumps(document(PRODUCTION)))
    assert isinstance(found, dict)
    return found


def at(node: Json, *path: str) -> Json:
    for name in path:
        assert isinstance(node, dict), path
        node = node[name]
    return node


def entries(node: Json) -> dict[str, Json]:
    assert isinstance(node, dict)
    return node


def nodes(node: Json) -> Iterator[dict[str, Json]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


@pytest.mark.parametrize("sizing", [SINGLE, PRODUCTION])
def test_the_document_is_asyncapi_3(sizing: object) -> None:
    content = json.loads(json.dumps(document(SINGLE if sizing is SINGLE else PRODUCTION)))
    assert [error.message for error in OFFICIAL.iter_errors(content)] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda found: entries(at(found, "operations", "intake.send.ruw.corporatie.v1")).update(action="throw"),
        lambda found: entries(at(found, "channels", "keten.kpi.v1", "bindings", "kafka")).update(partitions="x"),
        lambda found: entries(at(found, "channels", "keten.kpi.v1")).update(topic="x"),
        lambda found: entries(at(found, "components", "schemas", "Kpi")).update(type="objekt"),
        lambda found: entries(found).pop("info"),
    ],
)
def test_asyncapi_s_own_schema_would_see_a_mistake(spoil: Callable[[dict[str, Json]], object]) -> None:
    content = described()
    spoil(content)
    assert not OFFICIAL.is_valid(content)


def test_every_reference_leads_somewhere() -> None:
    content = described()
    references = {str(node["$ref"]) for node in nodes(content) if "$ref" in node}
    assert references
    for reference in references:
        start, *path = reference.split("/")
        assert start == "#"
        assert at(content, *path), reference


def test_every_public_topic_is_a_channel_with_its_messages() -> None:
    channels = entries(at(described(), "channels"))
    assert {name: set(entries(at(channel, "messages"))) for name, channel in channels.items()} == {
        topic.name: set(topic.documents) for topic in PUBLIC
    }


def test_every_producer_sends_and_every_consumer_receives() -> None:
    operations = entries(at(described(), "operations"))
    declared = {f"{name}.send.{topic.name}" for topic in PUBLIC for name in topic.producers}
    declared |= {f"{name}.receive.{topic.name}" for topic in PUBLIC for name in topic.consumers}
    assert set(operations) == declared
    group = at(operations["ledger.receive.keten.spoor.v1"], "bindings", "kafka", "groupId")
    assert group == {"type": "string", "enum": ["ledger"]}


def test_every_example_is_valid_by_the_schema_beside_it() -> None:
    content = described()
    checked = 0
    for name, channel in entries(at(content, "channels")).items():
        for message in entries(at(channel, "messages")).values():
            schema = {**entries(at(message, "payload")), "components": at(content, "components")}
            examples = entries(message).get("examples", [])
            assert isinstance(examples, list)
            for example in examples:
                jsonschema.validate(at(example, "payload"), schema, cls=jsonschema.Draft202012Validator)
                checked += 1
            assert examples or "bytes" in str(at(message, "name")), name
    assert checked > len(PUBLIC)


def test_the_headers_of_a_dead_letter_are_those_of_its_original_and_more() -> None:
    content = described()
    letters = at(content, "channels", "ruw.corporatie.v1.dlq", "messages", "bytes", "headers", "$ref")
    assert letters == REF.format(name="DeadLetterHeaders")
    both = at(content, "components", "schemas", "DeadLetterHeaders", "allOf")
    assert isinstance(both, list)
    assert both[0] == {"$ref": REF.format(name="EnvelopeHeaders")}
    assert "dlq.reason" in entries(at(both[1], "properties"))


# ---------------------------------------------------------------- the commands


def output(*words: str) -> str:
    found = CliRunner().invoke(app, [*words])
    assert found.exit_code == 0, found.output
    return found.output


def test_the_command_prints_the_document_as_yaml_and_as_json() -> None:
    assert yaml.safe_load(output("asyncapi")) == described() == json.loads(output("asyncapi", "--json"))
    single = json.loads(output("asyncapi", "--json", "--maat", "single"))
    assert at(single, "channels", "keten.spoor.v1", "bindings", "kafka", "partitions") == 4


def test_the_command_lists_every_topic() -> None:
    text = output("list")
    assert all(topic.name in text for topic in TOPICS)
    listed = json.loads(output("list", "--json", "--maat", "production"))
    assert [one["name"] for one in listed] == [topic.name for topic in TOPICS]
    assert {(one["name"], one["partitions"], one["replication"]) for one in listed} == {
        (topic.name, PRODUCTION.partitions(topic.width), 3) for topic in TOPICS
    }
    assert all(one["config"]["retention.ms"] for one in listed)


def test_the_command_prints_access_as_lines_and_as_json() -> None:
    lines = output("acl").splitlines()
    assert len(lines) == len(json.loads(output("acl", "--json")))
    assert all(line.startswith("kafka-acls.sh ") for line in lines)
