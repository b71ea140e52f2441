"""The dossier of an order: an opdracht of its own opdrachtgever founds it, and everything before that waits."""

from typing import Final

from chain.ketens.onderhoud.afgeleid import OPDRACHT, verband_van
from chain.ketens.onderhoud.delen import concludeer
from chain.ketens.onderhoud.eenmaal import eenmaal_van
from chain.ketens.onderhoud.feiten import Vermelding
from chain.ketens.onderhoud.lezing import vermelding, versie_van
from chain.ketens.onderhoud.sluiting import stomp_van
from chain.ketens.onderhoud.soort import Bericht, BerichtDocument, Soort, index_of
from chain.ketens.onderhoud.staat import Dossierstaat, Partij
from chain.ketens.onderhoud.uitkomst import Kader, Uitkomst, afronden, partij_glns
from topics.documents.factuur import Factuurafronding, Factuurdeel
from topics.documents.onderhoud import (
    Eenheidsantwoord,
    Offerte,
    Onderaanneming,
    Opdracht,
    Planning,
    Status,
)


def _founds(sleutel: str, document: BerichtDocument) -> bool:
    return isinstance(document, Opdracht) and document.afzender == document.opdrachtgever


def _parties(sleutel: str, staat: Dossierstaat, document: BerichtDocument) -> set[str]:
    return partij_glns(staat)


def _fact(kader: Kader, bericht: Bericht, parties: list[Partij], sender: int) -> Vermelding:
    document = bericht.document
    if not isinstance(document, (Opdracht, Status, Planning, Offerte)):
        raise TypeError(f"document {type(document).__name__} is no fact of an order")
    versie = None
    if isinstance(document, Opdracht):
        client, contractor = index_of(parties, document.opdrachtgever), index_of(parties, document.aannemer)
        versie = versie_van(document, client, contractor, verband_van(kader.keten, document))
    return vermelding(document, bericht.envelope, sender, bericht.inhoud, versie)


def _shrunk(kader: Kader, sleutel: str, staat: Dossierstaat, nu: int) -> Uitkomst | None:
    """The stub; not before a tick has passed the term of its unit."""
    stub = stomp_van(kader, sleutel, staat, nu)
    if stub is None or not staat.gehoord:
        return stub
    return stub if eenmaal_van(staat, concludeer(staat), None).due is None else None


SOORT: Final = Soort(
    naam=OPDRACHT,
    berichten=(Opdracht, Status, Planning, Offerte),
    afgeleid=(Eenheidsantwoord, Onderaanneming, Factuurdeel, Factuurafronding),
    wacht=True,
    sticht=_founds,
    partijen=_parties,
    vermeld=_fact,
    afronden=afronden,
    opruimen=_shrunk,
)
