"""Times without zone are Europe/Amsterdam, also around the changes of the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.formats.moments import (
    AMBIGUOUS,
    NON_EXISTENT,
    OUT_OF_RANGE,
    WITH_ZONE,
    amsterdam,
    date_from_xsd,
    from_rfc3339,
    from_xsd,
    is_ambiguous,
)
from topics.accounts import AMSTERDAM
from topics.documents import Moment


@pytest.mark.parametrize(
    ("day", "time", "expected", "oddities"),
    [
        ("2026-01-15", "09:30:00", "2026-01-15T09:30:00+01:00", ()),
        ("2026-07-15", "09:30:00", "2026-07-15T09:30:00+02:00", ()),
        ("2026-07-15", "00:10:00", "2026-07-15T00:10:00+02:00", ()),
        ("2026-07-15", "09:30:00.1234567", "2026-07-15T09:30:00.123456+02:00", ()),
        ("2026-07-15", "24:00:00", "2026-07-16T00:00:00+02:00", ()),
        (" 2026-07-15 ", " 09:30:00 ", "2026-07-15T09:30:00+02:00", ()),
        ("2026-07-15", "09:30:00Z", "2026-07-15T11:30:00+02:00", (WITH_ZONE,)),
        ("2026-07-15", "09:30:00-05:30", "2026-07-15T17:00:00+02:00", (WITH_ZONE,)),
        ("2026-07-15Z", "09:30:00", "2026-07-15T11:30:00+02:00", (WITH_ZONE,)),
        ("2026-07-15Z", "09:30:00+02:00", "2026-07-15T09:30:00+02:00", (WITH_ZONE,)),
        ("2026-03-29", "01:59:59", "2026-03-29T01:59:59+01:00", ()),
        ("2026-03-29", "02:30:00", "2026-03-29T03:30:00+02:00", (NON_EXISTENT,)),
        ("2026-03-29", "03:00:00", "2026-03-29T03:00:00+02:00", ()),
        ("2026-03-29", "09:00:00", "2026-03-29T09:00:00+02:00", ()),
        ("2026-10-25", "01:59:59", "2026-10-25T01:59:59+02:00", ()),
        ("2026-10-25", "02:30:00", "2026-10-25T02:30:00+02:00", (AMBIGUOUS,)),
        ("2026-10-25", "03:00:00", "2026-10-25T03:00:00+01:00", ()),
        ("2026-10-25", "09:00:00", "2026-10-25T09:00:00+01:00", ()),
    ],
)
def test_a_date_and_time_is_an_instant_in_amsterdam(
    day: str, time: str, expected: str, oddities: tuple[str, ...]
) -> None:
    moment, found = from_xsd(day, time)
    assert moment is not None
    assert moment.op.isoformat() == expected
    assert not moment.alleen_dag
    assert found == oddities


@pytest.mark.parametrize(
    ("day", "expected", "oddities"),
    [
        ("2026-03-29", "2026-03-29T00:00:00+01:00", ()),
        ("2026-10-25", "2026-10-25T00:00:00+02:00", ()),
        ("2026-03-02Z", "2026-03-02T00:00:00+01:00", (WITH_ZONE,)),
    ],
)
def test_a_date_alone_is_its_midnight_in_amsterdam(day: str, expected: str, oddities: tuple[str, ...]) -> None:
    moment, found = from_xsd(day, None)
    assert moment is not None
    assert (moment.op.isoformat(), moment.alleen_dag, found) == (expected, True, oddities)


@pytest.mark.parametrize("day", ["0001-01-01", "1969-12-31", "2200-01-01", "12026-01-01", "-0044-03-15"])
def test_a_placeholder_date_gives_no_moment(day: str) -> None:
    assert from_xsd(day, "09:00:00") == (None, (OUT_OF_RANGE,))
    assert date_from_xsd(day) == (None, (OUT_OF_RANGE,))


def test_a_calendar_day_is_not_moved_by_its_zone() -> None:
    assert date_from_xsd("2026-03-02-11:00") == (date(2026, 3, 2), (WITH_ZONE,))


@pytest.mark.parametrize(
    ("text", "expected", "oddities"),
    [
        ("2026-03-02T09:30:00Z", "2026-03-02T10:30:00+01:00", ()),
        ("2026-03-02t09:30:00z", "2026-03-02T10:30:00+01:00", ()),
        ("2026-03-02 09:30", "2026-03-02T09:30:00+01:00", ()),
        ("2026-03-02T09:30:00.123456789+01:00", "2026-03-02T09:30:00.123456+01:00", ()),
        ("2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+01:00", ()),
        ("2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00", (AMBIGUOUS,)),
    ],
)
def test_an_rfc3339_time_is_an_instant(text: str, expected: str, oddities: tuple[str, ...]) -> None:
    moment, found = from_rfc3339(text)
    assert moment is not None
    assert (moment.op.isoformat(), found) == (expected, oddities)


@pytest.mark.parametrize(
    "text",
    ["", "02-03-2026", "2026-3-2", "2026-13-01", "2026-02-30", "2026-03-02T25:00", "2026-03-02T09:60:00", "2026-03-02T",
     "2026-03-02T09:30:00+25:00", "２０２６-03-02", "2026-W10-1", "20260302", "2026-03-02T09:30:00,5Z"],
)  # fmt: skip
def test_what_is_no_rfc3339_time_raises(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        from_rfc3339(text)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC)))
def test_an_instant_has_one_form_whatever_the_zone_it_came_in(at: datetime) -> None:
    forms = {amsterdam(at).isoformat(), amsterdam(at.astimezone(AMSTERDAM)).isoformat()}
    assert len(forms) == 1
    assert amsterdam(at) == at
    assert from_rfc3339(at.isoformat()) == (Moment(at), ())


@given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 12, 30)))
def test_a_local_time_reads_as_the_zone_database_says(naive: datetime) -> None:
    whole = naive.replace(microsecond=0, fold=0)
    moment, oddities = from_xsd(f"{whole:%Y-%m-%d}", f"{whole:%H:%M:%S}")
    assert moment is not None
    assert moment.op == whole.replace(tzinfo=AMSTERDAM).astimezone(UTC)
    assert (AMBIGUOUS in oddities) is is_ambiguous(moment.op)


@given(st.integers(-240, 240))
def test_every_minute_around_the_end_of_summer_time_is_told_apart(minutes: int) -> None:
    at = amsterdam(datetime(2026, 10, 25, 1, tzinfo=UTC) + timedelta(minutes=minutes))
    assert is_ambiguous(at) is (-60 <= minutes < 60)
