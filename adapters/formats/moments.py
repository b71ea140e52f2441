"""Times as partners write them: without a zone they are Europe/Amsterdam (FACTS 8), and every one becomes an instant.

The same instant always has the same form: the fixed offset that Amsterdam has at that instant. So two spellings of one
moment are equal, also byte for byte, and no arithmetic on it depends on a zone's table.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

from topics.accounts import AMSTERDAM
from topics.documents import Moment

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Outside these years a date is a placeholder or a slip of the keyboard (0001-01-01, 20226-…)."""

AMBIGUOUS = "tijd-dubbelzinnig"
NON_EXISTENT = "tijd-bestaat-niet"
WITH_ZONE = "tijd-met-zone"
OUT_OF_RANGE = "datum-buiten-bereik"

_FIXED = {timedelta(hours=n): timezone(timedelta(hours=n)) for n in (1, 2)}
_DATE = re.compile(r"(-?[0-9]{4,9})-([0-9]{2})-([0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(Z|[+-][0-9]{2}:[0-9]{2})?")


Reading = tuple[Moment | None, tuple[str, ...]]
"""A moment and what was odd about it (codes above). The moment is None only with OUT_OF_RANGE."""


def amsterdam(at: datetime) -> datetime:
    """The aware instant `at` in the form of this module."""
    there = at.astimezone(AMSTERDAM)
    offset = there.utcoffset() or timedelta()
    return there.replace(tzinfo=_FIXED.get(offset) or timezone(offset), fold=0)


def local(naive: datetime) -> tuple[datetime, str | None]:
    """The zone-less `naive` as an instant in Amsterdam.

    The hour that exists twice is taken the first time (AMBIGUOUS); the hour that is skipped is shifted forward by the
    gap (NON_EXISTENT).
    """
    aware = naive.replace(tzinfo=AMSTERDAM)
    offset = aware.utcoffset() or timedelta()
    if naive.hour > 3:  # the zone never changes later in the day within the years that are read
        return naive.replace(tzinfo=_FIXED.get(offset) or timezone(offset)), None
    later = aware.replace(fold=1).utcoffset() or timedelta()
    if later == offset:
        return naive.replace(tzinfo=_FIXED.get(offset) or timezone(offset)), None
    return amsterdam(aware.astimezone(UTC)), AMBIGUOUS if later < offset else NON_EXISTENT


def is_ambiguous(at: datetime) -> bool:
    """Whether the clock in Amsterdam shows this time twice that day."""
    return local(at.astimezone(AMSTERDAM).replace(tzinfo=None, fold=0))[1] == AMBIGUOUS


def from_xsd(day: str, time: str | None) -> Reading:
    """The moment of a valid xs:date and, when there is one, xs:time. A zone at the time goes before one at the date."""
    if len(day) == 10 and (time is None or (len(time) == 8 and "04" <= time < "24")):
        start, rest = _offsets(day)
        if start:
            text = f"{day}T00:00:00{start}" if time is None else f"{day}T{time}{rest}"
            return Moment(datetime.fromisoformat(text), time is None), ()
    return _slow(day, time)


@lru_cache(maxsize=4096)
def _offsets(day: str) -> tuple[str, str]:
    """Amsterdam's offset at 00:00 of `day` and from 04:00 on, as '+01:00'; empty when it is no plain day in range."""
    if not FIRST_YEAR <= _year(day) <= LAST_YEAR:
        return "", ""
    midnight = datetime.fromisoformat(day)
    start, rest = (local(midnight + timedelta(hours=hours))[0].strftime("%z") for hours in (0, 4))
    return f"{start[:3]}:{start[3:]}", f"{rest[:3]}:{rest[3:]}"


def _year(day: str) -> int:
    match = _DATE.fullmatch(day)
    return int(match[1]) if match and not match[4] else 0


def _slow(day: str, time: str | None) -> Reading:
    on = _DATE.fullmatch(day.strip())
    at = _TIME.fullmatch(time.strip()) if time is not None else None
    if on is None or (time is not None and at is None) or not FIRST_YEAR <= int(on[1]) <= LAST_YEAR:
        return None, (OUT_OF_RANGE,)
    naive = datetime(int(on[1]), int(on[2]), int(on[3]))
    zone = on[4]
    if at is not None:
        micros = int((at[4] or "")[:6].ljust(6, "0"))
        naive += timedelta(hours=int(at[1]), minutes=int(at[2]), seconds=int(at[3]), microseconds=micros)
        zone = at[5] or zone
    if zone is None or at is None:
        op, oddity = local(naive)
        oddities = [WITH_ZONE] if zone else []
        return Moment(op, at is None), (*oddities, *([oddity] if oddity else []))
    return Moment(amsterdam(naive.replace(tzinfo=_offset(zone)))), (WITH_ZONE,)


def _offset(zone: str) -> timezone:
    if zone == "Z":
        return UTC
    sign = -1 if zone[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6])))


def date_from_xsd(day: str) -> tuple[date | None, tuple[str, ...]]:
    """The calendar day of a valid xs:date; its zone, if any, does not move it."""
    if len(day) == 10 and _offsets(day)[0]:
        return date.fromisoformat(day), ()
    match = _DATE.fullmatch(day.strip())
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        return None, (OUT_OF_RANGE,)
    return date(int(match[1]), int(match[2]), int(match[3])), (WITH_ZONE,) if match[4] else ()


_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]([0-9]{2}:[0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?([Zz]|[+-][0-9]{2}:[0-9]{2})?)?"
)


def from_rfc3339(text: str) -> Reading:
    """The moment of an RFC 3339 time, the same without zone (then Amsterdam), or a date. Raises ValueError."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, minutes, seconds, fraction, zone = match.groups()
    if not FIRST_YEAR <= int(day[:4]) <= LAST_YEAR:
        return None, (OUT_OF_RANGE,)
    if minutes is None:
        return Moment(datetime.fromisoformat(f"{day}T00:00:00{_offsets(day)[0]}"), True), ()
    at = f"{day}T{minutes}:{seconds or '00'}.{(fraction or '')[:6].ljust(6, '0')}"
    if zone is None and minutes >= "04":
        return Moment(datetime.fromisoformat(f"{at}{_offsets(day)[1]}")), ()
    naive = datetime.fromisoformat(at)
    if zone is not None:
        return Moment(amsterdam(naive.replace(tzinfo=_offset(zone.upper())))), ()
    op, oddity = local(naive)
    return Moment(op), () if oddity is None else (oddity,)


def sentence(oddity: str, field: str, found: str) -> str:
    """The Dutch sentence of an oddity."""
    return f"Veld {field}: gevonden '{found}', {_SENTENCES[oddity]}"


_SENTENCES = {
    AMBIGUOUS: "een tijd die door het einde van de zomertijd twee keer voorkomt; verwacht een tijd met zone. "
    "De eerste keer is aangehouden.",
    NON_EXISTENT: "een tijd die door het begin van de zomertijd niet bestaat; verwacht een bestaande tijd. "
    "De tijd is een uur vooruit gezet.",
    WITH_ZONE: "een datum of tijd met zone; verwacht zonder zone, in Nederlandse tijd.",
    OUT_OF_RANGE: f"een datum buiten {FIRST_YEAR}–{LAST_YEAR}; verwacht een datum daarbinnen of het veld weglaten. "
    "De datum is niet overgenomen.",
}
