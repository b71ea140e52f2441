"""The norm of a measure: its deadline, how pauses shift it, when it threatens. Pure, and without a clock.

A norm in working days ends with the n-th working day and shifts by the working time during which the contract clock
stood; one in hours runs 24 x 7 and shifts by the time that it stood. A stop after the deadline shifts nothing, and one
that still lasts nothing yet.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from chain.kalender import UUR, Werkkalender, unpack
from topics.documents import onderhoud as documenten

Stop = tuple[int, int | None]
Stops = Sequence[Stop]
"""When the contract clock stood still: from, until; the last one may still last."""
Norm = tuple[str, str, bool, str | None]


class Termen(Protocol):
    """What a norm is counted by: `kalender` as `chain.kalender.pack`."""

    @property
    def kalender(self) -> bytes: ...

    @property
    def normen(self) -> tuple[Norm, ...]: ...


def norm_van(norm: documenten.Norm) -> Norm:
    """As a dossier keeps it."""
    warn = None if norm.waarschuwen is None else str(norm.waarschuwen)
    return norm.maat, str(norm.waarde), norm.eenheid is documenten.Eenheid.UREN, warn


def norm_of(termen: Termen, maat: str) -> Norm | None:
    for norm in termen.normen:
        if norm[0] == maat:
            return norm
    return None


def deadline_of(termen: Termen, maat: str, begin: int, stops: Stops) -> int | None:
    """End of the norm of `maat`; None when there is none."""
    norm = norm_of(termen, maat)
    if norm is None:
        return None
    calendar = unpack(termen.kalender)
    return verschuif(calendar, norm, _base(calendar, norm, begin), begin, stops)


def verschoven(termen: Termen, maat: str, deadline: int, begin: int, stops: Stops) -> int:
    """`deadline` of the norm of `maat` after these stops, of which what lies before `begin` does not count."""
    norm = norm_of(termen, maat)
    return deadline if norm is None else verschuif(unpack(termen.kalender), norm, deadline, begin, stops)


def verschuif(calendar: Werkkalender, norm: Norm, deadline: int, begin: int, stops: Stops) -> int:
    for since, until in stops:
        if until is None or since > deadline:
            continue
        start = max(since, begin)
        if norm[2]:
            deadline += max(0, until - start)
        else:
            deadline = calendar.shift(deadline, calendar.working_time(start, until))
    return deadline


def dreiging_of(termen: Termen, maat: str, begin: int, deadline: int | None, verlengd: int | None) -> int | None:
    """From when on the norm threatens: its share to warn at, of the term from `begin` to its end without pauses (to
    `verlengd` where that was agreed), has passed. None when there is no such share."""
    norm = norm_of(termen, maat)
    if norm is None or norm[3] is None or deadline is None:
        return None
    calendar = unpack(termen.kalender)
    base = _base(calendar, norm, begin) if verlengd is None else verlengd
    rest = 1 - Decimal(norm[3])
    if norm[2]:
        return deadline - int((base - begin) * rest)
    return max(begin, calendar.left(deadline, int(calendar.working_time(begin, base) * rest)))


def _base(calendar: Werkkalender, norm: Norm, begin: int) -> int:
    _, value, in_hours, _ = norm
    if in_hours:
        return begin + int(Decimal(value) * UUR)
    if value.isdecimal():
        return calendar.add_working_days(begin, int(value))
    whole, part = divmod(Decimal(value), 1)
    return calendar.shift(calendar.add_working_days(begin, int(whole)), int(part * calendar.day_length))
