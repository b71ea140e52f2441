"""Working days and working time, counted plainly: day by day, with the zone's own table. Slow and easy to check.

Definitions: ONDERHOUD 2. Nothing here is shared with the bus, which counts otherwise.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)


class Kalender(msgspec.Struct, frozen=True):
    """A contract's calendar: weekdays (0 = Monday), free days, and the hours of a working day on the wall clock."""

    werkdagen: frozenset[int]
    vrij: frozenset[date]
    begin: time
    eind: time

    def works(self, day: date) -> bool:
        return day.weekday() in self.werkdagen and day not in self.vrij

    def day_zero(self, at: datetime) -> date:
        """The day on which what comes in at `at` counts as received."""
        wall = local(at)
        day = wall.date() + DAY if wall.time() > self.eind else wall.date()
        while not self.works(day):
            day += DAY
        return day

    def deadline(self, at: datetime, days: int) -> datetime:
        """The last second of the `days`-th working day after the day of receipt."""
        day = self.day_zero(at)
        for _ in range(days):
            day += DAY
            while not self.works(day):
                day += DAY
        return end_of(day)

    def days(self, begin: datetime, end: datetime) -> int:
        """Working days from the day of receipt (day 0) up to the day of `end`."""
        day, last, count = self.day_zero(begin), local(end).date(), 0
        while day < last:
            day += DAY
            count += self.works(day)
        return count

    def worked(self, begin: datetime, end: datetime) -> timedelta:
        """Working time between two moments, on the wall clock."""
        total, day, last = timedelta(), local(begin).date(), local(end).date()
        while end > begin and day <= last:
            if self.works(day):
                start = max(_at(day, self.begin), local(begin).replace(tzinfo=None))
                stop = min(_at(day, self.eind), local(end).replace(tzinfo=None))
                total += max(timedelta(), stop - start)
            day += DAY
        return total

    def shifted(self, deadline: datetime, span: timedelta) -> datetime:
        """`deadline` moved by `span` of working time; what falls on the end of a working day holds until midnight."""
        if not span:
            return deadline
        wall = local(deadline).replace(tzinfo=None)
        day = wall.date()
        while True:
            if self.works(day):
                start = max(_at(day, self.begin), wall)
                left = max(timedelta(), _at(day, self.eind) - start)
                if span < left:
                    return _aware(start + span)
                if span == left:
                    return end_of(day)
                span -= left
            day += DAY

    def before(self, deadline: datetime, span: timedelta) -> datetime:
        """The last moment at which `span` of working time is left until `deadline`."""
        wall = local(deadline).replace(tzinfo=None)
        day = wall.date()
        while True:
            if self.works(day):
                stop = min(_at(day, self.eind), max(_at(day, self.begin), wall))
                left = stop - _at(day, self.begin)
                if span <= left:
                    return _aware(stop - span)
                span -= left
            day -= DAY
            wall = _at(day, time(23, 59, 59))


def local(at: datetime) -> datetime:
    return at.astimezone(AMSTERDAM)


def end_of(day: date) -> datetime:
    """The last second of `day` in Amsterdam."""
    return _aware(_at(day + DAY, time())) - SECOND


def moment(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """When the clock in Amsterdam shows this, in UTC."""
    return _aware(datetime.combine(day, time(hour, minute, second)))


def _at(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall)


def _aware(wall: datetime) -> datetime:
    return wall.replace(tzinfo=AMSTERDAM).astimezone(UTC)
