"""What a fact means beyond its row of the table: it begins, answers or ends something. Pure, called by `conclude`."""

from decimal import Decimal
from typing import Final

from chain.ketens.onderhoud.beeld import Conclusie, Stuk, Verlenging, toekomst
from chain.ketens.onderhoud.feiten import ACC, AIN, DETAILS, OND, REA, REV, TGE, VAN, VER, VIN, WEI, Vermelding
from chain.ketens.onderhoud.meerwerk import Meerwerkloop, Offerteloop, begin
from chain.ketens.onderhoud.planning import BNT, VBW, leeg, wending
from chain.ketens.onderhoud.tabel import STIL, VERLENGING, ZAKEN, Rol
from topics.documents.onderhoud import Statusdetail

THD, AVW, QUR = (DETAILS.index(detail) for detail in (Statusdetail.THD, Statusdetail.AVW, Statusdetail.QUR))
TELT: Final = frozenset((THD, VBW, QUR, AVW, BNT))
"""Details that say more than who is aan zet."""


def werkend(found: Conclusie, feit: Vermelding) -> None:
    """A working status withdraws a TGE and turns a request to cancel away."""
    if found.gereed is not None:
        found.gereed, found.heropend = None, feit
        found.heropeningen += 1
    _request_over(found, feit)


def andere_reden(stuk: Stuk, feit: Vermelding) -> bool:
    """Whether a status gives another reason for the tenant's time than it has."""
    return feit.rang == OND and feit.detail != stuk.reden


def bijzonder(found: Conclusie, feit: Vermelding) -> bool:
    """What a code or detail means beyond its row: answers, ends, questions. True when it only answers a parallel question
    after the work was ready, which changes nothing else."""
    rang, detail = feit.rang, feit.detail
    if detail == THD and rang in (OND, TGE) and found.veilig is None:
        found.veilig = found.geraakt = feit
    if rang == OND:
        _interrupted(found, feit)
    elif rang == VIN:
        found.vraag = feit
    elif rang == AIN:
        asked, found.vraag = found.vraag, None
        if asked is not None and found.gereed is not None:
            return True
        found.reactie = None
    elif rang == REV:
        found.reactie = feit
        if feit.bedrag is not None and found.rol(feit) is Rol.AANNEMER:
            _extra(found).vraag(feit, found.versie.mandaat)
    elif rang == REA:
        found.reactie = None
        if found.claim is not None and found.rol(feit) is not found.rol(found.claim):
            _agreed(found, found.claim.gevraagd, feit.moment)
        if found.rol(feit) is Rol.OPDRACHTGEVER and (feit.bedrag is not None or found.meerwerk is not None):
            _extra(found).antwoord(feit)
    elif rang == VER:
        found.claim = feit
    elif rang == VAN:
        if found.van is None or found.van_eind is not None:
            found.van, found.van_eind, found.geraakt = feit, None, feit
    elif rang == ACC:
        if found.antwoord is None:
            found.antwoord = found.geraakt = feit
    elif rang == TGE:
        if found.veilig is None:
            found.veilig = found.geraakt = feit
        if detail != THD:
            found.gereed = found.geraakt = feit
            _request_over(found, feit)
    else:
        found.einde = found.geraakt = feit
        _request_over(found, feit)
        if rang == WEI and found.antwoord is None:
            found.antwoord = feit
    return False


def _interrupted(found: Conclusie, feit: Vermelding) -> None:
    if feit.detail == QUR:
        if found.offerte is not None and found.offerte.niet_gegund(feit):
            found.geraakt = feit
    elif feit.detail == AVW:
        if found.rol(feit) is Rol.AANNEMER:
            _extra(found).vraag(feit, found.versie.mandaat)
    elif feit.detail == VBW:
        agenda = found.agenda = found.agenda or leeg()
        agenda.wens, found.geraakt = True, feit
    elif feit.detail == BNT:
        agenda = found.agenda = found.agenda or leeg()
        agenda.niet_aanwezig += 1


def _request_over(found: Conclusie, feit: Vermelding) -> None:
    if found.van is not None and found.van_eind is None:
        found.van_eind = found.geraakt = feit


def gepland(found: Conclusie, feit: Vermelding, stuk: Stuk) -> Stuk | None:
    """A planning or a step of a quotation; the piece that begins with it, if it turns who is aan zet."""
    if feit.offerte is not None:
        found.offerte = found.offerte or Offerteloop()
        if found.offerte.voeg(feit):
            found.geraakt = feit
        return None
    if toekomst(feit):
        found.buiten.append(feit)
        return None
    found.agenda = found.agenda or leeg()
    if found.agenda.voeg(feit):
        found.geraakt = feit
    if found.gereed is not None or (found.van is not None and found.van_eind is None):
        return None
    turned = wending(feit, feit.moment, stuk.begin, stuk.aan_zet, stuk.reden)
    if turned is None:
        return None
    found.toestand = ZAKEN if turned.klok_loopt else STIL
    return Stuk(max(stuk.begin, turned.begin), turned.aan_zet, turned.klok_loopt, feit, turned.reden)


def gewijzigd(found: Conclusie, feit: Vermelding) -> None:
    """A version of the order: a change grants what a VER asked, and may carry extra work."""
    new, former = feit.versie, found.versie
    if new is None:
        return
    found.versie = new
    if feit is found.basis:
        return
    if found.claim is not None:
        asked = found.claim.gevraagd if new.gereed_uiterlijk is None else new.gereed_uiterlijk
        _agreed(found, asked, feit.moment)
    if new.totaal is not None and former.totaal is not None and new.totaal != former.totaal:
        _extra(found).gewijzigd(feit, Decimal(new.totaal) - Decimal(former.totaal))


def _agreed(found: Conclusie, until: int | None, since: int) -> None:
    """A claim on a longer term was granted (REA or a changed order): it is a finding no more, and the norm shifts."""
    found.claim = None
    found.opmerkingen = [remark for remark in found.opmerkingen if remark.code != VERLENGING]
    if until is not None:
        found.verlengd = Verlenging(until, since)


def _extra(found: Conclusie) -> Meerwerkloop:
    if found.meerwerk is None:
        found.meerwerk = begin()
    return found.meerwerk
