"""What a bus made of what it was given, as typed objects: to assert on in a test."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from topics import documents
from topics.catalogue.declarations import DOORLOOPTIJD, DOSSIER, FACTUURBEOORDELING, SIGNAAL, SPOOR, TOPICS
from topics.catalogue.topic import DEAD_LETTER_SUFFIX
from topics.deadletters import Letter
from topics.documents.keten import Account, Doorlooptijd, Dossier, Factuurbeoordeling, Posting, Signaal
from topics.errors import Refused
from topics.kafka import open_reader
from topics.runtime.step import Record

LETTERS = tuple(topic.name for topic in TOPICS if topic.name.endswith(DEAD_LETTER_SUFFIX))
READ = (DOSSIER, DOORLOOPTIJD, SIGNAAL, FACTUURBEOORDELING, SPOOR, *LETTERS)


class Uitval(msgspec.Struct, frozen=True):
    """A dead letter: why, and the original's bytes (empty when they are in the object store)."""

    brief: Letter
    origineel: bytes


class Rekening(msgspec.Struct, frozen=True):
    """The account: parts per account, parts taken in, and parts that left an account that they were not in."""

    delen: dict[Account, int]
    aangenomen: int
    fouten: tuple[str, ...] = ()

    @property
    def sluit(self) -> bool:
        """Whether every part is somewhere, once."""
        return not self.fouten and sum(self.delen.values()) == self.aangenomen


class Uitkomst(msgspec.Struct, frozen=True, kw_only=True):
    """dossiers: by key, of orders, invoices, units and vacancies. maten: the latest revision of every measure. signalen:
    those that stand. facturen: the latest assessment by key. uitval: dead letters in order of time, decided ones too."""

    dossiers: dict[str, Dossier]
    maten: tuple[Doorlooptijd, ...]
    signalen: tuple[Signaal, ...]
    facturen: dict[str, Factuurbeoordeling]
    uitval: tuple[Uitval, ...]
    rekening: Rekening

    def dossier(self, nummer: str) -> Dossier:
        """The one dossier with this key, order number or invoice number. Raises Refused, naming what is there."""
        found = [
            dossier
            for key, dossier in self.dossiers.items()
            if nummer in (key, dossier.opdrachtnummer, dossier.factuurnummer)
        ]
        if len(found) != 1:
            there = ", ".join(sorted(d.opdrachtnummer or d.factuurnummer or key for key, d in self.dossiers.items()))
            raise Refused(f"found {len(found)} dossiers {nummer!r}, expected one; there are: {there or 'none'}")
        return found[0]

    def maat(self, nummer: str, maat: str) -> Doorlooptijd:
        """The measure of that dossier as a whole. Raises Refused, naming what is there."""
        key = self.dossier(nummer).sleutel
        own = {one.maat: one for one in self.maten if one.dossier == key and one.subnummer is None}
        if maat not in own:
            raise Refused(f"{key}: found no measure {maat!r}; there are: {', '.join(sorted(own)) or 'none'}")
        return own[maat]


async def outcome(bootstrap: str) -> Uitkomst:
    """What is on the topics now. Raises Unavailable, DocumentError."""
    async with open_reader(bootstrap, READ) as reader:
        return of_records([record async for record in reader.to_end()])


def of_records(records: Iterable[Record]) -> Uitkomst:
    """The outcome in `records`: those of one partition in order. Raises DocumentError."""
    dossiers: dict[str, Dossier] = {}
    measures: dict[tuple[str, str, str | None], Doorlooptijd] = {}
    signals: dict[str, Signaal] = {}
    invoices: dict[str, Factuurbeoordeling] = {}
    letters: list[Uitval] = []
    postings: list[Posting] = []
    for record in records:
        if record.topic in LETTERS:
            letters.append(Uitval(Letter.read(record.headers), record.value or b""))
            continue
        if record.topic not in READ:
            continue
        if record.value is None:
            dossiers.pop(record.key.decode(), None)
            continue
        match documents.decode(record.envelope().type, record.value):
            case Dossier() as dossier:
                dossiers[dossier.sleutel] = dossier
            case Doorlooptijd() as measure:
                measures[(measure.dossier, measure.maat, measure.subnummer)] = measure
            case Signaal() as signal:
                signals[signal.id] = signal
            case Factuurbeoordeling() as assessment:
                invoices[assessment.dossier] = assessment
            case Posting() as posting:
                postings.append(posting)
    return Uitkomst(
        dossiers=dict(sorted(dossiers.items())),
        maten=tuple(measure for _, measure in sorted(measures.items(), key=lambda one: str(one[0]))),
        signalen=tuple(signal for _, signal in sorted(signals.items()) if not signal.ingetrokken),
        facturen=dict(sorted(invoices.items())),
        uitval=tuple(sorted(letters, key=lambda one: (one.brief.timestamp, one.brief.id))),
        rekening=account(postings),
    )


def account(postings: Iterable[Posting]) -> Rekening:
    """Counted plainly from the postings; a posting that is there twice counts once."""
    parts: Counter[Account] = Counter()
    where: dict[tuple[str, str], Counter[Account]] = {}
    seen: set[tuple[str, str, Account | None, Account, str]] = set()
    taken = 0
    for one in postings:
        move = (one.ontvangst, one.deel, one.van, one.naar, one.uit)
        if move in seen or one.van is one.naar:
            continue
        seen.add(move)
        at = where.setdefault((one.ontvangst, one.deel), Counter())
        if one.van is None:
            taken += one.delen or 1
            parts[one.naar] += one.delen or 1
            continue
        at[one.van] -= 1
        at[one.naar] += 1
        parts[one.van] -= 1
        parts[one.naar] += 1
    wrong = [
        f"part {part} of {receipt}: {name.value} {number}"
        for (receipt, part), at in where.items()
        for name, number in at.items()
        # every part begins onderweg, by a posting for all parts of its receipt
        if number + (name is Account.ONDERWEG) not in (0, 1)
    ]
    return Rekening({name: parts[name] for name in Account if parts[name]}, taken, tuple(sorted(wrong)))
