"""The plain JSON form as pydantic models: strict, every field known, Dutch names as in topics.documents.onderhoud.

`schema.json` beside this file is generated from these models. Numbers may be JSON numbers or strings and are read as
Decimal; times are RFC 3339, the same without zone (then Europe/Amsterdam), or a date.
"""

from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter

from adapters.formats.jsonhead import (
    MAX_LINES,
    Bericht,
    Bijlage,
    Datum,
    Eenheid,
    Kop,
    Strict,
    Tijdstip,
)
from adapters.formats.jsoninvoice import FactuurBericht, FactuurstatusBericht
from adapters.formats.modeltypes import Bedrag, Getal, Gln, Kort, Lang, Nummer, Regeltekst, Wanneer

Opdrachtsoort = Literal["INS", "MUT", "REP", "REN", "PLM", "PRE"]
Afspraak = Literal["AFK", "ANS", "EHP", "REG"]
Specificatie = Literal["GAR", "MAO", "ORG"]
Btwcode = Literal["E", "S", "AE", "Z"]


class Contact(Strict):
    naam: Kort | None = None
    telefoon: Kort | None = None
    email: Regeltekst | None = None


class Partij(Strict):
    """Who a party is beyond its GLN; all of it personal data."""

    naam: Kort | None = None
    naam2: Kort | None = None
    straat: Kort | None = None
    huisnummer: Kort | None = None
    huisletter: Kort | None = None
    toevoeging: Kort | None = None
    plaats: Kort | None = None
    postcode: Kort | None = None
    land: Kort | None = None
    contact: list[Contact] = Field(default=[], max_length=5)


class Partijen(Strict):
    opdrachtgever: Partij | None = None
    gelieerd: Partij | None = None
    aannemer: Partij | None = None


class Locatie(Strict):
    """Where the work is. `postcode` as 6511AB, or only its four digits."""

    complex: Nummer | None = None
    pand: Nummer | None = None
    eenheid: Nummer | None = None
    bouwjaar: Annotated[int, Field(ge=1000, le=2199)] | None = None
    straat: Kort | None = None
    huisnummer: Kort | None = None
    huisletter: Kort | None = None
    toevoeging: Kort | None = None
    postcode: Kort | None = None
    plaats: Kort | None = None
    land: Kort | None = None
    naam: Kort | None = None
    naam2: Kort | None = None
    contactpersoon: Kort | None = None
    telefoon: Kort | None = None
    telefoon2: Kort | None = None
    email: Regeltekst | None = None
    email2: Regeltekst | None = None
    breedtegraad: Kort | None = None
    lengtegraad: Kort | None = None
    omschrijving: Lang | None = None


class Ledo(Strict):
    locatie: Regeltekst | None = None
    element: Regeltekst | None = None
    defect: Lang | None = None
    oorzaak: Lang | None = None


class Regel(Strict):
    """A line. `prijs` in euro excluding VAT per `prijsbasis` units of `prijseenheid`."""

    nummer: Annotated[int, Field(ge=1, lt=10**15)]
    aantal: Getal
    eenheid: Eenheid
    prijscode: Nummer | None = None
    omschrijving: Regeltekst | None = None
    toelichting: Lang | None = None
    tekst: Lang | None = None
    ledo: Ledo | None = None
    prijs: Getal | None = None
    prijsbasis: Getal | None = None
    prijseenheid: Eenheid | None = None
    prijsomschrijving: Regeltekst | None = None
    btw_code: Btwcode | None = None
    btw_percentage: Getal | None = None
    btw_grondslag: Getal | None = None


class Bovenliggend(Strict):
    """The order that a subcontractor's order carries out in part."""

    opdrachtgever: Gln
    opdrachtnummer: Nummer


