"""What of a record is masked before it goes into a capture, so that the capture is consistent in itself.

Two turns. First, record by record as they come: bodies, personal data and the words of people are masked, and every hash
that changes by it is noted. Then, with all of them known, every hash in every record is the one of what is there now:
of a body (`ce_sha256`, `ce_dataref`, evidence), of an attachment, of a dead letter (its id is a hash of its content).
"""

import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final, Protocol

import msgspec

from topics import documents
from topics.accounts import without_values
from topics.blobs import BlobStore
from topics.catalogue.declarations import ALL_KETENS, DECIDER, KINDS, PERSOON, dead_letter_topic, log_topic, raw_topic
from topics.catalogue.topic import DEAD_LETTER_SUFFIX
from topics.deadletters import PREFIX, Letter, id_of, original_headers
from topics.documents import Bevinding, Document, ce_type
from topics.documents.besluit import Besluit, Besluitstand, Origineel
from topics.documents.content import content_hash
from topics.documents.keten import Hervat, Opschorting, Persoon, Posting
from topics.envelope import RAW_TYPE, Envelope, Headers
from topics.errors import ConfigurationError, DocumentError, InvalidEnvelope, Unavailable
from topics.runtime.step import Record

GROUP: Final = "ketenbus.masking"
RAW: Final = frozenset(name for kind in KINDS for name in (raw_topic(kind), dead_letter_topic(raw_topic(kind))))
LOGS: Final = frozenset(log_topic(keten) for keten in ALL_KETENS)
REFERENCE: Final = re.compile(rb"sha256:([0-9a-f]{64})")

_HASH: Final = re.compile(rb"(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-f])")
_SIZE: Final = re.compile(rb'("blob":"sha256:([0-9a-f]{64})","bytes":)[0-9]+')
_RETURNED: Final = "teruggestuurd"
_OURS: Final = "onverwacht"
_CONTENT_HASH: Final = "ce_contenthash"
_FINDINGS: Final = b'"bevindingen"'
_DECISION: Final = f"{ce_type(Besluit).rpartition('.v')[0]}.v"
_SAID: Final = "Teruggestuurd: "
_TOUCHED: Final = frozenset(ce_type(kind).rpartition(".v")[0] for kind in (Besluit, Besluitstand, Hervat, Opschorting))


class Masker(Protocol):
    """Knows what is personal, and its mask: the same for the same value. The adapters have it, who know the formats."""

    def raw(self, content: bytes, content_type: str) -> tuple[bytes, str]: ...

    def attachment(self, content: bytes) -> bytes: ...

    def person(self, path: str, value: str) -> str: ...

    def name(self, value: str) -> str: ...

    def text(self, value: str) -> str: ...


def open_masker(secret: bytes, profiles: Path) -> Masker:
    """The masker that is installed. Raises ConfigurationError when there is none."""
    for point in entry_points(group=GROUP):
        made: Masker = point.load()(secret, profiles)
        return made
    raise ConfigurationError(f"nothing is installed that masks (entry point {GROUP}); install ketenbus whole")


