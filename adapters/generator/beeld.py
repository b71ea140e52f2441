"""What the facts of an order come to, as a picture: who is aan zet since when, milestones, slots, the quotation.

Also the order in which facts are taken (DESIGN 5). Shares nothing with the bus but the words.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from adapters.generator.bericht import Opdracht, Slot, Uiting
from adapters.generator.kalender import DAY, SECOND, end_of, local

RANGORDE: Final = (
    "opdracht", "planning", "REG", "ACC", "WEI", "VIN", "AIN", "REV", "REA", "OND", "VER", "VAN", "ANN", "TGE", "AGE"
)  # fmt: skip
BIJ_OPDRACHTGEVER: Final = {"AFR", "AVW", "AWE"}
BIJ_HUURDER: Final = {"BNT", "BBT", "AFN", "VBW"}
WERKEND: Final = {"ACC", "AIN", "REV", "REA", "OND", "VER"}
SLUITEND: Final = {"WEI", "ANN", "AGE"}
EINDSTAND: Final = {"WEI": "geweigerd", "ANN": "geannuleerd", "AGE": "administratief-gereed"}
VERLENGING: Final = "verlenging-niet-overeengekomen"


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
    """From `begin` on `aan_zet` has to act, and the contract clock runs or not; `door` is the fact that began it.
    `reden`: why it is the tenant's time."""

    begin: datetime
    aan_zet: str
    loopt: bool
    door: Feit | None = None
    reden: str | None = None


class Agenda(msgspec.Struct, kw_only=True):
    """Slots by what became of them (ONDERHOUD 3), each with the fact that told it."""

    aangeboden: list[tuple[Slot, Feit]] = []
    gekozen: list[tuple[Slot, Feit]] = []
    nagekomen: list[tuple[Slot, Feit]] = []
    gemist: list[tuple[Slot, Feit]] = []
    wens: bool = False


class Offerte(msgspec.Struct, kw_only=True):
    """The quotation: its last step, and when it was asked, first received, last put forward, and decided."""

    stap: str | None = None
    gevraagd: Feit | None = None
    ontvangen: Feit | None = None
    voorgelegd: Feit | None = None
    besluit: Feit | None = None


class Conclusie(msgspec.Struct, kw_only=True):
    """Where an order stands. `t0_huurder`: when the tenant reported, else the order's own date. `gereed`: the last valid TGE; `einde`: the AGE, ANN or WEI that ended status traffic.

    `veilig`: the first THD or TGE. `van`, `van_eind`: a request to cancel and what ended it. `claim`: a VER that nobody
    agreed to; `verlengd`: until when an agreed one goes, and since when. `vraag`, `reactie`: VIN and REV without answer.
    `gefactureerd`: when the first invoice was received; `afgerond`: when all that there are were settled, by the last.
    `posten`: extra work that counts, and on what ground. `meerwerk_open`: what nobody approved; `vrije_tekst`: REAs to it without an amount, for a person.
    """

    t0: datetime
    t0_huurder: datetime
    order: Opdracht
    termen: Opdracht
    toestand: str
    stukken: list[Stuk]
    clients: set[str]
    antwoord: Feit | None = None
    gereed: Feit | None = None
    einde: Feit | None = None
    veilig: Feit | None = None
    van: Feit | None = None
    van_eind: Feit | None = None
    claim: Feit | None = None
    verlengd: tuple[datetime, datetime] | None = None
    vraag: Feit | None = None
    reactie: Feit | None = None
    laatste: Feit | None = None
    gefactureerd: datetime | None = None
    afgerond: datetime | None = None
    heropend: int = 0
    niet_thuis: int = 0
    mandaat: Decimal = Decimal(0)
    posten: list[tuple[Decimal, str]] = []
    meerwerk_open: list[Feit] = []
    vrije_tekst: list[Feit] = []
    agenda: Agenda = msgspec.field(default_factory=Agenda)
    offerte: Offerte = msgspec.field(default_factory=Offerte)
    buiten: list[Feit] = []
    opmerkingen: list[tuple[datetime, str]] = []

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


def ver_vooruit(feit: Feit) -> bool:
    """Dated, or a slot kept or missed, more than a day after it was told: a slip of a pen."""
    told = [feit.uiting.gebeurd, *(slot.begin for slot in feit.uiting.sloten if slot.soort in ("nagekomen", "gemist"))]
    return max(told) > feit.bekend + DAY


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
