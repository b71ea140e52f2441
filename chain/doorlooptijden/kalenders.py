"""In which days a pair counts what is still open: the calendar of its terms, from the client's profile.

What has ended carries its working days, counted by the calendar that its order brought along. What is open goes on, and
for that the profile of today is asked, with the terms that held when the interval began.
"""

from datetime import date
from functools import lru_cache

from chain.kalender import Werkkalender, day_of
from chain.kengetallen import Groep, Interval
from chain.kengetallen.cijfers import Dagen
from chain.kengetallen.herziening import KALENDERDAGEN
from topics.documents.onderhoud import Kalender
from topics.profile.profile import KalenderTermen
from topics.profile.registry import Registry

DOORDEWEEKS = Werkkalender(Kalender())
"""Weekdays, no free days: what is left without terms."""


class Kalenders:
    """`onbekend`: pairs of which something open was counted on plain weekdays, because no terms of theirs are known."""

    def __init__(self, registry: Registry | None) -> None:
        self._registry = registry
        self._of = lru_cache(maxsize=65_536)(self._find)
        self.onbekend: set[tuple[str, str]] = set()

    def dagen(self, groep: Groep) -> Dagen:
        """How the open intervals of a group are counted."""
        if groep.dagen == KALENDERDAGEN:
            return _calendar_days

        def working_days(one: Interval, peil: int) -> int:
            found = self._of(groep.opdrachtgever, groep.aannemer, day_of(one.begin))
            if found is None:
                self.onbekend.add((groep.opdrachtgever, groep.aannemer))
            return (found or DOORDEWEEKS).working_days(one.begin, peil)

        return working_days

    def _find(self, client: str, contractor: str, ordinal: int) -> Werkkalender | None:
        if self._registry is None:
            return None
        on = date.fromordinal(ordinal)
        profile = self._registry.of_gln(client, on)
        terms = None if profile is None else self._registry.terms(profile, contractor, on)
        return None if terms is None else _kept(terms.kalender)


@lru_cache(maxsize=256)
def _kept(terms: KalenderTermen) -> Werkkalender:
    return Werkkalender(
        Kalender(vrije_dagen=terms.vrije_dagen, werkdagen=terms.werkdagen, begin=terms.begin, eind=terms.eind)
    )


def _calendar_days(one: Interval, peil: int) -> int:
    return max(0, day_of(peil) - day_of(one.begin))
