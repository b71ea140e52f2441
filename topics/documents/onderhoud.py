"""Documents on the log of the keten onderhoud (`onderhoud.gebeurtenis.v1` and its `proef-` twin).

All are canonical: GLNs are those of the profiles (aliases resolved), codes are DICO's, times are aware, money and
quantities Decimal. Free text, names and addresses are not here but on `keten.persoon.v1`; `persoon` is their key.
"""

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import msgspec

from topics.documents.document import Document, Instant, LocalTime, Moment


class Statuscode(StrEnum):
    """The 13 codes of the DICO code list StatusCode (FACTS 1.3), in the order that ONDERHOUD 1 ranks them."""

    REG = "REG"
    ACC = "ACC"
    WEI = "WEI"
    VIN = "VIN"
    AIN = "AIN"
    REV = "REV"
    REA = "REA"
    OND = "OND"
    VER = "VER"
    VAN = "VAN"
    ANN = "ANN"
    TGE = "TGE"
    AGE = "AGE"


class Statusdetail(StrEnum):
    """The 13 codes of the DICO code list StatusDetailCode (FACTS 1.3)."""

    THD = "THD"
    VBW = "VBW"
    OHD = "OHD"
    BNT = "BNT"
    MIB = "MIB"
    AFR = "AFR"
    AFH = "AFH"
    AFN = "AFN"
    BBT = "BBT"
    AFW = "AFW"
    AWE = "AWE"
    AVW = "AVW"
    QUR = "QUR"


class Urgentie(StrEnum):
    SPOED = "spoed"
    URGENT = "urgent"
    REGULIER = "regulier"


class Eenheid(StrEnum):
    """Unit of a norm. Working days count in the contract's calendar; hours run 24 x 7."""

    WERKDAGEN = "werkdagen"
    UREN = "uren"


