"""The measures of an invoice: how long it took to be judged, and to be paid (ONDERHOUD 2). Pure.

beoordeling   received → last disputed line settled; at once when nothing is disputed. Norms of the pair
betaling      received → paid, against the payment term: calendar days after the day of receipt. A credit has none
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from msgspec.structs import replace

from chain.kalender import SECONDE, day_of, end_of_day, micros, moment, unpack
from chain.ketens.onderhoud.factuurstand import (
    BETAALD,
    GEACCEPTEERD,
    INGETROKKEN,
    Stand,
    stappen,
)
from chain.ketens.onderhoud.feiten import Vermelding, bewijs_van
from chain.ketens.onderhoud.maten import GESLOTEN, OPEN, STANDEN, VERVALLEN, Kern
from chain.ketens.onderhoud.rekening import Rekening
from chain.ketens.onderhoud.staat import Dossierstaat, Gemeten
from chain.ketens.onderhoud.termijn import deadline_of
from topics.documents.keten import Doorlooptijd, Factuurbeoordeling

MATEN: Final = ("beoordeling", "betaling")
"""Their order is their number in the state: only ever added to at the end."""
(BEOORDELING, BETALING) = range(len(MATEN))


class Afloop(NamedTuple):
    """How far an invoice came, microseconds. `beoordeeld`: when nothing was disputed or pending any more. `betaald`: when
    all that is released was paid; `open`: euro that is released and not paid. `afgerond`: when it was wholly settled.
    `voldaan`: by mark of a payment that names no amount, what was released when it counted. `teveel`: the payment by
    which more was paid than is released."""

    beoordeeld: int | None
    betaald: int | None
    open: Decimal
    afgerond: int | None
    voldaan: tuple[tuple[int, str], ...] = ()
    teveel: Vermelding | None = None


class Meting(NamedTuple):
    maat: int
    kern: Kern
    bewijs: list[Vermelding]


def afloop_van(staat: Dossierstaat, feit: Vermelding, stand: Stand, oordeel: Factuurbeoordeling) -> Afloop:
    """A credit is settled when nothing of it is disputed: the client sets it off against what it pays.

    A payment that names no amount is of what was released when it counted: when every order had answered, and something
    was released. What is released later is not paid by it.
    """
    released = oordeel.vrijgegeven
    judged = None if oordeel.betwist or oordeel.in_behandeling else _judged(staat, feit, stand)
    paid_at: int | None = None
    paid = Decimal(0)
    before = dict(() if staat.weging is None else staat.weging.betaald)
    whole = {step.merk: before.get(step.merk, str(released)) for step in stappen(staat, BETAALD) if step.bedrag is None}
    over: Vermelding | None = None
    for step in stappen(staat, BETAALD):
        paid = max(paid, Decimal(whole[step.merk])) if step.bedrag is None else paid + Decimal(step.bedrag)
        if released > 0 and paid >= released and paid_at is None:
            paid_at = max(step.moment, micros(feit.bekend))
        if paid > max(Decimal(0), released) or (step.bedrag is None and released <= 0):
            over = over or step
    if (oordeel.te_betalen or 0) <= 0 or oordeel.in_behandeling:
        over = None
    rest = max(Decimal(0), released - paid)
    settled = judged if judged is None or released <= 0 else paid_at
    if judged is not None and settled is not None:
        settled = max(judged, settled)
    counted = whole if released > 0 and not oordeel.in_behandeling else before
    return Afloop(judged, paid_at, rest, settled, tuple(counted.items()), over)


def meten(staat: Dossierstaat, feit: Vermelding, rekening: Rekening, afloop: Afloop, voorlopig: bool) -> list[Meting]:
    begin = micros(feit.bekend)
    found = [
        _meting(
            BEOORDELING,
            feit,
            afloop.beoordeeld,
            GESLOTEN,
            deadline_of(rekening, MATEN[BEOORDELING], begin, ()),
            stappen(staat, GEACCEPTEERD, INGETROKKEN) if afloop.beoordeeld is not None else [],
            voorlopig,
        )
    ]
    if Decimal(rekening.te_betalen) > 0:
        end, state = afloop.betaald, GESLOTEN
        if end is None and afloop.afgerond is not None:
            end, state = afloop.afgerond, VERVALLEN
        deadline = end_of_day(day_of(begin) + rekening.betaaltermijn)
        proof = stappen(staat, BETAALD) if afloop.betaald is not None else []
        found.append(_meting(BETALING, feit, end, state, deadline, proof, voorlopig))
    return found


def herzien(
    keten: str, sleutel: str, staat: Dossierstaat, feit: Vermelding, rekening: Rekening, metingen: Sequence[Meting]
) -> tuple[tuple[Gemeten, ...], list[Doorlooptijd]]:
    """The measures as published from now on, and the revisions that say so: revision 0 is the start, open."""
    former = {gemeten.maat: gemeten for gemeten in staat.gemeten}
    kept, revisions = [], []
    for meting in metingen:
        before = former.get(meting.maat)
        if before is None:
            begin = replace(meting.kern, stand=OPEN, eind=None, merk=feit.merk)
            before = Gemeten(meting.maat, 0, begin)
            revisions.append(_revision(keten, sleutel, staat, rekening, before, [feit]))
        if before.kern != meting.kern:
            before = Gemeten(meting.maat, before.revisie + 1, meting.kern)
            revisions.append(_revision(keten, sleutel, staat, rekening, before, meting.bewijs))
        kept.append(before)
    return tuple(kept), revisions


def uitgebleven(
    keten: str, sleutel: str, staat: Dossierstaat, rekening: Rekening, metingen: Sequence[Meting], nu: int
) -> list[Doorlooptijd]:
    """The last revisions of the measures that are open when the dossier is closed at `nu`."""
    former = {gemeten.maat: gemeten for gemeten in staat.gemeten}
    revisions = []
    for maat, kern, bewijs in metingen:
        if kern.stand == OPEN:
            last = Gemeten(maat, former[maat].revisie + 1, replace(kern, eind=nu))
            one = _revision(keten, sleutel, staat, rekening, last, bewijs)
            revisions.append(replace(one, eind=None, uitgebleven=moment(nu)))
    return revisions


def grens_van(meting: Meting, afloop: Afloop) -> int | None:
    """From when on a norm is exceeded: not of a payment while nothing that is released waits to be paid."""
    if meting.kern.stand != OPEN or (meting.maat == BETALING and not afloop.open):
        return None
    return meting.kern.deadline


def te_laat(kern: Kern) -> bool:
    return kern.stand == GESLOTEN and kern.eind is not None and kern.deadline is not None and kern.eind > kern.deadline


def _judged(staat: Dossierstaat, feit: Vermelding, stand: Stand) -> int:
    """When the bus knew the last answer or step that settled it; it stays so while it stays settled."""
    for gemeten in staat.gemeten:
        if gemeten.maat == BEOORDELING and gemeten.kern.stand == GESLOTEN and gemeten.kern.eind is not None:
            return gemeten.kern.eind
    moments = [answer.bekend for answer in stand.antwoorden.values()]
    moments += [step.moment for step in stappen(staat, GEACCEPTEERD, INGETROKKEN)]
    return max([micros(feit.bekend), *moments])


def _meting(
    maat: int,
    feit: Vermelding,
    end: int | None,
    state: int,
    deadline: int | None,
    proof: Sequence[Vermelding],
    voorlopig: bool,
) -> Meting:
    facts = [feit, *proof]
    mark = 0
    for one in facts:
        mark ^= one.merk
    kern = Kern(OPEN if end is None else state, micros(feit.bekend), end, deadline, False, voorlopig, merk=mark)
    return Meting(maat, kern, facts)


def _revision(
    keten: str,
    sleutel: str,
    staat: Dossierstaat,
    rekening: Rekening,
    gemeten: Gemeten,
    bewijs: Sequence[Vermelding],
) -> Doorlooptijd:
    kern = gemeten.kern
    end = kern.eind
    seconds = None if end is None else max(0, end - kern.begin) // SECONDE
    days = end is not None and gemeten.maat == BETALING
    return Doorlooptijd(
        dossier=sleutel,
        keten=keten,
        maat=MATEN[gemeten.maat],
        revisie=gemeten.revisie,
        stand=STANDEN[kern.stand],
        opdrachtgever=staat.partijen[rekening.opdrachtgever].gln,
        aannemer=staat.partijen[rekening.aannemer].gln,
        begin=moment(kern.begin),
        eind=None if end is None else moment(end),
        deadline=None if kern.deadline is None else moment(kern.deadline),
        bruto_seconden=seconds,
        netto_seconden=seconds,
        werkdagen=None if end is None else unpack(rekening.kalender).working_days(kern.begin, end),
        kalenderdagen=max(0, day_of(end) - day_of(kern.begin)) if days and end is not None else None,
        voorlopig=kern.voorlopig,
        bewijs=tuple([bewijs_van(feit) for feit in bewijs]),
        te_laat=te_laat(kern),
    )
