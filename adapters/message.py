"""What a format makes of a partner's bytes, before the partner's words are mapped and look-ups are done.

A format knows the standard, not the partner: codes are as sent, GLNs are as sent. The adapter maps both by the profile
and turns a `Bericht` into a canonical document. Personal data is already apart, by its path in the canonical document.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec

from topics.documents import Bevinding, Moment, Reden
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurstap, Factuurtoeslag
from topics.documents.onderhoud import (
    Bijlage,
    Bovenliggend,
    Locatie,
    Mutatiestap,
    Offertestap,
    Regel,
    Slot,
    Urgentie,
)


class Soort(StrEnum):
    """What a message is about."""

    OPDRACHT = "opdracht"
    STATUS = "status"
    PLANNING = "planning"
    OFFERTE = "offerte"
    MUTATIE = "mutatie"
    FACTUUR = "factuur"
    FACTUURSTATUS = "factuurstatus"


class OpdrachtInhoud(msgspec.Struct, frozen=True, kw_only=True):
    """The order itself, as sent. Fields as in topics.documents.onderhoud.Opdracht."""

    datum: Moment | None = None
    soort: str | None = None
    afspraak: str | None = None
    specificatie: str | None = None
    urgentie: Urgentie | None = None
    contract: str | None = None
    contractdatum: date | None = None
    btw_verlegd: bool | None = None
    gemeld_op: Moment | None = None
    gereed_uiterlijk: Moment | None = None
    uitvoeren_vanaf: Moment | None = None
    uitvoeren_tot: Moment | None = None
    locatie: Locatie | None = None
    regels: tuple[Regel, ...] = ()
    mutatie: str | None = None
    leegstand_vanaf: date | None = None
    bovenliggend: Bovenliggend | None = None


class StatusInhoud(msgspec.Struct, frozen=True, kw_only=True):
    """A status in the partner's own word (`eigen`) and own detail word, not yet mapped. `bedrag` in euro;
    `gereed_gevraagd` of one that asks for a longer term."""

    eigen: str
    gebeurd: Moment
    eigen_detail: str | None = None
    bedrag: Decimal | None = None
    gereed_gevraagd: Moment | None = None


class PlanningInhoud(msgspec.Struct, frozen=True, kw_only=True):
    gebeurd: Moment
    sloten: tuple[Slot, ...]


class OfferteInhoud(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a quotation. `bedrag` in euro excluding VAT."""

    offertenummer: str
    stap: Offertestap
    gebeurd: Moment
    bedrag: Decimal | None = None
    reden: str | None = None


class MutatieInhoud(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a vacancy, named by its number or by unit and first day."""

    stap: Mutatiestap
    gebeurd: Moment
    eenheid: str | None = None
    mutatie: str | None = None
    leegstand_vanaf: date | None = None


class FactuurInhoud(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice or credit note, amounts signed (a credit is negative). Fields as in topics.documents.factuur.Factuur.

    btw_nummer, kvk_nummer: of the supplier, as sent. koper: identifiers of the buyer beside a GLN, as (scheme, value):
    `kvk`, `btw`, `oin`, `gln`. iban, g_iban: the accounts asked for, as sent. Lines have no agreed price yet.
    toeslag_totaal, btw_totaal: the sum of the charges and of the VAT, where the message states it. btw_verlegd: what the
    message says of itself as a whole. ketenaansprakelijk: the supplier's chain liability, so a G-account is expected.
    """

    factuurnummer: str
    factuurdatum: date
    te_betalen: Decimal
    netto: Decimal
    btw_nummer: str | None = None
    kvk_nummer: str | None = None
    koper: tuple[tuple[str, str], ...] = ()
    typecode: str = "380"
    munt: str = "EUR"
    regels: tuple[Factuurregel, ...] = ()
    toeslagen: tuple[Factuurtoeslag, ...] = ()
    btw: tuple[Btwbedrag, ...] = ()
    afronding: Decimal = Decimal(0)
    vooruitbetaald: Decimal = Decimal(0)
    toeslag_totaal: Decimal | None = None
    btw_totaal: Decimal | None = None
    btw_verlegd: bool | None = None
    iban: str | None = None
    g_iban: str | None = None
    g_bedrag: Decimal | None = None
    ketenaansprakelijk: bool | None = None
    verwijst_naar: str | None = None
    contract: str | None = None
    periode_van: date | None = None
    periode_tot: date | None = None
    leverdatum: date | None = None
    vervaldatum: date | None = None


class FactuurstatusInhoud(msgspec.Struct, frozen=True, kw_only=True):
    """A step of an invoice that was sent earlier, named by the supplier's VAT or KvK number (as sent) and its number.
    `bedrag` in euro including VAT."""

    leverancier: str
    factuurnummer: str
    stap: Factuurstap
    gebeurd: Moment
    bedrag: Decimal | None = None


Inhoud = (
    OpdrachtInhoud | StatusInhoud | PlanningInhoud | OfferteInhoud | MutatieInhoud | FactuurInhoud | FactuurstatusInhoud
)


class Bericht(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a partner. `opdrachtgever`, `aannemer`: GLN as sent; `proef`: the partner's own test flag.

    `opdrachtnummer` is empty of a mutatie, and of an invoice or a step of one that names no single order; `opdrachtgever`
    is empty of an invoice that names its buyer by other numbers only (`FactuurInhoud.koper`). `blobs`: content of
    attachments that came inside the message, by the reference in their `Bijlage.blob`.
    personen: personal data by canonical path (`locatie.naam`, `locatie.straat`, `tekst`, `regel.1.tekst`, …).
    """

    soort: Soort
    berichtnummer: str
    opdrachtnummer: str
    opdrachtgever: str
    inhoud: Inhoud
    aannemer: str | None = None
    gelieerd: str | None = None
    subnummer: str | None = None
    verzonden: Moment | None = None
    proef: bool = False
    bijlagen: tuple[Bijlage, ...] = ()
    personen: dict[str, str] = msgspec.field(default_factory=dict)
    blobs: dict[str, bytes] = msgspec.field(default_factory=dict)


class Factuursleutel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What names the dossier of an invoice, as sent. `leverancier`: its VAT number, else its KvK number."""

    opdrachtgever: str
    leverancier: str
    factuurnummer: str
    koper: tuple[tuple[str, str], ...] = ()
    proef: bool = False


class Deel(msgspec.Struct, frozen=True, kw_only=True):
    """One part of what was sent: a message, or the reason why it is none. Warnings may go along with a message.

    dialecten: deviations from the standard that it took to read it, by name; each also has its warning. Whether they
    are taken from this sender is in its profile.
    """

    bericht: Bericht | None = None
    reden: Reden | None = None
    bevindingen: tuple[Bevinding, ...] = ()
    sleutel: tuple[str, str] | Factuursleutel | None = None
    """(GLN of the opdrachtgever, order number) as sent, or those of an invoice, where a refused part still shows them."""
    dialecten: tuple[str, ...] = ()


class Gelezen(msgspec.Struct, frozen=True, kw_only=True):
    """What a format read: `document` is the standard's own name of the message. At least one part."""

    formaat: str
    versie: str
    document: str
    delen: tuple[Deel, ...]
