"""The calendar of a contract: which days are worked, between which hours, and counting with them.

ONDERHOUD 2: the day of receipt is day 0; what comes in after the cut-off (the end of the working day) or on a day that
is not worked counts as received on the next working day. Working days are weekdays less the free days that the contract
lists: 5 May, Good Friday and bouwvak are free only when listed. Hour norms run 24 x 7 and need no calendar.
"""

from bisect import bisect_left, bisect_right
from datetime import time
from typing import Protocol

from chain.kalender.moment import SECONDE, at_wall, day_of, end_of_day, wall_of
from topics.documents.onderhoud import Kalender

_WEEKDAGEN = 7
_KEPT = 20_000


class Sized(Protocol):
    def __len__(self) -> int: ...

    def clear(self) -> None: ...


class Werkkalender:
    """Counting with one calendar. Every operation takes O(log n) in the number of free days.

    Raises ValueError when no weekday is worked, a weekday is not 0..6, or the working day has no length.
    """

    __slots__ = ("_begin", "_days", "_eind", "_ends", "_rank", "_vrij", "_week")

    def __init__(self, kalender: Kalender) -> None:
        days = set(kalender.werkdagen)
        if not days or not days <= set(range(_WEEKDAGEN)):
            raise ValueError(f"werkdagen: found {kalender.werkdagen}, expected at least one of 0 (Monday) to 6")
        self._begin, self._eind = _wall(kalender.begin), _wall(kalender.eind)
        if self._begin >= self._eind:
            raise ValueError(f"working day: found {kalender.begin} to {kalender.eind}, expected begin before eind")
        before = [sum(day in days for day in range(n)) for n in range(_WEEKDAGEN + 1)]
        self._week = tuple(before)
        free = {day.toordinal() for day in kalender.vrije_dagen}
        self._vrij = sorted(day for day in free if (day - 1) % _WEEKDAGEN in days)
        self._rank = [self._weekdays(day) - nth for nth, day in enumerate(self._vrij)]
        self._days: dict[int, tuple[int, bool]] = {}
        self._ends: dict[int, int] = {}

    @property
    def day_length(self) -> int:
        """Microseconds between begin and end of a working day."""
        return self._eind - self._begin

    def receipt_day(self, at: int) -> int:
        """Day 0 of what comes in at `at`."""
        day, wall = wall_of(at)
        return self._nth(self._day(day + 1 if wall > self._eind else day)[0])

    def add_working_days(self, at: int, days: int) -> int:
        """The end of the `days`-th working day after the day of receipt: that day's last second. `days` >= 0."""
        day, wall = wall_of(at)
        nth = self._day(day + 1 if wall > self._eind else day)[0] + days
        found = self._ends.get(nth)
        if found is None:
            _bound(self._ends)
            found = self._ends[nth] = end_of_day(self._nth(nth))
        return found

    def working_days(self, begin: int, end: int) -> int:
        """Working days from the day of receipt of `begin` (day 0) to the day on which `end` falls; 0 when earlier.

        An end on a day that is not worked counts as the working day before it.
        """
        day, wall = wall_of(begin)
        first = self._day(day + 1 if wall > self._eind else day)[0]
        before, worked = self._day(day_of(end))
        return max(0, before + worked - first - 1)

    def working_time(self, begin: int, end: int) -> int:
        """Microseconds of working time between two moments, on the wall clock; 0 when `end` is not later."""
        return max(0, self._worked(end) - self._worked(begin)) if end > begin else 0

    def add_working_time(self, at: int, span: int) -> int:
        """The moment at which `span` > 0 microseconds of working time have passed since `at`."""
        length = self._eind - self._begin
        days, rest = divmod(self._worked(at) + span, length)
        if rest == 0:
            return at_wall(self._nth(days - 1), self._eind)
        return at_wall(self._nth(days), self._begin + rest)

    def left(self, deadline: int, span: int) -> int:
        """The last moment at which `span` >= 0 microseconds of working time are left until `deadline`."""
        if span <= 0:
            return deadline
        length = self._eind - self._begin
        days, rest = divmod(self._worked(deadline) - span, length)
        return at_wall(self._nth(days), self._begin + rest)

    def shift(self, deadline: int, span: int) -> int:
        """`deadline` moved by `span` >= 0 microseconds of working time that did not count.

        What then falls exactly on the end of a working day holds until the end of that day, as a deadline without any
        pause does: no working time lies between the two.
        """
        if span <= 0:
            return deadline
        moved = self.add_working_time(deadline, span)
        day, wall = wall_of(moved)
        return end_of_day(day) if wall == self._eind else moved

    def _worked(self, at: int) -> int:
        day, wall = wall_of(at)
        before, worked = self._day(day)
        length = self._eind - self._begin
        if not worked or wall <= self._begin:
            return before * length
        return before * length + (length if wall >= self._eind else wall - self._begin)

    def _day(self, day: int) -> tuple[int, bool]:
        """Working days before `day`, and whether it is one; kept, for a task meets the same few thousand days."""
        found = self._days.get(day)
        if found is None:
            _bound(self._days)
            before = self._weekdays(day) - bisect_left(self._vrij, day)
            after = self._weekdays(day + 1) - bisect_left(self._vrij, day + 1)
            found = self._days[day] = (before, after > before)
        return found

    def _weekdays(self, day: int) -> int:
        """Days before `day` whose weekday is worked, free or not."""
        weeks, rest = divmod(day - 1, _WEEKDAGEN)
        return weeks * self._week[_WEEKDAGEN] + self._week[rest]

    def _nth(self, nth: int) -> int:
        """The working day that has `nth` working days before it."""
        weeks, rest = divmod(nth + bisect_right(self._rank, nth), self._week[_WEEKDAGEN])
        return weeks * _WEEKDAGEN + bisect_right(self._week, rest)


def _bound(kept: Sized) -> None:
    if len(kept) >= _KEPT:
        kept.clear()


def _wall(at: time) -> int:
    return ((at.hour * 60 + at.minute) * 60 + at.second) * SECONDE + at.microsecond
