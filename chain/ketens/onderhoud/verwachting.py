"""Which message must come next by a norm of the pair, from when on it is missing, and who must send it. Pure.

Besides the measures that a message ends, a pair may set norms for `reactie` (REV to REA or AIN), `informatie` (VIN to
AIN) and `terugmelding` (the end of an agreed slot to what became of it).
"""

from collections.abc import Iterator
from typing import Final

from chain.ketens.onderhoud.beeld import Conclusie
from chain.ketens.onderhoud.bereiken import ACCEPTATIE, ADMINISTRATIEF, AFSPRAAK, BESLUIT, FACTURATIE, OFFERTE
from chain.ketens.onderhoud.feiten import Vermelding
from chain.ketens.onderhoud.tabel import Rol
from chain.ketens.onderhoud.termijn import deadline_of
from topics.documents.keten import AanZet

VERWACHT: Final = frozenset((ACCEPTATIE, ADMINISTRATIEF, AFSPRAAK, OFFERTE, BESLUIT, FACTURATIE))
"""Measures that a message ends which must come by itself; what is done in the dwelling is no message."""
VOOR_GEREED: Final = frozenset((ACCEPTATIE, AFSPRAAK))
"""Of those, what nobody waits for any more once the work is ready."""
_ANDER: Final = {Rol.AANNEMER: AanZet.OPDRACHTGEVER, Rol.OPDRACHTGEVER: AanZet.AANNEMER}


def verwachtingen(found: Conclusie) -> Iterator[tuple[str, int, AanZet]]:
    """(norm, deadline, who must send it) of what is asked and not answered, and of a slot of which nothing was told."""
    for name, asked in (("reactie", found.reactie), ("informatie", found.vraag)):
        if asked is not None:
            limit = deadline_of(found.termen, name, asked.moment, ())
            if limit is not None:
                yield name, limit, _ANDER[found.rol(asked)]
    until = _unreported(found)
    if until is not None:
        limit = deadline_of(found.termen, "terugmelding", until, ())
        if limit is not None:
            yield "terugmelding", limit, AanZet.AANNEMER


def ontvanger(found: Conclusie) -> AanZet:
    """Who received the request to cancel."""
    return AanZet.OPDRACHTGEVER if found.van is None else _ANDER[found.rol(found.van)]


def _unreported(found: Conclusie) -> int | None:
    """The end of the slot that was agreed last, while nothing was told of it and the work is not ready."""
    agenda = found.agenda
    if agenda is None or not agenda.gekozen or found.gereed is not None:
        return None
    begin, end, agreed = agenda.gekozen[-1]
    if begin in agenda.nagekomen or begin in agenda.gemist or _told_after(found, agreed, begin):
        return None
    return end


def _told_after(found: Conclusie, agreed: Vermelding, begin: int) -> bool:
    """Whether a status says what became of it: one that happened after the slot began."""
    last = found.mijlpalen[-1] if found.mijlpalen else agreed
    return last.moment >= begin
