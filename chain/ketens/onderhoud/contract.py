"""The dossier of a contract (AFK): its periodic invoices come together there, and it answers them. Pure."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from chain.kalender import moment
from chain.ketens.onderhoud.afgeleid import CONTRACT, vertel
from chain.ketens.onderhoud.facturering import als_documenten, beantwoord, eerder_van, vragen_van
from chain.ketens.onderhoud.signalen import Tik, grootte
from chain.ketens.onderhoud.soort import Soort, geen_feit, niemand, nooit
from chain.ketens.onderhoud.staat import Dossierstaat
from chain.ketens.onderhoud.toetsing import toets_contract
from chain.ketens.onderhoud.uitkomst import BEWAREN, GROOT, Kader, Uitkomst, omvang, signaalwisseling
from chain.ketens.onderhoud.verder import Nieuw
from topics import keys
from topics.documents import Document, Posting
from topics.documents.factuur import Factuurdeel
from topics.documents.keten import Dossier
from topics.runtime.step import DeadLetter

TOESTAND: Final = "contract"


def afronden(
    kader: Kader,
    sleutel: str,
    staat: Dossierstaat,
    tik: Tik | None,
    postings: Sequence[Posting],
    dead_letters: Sequence[DeadLetter],
    nieuw: Nieuw | None,
) -> Uitkomst:
    """The contract's outcome: its answers and the document Dossier. It is kept as long after its last invoice as a stub,
    for what was released of a period may not be released again."""
    asked = vragen_van(staat)
    answers = beantwoord(asked, toets_contract(als_documenten(asked), eerder_van(staat)))
    verteld, events = vertel(sleutel, staat.reeks, staat.verteld, answers)
    standing = tuple(grootte(staat, omvang(staat) > GROOT))
    documents: list[tuple[Document, str]] = []
    if tik is None:
        document = Dossier(
            sleutel=sleutel,
            keten=kader.keten,
            reeks=staat.reeks,
            toestand=TOESTAND,
            bijgewerkt=moment(staat.bijgewerkt),
            opdrachtgever=keys.parts(sleutel)[2],
            facturen=tuple([vraag.sleutel for vraag in asked]),
        )
        documents.append((document, ""))
    documents += signaalwisseling(kader, sleutel, staat.signalen, standing)
    return Uitkomst(
        staat=replace(staat, verteld=verteld, signalen=standing, geschorst=False),
        due=staat.bijgewerkt + BEWAREN,
        facets=(TOESTAND,),
        documenten=documents,
        postings=postings,
        dead_letters=dead_letters,
        gebeurtenissen=events,
    )


def _nothing(kader: Kader, sleutel: str, staat: Dossierstaat, nu: int) -> Uitkomst | None:
    return None


SOORT: Final = Soort(
    naam=CONTRACT,
    berichten=(),
    afgeleid=(Factuurdeel,),
    wacht=False,
    sticht=nooit,
    partijen=niemand,
    vermeld=geen_feit,
    afronden=afronden,
    opruimen=_nothing,
)
