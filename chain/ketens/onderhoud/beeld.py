"""What a dossier's facts have come to so far: the picture that `conclude` draws, and what is asked of it. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

import msgspec

from chain.kalender import micros
from chain.ketens.onderhoud.feiten import GEEN_DETAIL, NAGEKOMEN, Vermelding, Versie
from chain.ketens.onderhoud.meerwerk import Meerwerkloop, Offerteloop
from chain.ketens.onderhoud.planning import Agenda
from chain.ketens.onderhoud.tabel import Rol
from topics.documents.keten import AanZet


class Stuk(msgspec.Struct, frozen=True, gc=False):
    """From `begin` on somebody is aan zet and the clock runs or not, until the next piece. `feit` None: the start.
    `reden`: why the tenant is, as an index of the status details."""

    begin: int
    aan_zet: AanZet
    klok_loopt: bool
    feit: Vermelding | None
    reden: int = GEEN_DETAIL


class Opmerking(NamedTuple):
    """A finding that goes with the measures in which `op` lies."""

    op: int
    code: str


class Verlenging(NamedTuple):
    """A longer term that the other party agreed to: until when, and from when on that holds."""

    tot: int
    sinds: int


class Factuurloop(NamedTuple):
    """The invoices of an order: the first that was received, and the last that was wholly settled once all are."""

    ontvangen: Vermelding | None
    afgerond: Vermelding | None


class Conclusie(msgspec.Struct, gc=False):
    """t0: start of the contract clock; `t0_huurder`: when the tenant reported. `versie`: the order as it stands.
    `termen`: the version whose terms hold.

    `antwoord`: the first ACC or WEI. `veilig`: the first THD or TGE. `gereed`: the last valid TGE. `heropend`: the last
    working status that withdrew one, `heropeningen` how many did. `einde`: the AGE, ANN or WEI that ends status traffic.
    `van`: a request to cancel, `van_eind` what ended it. `claim`: a VER that nobody agreed to; `verlengd`: one that the
    other party did. `buiten`: what does not count (ONDERHOUD 1). `vraag`: a VIN, `reactie` a REV that waits for its answer.
    `facturen`: what invoices told, which is no fact of the order. `geraakt`: the last fact that began or ended a measure. `tot`: the moment up to which the facts speak.
    """

    t0: int
    t0_huurder: int
    tot: int
    versie: Versie
    termen: Versie
    basis: Vermelding
    toestand: str
    stukken: list[Stuk]
    mijlpalen: list[Vermelding]
    buiten: list[Vermelding]
    opmerkingen: list[Opmerking]
    rollen: dict[int, Rol]
    antwoord: Vermelding | None = None
    veilig: Vermelding | None = None
    gereed: Vermelding | None = None
    heropend: Vermelding | None = None
    heropeningen: int = 0
    einde: Vermelding | None = None
    van: Vermelding | None = None
    van_eind: Vermelding | None = None
    claim: Vermelding | None = None
    verlengd: Verlenging | None = None
    vraag: Vermelding | None = None
    reactie: Vermelding | None = None
    geraakt: Vermelding | None = None
    agenda: Agenda | None = None
    offerte: Offerteloop | None = None
    meerwerk: Meerwerkloop | None = None
    facturen: Factuurloop | None = None

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

    def rol(self, feit: Vermelding) -> Rol:
        """Of its sender; a subcontractor speaks for the aannemer."""
        return self.rollen.get(feit.afzender, Rol.AANNEMER)

    @property
    def bezoeken(self) -> int | None:
        """Visits that were kept; None while no planning told of any."""
        return len(self.agenda.nagekomen) or None if self.agenda else None


VOORUIT: Final = timedelta(days=1)
"""A fact that says it happened further ahead than this is a slip of a clock or a pen: a fact, but for a person."""


def rollen(versions: Sequence[Vermelding]) -> dict[int, Rol]:
    """Role per party: whoever any version names (ONDERHOUD 6); one who is both is the opdrachtgever."""
    found: dict[int, Rol] = {}
    for feit in versions:
        if feit.versie is not None:
            found.setdefault(feit.versie.aannemer, Rol.AANNEMER)
            found[feit.versie.opdrachtgever] = Rol.OPDRACHTGEVER
    return found


def toekomst(feit: Vermelding) -> bool:
    """Whether it says that it happened, or that a slot was kept, further ahead of when it was known than can be."""
    if feit.gebeurd - feit.bekend > VOORUIT:
        return True
    limit = micros(feit.bekend + VOORUIT)
    return any(slot.begin > limit for slot in feit.sloten if slot.soort >= NAGEKOMEN)


def eenmalig(feiten: Sequence[Vermelding]) -> dict[bytes, Vermelding]:
    """Of the same content the fact that counts: the first, unless it came before its time and a later one did not."""
    found: dict[bytes, Vermelding] = {}
    for feit in feiten:
        before = found.setdefault(feit.inhoud, feit)
        if before is not feit and feit.versie is None and toekomst(before) and not toekomst(feit):
            found[feit.inhoud] = feit
    return found
