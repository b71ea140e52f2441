"""The dossier of a unit: orders tell it when they are ready, and it answers when one came back (ONDERHOUD 2). Pure.

An order came back when a new or guarantee order for the same unit and one of its LEDO elements begins within 90 days
after it was ready. An order without an element cannot be said to be the same, and comes back to none.
"""

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from msgspec.structs import replace

from chain.kalender import UUR, moment
from chain.ketens.onderhoud.afgeleid import EENHEID, Afgeleid, vertel
from chain.ketens.onderhoud.eenmaal import TERMIJN
from chain.ketens.onderhoud.signalen import Tik, grootte
from chain.ketens.onderhoud.soort import Soort, geen_feit, niemand, nooit
from chain.ketens.onderhoud.staat import Antwoord, Dossierstaat, Melding, Verteld
from chain.ketens.onderhoud.uitkomst import BEWAREN, GROOT, Kader, Uitkomst, omvang, signaalwisseling
from chain.ketens.onderhoud.verder import Nieuw
from topics import keys
from topics.documents import Document, Posting
from topics.documents.keten import Dossier
from topics.documents.onderhoud import Eenheidsmelding
from topics.runtime.step import DeadLetter

TOESTAND: Final = "eenheid"
UITLOOP: Final = 24 * UUR
"""How much longer than its term an order is kept: what began within it may be told a little later."""


def antwoorden(meldingen: Sequence[Melding]) -> tuple[Antwoord, ...]:
    """What the unit has to answer: each order that is ready, with the first one that came back to it."""
    standing = [told for told in meldingen if not told.vervallen]
    begun = _by_element(standing)
    answers = []
    for told in standing:
        if told.gereed is None:
            continue
        until = told.gereed + TERMIJN
        firsts = [_first(begun[name], told.sleutel, told.gereed, until) for name in _elements(told)]
        first = min((one for one in firsts if one is not None), default=None)
        answers.append(Antwoord(told.sleutel, None if first is None else first[1], until))
    return tuple(answers)


def afronden(
    kader: Kader,
    sleutel: str,
    staat: Dossierstaat,
    tik: Tik | None,
    postings: Sequence[Posting],
    dead_letters: Sequence[DeadLetter],
    nieuw: Nieuw | None,
) -> Uitkomst:
    """The unit's outcome: its answers, the document Dossier, and when an order may be forgotten."""
    told = _meldingen(staat)
    new = staat
    events: Sequence[Afgeleid] = ()
    documents: list[tuple[Document, str]] = []
    if tik is None:
        verteld, events = vertel(sleutel, staat.reeks, staat.verteld, antwoorden(told))
        new = replace(staat, verteld=verteld)
        documents.append((_dossier(kader, sleutel, new, told), ""))
    # what set it apart on a tick is over, once it is handled again
    standing = tuple(grootte(new, omvang(new) > GROOT))
    documents += signaalwisseling(kader, sleutel, staat.signalen, standing)
    return Uitkomst(
        staat=replace(new, geschorst=False, signalen=standing),
        due=min((_expires(melding) for melding in told), default=staat.bijgewerkt + BEWAREN),
        facets=(TOESTAND,),
        documenten=documents,
        postings=postings,
        dead_letters=dead_letters,
        gebeurtenissen=events,
    )


Begin = tuple[int, str]
"""When an order began, and its key."""


def _by_element(meldingen: Sequence[Melding]) -> dict[str, list[Begin]]:
    """Orders by the elements that they name, in order of their begin: a unit may have hundreds (common rooms)."""
    found: dict[str, list[Begin]] = {}
    for told in meldingen:
        for name in _elements(told):
            found.setdefault(name, []).append((told.begin, told.sleutel))
    for begun in found.values():
        begun.sort()
    return found


def _elements(melding: Melding) -> set[str]:
    return {name.casefold() for name in melding.elementen}


def _first(begun: Sequence[Begin], zelf: str, after: int, until: int) -> Begin | None:
    """The first other order that began later than `after`, and not later than `until`."""
    at = bisect_right(begun, after, key=itemgetter(0))
    if at < len(begun) and begun[at][1] == zelf:
        at += 1
    return begun[at] if at < len(begun) and begun[at][0] <= until else None


def _forget(kader: Kader, sleutel: str, staat: Dossierstaat, nu: int) -> Uitkomst | None:
    """Orders whose term is over are forgotten, and what they were answered: nothing of it is withdrawn. Without any the unit itself stays, as long as a stub: its `reeks` must
    not begin anew, for orders know it."""
    told = _meldingen(staat)
    kept: tuple[Verteld, ...] = tuple(melding for melding in told if _expires(melding) > nu)
    if len(kept) == len(told):
        return None
    left = {melding.sleutel for melding in kept}
    verteld = tuple(answer for answer in staat.verteld if answer.sleutel in left)
    return afronden(kader, sleutel, replace(staat, gehoord=kept, verteld=verteld), Tik(nu), (), (), None)


def _expires(melding: Melding) -> int:
    """A ready or lapsed order after its term; one that stays open as long as anything is kept."""
    if melding.vervallen:
        return melding.bekend + TERMIJN + UITLOOP
    if melding.gereed is None:
        return melding.bekend + BEWAREN
    return max(melding.gereed, melding.bekend) + TERMIJN + UITLOOP


def _meldingen(staat: Dossierstaat) -> list[Melding]:
    return [item for item in staat.gehoord if isinstance(item, Melding)]


def _dossier(kader: Kader, sleutel: str, staat: Dossierstaat, told: Sequence[Melding]) -> Dossier:
    return Dossier(
        sleutel=sleutel,
        keten=kader.keten,
        reeks=staat.reeks,
        toestand=TOESTAND,
        bijgewerkt=moment(staat.bijgewerkt),
        opdrachtgever=keys.parts(sleutel)[2],
        opdrachten=tuple(melding.sleutel for melding in told if not melding.vervallen),
    )


SOORT: Final = Soort(
    naam=EENHEID,
    berichten=(),
    afgeleid=(Eenheidsmelding,),
    wacht=False,
    sticht=nooit,
    partijen=niemand,
    vermeld=geen_feit,
    afronden=afronden,
    opruimen=_forget,
)
