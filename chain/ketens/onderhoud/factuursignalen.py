"""Which signals of an invoice stand, given what it came to and the tick. Pure."""

from typing import Final, NamedTuple

from chain.kalender import SECONDE, micros
from chain.ketens.onderhoud.factuurbtw import anders_belast
from chain.ketens.onderhoud.factuurmaten import MATEN, Afloop, Meting, grens_van, te_laat
from chain.ketens.onderhoud.factuurstand import Stand, verlopen
from chain.ketens.onderhoud.feiten import Vermelding
from chain.ketens.onderhoud.redenen import Betwisting
from chain.ketens.onderhoud.rekening import Rekening
from chain.ketens.onderhoud.signalen import BEOORDELEN, NORM, TE_VEEL_BETAALD, Tik, grootte, suspended
from chain.ketens.onderhoud.staat import Dossierstaat, Uitstaand
from chain.ketens.onderhoud.uitkomst import GROOT, omvang
from topics.documents.keten import Factuurbeoordeling

_ZELF: Final = (
    Betwisting.IBAN_ONBEKEND,
    Betwisting.LEVERANCIER_ONBEKEND,
    Betwisting.CORRECTIE,
    Betwisting.CREDIT_POSITIEF,
)
"""Reasons of the whole invoice that a person must look at."""
_PER_OPDRACHT: Final = (Betwisting.OPDRACHT_ONBEKEND, Betwisting.MOGELIJK_DUBBEL, Betwisting.AANNEMER_VERVANGEN)
"""Reasons that a person must look at, of each order by itself."""


class Geteld(NamedTuple):
    """An invoice that is a fact, counted."""

    feit: Vermelding
    rekening: Rekening
    stand: Stand
    oordeel: Factuurbeoordeling
    afloop: Afloop
    metingen: list[Meting]
    toestand: str


def signalen_van(
    staat: Dossierstaat, counted: Geteld, onvolledig: bool, tik: Tik | None
) -> tuple[tuple[Uitstaand, ...], int | None]:
    """What stands, and when the next tick may change something. A norm speaks against the client, so a tick raises it."""
    rekening = counted.rekening
    client = staat.partijen[rekening.opdrachtgever].gln
    due: int | None = None
    if counted.stand.onbeantwoord and staat.termijn < (until := verlopen(counted.feit, rekening)):
        due = until if tik is None or tik.tot < until else tik.later
    standing = {signal.ref: signal for signal in staat.signalen if signal.soort == NORM}
    kept: list[Uitstaand] = []
    for meting in counted.metingen:
        name, limit = MATEN[meting.maat], grens_van(meting, counted.afloop)
        before = standing.get(name)
        if before is not None and (te_laat(meting.kern) or (limit is not None and limit + SECONDE <= before.getikt)):
            kept.append(before)
            continue
        if limit is None or onvolledig:
            continue
        at = limit + SECONDE
        if tik is not None and at <= tik.tot:
            if not suspended(staat, client, tik.opgeschort):
                kept.append(Uitstaand(NORM, name, limit, client, tik.tot))
                continue
            at = tik.later
        due = earliest(due, at)
    kept += _beoordelen(staat, counted)
    since, sender = micros(counted.feit.bekend), staat.partijen[counted.feit.afzender].gln
    for code, key in anders_belast(rekening, counted.stand.antwoorden):
        kept.append(Uitstaand(BEOORDELEN, f"{code}#{key}", since, sender, 0, code))
    kept += grootte(staat, omvang(staat) > GROOT)
    return tuple(kept), due


def _beoordelen(staat: Dossierstaat, counted: Geteld) -> list[Uitstaand]:
    """What a person must look at while it is disputed, or while more was paid than is released."""
    since, sender = micros(counted.feit.bekend), staat.partijen[counted.feit.afzender].gln
    paid = counted.afloop.teveel
    over = []
    if paid is not None:
        client = staat.partijen[counted.rekening.opdrachtgever].gln
        over = [Uitstaand(BEOORDELEN, TE_VEEL_BETAALD, micros(paid.bekend), client, 0, TE_VEEL_BETAALD)]
    if not counted.oordeel.betwist:
        return over
    found = [Uitstaand(BEOORDELEN, code, since, sender, 0, code) for code in _ZELF if code in counted.oordeel.redenen]
    seen = dict.fromkeys(
        (line.reden, line.dossier or "")
        for line in counted.oordeel.regels
        if line.betwist and line.reden in _PER_OPDRACHT
    )
    return [*over, *found, *(Uitstaand(BEOORDELEN, f"{code}#{key}", since, sender, 0, code) for code, key in seen)]


def earliest(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
