"""A partner is a profile: a TOML file that a person writes, never code (DESIGN 3).

Versions are immutable: `<folder>/<partner>/<version>.toml`. The hash of the file's canonical content travels with what
was looked up in it. The *client's* profile owns the terms of each pair.
"""

import hashlib
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from stdnum import ean, iban
from stdnum.eu import vat

from topics.documents.factuur import Periodelengte
from topics.documents.onderhoud import Eenheid, Statuscode, Statusdetail, Urgentie
from topics.profile.supplier import account_number, legal_number


class Strict(BaseModel):
    """A misspelt key is an error, never a switch that silently stays off."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _gln(value: str) -> str:
    if len(value) != 13 or not ean.is_valid(value):
        raise ValueError(f"found {value!r}, expected a GLN of 13 digits with a right check digit")
    return value


Gln = Annotated[str, AfterValidator(_gln)]


class Codering(Strict):
    """One of the partner's own status words: what it means in DICO's codes, with an example from its practice."""

    code: Statuscode
    detail: Statusdetail | None = None
    voorbeeld: str = Field(min_length=1)


class Overstroming(Strict):
    """When a partner floods (DESIGN 7): over the last `venster` messages at least `aandeel` dead letters, or
    `achtereen` in a row. Counted only from `minimaal` messages on."""

    venster: int = Field(default=200, ge=10)
    minimaal: int = Field(default=50, ge=1)
    aandeel: Decimal = Field(default=Decimal("0.5"), gt=0, le=1)
    achtereen: int = Field(default=50, ge=2)


class KalenderTermen(Strict):
    """The contract's calendar. Every free day is listed: 5 May, Good Friday and bouwvak are explicit or working days."""

    werkdagen: tuple[Annotated[int, Field(ge=0, le=6)], ...] = (0, 1, 2, 3, 4)
    vrije_dagen: tuple[date, ...] = ()
    begin: time = time(8, 0)
    eind: time = time(16, 30)


class NormTermen(Strict):
    """A norm of the pair. `soort` (INS, MUT, REP) and `urgentie` narrow it; the narrowest that fits holds."""

    maat: str
    waarde: Decimal = Field(gt=0)
    eenheid: Eenheid = Eenheid.WERKDAGEN
    soort: str | None = None
    urgentie: Urgentie | None = None
    waarschuwen: Decimal | None = Field(default=None, gt=0, lt=1)


def _iban(value: str) -> str:
    number = account_number(value)
    if not iban.is_valid(number):
        raise ValueError(f"found {value!r}, expected an IBAN with right check digits")
    return number


def _vat_number(value: str) -> str:
    number = legal_number(value)
    if number is None or not vat.is_valid(number):
        raise ValueError(f"found {value!r}, expected a VAT number with its country, as NL001234567B01")
    return number


Iban = Annotated[str, AfterValidator(_iban)]
Btwnummer = Annotated[str, AfterValidator(_vat_number)]
Kvknummer = Annotated[str, Field(pattern=r"^[0-9]{8}$")]
Euro = Annotated[Decimal, Field(ge=0, decimal_places=2)]


class Prijs(Strict):
    """A line of the pair's price book: euro excluding VAT per unit of a price code, on the days that it holds."""

    code: str = Field(min_length=1)
    prijs: Decimal = Field(ge=0, decimal_places=4)
    geldig_vanaf: date | None = None
    geldig_tot: date | None = None


class AfkoopTermen(Strict):
    """What a contract is bought off for: euro excluding VAT per period. Periods are whole ones, counted from geldig_vanaf."""

    contract: str
    bedrag: Euro
    periode: Periodelengte
    geldig_vanaf: date
    geldig_tot: date


class Rechtspersoon(Strict):
    """A legal entity by its KvK number and the VAT number that it has; without: it has none."""

    kvk: Kvknummer
    btw: Btwnummer | None = None


