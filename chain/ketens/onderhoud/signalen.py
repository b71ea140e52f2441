"""Signals of a dossier: which stand, given the conclusion and the tick. Pure.

A signal that speaks against a partner is raised on a tick only, and is held back while the dossier is `onvolledig` or
that partner is suspended (DESIGN 5, 7): the bus never blames a partner for what it has not read itself.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import msgspec

from chain.kalender import SECONDE, micros, moment
from chain.ketens.onderhoud.beeld import Conclusie, toekomst
from chain.ketens.onderhoud.bereiken import GESLOTEN, MATEN
from chain.ketens.onderhoud.feiten import Vermelding, gebeurtenis_van
from chain.ketens.onderhoud.maten import Meting
from chain.ketens.onderhoud.redenen import Betwisting
from chain.ketens.onderhoud.staat import Dossierstaat, Uitstaand
from chain.ketens.onderhoud.verwachting import VERWACHT, VOOR_GEREED, ontvanger, verwachtingen
from topics import ids
from topics.documents.keten import AanZet, Signaal

NORM: Final = "norm-overschreden"
DREIGT: Final = "norm-dreigt"
ONTBREEKT: Final = "bericht-ontbreekt"
BEOORDELEN: Final = "beoordelen"
TE_GROOT: Final = "te-groot"
GESCHORST: Final = "geschorst"
UITSTEL: Final = 600 * SECONDE
"""How long a signal that is held back waits until it is looked at again."""


class Tik(NamedTuple):
    """A tick as rules see it: the watermark, and the partners (ids or GLNs) whose messages are held at their source."""

    tot: int
    opgeschort: Collection[str] = ()

    @property
    def later(self) -> int:
        """When to look again at what is held back."""
        return self.tot + UITSTEL


class Stand(msgspec.Struct, frozen=True, gc=False):
    """Signals that stand now, and when the next one may be due (None: never)."""

    signalen: tuple[Uitstaand, ...]
    due: int | None


class Kans(NamedTuple):
    """A signal that a tick after `grens` raises, if nothing changes before. It stands while it is a chance."""

    soort: str
    naam: str
    grens: int
    tegen: AanZet


def stand_of(
    staat: Dossierstaat, found: Conclusie, metingen: Sequence[Meting], onvolledig: bool, groot: bool, tik: Tik | None
) -> Stand:
    """What stands of `staat.signalen`, and what is added. What speaks against a partner needs a tick."""
    review = found.buiten or (found.meerwerk is not None and found.meerwerk.vragen)
    if tik is None and not staat.signalen and not review and not groot:
        return Stand((), None if onvolledig else _eerste(found, metingen))
    chances = _kansen(found, metingen)
    kept = [signal for signal in staat.signalen if _still(signal, chances, metingen)]
    standing = {(signal.soort, signal.ref) for signal in kept}
    due: int | None = None
    for chance in chances:
        if onvolledig or (chance.soort, chance.naam) in standing:
            continue
        if chance.soort == DREIGT and (NORM, chance.naam) in standing:
            continue
        from_ = chance.grens + SECONDE
        if tik is not None and from_ <= tik.tot:
            against = _gln(staat, found, chance.tegen)
            if not suspended(staat, against, tik.opgeschort):
                kept.append(Uitstaand(chance.soort, chance.naam, chance.grens, against, tik.tot))
                continue
            from_ = tik.later
        due = from_ if due is None else min(due, from_)
    late = {signal.ref for signal in kept if signal.soort == NORM}
    kept = [signal for signal in kept if signal.soort != DREIGT or signal.ref not in late]
    kept += _beoordelen(staat, found) if review else []
    kept += grootte(staat, groot)
    return Stand(tuple(kept), due)


def _eerste(found: Conclusie, metingen: Sequence[Meting]) -> int | None:
    """When a tick may raise the first of `_kansen`."""
    first: int | None = None
    for meting in metingen:
        limit, threat = meting.grens, meting.kern.dreigt
        if limit is not None:
            at = limit if threat is None or threat > limit else threat
            if first is None or at < first:
                first = at
    if _awaits(found):
        for _, at, _ in verwachtingen(found):
            if first is None or at < first:
                first = at
    return None if first is None else first + SECONDE


def _awaits(found: Conclusie) -> bool:
    """Whether a norm that is no measure's may hold for what comes next."""
    return found.einde is None and (found.reactie is not None or found.vraag is not None or found.agenda is not None)


