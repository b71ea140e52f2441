"""Words, times and durations as people read them; the text of a body of any kind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.documents import Reden
from topics.documents.onderhoud import Statuscode, Statusdetail
from topics.view.original import Place, as_text
from topics.view.words import DETAIL, REDEN, STATUS, ago, duration, moment, names, visible


def test_every_code_and_cause_has_words() -> None:
    assert STATUS.keys() == {code.value for code in Statuscode}
    assert DETAIL.keys() == {code.value for code in Statusdetail}
    assert REDEN.keys() == set(Reden)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 m"),
        (3_905, "1 u 5 m"),
        (90_000, "1 d 1 u"),
        (86_401, "1 d"),
        (-65, "-1 m 5 s"),
    ],
)
def test_durations_show_their_two_largest_units(seconds: int, shown: str) -> None:
    assert duration(seconds) == shown


def test_moments_are_local_also_across_the_change_of_clocks() -> None:
    assert moment(datetime(2026, 3, 28, 23, 30, tzinfo=UTC)) == "2026-03-29 00:30"
    assert moment(datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) == "2026-03-29 03:30"
    assert moment(datetime(2026, 6, 30, 22, 0, tzinfo=UTC), day_only=True) == "2026-07-01"


def test_a_moment_to_come_is_not_ago() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert ago(now + timedelta(hours=1), now) == "0 s"


def test_nobody_has_a_name_without_profiles(tmp_path: Path) -> None:
    day = datetime(2026, 3, 2, tzinfo=UTC).date()
    assert names(tmp_path / "nergens", day) == {}
    (tmp_path / "wonen").mkdir()
    (tmp_path / "wonen" / "1.toml").write_text("geen profiel")
    assert names(tmp_path, day) == {}


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"<a>\xc3\xa9</a>", "<a>é</a>"),
        (b"caf\xe9 au lait", "café au lait"),
        (b"", ""),
        (bytes(range(8)) * 4, "0001 0203"),
    ],
)
def test_a_body_is_text_where_it_is_text(body: bytes, shown: str) -> None:
    assert as_text(body).startswith(shown)


@given(st.binary(max_size=600))
def test_any_body_can_be_shown_and_steers_no_terminal(body: bytes) -> None:
    assert all(one.isprintable() or one in "\n\t" for one in as_text(body))


def test_a_partners_word_steers_no_terminal() -> None:
    assert visible("gereed\x1b[2J\r\n") == "gereed\ufffd[2J\ufffd\ufffd"
    assert as_text(b"regel 1\r\nregel 2\x1b[31m, en nog veel meer dat gewoon tekst is") == (
        "regel 1\nregel 2\ufffd[31m, en nog veel meer dat gewoon tekst is"
    )


def test_a_place_is_read_as_it_is_written() -> None:
    place = Place("ruw.aannemer.v1", 3, 17)
    assert Place.read(str(place)) == place
    with pytest.raises(ValueError):
        Place.read("ruw.aannemer.v1")
