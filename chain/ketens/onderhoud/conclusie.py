"""What a dossier's facts come to: state, milestones, who is aan zet, the contract clock. A pure function of the facts.

The same facts in any order of arrival give the same conclusion, because `conclude` gets them in the order of DESIGN 5.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

import msgspec

from chain.kalender import micros
from chain.ketens.onderhoud.feiten import ACC, AIN, PLANNING, REA, TGE, VIN, WEI, Vermelding, Versie
from chain.ketens.onderhoud.tabel import BEGIN, TABEL, VERLENGING, Opzoeken, Rol
from topics.documents.keten import AanZet
from topics.documents.onderhoud import Statusdetail

_THD: Final = tuple(Statusdetail).index(Statusdetail.THD)
_ANDER: Final = {Rol.AANNEMER: AanZet.OPDRACHTGEVER, Rol.OPDRACHTGEVER: AanZet.AANNEMER}


class Stuk(NamedTuple):
    """From `begin` on somebody is aan zet and the clock runs or not, until the next piece. `feit` None: the start."""

    begin: int
    aan_zet: AanZet
    klok_loopt: bool
    feit: Vermelding | None


class Opmerking(NamedTuple):
    """A finding that goes with the measures in which `op` lies."""

    op: int
    code: str


class Conclusie(msgspec.Struct, gc=False):
    """t0: start of the contract clock. `versie`: the order as it stands. `termen`: the version whose terms hold.

    `antwoord`: the first ACC or WEI. `gereed`: the last valid TGE. `heropend`: the last working status
    that withdrew one. `einde`: the AGE, ANN or WEI that ends status
    traffic. `buiten`: what happened after it (ONDERHOUD 1). `vraag_open`: a VIN that no AIN closed. `tot`: the moment
    up to which the facts speak.
    """

    t0: int
    tot: int
    versie: Versie
    termen: Versie
    basis: Vermelding
    toestand: str
    stukken: list[Stuk]
    mijlpalen: list[Vermelding]
    buiten: list[Vermelding]
    opmerkingen: list[Opmerking]
    antwoord: Vermelding | None = None
    gereed: Vermelding | None = None
    heropend: Vermelding | None = None
    einde: Vermelding | None = None
    vraag_open: bool = False

    @property
    def aan_zet(self) -> AanZet:
        return self.stukken[-1].aan_zet

    @property
    def aan_zet_sinds(self) -> int:
        """Since when the one who is aan zet now has been so without a break."""
        last = self.stukken[-1]
        since = last.begin
        for stuk in reversed(self.stukken):
            if stuk.aan_zet is not last.aan_zet:
                break
            since = stuk.begin
        return since

    @property
    def klok_loopt(self) -> bool:
        return self.stukken[-1].klok_loopt


_VOORUIT: Final = timedelta(days=1)
"""A status that says it happened further ahead than this is a slip of a clock or a pen: a fact, but for a person."""


def conclude(feiten: Sequence[Vermelding], tabel: Opzoeken = TABEL) -> Conclusie:
    """`feiten` in the order of DESIGN 5, at least one of them an opdracht.

    The same content (which names its sender) under another number is a fact, but counts once. One walk, written flat:
    it is done for every event.
    """
    versions = [feit for feit in feiten if feit.versie is not None]
    found = _start(versions, feiten)
    roles = rollen(versions)
    contents = {feit.bewijs[-16:] for feit in feiten}
    repeated = len(contents) < len(feiten)
    stuk = found.stukken[0]
    for feit in feiten:
        if repeated:
            if feit.inhoud not in contents:
                continue
            contents.remove(feit.inhoud)
        rang = feit.rang
        if found.einde is not None and feit is not found.basis:
            found.buiten.append(feit)
            continue
        if rang <= PLANNING:
            if feit.versie is not None:
                found.versie = feit.versie
                _agreed(found)
            continue
        if feit.gebeurd > feit.bekend and feit.gebeurd - feit.bekend > _VOORUIT:
            found.buiten.append(feit)
            continue
        found.mijlpalen.append(feit)
        row = tabel[(rang, feit.detail, roles[feit.afzender])]
        if row.bijzonder:
            answers_only = _special(found, feit)
            if answers_only:
                continue
        if row.werkend and found.gereed is not None:
            found.gereed, found.heropend = None, feit
        if row.toestand is not None:
            found.toestand = row.toestand
        if row.bevinding is not None:
            found.opmerkingen.append(Opmerking(feit.moment, row.bevinding))
        aan_zet = _ANDER[roles[feit.afzender]] if row.ontvanger else row.aan_zet or stuk.aan_zet
        runs = stuk.klok_loopt if row.klok_loopt is None else row.klok_loopt
        if aan_zet is not stuk.aan_zet or runs is not stuk.klok_loopt:
            stuk = Stuk(max(stuk.begin, feit.moment), aan_zet, runs, feit)
            found.stukken.append(stuk)
    found.termen = _termen(versions, found)
    return found


def rollen(versions: Sequence[Vermelding]) -> dict[int, Rol]:
    """Role per party: whoever any version names (ONDERHOUD 6); one who is both is the opdrachtgever."""
    found: dict[int, Rol] = {}
    for feit in versions:
        if feit.versie is not None:
            found.setdefault(feit.versie.aannemer, Rol.AANNEMER)
            found[feit.versie.opdrachtgever] = Rol.OPDRACHTGEVER
    return found


def _special(found: Conclusie, feit: Vermelding) -> bool:
    """What a code means beyond its row: answers, ends, questions. True when it only answers a parallel question after
    the work was ready, which changes nothing else."""
    rang = feit.rang
    if rang == VIN:
        found.vraag_open = True
    elif rang == AIN:
        asked, found.vraag_open = found.vraag_open, False
        return asked and found.gereed is not None
    elif rang == REA:
        _agreed(found)
    elif rang == TGE:
        if feit.detail != _THD:
            found.gereed = feit
    elif rang == ACC:
        found.antwoord = found.antwoord or feit
    else:
        found.einde = feit
        if rang == WEI:
            found.antwoord = found.antwoord or feit
    return False


def _agreed(found: Conclusie) -> None:
    """A claim on a longer term was granted (REA or a changed order): it is a finding no more."""
    if found.opmerkingen:
        found.opmerkingen = [remark for remark in found.opmerkingen if remark.code != VERLENGING]


def _start(versions: Sequence[Vermelding], feiten: Sequence[Vermelding]) -> Conclusie:
    """t0 is the later of the first version's own date and when any version was known: a change does not move it.

    A date without a time counts as the earlier of the end of that day and known (DESIGN 5), so known is the later one.
    """
    basis = versions[0]
    versie = basis.versie
    if versie is None:
        raise ValueError("versions: expected facts with a version of the order")
    known = min([feit.bekend for feit in versions])
    t0 = micros(known if versie.datum_alleen_dag else max(versie.datum, known))
    return Conclusie(
        t0=t0,
        tot=micros(max([feit.bekend for feit in feiten])),
        versie=versie,
        termen=versie,
        basis=basis,
        toestand=BEGIN.toestand or "",
        stukken=[Stuk(t0, BEGIN.aan_zet or AanZet.AANNEMER, True, None)],
        mijlpalen=[],
        buiten=[],
        opmerkingen=[],
    )


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
