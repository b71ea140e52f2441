"""What a dossier's facts come to: state, milestones, who is aan zet, the contract clock. A pure function of the facts.

The same facts in any order of arrival give the same conclusion, because `conclude` gets them in the order of DESIGN 5.
"""

from collections.abc import Sequence
from typing import Final

from chain.kalender import micros
from chain.ketens.onderhoud.beeld import Conclusie, Opmerking, Stuk, eenmalig, rollen, toekomst
from chain.ketens.onderhoud.betekenis import TELT, andere_reden, bijzonder, gepland, gewijzigd, werkend
from chain.ketens.onderhoud.feiten import GEEN_DETAIL, OND, PLANNING, REG, Vermelding, Versie
from chain.ketens.onderhoud.tabel import BEGIN, TABEL, Opzoeken, Rol
from topics.documents.keten import AanZet

__all__ = ["Conclusie", "Opmerking", "Stuk", "conclude"]

_ANDER: Final = {Rol.AANNEMER: AanZet.OPDRACHTGEVER, Rol.OPDRACHTGEVER: AanZet.AANNEMER}
_HUURDER: Final = AanZet.HUURDER


def conclude(feiten: Sequence[Vermelding], tabel: Opzoeken = TABEL) -> Conclusie:
    """`feiten` in the order of DESIGN 5, at least one of them an opdracht.

    The same content (which names its sender) under another number is a fact, but counts once. One walk, written flat:
    it is done for every event.
    """
    versions = [feit for feit in feiten if feit.versie is not None]
    found = _start(versions, feiten)
    roles = found.rollen
    repeated = len({feit.bewijs[-16:] for feit in feiten}) < len(feiten)
    counting = eenmalig(feiten) if repeated else None
    stuk = found.stukken[0]
    for feit in feiten:
        if counting is not None and counting[feit.inhoud] is not feit:
            continue
        rang = feit.rang
        if found.einde is not None and feit is not found.basis:
            found.buiten.append(feit)
            continue
        if feit.versie is not None:
            gewijzigd(found, feit)
            continue
        if feit.gebeurd > feit.bekend and toekomst(feit):
            found.buiten.append(feit)
            continue
        if rang == PLANNING:
            turned = gepland(found, feit, stuk)
            if turned is not None:
                found.stukken.append(turned)
                stuk = turned
            continue
        found.mijlpalen.append(feit)
        rol = roles.get(feit.afzender, Rol.AANNEMER)
        row = tabel[(rang, feit.detail, rol)]
        if row.bijzonder or (rang == OND and feit.detail in TELT):
            answers_only = bijzonder(found, feit)
            if answers_only:
                continue
        if row.werkend:
            werkend(found, feit)
        elif rang == REG and found.van is not None and found.van_eind is None:
            continue
        if row.toestand is not None:
            found.toestand = row.toestand
        if row.bevinding is not None:
            found.opmerkingen.append(Opmerking(feit.moment, row.bevinding))
        aan_zet = _ANDER[rol] if row.ontvanger else row.aan_zet or stuk.aan_zet
        runs = stuk.klok_loopt if row.klok_loopt is None else row.klok_loopt
        if (
            aan_zet is not stuk.aan_zet
            or runs is not stuk.klok_loopt
            or (aan_zet is _HUURDER and andere_reden(stuk, feit))
        ):
            reden = feit.detail if aan_zet is _HUURDER else GEEN_DETAIL
            stuk = Stuk(max(stuk.begin, feit.moment), aan_zet, runs, feit, reden)
            found.stukken.append(stuk)
    found.termen = _termen(versions, found)
    return found


def _start(versions: Sequence[Vermelding], feiten: Sequence[Vermelding]) -> Conclusie:
    """t0 is the later of the first version's own date and when any version was known: a change does not move it.

    A date without a time counts as the earlier of the end of that day and known (DESIGN 5), so known is the later one.
    The tenant's t0 is the date of the report when a version tells it, else the order's own.
    """
    basis = versions[0]
    versie = basis.versie
    if versie is None:
        raise ValueError("versions: expected facts with a version of the order")
    known = basis.bekend if len(versions) == 1 else min([feit.bekend for feit in versions])
    t0 = micros(known if versie.datum_alleen_dag else max(versie.datum, known))
    return Conclusie(
        t0=t0,
        t0_huurder=_reported(versions, versie, t0),
        tot=micros(max([feit.bekend for feit in feiten])),
        versie=versie,
        termen=versie,
        basis=basis,
        toestand=BEGIN.toestand or "",
        stukken=[Stuk(t0, BEGIN.aan_zet or AanZet.AANNEMER, True, None)],
        mijlpalen=[],
        buiten=[],
        opmerkingen=[],
        rollen=rollen(versions),
    )


def _reported(versions: Sequence[Vermelding], basis: Versie, t0: int) -> int:
    for feit in versions:
        if feit.versie is not None and feit.versie.gemeld is not None:
            return min(feit.versie.gemeld, micros(feit.bekend))
    return t0 if basis.datum_alleen_dag else micros(basis.datum)


def _termen(versions: Sequence[Vermelding], found: Conclusie) -> Versie:
    """Terms of the first version with today's aannemer, kind and urgency: a change of terms holds from the next order."""
    now = found.versie
    if len(versions) == 1:
        return now
    for feit in versions:
        versie = feit.versie
        if versie is not None and feit not in found.buiten and _fit(versie) == _fit(now):
            return versie
    return now


def _fit(versie: Versie) -> tuple[int, str | None, str]:
    return versie.aannemer, versie.soort, versie.urgentie
