"""Facts: what parties claimed about an order, in the few bytes that a dossier keeps of them.

Times are in UTC. A party is an index into the dossier's `partijen`. Evidence of the usual form
(receipt a UUID, hashes and ids in hex) takes 80 bytes; any other form is kept as it is.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

import msgspec

from chain.kalender import SECONDE, day_of, end_of_day, micros, moment
from chain.ketens.onderhoud.rekening import Rekening
from topics.documents import Bewijs
from topics.documents.onderhoud import Offertestap, Slotsoort, Statuscode, Statusdetail
from topics.envelope import Envelope

OPDRACHT: Final = 0
PLANNING: Final = 1
CODES: Final = tuple(Statuscode)
"""In the order in which ONDERHOUD 1 ranks them."""
RANG: Final = {code: rank for rank, code in enumerate(CODES, start=2)}
NAAM: Final = ("", "", *(code.value for code in CODES))
"""The code of a rank."""
DETAILS: Final = tuple(Statusdetail)
GEEN_DETAIL: Final = -1
SLOTSOORTEN: Final = tuple(Slotsoort)
(AANGEBODEN, AFGESPROKEN, VERPLAATST, NAGEKOMEN, GEMIST) = range(len(SLOTSOORTEN))
OFFERTESTAPPEN: Final = tuple(Offertestap)
(GEVRAAGD, ONTVANGEN, AANGEPAST, GOEDGEKEURD, AFGEWEZEN) = range(len(OFFERTESTAPPEN))
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


class Tijdslot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A slot of a planning: `soort` indexes SLOTSOORTEN, times in microseconds; the rest as `Slot`."""

    soort: int
    begin: int
    eind: int
    door: str | None = None
    reden: str | None = None
    vorig: int | None = None


class Offertedeel(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A step of a quotation: `stap` indexes OFFERTESTAPPEN, `bedrag` in euro."""

    stap: int
    nummer: str
    bedrag: str | None = None
    reden: str | None = None


class Versie(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one version of the order says that rules need. `kalender` as `chain.kalender.pack`; terms as they came.

    `gemeld`: when the tenant reported, `gereed_uiterlijk`: when it is wanted, microseconds; a day alone is its end.
    `afgeleid`: the urgency is nobody's word. `mandaat` and `totaal` (of its priced lines) in euro excluding VAT.
    `terugdateren`: hours after which a TGE is reported too late. `afspraak`, `specificatie`, `verlegd`: agreement method,
    GAR and such, and reverse charge, as the order says. `regels`: (price code or nothing, quantity, unit, price per
    unit or None) of its lines, as an invoice is matched with them.
    """

    opdrachtgever: int
    aannemer: int
    nummer: str
    datum: datetime
    datum_alleen_dag: bool
    soort: str | None
    urgentie: str
    kalender: bytes
    normen: tuple[tuple[str, str, bool, str | None], ...]
    """(measure, value, whether it counts in hours, else in working days; share of the term at which to warn)"""
    gemeld: int | None = None
    gereed_uiterlijk: int | None = None
    afgeleid: bool = False
    mandaat: str | None = None
    terugdateren: int | None = None
    totaal: str | None = None
    verband: Verband | None = None
    afspraak: str | None = None
    specificatie: str | None = None
    verlegd: bool | None = None
    regels: tuple[tuple[str, str, str, str | None], ...] = ()


class Vermelding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One fact. `rang` is its kind: opdracht, planning (or a quotation), or a status code's rank.

    Of a status: `bedrag` in euro, and `gevraagd`, by when a VER asks to be ready (microseconds). `factuur`: what an
    invoice says; of a step of one `subnummer` is the order that the step is about.
    """

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
    sloten: tuple[Tijdslot, ...] = ()
    offerte: Offertedeel | None = None
    bedrag: str | None = None
    gevraagd: int | None = None
    factuur: Rekening | None = None

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


@lru_cache(maxsize=4_096)
def bewijs_of(bewijs: bytes) -> Bewijs:
    """`bewijs` as a fact keeps it: what `evidence_of` gave, and the hash of the content behind it.

    Kept, as one event's milestones and figures rest on the same few facts.
    """
    if len(bewijs) != _GEWOON:
        return Bewijs(*msgspec.json.decode(bewijs[:-_INHOUD], type=tuple[str, str, str]))
    text = bewijs.hex()
    receipt = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"
    return Bewijs(receipt, text[32:96], text[96:128])


def gebeurtenis_van(feit: Vermelding) -> str:
    """Id of the event on the log."""
    return bewijs_of(feit.bewijs).gebeurtenis


def ontvangst_van(feit: Vermelding) -> str:
    return bewijs_of(feit.bewijs).ontvangst


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
