"""Facts: what parties claimed about an order, in the few bytes that a dossier keeps of them.

Times are in UTC. A party is an index into the dossier's `partijen`. Evidence of the usual form
(receipt a UUID, hashes and ids in hex) takes 80 bytes; any other form is kept as it is.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from chain.kalender import SECONDE, day_of, end_of_day, micros, moment, pack
from topics.documents import Bewijs
from topics.documents.onderhoud import (
    Eenheid,
    Feit,
    Norm,
    Offerte,
    Opdracht,
    Planning,
    Status,
    Statuscode,
    Statusdetail,
)
from topics.envelope import Envelope

OPDRACHT: Final = 0
PLANNING: Final = 1
CODES: Final = tuple(Statuscode)
"""In the order in which ONDERHOUD 1 ranks them."""
RANG: Final = {code: rank for rank, code in enumerate(CODES, start=2)}
NAAM: Final = ("", "", *(code.value for code in CODES))
"""The code of a rank."""
DETAILS: Final = tuple(Statusdetail)
_DETAIL: Final = {detail: index for index, detail in enumerate(DETAILS)}
GEEN_DETAIL: Final = -1
_GEWOON: Final = 80
_INHOUD: Final = 16

(REG, ACC, WEI, VIN, AIN, REV, REA, OND, VER, VAN, ANN, TGE, AGE) = range(2, 2 + len(CODES))
EINDE: Final = frozenset((WEI, ANN, AGE))
"""Codes that end status traffic."""


class Verband(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What ties an order to other dossiers: keys of its unit, its vacancy and the order above, empty where it names
    none; and what its unit compares."""

    eenheid: str
    mutatie: str
    boven: str
    elementen: tuple[str, ...]
    specificatie: str | None


