"""The source of time, when what it reads from is wrong or away."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from topics.clock.source import FILE, set_time, time_source
from topics.errors import ConfigurationError

MARCH = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def wrong(folder: Path) -> None:
    (folder / FILE).write_text('{"anchor": "gisteren"}')


def away(folder: Path) -> None:
    (folder / FILE).unlink()
    folder.rmdir()
    folder.write_text("a folder no more: looking into it is an error, not an absence")


@pytest.mark.parametrize("harm", [wrong, away])
def test_a_process_does_not_begin_when_it_cannot_tell_the_time(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    set_time(folder, MARCH)
    harm(folder)
    with pytest.raises(ConfigurationError, match=FILE):
        time_source(folder)


@pytest.mark.parametrize("harm", [wrong, away])
def test_time_goes_on_as_it_was_when_it_cannot_be_looked_at_and_that_is_told_once(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    set_time(folder, MARCH)
    source = time_source(folder)
    harm(folder)
    with structlog.testing.capture_logs() as told:
        assert [source.now(), source.now()] == [MARCH, MARCH]
        assert [one["event"] for one in told] == ["time.unseen"]
    if folder.is_file():
        folder.unlink()
        folder.mkdir()
    set_time(folder, MARCH.replace(day=3))
    assert source.now() == MARCH.replace(day=3)
