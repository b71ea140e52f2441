"""The generator's own calendar: examples by hand, and agreement with the rules' calendar, which counts otherwise."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.generator.kalender import Kalender, end_of, moment
from chain.kalender import Werkkalender, micros
from chain.kalender import moment as at
from topics.documents.onderhoud import Kalender as Contract

FREE = (date(2026, 4, 3), date(2026, 4, 6), date(2026, 4, 27))
PLAIN = Kalender(frozenset(range(5)), frozenset(FREE), time(8), time(16, 30))
MICROSECOND = timedelta(microseconds=1)


def test_a_day_of_receipt_after_hours_is_the_next_working_day() -> None:
    assert PLAIN.day_zero(moment(date(2026, 4, 2), 16, 30)) == date(2026, 4, 2)
    # Thursday evening before Good Friday: Tuesday after Easter
    assert PLAIN.day_zero(moment(date(2026, 4, 2), 16, 31)) == date(2026, 4, 7)


def test_a_deadline_is_the_last_second_of_the_nth_working_day() -> None:
    assert PLAIN.deadline(moment(date(2026, 4, 1), 9), 2) == end_of(date(2026, 4, 7))


def test_working_days_are_counted_from_the_day_of_receipt() -> None:
    assert PLAIN.days(moment(date(2026, 4, 1), 9), moment(date(2026, 4, 7), 23)) == 2
    assert PLAIN.days(moment(date(2026, 4, 1), 9), moment(date(2026, 4, 5), 12)) == 1


def test_working_time_leaves_out_nights_and_free_days() -> None:
    begin, end = moment(date(2026, 4, 2), 15, 30), moment(date(2026, 4, 7), 9)
    assert PLAIN.worked(begin, end) == timedelta(hours=2)
    assert PLAIN.shifted(end_of(date(2026, 4, 2)), timedelta(hours=2)) == moment(date(2026, 4, 7), 10)
    assert PLAIN.shifted(end_of(date(2026, 4, 2)), timedelta(hours=8.5)) == end_of(date(2026, 4, 7))
    assert PLAIN.before(end_of(date(2026, 4, 7)), timedelta(hours=9)) == moment(date(2026, 4, 2), 16)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[Kalender, Werkkalender]:
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    free = draw(st.frozensets(st.dates(date(2026, 3, 1), date(2026, 5, 31)), max_size=12))
    begin = draw(st.integers(0, 20))
    end = draw(st.integers(begin + 1, 23))
    contract = Contract(tuple(free), tuple(days), time(begin), time(end, 15))
    return Kalender(days, free, time(begin), time(end, 15)), Werkkalender(contract)


MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2026, 5, 31)).map(
    lambda wall: wall.replace(tzinfo=UTC, microsecond=0)
)


@given(pair=calendars(), begin=MOMENTS, end=MOMENTS, days=st.integers(0, 25), minutes=st.integers(1, 6000))
def test_both_calendars_count_the_same(
    pair: tuple[Kalender, Werkkalender], begin: datetime, end: datetime, days: int, minutes: int
) -> None:
    plain, rules = pair
    span = timedelta(minutes=minutes)
    assert plain.deadline(begin, days) == at(rules.add_working_days(micros(begin), days))
    assert plain.days(begin, end) == rules.working_days(micros(begin), micros(end))
    assert plain.worked(begin, end) // MICROSECOND == rules.working_time(micros(begin), micros(end))
    deadline = plain.deadline(begin, days)
    assert plain.shifted(deadline, span) == at(rules.shift(micros(deadline), span // MICROSECOND))
    assert plain.before(deadline, span) == at(rules.left(micros(deadline), span // MICROSECOND))


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_days_around_the_change_of_the_clocks_end_when_the_clock_says_so(hour: int) -> None:
    assert end_of(date(2026, 3, 29)) - moment(date(2026, 3, 29), 0) == timedelta(hours=23) - timedelta(seconds=1)
    assert moment(date(2026, 3, 30), hour).astimezone(UTC).hour == (hour - 2) % 24
