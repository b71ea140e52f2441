"""When a measure is published again, and the document Doorlooptijd. Pure."""

from collections.abc import Sequence
from typing import Final

from chain.kalender import SECONDE, moment
from chain.ketens.onderhoud.beeld import Conclusie
from chain.ketens.onderhoud.bereiken import INGETROKKEN, MATEN, STANDEN
from chain.ketens.onderhoud.feiten import NAAM, Vermelding, bewijs_van
from chain.ketens.onderhoud.maten import (
    PARTIJEN,
    Kern,
    Meting,
    bereik_of,
    bewijs_feiten,
    bij_begin,
    verdeling,
    werkdagen,
)
from chain.ketens.onderhoud.staat import Dossierstaat, Gemeten
from chain.ketens.onderhoud.tabel import BEVINDINGEN
from topics.documents.document import Bevinding, Ernst
from topics.documents.keten import Doorlooptijd

Etiket = tuple[int, int, str | None, str, int]
AFGELEID: Final = " (afgeleid)"
"""Behind an urgency that nobody named and no rule of the profile gave."""

_BEVINDINGEN: Final = tuple(
    Bevinding(code=code, pad="status", ernst=Ernst.WAARSCHUWING, tekst=text, bron="eigen controle")
    for code, text in BEVINDINGEN.items()
)


def urgentie_van(found: Conclusie) -> str:
    """The label: `spoed`, `urgent`, `regulier`, or `regulier (afgeleid)`."""
    versie = found.versie
    return versie.urgentie + AFGELEID if versie.afgeleid else versie.urgentie


def etiket_of(found: Conclusie) -> Etiket:
    """What measures are published with besides their figures: parties, kind, urgency, and the tenant's t0."""
    versie = found.versie
    return versie.opdrachtgever, versie.aannemer, versie.soort, urgentie_van(found), found.t0_huurder


def herzien(
    keten: str, sleutel: str, staat: Dossierstaat, found: Conclusie, metingen: list[Meting]
) -> tuple[tuple[Gemeten, ...], list[Doorlooptijd]]:
    """The measures as they are published from now on, and the revisions that say so.

    A measure begins with revision 0, open; what is already past its start when it is first seen follows as revision 1.
    What is never seen open begins closed. One whose start was withdrawn (a TGE before a reopening) is `ingetrokken`,
    and may begin again.
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
        if before is None and not MATEN[meting.maat].ineens:
            begin = bereik_of(found, meting.maat).begin_feit
            before = Gemeten(meting.maat, 0, bij_begin(meting, found, begin))
            revisions.append(_revision(keten, sleutel, staat, found, before, None, [begin]))
        if before is None or (before.kern is not meting.kern and before.kern != meting.kern) or relabelled:
            before = Gemeten(meting.maat, 0 if before is None else before.revisie + 1, meting.kern)
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
    maat = MATEN[gemeten.maat]
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
        maat=maat.naam,
        revisie=gemeten.revisie,
        stand=STANDEN[kern.stand],
        opdrachtgever=staat.partijen[versie.opdrachtgever].gln,
        aannemer=staat.partijen[versie.aannemer].gln,
        begin=moment(kern.begin),
        eind=None if kern.eind is None else moment(kern.eind),
        soort=versie.soort,
        urgentie=urgentie_van(found),
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
        stil_sinds=None if kern.stil is None else moment(kern.stil),
        te_laat=kern.eind is not None and kern.deadline is not None and kern.eind > kern.deadline,
        deadline_gevraagd=None if kern.gevraagd is None else moment(kern.gevraagd),
        begin_huurder=moment(found.t0_huurder) if maat.van_t0 and found.t0_huurder != kern.begin else None,
    )


def _bevindingen(bits: int) -> tuple[Bevinding, ...]:
    return tuple([finding for index, finding in enumerate(_BEVINDINGEN) if bits >> index & 1])
