"""When a measure is published again, and the document Doorlooptijd. Pure."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from chain.kalender import SECONDE, moment
from chain.ketens.onderhoud.beeld import Conclusie
from chain.ketens.onderhoud.bereiken import (
    ADMINISTRATIEF,
    FACTURATIE,
    INGETROKKEN,
    MATEN,
    MELDVERTRAGING,
    OPEN,
    STANDEN,
    Bereik,
)
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
from topics.documents.keten import Doorlooptijd, Stand

Etiket = tuple[int, int, str | None, str, int]
AFGELEID: Final = " (afgeleid)"
"""Behind an urgency that nobody named and no rule of the profile gave."""

_NA_TGE: Final = frozenset((ADMINISTRATIEF, MELDVERTRAGING, FACTURATIE))
"""Measures that a reopening withdraws."""
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
    if not relabelled and len(metingen) == len(staat.gemeten) and _same(metingen, staat.gemeten):
        return staat.gemeten, []
    kept: list[Gemeten] = []
    pers = _Pers(keten, sleutel, staat, found)
    former = {gemeten.maat: gemeten for gemeten in staat.gemeten}
    for meting in metingen:
        before = former.pop(meting.maat, None)
        if before is None and not MATEN[meting.maat].ineens:
            begin = (meting.bereik or bereik_of(found, meting.maat)).begin_feit
            before = Gemeten(meting.maat, 0, bij_begin(meting, found, begin))
            pers.bericht(before, begin)
        if before is None or (before.kern is not meting.kern and before.kern != meting.kern) or relabelled:
            before = Gemeten(meting.maat, 0 if before is None else before.revisie + 1, meting.kern)
            pers.gemeten(before, meting.bereik or bereik_of(found, meting.maat))
        kept.append(before)
    for gone in former.values():
        if gone.kern.stand == INGETROKKEN:
            kept.append(gone)
        else:
            withdrawn = Gemeten(gone.maat, gone.revisie + 1, Kern(INGETROKKEN, gone.kern.begin))
            pers.bericht(withdrawn, (found.heropend if gone.maat in _NA_TGE else found.geraakt) or found.basis)
            kept.append(withdrawn)
    return tuple(kept), pers.gedrukt


def uitgebleven(keten: str, sleutel: str, staat: Dossierstaat, found: Conclusie, nu: int) -> list[Doorlooptijd]:
    """The last revisions of the measures that are open when the dossier is closed at `nu`."""
    pers = _Pers(keten, sleutel, staat, replace(found, tot=nu))
    for gemeten in staat.gemeten:
        if gemeten.kern.stand == OPEN:
            last = Gemeten(gemeten.maat, gemeten.revisie + 1, gemeten.kern)
            pers.gemeten(last, bereik_of(found, gemeten.maat))
    return [replace(one, uitgebleven=moment(nu)) for one in pers.gedrukt]


def _same(metingen: Sequence[Meting], gemeten: Sequence[Gemeten]) -> bool:
    for new, old in zip(metingen, gemeten, strict=True):
        if new.kern is not old.kern or new.maat != old.maat:
            return False
    return True


class _Pers:
    """Makes the revisions of one dossier at one event. Measures that begin with the order share most of what they say,
    so that is worked out once."""

    def __init__(self, keten: str, sleutel: str, staat: Dossierstaat, found: Conclusie) -> None:
        versie = found.versie
        self._found = found
        self._blanco = Doorlooptijd(
            dossier=sleutel,
            keten=keten,
            maat="",
            revisie=0,
            stand=Stand.OPEN,
            opdrachtgever=staat.partijen[versie.opdrachtgever].gln,
            aannemer=staat.partijen[versie.aannemer].gln,
            begin=moment(found.t0),
            soort=versie.soort,
            urgentie=urgentie_van(found),
        )
        self._duren: dict[tuple[int, int | None, int, int], Doorlooptijd] = {}
        self.gedrukt: list[Doorlooptijd] = []

    def bericht(self, gemeten: Gemeten, feit: Vermelding) -> None:
        """A start or a withdrawal, which has no end and no durations; `feit` is its evidence."""
        self._druk(gemeten, replace(self._blanco, begin=moment(gemeten.kern.begin), bewijs=(bewijs_van(feit),)))

    def gemeten(self, gemeten: Gemeten, bereik: Bereik) -> None:
        kern = gemeten.kern
        key = kern.begin, kern.eind, id(bereik.begin_feit), id(bereik.eind_feit)
        duren = self._duren.get(key)
        if duren is None:
            duren = self._duren[key] = self._gemeten(kern, bereik)
        self._druk(gemeten, duren)

    def _gemeten(self, kern: Kern, bereik: Bereik) -> Doorlooptijd:
        """What measures that begin, and end, at the same moments say alike."""
        found = self._found
        if kern.eind is None:
            end = found.tot
            net, split = verdeling(found.stukken, kern.begin, end)
        else:
            end, net, split = kern.eind, kern.netto, kern.verdeling
        end_fact = bereik.eind_feit
        return replace(
            self._blanco,
            begin=moment(kern.begin),
            eind=None if kern.eind is None else moment(end),
            bruto_seconden=max(0, end - kern.begin) // SECONDE,
            netto_seconden=net,
            werkdagen=werkdagen(found.termen, kern.begin, end),
            aan_zet_seconden={PARTIJEN[index]: span for index, span in enumerate(split) if span},
            bewijs=tuple([bewijs_van(feit) for feit in bewijs_feiten(found, bereik)]),
            eindcode=None if end_fact is None else NAAM[end_fact.rang] or None,
        )

    def _druk(self, gemeten: Gemeten, alike: Doorlooptijd) -> None:
        kern, t0 = gemeten.kern, self._found.t0_huurder
        maat = MATEN[gemeten.maat]
        self.gedrukt.append(
            replace(
                alike,
                maat=maat.naam,
                revisie=gemeten.revisie,
                stand=STANDEN[kern.stand],
                deadline=None if kern.deadline is None else moment(kern.deadline),
                gepauzeerd=kern.gepauzeerd,
                voorlopig=kern.voorlopig,
                bevindingen=_bevindingen(kern.bevindingen) if kern.bevindingen else (),
                stil_sinds=None if kern.stil is None else moment(kern.stil),
                te_laat=kern.eind is not None and kern.deadline is not None and kern.eind > kern.deadline,
                deadline_gevraagd=None if kern.gevraagd is None else moment(kern.gevraagd),
                begin_huurder=moment(t0) if maat.van_t0 and t0 != kern.begin else None,
            )
        )


def _bevindingen(bits: int) -> tuple[Bevinding, ...]:
    return tuple([finding for index, finding in enumerate(_BEVINDINGEN) if bits >> index & 1])
