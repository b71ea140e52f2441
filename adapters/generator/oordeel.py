"""The ledger of one dossier: what its arrivals and the clock's ticks come to, replayed one by one.

Every arrival is an utterance with the moment at which it became known. What each part of a message comes to (the
account), the letters to people, the signals and the figures follow from ONDERHOUD and DESIGN 5, written plainly.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from adapters.generator.beeld import BIJ_HUURDER, Conclusie, Feit, in_volgorde, seconds
from adapters.generator.bericht import Uiting
from adapters.generator.delen import beschouw
from adapters.generator.kalender import SECOND
from adapters.generator.kansen import DREIGT, NORM, Signaal, kansen
from adapters.generator.maten import GESLOTEN, INGETROKKEN, Maat, Meting, meten
from adapters.generator.uitslag import Aankomst, Dossier, Lot

HELE: Final = "technisch-gereed"
BEOORDELEN: Final = "beoordelen"
WACHTTIJD: Final = 72


Verloop = Sequence[tuple[datetime, Conclusie]]
"""How an order stood from each moment on at which it changed."""


class Nieuws(msgspec.Struct, frozen=True, kw_only=True):
    """What an order hears of its invoices at `op`: when the first was received, and when all of them were settled."""

    op: datetime
    gefactureerd: datetime | None
    afgerond: datetime | None
    facturen: tuple[str, ...] = ()


class Oordeel(msgspec.Struct, frozen=True):
    """A dossier (None when nothing of it may exist), and the lot of every part that came for it."""

    dossier: Dossier | None
    delen: dict[tuple[str, int], Lot]
    conclusie: Conclusie | None = None
    verloop: Verloop = ()


def oordeel(
    aankomsten: Iterable[Aankomst],
    tikken: Sequence[datetime],
    ook: Mapping[str, datetime] | None = None,
    nieuws: Sequence[Nieuws] = (),
) -> Oordeel:
    """`aankomsten` in the order in which they became known; a tick precedes what became known at its very moment.

    `ook`: subcontractors that are parties by a link, since when. `nieuws`: of its invoices, in order.
    """
    replay = _Replay(ook or {}, nieuws)
    pending = list(tikken)
    for aankomst in aankomsten:
        while pending and pending[0] <= aankomst.bekend:
            replay.tick(pending.pop(0))
        replay.arrive(aankomst)
        replay.remember(aankomst.bekend)
    for tick in pending:
        replay.tick(tick)
    replay.hear(tikken[-1] + SECOND)
    return replay.outcome()


class _Replay:
    def __init__(self, ook: Mapping[str, datetime], nieuws: Sequence[Nieuws]) -> None:
        self.ook, self.nieuws = ook, list(nieuws)
        self.gehoord: Nieuws | None = None
        self.feiten: list[Feit] = []
        self.wachtend: list[Aankomst] = []
        self.brieven: list[str] = []
        self.delen: dict[tuple[str, int], Lot] = {}
        self.gezien = False
        self.found: Conclusie | None = None
        self.delen_nu: dict[str, Conclusie] = {}
        self.metingen: dict[str, Meting] = {}
        self.begonnen: dict[str, Maat] = {}
        self.kansen: dict[Signaal, datetime] = {}
        self.gemeld: dict[Signaal, datetime] = {}
        self.beoordelen: set[Signaal] = set()
        self.ooit: set[Signaal] = set()
        self.verloop: list[tuple[datetime, Conclusie]] = []

    def remember(self, at: datetime) -> None:
        if self.found is not None and (not self.verloop or self.verloop[-1][1] is not self.found):
            self.verloop.append((at, self.found))

    def hear(self, at: datetime) -> None:
        """What was told of invoices before `at`: a tick precedes what comes at its moment."""
        while self.nieuws and self.nieuws[0].op < at:
            self.gehoord = self.nieuws.pop(0)
            self._conclude()

    def arrive(self, aankomst: Aankomst) -> None:
        self.hear(aankomst.bekend)
        uiting = aankomst.uiting
        if uiting.reden is not None:
            self._refused(aankomst)
            return
        known = self._known(uiting)
        if known is not None:
            same = known == uiting.inhoud
            self.delen[aankomst.deel] = Lot("dubbel") if same else self._letter(uiting, "strijdig")
        elif self.feiten and not self._party(uiting) and not self._linked(aankomst):
            self.delen[aankomst.deel] = Lot("uitval", "onbevoegd")
            return
        elif self.feiten or _founds(uiting):
            self._apply(aankomst)
        else:
            self.wachtend.append(aankomst)
            self.delen[aankomst.deel] = Lot("wachtend")
        self.gezien = True
        self._conclude()

    def tick(self, at: datetime) -> None:
        self.hear(at)
        expired = [one for one in self.wachtend if _until(one) <= at]
        for one in expired:
            self.wachtend.remove(one)
            self.delen[one.deel] = self._letter(one.uiting, "onbekend-dossier")
        if not self._onvolledig():
            for signal, limit in self.kansen.items():
                if signal not in self.gemeld and limit + SECOND <= at:
                    self.gemeld[signal] = at
        self._surviving()

    def outcome(self) -> Oordeel:
        if not self.gezien:
            return Oordeel(None, self.delen)
        found = self.found
        if found is None:
            waiting = Dossier(toestand="wachtend", wachtend=len(self.wachtend), onvolledig=self._onvolledig())
            return Oordeel(waiting, self.delen)
        gone = {name: Maat(stand=INGETROKKEN, begin=maat.begin) for name, maat in self.begonnen.items()}
        standing = set(self.gemeld) | self.beoordelen
        dossier = Dossier(
            toestand=found.toestand,
            aan_zet=found.aan_zet,
            klok_loopt=found.stukken[-1].loopt,
            aannemer=found.order.aannemer,
            urgentie=found.order.etiket,
            feiten=len(self.feiten),
            wachtend=len(self.wachtend),
            onvolledig=self._onvolledig(),
            buiten_beschouwing=len(found.buiten),
            maten={**gone, **{name: meting.maat for name, meting in self.metingen.items()}},
            bezoeken=len({slot.begin for slot, _ in found.agenda.nagekomen}),
            vergeefs=_vergeefs(found),
            offerte=found.offerte.stap,
            meerwerk=_meerwerk(found),
            huurder=None if self.delen_nu else _van_huurder(found),
            delen={name: (part.toestand, part.aan_zet) for name, part in self.delen_nu.items()},
            heropend=found.heropend,
            signalen=_told(standing),
            ingetrokken=_told(self.ooit - standing),
            facturen=() if self.gehoord is None else self.gehoord.facturen,
        )
        return Oordeel(dossier, self.delen, found, self.verloop)

    def _refused(self, aankomst: Aankomst) -> None:
        uiting = aankomst.uiting
        self.delen[aankomst.deel] = Lot("uitval", uiting.reden)
        if uiting.zichtbaar and uiting.reden != "onbevoegd":
            self.brieven.append(uiting.afzender)
            self.gezien = True
            self._conclude()

    def _letter(self, uiting: Uiting, reden: str) -> Lot:
        self.brieven.append(uiting.afzender)
        self._conclude()
        return Lot("uitval", reden)

    def _apply(self, aankomst: Aankomst) -> None:
        self.delen[aankomst.deel] = Lot("toegepast")
        self.feiten.append(Feit(uiting=aankomst.uiting, bekend=aankomst.bekend))
        waiting, self.wachtend = self.wachtend, []
        for one in waiting:
            if self._party(one.uiting):
                self.delen[one.deel] = Lot("toegepast")
                self.feiten.append(Feit(uiting=one.uiting, bekend=one.bekend))
            else:
                self.delen[one.deel] = Lot("uitval", "onbevoegd")

    def _conclude(self) -> None:
        if not self.feiten:
            return
        order = beschouw(in_volgorde(self.feiten))
        found, provisional = order.found, bool(self._onvolledig())
        if self.gehoord is not None:
            found.gefactureerd, found.afgerond = self.gehoord.gefactureerd, self.gehoord.afgerond
        self.found, self.delen_nu = found, order.delen
        self.metingen = meten(found, voorlopig=provisional)
        chances = kansen(found, self.metingen)
        if order.delen:
            # of the whole only this is measured; norms are watched per part
            self.metingen = {HELE: self.metingen[HELE]}
            chances = {}
        for name, part in order.delen.items():
            measured = meten(part, voorlopig=provisional)
            self.metingen |= {f"{name}/{maat}": meting for maat, meting in measured.items()}
            chances |= {(soort, f"{name}/{about}"): at for (soort, about), at in kansen(part, measured).items()}
        self.begonnen |= {name: meting.maat for name, meting in self.metingen.items()}
        self.kansen = chances
        self.gemeld = {signal: at for signal, at in self.gemeld.items() if self._stands(signal, at)}
        self.beoordelen = {(BEOORDELEN, feit.uiting.inhoud) for feit in (*found.buiten, *found.vrije_tekst)}
        self._surviving()

    def _surviving(self) -> None:
        """What is late threatens no more."""
        late = {name for soort, name in self.gemeld if soort == NORM}
        self.gemeld = {one: at for one, at in self.gemeld.items() if one[0] != DREIGT or one[1] not in late}
        self.ooit |= self.gemeld.keys() | self.beoordelen

    def _stands(self, signal: Signaal, raised: datetime) -> bool:
        """Whether a signal still speaks the truth: it would still be raised, or what was late was closed too late."""
        limit = self.kansen.get(signal)
        if limit is not None:
            return limit + SECOND <= raised
        meting = self.metingen.get(signal[1])
        if meting is None or signal[0] != NORM:
            return False
        maat = meting.maat
        late = maat.eind is not None and maat.deadline is not None and maat.eind > maat.deadline
        return maat.stand == GESLOTEN and late

    def _parties(self) -> set[str]:
        named = set()
        for feit in self.feiten:
            if feit.uiting.opdracht is not None:
                named |= {feit.uiting.klant, feit.uiting.opdracht.aannemer}
        return named

    def _party(self, uiting: Uiting) -> bool:
        return uiting.afzender in self._parties() or _founds(uiting)

    def _linked(self, aankomst: Aankomst) -> bool:
        since = self.ook.get(aankomst.uiting.afzender)
        return since is not None and since < aankomst.bekend

    def _onvolledig(self) -> int:
        parties = self._parties()
        return len([gln for gln in self.brieven if not self.feiten or gln in parties])

    def _known(self, uiting: Uiting) -> str | None:
        said = [feit.uiting for feit in self.feiten] + [one.uiting for one in self.wachtend]
        for one in said:
            if (one.afzender, one.berichtnummer) == (uiting.afzender, uiting.berichtnummer):
                return one.inhoud
        return None


def _meerwerk(found: Conclusie) -> tuple[tuple[Decimal, str], ...]:
    """Extra work by amount and ground: what counts, and what is open."""
    amounts = [feit.uiting.bedrag for feit in found.meerwerk_open]
    return tuple(sorted([*found.posten, *((amount, "open") for amount in amounts if amount is not None)]))


def _van_huurder(found: Conclusie) -> dict[str, int]:
    """Seconds of the tenant's time that has ended, by why."""
    spans: dict[str, int] = {}
    for one, following in zip(found.stukken, found.stukken[1:], strict=False):
        if one.reden is not None:
            spans[one.reden] = spans.get(one.reden, 0) + seconds(following.begin - one.begin)
    return spans


def _vergeefs(found: Conclusie) -> dict[str, int]:
    """Visits in vain by cause; a missed slot and the status that says so are one visit."""
    missed: dict[datetime, str] = {}
    for slot, _ in found.agenda.gemist:
        tenant = slot.door == "huurder" or slot.reden in BIJ_HUURDER
        cause = (slot.reden if slot.reden in BIJ_HUURDER else "BNT") if tenant else "aannemer-niet-verschenen"
        missed.setdefault(slot.begin, cause or "")
    counted = dict(Counter(missed.values()))
    if found.niet_thuis > counted.get("BNT", 0):
        counted["BNT"] = found.niet_thuis
    return counted


def _told(signals: set[Signaal]) -> tuple[str, ...]:
    return tuple(sorted(soort if soort == BEOORDELEN else f"{soort}:{name}" for soort, name in signals))


def _founds(uiting: Uiting) -> bool:
    return uiting.opdracht is not None and uiting.afzender == uiting.klant


def _until(aankomst: Aankomst) -> datetime:
    hours = WACHTTIJD if aankomst.uiting.wacht is None else aankomst.uiting.wacht
    return aankomst.bekend + timedelta(hours=hours)
