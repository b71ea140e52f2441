"""From a party's document to a fact: what rules need of it, in the few bytes that a dossier keeps."""

from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from typing import Final

from chain.kalender import day_of, end_of_day, micros, pack
from chain.ketens.onderhoud.feiten import (
    DETAILS,
    GEEN_DETAIL,
    OFFERTESTAPPEN,
    OPDRACHT,
    PLANNING,
    RANG,
    SLOTSOORTEN,
    Offertedeel,
    Tijdslot,
    Verband,
    Vermelding,
    Versie,
    evidence_of,
)
from chain.ketens.onderhoud.termijn import norm_van
from topics.documents import Moment
from topics.documents.onderhoud import Feit, Offerte, Opdracht, Planning, Regel, Slot, Status
from topics.envelope import Envelope

_DETAIL: Final = {detail: index for index, detail in enumerate(DETAILS)}
_SLOT: Final = {soort: index for index, soort in enumerate(SLOTSOORTEN)}
_STAP: Final = {stap: index for index, stap in enumerate(OFFERTESTAPPEN)}


def vermelding(document: Feit, envelope: Envelope, afzender: int, inhoud: bytes, versie: Versie | None) -> Vermelding:
    """The fact that `document` states."""
    slots: tuple[Tijdslot, ...] = ()
    quotation = amount = asked = None
    detail = GEEN_DETAIL
    if isinstance(document, Status):
        rang, at = RANG[document.code], document.gebeurd
        if document.detail is not None:
            detail = _DETAIL[document.detail]
        if document.bedrag is not None:
            amount = str(document.bedrag)
        asked = tot_en_met(document.gereed_gevraagd)
    elif isinstance(document, Planning):
        rang, at = PLANNING, document.gebeurd
        slots = tuple([_slot(slot) for slot in document.sloten])
    elif isinstance(document, Offerte):
        rang, at = PLANNING, document.gebeurd
        quotation = _quotation(document)
    else:
        rang, at = OPDRACHT, document.verzonden
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
        slots,
        quotation,
        amount,
        asked,
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
        tuple([norm_van(norm) for norm in terms.normen]),
        tot_en_met(document.gemeld_op),
        tot_en_met(document.gereed_uiterlijk),
        document.urgentie_afgeleid,
        None if terms.mandaat is None else str(terms.mandaat),
        terms.terugdateren_uren,
        _total(document.regels),
        verband,
        document.afspraak,
        document.specificatie,
        document.btw_verlegd,
        tuple([_line(line) for line in document.regels if line.prijscode or line.prijs is not None]),
    )


def tot_en_met(at: Moment | None) -> int | None:
    """Microseconds; what only names a day lasts until its end."""
    if at is None:
        return None
    found = micros(at.op)
    return end_of_day(day_of(found)) if at.alleen_dag else found


def _slot(slot: Slot) -> Tijdslot:
    former = None if slot.vorig_begin is None else micros(slot.vorig_begin)
    return Tijdslot(_SLOT[slot.soort], micros(slot.begin), micros(slot.eind), slot.door, slot.reden, former)


def _quotation(document: Offerte) -> Offertedeel:
    amount = None if document.bedrag is None else str(document.bedrag)
    return Offertedeel(_STAP[document.stap], document.offertenummer, amount, document.reden)


def _line(line: Regel) -> tuple[str, str, str, str | None]:
    """A price in another unit than the quantity says nothing of what the line comes to."""
    price = None if line.prijs is None or _other_unit(line) else str(line.prijs / (line.prijsbasis or 1))
    return line.prijscode or "", str(line.aantal), line.eenheid, price


def _other_unit(line: Regel) -> bool:
    return line.prijseenheid is not None and line.prijseenheid != line.eenheid


def _total(lines: Sequence[Regel]) -> str | None:
    """Of the lines that name a price; None when none does, or one does in another unit than its quantity."""
    priced = [line for line in lines if line.prijs is not None]
    if not priced or any(_other_unit(line) for line in priced):
        return None
    return str(sum((line.aantal * (line.prijs or 0) / (line.prijsbasis or 1) for line in priced), Decimal(0)))
