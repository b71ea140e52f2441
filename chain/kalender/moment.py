"""Moments as whole microseconds since 1970 UTC, and their wall clock in Europe/Amsterdam.

Rules count with integers: exact, small in the state and fast. A *day* is a proleptic Gregorian ordinal
(`date.toordinal`) of the day in Amsterdam; a *wall* time is the microseconds since that day began on the clock there.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
SECONDE: Final = 1_000_000
UUR: Final = 3_600 * SECONDE
DAG: Final = 24 * UUR

_from_timestamp: Final = datetime.fromtimestamp
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def micros(at: datetime) -> int:
    """`at` must be aware."""
    span = at - _EPOCH
    return (span.days * 86_400 + span.seconds) * SECONDE + span.microseconds


def moment(at: int) -> datetime:
    """In UTC; exact up to the year 2255."""
    return _from_timestamp(at / SECONDE, UTC)


def day_of(at: int) -> int:
    """The day in Amsterdam on which `at` falls."""
    return (at + _offset_of_hour(at // UUR)) // DAG + _EPOCH_DAY


def wall_of(at: int) -> tuple[int, int]:
    """Day and wall time of `at` in Amsterdam."""
    days, wall = divmod(at + _offset_of_hour(at // UUR), DAG)
    return days + _EPOCH_DAY, wall


@lru_cache(maxsize=65_536)
def at_wall(day: int, wall: int) -> int:
    """The moment at which the clock in Amsterdam shows `wall` on `day`.

    In the hour that occurs twice: the first time. In the hour that does not exist: as if the clock had not been moved.
    """
    days, rest = divmod(wall, DAG)
    local = datetime.combine(date.fromordinal(day + days), datetime.min.time(), AMSTERDAM)
    return micros((local + timedelta(microseconds=rest)).astimezone(UTC))


def end_of_day(day: int) -> int:
    """The last whole second of `day` in Amsterdam."""
    return at_wall(day + 1, 0) - SECONDE


@lru_cache(maxsize=65_536)
def _offset_of_hour(hour: int) -> int:
    """The zone changes on a whole hour of UTC only, so an hour has one offset."""
    offset = moment(hour * UUR).astimezone(AMSTERDAM).utcoffset()
    return 0 if offset is None else (offset.days * 86_400 + offset.seconds) * SECONDE