def _kansen(found: Conclusie, metingen: Sequence[Meting]) -> list[Kans]:
    """What a tick may raise: of each open measure that can become late its norm, and the share to warn at; and what
    must come next by a norm."""
    chances: list[Kans] = []
    for meting in metingen:
        number, kern, limit = meting.maat, meting.kern, meting.grens
        if limit is not None:
            maat = MATEN[number]
            against = maat.tegen or ontvanger(found)
            chances.append(Kans(NORM, maat.naam, limit, against))
            if number in VERWACHT and (found.gereed is None or number not in VOOR_GEREED):
                chances.append(Kans(ONTBREEKT, maat.naam, limit, against))
            if kern.dreigt is not None and kern.dreigt < limit:
                chances.append(Kans(DREIGT, maat.naam, kern.dreigt, against))
    if _awaits(found):
        chances += [Kans(ONTBREEKT, *expected) for expected in verwachtingen(found)]
    return chances


def _still(signal: Uitstaand, chances: Sequence[Kans], metingen: Sequence[Meting]) -> bool:
    """Whether what a tick raised stands: it would still be raised, or it is a norm that was met too late."""
    if signal.soort not in (NORM, DREIGT, ONTBREEKT):
        return False
    for chance in chances:
        if chance.soort == signal.soort and chance.naam == signal.ref:
            return chance.grens + SECONDE <= signal.getikt
    return signal.soort == NORM and any(
        meting.kern.stand == GESLOTEN
        and meting.kern.eind is not None
        and meting.kern.deadline is not None
        and meting.kern.eind > meting.kern.deadline
        for meting in metingen
        if MATEN[meting.maat].naam == signal.ref
    )


def _beoordelen(staat: Dossierstaat, found: Conclusie) -> list[Uitstaand]:
    """What a person must look at: facts that do not count, and a REA without an amount that answers extra work."""
    asked = [] if found.meerwerk is None else found.meerwerk.vragen
    causes = [(feit, TOEKOMST if toekomst(feit) else BUITEN) for feit in found.buiten]
    causes += [(feit, ZONDER_BEDRAG) for feit in asked]
    return [_te_beoordelen(staat, feit, cause) for feit, cause in causes]


def vooruit(staat: Dossierstaat, feiten: Sequence[Vermelding]) -> list[Uitstaand]:
    """A signal for a person of each fact that says it happened in the future."""
    return [_te_beoordelen(staat, feit, TOEKOMST) for feit in feiten]


def _te_beoordelen(staat: Dossierstaat, feit: Vermelding, cause: str) -> Uitstaand:
    party = staat.partijen[feit.afzender]
    return Uitstaand(BEOORDELEN, gebeurtenis_van(feit), micros(feit.bekend), party.gln, 0, cause)


def grootte(staat: Dossierstaat, groot: bool) -> list[Uitstaand]:
    """The signal that the dossier grows too large; once raised it stays."""
    standing = [signal for signal in staat.signalen if signal.soort == TE_GROOT]
    return standing or ([Uitstaand(TE_GROOT, "", staat.bijgewerkt)] if groot else [])


def suspended(staat: Dossierstaat, gln: str, opgeschort: Collection[str]) -> bool:
    """Whether the partner with `gln` is named in `opgeschort`, by its GLN or by the id it sent under."""
    if not opgeschort:
        return False
    return gln in opgeschort or any(party.gln == gln and party.id in opgeschort for party in staat.partijen if party.id)


