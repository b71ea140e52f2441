"""Which signals a tick of the clock may raise about an order, and from when on (ONDERHOUD 2)."""

from datetime import datetime
from typing import Final

from adapters.generator.beeld import Conclusie
from adapters.generator.maten import OPEN, Meting, termijn

NORM: Final = "norm-overschreden"
DREIGT: Final = "norm-dreigt"
ONTBREEKT: Final = "bericht-ontbreekt"
BERICHTEN: Final = (
    "acceptatie",
    "administratief-gereed",
    "afspraak-gemaakt",
    "offerte",
    "offertebesluit",
    "facturatie",
)
"""Measures that a message ends which must come by itself."""
VOOR_GEREED: Final = ("acceptatie", "afspraak-gemaakt")
"""Of those, what nobody waits for any more once the work is ready."""
Signaal = tuple[str, str]
"""Its kind, and the measure or message that it is about."""


def kansen(found: Conclusie, metingen: dict[str, Meting]) -> dict[Signaal, datetime]:
    """What a tick may raise, and from when on: of an open measure its norm, what threatens it and the message that must
    come; and what was asked and not answered, or agreed and not reported, where the pair has a norm for it."""
    made: dict[Signaal, datetime] = {}
    for name, meting in metingen.items():
        if meting.grens is None or meting.maat.stand != OPEN:
            continue
        made[(NORM, name)] = meting.grens
        if name in BERICHTEN and not (name in VOOR_GEREED and found.gereed is not None):
            made[(ONTBREEKT, name)] = meting.grens
        if meting.dreigt is not None and meting.dreigt < meting.grens:
            made[(DREIGT, name)] = meting.dreigt
    if found.einde is None:
        for name, asked in (("reactie", found.reactie), ("informatie", found.vraag), ("terugmelding", None)):
            since = _unreported(found) if name == "terugmelding" else None if asked is None else asked.moment
            limit = None if since is None else termijn(found, name, since)
            if limit is not None:
                made[(ONTBREEKT, name)] = limit
    return made


def _unreported(found: Conclusie) -> datetime | None:
    """The end of the slot agreed last, while nothing that happened since its begin says what became of it."""
    agenda = found.agenda
    if not agenda.gekozen or found.gereed is not None:
        return None
    slot, agreed = agenda.gekozen[-1]
    told = {other.begin for other, _ in (*agenda.nagekomen, *agenda.gemist)}
    last = found.laatste or agreed
    return None if slot.begin in told or last.moment >= slot.begin else slot.eind
