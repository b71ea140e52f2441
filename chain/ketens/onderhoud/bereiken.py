"""Where each measure of ONDERHOUD 2 to 4 begins and ends, given the conclusion. Pure.

A new measure is one function from a Conclusie to its Bereik, and one line in MATEN.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from chain.kalender import micros
from chain.ketens.onderhoud.beeld import Conclusie
from chain.ketens.onderhoud.feiten import ANN, WEI, Vermelding
from chain.ketens.onderhoud.termijn import deadline_of
from topics.documents.keten import AanZet, Stand

STANDEN: Final = tuple(Stand)
OPEN, GESLOTEN, VERVALLEN, INGETROKKEN = range(len(STANDEN))
AFKOOP: Final = "AFK"
GARANTIE: Final = "GAR"
_LOS: Final = frozenset((WEI, ANN))
"""Codes that end what is open as vervallen."""


class Bereik(msgspec.Struct, frozen=True, gc=False):
    """Where a measure begins and, once there is one, ends; and the facts that say so."""

    begin: int
    begin_feit: Vermelding
    eind: int | None
    eind_feit: Vermelding | None
    stand: int


def _acceptatie(found: Conclusie) -> Bereik:
    return _from_t0(found, found.antwoord)


def _technisch(found: Conclusie) -> Bereik:
    return _from_t0(found, found.gereed)


def _administratief(found: Conclusie) -> Bereik | None:
    ready, end = found.gereed, found.einde
    if ready is None:
        return None
    return _between(ready.moment, ready, None if end is None or end.rang in _LOS else end, found)


def _afspraak(found: Conclusie) -> Bereik:
    return _from_t0(found, None if found.agenda is None else found.agenda.afspraak)


def _bezoek(found: Conclusie) -> Bereik:
    agenda = found.agenda
    if agenda is None or agenda.bezoek is None:
        return _from_t0(found, None)
    return Bereik(found.t0, found.basis, agenda.bezoek_begin, agenda.bezoek, GESLOTEN)


def _veilig(found: Conclusie) -> Bereik:
    return _from_t0(found, found.veilig)


def _melding(found: Conclusie) -> Bereik | None:
    ready = found.gereed
    return None if ready is None else Bereik(ready.moment, ready, micros(ready.bekend), ready, GESLOTEN)


def _annulering(found: Conclusie) -> Bereik | None:
    """From the request to the ANN; what else ends it, ends it as vervallen."""
    asked, end = found.van, found.van_eind
    if asked is None:
        return None
    if end is None:
        return Bereik(asked.moment, asked, None, None, OPEN)
    return Bereik(asked.moment, asked, end.moment, end, GESLOTEN if end.rang == ANN else VERVALLEN)


def _offerte(found: Conclusie) -> Bereik | None:
    """From asked to received; decided without one, it is vervallen."""
    run = found.offerte
    if run is None or run.gevraagd is None:
        return None
    begin = run.gevraagd
    if run.ontvangen is None and run.besluit is not None:
        return Bereik(begin.moment, begin, run.besluit.moment, run.besluit, VERVALLEN)
    return _between(begin.moment, begin, run.ontvangen, found)


def _offertebesluit(found: Conclusie) -> Bereik | None:
    """From put forward to approved, refused or not awarded (QUR)."""
    run = found.offerte
    if run is None or run.voorgelegd is None:
        return None
    return _between(run.voorgelegd.moment, run.voorgelegd, run.besluit, found)


def _keuze(found: Conclusie) -> Bereik | None:
    """The tenant chose later (VBW) than a slot that was offered within the norm of the first visit, else of technisch
    gereed: from the earliest such slot to the chosen one."""
    agenda = found.agenda
    if agenda is None or not agenda.wens or not agenda.aanbod or not agenda.gekozen:
        return None
    limit = deadline_of(found.termen, "eerste-bezoek", found.t0, ())
    if limit is None:
        limit = deadline_of(found.termen, "technisch-gereed", found.t0, ())
    if limit is None:
        return None
    within = [(begin, feit) for begin, feit in agenda.aanbod if begin <= limit]
    if not within:
        return None
    offered, offer = min(within, key=lambda pair: pair[0])
    for begin, _, feit in agenda.gekozen:
        if begin > offered and feit.moment >= offer.moment:
            return Bereik(offered, offer, begin, feit, GESLOTEN)
    return None


def _facturatie(found: Conclusie) -> Bereik | None:
    """From TGE to the first invoice; not of what is paid by contract (AFK) or not at all (GAR)."""
    ready = found.gereed
    if ready is None or _without_invoice(found):
        return None
    first = None if found.facturen is None else found.facturen.ontvangen
    return _between(ready.moment, ready, first, found)


def _gehele_keten(found: Conclusie) -> Bereik | None:
    """Until the invoices that there are were all wholly settled."""
    if _without_invoice(found):
        return None
    return _from_t0(found, None if found.facturen is None else found.facturen.afgerond)


def _without_invoice(found: Conclusie) -> bool:
    return found.versie.afspraak == AFKOOP or found.versie.specificatie == GARANTIE


def _from_t0(found: Conclusie, end: Vermelding | None) -> Bereik:
    return _between(found.t0, found.basis, end, found)


def _between(begin: int, begin_fact: Vermelding, end: Vermelding | None, found: Conclusie) -> Bereik:
    """WEI and ANN end what is open as vervallen."""
    if end is not None:
        return Bereik(begin, begin_fact, end.moment, end, GESLOTEN)
    last = found.einde
    if last is not None and last.rang in _LOS:
        return Bereik(begin, begin_fact, last.moment, last, VERVALLEN)
    return Bereik(begin, begin_fact, None, None, OPEN)


class Maat(NamedTuple):
    """A measure: its name in norms and documents, its interval, and whom a passed deadline speaks against.

    `tegen` None: the receiver of the request. `van_t0`: it begins with the order. `ineens`: it is never seen open.
    """

    naam: str
    bereik: Callable[[Conclusie], Bereik | None]
    tegen: AanZet | None = AanZet.AANNEMER
    van_t0: bool = False
    ineens: bool = False


MATEN: Final = (
    Maat("acceptatie", _acceptatie, van_t0=True),
    Maat("technisch-gereed", _technisch, van_t0=True),
    Maat("administratief-gereed", _administratief),
    Maat("afspraak-gemaakt", _afspraak, van_t0=True),
    Maat("eerste-bezoek", _bezoek, van_t0=True),
    Maat("veiliggesteld", _veilig, van_t0=True),
    Maat("meldvertraging", _melding, ineens=True),
    Maat("annulering", _annulering, tegen=None),
    Maat("offerte", _offerte),
    Maat("offertebesluit", _offertebesluit, tegen=AanZet.OPDRACHTGEVER),
    Maat("latere-keuze", _keuze, tegen=AanZet.HUURDER, ineens=True),
    Maat("facturatie", _facturatie),
    Maat("gehele-keten", _gehele_keten, tegen=AanZet.NIEMAND, van_t0=True),
)
"""Their order is their number in the state: only ever added to at the end."""

(
    ACCEPTATIE,
    TECHNISCH,
    ADMINISTRATIEF,
    AFSPRAAK,
    _,
    _,
    MELDVERTRAGING,
    ANNULERING,
    OFFERTE,
    BESLUIT,
    _,
    FACTURATIE,
    _,
) = range(len(MATEN))
