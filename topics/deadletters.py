"""The dead letter as a record: original key, value and headers byte for byte, plus `dlq.*` headers (DESIGN 7)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from topics import ids
from topics.documents import Bevinding, Reden
from topics.envelope import Envelope, Headers, stamp
from topics.runtime.step import Record

PREFIX = "dlq."
_NOTHING = hashlib.sha256().hexdigest()


def id_of(original: Record, envelope: Envelope | None, part: str, stage: str, content_sha256: str = "") -> str:
    """The id of the letter that `original` becomes at `stage`, `part` being the part of its receipt that failed.

    A body in the object store counts as empty: its hash is in the receipt. What a decision sent again and fails again
    is a new letter, because the decision is its cause (DESIGN 7). `content_sha256`: of a body that is not at hand.
    """
    content = content_sha256 or hashlib.sha256(original.value or b"").hexdigest()
    if envelope is None:
        return ids.letter_id(original.position, part, stage, content)
    receipt = envelope.correlation_id or envelope.id
    decision = envelope.causation_id if envelope.causation_id != receipt else ""
    return ids.letter_id(receipt, part, stage, _NOTHING if envelope.dataref else content, decision)


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What the `dlq.*` headers of a dead letter say. `at`: when it failed, by the record's own time (never a clock)."""

    id: str
    topic: str
    partition: int
    offset: int
    timestamp: int
    reden: Reden
    stage: str
    at: datetime
    fout: str = ""
    tekst: str = ""
    attempts: int = 1
    partner: str = ""
    dossier: str = ""
    receipt: str = ""
    part: str = ""
    bevindingen: tuple[Bevinding, ...] = ()

    def headers(self) -> list[tuple[str, bytes]]:
        """To stand behind the headers of the original."""
        return [
            ("dlq.id", self.id.encode()),
            ("dlq.topic", self.topic.encode()),
            ("dlq.partition", b"%d" % self.partition),
            ("dlq.offset", b"%d" % self.offset),
            ("dlq.timestamp", b"%d" % self.timestamp),
            ("dlq.reason", self.reden.value.encode()),
            ("dlq.stage", self.stage.encode()),
            ("dlq.error", self.fout.encode()),
            ("dlq.message", self.tekst.encode()),
            ("dlq.attempts", b"%d" % self.attempts),
            ("dlq.failed-at", stamp(self.at)),
            ("dlq.partner", self.partner.encode()),
            ("dlq.dossier", self.dossier.encode()),
            ("dlq.receipt", self.receipt.encode()),
            ("dlq.part", self.part.encode()),
            ("dlq.findings", msgspec.json.encode(self.bevindingen)),
        ]

    @classmethod
    def read(cls, headers: Headers) -> "Letter":
        """The last of each name counts: a resend that failed again carries those of its former letter before them.

        Raises KeyError when a `dlq.*` header is missing, ValueError when one is malformed.
        """
        found = {name: value for name, value in headers if name.startswith(PREFIX)}
        text = {name: value.decode("utf-8", "replace") for name, value in found.items()}
        return cls(
            id=text["dlq.id"],
            topic=text["dlq.topic"],
            partition=int(text["dlq.partition"]),
            offset=int(text["dlq.offset"]),
            timestamp=int(text["dlq.timestamp"]),
            reden=Reden(text["dlq.reason"]),
            stage=text["dlq.stage"],
            fout=text["dlq.error"],
            tekst=text["dlq.message"],
            attempts=int(text["dlq.attempts"]),
            at=datetime.fromisoformat(text["dlq.failed-at"]),
            partner=text["dlq.partner"],
            dossier=text["dlq.dossier"],
            receipt=text.get("dlq.receipt", ""),
            part=text.get("dlq.part", ""),
            bevindingen=msgspec.json.decode(found.get("dlq.findings", b"[]"), type=tuple[Bevinding, ...]),
        )


def original_headers(headers: Headers) -> Sequence[tuple[str, bytes]]:
    """The headers of the original record inside a dead letter, the `dlq.*` of a former letter (a resend) included."""
    ours: set[str] = set()
    original: list[tuple[str, bytes]] = []
    for name, value in reversed(headers):
        if name.startswith(PREFIX) and name not in ours:
            ours.add(name)
        else:
            original.append((name, value))
    return original[::-1]
