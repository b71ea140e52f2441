"""What the facts of an order come to, written plainly from ONDERHOUD 1 (and for what it leaves open, the choices that
the rules' README lists). Shares nothing with the bus but the words."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from adapters.generator.bericht import Opdracht, Uiting
from adapters.generator.kalender import DAY, SECOND, end_of, local

RANGORDE: Final = (
    "opdracht", "planning", "REG", "ACC", "WEI", "VIN", "AIN", "REV", "REA", "OND", "VER", "VAN", "ANN", "TGE", "AGE"
)  # fmt: skip
BIJ_OPDRACHTGEVER: Final = {"AFR", "AVW", "AWE"}
BIJ_HUURDER: Final = {"BNT", "BBT", "AFN", "VBW"}
WERKEND: Final = {"ACC", "AIN", "REV", "REA", "OND", "VER"}
SLUITEND: Final = {"WEI", "ANN", "AGE"}


class Feit(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance that was applied, and when it became known."""

    uiting: Uiting
    bekend: datetime

    @property
    def rang(self) -> int:
        if self.uiting.soort == "status":
            return RANGORDE.index(self.uiting.code or "")
        return 0 if self.uiting.soort == "opdracht" else 1

    @property
    def moment(self) -> datetime:
        """When it counts: a day without a time as the earlier of its end and known."""
        if self.uiting.alleen_dag:
            return min(end_of(local(self.uiting.gebeurd).date()), self.bekend)
        return self.uiting.gebeurd


class Stuk(msgspec.Struct, frozen=True):
    """From `begin` on `aan_zet` has to act, and the contract clock runs or not; `door` is the fact that began it."""

    begin: datetime
    aan_zet: str
    loopt: bool
    door: Feit | None = None


class Conclusie(msgspec.Struct, kw_only=True):
    """Where an order stands. `gereed`: the last valid TGE; `einde`: the AGE, ANN or WEI that ended status traffic."""

    t0: datetime
    order: Opdracht
    termen: Opdracht
    toestand: str
    stukken: list[Stuk]
    antwoord: Feit | None = None
    gereed: Feit | None = None
    einde: Feit | None = None
    veilig: Feit | None = None
    vraag_open: bool = False
    heropend: int = 0
    buiten: list[Feit] = msgspec.field(default_factory=list)
    geteld: list[Feit] = msgspec.field(default_factory=list)
    opmerkingen: list[tuple[datetime, str]] = msgspec.field(default_factory=list)

    @property
    def aan_zet(self) -> str:
        return self.stukken[-1].aan_zet


def in_volgorde(feiten: Sequence[Feit]) -> list[Feit]:
    """Happened, rank, sender, number; a day without a time right before the first higher rank of that day, else last."""
    loose = [feit for feit in feiten if feit.uiting.alleen_dag]
    timed = sorted((feit for feit in feiten if not feit.uiting.alleen_dag), key=_plain)
    for feit in sorted(loose, key=lambda feit: (feit.uiting.gebeurd, *_plain(feit)[1:])):
        day = local(feit.uiting.gebeurd).date()
        place = next(
            (
                number
                for number, other in enumerate(timed)
                if (
                    not other.uiting.alleen_dag and local(other.uiting.gebeurd).date() == day and other.rang > feit.rang
                )
                or local(other.uiting.gebeurd).date() > day
            ),
            len(timed),
        )
        timed.insert(place, feit)
    return timed


def _plain(feit: Feit) -> tuple[datetime, int, str, str]:
    return feit.uiting.gebeurd, feit.rang, feit.uiting.afzender, feit.uiting.berichtnummer


