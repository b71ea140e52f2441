"""The end of a dossier: what it says when it shrinks to a stub. Pure.

From then on nothing that is sent can end a measure or answer a signal: what is new goes to a person (`decide`). So what is
open says that its end stayed away (`uitgebleven`), and no signal stands any more.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from chain.ketens.onderhoud.conclusie import conclude
from chain.ketens.onderhoud.delen import concludeer, oordeel
from chain.ketens.onderhoud.feiten import EINDE, ontvangst_van
from chain.ketens.onderhoud.herziening import uitgebleven
from chain.ketens.onderhoud.staat import Dossierstaat, Stomp
from chain.ketens.onderhoud.uitkomst import (
    BEWAREN,
    Kader,
    Uitkomst,
    onvolledig,
    revisie_id,
    rusttijd,
    signaalwisseling,
)
from topics.documents import Document
from topics.documents.keten import Doorlooptijd


def stomp_van(kader: Kader, sleutel: str, staat: Dossierstaat, nu: int) -> Uitkomst | None:
    """The stub of a dossier that has been closed long enough, and what it says for the last time; else None."""
    if onvolledig(staat) or not any(feit.rang in EINDE for feit in staat.feiten):
        return None
    found = concludeer(staat)
    if found.einde is None or found.tot + rusttijd(staat) > nu:
        return None
    stub = Stomp(
        found.toestand,
        found.tot,
        tuple(party.gln for party in staat.partijen),
        tuple((feit.afzender, feit.nummer, feit.inhoud) for feit in staat.feiten),
    )
    return Uitkomst(
        staat=stub,
        due=found.tot + rusttijd(staat) + BEWAREN,
        facets=(f"stomp|{stub.toestand}",),
        documenten=laatste(kader, sleutel, staat, _without_end(kader.keten, sleutel, staat, nu)),
        gevolgd=ontvangst_van(found.basis),
    )


def laatste(
    kader: Kader, sleutel: str, staat: Dossierstaat, revisies: Sequence[Doorlooptijd]
) -> list[tuple[Document, str]]:
    """What a dossier says when it shrinks to a stub: that what is open stays without end, and that no signal stands. From
    then on nothing that is sent can end the one or answer the other."""
    documents: list[tuple[Document, str]] = [(revision, revisie_id(revision)) for revision in revisies]
    return documents + signaalwisseling(kader, sleutel, staat.signalen, ())


def _without_end(keten: str, sleutel: str, staat: Dossierstaat, nu: int) -> list[Doorlooptijd]:
    """The last revisions of what is open of an order and its parts when its dossier is closed at `nu`. Raises as `conclude`."""
    if not staat.gedeeld:
        return uitgebleven(keten, sleutel, staat, conclude(staat.feiten), nu)
    found, parts = oordeel(staat.feiten)
    revisions = uitgebleven(keten, sleutel, staat, found, nu)
    former = {deel.subnummer: deel for deel in staat.delen}
    for name, part in parts:
        own = replace(staat, gemeten=former[name].gemeten)
        revisions += [replace(one, subnummer=name) for one in uitgebleven(keten, sleutel, own, part, nu)]
    return revisions
