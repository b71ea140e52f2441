"""What a dossier shows of itself: the documents Dossier and Doorlooptijd. Pure."""

from collections.abc import Sequence
from typing import Final

from chain.kalender import SECONDE, moment
from chain.ketens.onderhoud.conclusie import Conclusie
from chain.ketens.onderhoud.feiten import NAAM, Vermelding, bewijs_van, gebeurtenis_van
from chain.ketens.onderhoud.maten import (
    INGETROKKEN,
    MATEN,
    PARTIJEN,
    STANDEN,
    Kern,
    Meting,
    bereik_of,
    bewijs_feiten,
    bij_begin,
    stil_sinds,
    verdeling,
    werkdagen,
)
from chain.ketens.onderhoud.staat import Dossierstaat, Gemeten
from chain.ketens.onderhoud.tabel import BEVINDINGEN
from topics.documents.document import Bevinding, Ernst, Moment
from topics.documents.keten import Doorlooptijd, Dossier, Mijlpaal

WACHTEND: Final = "wachtend"
Etiket = tuple[int, int, str | None, str]

_BEVINDINGEN: Final = tuple(
    Bevinding(code=code, pad="status", ernst=Ernst.WAARSCHUWING, tekst=text, bron="eigen controle")
    for code, text in BEVINDINGEN.items()
)


def dossier(
    keten: str, sleutel: str, staat: Dossierstaat, found: Conclusie | None, onvolledig: tuple[str, ...]
) -> Dossier:
    """The dossier as others may see it. Without conclusion there is no opdracht yet: `wachtend`."""
    if found is None:
        return Dossier(
            sleutel=sleutel,
            keten=keten,
            reeks=staat.reeks,
            toestand=WACHTEND,
            bijgewerkt=moment(staat.bijgewerkt),
            wachtend=len(staat.wachtend),
            onvolledig=onvolledig,
        )
    versie = found.versie
    return Dossier(
        sleutel=sleutel,
        keten=keten,
        reeks=staat.reeks,
        toestand=found.toestand,
        bijgewerkt=moment(staat.bijgewerkt),
        opdrachtgever=staat.partijen[versie.opdrachtgever].gln,
        aannemer=staat.partijen[versie.aannemer].gln,
        opdrachtnummer=versie.nummer,
        soort=versie.soort,
        urgentie=versie.urgentie,
        aan_zet=found.aan_zet,
        aan_zet_sinds=moment(found.aan_zet_sinds),
        klok_loopt=found.klok_loopt,
        mijlpalen=tuple([_mijlpaal(feit) for feit in found.mijlpalen]),
        feiten=len(staat.feiten),
        wachtend=len(staat.wachtend),
        onvolledig=onvolledig,
        buiten_beschouwing=tuple([gebeurtenis_van(feit) for feit in found.buiten]),
        in_een_keer_goed=staat.eenmaal,
    )


def etiket_of(found: Conclusie) -> Etiket:
    """Labels of the measures."""
    versie = found.versie
    return versie.opdrachtgever, versie.aannemer, versie.soort, versie.urgentie


