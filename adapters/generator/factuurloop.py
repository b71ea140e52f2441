"""How one invoice goes: what is said of it, what of it is settled when, and which signals that raises."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from adapters.generator.deling import Deling, verdeel
from adapters.generator.factuur import Factuur
from adapters.generator.kalender import SECOND, end_of, local
from adapters.generator.maten import GESLOTEN, OPEN, VERVALLEN, Maat
from adapters.generator.partners import Termen
from adapters.generator.toets import Lijn, Vraag
from adapters.generator.uitslag import Aankomst

VOOR_EEN_MENS: Final = ("opdracht-onbekend", "mogelijk-dubbel")
"""Reasons that a person must look at, of each order by itself."""
VAN_ALLES: Final = ("iban-onbekend", "leverancier-onbekend")
"""The same, of the invoice as a whole."""
Paren = Mapping[tuple[str, str], Termen]
"""The terms by the GLNs of client and contractor."""


class Uitkomst(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice at the end. `betaald`: when all that is released was; `afgerond`: when it was wholly settled.
    `teveel`: more was paid than is released, while no order still has to answer."""

    deling: Deling
    betaald: datetime | None
    afgerond: datetime | None
    teveel: bool


class Loop(msgspec.Struct, kw_only=True):
    """An invoice's dossier as it goes. `aangenomen`: when it became a fact; `antwoord`: when an order last said something
    else of it; `beoordeeld`: since when nothing is disputed or unanswered."""

    sleutel: str
    wachtend: list[Aankomst] = []
    feiten: list[Aankomst] = []
    brieven: int = 0
    factuur: Aankomst | None = None
    aangenomen: datetime | None = None
    vragen: dict[str, Vraag] = {}
    lijnen: list[tuple[str | None, Lijn]] = []
    antwoord: datetime | None = None
    laatste_stap: datetime | None = None
    beoordeeld: datetime | None = None
    te_laat: bool = False
    gedaan: set[tuple[str, str]] = set()

    @property
    def ontvangen(self) -> datetime | None:
        return None if self.factuur is None else self.factuur.bekend

    @property
    def inhoud(self) -> Factuur | None:
        return None if self.factuur is None else self.factuur.uiting.factuur

    gemeld: set[str] = set()
    beoordelen: set[tuple[str, str]] = set()
    ooit: set[tuple[str, str]] = set()
    historie: list[tuple[datetime, datetime | None]] = []
    gezien: tuple[object, ...] = ()
    nu: Uitkomst | None = None
    maten: dict[str, Maat] = {}

    def stand(self) -> tuple[object, ...]:
        """Everything that its outcome follows from: the same as long as nothing was said of it."""
        lines = tuple((one.vrij, one.verrekend, one.geaccepteerd, one.ingetrokken, one.reden, one.beantwoord)
                      for _, one in self.lijnen)  # fmt: skip
        return len(self.feiten), self.brieven, self.beoordeeld, lines


def uitkomst(run: Loop, termen: Paren) -> Uitkomst | None:
    """None while it is no fact."""
    one, factuur = run.factuur, run.inhoud
    if one is None or factuur is None:
        return None
    agreed = termen[(one.uiting.klant, one.uiting.afzender)].facturen
    known = factuur.iban in agreed.ibans and (factuur.g_iban is None or factuur.g_iban in agreed.g_ibans)
    divided = verdeel(factuur, [line for _, line in run.lijnen], bekend=known)
    released, paid, paid_at = divided.geheel.vrijgegeven, 0, None
    teveel = False
    for told in run.feiten:
        step = told.uiting.factuurstap
        if step is not None and step.stap == "betaald":
            paid = released if step.bedrag is None else paid + step.bedrag
            if released > 0 and paid >= released and paid_at is None:
                paid_at = max(told.uiting.gebeurd, one.bekend)
            teveel = teveel or paid > max(0, released)
    settled = run.beoordeeld
    if settled is not None and released > 0:
        settled = None if paid_at is None else max(settled, paid_at)
    teveel = teveel and factuur.te_betalen > 0 and not divided.geheel.in_behandeling
    return Uitkomst(deling=divided, betaald=paid_at, afgerond=settled, teveel=teveel)


