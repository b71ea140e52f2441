"""Keeps the account from `keten.spoor.v1`: every part in one place, totals from state, a signal where it cannot be right.

State keys: the receipt, and for a receipt of several parts one more per part (`<receipt>#<part>`), so that a posting
costs the same in a message of one part and in a file of 200,000. A posting that comes before the opening of its receipt
waits in the receipt's state. States are deleted 400 days after the day of receipt; the ledger has no clock, so it takes
the time of the postings for it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import msgspec

from chain.ledger.part import Place, fold, identify, moved
from topics import ids
from topics.catalogue.declarations import LEDGER, SIGNAAL, SPOOR
from topics.documents import Account, Posting, ce_type, decode, encode
from topics.documents.keten import Signaal
from topics.envelope import Envelope
from topics.errors import DocumentError, StateCorrupt, UndecodableDocument
from topics.keys import keten_of
from topics.metrics.state import minute
from topics.runtime.step import Output, Record, StateView, Step

SOORT: Final = "account-klopt-niet"
KEPT: Final = timedelta(days=400)
CLEAN_EVERY: Final = 1000
"""Records of a partition between two looks for states that are past their term."""

QUARTER: Final = 15
"""Minutes to which the begin of a letter is told, so that their facets stay few however many letters there are."""

_CLEAN_MOST: Final = 5000
_VERSION: Final = 1


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """State of a receipt, or of one part of a receipt of several.

    delen: number of parts of the receipt (None: not opened yet; 0: this is a part). deel: name of the only part, once a
    posting named it. plaats: where the part is (None on a receipt of several). wachtend: postings before the opening.
    fouten: openings and parts of this receipt that cannot be.
    """

    versie: int
    partner: str
    dag: date
    delen: int | None = None
    deel: str = ""
    plaats: Place | None = None
    wachtend: tuple[Posting, ...] = ()
    opening: bytes = b""
    fouten: int = 0


class Ledger:
    """The processor; see the module."""

    name = LEDGER
    topic = SPOOR
    stateful = True

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(Entry)

    def encode(self, state: Entry) -> bytes:
        return self._encoder.encode(state)

    def decode(self, data: bytes) -> Entry:
        try:
            entry = self._decoder.decode(data)
        except msgspec.MsgspecError as error:
            raise StateCorrupt(f"state of the ledger: {error}") from error
        if entry.versie != _VERSION:
            raise StateCorrupt(f"state of the ledger has version {entry.versie}, expected {_VERSION}")
        return entry

    def process(self, record: Record, state: StateView[Entry], cursor: str | None) -> Iterator[Step[Entry]]:
        envelope = record.envelope()
        document = decode(envelope.type, record.value or b"")
        if not isinstance(document, Posting):
            raise DocumentError(f"topic {SPOOR}: found {envelope.type}, expected {Posting.NAME}")
        if record.offset % CLEAN_EVERY == CLEAN_EVERY - 1 and cursor is None:
            yield from _clean(state, envelope.recorded_time)
        if document.van is None:
            yield from _open(document, envelope, state, int(cursor or 0))
        else:
            yield from _move(document, envelope, state)

    def suspend(self, key: str, state: StateView[Entry], record: Record, error: str) -> Step[Entry] | None:
        return None


def _clean(state: StateView[Entry], now: datetime) -> Iterator[Step[Entry]]:
    for key, _ in zip(state.due(now), range(_CLEAN_MOST), strict=False):
        yield Step(key=key, state=None, cursor="0")


def _open(opening: Posting, envelope: Envelope, state: StateView[Entry], done: int) -> Iterator[Step[Entry]]:
    if opening.delen is None or opening.delen < 1:
        raise UndecodableDocument(
            f"opening of {opening.ontvangst}: found {opening.delen} parts, expected 1 or more in `delen`"
        )
    key = opening.ontvangst
    known = state.get(key)
    if known is not None and known.delen is not None:
        if known.opening != identify(opening):
            text = f"ontvangst {key} is al geopend met {known.delen} delen; tweede opening met {opening.delen} delen"
            yield _step(key, _wrong(known), [_signal(opening, envelope, text)])
        return
    waiting = known.wachtend if known else ()
    if opening.delen == 1:
        yield _only(opening, envelope, waiting)
        return
    names = {str(number) for number in range(1, opening.delen + 1)} if waiting else frozenset()
    at = minute(envelope.recorded_time)
    for number in range(done + 1, opening.delen + 1):
        part = str(number)
        place, wrong = fold(Place(sinds=at), [posting for posting in waiting if posting.deel == part], at)
        entry = Entry(_VERSION, opening.partner, opening.dag, delen=0, plaats=place)
        yield _step(f"{key}#{part}", entry, [_from_elsewhere(posting, envelope) for posting in wrong], cursor=part)
    strangers = [posting for posting in waiting if posting.deel not in names]
    header = Entry(
        _VERSION, opening.partner, opening.dag, opening.delen, opening=identify(opening), fouten=len(strangers)
    )
    yield _step(key, header, [_no_such_part(posting, envelope, opening.delen) for posting in strangers])


def _only(opening: Posting, envelope: Envelope, waiting: Sequence[Posting]) -> Step[Entry]:
    """A receipt of one part: it and its part are one state."""
    name = waiting[0].deel if waiting else ""
    at = minute(envelope.recorded_time)
    place, wrong = fold(Place(sinds=at), [posting for posting in waiting if posting.deel == name], at)
    strangers = [posting for posting in waiting if posting.deel != name]
    entry = Entry(
        _VERSION, opening.partner, opening.dag, 1, name, place, opening=identify(opening), fouten=len(strangers)
    )
    signals = [_from_elsewhere(posting, envelope) for posting in wrong]
    return _step(opening.ontvangst, entry, signals + [_no_such_part(posting, envelope, 1) for posting in strangers])


def _move(posting: Posting, envelope: Envelope, state: StateView[Entry]) -> Iterator[Step[Entry]]:
    key = posting.ontvangst
    receipt = state.get(key)
    if receipt is None or receipt.delen is None:
        entry = receipt or Entry(_VERSION, posting.partner, posting.dag)
        yield _step(key, msgspec.structs.replace(entry, wachtend=(*entry.wachtend, posting)))
        return
    part_key = key if receipt.delen == 1 else f"{key}#{posting.deel}"
    part = receipt if receipt.delen == 1 else state.get(part_key)
    if part is None or part.plaats is None or part.deel not in ("", posting.deel):
        yield _step(key, _wrong(receipt), [_no_such_part(posting, envelope, receipt.delen)])
        return
    place, right = moved(part.plaats, posting, minute(envelope.recorded_time))
    if place == part.plaats:
        return
    named = posting.deel if receipt.delen == 1 else ""
    signals = [] if right else [_from_elsewhere(posting, envelope, part.plaats.account)]
    yield _step(part_key, msgspec.structs.replace(part, plaats=place, deel=named), signals)


def _step(key: str, entry: Entry, signals: Sequence[Output] = (), cursor: str | None = None) -> Step[Entry]:
    due = datetime.combine(entry.dag, time(), UTC) + KEPT
    final = entry.plaats is None or entry.plaats.account.final
    return Step(
        key=key,
        state=entry,
        due=due if final and not entry.wachtend else None,
        facets=facets(entry),
        outputs=signals,
        cursor=cursor,
    )


def facets(entry: Entry) -> tuple[str, ...]:
    """What the entry counts under: `partner|account` for a part, `…|geopend` or `…|ongeopend` for a receipt,
    `…|account-klopt-niet` for either when something about it cannot be right. Of a part also `…|sinds|<minute>` while it
    is onderweg, `…|brief|<reden>|<minute>` while it is in uitval (to the quarter of an hour), and `…|mens` once it rests
    after having been there. How they become metrics stands in `figures`.

    Not by day: each would be a series in Prometheus. The view keeps the account per day."""
    at = entry.partner
    found = []
    place = entry.plaats
    if place is not None:
        account = place.account
        found.append(f"{at}|{account.value}")
        if account is Account.ONDERWEG:
            if place.sinds:
                found.append(f"{at}|sinds|{place.sinds}")
        elif account is Account.UITVAL:
            found.append(f"{at}|brief|{place.reden}|{place.sinds - place.sinds % QUARTER}")
        elif place.mens and account.final:
            found.append(f"{at}|mens")
    if entry.delen is None:
        found.append(f"{at}|ongeopend")
    elif entry.delen:
        found.append(f"{at}|geopend")
    if entry.fouten or (place is not None and place.fouten):
        found.append(f"{at}|{SOORT}")
    return tuple(found)


def _wrong(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, fouten=entry.fouten + 1)


def _from_elsewhere(posting: Posting, envelope: Envelope, account: Account | None = None) -> Output:
    van = posting.van.value if posting.van else "niets"
    found = f"staat in {account.value}" if account else "stond daar niet"
    text = f"deel {posting.deel} van ontvangst {posting.ontvangst} zou van {van} naar {posting.naar.value} gaan maar {found}"
    return _signal(posting, envelope, text)


def _no_such_part(posting: Posting, envelope: Envelope, parts: int) -> Output:
    text = f"ontvangst {posting.ontvangst} heeft {parts} delen; er is geboekt op deel {posting.deel}, dat er niet bij hoort"
    return _signal(posting, envelope, text)


def _signal(posting: Posting, envelope: Envelope, text: str) -> Output:
    dossier = posting.dossier or f"ontvangst/{posting.ontvangst}"
    type_ = ce_type(Signaal)
    identity = ids.derived_id(identify(posting).hex(), SOORT, f"{posting.ontvangst}#{posting.deel}")
    document = Signaal(
        id=identity,
        dossier=dossier,
        keten=keten_of(posting.dossier) if posting.dossier else "",
        soort=SOORT,
        sinds=envelope.recorded_time,
        tekst=text,
    )
    headers = Envelope(
        id=identity,
        source=LEDGER,
        type=type_,
        time=envelope.recorded_time,
        recorded_time=envelope.recorded_time,
        subject=dossier,
        correlation_id=posting.ontvangst,
        causation_id=envelope.id,
    ).headers()
    return Output(topic=SIGNAAL, key=dossier.encode(), value=encode(document), headers=headers)
