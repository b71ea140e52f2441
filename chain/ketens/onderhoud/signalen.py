"""Signals of a dossier: which stand, given the conclusion and the tick. Pure.

A signal that speaks against a partner is raised on a tick only, and is held back while the dossier is `onvolledig` or
that partner is suspended (DESIGN 5, 7): the bus never blames a partner for what it has not read itself.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from chain.kalender import SECONDE, micros, moment
from chain.ketens.onderhoud.conclusie import Conclusie
from chain.ketens.onderhoud.feiten import gebeurtenis_van
from chain.ketens.onderhoud.maten import GESLOTEN, MATEN, OPEN, Meting
from chain.ketens.onderhoud.staat import Dossierstaat, Uitstaand
from topics import ids
from topics.documents.keten import AanZet, Signaal

NORM: Final = "norm-overschreden"
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


class Stand(NamedTuple):
    """Signals that stand now, and when the next one may be due (None: never)."""

    signalen: tuple[Uitstaand, ...]
    due: int | None


def stand_of(
    staat: Dossierstaat, found: Conclusie, metingen: Sequence[Meting], onvolledig: bool, groot: bool, tik: Tik | None
) -> Stand:
    """What stands of `staat.signalen`, and what is added. Only `norm-overschreden` needs a tick."""
    if not staat.signalen and not found.buiten and not groot and all(m.grens is None for m in metingen):
        return Stand((), None)
    kept = [signal for signal in staat.signalen if signal.soort == NORM and _still_late(signal, metingen)]
    late = {signal.ref for signal in kept}
    due: int | None = None
    for meting in metingen:
        name = MATEN[meting.maat].naam
        if meting.kern.stand != OPEN or meting.grens is None or name in late or onvolledig:
            continue
        from_ = meting.grens + SECONDE
        if tik is not None and from_ <= tik.tot:
            against = _gln(staat, found, MATEN[meting.maat].tegen)
            if not suspended(staat, against, tik.opgeschort):
                kept.append(Uitstaand(NORM, name, meting.grens, against, tik.tot))
                continue
            from_ = tik.later
        due = from_ if due is None else min(due, from_)
    for feit in found.buiten:
        event = gebeurtenis_van(feit)
        kept.append(Uitstaand(BEOORDELEN, event, micros(feit.bekend), staat.partijen[feit.afzender].gln))
    kept += grootte(staat, groot)
    return Stand(tuple(kept), due)


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
        id=ids.derived_id(signal.soort, signal.ref, sleutel),
        dossier=sleutel,
        keten=keten,
        soort=signal.soort,
        sinds=moment(signal.sinds),
        tekst=_TEKST[signal.soort].format(ref=signal.ref),
        maat=signal.ref if signal.soort == NORM else None,
        tegen=signal.tegen or None,
        ingetrokken=ingetrokken,
    )


_TEKST: Final = {
    NORM: "De norm voor {ref} is overschreden: het einde is niet gemeld vóór de deadline.",
    BEOORDELEN: "Bericht {ref} gebeurde na het einde van het statusverkeer en telt niet mee; een mens beoordeelt het.",
    TE_GROOT: "Het dossier groeit boven 256 kB; boven 512 kB gaat elk volgend bericht naar een mens.",
    GESCHORST: "De regels konden dit dossier niet verwerken bij een tik van de klok; zie de melding bij de beheerder.",
}


def _still_late(signal: Uitstaand, metingen: Sequence[Meting]) -> bool:
    """Met after all, vervallen, withdrawn or not late at the tick that raised it: then it does not stand."""
    for meting in metingen:
        if MATEN[meting.maat].naam == signal.ref:
            kern = meting.kern
            if kern.stand == OPEN:
                return meting.grens is not None and meting.grens + SECONDE <= signal.getikt
            late = kern.eind is not None and kern.deadline is not None and kern.eind > kern.deadline
            return kern.stand == GESLOTEN and late
    return False


def _gln(staat: Dossierstaat, found: Conclusie, side: AanZet) -> str:
    index = found.versie.opdrachtgever if side is AanZet.OPDRACHTGEVER else found.versie.aannemer
    return staat.partijen[index].gln
