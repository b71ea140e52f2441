"""What a person types for a day, a moment or a norm. Without a zone it is Europe/Amsterdam."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from chain.kalender import UUR, Werkkalender, day_of, end_of_day, micros, moment
from chain.kalender.moment import AMSTERDAM, at_wall
from chain.kengetallen import Periode
from topics.errors import Refused
from topics.view.words import moment as shown

_NORM: Final = re.compile(r"(?P<value>\d{1,4}(?:[.,]\d{1,2})?)\s*(?P<unit>wd|u)")
_LAST_SECOND: Final = 999_999


class Norm:
    """A norm as `5wd` (working days) or `24u` (hours, 24 x 7)."""

    def __init__(self, text: str, option: str) -> None:
        """Raises Refused."""
        found = _NORM.fullmatch(text.strip().lower())
        if found is None or (found["unit"] == "wd" and not found["value"].isdecimal()):
            raise Refused(f"{option}: found {text!r}, expected a norm as 5wd (working days) or 24u (hours)")
        self._value = Decimal(found["value"].replace(",", "."))
        self._in_hours = found["unit"] == "u"

    def deadline(self, begin: int, kalender: Werkkalender) -> int:
        if self._in_hours:
            return begin + int(self._value * UUR)
        return kalender.add_working_days(begin, int(self._value))


def day(text: str, option: str, more: str = "") -> date:
    """Raises Refused; `more` is what else to say then."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused(f"{option}: found {text!r}, expected a day as 2026-03-01{more}") from error


def period(van: str | None, tot: str | None, options: tuple[str, str], more: str = "") -> Periode:
    """From the first day up to and including the last one. Raises Refused, also when it ends before it begins."""
    first = None if van is None else day(van, options[0], more)
    last = None if tot is None else day(tot, options[1], more)
    if first is not None and last is not None and last < first:
        raise Refused(f"{options[1]}: found {last}, expected a day that is not before {options[0]} {first}")
    return Periode(
        None if first is None else at_wall(first.toordinal(), 0),
        None if last is None else at_wall(last.toordinal() + 1, 0),
    )


def peil(text: str, option: str, now: int | None = None) -> int:
    """A moment; of a day its end, or `now` on the day itself. Raises Refused, also for what is after `now`."""
    text = text.strip()
    whole_day = len(text) == len("2026-03-01")
    try:
        if whole_day:
            at = end_of_day(date.fromisoformat(text).toordinal()) + _LAST_SECOND
        else:
            found = datetime.fromisoformat(text)
            at = micros(found if found.tzinfo is not None else found.replace(tzinfo=AMSTERDAM))
    except ValueError as error:
        raise Refused(
            f"{option}: found {text!r}, expected a moment as 2026-03-09T12:00 or a day as 2026-03-09"
        ) from error
    if now is None or at <= now:
        return at
    if whole_day and day_of(at) == day_of(now):
        return now
    raise Refused(f"{option}: found {text!r}, expected a moment in the past (now: {shown(moment(now))})")
