"""What travels in the generated week: utterances of partners, and the messages that carry them."""

from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from adapters.generator.factuur import Factuur, Stap
from adapters.generator.partners import Termen

PRIJS: Final = Decimal("45.50")
"""Of a unit, on every line that has a price."""


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot of time: aangeboden, afgesproken, verplaatst, nagekomen or gemist."""

    soort: str
    begin: datetime
    eind: datetime
    door: str | None = None
    reden: str | None = None
    vorig_begin: datetime | None = None


class Opdracht(msgspec.Struct, frozen=True, kw_only=True):
    """What an order says. `element_los`: its format tells the element without a line.

    `aannemer` is canonical; `noemt` whether the message names it (else the contract tells)."""

    aannemer: str
    termen: Termen
    datum: datetime
    datum_alleen_dag: bool = False
    soort: str = "REP"
    afspraak: str = "EHP"
    specificatie: str | None = None
    urgentie: str = "regulier"
    noemt_urgentie: bool = False
    afgeleid: bool = False
    noemt_aannemer: bool = True
    contract: str | None = None
    gemeld_op: datetime | None = None
    gereed_uiterlijk: datetime | None = None
    eenheid: str | None = None
    element: str | None = None
    element_los: bool = False
    mutatie: str | None = None
    bovenliggend: tuple[str, str] | None = None
    regels: int = 1
    foto: bool = False
    aantal: str = "1"
    prijzen: bool = True

    @property
    def etiket(self) -> str:
        """The urgency as figures show it: what nobody said is marked."""
        return f"{self.urgentie} (afgeleid)" if self.afgeleid else self.urgentie

    @property
    def bedrag(self) -> Decimal | None:
        """Of its priced lines, in euro excluding VAT; None when none has a price."""
        return PRIJS * Decimal(self.aantal) * self.regels if self.prijzen and self.regels else None


class Uiting(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a message, as it is meant, and what must become of it.

    nummer: of the order, empty when it is about none or several. inhoud: two utterances with the same say the same. gebeurd: what the partner claims, in UTC; verzonden: of an order,
    when it was sent. klant_als, aannemer_als: GLN as written (an alias, or a wrong one). reden: why it cannot be
    handled, None when it can; zichtbaar: whether the dossier can nevertheless be told, so that it becomes onvolledig.
    """

    soort: str
    partner: str
    afzender: str
    klant: str
    nummer: str
    berichtnummer: str
    inhoud: str
    gebeurd: datetime
    alleen_dag: bool = False
    sub: str | None = None
    proef: bool = False
    wacht: int | None = None
    code: str | None = None
    detail: str | None = None
    bedrag: Decimal | None = None
    opdracht: Opdracht | None = None
    gevraagd: datetime | None = None
    sloten: tuple[Slot, ...] = ()
    stap: str | None = None
    offerte: str | None = None
    mutatie: str | None = None
    eenheid: str | None = None
    tekst: str | None = None
    factuur: Factuur | None = None
    factuurstap: Stap | None = None
    klant_als: str | None = None
    aannemer_als: str | None = None
    nummer_als: str | None = None
    woord_als: str | None = None
    reden: str | None = None
    zichtbaar: bool = True

    @property
    def dossier(self) -> str:
        keten = "proef-onderhoud" if self.proef else "onderhoud"
        if self.soort == "mutatie":
            return f"{keten}/mutatie/{self.klant}/{(self.mutatie or '').upper()}"
        about = self.factuur or self.factuurstap
        if about is not None:
            return f"{keten}/factuur/{about.leverancier}/{about.nummer.upper()}"
        return f"{keten}/opdracht/{self.klant}/{self.nummer.upper()}"


class Bericht(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is sent: who, when, which bytes. `herhaling_van`: the same bytes were sent before, under this name.

    `fouten`: names of what is odd or wrong about it (`fouten.FOUTEN`).
    """

    naam: str
    partner: str
    op: datetime
    inhoudstype: str
    inhoud: bytes
    delen: tuple[Uiting, ...]
    formaat: str
    herhaling_van: str | None = None
    fouten: tuple[str, ...] = ()
