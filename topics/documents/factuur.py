"""Documents of invoices on the log of the keten onderhoud (ONDERHOUD 5).

An invoice is a dossier of its own: it tells its parts to the dossiers of its orders (Factuurdeel), those match them and
answer (Factuurantwoord). Amounts are in euro and signed: those of a credit are negative. Line amounts exclude VAT.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import msgspec

from topics.documents.document import Document, Instant, Moment
from topics.documents.onderhoud import Bijlage, Kalender, Norm


class Kostensoort(StrEnum):
    """What a line is for: the G-account's part follows the labour."""

    ARBEID = "arbeid"
    MATERIAAL = "materiaal"


class Factuurregel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A line of an invoice. `bedrag`: its net total excluding VAT, its own charges and allowances included.

    `opdrachtnummer`, `subnummer`: the order it is for (that of the whole invoice where the line names none); a line of a
    periodic invoice has none. `prijs` in euro per `prijsbasis` units. `prijsaantal` and `prijseenheid`: what the price is
    counted in, where that is something else than `aantal` and `eenheid` (4 pieces together 16.8 metres). `toeslag`: the
    line's own charges less its allowances, in `bedrag`. `afgesproken`: the price per unit in the pair's price book on the
    day of the invoice, the answer to a look-up; None when the book does not have the code. `meerwerk`: the line says that
    it is extra work.
    """

    nummer: str
    bedrag: Decimal
    btw_categorie: str
    btw_percentage: Decimal
    opdrachtnummer: str | None = None
    subnummer: str | None = None
    prijscode: str | None = None
    aantal: Decimal | None = None
    eenheid: str | None = None
    prijs: Decimal | None = None
    prijsbasis: Decimal | None = None
    prijseenheid: str | None = None
    prijsaantal: Decimal | None = None
    toeslag: Decimal = Decimal(0)
    soort: Kostensoort | None = None
    meerwerk: bool = False
    afgesproken: Decimal | None = None


class Factuurtoeslag(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A charge on the whole invoice (negative: an allowance), excluding VAT; `reden` is a code. Its orders are asked it as
    part of the lines of its VAT category and rate (Deelregel)."""

    bedrag: Decimal
    btw_categorie: str
    btw_percentage: Decimal
    reden: str | None = None


