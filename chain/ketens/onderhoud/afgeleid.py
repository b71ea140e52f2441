"""Derived events: what a dossier tells another of the same log, and how it takes what it hears (DESIGN 5). Pure.

    opdracht  → eenheid    Eenheidsmelding     eenheid  → opdracht   Eenheidsantwoord
    opdracht  → mutatie    Mutatiemelding
    opdracht  → opdracht   Onderaanneming, to the order above
    factuur   → opdracht, contract   Factuurdeel; Factuurafronding, which is never answered
    opdracht, contract → factuur     Factuurantwoord

An order tells what follows from its facts, and what it hears is no fact: so no answer ever causes another question.
A dossier tells only what differs from what it last told, under its own `reeks`; what it hears with a `reeks` that it
has heard already changes nothing. So an event that is written twice, or a rebuild, does no harm.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from chain.kalender import micros, moment
from chain.ketens.onderhoud.conclusie import Conclusie
from chain.ketens.onderhoud.factuurdeel import (
    FACTUURDELEN,
    Factuurdeeldocument,
    document_van,
    gehoord_van,
    ingetrokken,
)
from chain.ketens.onderhoud.feiten import ANN, WEI, Verband, evidence_of
from chain.ketens.onderhoud.staat import (
    Antwoord,
    Deelantwoord,
    Deelvraag,
    Dossierstaat,
    Melding,
    Onderaannemer,
    Rondmelding,
    Verteld,
)
from topics import keys
from topics.documents import Document
from topics.documents.onderhoud import (
    Eenheidsantwoord,
    Eenheidsmelding,
    Mutatiemelding,
    Onderaanneming,
    Opdracht,
)
from topics.envelope import Envelope

EENHEID: Final = "eenheid"
MUTATIE: Final = "mutatie"
OPDRACHT: Final = "opdracht"
FACTUUR: Final = "factuur"
CONTRACT: Final = "contract"
"""Kinds of dossier, as keys name them."""

AfgeleidDocument = Eenheidsmelding | Eenheidsantwoord | Mutatiemelding | Onderaanneming | Factuurdeeldocument
AFGELEID: Final = (Eenheidsmelding, Eenheidsantwoord, Mutatiemelding, Onderaanneming, *FACTUURDELEN)

_GEEN_INHOUD: Final = bytes(16)


class Afgeleid(NamedTuple):
    """An event for the dossier `sleutel`."""

    sleutel: str
    document: Document


def verband_van(keten: str, document: Opdracht) -> Verband | None:
    """The other dossiers that an order names; None when it names none. A number that yields no key names none."""
    place, above, client = document.locatie, document.bovenliggend, document.opdrachtgever
    unit = place.eenheid if place is not None else None
    if unit is None and document.mutatie is None and above is None:
        return None
    elements = {line.ledo.element for line in document.regels if line.ledo is not None and line.ledo.element}
    return Verband(
        _unit(keten, client, unit),
        _vacancy(keten, client, document, unit),
        "" if above is None else _order(keten, above.opdrachtgever, above.opdrachtnummer),
        tuple(sorted(elements)),
        document.specificatie,
    )


def te_vertellen(staat: Dossierstaat, found: Conclusie) -> tuple[Verteld, ...]:
    """What an order has to tell, from its facts alone."""
    versie = found.versie
    verband = versie.verband
    if verband is None:
        return ()
    lapsed = found.einde is not None and found.einde.rang in (WEI, ANN)
    ready = None if found.gereed is None else found.gereed.moment
    told: list[Verteld] = []
    if verband.eenheid:
        told.append(
            Melding(verband.eenheid, found.t0, ready, lapsed, verband.elementen, versie.soort, verband.specificatie)
        )
    if verband.mutatie:
        told.append(Melding(verband.mutatie, found.t0, ready, lapsed))
    if verband.boven:
        client, contractor = staat.partijen[versie.opdrachtgever].gln, staat.partijen[versie.aannemer].gln
        told.append(Onderaannemer(verband.boven, client, contractor, not lapsed))
    return tuple(told)


def vertel(
    sleutel: str, reeks: int, verteld: Sequence[Verteld], gewenst: tuple[Verteld, ...]
) -> tuple[tuple[Verteld, ...], list[Afgeleid]]:
    """What stands as told from now on, and the events that say what differs from `verteld`.

    What is no longer to be told is withdrawn. `sleutel` and `reeks` are the teller's.
    """
    if gewenst == verteld:
        return gewenst, []
    former = {(type(item), item.sleutel): item for item in verteld}
    events = []
    for item in gewenst:
        if former.pop((type(item), item.sleutel), None) != item:
            events.append(Afgeleid(item.sleutel, _document(item, sleutel, reeks)))
    events += [Afgeleid(gone.sleutel, _document(_withdrawn(gone), sleutel, reeks)) for gone in former.values()]
    return gewenst, events


def horen(staat: Dossierstaat, envelope: Envelope, document: AfgeleidDocument) -> tuple[Verteld, ...] | None:
    """What the dossier has heard, with `document`; None when that says nothing new."""
    new = _heard(envelope, document)
    kept = []
    for item in staat.gehoord:
        if type(item) is not type(new) or item.sleutel != new.sleutel:
            kept.append(item)
        elif item.reeks >= new.reeks:
            return None
    # by key, so that what is kept does not depend on who told first
    return tuple(sorted((*kept, new), key=lambda item: (item.sleutel, type(item).__name__)))


def onderaannemers(staat: Dossierstaat) -> list[str]:
    """GLNs that an order heard of as subcontractors of one of its aannemers (ONDERHOUD 6)."""
    if not staat.gehoord:
        return []
    contractors = {staat.partijen[feit.versie.aannemer].gln for feit in staat.feiten if feit.versie is not None}
    return [
        item.onderaannemer
        for item in staat.gehoord
        if isinstance(item, Onderaannemer) and item.actief and item.opdrachtgever in contractors
    ]


def _heard(envelope: Envelope, document: AfgeleidDocument) -> Verteld:
    if isinstance(document, FACTUURDELEN):
        return gehoord_van(document, micros(envelope.recorded_time), evidence_of(envelope) + _GEEN_INHOUD)
    if isinstance(document, Eenheidsantwoord):
        until = None if document.termijn_om is None else micros(document.termijn_om)
        return Antwoord(document.eenheid, document.herhaald_door, until, document.reeks)
    if isinstance(document, Onderaanneming):
        return Onderaannemer(
            document.opdracht, document.opdrachtgever, document.onderaannemer, document.actief, document.reeks
        )
    ready = None if document.gereed is None else micros(document.gereed)
    known = micros(envelope.recorded_time)
    if isinstance(document, Mutatiemelding):
        return Melding(
            document.opdracht,
            micros(document.begin),
            ready,
            document.vervallen,
            reeks=document.reeks,
            bekend=known,
            bewijs=evidence_of(envelope) + _GEEN_INHOUD,
        )
    return Melding(
        document.opdracht,
        micros(document.begin),
        ready,
        document.vervallen,
        document.elementen,
        document.soort,
        document.specificatie,
        document.reeks,
        known,
    )


def _document(item: Verteld, sleutel: str, reeks: int) -> Document:
    if isinstance(item, (Deelvraag, Deelantwoord, Rondmelding)):
        return document_van(item, sleutel, reeks)
    if isinstance(item, Antwoord):
        until = None if item.termijn is None else moment(item.termijn)
        return Eenheidsantwoord(eenheid=sleutel, herhaald_door=item.herhaald_door, termijn_om=until, reeks=reeks)
    if isinstance(item, Onderaannemer):
        return Onderaanneming(
            opdracht=sleutel,
            opdrachtgever=item.opdrachtgever,
            onderaannemer=item.onderaannemer,
            actief=item.actief,
            reeks=reeks,
        )
    ready = None if item.gereed is None else moment(item.gereed)
    if keys.kind_of(item.sleutel) == MUTATIE:
        return Mutatiemelding(
            opdracht=sleutel, begin=moment(item.begin), gereed=ready, vervallen=item.vervallen, reeks=reeks
        )
    return Eenheidsmelding(
        opdracht=sleutel,
        element=item.elementen[0] if item.elementen else None,
        elementen=item.elementen,
        soort=item.soort,
        specificatie=item.specificatie,
        begin=moment(item.begin),
        gereed=ready,
        vervallen=item.vervallen,
        reeks=reeks,
    )


def _withdrawn(item: Verteld) -> Verteld:
    if isinstance(item, (Deelvraag, Deelantwoord, Rondmelding)):
        return ingetrokken(item)
    if isinstance(item, Antwoord):
        return replace(item, herhaald_door=None, termijn=None)
    if isinstance(item, Onderaannemer):
        return replace(item, actief=False)
    return replace(item, vervallen=True)


def _unit(keten: str, client: str, unit: str | None) -> str:
    try:
        return keys.unit_key(keten, client, unit) if unit else ""
    except ValueError:
        return ""


def _vacancy(keten: str, client: str, document: Opdracht, unit: str | None) -> str:
    try:
        return keys.mutation_key(keten, client, document.mutatie, unit, document.leegstand_vanaf) or ""
    except ValueError:
        return ""


def _order(keten: str, client: str, number: str) -> str:
    try:
        return keys.order_key(keten, client, number)
    except ValueError:
        return ""