class Versie(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one version of the order says that rules need. `kalender` as `chain.kalender.pack`; terms as they came."""

    opdrachtgever: int
    aannemer: int
    nummer: str
    datum: datetime
    datum_alleen_dag: bool
    soort: str | None
    urgentie: str
    kalender: bytes
    normen: tuple[tuple[str, str, bool], ...]
    """(measure, value, whether it counts in hours; else in working days)"""
    verband: Verband | None = None


class Vermelding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One fact. `rang` is its kind: opdracht, planning, or a status code's rank. `versie` only of an opdracht."""

    rang: int
    afzender: int
    nummer: str
    gebeurd: datetime
    alleen_dag: bool
    bekend: datetime
    bewijs: bytes
    detail: int = GEEN_DETAIL
    subnummer: str | None = None
    versie: Versie | None = None

    @property
    def inhoud(self) -> bytes:
        """Hash of the canonical content, 16 bytes."""
        return self.bewijs[-_INHOUD:]

    @property
    def merk(self) -> int:
        """Eight bytes of the event's id, to notice that evidence changed."""
        return int.from_bytes(self.bewijs[-_INHOUD - 8 : -_INHOUD], "big")

    @property
    def moment(self) -> int:
        """When it counts, microseconds: what only names a day counts as the earlier of its end and known (DESIGN 5)."""
        if self.alleen_dag:
            return min(end_of_day(day_of(micros(self.gebeurd))), micros(self.bekend))
        return micros(self.gebeurd)


def inhoud_van(envelope: Envelope, value: bytes) -> bytes:
    """The 16 bytes by which two messages say the same: the adapter's hash, or that of the body where it gave none."""
    given = envelope.content_hash
    if len(given) == 2 * _INHOUD:
        try:
            return bytes.fromhex(given)
        except ValueError:
            pass
    return hashlib.blake2b(given.encode() or value, digest_size=_INHOUD).digest()


def vermelding(document: Feit, envelope: Envelope, afzender: int, inhoud: bytes, versie: Versie | None) -> Vermelding:
    """The fact that `document` states."""
    if isinstance(document, Status):
        rang, at = RANG[document.code], document.gebeurd
        detail = GEEN_DETAIL if document.detail is None else _DETAIL[document.detail]
    elif isinstance(document, (Planning, Offerte)):
        rang, at, detail = PLANNING, document.gebeurd, GEEN_DETAIL
    else:
        rang, at, detail = OPDRACHT, document.verzonden, GEEN_DETAIL
    return Vermelding(
        rang,
        afzender,
        document.berichtnummer,
        at.op.astimezone(UTC),
        at.alleen_dag,
        envelope.recorded_time.astimezone(UTC),
        evidence_of(envelope) + inhoud,
        detail,
        document.subnummer,
        versie,
    )


def versie_van(document: Opdracht, opdrachtgever: int, aannemer: int, verband: Verband | None = None) -> Versie:
    """`datum` is the order's own date, else when it was sent."""
    at = document.datum or document.verzonden
    terms = document.voorwaarden
    return Versie(
        opdrachtgever,
        aannemer,
        document.opdrachtnummer,
        at.op.astimezone(UTC),
        at.alleen_dag,
        document.soort,
        document.urgentie.value,
        pack(terms.kalender),
        tuple(_norm(norm) for norm in terms.normen),
        verband=verband,
    )


def evidence_of(envelope: Envelope) -> bytes:
    """Receipt, SHA-256 and event id of an event, in 64 bytes where they have their usual form."""
    receipt, sha256, event = envelope.correlation_id, envelope.sha256, envelope.id
    if len(receipt) == 36 and len(sha256) == 64 and len(event) == 32:
        plain = receipt.replace("-", "") + sha256 + event
        try:
            packed = bytes.fromhex(plain)
        except ValueError:
            packed = b""
        if packed.hex() == plain and receipt[8] == receipt[13] == receipt[18] == receipt[23] == "-":
            return packed
    odd = msgspec.json.encode((receipt, sha256, event))
    return odd if len(odd) != _GEWOON - _INHOUD else odd + b" "


def bewijs_van(feit: Vermelding) -> Bewijs:
    return bewijs_of(feit.bewijs)


def bewijs_of(bewijs: bytes) -> Bewijs:
    """`bewijs` as a fact keeps it: what `evidence_of` gave, and the hash of the content behind it."""
    return Bewijs(*_parts(bewijs))


def gebeurtenis_van(feit: Vermelding) -> str:
    """Id of the event on the log."""
    return _parts(feit.bewijs)[2]


def ontvangst_van(feit: Vermelding) -> str:
    return _parts(feit.bewijs)[0]


def in_volgorde(feiten: Iterable[Vermelding], glns: Sequence[str]) -> tuple[Vermelding, ...]:
    """The order of DESIGN 5: happened, rank, sender, message number, content.

    What only names a day takes its place by rank within that day: right before the first fact of a higher rank there,
    else at the day's end. So it never reopens or overtakes what the same day settled, and the order is total.
    """
    found = list(feiten)
    loose = [feit for feit in found if feit.alleen_dag]
    if not loose:
        return tuple(sorted(found, key=lambda f: (f.gebeurd, 1, f.rang, glns[f.afzender], f.nummer, f.inhoud)))
    timed = sorted((feit.gebeurd, feit.rang) for feit in found if not feit.alleen_dag)

    def place(feit: Vermelding) -> tuple[datetime, int, int, str, str, bytes]:
        at, side = feit.gebeurd, 1
        if feit.alleen_dag:
            end = moment(end_of_day(day_of(micros(at))) + SECONDE)
            higher = (when for when, rank in timed if at <= when < end and rank > feit.rang)
            anchor = next(higher, None)
            at, side = (end, -1) if anchor is None else (anchor, 0)
        return at, side, feit.rang, glns[feit.afzender], feit.nummer, feit.inhoud

    return tuple(sorted(found, key=place))


def _norm(norm: Norm) -> tuple[str, str, bool]:
    return norm.maat, str(norm.waarde), norm.eenheid is Eenheid.UREN


def _parts(bewijs: bytes) -> tuple[str, str, str]:
    """Receipt, SHA-256 and event id of whatever form."""
    if len(bewijs) == _GEWOON:
        text = bewijs.hex()
        receipt = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"
        return receipt, text[32:96], text[96:128]
    return msgspec.json.decode(bewijs[:-_INHOUD], type=tuple[str, str, str])
