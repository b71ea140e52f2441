"""What is kept of a play that was interrupted, and the time it begins at."""

from datetime import timedelta
from pathlib import Path

import msgspec

from adapters.demo.delivery import JOURNAL, Delivered, journal, wind_back
from adapters.demo.inbox import load
from topics.clock.source import FILE, set_time, time_source

SAMPLES, EINDE = load()


def test_time_stands_at_the_first_message_before_anything_was_played(tmp_path: Path) -> None:
    wind_back(tmp_path / "new", SAMPLES)
    assert time_source(tmp_path / "new").now() == SAMPLES[0].verwacht.op


def test_time_of_an_interrupted_play_stays_where_it_was(tmp_path: Path) -> None:
    former = Delivered(SAMPLES[0].naam, SAMPLES[0].verwacht.op, 202, "a receipt")
    (tmp_path / JOURNAL).write_bytes(msgspec.json.encode(former) + b"\n")
    later = SAMPLES[0].verwacht.op + timedelta(days=3)
    set_time(tmp_path, later)
    wind_back(tmp_path, SAMPLES)
    assert time_source(tmp_path).now() == later


def test_time_is_real_again_after_a_play_that_was_finished(tmp_path: Path) -> None:
    former = Delivered(SAMPLES[-1].naam, SAMPLES[-1].verwacht.op, 202, "a receipt")
    (tmp_path / JOURNAL).write_bytes(msgspec.json.encode(former) + b"\n")
    wind_back(tmp_path, SAMPLES)
    assert not (tmp_path / FILE).exists()


def test_journal_has_what_was_handed_over_by_name(tmp_path: Path) -> None:
    assert journal(tmp_path) == {}
    one = Delivered("001-een", EINDE.einde, 202, "r1")
    two = Delivered("002-twee", EINDE.einde, 415)
    (tmp_path / JOURNAL).write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in (one, two)))
    assert journal(tmp_path) == {"001-een": one, "002-twee": two}
