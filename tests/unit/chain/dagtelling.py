"""Working days and working time counted plainly, day by day, for `herrekening`. Moments in UTC, days in Amsterdam."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from topics.documents.onderhoud import Kalender

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def lokaal(at: datetime) -> datetime:
    return at.astimezone(AMSTERDAM)


def op_klok(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, AMSTERDAM).astimezone(UTC)


def gewerkt(kalender: Kalender, day: date) -> bool:
    return day.weekday() in kalender.werkdagen and day not in kalender.vrije_dagen


def werktijd(kalender: Kalender, begin: datetime, end: datetime) -> timedelta:
    """Time between two moments that lies within working hours."""
    total, day = timedelta(0), lokaal(begin).date()
    while day <= lokaal(end).date():
        if gewerkt(kalender, day):
            first, last = max(begin, op_klok(day, kalender.begin)), min(end, op_klok(day, kalender.eind))
            total += max(timedelta(0), last - first)
        day += timedelta(days=1)
    return total


def schuif(kalender: Kalender, deadline: datetime, span: timedelta) -> datetime:
    """`deadline` after `span` more working time; what falls on the end of a working day holds until midnight."""
    day, at = lokaal(deadline).date(), deadline
    while span > timedelta(0):
        if gewerkt(kalender, day):
            first, last = max(at, op_klok(day, kalender.begin)), op_klok(day, kalender.eind)
            room = max(timedelta(0), last - first)
            if span < room:
                return first + span
            if room and span == room:
                return einde_dag(day)
            span -= room
        day += timedelta(days=1)
        at = op_klok(day, time(0))
    return deadline


def einde_dag(day: date) -> datetime:
    return op_klok(day + timedelta(days=1), time(0)) - timedelta(seconds=1)


def dag_nul(kalender: Kalender, at: datetime) -> date:
    """Day of receipt: the next working day after the end of the working day, or on a day that is not worked."""
    local = lokaal(at)
    day = local.date() + timedelta(days=1) if local.time() > kalender.eind else local.date()
    while not gewerkt(kalender, day):
        day += timedelta(days=1)
    return day


def werkdagen(kalender: Kalender, begin: datetime, end: datetime) -> int:
    day, last, count = dag_nul(kalender, begin), lokaal(end).date(), 0
    while day < last:
        day += timedelta(days=1)
        count += gewerkt(kalender, day)
    return count


def nde_werkdag(kalender: Kalender, begin: datetime, n: int) -> datetime:
    day = dag_nul(kalender, begin)
    while n:
        day += timedelta(days=1)
        n -= gewerkt(kalender, day)
    return einde_dag(day)