class Masking:
    """Of one capture. Masked bodies and attachments go to `store`, from where they are written into the file."""

    def __init__(self, masker: Masker, blobs: BlobStore, store: BlobStore) -> None:
        self._masker, self._blobs, self._store = masker, blobs, store
        self._now: dict[bytes, bytes] = {}
        self._types: dict[str, str] = {}
        self._sizes: dict[bytes, int] = {}
        self._letters: list[Record] = []
        self.away = 0
        """Attachments that the object store does not have any more."""

    def first(self, record: Record) -> Record:
        """The record without personal data. Raises Unavailable when its body is away."""
        if record.topic in RAW and _type(record) in (RAW_TYPE, ""):
            record = self._raw(record)
        elif record.value is not None:
            record = self._document(record)
            self._attachments(record)
            record = msgspec.structs.replace(record, headers=self._without_actor(record.headers))
        if record.topic.endswith(DEAD_LETTER_SUFFIX):
            self._letters.append(record)
            record = msgspec.structs.replace(record, headers=self._letter_headers(record.headers))
        return record

    def between(self) -> None:
        """All records had their first turn: what letters are called from now on follows from what they now hold."""
        before = {now: was for was, now in self._now.items()}
        for record in self._letters:
            try:
                letter = Letter.read(record.headers)
            except (KeyError, ValueError, msgspec.MsgspecError):
                continue
            content = record.value or b""
            now = _sha256(content)
            # of what a partner sent the content is masked already, and its former hash was noted
            was = before.get(now, now)
            holds = now if was != now else _sha256(self._renamed(content))
            self._rename_letter(record, letter, was.decode(), holds.decode())
        self._letters.clear()

    def then(self, record: Record) -> Record:
        """The record with the hashes of what there is now."""
        value = record.value
        if value is not None and record.topic not in RAW:
            value = self._renamed(self._decision(record, value) if _type(record).startswith(_DECISION) else value)
        headers = tuple((name, self._renamed(content)) for name, content in record.headers)
        if value is not None and value != record.value and record.topic in LOGS:
            value = _SIZE.sub(self._sized, value)
            headers = _hashed(headers, _type(record), value)
        return msgspec.structs.replace(record, key=self._renamed(record.key), value=value, headers=headers)

    def _sized(self, found: re.Match[bytes]) -> bytes:
        size = self._sizes.get(found[2])
        return found[0] if size is None else b"%s%d" % (found[1], size)

    def _renamed(self, content: bytes) -> bytes:
        return _HASH.sub(lambda found: self._now.get(found[0], found[0]), content)

    def _rename_letter(self, record: Record, letter: Letter, was: str, now: str) -> None:
        headers = tuple(original_headers(record.headers))
        original = Record(letter.topic, letter.partition, letter.offset, letter.timestamp, record.key, None, headers)
        try:
            envelope: Envelope | None = Envelope.read(headers)
        except InvalidEnvelope:
            envelope = None
        for part in dict.fromkeys((letter.part, "")):
            if id_of(original, envelope, part, letter.stage, was) == letter.id:
                self._now[letter.id.encode()] = id_of(original, envelope, part, letter.stage, now).encode()

    # ------------------------------------------------------------ what partners sent

    def _raw(self, record: Record) -> Record:
        headers = dict(record.headers)
        content_type = headers.get("content-type", b"").decode("utf-8", "replace")
        reference = headers.get("ce_dataref", b"").decode("ascii", "replace")
        value = record.value
        if not value and reference:
            content_type = self._body(reference, content_type)
        else:
            value, content_type = self._masked(value or b"", content_type, headers.get("ce_sha256", b""))
        return msgspec.structs.replace(record, value=value, headers=tuple(self._raw_headers(record, content_type)))

    def _raw_headers(self, record: Record, content_type: str) -> Iterator[tuple[str, bytes]]:
        for name, value in self._without_actor(record.headers):
            yield name, content_type.encode() if name == "content-type" else value

    def _without_actor(self, headers: Headers) -> Headers:
        """Without the name of who decided: of a decision, and of what came of one. Of what a partner sent the actor is a key."""
        given = dict(headers)
        type_ = given.get("ce_type", b"").decode("utf-8", "replace")
        if type_.rpartition(".v")[0] not in _TOUCHED and given.get("ce_channel") != DECIDER.encode():
            return headers
        return tuple(
            (name, self._name(value.decode("utf-8", "replace")).encode() if name == "ce_actor" else value)
            for name, value in headers
        )

    def _masked(self, content: bytes, content_type: str, noted: bytes = b"") -> tuple[bytes, str]:
        masked, content_type = self._masker.raw(content, content_type)
        now = _sha256(masked)
        for was in (_sha256(content), noted):
            if was:
                # also of what had nothing to mask: it is known then for what a partner sent, and no attachment
                self._now[was] = now
        return masked, content_type

    def _body(self, reference: str, content_type: str) -> str:
        """Masks what a partner sent and the object store has; its content type now. Raises Unavailable."""
        masked, self._types[reference] = self._masked(self._blobs.get(reference), content_type)
        self._store.put(masked)
        return self._types[reference]

    # ------------------------------------------------------------ what the bus wrote

    def _document(self, record: Record) -> Record:
        type_ = _type(record)
        touched = type_.rpartition(".v")[0] in _TOUCHED or record.topic == PERSOON
        told = type_ == ce_type(Posting) and _FINDINGS in (record.value or b"")
        if not (touched or told):
            return record
        try:
            document = documents.decode(type_, record.value or b"")
        except DocumentError:
            return msgspec.structs.replace(record, value=self._masker.text(type_).encode())
        return msgspec.structs.replace(record, value=documents.encode(self._without_people(document)))

    def _without_people(self, document: Document) -> Document:
        change = msgspec.structs.replace
        name, text = self._name, self._text
        match document:
            case Persoon():
                return change(
                    document, velden={path: self._masker.person(path, one) for path, one in document.velden.items()}
                )
            case Besluit():
                self._decided(document)
                return change(document, door=name(document.door), toelichting=text(document.toelichting))
            case Besluitstand():
                # the words of a refusal name who may not confirm
                refused = tuple(
                    change(one, door=name(one.door), tekst=one.tekst.replace(one.door, name(one.door)))
                    for one in document.geweigerd
                )
                return change(
                    document,
                    door=None if document.door is None else name(document.door),
                    gekeurd_door=None if document.gekeurd_door is None else name(document.gekeurd_door),
                    toelichting=text(document.toelichting),
                    geweigerd=refused,
                )
            case Hervat():
                return change(document, door=name(document.door), reden=text(document.reden))
            case Opschorting():
                return (
                    document
                    if document.door is None
                    else change(document, door=name(document.door), oorzaak=text(document.oorzaak))
                )
            case Posting():
                return change(document, bevindingen=tuple(map(self._finding, document.bevindingen)))
            case _:
                return document

    def _name(self, value: str) -> str:
        return self._masker.name(value) if value else value

    def _text(self, value: str) -> str:
        return self._masker.text(value) if value else value

    def _finding(self, finding: Bevinding) -> Bevinding:
        """Without values of persons, and without the words of who sent a message back."""
        if finding.code == _RETURNED:
            return msgspec.structs.replace(finding, tekst=_SAID + self._text(finding.tekst.removeprefix(_SAID)))
        if finding.code == _OURS:
            return msgspec.structs.replace(finding, tekst=finding.tekst.partition(":")[0], waarde=None)
        return without_values(finding)

    def _attachments(self, record: Record) -> None:
        for found in dict.fromkeys(REFERENCE.findall(record.value or b"")):
            if found in self._now:
                continue
            try:
                masked = self._masker.attachment(self._blobs.get(f"sha256:{found.decode()}"))
            except Unavailable:
                self.away += 1
                continue
            self._now[found] = now = self._store.put(masked).removeprefix("sha256:").encode()
            self._sizes[now] = len(masked)

    # ------------------------------------------------------------ dead letters and decisions on them

    def _letter_headers(self, headers: Headers) -> tuple[tuple[str, bytes], ...]:
        ours = ("dlq.reason", _OURS.encode()) in headers
        return tuple((name, self._letter_header(name, value, ours=ours)) for name, value in headers)

    def _letter_header(self, name: str, value: bytes, *, ours: bool) -> bytes:
        """The findings without values of persons; of an error of ours, which may quote anything, only its name."""
        if name == f"{PREFIX}findings":
            try:
                findings = msgspec.json.decode(value, type=tuple[Bevinding, ...])
            except msgspec.MsgspecError:
                return b"[]"
            return msgspec.json.encode(tuple(map(self._finding, findings)))
        if name == f"{PREFIX}message":
            return value.partition(b":")[0] if ours or _is_error(value) else value
        return value

    def _decided(self, decision: Besluit) -> None:
        """Bodies that a decision carries in the object store; their hashes are noted."""
        if decision.vervanging is not None:
            self._body(decision.vervanging.blob, decision.vervanging.inhoudstype)
        original = decision.origineel
        if original is None:
            return
        headers = tuple((one.naam, one.waarde) for one in original.koppen)
        if original.blob is not None:
            self._body(original.blob, dict(headers).get("content-type", b"").decode("utf-8", "replace"))
        self._letters.append(
            Record(
                original.topic,
                original.partitie,
                original.positie,
                0,
                original.sleutel.encode(),
                self._content(original),
                headers,
            )
        )

    def _content(self, original: Origineel) -> bytes | None:
        if original.blob is None:
            return original.waarde
        masked = self._now.get(original.blob.removeprefix("sha256:").encode())
        return None if masked is None else self._store.get(f"sha256:{masked.decode()}")

    def _decision(self, record: Record, value: bytes) -> bytes:
        """Headers and body of the letter that a decision carries stand in it as base64."""
        try:
            decision = documents.decode(_type(record), value)
        except DocumentError:
            return value
        if not isinstance(decision, Besluit) or decision.origineel is None:
            return value
        original = decision.origineel
        types = {"content-type": self._types.get(original.blob or "")}
        headers = self._letter_headers(self._without_actor(tuple((one.naam, one.waarde) for one in original.koppen)))
        koppen = tuple(
            msgspec.structs.replace(one, waarde=self._renamed((types.get(name) or "").encode() or value))
            for one, (name, value) in zip(original.koppen, headers, strict=True)
        )
        waarde = None if original.waarde is None else self._renamed(original.waarde)
        original = msgspec.structs.replace(original, koppen=koppen, waarde=waarde)
        return documents.encode(msgspec.structs.replace(decision, origineel=original))


def _type(record: Record) -> str:
    return next((value.decode("utf-8", "replace") for name, value in record.headers if name == "ce_type"), "")


def _hashed(headers: Headers, type_: str, value: bytes) -> tuple[tuple[str, bytes], ...]:
    """With the hash of the document that now stands there, where there was one."""
    if all(name != _CONTENT_HASH for name, _ in headers):
        return tuple(headers)
    now = content_hash(documents.decode(type_, value)).encode()
    return tuple((name, now if name == _CONTENT_HASH else content) for name, content in headers)


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _is_error(value: bytes) -> bool:
    return re.match(rb"[A-Za-z_.]+(?:Error|Exception):", value) is not None
