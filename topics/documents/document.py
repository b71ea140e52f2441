"""What a document is: a frozen msgspec Struct with a name and a version, carried as JSON.

Versions are per document, in `ce_type` (`nl.ketenbus.<name>.v<version>`). Readers ignore fields that they do not know,
so that a writer may be a release ahead with an optional field; writers cannot write an unknown field, because the
Struct does not have it. A change that readers of the former version cannot read is a new version with an upcaster.
"""

import re
from collections.abc import Callable
from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, ClassVar

import msgspec

from topics.errors import UndecodableDocument, UnknownDocument

TYPE_PREFIX = "nl.ketenbus."
_VERSION = re.compile(r"[1-9][0-9]*")

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its zone; what decodes without one is refused."""

LocalTime = Annotated[time, msgspec.Meta(tz=False)]
"""A time of the day in Europe/Amsterdam, without a zone."""


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of everything that travels. Subclasses set NAME and VERSION; fields are JSON-native, Decimal, date, datetime.

    `gc=False`, here and in all that a document holds: trees have no cycles, and the collector takes an eighth of a
    correlator's time when it goes through them.
    """

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1


class Moment(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """When something happened according to a partner.

    `op` is aware. With `alleen_dag` only the day is known and `op` is 00:00 of that day in Europe/Amsterdam; it then
    counts as the earlier of the end of that day and the moment it became known (DESIGN 5).
    """

    op: Instant
    alleen_dag: bool = False


class Ernst(StrEnum):
    """Severity of a finding. `fout` refuses the message; `waarschuwing` goes along with it."""

    FOUT = "fout"
    WAARSCHUWING = "waarschuwing"


class Bevinding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A finding on a message. `waarde` is left out wherever `persoonlijk` (DESIGN 5): postings, logs, receipts' status.

    code: stable, lower case with hyphens. pad: path in the partner's own message (XPath-like or JSON pointer).
    bron: source of the rule (standard, article, own check). tekst: a Dutch sentence that names the field, what was
    found and what was expected.
    """

    code: str
    pad: str
    ernst: Ernst
    tekst: str
    bron: str = ""
    waarde: str | None = None
    persoonlijk: bool = False


class Bewijs(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Evidence behind a figure: receipt, SHA-256 of the raw bytes (hex) and the event on the log."""

    ontvangst: str
    sha256: str
    gebeurtenis: str


Upcaster = Callable[[dict[str, object]], dict[str, object]]


class Registry:
    """Documents by type, with the upcasters that lift older versions. Pure; filled at import of `topics.documents`."""

    def __init__(self) -> None:
        self._classes: dict[str, type[Document]] = {}
        self._decoders: dict[str, msgspec.json.Decoder[Document]] = {}
        self._upcasters: dict[tuple[str, int], Upcaster] = {}
        self._encoder = msgspec.json.Encoder(decimal_format="string")
        self._any = msgspec.json.Decoder(dict[str, object])

    def add(self, *classes: type[Document]) -> None:
        for cls in classes:
            if not cls.NAME or cls.NAME in self._classes:
                raise ValueError(f"document {cls.__name__}: NAME {cls.NAME!r} is empty or taken")
            self._classes[cls.NAME] = cls
            self._decoders[ce_type(cls)] = msgspec.json.Decoder(cls)

    def upcaster(self, name: str, from_version: int, lift: Upcaster) -> None:
        """`lift` turns the JSON object of `from_version` into that of `from_version + 1`; pure, and it may trust that
        the object is of that version: LookupError, TypeError and ValueError become UndecodableDocument."""
        self._upcasters[(name, from_version)] = lift

    def classes(self) -> tuple[type[Document], ...]:
        return tuple(self._classes.values())

    def encode(self, document: Document) -> bytes:
        return self._encoder.encode(document)

    def decode(self, type_name: str, body: bytes) -> Document:
        """The document in `body`, lifted to the current version.

        Raises UnknownDocument for a type or version that this release does not know (it stops a task: readers are
        deployed first), UndecodableDocument when a known type does not decode (nested too deep included).
        """
        decoder = self._decoders.get(type_name)
        if decoder is None:
            return self._lift(type_name, body)
        try:
            return decoder.decode(body)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise UndecodableDocument(f"{type_name}: {error}") from error

    def _lift(self, type_name: str, body: bytes) -> Document:
        name, version = split_type(type_name)
        cls = self._classes.get(name)
        if cls is None or version > cls.VERSION:
            known = f"version {cls.VERSION} at most" if cls else f"one of {', '.join(sorted(self._classes))}"
            raise UnknownDocument(
                f"type {type_name!r} is not known to this release (expected {known}); deploy readers first"
            )
        steps = range(version, cls.VERSION)
        if lacking := [step for step in steps if (name, step) not in self._upcasters]:
            raise UnknownDocument(f"type {type_name!r} has no upcaster from version {lacking[0]}")
        try:
            fields = self._any.decode(body)
            for step in steps:
                fields = self._upcasters[(name, step)](fields)
            return msgspec.convert(fields, cls)
        except (msgspec.MsgspecError, RecursionError, LookupError, TypeError, ValueError) as error:
            # an upcaster trusts its version's schema: what it trips over is a body that is not of that version
            raise UndecodableDocument(f"{type_name}: {type(error).__name__}: {error}") from error


def ce_type(cls: type[Document]) -> str:
    return f"{TYPE_PREFIX}{cls.NAME}.v{cls.VERSION}"


def split_type(type_name: str) -> tuple[str, int]:
    """('onderhoud.status', 1) of 'nl.ketenbus.onderhoud.status.v1'. Raises UnknownDocument when it is no such name."""
    head, dot, version = type_name.rpartition(".v")
    if not dot or not head.startswith(TYPE_PREFIX) or not _VERSION.fullmatch(version):
        raise UnknownDocument(f"type {type_name!r} is not of the form {TYPE_PREFIX}<name>.v<version>")
    return head[len(TYPE_PREFIX) :], int(version)
