"""What invoices and their orders tell each other: from the documents to what dossiers keep of them, and back. Pure."""

from datetime import date
from decimal import Decimal
from sys import intern
from typing import Final

from msgspec.structs import replace

from chain.kalender import micros, moment
from chain.ketens.onderhoud.staat import Deelantwoord, Deelvraag, Regeloordeel, Rondmelding, Vraagregel
from topics.documents.factuur import (
    Afkoop,
    Deeloordeel,
    Deelregel,
    Factuurafronding,
    Factuurantwoord,
    Factuurdeel,
    Periodelengte,
)

Factuurdeeldocument = Factuurdeel | Factuurantwoord | Factuurafronding
FACTUURDELEN: Final = (Factuurdeel, Factuurantwoord, Factuurafronding)


def gehoord_van(document: Factuurdeeldocument, bekend: int, bewijs: bytes) -> Deelvraag | Deelantwoord | Rondmelding:
    """What the one that hears `document` keeps of it. `bekend`: when the bus knew; `bewijs` as of a Melding."""
    if isinstance(document, Factuurdeel):
        return Deelvraag(
            document.factuur,
            document.factuurnummer,
            document.leverancier,
            document.aannemer,
            document.opdrachtgever,
            document.factuurdatum.toordinal(),
            micros(document.ontvangen),
            str(document.te_betalen),
            document.leverancier_bekend,
            document.iban_bekend,
            tuple([_kept(line) for line in document.regels]),
            document.verwijst_naar,
            str(document.tolerantie),
            str(document.tolerantie_percentage),
            text_of(document.regieplafond),
            afkoop_of(document.afkoop),
            ordinal_of(document.periode_van),
            ordinal_of(document.periode_tot),
            document.beoordeeld,
            document.ingetrokken,
            document.reeks,
            bekend,
            bewijs,
            typecode=document.typecode,
        )
    if isinstance(document, Factuurantwoord):
        return Deelantwoord(
            document.van,
            tuple([oordeel_van(line) for line in document.regels]),
            document.dubbel,
            document.btw_verlegd,
            document.bekend,
            document.reeks,
            bekend,
        )
    settled = None if document.afgerond is None else micros(document.afgerond)
    return Rondmelding(document.factuur, settled, document.reeks, bewijs)


def document_van(item: Deelvraag | Deelantwoord | Rondmelding, sleutel: str, reeks: int) -> Factuurdeeldocument:
    """The document by which `sleutel` tells `item` under its own `reeks`."""
    if isinstance(item, Deelvraag):
        return Factuurdeel(
            factuur=sleutel,
            factuurnummer=item.factuurnummer,
            leverancier=item.leverancier,
            aannemer=item.aannemer,
            opdrachtgever=item.opdrachtgever,
            factuurdatum=date.fromordinal(item.factuurdatum),
            ontvangen=moment(item.ontvangen),
            te_betalen=Decimal(item.te_betalen),
            leverancier_bekend=item.leverancier_bekend,
            iban_bekend=item.iban_bekend,
            regels=tuple([_told(line) for line in item.regels]),
            verwijst_naar=item.verwijst_naar,
            tolerantie=Decimal(item.tolerantie),
            tolerantie_percentage=Decimal(item.tolerantie_percentage),
            regieplafond=amount_of(item.regieplafond),
            afkoop=_afkoop_of(item.afkoop),
            periode_van=_day_of(item.periode_van),
            periode_tot=_day_of(item.periode_tot),
            beoordeeld=item.beoordeeld,
            ingetrokken=item.ingetrokken,
            # as `munt` in vrijgave: the same bytes whether the state was read back meanwhile or not
            typecode=intern(item.typecode),
            reeks=reeks,
        )
    if isinstance(item, Deelantwoord):
        return Factuurantwoord(
            van=sleutel,
            bekend=item.kent,
            regels=oordelen_van(item),
            dubbel=item.dubbel,
            btw_verlegd=item.verlegd,
            reeks=reeks,
        )
    settled = None if item.afgerond is None else moment(item.afgerond)
    return Factuurafronding(factuur=sleutel, afgerond=settled, reeks=reeks)


def ingetrokken(item: Deelvraag | Deelantwoord | Rondmelding) -> Deelvraag | Deelantwoord | Rondmelding:
    """What is told of something that is to be told no more."""
    if isinstance(item, Deelvraag):
        return replace(item, regels=(), ingetrokken=True)
    if isinstance(item, Deelantwoord):
        return Deelantwoord(item.sleutel, kent=False)
    return replace(item, afgerond=None)


def oordeel_van(line: Deeloordeel) -> Regeloordeel:
    return Regeloordeel(line.nummer, str(line.vrij), line.reden, str(line.verrekend))


def oordelen_van(item: Deelantwoord) -> tuple[Deeloordeel, ...]:
    return tuple(
        [
            Deeloordeel(nummer=one.nummer, vrij=Decimal(one.vrij), reden=one.reden, verrekend=Decimal(one.verrekend))
            for one in item.regels
        ]
    )


def text_of(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def amount_of(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def ordinal_of(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def afkoop_of(agreed: Afkoop | None) -> tuple[str, str, int, int] | None:
    """As a Deelvraag keeps it."""
    if agreed is None:
        return None
    first, last = agreed.geldig_vanaf.toordinal(), agreed.geldig_tot.toordinal()
    return str(agreed.bedrag), agreed.periode.value, first, last


def _afkoop_of(kept: tuple[str, str, int, int] | None) -> Afkoop | None:
    if kept is None:
        return None
    amount, length, first, last = kept
    return Afkoop(
        bedrag=Decimal(amount),
        periode=Periodelengte(length),
        geldig_vanaf=date.fromordinal(first),
        geldig_tot=date.fromordinal(last),
    )


def _day_of(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def _kept(line: Deelregel) -> Vraagregel:
    return Vraagregel(
        line.nummer,
        str(line.bedrag),
        line.subnummer,
        line.prijscode,
        text_of(line.aantal),
        text_of(line.prijs),
        line.eenheid,
        text_of(line.afgesproken),
        line.meerwerk,
        str(line.geaccepteerd),
        str(line.ingetrokken),
    )


def _told(line: Vraagregel) -> Deelregel:
    return Deelregel(
        nummer=line.nummer,
        bedrag=Decimal(line.bedrag),
        subnummer=line.subnummer,
        prijscode=line.prijscode,
        aantal=amount_of(line.aantal),
        prijs=amount_of(line.prijs),
        eenheid=line.eenheid,
        afgesproken=amount_of(line.afgesproken),
        meerwerk=line.meerwerk,
        geaccepteerd=Decimal(line.geaccepteerd),
        ingetrokken=Decimal(line.ingetrokken),
    )
