"""When things happen in the generated week: the moments at which the bus receives, and the hours in which people work."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from adapters.generator.kalender import DAY, local, moment

MAANDAG: Final = date(2026, 3, 30)
"""The week in which the orders are given: it ends with Good Friday, and Easter Monday follows."""
EINDE: Final = moment(date(2026, 4, 28), 12)
"""The last moment that is played: statuses of the week's orders go on until then, past King's Day."""

_UREN: Final = (7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 21)
_LATER: Final = (9, 13, 17)
_WEEKEND: Final = (11,)
_DICHT: Final = frozenset((date(2026, 4, 6), date(2026, 4, 27)))
_OPEN, _SLUIT = 7, 17


class Agenda:
    """Moments of receipt, hourly in the first week and some a day after it, each at a minute of its own."""

    def __init__(self, kans: Random) -> None:
        self.momenten: Sequence[datetime] = tuple(_momenten(kans))

    def ontvangst(self, at: datetime) -> datetime | None:
        """The first moment of receipt at or after `at`; None when the week has ended by then."""
        place = bisect_left(self.momenten, at)
        return self.momenten[place] if place < len(self.momenten) else None

    def na_werkuren(self, kans: Random, at: datetime, least: float, most: float) -> datetime:
        """A whole minute after some hours of work since `at`, between 7 and 17 on days on which people work."""
        minutes = round(kans.uniform(least, most) * 60) + 1
        wall = local(at).replace(second=0, microsecond=0)
        day, minute = wall.date(), wall.hour * 60 + wall.minute
        while True:
            if day.weekday() < 5 and day not in _DICHT:
                minute = max(minute, _OPEN * 60)
                if minute + minutes <= _SLUIT * 60:
                    minute += minutes
                    return moment(day, minute // 60, minute % 60)
                minutes -= max(0, _SLUIT * 60 - minute)
            day, minute = day + DAY, 0


def _momenten(kans: Random) -> list[datetime]:
    found = []
    day = MAANDAG
    while moment(day, 0) < EINDE:
        hours = _WEEKEND if day.weekday() > 4 else _UREN if day < MAANDAG + 5 * DAY else _LATER
        found += [moment(day, hour, kans.randrange(1, 59)) for hour in hours]
        day += DAY
    return [at for at in found if at < EINDE - timedelta(hours=1)]