def volg(run: Loop, at: datetime, termen: Paren, *, tik: bool) -> None:
    """The signals as they stand after what happened at `at`; a norm is only raised on a tick."""
    if run.factuur is None:
        return
    if (seen := run.stand()) != run.gezien:
        run.gezien, run.nu = seen, uitkomst(run, termen)
        run.maten = {} if run.nu is None else maten(run, run.nu, termen)
    elif not tik:
        return
    end = run.nu
    if end is None:
        return
    if not run.historie or run.historie[-1][1] != end.afgerond:
        run.historie.append((at, end.afgerond))
    over = {name for name, maat in run.maten.items() if _over(name, maat, end, at)}
    late = {name for name, maat in run.maten.items() if maat.te_laat and maat.stand == GESLOTEN}
    run.gemeld = (run.gemeld & (over | late)) | (over if tik and not run.brieven else set())
    run.beoordelen = _beoordelen(run, end)
    run.ooit |= {("norm-overschreden", name) for name in run.gemeld} | run.beoordelen


def _over(name: str, maat: Maat, end: Uitkomst, at: datetime) -> bool:
    """Nobody waits for a payment while nothing that is released is unpaid."""
    unpaid = end.deling.geheel.vrijgegeven > 0 and end.betaald is None
    waits = maat.stand == OPEN and (name != "betaling" or unpaid)
    return waits and maat.deadline is not None and maat.deadline + SECOND <= at


def _beoordelen(run: Loop, end: Uitkomst) -> set[tuple[str, str]]:
    over = {("te-veel-betaald", "")} if end.teveel else set()
    if not end.deling.geheel.betwist:
        return over
    found = over | {(line.reden, "") for _, line in run.lijnen if line.betwist and line.reden in VAN_ALLES}
    return found | {(line.reden, key or "") for key, line in run.lijnen if line.betwist and line.reden in VOOR_EEN_MENS}


def maten(run: Loop, end: Uitkomst, paren: Paren) -> dict[str, Maat]:
    """Of an invoice that is a fact."""
    one, factuur = run.factuur, run.inhoud
    if one is None or factuur is None:
        return {}
    termen = paren[(one.uiting.klant, one.uiting.afzender)]
    begin, provisional = one.bekend, bool(run.brieven)
    norm = termen.norm("beoordeling", None, "")
    made = {
        "beoordeling": _maat(
            begin,
            run.beoordeeld,
            None if norm is None else termen.kalender.deadline(begin, int(norm.waarde)),
            termen,
            voorlopig=provisional,
        )
    }
    if factuur.te_betalen > 0:
        due = end_of(local(begin).date() + timedelta(days=termen.facturen.termijn))
        lapsed = end.betaald is None and end.afgerond is not None
        made["betaling"] = _maat(
            begin, end.betaald or end.afgerond, due, termen, voorlopig=provisional, vervallen=lapsed, dagen=True
        )
    return made


def _maat(
    begin: datetime,
    end: datetime | None,
    deadline: datetime | None,
    termen: Termen,
    *,
    voorlopig: bool,
    vervallen: bool = False,
    dagen: bool = False,
) -> Maat:
    """In working days, and calendar days where that is how it is agreed."""
    if end is None:
        return Maat(stand=OPEN, begin=begin, deadline=deadline, voorlopig=voorlopig)
    return Maat(
        stand=VERVALLEN if vervallen else GESLOTEN,
        begin=begin,
        eind=end,
        deadline=deadline,
        werkdagen=termen.kalender.days(begin, end),
        netto=max(timedelta(), end - begin) // SECOND,
        aan_zet={},
        kalenderdagen=max(0, (local(end).date() - local(begin).date()).days) if dagen else None,
        voorlopig=voorlopig,
    )
