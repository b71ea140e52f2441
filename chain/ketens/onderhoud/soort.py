"""What a kind of dossier has of its own; all the rest of receiving messages is in `decide` and `tik`. Pure."""

from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

import msgspec

from chain.ketens.onderhoud.afgeleid import AfgeleidDocument
from chain.ketens.onderhoud.feiten import Vermelding
from chain.ketens.onderhoud.signalen import Tik
from chain.ketens.onderhoud.staat import Dossierstaat, Partij, Wachter
from chain.ketens.onderhoud.uitkomst import Kader, Uitkomst
from chain.ketens.onderhoud.verder import Nieuw
from topics.documents import Bevinding, Posting, Reden
from topics.documents.factuur import Factuur, Factuurstatus
from topics.documents.onderhoud import Mutatie, Offerte, Opdracht, Planning, Status
from topics.envelope import Envelope
from topics.runtime.step import DeadLetter, Record

BerichtDocument = Opdracht | Status | Planning | Offerte | Mutatie | Factuur | Factuurstatus
"""What a partner sends, of whatever kind of dossier."""
BERICHTEN: Final = (Opdracht, Status, Planning, Offerte, Mutatie, Factuur, Factuurstatus)


class Bericht(msgspec.Struct, frozen=True, gc=False):
    """A message of a party, as it came and as it reads."""

    document: BerichtDocument
    envelope: Envelope
    record: Record
    inhoud: bytes


Afronden = Callable[
    [Kader, str, Dossierstaat, Tik | None, Sequence[Posting], Sequence[DeadLetter], Nieuw | None], Uitkomst
]


class Weigering(NamedTuple):
    """Why a message of a party goes to a person."""

    reden: Reden
    tekst: str
    bevindingen: tuple[Bevinding, ...] = ()


class Rijp(NamedTuple):
    """What becomes of waiting messages now: they are judged, `eersten` before the others; or those go to a person."""

    eersten: tuple[Wachter, ...]
    weigering: Weigering | None = None


class Soort(NamedTuple):
    """A kind of dossier.

    berichten, afgeleid: documents that have a place on it. wacht: whether what comes before the message that founds it
    waits for that. sticht: whether a message founds it. partijen: GLNs that may say what the document says. vermeld: a
    message as a fact; may add parties. afronden: as `uitkomst.afronden`. opruimen: what becomes of it at a moment when
    it is due and nothing more is to be expected, else None.

    weigert: why a new message of a party goes to a person, for what the dossier holds already. herziet: whether a message
    takes the place of what the dossier holds under its number, because a person said so. rijp: of a kind that
    answers of others found: what becomes of the messages that wait; None: they wait on.
    """

    naam: str
    berichten: tuple[type[BerichtDocument], ...]
    afgeleid: tuple[type[AfgeleidDocument], ...]
    wacht: bool
    sticht: Callable[[str, BerichtDocument], bool]
    partijen: Callable[[str, Dossierstaat, BerichtDocument], Collection[str]]
    vermeld: Callable[[Kader, Bericht, list[Partij], int], Vermelding]
    afronden: Afronden
    opruimen: Callable[[Kader, str, Dossierstaat, int], Uitkomst | None]
    weigert: Callable[[Dossierstaat, Bericht], Weigering | None] | None = None
    rijp: Callable[[Dossierstaat], Rijp | None] | None = None
    herziet: Callable[[Dossierstaat, Bericht], bool] | None = None


def nooit(sleutel: str, document: BerichtDocument) -> bool:
    """`sticht` of a kind that no message founds."""
    return False


def niemand(sleutel: str, staat: Dossierstaat, document: BerichtDocument) -> Collection[str]:
    """`partijen` of a kind on which only other dossiers speak."""
    return ()


def geen_feit(kader: Kader, bericht: Bericht, parties: list[Partij], sender: int) -> Vermelding:
    """`vermeld` of such a kind."""
    raise TypeError(f"document {type(bericht.document).__name__} is no fact of a dossier that hears of others only")


class Zaak(msgspec.Struct, frozen=True, gc=False):
    """The dossier at hand."""

    kader: Kader
    soort: Soort
    sleutel: str


def index_of(parties: list[Partij], gln: str, partner: str = "") -> int:
    """Its place among `parties`, added when new; `partner` is the id under which it sent."""
    for index, party in enumerate(parties):
        if party.gln == gln:
            if partner and party.id != partner:
                parties[index] = Partij(gln, partner)
            return index
    parties.append(Partij(gln, partner))
    return len(parties) - 1
