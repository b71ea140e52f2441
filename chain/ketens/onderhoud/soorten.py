"""Every kind of dossier of the keten, found by its key: the one place where events and ticks go their ways. Pure."""

from typing import Final

from chain.ketens.onderhoud import contract, eenheid, factuur, mutatie, opdracht
from chain.ketens.onderhoud.decide import decide_as
from chain.ketens.onderhoud.signalen import Tik
from chain.ketens.onderhoud.soort import Soort
from chain.ketens.onderhoud.staat import Dossierstaat, Stomp
from chain.ketens.onderhoud.tik import tik_as
from chain.ketens.onderhoud.uitkomst import Kader, Uitkomst
from topics.documents import Document
from topics.envelope import Envelope
from topics.errors import UnknownDocument
from topics.keys import kind_of
from topics.runtime.step import Record

SOORTEN: Final[dict[str, Soort]] = {
    soort.naam: soort for soort in (opdracht.SOORT, eenheid.SOORT, mutatie.SOORT, factuur.SOORT, contract.SOORT)
}


def decide(
    kader: Kader,
    sleutel: str,
    staat: Dossierstaat | Stomp | None,
    envelope: Envelope,
    document: Document,
    record: Record,
) -> Uitkomst:
    """The outcome of an event on the log for the dossier `sleutel`. Raises as `decide_as`."""
    return decide_as(_soort(sleutel), kader, sleutel, staat, envelope, document, record)


def tik(kader: Kader, sleutel: str, staat: Dossierstaat | Stomp, klok: Tik) -> Uitkomst:
    """The outcome at watermark `klok` of a dossier that was due."""
    return tik_as(_soort(sleutel), kader, sleutel, staat, klok)


def _soort(sleutel: str) -> Soort:
    """Raises UnknownDocument for a kind of dossier that this release does not know."""
    soort = SOORTEN.get(kind_of(sleutel))
    if soort is None:
        raise UnknownDocument(f"key {sleutel!r}: no such kind of dossier, expected one of {', '.join(SOORTEN)}")
    return soort
