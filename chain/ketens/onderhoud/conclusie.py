"""What a dossier's facts come to: state, milestones, who is aan zet, the contract clock. A pure function of the facts.

The same facts in any order of arrival give the same conclusion, because `conclude` gets them in the order of DESIGN 5.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from chain.ketens.onderhoud.feiten import ACC, AGE, AIN, ANN, OPDRACHT, REA, TGE, VIN, WEI, Vermelding, Versie
from chain.ketens.onderhoud.tabel import BEGIN, TABEL, Opzoeken, Rij, Rol
from topics.documents.keten import AanZet
from topics.documents.onderhoud import Statusdetail

_THD: Final = tuple(Statusdetail).index(Statusdetail.THD)
_LAATSTE: Final = frozenset((WEI, ANN, AGE))
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


def conclude(feiten: Sequence[Vermelding], tabel: Opzoeken = TABEL) -> Conclusie:
    """`feiten` in the order of DESIGN 5, at least one of them an opdracht.

    The same content of the same sender under another number is a fact, but counts once.
    """
    versions = [feit for feit in feiten if feit.versie is not None]
    conclusion = _start(versions, feiten)
    fold = _Fold(conclusion, rollen(versions), tabel)
    seen: set[tuple[int, bytes]] = set()
    for feit in feiten:
        content = (feit.afzender, feit.inhoud)
        if content not in seen:
            seen.add(content)
            fold.take(feit)
    conclusion.termen = _termen(versions, conclusion)
    return conclusion


def rollen(versions: Sequence[Vermelding]) -> dict[int, Rol]:
    """Role per party: whoever any version names (ONDERHOUD 6); one who is both is the opdrachtgever."""
    found: dict[int, Rol] = {}
    for feit in versions:
        if feit.versie is not None:
            found.setdefault(feit.versie.aannemer, Rol.AANNEMER)
            found[feit.versie.opdrachtgever] = Rol.OPDRACHTGEVER
    return found


def _start(versions: Sequence[Vermelding], feiten: Sequence[Vermelding]) -> Conclusie:
    """t0 is the later of the first version's own date and when any version was known: a change does not move it.

    A date without a time counts as the earlier of the end of that day and known (DESIGN 5), so known is the later one.
    """
    basis = versions[0]
    versie = basis.versie
    if versie is None:
        raise ValueError("versions: expected facts with a version of the order")
    known = min(feit.bekend for feit in versions)
    t0 = known if versie.datum_alleen_dag else max(versie.datum, known)
    return Conclusie(
        t0=t0,
        tot=max(feit.bekend for feit in feiten),
        versie=versie,
        termen=versie,
        basis=basis,
        toestand=BEGIN.toestand or "",
        stukken=[Stuk(t0, BEGIN.aan_zet or AanZet.AANNEMER, True, None)],
        mijlpalen=[],
        buiten=[],
        opmerkingen=[],
    )


def _termen(versions: Sequence[Vermelding], conclusion: Conclusie) -> Versie:
    """Terms of the first version with today's aannemer, kind and urgency: a change of terms holds from the next order."""
    now = conclusion.versie
    outside = conclusion.buiten
    for feit in versions:
        versie = feit.versie
        if versie is not None and feit not in outside and _fit(versie) == _fit(now):
            return versie
    return now


def _fit(versie: Versie) -> tuple[int, str | None, str]:
    return versie.aannemer, versie.soort, versie.urgentie


class _Fold:
    """One walk over the facts, filling the conclusion."""

    __slots__ = ("_claims", "_conclusion", "_roles", "_table")

    def __init__(self, conclusion: Conclusie, roles: dict[int, Rol], table: Opzoeken) -> None:
        self._conclusion, self._roles, self._table = conclusion, roles, table
        self._claims: list[Opmerking] = []

    def take(self, feit: Vermelding) -> None:
        found = self._conclusion
        if found.einde is not None and feit is not found.basis:
            found.buiten.append(feit)
        elif feit.rang > 1:
            self._status(feit)
        elif feit.rang == OPDRACHT and feit.versie is not None:
            found.versie = feit.versie
            self._agree()

    def _status(self, feit: Vermelding) -> None:
        found = self._conclusion
        found.mijlpalen.append(feit)
        row = self._table[(feit.rang, feit.detail, self._roles[feit.afzender])]
        if feit.rang == VIN:
            found.vraag_open = True
        elif feit.rang == AIN and found.vraag_open:
            found.vraag_open = False
            if found.gereed is not None:
                return  # answers a parallel question: no work on what is ready
        elif feit.rang == REA:
            self._agree()
        if row.werkend and found.gereed is not None:
            found.gereed, found.heropend = None, feit
        if feit.rang == TGE and feit.detail != _THD:
            found.gereed = feit
        if feit.rang in (ACC, WEI) and found.antwoord is None:
            found.antwoord = feit
        if feit.rang in _LAATSTE:
            found.einde = feit
        if row.bevinding is not None:
            self._remark(feit, row.bevinding)
        self._turn(feit, row)

    def _turn(self, feit: Vermelding, row: Rij) -> None:
        found = self._conclusion
        if row.toestand is not None:
            found.toestand = row.toestand
        before = found.stukken[-1]
        aan_zet = _ANDER[self._roles[feit.afzender]] if row.ontvanger else row.aan_zet or before.aan_zet
        runs = before.klok_loopt if row.klok_loopt is None else row.klok_loopt
        if aan_zet is not before.aan_zet or runs is not before.klok_loopt:
            found.stukken.append(Stuk(max(before.begin, feit.moment), aan_zet, runs, feit))

    def _remark(self, feit: Vermelding, code: str) -> None:
        remark = Opmerking(feit.moment, code)
        self._conclusion.opmerkingen.append(remark)
        if code == "verlenging-niet-overeengekomen":
            self._claims.append(remark)

    def _agree(self) -> None:
        for claim in self._claims:
            self._conclusion.opmerkingen.remove(claim)
        self._claims.clear()
