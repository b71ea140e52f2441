"""The ledger of invoices: every invoice, step, change of an order and tick of the weeks gone through in its order.

What an order or contract lets pass is `toets`; what that comes to including VAT is `deling`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from adapters.generator.beeld import Conclusie
from adapters.generator.factuur import Factuur
from adapters.generator.factuurloop import Loop, volg
from adapters.generator.oordeel import WACHTTIJD, Verloop
from adapters.generator.partners import Factuurtermen, Termen
from adapters.generator.toets import Lijn, Vraag, beoordeel, beoordeel_contract
from adapters.generator.uitslag import Aankomst, Lot

AFHANDELEND: Final = {"geaccepteerd", "ingetrokken"}
Plek = tuple[str, int]
"""Which part of which message."""


class Facturen(msgspec.Struct, frozen=True):
    """`lopen` by dossier; the lot of every part; per order when the first invoice of it was received."""

    lopen: dict[str, Loop]
    delen: dict[Plek, Lot]
    per_opdracht: dict[str, list[Loop]]


def boek(
    aankomsten: Sequence[Aankomst],
    verlopen: Mapping[str, Verloop],
    momenten: Sequence[datetime],
    termen: Mapping[tuple[str, str], Termen],
) -> Facturen:
    """`aankomsten`: what is said of invoices, in order. `termen` by the GLNs of client and contractor."""
    replay = _Replay(verlopen, termen)
    pending = list(aankomsten)
    for at in momenten:
        replay.tick(at)
        replay.volg(at, tik=True)
        replay.orders(at)
        while pending and pending[0].bekend <= at:
            replay.arrive(pending.pop(0))
        replay.volg(at, tik=False)
    return Facturen(replay.lopen, replay.delen, replay.per_opdracht())


class _Replay:
    def __init__(self, verlopen: Mapping[str, Verloop], termen: Mapping[tuple[str, str], Termen]) -> None:
        self.verlopen, self.termen = verlopen, termen
        self.stand: dict[str, Conclusie] = {}
        self.lopen: dict[str, Loop] = {}
        self.gevraagd: dict[str, list[Loop]] = defaultdict(list)
        self.delen: dict[Plek, Lot] = {}
        self._gezien: dict[str, int] = {}

    def orders(self, at: datetime) -> None:
        """Everything that orders came to be up to `at`."""
        for key, told in self.gevraagd.items():
            if told and self._advance(key, at):
                self._ask(key, at)

    def arrive(self, one: Aankomst) -> None:
        key = one.uiting.dossier
        run = self.lopen.get(key) or Loop(sleutel=key)
        if one.uiting.reden is not None:
            self.delen[one.deel] = Lot("uitval", one.uiting.reden)
            if one.uiting.zichtbaar:
                self.lopen[key] = run
                run.brieven += 1
            return
        self.lopen[key] = run
        said = [*run.feiten, *run.wachtend]
        same = next((two for two in said if _ident(two) == _ident(one)), None)
        if same is None and one.uiting.factuur is not None:
            # an invoice is known by its own number, whatever the message is called
            same = next((two for two in said if two.uiting.factuur is not None), None)
        if same is not None:
            if same.uiting.inhoud == one.uiting.inhoud:
                self.delen[one.deel] = Lot("dubbel")
            else:
                self._letter(run, one, "strijdig")
            return
        self.delen[one.deel] = Lot("wachtend")
        run.wachtend.append(one)
        if one.uiting.factuur is not None:
            self._vraag(run, one)
        elif run.factuur is not None:
            self._apply(run, one)
            self._settle(run, one.bekend)

    def tick(self, at: datetime) -> None:
        for run in self.lopen.values():
            for one in [one for one in run.wachtend if _until(one) <= at]:
                run.wachtend.remove(one)
                self._letter(run, one, "onbekend-dossier")
                if one.uiting.factuur is not None:
                    self._terug(run)
            if run.factuur is not None and not run.te_laat and _until(run.factuur) <= at:
                run.te_laat = any(not line.beantwoord for _, line in run.lijnen)
                for _, line in run.lijnen:
                    if not line.beantwoord:
                        line.beantwoord, line.reden = True, "opdracht-onbekend"

    def volg(self, at: datetime, *, tik: bool) -> None:
        for run in self.lopen.values():
            volg(run, at, self.termen, tik=tik)

    def per_opdracht(self) -> dict[str, list[Loop]]:
        return {key: list(told) for key, told in self.gevraagd.items()}

    def _advance(self, key: str, at: datetime) -> bool:
        told = self.verlopen.get(key, ())
        place = self._gezien.get(key, 0)
        while place < len(told) and told[place][0] <= at:
            place += 1
        changed = place != self._gezien.get(key, 0)
        if changed:
            self._gezien[key] = place
            self.stand[key] = told[place - 1][1]
        return changed

    def _vraag(self, run: Loop, one: Aankomst) -> None:
        """The invoice tells every order, or its contract, the lines that are for it."""
        uiting, factuur = one.uiting, one.uiting.factuur
        if factuur is None:
            return
        run.lijnen, run.vragen = [], {}
        terms = self.termen[(uiting.klant, uiting.afzender)].facturen
        for regel, charge in zip(factuur.regels, factuur.toegerekend(), strict=True):
            key = _plek(one, regel.opdracht, factuur.contract)
            line = Lijn(regel=regel, toeslag=charge)
            run.lijnen.append((key, line))
            asked = run.vragen.get(key)
            if asked is None:
                asked = run.vragen[key] = Vraag(
                    sleutel=run.sleutel,
                    factuur=factuur,
                    ontvangen=one.bekend,
                    lijnen=[],
                    prijzen=terms.prijzen,
                    tolerantie=terms.tolerantie,
                    tolerantie_percentage=terms.tolerantie_percentage,
                    plafond=terms.plafond,
                    afkoop=terms.afkoop.get(factuur.contract or ""),
                    blok=_blok(factuur, terms),
                )
            asked.lijnen.append(line)
        for key in run.vragen:
            self.gevraagd[key].append(run)
            self._advance(key, one.bekend)
            if key in self.stand or "/contract/" in key:
                self._ask(key, one.bekend)

    def _ask(self, key: str, at: datetime) -> None:
        """The order says what it lets pass of everything that it was asked; whoever hears an answer acts on it."""
        asked = self.gevraagd[key]
        before = {run.sleutel: _foto(run) for run in asked}
        for run in [run for run in asked if run.factuur is None]:
            first = self._dubbel(run, key)
            (one,) = [one for one in run.wachtend if one.uiting.factuur is not None]
            if first is not None:
                run.wachtend.remove(one)
                self._letter(run, one, "mogelijk-dubbel")
                self._terug(run)
        vragen = [run.vragen[key] for run in self.gevraagd[key]]
        if "/contract/" in key:
            beoordeel_contract(vragen)
        else:
            beoordeel(self.stand[key], vragen)
        for run in list(self.gevraagd[key]):
            if run.factuur is None:
                self._aangenomen(run, at)
            if _foto(run) != before[run.sleutel]:
                run.antwoord = at
            self._settle(run, at)

    def _dubbel(self, run: Loop, key: str) -> Loop | None:
        """What it may be the double of: not what is held for its account or supplier, unless it is so itself."""
        mine = run.vragen[key]
        for other in self.gevraagd[key]:
            theirs = other.vragen[key]
            same = _merk(theirs.factuur) == _merk(mine.factuur) and (theirs.blok is None or mine.blok is not None)
            if other is not run and other.factuur is not None and same:
                return other
        return None

    def _terug(self, run: Loop) -> None:
        for key in run.vragen:
            self.gevraagd[key].remove(run)
        run.vragen, run.lijnen = {}, []

    def _aangenomen(self, run: Loop, at: datetime) -> None:
        (one,) = [one for one in run.wachtend if one.uiting.factuur is not None]
        run.factuur, run.aangenomen = one, at
        for waiting in list(run.wachtend):
            self._apply(run, waiting)

    def _apply(self, run: Loop, one: Aankomst) -> None:
        run.wachtend.remove(one)
        run.feiten.append(one)
        self.delen[one.deel] = Lot("toegepast")

    def _letter(self, run: Loop, one: Aankomst, reden: str) -> None:
        self.delen[one.deel] = Lot("uitval", reden)
        run.brieven += 1

    def _settle(self, run: Loop, at: datetime) -> None:
        """What is accepted or withdrawn settles what is disputed of an answered order, once."""
        for one in run.feiten:
            step = one.uiting.factuurstap
            if step is None or step.stap not in AFHANDELEND:
                continue
            for key, vraag in run.vragen.items():
                if (key, step.stap) in run.gedaan or not all(line.beantwoord for line in vraag.lijnen):
                    continue
                run.gedaan.add((key, step.stap))
                run.laatste_stap = one.uiting.gebeurd
                for line in vraag.lijnen:
                    if step.stap == "geaccepteerd":
                        line.geaccepteerd += line.betwist
                    else:
                        line.ingetrokken += line.betwist
        open_ = any(line.betwist or not line.beantwoord for _, line in run.lijnen)
        if open_ or run.factuur is None:
            run.beoordeeld = None
        elif run.beoordeeld is None:
            told = [run.factuur.bekend, run.antwoord, run.laatste_stap]
            run.beoordeeld = max(moment for moment in told if moment is not None)


def _ident(one: Aankomst) -> tuple[str, str]:
    return one.uiting.afzender, one.uiting.berichtnummer


def _plek(one: Aankomst, order: str | None, contract: str | None) -> str:
    if order is None:
        return f"onderhoud/contract/{one.uiting.klant}/{contract}"
    return f"onderhoud/opdracht/{one.uiting.klant}/{order.upper()}"


def _blok(factuur: Factuur, termen: Factuurtermen) -> str | None:
    """Why nothing of the whole invoice is released."""
    if factuur.iban not in termen.ibans:
        return "iban-onbekend"
    return None if factuur.leverancier in (termen.leverancier, termen.kvk) else "leverancier-onbekend"


def _merk(factuur: Factuur) -> tuple[object, ...]:
    """What two invoices of one order share when one may be the double of the other."""
    credit = factuur.verwijst_naar if factuur.te_betalen < 0 else None
    return factuur.leverancier, factuur.te_betalen, factuur.datum, factuur.periode, credit


def _foto(run: Loop) -> tuple[tuple[int, int, str, bool], ...]:
    return tuple((line.vrij, line.verrekend, line.reden, line.beantwoord) for _, line in run.lijnen)


def _until(one: Aankomst) -> datetime:
    hours = WACHTTIJD if one.uiting.wacht is None else one.uiting.wacht
    return one.bekend + timedelta(hours=hours)