class FactuurTermen(Strict):
    """What a pair agreed about invoices (ONDERHOUD 5).

    btw_nummers, kvk_nummers: legal entities that invoice for this aannemer; entiteiten: which of those numbers are
    of one, where there are several; ibans, g_ibans: the accounts that the client
    knows of them. prijsboek: agreed prices. tolerantie in euro per order, tolerantie_percentage of what is agreed: the
    larger is let pass. regieplafond: ceiling in euro of an order in REG that names none. afkoop: what contracts
    are bought off for. betaaltermijn_dagen: at most 30, from a large to a small firm (art. 6:119a lid 6 BW), at
    most 60 when they are wederzijds_groot: no small or medium firm is to be paid. g_regel:
    whether the G-account's part follows the labour or everything. eigenbouwer: reverse charge is usual.
    """

    btw_nummers: tuple[Btwnummer, ...] = ()
    kvk_nummers: tuple[Kvknummer, ...] = ()
    entiteiten: tuple[Rechtspersoon, ...] = ()
    ibans: tuple[Iban, ...] = ()
    g_ibans: tuple[Iban, ...] = ()
    prijsboek: tuple[Prijs, ...] = ()
    tolerantie: Euro = Decimal(0)
    tolerantie_percentage: Decimal = Field(default=Decimal(0), ge=0, le=100)
    regieplafond: Euro | None = None
    afkoop: tuple[AfkoopTermen, ...] = ()
    betaaltermijn_dagen: int = Field(default=30, ge=1, le=60)
    wederzijds_groot: bool = False
    g_regel: Literal["arbeid", "evenredig"] = "arbeid"
    eigenbouwer: bool = False


class Termen(Strict):
    """The terms of one pair, owned by the client's profile; the pair is the client and `aannemer`.

    `contracten` are the contract numbers under which an order without Contractor belongs to this aannemer. `mandaat`:
    euro excluding VAT up to which extra work counts without approval. `terugdateren_uren`: a TGE that becomes known later
    than this is a finding.
    """

    aannemer: Gln
    geldig_vanaf: date
    geldig_tot: date | None = None
    contracten: tuple[str, ...] = ()
    wachttijd_uren: int = Field(default=72, ge=1)
    mandaat: Decimal | None = Field(default=None, ge=0)
    terugdateren_uren: int | None = Field(default=None, ge=0)
    kalender: KalenderTermen = KalenderTermen()
    normen: tuple[NormTermen, ...] = ()
    facturen: FactuurTermen = FactuurTermen()


class Profiel(Strict):
    """One version of one partner.

    partner: id in lower case (topic key, `ce_source`, credentials). kind: which adapter. sleutels: name of the
    credentials in the secret store (by reference, never here). mag_sturen: documents that it may send. statussen: its
    own words; a word that is not here goes to a person. dialecten: deviations from a standard that are taken from it,
    by the names that the formats give them. btw_nummers,
    kvk_nummers: its own legal entities, by which an invoice may name it as the buyer. stil_na_uren: hours without any message
    of it, at all times of the week, after which somebody should look whether its connection stopped (96: longer than a
    long weekend); 0: it is not expected to send. proef: everything of this partner runs in the proef-keten.
    """

    partner: str = Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")
    versie: int = Field(ge=1)
    geldig_vanaf: date
    naam: str
    kind: str
    gln: Gln
    gln_aliassen: tuple[Gln, ...] = ()
    btw_nummers: tuple[Btwnummer, ...] = ()
    kvk_nummers: tuple[Kvknummer, ...] = ()
    ketens: tuple[str, ...] = ("onderhoud",)
    formaten: tuple[str, ...] = Field(min_length=1)
    dialecten: tuple[str, ...] = ()
    mag_sturen: tuple[str, ...] = Field(min_length=1)
    sleutels: str | None = None
    statussen: dict[str, Codering] = {}
    urgenties: dict[str, Urgentie] = {}
    overstroming: Overstroming = Overstroming()
    stil_na_uren: int = Field(default=96, ge=0)
    termen: tuple[Termen, ...] = ()
    proef: bool = False

    def hash(self) -> str:
        """16 hex digits of the canonical content: names exactly what was looked up."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]
