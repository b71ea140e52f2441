"""Onderhoudsorder and Afspraak of VERA as far as they are mapped, as pydantic models; `schema.json` is generated from them.

Nothing is required by VERA itself, and an object may hold more than is here: that is told, not refused.
"""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, WithJsonSchema
from pydantic.alias_generators import to_camel

from adapters.formats.gathering import shape_of
from adapters.formats.modeltypes import Adres, Data, Getal, Gln, Kort, Lang, Nummer, Regeltekst, Wanneer

UTC_TIME: Final = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$"
"""How VERA writes every moment."""

KEYS: Final = frozenset({"id", "idExtern", "idGegevensbeheerder", "idOrganisatie", "idAdministratie", "code", "naam"})
"""Of any object: keys of the sender's own records and names of codes. Not mapped everywhere, and not missed then."""

MAX_ITEMS: Final = 2000
Tijdstip = Annotated[Wanneer, WithJsonSchema({"type": "string", "format": "date-time", "pattern": UTC_TIME})]


class Open(BaseModel):
    """An object of VERA. What is not mapped of it is ignored here, and found by the shapes below."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, alias_generator=to_camel)


class Referentie(Open):
    """An item of reference data."""

    code: Regeltekst | None = None
    naam: Lang | None = None


class Sleutels(Open):
    """Keys of another object. `idExtern` is the source system's, unique within `idOrganisatie`."""

    id_extern: Nummer | None = None
    id_organisatie: Kort | None = None
    code: Lang | None = None


class Contactgegeven(Open):
    waarde: Regeltekst | None = None


class Relatie(Open):
    """A person, or the party that carries out the order: then `idGegevensbeheerder` is its GLN (our agreement)."""

    id_gegevensbeheerder: Kort | None = None
    aanschrijfnaam: Regeltekst | None = None
    voornaam: Kort | None = None
    voorletters: Kort | None = None
    tussenvoegsels: Kort | None = None
    achternaam: Regeltekst | None = None
    contactgegevens: Annotated[list[Contactgegeven], Field(max_length=20)] | None = None


class Woonplaats(Open):
    naam: Kort | None = None


class Eenheidadres(Open):
    straatnaam: Kort | None = None
    huisnummer: Kort | None = None
    huisletter: Kort | None = None
    huisnummer_toevoeging: Kort | None = None
    postcode: Kort | None = None
    woonplaats: Woonplaats | None = None


Relaties = Annotated[list[Relatie], Field(max_length=20)]


class Tijdvak(Open):
    """What an appointment inside an order and one on its own share."""

    onderwerp: Lang | None = None
    status: Referentie | None = None
    begindatum: Tijdstip | None = None
    einddatum: Tijdstip | None = None
    bloktijd_begin: Tijdstip | None = None
    bloktijd_eind: Tijdstip | None = None
    relaties: Relaties | None = None


class Orderafspraak(Tijdvak):
    locatie: Eenheidadres | None = None


class Defect(Open):
    """`code` that is the code of a task: the defect that the task is about (our agreement)."""

    code: Kort | None = None
    omschrijving: Lang | None = None
    soort: Referentie | None = None
    melddatum: Tijdstip | None = None
    bouwkundig_element: Sleutels | None = None
    cluster: Sleutels | None = None
    eenheid: Sleutels | None = None
    locatie: Referentie | None = None
    oorzaak: Referentie | None = None
    relaties: Relaties | None = None


class Standaardprijs(Open):
    code: Nummer | None = None
    omschrijving: Regeltekst | None = None
    aantal: Getal | None = None
    bedrag: Getal | None = None
    meeteenheid: Referentie | None = None


class Voorcalculatie(Open):
    omschrijving: Regeltekst | None = None
    aantal: Getal | None = None
    meeteenheid: Referentie | None = None
    standaardprijs: Standaardprijs | None = None


class Taak(Open):
    code: Kort | None = None
    omschrijving: Lang | None = None
    status: Referentie | None = None
    detail_status: Referentie | None = None
    voorcalculaties: Annotated[list[Voorcalculatie], Field(max_length=MAX_ITEMS)] | None = None


class Informatieobject(Open):
    bestand: Data | None = None
    bestandslocatie: Adres | None = None
    bestandsnaam: Adres | None = None
    formaat: Referentie | None = None


class Attribuut(Open):
    naam: Kort
    waarde: Kort


class Bericht(Open):
    """What a message has beside its object: attributes that VERA itself does not have, and documents."""

    extra_attributen: Annotated[list[Attribuut], Field(max_length=100)] | None = Field(default=None, alias="extra-attributen")  # fmt: skip
    informatieobjecten: Annotated[list[Informatieobject], Field(max_length=200)] | None = None
    id_extern: Nummer | None = None
    code: Nummer | None = None


class Order(Bericht):
    """`idOrganisatie` is the GLN of who gives the order (our agreement); `code` its number, else `idExtern`."""

    id_organisatie: Gln
    onderhoud_soort: Referentie | None = None
    omschrijving: Lang | None = None
    bovenliggende_order: Sleutels | None = None
    status: Referentie | None = None
    begindatum: Tijdstip | None = None
    einddatum: Tijdstip | None = None
    technisch_gereeddatum: Tijdstip | None = None
    financieel_gereeddatum: Tijdstip | None = None
    uiterste_gereeddatum: Tijdstip | None = None
    opdrachtdatum: Tijdstip | None = None
    afrekenwijze: Referentie | None = None
    afspraken: Annotated[list[Orderafspraak], Field(max_length=200)] | None = None
    btw_verlegd: bool | None = None
    defecten: Annotated[list[Defect], Field(max_length=MAX_ITEMS)] | None = None
    onderhoudstaken: Annotated[list[Taak], Field(max_length=MAX_ITEMS)] | None = None
    overeenkomst: Sleutels | None = None
    relaties: Relaties | None = None


class OrderVanAfspraak(Open):
    id_organisatie: Gln
    id_extern: Nummer | None = None
    code: Nummer | None = None


class Afspraak(Tijdvak, Bericht):
    onderhoudsorder: OrderVanAfspraak
    adres: Eenheidadres | None = None


ORDER_SHAPE: Final = shape_of(Order, KEYS)
AFSPRAAK_SHAPE: Final = shape_of(Afspraak, KEYS)


def json_schema() -> dict[str, object]:
    """JSON Schema of one object or a list of objects; what schema.json holds."""
    one = Order | Afspraak
    made: dict[str, object] = TypeAdapter(one | list[one]).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "VERA 4, zover in kaart", **made}