class Norm(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The agreed limit of one measure. `waarschuwen` is the share of the term (0..1) after which it threatens."""

    maat: str
    waarde: Decimal
    eenheid: Eenheid = Eenheid.WERKDAGEN
    waarschuwen: Decimal | None = None


class Kalender(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Working days of the contract: weekdays (0 = Monday) less `vrije_dagen`, between `begin` and `eind` of the day.

    What comes in after `eind` counts as received on the next working day. Times are in Europe/Amsterdam.
    """

    vrije_dagen: tuple[date, ...] = ()
    werkdagen: tuple[int, ...] = (0, 1, 2, 3, 4)
    begin: LocalTime = time(8, 0)
    eind: LocalTime = time(16, 30)


class Voorwaarden(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Terms of the pair as they stood when the opdracht was accepted: the answer to a look-up, carried in the event.

    `profiel` is the hash of the client's profile version they come from. `wachttijd_uren`: how long a message of this
    dossier may wait for its opdracht. Norms are those that fit this order's kind and urgency. `mandaat`: euro excluding
    VAT up to which extra work counts without approval (ONDERHOUD 4). `terugdateren_uren`: a TGE that became known
    later than this after it happened is a finding on its measure.
    """

    profiel: str
    kalender: Kalender
    normen: tuple[Norm, ...] = ()
    wachttijd_uren: int = 72
    mandaat: Decimal | None = None
    terugdateren_uren: int | None = None


class Ledo(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Location, element, defect, cause of a complaint, as codes or short nouns; free descriptions are personal."""

    locatie: str | None = None
    element: str | None = None
    defect: str | None = None
    oorzaak: str | None = None


class Regel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A line of an order. Price per `prijsbasis` units, in euro excluding VAT."""

    nummer: int
    aantal: Decimal
    eenheid: str
    prijscode: str | None = None
    omschrijving: str | None = None
    ledo: Ledo | None = None
    prijs: Decimal | None = None
    prijsbasis: Decimal | None = None
    prijseenheid: str | None = None
    btw_code: str | None = None
    btw_percentage: Decimal | None = None
    btw_grondslag: Decimal | None = None


class Bijlage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A document or photo beside a message. Its name and address are a partner's free text: on the log they are empty
    and travel with the personal data (`bijlage.<n>.naam`, `bijlage.<n>.url`). `blob` is `sha256:<hex>` in the object store, `url` where the partner keeps it."""

    soort: str
    bestandssoort: str
    naam: str = ""
    url: str | None = None
    blob: str | None = None
    bytes: int | None = None
    regel: int | None = None


class Locatie(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Where the work is, without what identifies a tenant: unit number and the four digits of the postcode."""

    complex: str | None = None
    pand: str | None = None
    eenheid: str | None = None
    postcode4: str | None = None
    bouwjaar: int | None = None


class Bovenliggend(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The order that a subcontractor's order carries out in part: its client's canonical GLN and its number."""

    opdrachtgever: str
    opdrachtnummer: str


class Opdracht(Document, frozen=True, kw_only=True, omit_defaults=True):
    """An order, or a change of it (same number and sub-number sent again with other content).

    `mutatie` (the vacancy's number) or else `leegstand_vanaf` with the unit names the vacancy that it belongs to.
    """

    NAME: ClassVar[str] = "onderhoud.opdracht"
    VERSION: ClassVar[int] = 1

    berichtnummer: str
    afzender: str
    opdrachtgever: str
    aannemer: str
    opdrachtnummer: str
    verzonden: Moment
    voorwaarden: Voorwaarden
    subnummer: str | None = None
    datum: Moment | None = None
    soort: str | None = None
    afspraak: str | None = None
    specificatie: str | None = None
    urgentie: Urgentie = Urgentie.REGULIER
    urgentie_afgeleid: bool = False
    contract: str | None = None
    contractdatum: date | None = None
    btw_verlegd: bool | None = None
    gemeld_op: Moment | None = None
    gereed_uiterlijk: Moment | None = None
    uitvoeren_vanaf: Moment | None = None
    uitvoeren_tot: Moment | None = None
    locatie: Locatie | None = None
    regels: tuple[Regel, ...] = ()
    bijlagen: tuple[Bijlage, ...] = ()
    persoon: str | None = None
    mutatie: str | None = None
    leegstand_vanaf: date | None = None
    bovenliggend: Bovenliggend | None = None


class Status(Document, frozen=True, kw_only=True, omit_defaults=True):
    """A status of an order: the canonical code, and the partner's own word beside it.

    `wachttijd_uren`: how long it may wait for its opdracht, by the terms of the pair on the day of receipt. `bedrag`:
    euro excluding VAT of the extra work that it asks for (AVW, REV) or grants (REA). `gereed_gevraagd`: by when a VER
    asks to be ready.
    """

    NAME: ClassVar[str] = "onderhoud.status"
    VERSION: ClassVar[int] = 1

    berichtnummer: str
    afzender: str
    opdrachtgever: str
    opdrachtnummer: str
    code: Statuscode
    gebeurd: Moment
    detail: Statusdetail | None = None
    eigen_status: str | None = None
    wachttijd_uren: int | None = None
    subnummer: str | None = None
    bedrag: Decimal | None = None
    bijlagen: tuple[Bijlage, ...] = ()
    persoon: str | None = None
    gereed_gevraagd: Moment | None = None


class Slotsoort(StrEnum):
    AANGEBODEN = "aangeboden"
    AFGESPROKEN = "afgesproken"
    VERPLAATST = "verplaatst"
    NAGEKOMEN = "nagekomen"
    GEMIST = "gemist"


class Slot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One slot of time and what became of it. `door`: who moved or missed it (aannemer, huurder, opdrachtgever).

    `reden`: a status detail (BNT, AFN, …) or a short word. `vorig_begin`: of a moved slot, when it began before.
    """

    soort: Slotsoort
    begin: Instant
    eind: Instant
    door: str | None = None
    reden: str | None = None
    vorig_begin: Instant | None = None


class Planning(Document, frozen=True, kw_only=True, omit_defaults=True):
    """What was offered, agreed, moved, kept or missed for an order (ONDERHOUD 3). `wachttijd_uren` as of a status."""

    NAME: ClassVar[str] = "onderhoud.planning"
    VERSION: ClassVar[int] = 1

    berichtnummer: str
    afzender: str
    opdrachtgever: str
    opdrachtnummer: str
    gebeurd: Moment
    sloten: tuple[Slot, ...]
    wachttijd_uren: int | None = None
    subnummer: str | None = None
    persoon: str | None = None


class Offertestap(StrEnum):
    """Steps of a quotation (ONDERHOUD 4); a status with detail QUR ends it as well."""

    GEVRAAGD = "gevraagd"
    ONTVANGEN = "ontvangen"
    AANGEPAST = "aangepast"
    GOEDGEKEURD = "goedgekeurd"
    AFGEWEZEN = "afgewezen"


class Offerte(Document, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a quotation for an order. `bedrag` in euro excluding VAT; `reden` of a rejection, a code or short word.

    `wachttijd_uren` as of a status.
    """

    NAME: ClassVar[str] = "onderhoud.offerte"
    VERSION: ClassVar[int] = 1

    berichtnummer: str
    afzender: str
    opdrachtgever: str
    opdrachtnummer: str
    offertenummer: str
    stap: Offertestap
    gebeurd: Moment
    bedrag: Decimal | None = None
    reden: str | None = None
    wachttijd_uren: int | None = None
    subnummer: str | None = None
    bijlagen: tuple[Bijlage, ...] = ()
    persoon: str | None = None


Feit = Opdracht | Status | Planning | Offerte
"""What a party claims about an order."""


class Mutatiestap(StrEnum):
    """Steps of a vacancy, in their usual order (ONDERHOUD 4)."""

    OPGEZEGD = "opgezegd"
    VOORINSPECTIE = "voorinspectie"
    EINDINSPECTIE = "eindinspectie"
    SLEUTELS_IN = "sleutels-in"
    OPGELEVERD = "opgeleverd"
    SLEUTELS_UIT = "sleutels-uit"


class Mutatie(Document, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a vacancy, told by the opdrachtgever; on the vacancy's own dossier (`keys.mutation_key`).

    `mutatie` is its number, else unit and start of vacancy name it.
    """

    NAME: ClassVar[str] = "onderhoud.mutatie"
    VERSION: ClassVar[int] = 1

    berichtnummer: str
    afzender: str
    opdrachtgever: str
    stap: Mutatiestap
    gebeurd: Moment
    eenheid: str | None = None
    mutatie: str | None = None
    leegstand_vanaf: date | None = None
    persoon: str | None = None


class Eenheidsmelding(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Derived: an order tells the dossier of its unit that it exists, changed, became ready (`gereed`) or ended.

    `elementen`: the LEDO elements of its lines, `element` the first of them. `reeks`: of the dossier that tells; what a
    dossier tells another replaces what it told with a lower one.
    """

    NAME: ClassVar[str] = "onderhoud.eenheidsmelding"
    VERSION: ClassVar[int] = 1

    opdracht: str
    element: str | None = None
    soort: str | None = None
    specificatie: str | None = None
    begin: Instant
    gereed: Instant | None = None
    vervallen: bool = False
    elementen: tuple[str, ...] = ()
    reeks: int = 0


class Eenheidsantwoord(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Derived: the unit answers an order: `herhaald_door` is the key of a new or guarantee order for the same element
    within 90 days after it was ready, None when that no longer stands; `termijn_om` from when on none can come, None
    while the order is not ready. `reeks` as of an Eenheidsmelding."""

    NAME: ClassVar[str] = "onderhoud.eenheidsantwoord"
    VERSION: ClassVar[int] = 1

    eenheid: str
    herhaald_door: str | None = None
    termijn_om: Instant | None = None
    reeks: int = 0


class Mutatiemelding(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Derived: an order tells the dossier of its vacancy that it exists, became ready or ended. `reeks` as of an
    Eenheidsmelding."""

    NAME: ClassVar[str] = "onderhoud.mutatiemelding"
    VERSION: ClassVar[int] = 1

    opdracht: str
    begin: Instant
    gereed: Instant | None = None
    vervallen: bool = False
    reeks: int = 0


class Onderaanneming(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Derived: a subcontractor's order tells the order above that `onderaannemer` (GLN) is a party to it (ONDERHOUD 6).

    `opdrachtgever` ordered it: it counts only when that is the contractor of the order above. `actief` False: no more.
    `reeks` as of an Eenheidsmelding.
    """

    NAME: ClassVar[str] = "onderhoud.onderaanneming"
    VERSION: ClassVar[int] = 1

    opdracht: str
    opdrachtgever: str
    onderaannemer: str
    actief: bool = True
    reeks: int = 0
