"""The lines of a capture, and the errors of a file that is none."""

import hashlib
from datetime import datetime
from typing import Final

import msgspec

from topics.catalogue.declarations import TOPICS
from topics.errors import DocumentError

VERSION: Final = 1


class CaptureError(DocumentError):
    code = "capture"


class NotACapture(CaptureError):
    code = "geen-capture"


class NewerCapture(CaptureError):
    code = "capture-nieuwer"


class CaptureCut(CaptureError):
    code = "capture-afgekapt"


class CaptureDamaged(CaptureError):
    code = "capture-beschadigd"


class CapturedTopic(msgspec.Struct, frozen=True):
    """A topic of a capture, with the partitions that it had; also of one without records in it."""

    name: str
    partitions: int


class Header(msgspec.Struct, frozen=True, kw_only=True, tag_field="is", tag="capture"):
    """The first line. `made`: when; `since`, `until`: what was asked for, None: all there was. `masked`: whether
    personal data was replaced. `catalogue`: `catalogue_version()` of the release that wrote it."""

    version: int = VERSION
    made: datetime
    masked: bool
    topics: tuple[CapturedTopic, ...]
    since: datetime | None = None
    until: datetime | None = None
    catalogue: str = ""


class Counted(msgspec.Struct, frozen=True):
    """What a whole capture holds."""

    records: int
    blobs: int


class BlobLine(msgspec.Struct, frozen=True, tag_field="is", tag="blob"):
    """A body of the object store: `sha256:<hex>`, and its bytes in base64."""

    ref: str
    content: str


class RecordLine(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="is", tag="record"):
    """Bytes that are UTF-8 stand as text, others as base64 in the field that ends in 64; `value` absent: a tombstone.
    Of a header with other bytes: [name, "", base64]."""

    topic: str
    partition: int
    offset: int
    time: int
    key: str = ""
    key64: str = ""
    value: str | None = None
    value64: str | None = None
    headers: list[list[str]] = []


class EndLine(msgspec.Struct, frozen=True, tag_field="is", tag="end"):
    """The last line. `sha256`: hex, of every byte before it."""

    records: int
    blobs: int
    sha256: str


class VersionLine(msgspec.Struct, frozen=True):
    """What of a first line tells whether the rest can be read."""

    is_: str = msgspec.field(name="is", default="")
    version: int = 0


read_header: Final = msgspec.json.Decoder(Header).decode
read_version: Final = msgspec.json.Decoder(VersionLine).decode
Line = RecordLine | BlobLine | EndLine
_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)
read_line: Final = _decoder.decode
encode: Final = msgspec.json.Encoder().encode


def catalogue_version() -> str:
    """Twelve hex digits that change with every change of a topic's declaration."""
    declared = "\n".join(sorted(topic.model_dump_json() for topic in TOPICS))
    return hashlib.sha256(declared.encode()).hexdigest()[:12]
