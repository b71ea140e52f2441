"""Dates, times and amounts of a message that no schema has checked: in the standard's spelling, or in the one other
spelling that can mean only one thing (`insbou.spelling`), by the name that this has in a profile."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from adapters.formats.insbou import spelling
from adapters.formats.insbou.spelling import Spelling
from adapters.formats.moments import from_xsd
from topics.documents import Moment

EMPTY: Final = "lege-elementen"

_ZONE: Final = r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?"
_DAY: Final = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_ZONE}")
_TIME: Final = re.compile(rf"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,9}})?|24:00:00){_ZONE}")
_AMOUNT: Final = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,2})?")


def plain_moment(day: str | None, time: str | None) -> Moment | None:
    """Of an xs:date and xs:time in which nothing is odd; None of anything else, which must be looked at closer."""
    if day is None or len(day) != 10 or (time is not None and _TIME.fullmatch(time) is None):
        return None
    try:
        moment, oddities = from_xsd(day, time)
    except ValueError:
        return None
    return None if oddities else moment


@lru_cache(maxsize=4096)
def iso_day(text: str) -> tuple[str, str | None]:
    """(the day as an xs:date, the dialect that this took). Raises ValueError, also for what can be two days."""
    day = text.strip()
    return (day, None) if _DAY.fullmatch(day) else _spelled(spelling.day(day), text)


def iso_time(text: str) -> tuple[str, str | None]:
    """(the time of day as an xs:time, the dialect that this took). Raises ValueError."""
    time = text.strip()
    return (time, None) if _TIME.fullmatch(time) else _spelled(spelling.time(time), text)


def amount(text: str) -> tuple[Decimal, str | None]:
    """(euro, the dialect that this took). Raises ValueError, also for more than two decimals."""
    number, dialect = text.strip(), None
    if _AMOUNT.fullmatch(number) is None:
        number, dialect = _spelled(spelling.number(number), text)
    if _AMOUNT.fullmatch(number) is None:
        raise ValueError(text)
    return Decimal(number), dialect


def _spelled(found: Spelling | None, text: str) -> tuple[str, str | None]:
    if found is None or found.twice:
        raise ValueError(text)
    return found.text, found.dialect