class OpdrachtBericht(Kop):
    """An order, or a change of it."""

    soort: Literal["opdracht"]
    gelieerd: Gln | None = None
    partijen: Partijen | None = None
    datum: Wanneer | None = None
    opdrachtsoort: Opdrachtsoort | None = None
    afspraak: Afspraak | None = None
    specificatie: Specificatie | None = None
    urgentie: Literal["spoed", "urgent", "regulier"] | None = None
    contract: Nummer | None = None
    contractdatum: Datum | None = None
    btw_verlegd: bool | None = None
    gemeld_op: Wanneer | None = None
    gereed_uiterlijk: Wanneer | None = None
    uitvoeren_vanaf: Wanneer | None = None
    uitvoeren_tot: Wanneer | None = None
    locatie: Locatie | None = None
    regels: list[Regel] = Field(default=[], max_length=MAX_LINES)
    bijlagen: list[Bijlage] = Field(default=[], max_length=200)
    mutatie: Nummer | None = None
    leegstand_vanaf: Datum | None = None
    bovenliggend: Bovenliggend | None = None


class StatusBericht(Kop):
    """What became of an order: the sender's own word in `status`, its own detail in `detail`; the profile maps them.
    `gereed_gevraagd`: by when one who asks for a longer term (VER) wants to be ready."""

    soort: Literal["status"]
    status: Kort
    detail: Kort | None = None
    gebeurd: Wanneer
    bedrag: Bedrag | None = None
    gereed_gevraagd: Wanneer | None = None
    bijlagen: list[Bijlage] = Field(default=[], max_length=200)


class Slot(Strict):
    soort: Literal["aangeboden", "afgesproken", "verplaatst", "nagekomen", "gemist"]
    begin: Tijdstip
    eind: Tijdstip
    door: Literal["aannemer", "huurder", "opdrachtgever"] | None = None
    reden: Regeltekst | None = None
    vorig_begin: Tijdstip | None = None


class PlanningBericht(Kop):
    """Slots of time that were offered, agreed, moved, kept or missed."""

    soort: Literal["planning"]
    gebeurd: Wanneer
    sloten: list[Slot] = Field(min_length=1, max_length=200)


class OfferteBericht(Kop):
    """A step of a quotation; `bedrag` in euro excluding VAT."""

    soort: Literal["offerte"]
    offertenummer: Nummer
    stap: Literal["gevraagd", "ontvangen", "aangepast", "goedgekeurd", "afgewezen"]
    gebeurd: Wanneer
    bedrag: Bedrag | None = None
    reden: Regeltekst | None = None
    bijlagen: list[Bijlage] = Field(default=[], max_length=200)


class MutatieBericht(Bericht):
    """A step of a vacancy, named by its number (`mutatie`) or by unit and first day (`leegstand_vanaf`)."""

    soort: Literal["mutatie"]
    opdrachtgever: Gln
    stap: Literal["opgezegd", "voorinspectie", "eindinspectie", "sleutels-in", "opgeleverd", "sleutels-uit"]
    gebeurd: Wanneer
    eenheid: Nummer | None = None
    mutatie: Nummer | None = None
    leegstand_vanaf: Datum | None = None


Melding = (
    OpdrachtBericht
    | StatusBericht
    | PlanningBericht
    | OfferteBericht
    | MutatieBericht
    | FactuurBericht
    | FactuurstatusBericht
)

MODELS: Final[dict[str, type[Melding]]] = {
    "opdracht": OpdrachtBericht,
    "status": StatusBericht,
    "planning": PlanningBericht,
    "offerte": OfferteBericht,
    "mutatie": MutatieBericht,
    "factuur": FactuurBericht,
    "factuurstatus": FactuurstatusBericht,
}

_ONE = Annotated[Melding, Field(discriminator="soort")]


def json_schema() -> dict[str, object]:
    """JSON Schema of one message or a list of messages; what schema.json holds."""
    made: dict[str, object] = TypeAdapter(_ONE | list[_ONE]).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Ketenbus JSON 1", **made}