def signaal(keten: str, sleutel: str, signal: Uitstaand, ingetrokken: bool) -> Signaal:
    """The document; its id is the same for a signal and its withdrawal."""
    return Signaal(
        id=ids.derived_id(signal.soort, f"{signal.ref}#{signal.deel}" if signal.deel else signal.ref, sleutel),
        dossier=sleutel,
        keten=keten,
        soort=signal.soort,
        sinds=moment(signal.sinds),
        tekst=_TEKST[signal.oorzaak or signal.soort].format(ref=signal.ref),
        maat=signal.ref if signal.soort in (NORM, DREIGT, ONTBREEKT) else None,
        tegen=signal.tegen or None,
        ingetrokken=ingetrokken,
        subnummer=signal.deel or None,
    )


BUITEN: Final = "buiten-beschouwing"
TOEKOMST: Final = "in-de-toekomst"
TE_VEEL_BETAALD: Final = "te-veel-betaald"
ZONDER_BEDRAG: Final = "instemming-zonder-bedrag"
NIET_VERLEGD: Final = "btw-niet-verlegd"
WEL_VERLEGD: Final = "btw-wel-verlegd"
_TEKST: Final = {
    NORM: "De norm voor {ref} is overschreden: het einde is niet gemeld vóór de deadline.",
    DREIGT: "De norm voor {ref} dreigt te worden overschreden: het deel van de termijn om bij te waarschuwen is voorbij.",
    ONTBREEKT: "Het bericht dat {ref} afsluit ontbreekt: het had er volgens de norm al moeten zijn.",
    BUITEN: "Bericht {ref} gebeurde na het einde van het statusverkeer, of het is niet duidelijk bij welk deel van de"
    " opdracht het hoort; het telt niet mee en een mens beoordeelt het.",
    TOEKOMST: "Bericht {ref} zegt dat het in de toekomst gebeurde; het telt niet mee en een mens beoordeelt het.",
    ZONDER_BEDRAG: "Bericht {ref} antwoordt op een vraag om meerwerk zonder bedrag: dat is geen akkoord, een mens"
    " beoordeelt het.",
    Betwisting.IBAN_ONBEKEND: "De opdrachtgever kent de rekening op deze factuur niet; er wordt niets van vrijgegeven.",
    Betwisting.LEVERANCIER_ONBEKEND: "De factuur komt van een rechtspersoon die de opdrachtgever niet van deze aannemer"
    " kent; een mens beoordeelt het.",
    Betwisting.AANNEMER_VERVANGEN: "De opdracht ging naar een andere aannemer, en deze meldde daarvoor geen technisch"
    " gereed; een mens beoordeelt de factuur ({ref}).",
    Betwisting.OPDRACHT_ONBEKEND: "De factuur noemt een opdracht die er binnen de wachttijd niet was; een mens beoordeelt"
    " het ({ref}).",
    Betwisting.MOGELIJK_DUBBEL: "De factuur is voor een opdracht mogelijk dubbel; een mens beoordeelt het ({ref}).",
    Betwisting.CORRECTIE: "De correctiefactuur (384) vraagt geld en zegt niet of dat naast of in plaats van haar"
    " origineel is; een mens accepteert haar of vraagt een creditnota.",
    Betwisting.CREDIT_POSITIEF: "De creditnota (381) vraagt geld; er wordt niets van vrijgegeven, een mens beoordeelt het.",
    TE_VEEL_BETAALD: "De opdrachtgever meldde dat er meer van de factuur is betaald dan er is vrijgegeven; een mens"
    " beoordeelt het.",
    NIET_VERLEGD: "De opdracht zegt dat de btw verlegd is, en de factuur rekent btw; een mens beoordeelt het ({ref}).",
    WEL_VERLEGD: "De opdracht zegt dat de btw niet verlegd is, en de factuur verlegt haar; een mens beoordeelt het"
    " ({ref}).",
    TE_GROOT: "Het dossier groeit boven 256 kB; boven 512 kB gaat elk volgend bericht naar een mens.",
    GESCHORST: "De regels konden dit dossier niet verwerken bij een tik van de klok; zie de melding bij de beheerder.",
}


def _gln(staat: Dossierstaat, found: Conclusie, side: AanZet) -> str:
    if side is AanZet.NIEMAND:
        return ""
    index = found.versie.opdrachtgever if side is AanZet.OPDRACHTGEVER else found.versie.aannemer
    return staat.partijen[index].gln
