"""The offices that write invoices and answer them: who sends what when, one at a time about each dossier."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from msgspec.structs import replace

from adapters.generator.agenda import Agenda
from adapters.generator.bericht import Uiting
from adapters.generator.factuur import Factuur, Regel, Stap
from adapters.generator.kalender import SECOND, local
from adapters.generator.partners import Partner
from adapters.generator.regie import Gepland
from adapters.generator.zaken import Zaak

REEKS: Final = {"kobalt-noord": "KN26-", "tegendraad": "2026.", "meridiaan": "F.26.", "oudewal": "OW", "spanwerk": "S"}
"""How each numbers its invoices."""
FORMATEN: Final = ("insbou003", "insbou004", "ubl")
"""Formats of invoices beside the plain one; who has none of them uses that."""
ZONDER_AFRONDING: Final = ("insbou003", "insbou004")
"""Those that have no place for a rounding."""
EEN_EENHEID: Final = "ubl"
"""Counts a line in one unit only."""


class Kantoor:
    """Where invoices are written and answered. Of one dossier nobody speaks at a moment at which somebody else does."""

    def __init__(
        self, kans: Random, agenda: Agenda, partners: Mapping[str, Partner], bezet: dict[str, set[datetime]]
    ) -> None:
        self.kans, self.agenda, self.partners, self.bezet = kans, agenda, partners, bezet
        self.gepland: list[Gepland] = []
        self._geteld: dict[str, int] = {}
        self._nu: dict[str, datetime] = {}
        self._formaten: dict[str, str] = {}

    def nummer(self, aannemer: Partner) -> str:
        self._geteld[aannemer.id] = number = self._geteld.get(aannemer.id, 0) + 1
        return f"{REEKS[aannemer.id]}{number:04}"

    def nu(self, zaak: Zaak) -> datetime:
        """When the contractor writes the invoice of what is ready: at the same moment whenever it is asked."""
        if zaak.sleutel not in self._nu:
            self._nu[zaak.sleutel] = self.werk(zaak.gereed or zaak.besteld, 2, 30)
        return self._nu[zaak.sleutel]

    def vrij(self, at: datetime, *keys: str) -> datetime | None:
        """The first moment of receipt from `at` on at which nothing is said about any of the dossiers `keys`."""
        found = self.agenda.ontvangst(at)
        while found is not None and any(found in self.bezet.get(key, ()) for key in keys):
            found = self.agenda.ontvangst(found + SECOND)
        return found

    def werk(self, at: datetime, least: float, most: float) -> datetime:
        """Some hours of work later."""
        return self.agenda.na_werkuren(self.kans, at, least, most)

    def factuur(self, zaken: Sequence[Zaak], regels: Sequence[Regel], at: datetime, **changes: object) -> Factuur:
        """An invoice of what `regels` says about `zaken`, of one client and contractor, dated `at`."""
        terms = zaken[0].termen
        made = Factuur(
            leverancier=terms.leverancier,
            nummer=self.nummer(zaken[0].aannemer),
            datum=local(at).date(),
            regels=tuple(regels),
            iban=terms.ibans[0],
            vervalt=local(at).date() + timedelta(days=terms.termijn),
        )
        return replace(made, **changes)

    def stuur(
        self,
        zaken: Sequence[Zaak],
        factuur: Factuur,
        at: datetime,
        *merken: str,
        reden: str | None = None,
        keys: Sequence[str] | None = None,
        berichtnummer: str | None = None,
        schade: str | None = None,
        kopie: bool = False,
        **changes: object,
    ) -> datetime | None:
        """The contractor sends `factuur` at the first free moment from `at` on; None when the weeks are over by then."""
        klant, aannemer = zaken[0].klant, zaken[0].aannemer
        (number, *others) = factuur.opdrachten or ("",)
        uiting = Uiting(
            soort="factuur",
            partner=aannemer.id,
            afzender=aannemer.gln,
            klant=klant.gln,
            nummer="" if others else number,
            berichtnummer=berichtnummer or factuur.nummer,
            inhoud=f"{factuur.leverancier}/{factuur.nummer}/{factuur!r}",
            gebeurd=at,
            wacht=zaken[0].opdracht.termen.wachttijd,
            factuur=factuur,
            reden=reden,
        )
        about = [zaak.sleutel for zaak in zaken] if keys is None else list(keys)
        formaat = self._formaat(aannemer, factuur)
        return self._plan(replace(uiting, **changes), at, about, merken, formaat=formaat, schade=schade, kopie=kopie)

    def stap(
        self,
        door: Partner,
        zaken: Sequence[Zaak],
        factuur: Factuur,
        stap: str,
        at: datetime,
        *merken: str,
        bedrag: int | None = None,
        opdracht: str | None = None,
    ) -> datetime | None:
        """`door` tells a step of `factuur`."""
        said = Stap(stap=stap, leverancier=factuur.leverancier, nummer=factuur.nummer, bedrag=bedrag, opdracht=opdracht)
        uiting = Uiting(
            soort="factuurstatus",
            partner=door.id,
            afzender=door.gln,
            klant=zaken[0].klant.gln,
            nummer=opdracht or "",
            berichtnummer=f"{factuur.nummer}-{stap}",
            inhoud=f"{factuur.leverancier}/{factuur.nummer}/{said!r}",
            gebeurd=at,
            wacht=zaken[0].opdracht.termen.wachttijd,
            factuurstap=said,
        )
        # what is settled after all an order hears too
        about = [zaak.sleutel for zaak in zaken] if stap in ("geaccepteerd", "ingetrokken") else []
        return self._plan(uiting, at, about, merken)

    def _formaat(self, aannemer: Partner, factuur: Factuur) -> str:
        """What the contractor's software writes; of an invoice the same whenever it is sent."""
        if factuur.nummer not in self._formaten:
            able = [one for one in FORMATEN if one in aannemer.formaten]
            if factuur.afronding:
                able = [one for one in able if one not in ZONDER_AFRONDING]
            if any(regel.geteld is not None for regel in factuur.regels):
                able = [one for one in able if one != EEN_EENHEID]
            self._formaten[factuur.nummer] = self.kans.choice((*able, *able, "json"))
        return self._formaten[factuur.nummer]

    def _plan(
        self,
        uiting: Uiting,
        at: datetime,
        about: Sequence[str],
        merken: Sequence[str],
        *,
        formaat: str = "json",
        schade: str | None = None,
        kopie: bool = False,
    ) -> datetime | None:
        keys = (uiting.dossier, *about)
        found = self.vrij(at, *keys)
        if found is None:
            return None
        for key in keys:
            self.bezet.setdefault(key, set()).add(found)
        self.gepland.append(
            Gepland(
                uiting=uiting, op=found, merken=tuple(merken), formaat=formaat, schade=schade or "heel", kopie=kopie
            )
        )
        return found
