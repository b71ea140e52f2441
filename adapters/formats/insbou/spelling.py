"""Dates, times and numbers as partners write them: the one reading that there is, or that there are two.

What a Dutch reader takes one way is read: 31-12-2026, 1.234,56. What can be two things never is: 01-02-26, 1,234.
"""

import re
from datetime import date
from typing import Final, NamedTuple

_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_SHORT: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_TIME: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_COMMA: Final = re.compile(r"-?(?:[0-9]{1,15}|[0-9]{1,3}(?:\.[0-9]{3}){1,4}),[0-9]{1,9}")
_TWO_WAYS: Final = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")
_GROUPED: Final = re.compile(r"-?[1-9][0-9]{0,2}\.[0-9]{3}")
_LONGEST: Final = 40


class Spelling(NamedTuple):
    """What a text is in the standard's own spelling and the dialect that this takes; or, if `twice`, why it is nothing."""

    text: str
    dialect: str
    twice: str = ""


def day(text: str) -> Spelling | None:
    """Of a date that is no xs:date; None when it is no date at all."""
    text = text.strip()
    found = _DAY_FIRST.fullmatch(text)
    if found is not None:
        one, two, year = int(found[1]), int(found[3]), int(found[4])
        there = _date(year, two, one)
        if found[2] == "/" and one != two and there and _date(year, one, two):
            return Spelling("", "datum-dag-eerst", f"{_date(year, two, one)} of {_date(year, one, two)}")
        return Spelling(there, "datum-dag-eerst") if there else None
    found = _SHORT.fullmatch(text)
    if found is None:
        return None
    first, middle, last = int(found[1]), int(found[3]), int(found[4])
    readings = {
        _date(2000 + last, middle, first) if len(found[4]) == 2 else "",
        _date(2000 + first, middle, last) if len(found[1]) == 2 else "",
        _date(2000 + last, first, middle) if len(found[4]) == 2 and found[2] == "/" else "",
    } - {""}
    if not readings:
        return None
    if len(readings) > 1:
        return Spelling("", "datum-jaar-kort", " of ".join(sorted(readings)))
    return Spelling(readings.pop(), "datum-jaar-kort")


def _date(year: int, month: int, day_: int) -> str:
    try:
        return date(year, month, day_).isoformat()
    except ValueError:
        return ""


def time(text: str) -> Spelling | None:
    """Of a time that is no xs:time: without seconds or without its first zero."""
    found = _TIME.fullmatch(text.strip())
    return Spelling(f"{found[1]:0>2}:{found[2]}:{found[3] or '00'}", "tijd-kort") if found else None


def number(text: str) -> Spelling | None:
    """Of a number that is no xs:decimal: with a decimal comma."""
    text = text.strip()
    if len(text) > _LONGEST or _COMMA.fullmatch(text) is None:
        return None
    plain = text.replace(".", "").replace(",", ".")
    if _TWO_WAYS.fullmatch(text):
        return Spelling("", "decimale-komma", f"{plain} of {text.replace(',', '')}")
    return Spelling(plain, "decimale-komma")


def could_be_thousands(text: str) -> bool:
    """Whether a valid number ('1.234') is another one for who writes a decimal comma."""
    return _GROUPED.fullmatch(text.strip()) is not None
