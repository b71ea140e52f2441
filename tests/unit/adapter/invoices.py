"""Invoices and steps of them as a format would have read them, and what the mapping makes of them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec

from adapters.adapter.mapping import Mapping
from adapters.adapter.outcome import Geweigerd, Toegelaten
from adapters.kinds import KINDS
from adapters.message import Bericht, Deel, FactuurInhoud, FactuurstatusInhoud, Soort
from tests.unit.adapter.messages import LINDE
from topics.documents import Moment
from topics.documents.factuur import Btwbedrag, Factuur, Factuurregel, Factuurstap
from topics.profile.registry import Registry

Change = Callable[[str, str, str], Registry]
D = Decimal
RECEIVED = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
KOBALT_BTW, KOBALT_KVK, KOBALT_IBAN = "NL879999007B01", "99000116", "NL51KTNB0990000001"
SPANWERK_BTW, MERIDIAAN_BTW = "NL879999043B01", "NL879999020B01"
INVOICE = FactuurInhoud(
    factuurnummer=" f 2026/17 ",
    factuurdatum=date(2026, 5, 4),
    btw_nummer="nl8799.99.007.b01",
    kvk_nummer=KOBALT_KVK,
    iban="NL51 KTNB 0990 0000 01",
    regels=(
        Factuurregel(nummer="1", bedrag=D("91.00"), btw_categorie="S", btw_percentage=D(21), prijscode="PB-001"),
        Factuurregel(nummer="2", bedrag=D("9.00"), btw_categorie="S", btw_percentage=D(21), opdrachtnummer=" in 2 "),
    ),
    btw=(Btwbedrag(categorie="S", percentage=D(21), grondslag=D("100.00"), bedrag=D("21.00")),),
    netto=D("100.00"),
    te_betalen=D("121.00"),
)
BERICHT = Bericht(
    soort=Soort.FACTUUR,
    berichtnummer="F-1",
    opdrachtnummer="in 001",
    subnummer="3",
    opdrachtgever=LINDE,
    inhoud=INVOICE,
    personen={"regel.1.omschrijving": "Kraan bij Veenstra"},
)
STEP = FactuurstatusInhoud(
    leverancier="NL 8799.99.007.B01",
    factuurnummer="F2026/17",
    stap=Factuurstap.BETAALD,
    gebeurd=Moment(datetime(2026, 5, 20, tzinfo=UTC)),
    bedrag=D("121.00"),
)
KEY = f"onderhoud/factuur/{KOBALT_BTW}/F2026%2F17"


def invoice(**fields: object) -> Bericht:
    """The message with `fields` of its content, or of itself, changed."""
    own = {name: fields.pop(name) for name in list(fields) if name in Bericht.__struct_fields__}
    inhoud = msgspec.structs.replace(INVOICE, **fields)
    return msgspec.structs.replace(BERICHT, inhoud=inhoud, **own)


def step(stap: Factuurstap = Factuurstap.BETAALD, **own: object) -> Bericht:
    message = Bericht(
        soort=Soort.FACTUURSTATUS,
        berichtnummer="B-1",
        opdrachtnummer="",
        opdrachtgever=LINDE,
        inhoud=msgspec.structs.replace(STEP, stap=stap),
    )
    return msgspec.structs.replace(message, **own)


def outcome(
    registry: Registry, partner: str, deel: Deel | Bericht, received: datetime = RECEIVED
) -> Toegelaten | Geweigerd:
    profile = registry.versions(partner)[-1]
    found = Deel(bericht=deel) if isinstance(deel, Bericht) else deel
    return Mapping(registry, KINDS[profile.kind], profile, received).part(found)


def admitted(registry: Registry, partner: str, bericht: Bericht, received: datetime = RECEIVED) -> Toegelaten:
    found = outcome(registry, partner, bericht, received)
    assert isinstance(found, Toegelaten), found
    return found


def factuur(registry: Registry, bericht: Bericht, partner: str = "kobalt-noord") -> Factuur:
    document = admitted(registry, partner, bericht).document
    assert isinstance(document, Factuur)
    return document


def codes(found: Toegelaten | Geweigerd) -> list[str]:
    return [finding.code for finding in found.bevindingen]