def conclude(feiten: Sequence[Feit]) -> Conclusie:
    """`feiten` in their order, one of them an order of its client."""
    versions = [feit for feit in feiten if feit.uiting.opdracht is not None]
    found = _begin(versions)
    clients = {feit.uiting.klant for feit in versions}
    said: set[str] = set()
    for feit in feiten:
        uiting = feit.uiting
        if uiting.inhoud in said:
            continue
        said.add(uiting.inhoud)
        if found.einde is not None and feit is not versions[0]:
            found.buiten.append(feit)
        elif uiting.opdracht is not None:
            found.order = uiting.opdracht
            _agreed(found)
        elif uiting.soort == "status" and uiting.gebeurd - feit.bekend > DAY:
            found.buiten.append(feit)
        elif uiting.soort == "status":
            found.geteld.append(feit)
            _status(found, feit, by_client=uiting.afzender in clients)
    fit = (found.order.aannemer, found.order.soort, found.order.urgentie)
    for feit in versions:
        order = feit.uiting.opdracht
        if order is not None and feit not in found.buiten and (order.aannemer, order.soort, order.urgentie) == fit:
            found.termen = order
            break
    return found


def _begin(versions: Sequence[Feit]) -> Conclusie:
    first = versions[0].uiting.opdracht
    if first is None:
        raise ValueError("found no order, expected one among the facts")
    known = min(feit.bekend for feit in versions)
    t0 = known if first.datum_alleen_dag else max(first.datum, known)
    return Conclusie(t0=t0, order=first, termen=first, toestand="geregistreerd", stukken=[Stuk(t0, "aannemer", True)])


def _status(found: Conclusie, feit: Feit, *, by_client: bool) -> None:
    """The rows of ONDERHOUD 1."""
    code, detail, now = feit.uiting.code or "", feit.uiting.detail, found.stukken[-1]
    if code == "VIN":
        found.vraag_open = True
        return
    if code == "AIN":
        asked, found.vraag_open = found.vraag_open, False
        if asked and found.gereed is not None:
            return
    if code in WERKEND and found.gereed is not None:
        found.gereed, found.heropend = None, found.heropend + 1
    who, runs, toestand = "aannemer", True, "in-behandeling"
    if code == "REG":
        toestand = "geregistreerd"
    elif code == "ACC":
        toestand = "geaccepteerd"
        found.antwoord = found.antwoord or feit
    elif code == "REV":
        who, runs = ("aannemer", True) if by_client else ("opdrachtgever", False)
    elif code == "REA":
        _agreed(found)
    elif code == "OND":
        toestand = "onderbroken"
        if detail in BIJ_OPDRACHTGEVER:
            who, runs = "opdrachtgever", False
        elif detail in BIJ_HUURDER:
            who, runs = "huurder", False
        elif detail == "AFW":
            who, runs = "niemand", False
        elif detail is None:
            found.opmerkingen.append((feit.moment, "onderbroken-zonder-detail"))
    elif code == "VER":
        found.opmerkingen.append((feit.moment, "verlenging-niet-overeengekomen"))
    elif code == "VAN":
        toestand = "annulering-gevraagd"
        who = "aannemer" if by_client else "opdrachtgever"
    elif code == "TGE":
        found.veilig = found.veilig or feit
        if detail != "THD":
            found.gereed, toestand = feit, "technisch-gereed"
    elif code in SLUITEND:
        found.einde, who, runs = feit, "niemand", False
        toestand = {"WEI": "geweigerd", "ANN": "geannuleerd", "AGE": "administratief-gereed"}[code]
        if code == "WEI":
            found.antwoord = found.antwoord or feit
    found.toestand = toestand
    if (who, runs) != (now.aan_zet, now.loopt):
        found.stukken.append(Stuk(max(now.begin, feit.moment), who, runs, feit))


def _agreed(found: Conclusie) -> None:
    found.opmerkingen = [remark for remark in found.opmerkingen if remark[1] != "verlenging-niet-overeengekomen"]


def stilstand(found: Conclusie) -> list[tuple[datetime, datetime | None]]:
    """When the contract clock stood still; the end of status traffic is no pause."""
    stops: list[tuple[datetime, datetime | None]] = []
    for stuk in found.stukken:
        if stuk.door is not None and stuk.door is found.einde:
            break
        if not stuk.loopt and (not stops or stops[-1][1] is not None):
            stops.append((stuk.begin, None))
        elif stuk.loopt and stops and stops[-1][1] is None:
            stops[-1] = (stops[-1][0], stuk.begin)
    return stops


def seconds(span: timedelta) -> int:
    return span // SECOND