class Btwbedrag(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """VAT of one category and rate, as the invoice says: the base and the tax on it."""

    categorie: str
    percentage: Decimal
    grondslag: Decimal
    bedrag: Decimal


class Periodelengte(StrEnum):
    """How long a period of a contract is that is bought off."""

    MAAND = "maand"
    KWARTAAL = "kwartaal"
    JAAR = "jaar"


class Afkoop(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a contract is bought off for: euro excluding VAT per period. Periods are whole ones of the length `periode`,
    counted from `geldig_vanaf`, up to and including `geldig_tot`."""

    bedrag: Decimal
    periode: Periodelengte
    geldig_vanaf: date
    geldig_tot: date


class Factuurvoorwaarden(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Terms of the pair on the day of receipt, carried in the event. `profiel`: hash of the client's profile version.

    `tolerantie` (euro per part) and `tolerantie_percentage` (of what is agreed): the larger of the two is let pass.
    `regieplafond`: ceiling of an order in REG that names none. `afkoop`: what the contract that the invoice names
    is bought off for. `betaaltermijn_dagen`: calendar days from receipt to paid. `g_loon`: the part of the G-account
    follows the released labour, else everything pro rata. `eigenbouwer`: reverse charge is usual. `wachttijd_uren`: how
    long an invoice may wait for its order.
    """

    profiel: str
    kalender: Kalender
    normen: tuple[Norm, ...] = ()
    wachttijd_uren: int = 72
    betaaltermijn_dagen: int = 30
    tolerantie: Decimal = Decimal(0)
    tolerantie_percentage: Decimal = Decimal(0)
    regieplafond: Decimal | None = None
    afkoop: Afkoop | None = None
    g_loon: bool = True
    eigenbouwer: bool = False


class Factuur(Document, frozen=True, kw_only=True, omit_defaults=True):
    """An invoice or credit note, on its own dossier (`keys.invoice_key` of `leverancier` and `factuurnummer`).

    `leverancier`: the VAT or KvK number, normalised, that stands for the supplier's legal entity in the client's terms,
    whichever the invoice names; the one it names when they know neither. `aannemer`: GLN of the contractor to whom that
    entity belongs in those terms; else that of the sender, with `leverancier_bekend` False. `typecode`: 380,
    381, 384 or 389 (UNTDID 1001); it is a credit when `te_betalen` is negative. `netto`: sum of the lines. `te_betalen`
    includes VAT, `afronding` and less `vooruitbetaald`. `iban_bekend`: whether the account that is asked for is one that
    the client knows of this supplier; an invoice for which it is False is never released. `g_bedrag`: the part of
    `te_betalen` for the G-account. `verwijst_naar`: number of the invoice that a credit or correction is about.
    `contract` and `periode_van`, `periode_tot`: of a periodic invoice (AFK).
    """

    NAME: ClassVar[str] = "onderhoud.factuur"
    VERSION: ClassVar[int] = 1

    berichtnummer: str
    afzender: str
    opdrachtgever: str
    aannemer: str
    leverancier: str
    factuurnummer: str
    factuurdatum: date
    te_betalen: Decimal
    netto: Decimal
    iban_bekend: bool
    voorwaarden: Factuurvoorwaarden
    leverancier_bekend: bool = True
    typecode: str = "380"
    munt: str = "EUR"
    regels: tuple[Factuurregel, ...] = ()
    toeslagen: tuple[Factuurtoeslag, ...] = ()
    btw: tuple[Btwbedrag, ...] = ()
    afronding: Decimal = Decimal(0)
    vooruitbetaald: Decimal = Decimal(0)
    g_bedrag: Decimal | None = None
    g_iban_bekend: bool | None = None
    verwijst_naar: str | None = None
    contract: str | None = None
    periode_van: date | None = None
    periode_tot: date | None = None
    leverdatum: date | None = None
    vervaldatum: date | None = None
    bijlagen: tuple[Bijlage, ...] = ()
    persoon: str | None = None


class Factuurstap(StrEnum):
    """What is said of an invoice afterwards: by the opdrachtgever's ERP (betaalbaar-gesteld, betaald), by the
    opdrachtgever of what is disputed (geaccepteerd: it pays after all), by the supplier of what is disputed (ingetrokken:
    it claims it no more)."""

    BETAALBAAR_GESTELD = "betaalbaar-gesteld"
    BETAALD = "betaald"
    GEACCEPTEERD = "geaccepteerd"
    INGETROKKEN = "ingetrokken"


class Factuurstatus(Document, frozen=True, kw_only=True, omit_defaults=True):
    """One step of an invoice. `bedrag` in euro including VAT. `opdrachtnummer`: what is disputed of that order only, else
    of the whole invoice. `wachttijd_uren` as of a status."""

    NAME: ClassVar[str] = "onderhoud.factuurstatus"
    VERSION: ClassVar[int] = 1

    berichtnummer: str
    afzender: str
    opdrachtgever: str
    leverancier: str
    factuurnummer: str
    stap: Factuurstap
    gebeurd: Moment
    bedrag: Decimal | None = None
    opdrachtnummer: str | None = None
    wachttijd_uren: int | None = None
    persoon: str | None = None


class Deelregel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A line as the order needs it. `aantal` and `prijs` are in the same unit, `eenheid`; `prijs` per one of it.

    `bedrag`: effective euro excluding VAT: the line's net total, and pro rata what the whole invoice charges less allows in
    its VAT category and rate; so it may come to more than `aantal` times `prijs`. All amounts that follow from it are so.
    `geaccepteerd`: euro of what was disputed that the opdrachtgever pays after all; `ingetrokken`: that the supplier
    claims no more. Both are beside what the order releases.
    """

    nummer: str
    bedrag: Decimal
    subnummer: str | None = None
    prijscode: str | None = None
    aantal: Decimal | None = None
    prijs: Decimal | None = None
    eenheid: str | None = None
    afgesproken: Decimal | None = None
    meerwerk: bool = False
    geaccepteerd: Decimal = Decimal(0)
    ingetrokken: Decimal = Decimal(0)


class Factuurdeel(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Derived: an invoice tells an order (or a contract) the lines that are for it, in the order of the invoice.

    `factuur`: the teller's key; `leverancier` and `aannemer`: who asks, as of a Factuur; `te_betalen`: of the whole one. `ontvangen`:
    when the bus had it. `typecode` as of a Factuur. `beoordeeld`: a person decided that it is no double. `ingetrokken`: nothing is asked any more.
    `reeks` as of an Eenheidsmelding.
    """

    NAME: ClassVar[str] = "onderhoud.factuurdeel"
    VERSION: ClassVar[int] = 1

    factuur: str
    factuurnummer: str
    leverancier: str
    aannemer: str
    opdrachtgever: str
    factuurdatum: date
    ontvangen: Instant
    te_betalen: Decimal
    leverancier_bekend: bool = True
    iban_bekend: bool = True
    regels: tuple[Deelregel, ...] = ()
    verwijst_naar: str | None = None
    tolerantie: Decimal = Decimal(0)
    tolerantie_percentage: Decimal = Decimal(0)
    regieplafond: Decimal | None = None
    afkoop: Afkoop | None = None
    periode_van: date | None = None
    periode_tot: date | None = None
    beoordeeld: bool = False
    ingetrokken: bool = False
    typecode: str = "380"
    reeks: int = 0


class Deeloordeel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What an order says of one line: `vrij` of its (effective) amount is released, `verrekend` was disputed and taken back
    by a credit (of a credit: negative, by which it took something disputed back), the rest is disputed for `reden`."""

    nummer: str
    vrij: Decimal
    reden: str = ""
    verrekend: Decimal = Decimal(0)


class Factuurantwoord(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Derived: an order (or a contract) answers an invoice. `van`: the key of the one that answers.

    `bekend` False: the order is not there (yet). `dubbel`: the key of an invoice of the same supplier, amount, order and
    date under another number. `btw_verlegd`: the order's own indicator. `reeks` as of an Eenheidsmelding.
    """

    NAME: ClassVar[str] = "onderhoud.factuurantwoord"
    VERSION: ClassVar[int] = 1

    van: str
    bekend: bool = True
    regels: tuple[Deeloordeel, ...] = ()
    dubbel: str | None = None
    btw_verlegd: bool | None = None
    reeks: int = 0


class Factuurafronding(Document, frozen=True, kw_only=True, omit_defaults=True):
    """Derived: an invoice tells its orders when it was wholly settled; None when it is so no more. It is never answered.
    `reeks` as of an Eenheidsmelding."""

    NAME: ClassVar[str] = "onderhoud.factuurafronding"
    VERSION: ClassVar[int] = 1

    factuur: str
    afgerond: Instant | None = None
    reeks: int = 0
