"""The AsyncAPI 3.0 document of the bus, derived from the catalogue and the documents.

Channels are topics (private changelogs left out: nobody but their processor reads them), operations are what each
principal sends and receives, payloads are the documents' own JSON Schema as readers see it: unknown fields are allowed.
"""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Final

import msgspec

from topics.catalogue.declarations import TOPICS
from topics.catalogue.principals import BY_NAME, Role
from topics.catalogue.topic import DEAD_LETTER_SUFFIX, Sizing, Topic
from topics.documents import Document, ce_type, registry
from topics.documents.example import valid_examples
from topics.documents.schema import Json

REF: Final = "#/components/schemas/{name}"
BYTES: Final = "bytes"

ENVELOPE_HEADERS: Final[Mapping[str, str]] = {
    "ce_specversion": "1.0",
    "ce_id": "the event's id; on ruw.* the receipt id",
    "ce_source": "the partner",
    "ce_type": "document and version, nl.ketenbus.<name>.v<version>",
    "ce_time": "when it happened, RFC 3339",
    "ce_recordedtime": "when the bus knew, RFC 3339",
    "ce_subject": "the dossier key",
    "ce_dataschema": "address of the payload's schema",
    "ce_correlationid": "the receipt that it all began with",
    "ce_causationid": "what caused this: a receipt, event or decision",
    "ce_part": "which part of the receipt",
    "ce_sha256": "SHA-256 of the partner's bytes, hex",
    "ce_position": "first coordinates (topic/partition/offset), information only",
    "ce_contenthash": "hash of the canonical document without transport fields",
    "ce_dataref": "claim check: the body is in the object store under this reference",
    "ce_channel": "how it came in, on ruw.*",
    "ce_actor": "by whom it came in, on ruw.*",
    "content-type": "media type of the payload",
    "traceparent": "W3C trace context, when tracing is on",
}
"""CloudEvents 1.0, Kafka binding, binary mode."""

LETTER_HEADERS: Final[Mapping[str, str]] = {
    "dlq.id": "id of the letter, derived from receipt, part, stage, content and decision",
    "dlq.topic": "topic of the original",
    "dlq.partition": "partition of the original",
    "dlq.offset": "offset of the original",
    "dlq.timestamp": "timestamp of the original, ms since the epoch",
    "dlq.reason": "why, one of the reasons of the bus",
    "dlq.stage": "the processor that could not handle it",
    "dlq.error": "class of the error, when it was one of ours",
    "dlq.message": "for people",
    "dlq.attempts": "how often it was tried",
    "dlq.failed-at": "when, by the record's own time, RFC 3339",
    "dlq.partner": "the partner, where known",
    "dlq.dossier": "the dossier, where known",
    "dlq.receipt": "the receipt, where known",
    "dlq.part": "which part of the receipt",
    "dlq.findings": "JSON array of findings",
}
"""Behind the headers of the original."""

REQUIRED_HEADERS: Final = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time")


def document(sizing: Sizing) -> dict[str, Json]:
    """The document for a cluster of this size."""
    public = [topic for topic in TOPICS if not topic.private]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ketenbus",
            "version": version("ketenbus"),
            "description": "Message bus for housing chains. Headers are CloudEvents 1.0, Kafka binding, binary mode.",
            "license": {"name": "EUPL-1.2"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, sizing) for topic in public},
        "operations": dict(operation for topic in public for operation in _operations(topic)),
        "components": {"schemas": _schemas()},
    }


def _channel(topic: Topic, sizing: Sizing) -> Json:
    settings = topic.config(sizing)
    numbers = ("retention.ms", "retention.bytes", "delete.retention.ms", "max.message.bytes")
    return {
        "address": topic.name,
        "description": f"{topic.what}. Key: {topic.key}. Personal data: {topic.erasure}.",
        "tags": [{"name": topic.origin.value}, {"name": f"owner:{topic.owner}"}],
        "messages": {name: _message(topic, name) for name in topic.documents},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": sizing.partitions(topic.width),
                "replicas": sizing.replication,
                "topicConfiguration": {
                    "cleanup.policy": [settings["cleanup.policy"]],
                    **{name: int(settings[name]) for name in numbers if name in settings},
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _message(topic: Topic, name: str) -> Json:
    is_letter = topic.name.endswith(DEAD_LETTER_SUFFIX)
    message: dict[str, Json] = {
        "headers": {"$ref": REF.format(name="DeadLetterHeaders" if is_letter else "EnvelopeHeaders")},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": "0.5.0"}},
    }
    if name == BYTES:
        return message | {
            "name": BYTES,
            "title": "A partner's own message",
            "contentType": "application/octet-stream",
            "payload": {"type": "string", "format": "binary"},
        }
    cls = _classes()[name]
    examples: list[Json] = [{"name": one.name, "payload": one.content} for one in valid_examples(cls)]
    return message | {
        "name": ce_type(cls),
        "title": cls.__name__,
        "summary": (cls.__doc__ or "").partition("\n")[0],
        "contentType": "application/json",
        "payload": {"$ref": REF.format(name=cls.__name__)},
        "examples": examples,
    }


def _operations(topic: Topic) -> Iterator[tuple[str, Json]]:
    channel: Json = {"$ref": f"#/channels/{topic.name}"}
    for name in topic.producers:
        yield f"{name}.send.{topic.name}", {"action": "send", "channel": channel, "summary": BY_NAME[name].what}
    for name in topic.consumers:
        operation: dict[str, Json] = {"action": "receive", "channel": channel, "summary": BY_NAME[name].what}
        if BY_NAME[name].role in (Role.PROCESSOR, Role.GROUP):
            group: Json = {"type": "string", "enum": [name]}
            operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": "0.5.0"}}
        yield f"{name}.receive.{topic.name}", operation


def _schemas() -> Json:
    _, schemas = msgspec.json.schema_components(registry.classes(), ref_template=REF)
    schemas["EnvelopeHeaders"] = _headers(ENVELOPE_HEADERS, REQUIRED_HEADERS)
    schemas["DeadLetterHeaders"] = {
        "allOf": [
            {"$ref": REF.format(name="EnvelopeHeaders")},
            _headers(LETTER_HEADERS, tuple(LETTER_HEADERS)),
        ]
    }
    return schemas


def _headers(names: Mapping[str, str], required: tuple[str, ...]) -> Json:
    return {
        "type": "object",
        "properties": {name: {"type": "string", "description": what} for name, what in names.items()},
        "required": list(required),
    }


def _classes() -> dict[str, type[Document]]:
    return {cls.NAME: cls for cls in registry.classes()}
