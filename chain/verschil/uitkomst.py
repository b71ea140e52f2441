"""What one side of a comparison came to: its records folded to what stands at the end, each under a name that does not
depend on the mapping. Nothing is decoded that need not be: most of it says the same on both sides."""

from collections import Counter
from typing import Final, NamedTuple

import msgspec

from topics import documents
from topics.catalogue.declarations import (
    ALL_KETENS,
    BESLUITSTAND,
    DOORLOOPTIJD,
    DOSSIER,
    FACTUURBEOORDELING,
    SIGNAAL,
    SPOOR,
    log_topic,
)
from topics.catalogue.topic import DEAD_LETTER_SUFFIX
from topics.deadletters import Letter
from topics.documents import ce_type
from topics.documents.besluit import Besluit, Besluitstand, Toestand
from topics.documents.document import split_type
from topics.documents.keten import Doorlooptijd, Klok, Uitval
from topics.errors import DocumentError
from topics.play.decisions import about, one_name
from topics.runtime.step import Record

LOGS: Final = frozenset(log_topic(keten) for keten in ALL_KETENS)
_NO_EVENT: Final = frozenset(ce_type(one).encode() for one in (Klok, Uitval, Besluit))
"""Ticks; and what only tells a dossier of its letters, which are compared themselves."""


class Deel(NamedTuple):
    """A part of a message; `poging`: the decision that sent it again, or empty."""

    ontvangst: str
    deel: str
    poging: str = ""


class Gebeurtenis(NamedTuple):
    """An event of a partner on a log. `type`: without its version."""

    type: str
    dossier: str
    partner: str
    gebeurd: str
    inhoud: bytes


class Signaalplek(NamedTuple):
    """What a signal is about; several that differ in their words only stand under one."""

    dossier: str
    soort: str
    maat: str
    subnummer: str
    tegen: str


class Maatplek(NamedTuple):
    dossier: str
    maat: str
    subnummer: str


class _Maat(msgspec.Struct, frozen=True):
    maat: str
    subnummer: str | None = None


class _Signaal(msgspec.Struct, frozen=True):
    id: str
    dossier: str
    soort: str
    sinds: str
    tekst: str
    maat: str | None = None
    subnummer: str | None = None
    tegen: str | None = None
    ingetrokken: bool = False


class _Posting(msgspec.Struct, frozen=True):
    ontvangst: str
    deel: str
    naar: str
    partner: str
    van: str | None = None
    delen: int | None = None
    dossier: str | None = None


class Plaats(msgspec.Struct):
    """Where a part of a message is in the account."""

    partner: str
    rekening: str
    dossier: str = ""


_maat = msgspec.json.Decoder(_Maat)
_signaal = msgspec.json.Decoder(_Signaal)
_posting = msgspec.json.Decoder(_Posting)


class Uitkomst:
    """Folds records as they were written. `add` raises DocumentError for what cannot be read."""

    def __init__(self) -> None:
        self.gebeurtenissen: dict[Deel, Gebeurtenis] = {}
        self.onderling: Counter[tuple[str, str]] = Counter()
        """By document and dossier: what dossiers told each other."""
        self.dossiers: dict[str, bytes] = {}
        self.facturen: dict[str, bytes] = {}
        self.signalen: dict[Signaalplek, dict[str, _Signaal]] = {}
        self.brieven: dict[Deel, Letter] = {}
        self.plaatsen: dict[Deel, Plaats] = {}
        self._maten: dict[Maatplek, Record] = {}
        self._beslist: dict[str, str] = {}

    def add(self, record: Record) -> None:
        try:
            self._add(record)
        except (msgspec.MsgspecError, KeyError, ValueError) as error:
            raise DocumentError(f"{record.position}: {type(error).__name__}: {error}") from error

    def besluit(self, brief: str) -> str | None:
        """The kind of decision that closed a letter; None while it is open."""
        return self._beslist.get(brief)

    def maten(self) -> dict[Maatplek, Doorlooptijd]:
        """The last revision of every measure. Raises DocumentError, of a newer release too."""
        return {plek: _doorlooptijd(record) for plek, record in self._maten.items()}

    def maat_bytes(self) -> dict[Maatplek, bytes]:
        return {plek: record.value or b"" for plek, record in self._maten.items()}

    def _add(self, record: Record) -> None:
        topic, value = record.topic, record.value or b""
        if topic in LOGS:
            self._event(record, value)
        elif topic.endswith(DEAD_LETTER_SUFFIX):
            self._letter(record)
        elif topic == SPOOR:
            self._moved(_posting.decode(value))
        elif topic == DOORLOOPTIJD:
            found = _maat.decode(value)
            self._maten[Maatplek(record.key.decode(), found.maat, found.subnummer or "")] = record
        elif topic == SIGNAAL:
            self._signal(_signaal.decode(value))
        elif topic == DOSSIER:
            self.dossiers[record.key.decode()] = value
        elif topic == FACTUURBEOORDELING:
            self.facturen[record.key.decode()] = value
        elif topic == BESLUITSTAND:
            self._decided(record, value)

    def _event(self, record: Record, value: bytes) -> None:
        given = dict(record.headers)
        type_ = given["ce_type"]
        if type_ in _NO_EVENT:
            return
        name, dossier = split_type(type_.decode())[0], record.key.decode()
        part = given.get("ce_part", b"").decode()
        if not part:
            self.onderling[(name, dossier)] += 1
            return
        receipt, cause = given["ce_correlationid"].decode(), given.get("ce_causationid", b"").decode()
        place = Deel(receipt, part, "" if cause == receipt else cause)
        moment = given["ce_time"].decode()
        self.gebeurtenissen[place] = Gebeurtenis(name, dossier, given["ce_source"].decode(), moment, value)

    def _letter(self, record: Record) -> None:
        letter = Letter.read(record.headers)
        what = about(letter, record.headers)
        alone = what.alone or letter.topic == SPOOR
        self.brieven[Deel("", letter.id) if alone else Deel(what.receipt, what.part, what.cause)] = letter

    def _moved(self, posting: _Posting) -> None:
        if posting.van is None:
            for number in range(1, (posting.delen or 1) + 1):
                self.plaatsen.setdefault(Deel(posting.ontvangst, str(number)), Plaats(posting.partner, posting.naar))
            return
        place = self.plaatsen.setdefault(
            Deel(posting.ontvangst, one_name(posting.deel)), Plaats(posting.partner, posting.van)
        )
        if posting.van != posting.naar:
            place.rekening = posting.naar
            place.dossier = posting.dossier or place.dossier

    def _signal(self, found: _Signaal) -> None:
        place = Signaalplek(found.dossier, found.soort, found.maat or "", found.subnummer or "", found.tegen or "")
        self.signalen.setdefault(place, {})[found.id] = found

    def _decided(self, record: Record, value: bytes) -> None:
        document = documents.decode(record.envelope().type, value)
        if isinstance(document, Besluitstand) and document.toestand is Toestand.DOORGESTUURD:
            self._beslist[document.brief] = document.soort or ""


def _doorlooptijd(record: Record) -> Doorlooptijd:
    document = documents.decode(record.envelope().type, record.value or b"")
    if not isinstance(document, Doorlooptijd):
        raise DocumentError(f"{record.position}: found {document.NAME}, expected {Doorlooptijd.NAME}")
    return document
