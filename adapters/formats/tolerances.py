"""Dates, times and amounts in XML that are not written as its standard has it and yet can mean one thing only (FACTS 8).

Each deviation has the name that it has in a profile (`dialects`). What can mean two things is refused: a year of two
digits, `1.234` as an amount.
"""

import re
from decimal import Decimal
from typing import Final

DAY_FIRST: Final = "datum-dag-eerst"
SHORT_TIME: Final = "tijd-kort"
COMMA: Final = "decimale-komma"
EMPTY: Final = "lege-elementen"

_ZONE: Final = r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])?"
_DAY: Final = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_ZONE}")
_DUTCH: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})")
_TIME: Final = re.compile(rf"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{{1,9}})?|24:00:00){_ZONE}")
_SHORT: Final = re.compile(rf"([01]?[0-9]|2[0-3]):([0-5][0-9])(:[0-5][0-9])?{_ZONE}")
_AMOUNT: Final = re.compile(r"-?[0-9]{1,13}(?:\.[0-9]{1,2})?")
_COMMA: Final = re.compile(r"-?(?:[0-9]{1,13}|[0-9]{1,3}(?:\.[0-9]{3}){1,4}),[0-9]{1,2}")


def iso_day(text: str) -> tuple[str, str | None]:
    """(the day as an xs:date, DAY_FIRST when it was written dd-mm-yyyy). Raises ValueError."""
    day = text.strip()
    if _DAY.fullmatch(day):
        return day, None
    dutch = _DUTCH.fullmatch(day)
    if dutch is None:
        raise ValueError(text)
    return f"{dutch[4]}-{int(dutch[3]):02d}-{int(dutch[1]):02d}", DAY_FIRST


def iso_time(text: str) -> tuple[str, str | None]:
    """(the time of day as an xs:time, SHORT_TIME when seconds or a leading zero lacked). Raises ValueError."""
    time = text.strip()
    if _TIME.fullmatch(time):
        return time, None
    short = _SHORT.fullmatch(time)
    if short is None:
        raise ValueError(text)
    return f"{int(short[1]):02d}:{short[2]}{short[3] or ':00'}{short[4] or ''}", SHORT_TIME


def amount(text: str) -> tuple[Decimal, str | None]:
    """(euro, COMMA when written as 1.234,56). Raises ValueError, also for more than two decimals."""
    number = text.strip()
    if _AMOUNT.fullmatch(number):
        return Decimal(number), None
    if _COMMA.fullmatch(number) is None:
        raise ValueError(text)
    return Decimal(number.replace(".", "").replace(",", ".")), COMMA
