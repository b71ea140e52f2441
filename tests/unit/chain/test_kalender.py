"""The calendar of a contract (ONDERHOUD 2), against a plain walk day by day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.kalender import UUR, Werkkalender, day_of, end_of_day, micros, moment, pack, unpack
from topics.documents.onderhoud import Kalender

AMS = ZoneInfo("Europe/Amsterdam")
FREE = (date(2026, 5, 5), date(2026, 5, 14), date(2026, 12, 25))
PLAIN = Werkkalender(Kalender(vrije_dagen=FREE))


def at(text: str) -> int:
    return micros(datetime.fromisoformat(text).replace(tzinfo=AMS))


def local(value: int) -> str:
    return moment(value).astimezone(AMS).isoformat(timespec="seconds")[:19]


@pytest.mark.parametrize(
    ("received", "days", "expected"),
    [
        ("2026-11-16T10:00", 0, "2026-11-16T23:59:59"),
        ("2026-11-16T10:00", 1, "2026-11-17T23:59:59"),
        ("2026-11-16T16:30", 1, "2026-11-17T23:59:59"),  # the cut-off itself is in time
        ("2026-11-16T16:31", 1, "2026-11-18T23:59:59"),  # after the cut-off: the next working day is day 0
        ("2026-11-20T17:00", 1, "2026-11-24T23:59:59"),  # Friday evening: Monday is day 0
        ("2026-11-21T09:00", 2, "2026-11-25T23:59:59"),  # Saturday: Monday is day 0
        ("2026-05-04T09:00", 1, "2026-05-06T23:59:59"),  # 5 May is listed, so free
        ("2026-04-02T09:00", 1, "2026-04-03T23:59:59"),  # Good Friday is not listed, so worked
        ("2026-10-23T09:00", 1, "2026-10-26T23:59:59"),  # over the end of summer time
    ],
)
def test_norm_of_working_days_ends_at_the_end_of_the_nth_working_day(received: str, days: int, expected: str) -> None:
    assert local(PLAIN.add_working_days(at(received), days)) == expected


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2026-11-16T10:00", "2026-11-16T18:00", 0),
        ("2026-11-16T10:00", "2026-11-17T07:00", 1),
        ("2026-11-20T17:00", "2026-11-23T09:00", 0),  # received on Monday
        ("2026-11-20T10:00", "2026-11-22T12:00", 0),  # a Sunday counts as the Friday before it
        ("2026-11-16T10:00", "2026-11-13T10:00", 0),
    ],
)
def test_working_days_count_from_the_day_of_receipt(begin: str, end: str, expected: int) -> None:
    assert PLAIN.working_days(at(begin), at(end)) == expected


def test_deadline_without_pause_holds_until_the_end_of_the_day_when_shifted_over_whole_days() -> None:
    deadline = PLAIN.add_working_days(at("2026-11-16T10:00"), 1)
    day = PLAIN.working_time(at("2026-11-17T10:00"), at("2026-11-18T10:00"))
    assert local(PLAIN.shift(deadline, day)) == "2026-11-18T23:59:59"


def test_deadline_shifts_by_exactly_the_working_time_of_a_short_pause() -> None:
    deadline = PLAIN.add_working_days(at("2026-11-19T10:00"), 1)
    assert local(PLAIN.shift(deadline, UUR)) == "2026-11-23T09:00:00"


def test_bouwvak_is_free_only_when_the_contract_lists_it() -> None:
    listed = tuple(date(2026, 8, 3) + timedelta(days=n) for n in range(12))
    builder = Werkkalender(Kalender(vrije_dagen=listed))
    assert local(PLAIN.add_working_days(at("2026-07-31T09:00"), 2)) == "2026-08-04T23:59:59"
    assert local(builder.add_working_days(at("2026-07-31T09:00"), 2)) == "2026-08-18T23:59:59"


def test_calendar_is_refused_when_nothing_is_worked() -> None:
    with pytest.raises(ValueError, match="werkdagen"):
        Werkkalender(Kalender(werkdagen=()))
    with pytest.raises(ValueError, match="begin before eind"):
        Werkkalender(Kalender(begin=time(17), eind=time(8)))


def test_day_has_23_hours_when_summer_time_begins() -> None:
    begin = at("2026-03-29T00:00")
    assert end_of_day(day_of(begin)) - begin == 23 * UUR - 1_000_000


days = st.dates(date(2024, 1, 1), date(2028, 12, 31))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31)).map(lambda m: micros(m.replace(tzinfo=UTC)))
calendars = st.builds(
    Kalender,
    vrije_dagen=st.lists(days, max_size=40).map(tuple),
    werkdagen=st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found))),
    begin=st.sampled_from([time(0, 0), time(7, 30), time(8, 0)]),
    eind=st.sampled_from([time(12, 0), time(16, 30), time(23, 59)]),
)


def worked(kalender: Kalender, day: date) -> bool:
    return day.weekday() in kalender.werkdagen and day not in kalender.vrije_dagen


@given(calendars, moments, st.integers(0, 60))
def test_adding_working_days_agrees_with_a_walk_day_by_day(kalender: Kalender, begin: int, n: int) -> None:
    start = moment(begin).astimezone(AMS)
    day = start.date() + timedelta(days=start.time() > kalender.eind)
    while not worked(kalender, day):
        day += timedelta(days=1)
    for _ in range(n):
        day += timedelta(days=1)
        while not worked(kalender, day):
            day += timedelta(days=1)
    found = Werkkalender(kalender).add_working_days(begin, n)
    assert moment(found).astimezone(AMS).replace(tzinfo=None) == datetime.combine(day, time(23, 59, 59))
    assert Werkkalender(kalender).working_days(begin, found) == n


@given(calendars, moments, moments)
def test_working_days_between_agree_with_a_walk_day_by_day(kalender: Kalender, begin: int, end: int) -> None:
    calendar = Werkkalender(kalender)
    first, last = date.fromordinal(calendar.receipt_day(begin)), date.fromordinal(day_of(end))
    span = (last - first).days
    expected = sum(worked(kalender, first + timedelta(days=n)) for n in range(1, span + 1))
    assert calendar.working_days(begin, end) == expected


@given(calendars, moments, st.integers(1, 400 * UUR))
def test_adding_working_time_is_the_inverse_of_measuring_it(kalender: Kalender, begin: int, span: int) -> None:
    calendar = Werkkalender(kalender)
    end = calendar.add_working_time(begin, span)
    reached = calendar.working_time(begin, end)
    assert reached == span or _clock_moved(begin, end)


@given(calendars, moments, st.integers(0, 400 * UUR))
def test_what_is_left_until_a_deadline_is_as_much_as_was_asked(kalender: Kalender, deadline: int, span: int) -> None:
    found = Werkkalender(kalender)
    since = found.left(deadline, span)
    if not _clock_moved(since, deadline):
        assert since <= deadline
        assert found.working_time(since, deadline) == span


@given(calendars, moments, moments, moments)
def test_working_time_of_adjacent_spans_adds_up(kalender: Kalender, a: int, b: int, c: int) -> None:
    first, middle, last = sorted((a, b, c))
    calendar = Werkkalender(kalender)
    if not _clock_moved(first, last):
        whole = calendar.working_time(first, last)
        assert calendar.working_time(first, middle) + calendar.working_time(middle, last) == whole


@given(calendars)
def test_packed_calendar_counts_the_same(kalender: Kalender) -> None:
    begin = at("2026-03-27T12:00")
    packed = pack(kalender)
    assert unpack(packed).add_working_days(begin, 30) == Werkkalender(kalender).add_working_days(begin, 30)
    assert len(packed) <= 30 + 3 * len(set(kalender.vrije_dagen)) + 20


def _clock_moved(begin: int, end: int) -> bool:
    """A calendar that works through the night meets the hour that occurs twice or not at all: wall clock, not exact."""
    return any(moment(m).astimezone(AMS).hour in (2, 3) for m in (begin, end))
