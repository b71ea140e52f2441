"""Tells the story of one order as its partners would: who says what, when it happened and when the bus hears of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

import msgspec
from msgspec.structs import replace

from adapters.generator.agenda import Agenda
from adapters.generator.bericht import Opdracht, Slot, Uiting
from adapters.generator.partners import Partner

DAGBESTAND: Final = frozenset(("tegendraad",))
"""Partners that send once a day, what happened since, in one file."""


class Voorbij(Exception):
    """The played weeks ended before this would have been told."""


class Gepland(msgspec.Struct, frozen=True, kw_only=True):
    """An utterance and when it is received. `los`: in a message of its own, in whatever form the fault `schade` gives it."""

    uiting: Uiting
    op: datetime
    merken: tuple[str, ...] = ()
    formaat: str = "json"
    schade: str | None = None
    kopie: bool = False
    """Whether it is sent as the very same bytes as the utterance before it in its story."""

    @property
    def los(self) -> bool:
        return self.schade is not None or self.kopie or self.uiting.soort == "opdracht"


class Regie:
    """The story of order `nummer` of `klant` for `aannemer`. Steps raise Voorbij beyond the end of the weeks."""

    def __init__(
        self,
        kans: Random,
        agenda: Agenda,
        klant: Partner,
        aannemer: Partner,
        nummer: str,
        partners: Mapping[str, Partner],
    ) -> None:
        self.kans, self.agenda, self.klant, self.aannemer, self.nummer = kans, agenda, klant, aannemer, nummer
        self.partners = partners
        self.gepland: list[Gepland] = []
        self.nu: datetime = agenda.momenten[0]
        self.proef = False
        self.ongestoord = False
        """Whether nothing goes wrong beside the course."""
        self._geteld = 0

    def onder(self) -> "Regie":
        """The story of an order of this aannemer to its subcontractor, from now on."""
        (gln,) = self.aannemer.termen
        sub = next(one for one in self.partners.values() if one.gln == gln)
        made = Regie(self.kans, self.agenda, self.aannemer, sub, f"MD-{self.nummer[3:]}", self.partners)
        made.nu = self.agenda.na_werkuren(self.kans, self.nu, 0.5, 4)
        return made

    def uitbesteed(self, boven: "Regie") -> Opdracht:
        """The order to the subcontractor, for a part of `boven`."""
        terms = self.klant.termen[self.aannemer.gln]
        return Opdracht(
            aannemer=self.aannemer.gln,
            termen=terms,
            datum=self.nu,
            urgentie=self.kans.choice(("urgent", "regulier")),
            noemt_urgentie=True,
            contract=terms.contracten[0],
            bovenliggend=(boven.klant.gln, boven.nummer),
        )

    def plat(self, door: Partner) -> bool:
        """Whether `door` tells its statuses in the plain JSON form, which has a place for everything."""
        return self.proef or door.id not in ("meridiaan", "oudewal", "havermeer")

    def geef(
        self, opdracht: Opdracht, verzonden: datetime, *, formaat: str, merken: tuple[str, ...] = (), **changes: object
    ) -> Gepland:
        """The client sends `opdracht`."""
        uiting = Uiting(
            soort="opdracht",
            partner=self.klant.id,
            afzender=self.klant.gln,
            klant=self.klant.gln,
            nummer=self.nummer,
            berichtnummer=self.berichtnummer(self.klant),
            inhoud=self._inhoud(),
            gebeurd=verzonden,
            opdracht=opdracht,
            proef=self.proef,
        )
        told = self._plan(replace(uiting, **changes), timedelta(), merken, formaat)
        self.nu = max(self.nu, told.op)
        return told

    def status(
        self,
        door: Partner,
        code: str,
        detail: str | None = None,
        *,
        uren: tuple[float, float] = (1, 8),
        merken: tuple[str, ...] = (),
        sub: str | None = None,
        later: timedelta | None = None,
        **changes: object,
    ) -> Gepland:
        """`door` reports a status after some hours of work; `later`: how long it takes before the bus hears of it."""
        self.nu = self.agenda.na_werkuren(self.kans, self.nu, *uren)
        return self.meld(door, code, detail, self.nu, merken=merken, sub=sub, later=later, **changes)

    def meld(
        self,
        door: Partner,
        code: str,
        detail: str | None,
        gebeurd: datetime,
        *,
        merken: tuple[str, ...] = (),
        sub: str | None = None,
        later: timedelta | None = None,
        **changes: object,
    ) -> Gepland:
        """`door` reports a status that happened at `gebeurd`."""
        uiting = replace(self._uiting(door, "status", gebeurd), code=code, detail=door.detail(code, detail), sub=sub)
        return self._plan(replace(uiting, **changes), self._traagheid(door) if later is None else later, merken)

    def planning(
        self,
        door: Partner,
        *sloten: Slot,
        uren: tuple[float, float] = (0.1, 1),
        merken: tuple[str, ...] = (),
        sub: str | None = None,
    ) -> Gepland:
        """`door` tells of slots."""
        self.nu = self.agenda.na_werkuren(self.kans, self.nu, *uren)
        uiting = replace(self._uiting(door, "planning", self.nu), sloten=sloten, sub=sub)
        return self._plan(uiting, self._traagheid(door), merken)

    def offerte(
        self, door: Partner, stap: str, bedrag: Decimal | None = None, *, uren: tuple[float, float] = (2, 12)
    ) -> Gepland:
        self.nu = self.agenda.na_werkuren(self.kans, self.nu, *uren)
        uiting = replace(
            self._uiting(door, "offerte", self.nu), stap=stap, bedrag=bedrag, offerte=f"OF-{self.nummer[-5:]}"
        )
        return self._plan(uiting, self._traagheid(door), ("offerte",))

    def slot(self, soort: str, uren: tuple[float, float], door: str | None = None, reden: str | None = None) -> Slot:
        """A slot of two hours, some hours of work from now."""
        begin = self.agenda.na_werkuren(self.kans, self.nu, *uren).replace(minute=0)
        return Slot(soort=soort, begin=begin, eind=begin + timedelta(hours=2), door=door, reden=reden)

    def berichtnummer(self, door: Partner) -> str:
        """As the ERP of `door` numbers: one starts anew for every order, so that its numbers come back."""
        self._geteld += 1
        if door.id in DAGBESTAND:
            return str(self._geteld)
        return f"{self.nummer[-8:]}-{self._geteld}"

    def _uiting(self, door: Partner, soort: str, gebeurd: datetime) -> Uiting:
        terms = self.klant.termen.get(door.gln)
        return Uiting(
            soort=soort,
            partner=door.id,
            afzender=door.gln,
            klant=self.klant.gln,
            nummer=self.nummer,
            berichtnummer=self.berichtnummer(door),
            inhoud=self._inhoud(),
            gebeurd=gebeurd,
            wacht=None if terms is None else terms.wachttijd,
            proef=self.proef,
        )

    def _inhoud(self) -> str:
        return f"{self.klant.gln}/{self.nummer}/{len(self.gepland)}"

    def _traagheid(self, door: Partner) -> timedelta:
        """How long before a message is sent: at once, within two hours, or with the file of the day."""
        if door.id in DAGBESTAND:
            return timedelta(hours=self.kans.choice((2, 6)))
        return timedelta(minutes=self.kans.choice((0, 0, 5, 20, 90)))

    def _formaat(self, uiting: Uiting) -> str:
        """What the sender's software speaks: some things only the portal with plain JSON can tell."""
        if self.proef:
            return "json"
        match (uiting.partner, uiting.soort):
            case ("meridiaan", "status" | "planning"):
                return "dico-projectprofiel"
            case ("oudewal", "status") if uiting.bedrag is None:
                return self.kans.choice(("insbou003", "insbou003", "insbou004"))
            case ("havermeer", "status") if (
                uiting.code in ("AGE", "ANN") and uiting.sub is None and "vera" in self.klant.formaten
            ):
                return "vera"
        return "json"

    def _plan(self, uiting: Uiting, later: timedelta, merken: tuple[str, ...], formaat: str | None = None) -> Gepland:
        at = self.agenda.ontvangst(uiting.gebeurd + later)
        if at is None:
            raise Voorbij
        made = Gepland(uiting=uiting, op=at, merken=merken, formaat=formaat or self._formaat(uiting))
        self.gepland.append(made)
        return made