def herzien(
    keten: str, sleutel: str, staat: Dossierstaat, found: Conclusie, metingen: list[Meting]
) -> tuple[tuple[Gemeten, ...], list[Doorlooptijd]]:
    """The measures as they are published from now on, and the revisions that say so.

    A measure begins with revision 0, open; what is already past its start when it is first seen follows as revision 1.
    One whose start was withdrawn (a TGE before a reopening) is `ingetrokken`, and may begin again.
    """
    labels = etiket_of(found)
    relabelled = staat.etiket is not None and staat.etiket != labels
    kept: list[Gemeten] = []
    revisions: list[Doorlooptijd] = []
    if not relabelled and len(metingen) == len(staat.gemeten) and _same(metingen, staat.gemeten):
        return staat.gemeten, []
    former = {gemeten.maat: gemeten for gemeten in staat.gemeten}
    for meting in metingen:
        before = former.pop(meting.maat, None)
        if before is None:
            begin = bereik_of(found, meting.maat).begin_feit
            before = Gemeten(meting.maat, 0, bij_begin(meting, found, begin))
            revisions.append(_revision(keten, sleutel, staat, found, before, None, [begin]))
        if (before.kern is not meting.kern and before.kern != meting.kern) or relabelled:
            before = Gemeten(meting.maat, before.revisie + 1, meting.kern)
            bereik = bereik_of(found, meting.maat)
            facts = bewijs_feiten(found, bereik)
            revisions.append(_revision(keten, sleutel, staat, found, before, meting, facts, bereik.eind_feit))
        kept.append(before)
    for gone in former.values():
        if gone.kern.stand == INGETROKKEN:
            kept.append(gone)
        else:
            withdrawn = Gemeten(gone.maat, gone.revisie + 1, Kern(INGETROKKEN, gone.kern.begin))
            facts = [found.basis if found.heropend is None else found.heropend]
            revisions.append(_revision(keten, sleutel, staat, found, withdrawn, None, facts))
            kept.append(withdrawn)
    return tuple(kept), revisions


def _same(metingen: Sequence[Meting], gemeten: Sequence[Gemeten]) -> bool:
    for new, old in zip(metingen, gemeten, strict=True):
        if new.kern is not old.kern or new.maat != old.maat:
            return False
    return True


def _revision(
    keten: str,
    sleutel: str,
    staat: Dossierstaat,
    found: Conclusie,
    gemeten: Gemeten,
    meting: Meting | None,
    facts: list[Vermelding],
    end_fact: Vermelding | None = None,
) -> Doorlooptijd:
    """Without `meting`: a start or a withdrawal, which has no durations. `facts` are the evidence."""
    kern = gemeten.kern
    versie = found.versie
    gross = net = days = None
    split: tuple[int, ...] = ()
    if meting is not None:
        end = found.tot if kern.eind is None else kern.eind
        gross = max(0, end - kern.begin) // SECONDE
        net, split = (
            (kern.netto, kern.verdeling) if kern.eind is not None else verdeling(found.stukken, kern.begin, end)
        )
        days = werkdagen(found.termen, kern.begin, end)
    return Doorlooptijd(
        dossier=sleutel,
        keten=keten,
        maat=MATEN[gemeten.maat].naam,
        revisie=gemeten.revisie,
        stand=STANDEN[kern.stand],
        opdrachtgever=staat.partijen[versie.opdrachtgever].gln,
        aannemer=staat.partijen[versie.aannemer].gln,
        begin=moment(kern.begin),
        eind=None if kern.eind is None else moment(kern.eind),
        soort=versie.soort,
        urgentie=versie.urgentie,
        deadline=None if kern.deadline is None else moment(kern.deadline),
        gepauzeerd=kern.gepauzeerd,
        bruto_seconden=gross,
        netto_seconden=net,
        werkdagen=days,
        aan_zet_seconden={PARTIJEN[index]: span for index, span in enumerate(split) if span},
        voorlopig=kern.voorlopig,
        bevindingen=_bevindingen(kern.bevindingen) if kern.bevindingen else (),
        bewijs=tuple([bewijs_van(feit) for feit in facts]),
        eindcode=None if end_fact is None else NAAM[end_fact.rang] or None,
        stil_sinds=moment(stil_sinds(found.stukken)) if kern.gepauzeerd else None,
    )


def _bevindingen(bits: int) -> tuple[Bevinding, ...]:
    return tuple([finding for index, finding in enumerate(_BEVINDINGEN) if bits >> index & 1])


def _mijlpaal(feit: Vermelding) -> Mijlpaal:
    return Mijlpaal(NAAM[feit.rang], Moment(feit.gebeurd, feit.alleen_dag), feit.bekend, bewijs_van(feit))
