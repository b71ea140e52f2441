"""Pauses as files: kept over a restart, seen by every worker, and holding also when they cannot be read."""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from tests.runtime.waiting import until
from topics.catalogue.declarations import READS
from topics.cli import console
from topics.errors import Refused
from topics.processes import pauses
from topics.processes.command import app
from topics.processes.pauses import Pause, Pauses

PAUSE = Pause("J. Beheer", "nieuwe release", datetime(2026, 3, 2, 8, tzinfo=UTC))
NAME = "correlate-onderhoud"


def test_a_pause_is_seen_at_the_next_look_and_by_who_starts_later(tmp_path: Path) -> None:
    found = Pauses(tmp_path)
    pauses.pause(tmp_path, NAME, PAUSE)
    assert found.of(NAME) is None
    found.look()
    assert found.of(NAME) == Pauses(tmp_path).of(NAME) == PAUSE
    assert found.of("ledger") is None
    assert str(PAUSE) == "paused since 2026-03-02 08:00 by J. Beheer: nieuwe release"


def test_it_ends_when_a_person_says_so_and_only_once(tmp_path: Path) -> None:
    pauses.pause(tmp_path, NAME, PAUSE)
    found = Pauses(tmp_path)
    assert pauses.resume(tmp_path, NAME)
    found.look()
    assert found.of(NAME) is None
    assert not pauses.resume(tmp_path, NAME)


def test_a_pause_that_cannot_be_read_holds_all_the_same(tmp_path: Path) -> None:
    pauses.pause(tmp_path, NAME, PAUSE)
    (tmp_path / "pauzes" / f"{NAME}.json").write_text("{")
    assert str(Pauses(tmp_path).of(NAME)) == f"paused by pauzes/{NAME}.json, which cannot be read"


def test_nothing_is_told_where_nothing_was_ever_paused(tmp_path: Path) -> None:
    with capture_logs() as told:
        assert Pauses(tmp_path).of(NAME) is None
    assert told == []


def test_a_pause_that_is_no_file_holds_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "pauzes" / f"{NAME}.json").mkdir(parents=True)
    assert str(Pauses(tmp_path).of(NAME)) == f"paused by pauzes/{NAME}.json, which cannot be read"


def test_a_pause_that_ends_while_it_is_looked_at_is_none(tmp_path: Path) -> None:
    (tmp_path / "pauzes").mkdir()
    # what is listed and then not there
    (tmp_path / "pauzes" / f"{NAME}.json").symlink_to(tmp_path / "weg")
    assert Pauses(tmp_path).of(NAME) is None


def test_a_pause_holds_while_the_disk_with_it_is_away(tmp_path: Path) -> None:
    data, away = tmp_path / "data", tmp_path / "away"
    pauses.pause(data, NAME, PAUSE)
    found = Pauses(data)
    data.rename(away)
    found.look()
    assert found.of(NAME) == PAUSE
    data.mkdir()
    found.look()
    assert found.of(NAME) == PAUSE
    data.rmdir()
    away.rename(data)
    assert pauses.resume(data, NAME)
    found.look()
    assert found.of(NAME) is None


def test_a_pause_holds_while_its_folder_cannot_be_looked_into(tmp_path: Path) -> None:
    pauses.pause(tmp_path, NAME, PAUSE)
    found = Pauses(tmp_path)
    (tmp_path / "pauzes").rename(tmp_path / "aside")
    (tmp_path / "pauzes").write_text("no folder")
    found.look()
    assert found.of(NAME) == PAUSE
    with pytest.raises(OSError, match="pauzes"):
        pauses.pauses(tmp_path)


def test_a_second_pause_that_breaks_off_leaves_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    pauses.pause(tmp_path, NAME, PAUSE)
    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="no space"):
        pauses.pause(tmp_path, NAME, Pause("A. Ander", "toch", PAUSE.sinds))
    assert pauses.pauses(tmp_path) == {NAME: PAUSE}


async def test_a_running_process_sees_a_pause_and_its_end(tmp_path: Path) -> None:
    found = Pauses(tmp_path)
    watching = asyncio.create_task(found.watch())
    pauses.pause(tmp_path, NAME, PAUSE)
    await until(lambda: found.of(NAME) == PAUSE, "the pause is seen")
    pauses.resume(tmp_path, NAME)
    await until(lambda: found.of(NAME) is None, "its end is seen")
    watching.cancel()


def test_every_processor_can_be_paused_and_reads_one_topic() -> None:
    assert READS["adapter-corporatie"] == "ruw.corporatie.v1"
    assert READS[NAME] == "onderhoud.gebeurtenis.v1"
    assert READS["ledger"] == "keten.spoor.v1"
    assert READS["besluit"] == "keten.besluit.v1"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["pauzeer", "correlator", "--reden", "x", "--door", "y"], "expected one of adapter-corporatie"),
        (["pauzeer", NAME, "--reden", "x"], "expected your name"),
        (["hervat", NAME], "is not paused"),
        (["hervat", "correlator"], "expected one of adapter-corporatie"),
    ],
)
def test_what_is_no_order_is_refused_with_what_was_expected(
    words: list[str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    monkeypatch.delenv("KETENBUS_DOOR", raising=False)
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, Refused)
    assert why in str(result.exception)
    assert not (tmp_path / "pauzes").exists()


def test_the_command_writes_who_and_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    monkeypatch.setenv("KETENBUS_DOOR", "J. Beheer")
    paused = CliRunner().invoke(app, ["pauzeer", "correlate-proef-onderhoud", "--reden", "release 12"])
    # one line, so that it can be copied
    assert "`ketenbus worker hervat correlate-proef-onderhoud`" in paused.output
    assert CliRunner().invoke(app, ["hervat", "correlate-proef-onderhoud"]).exit_code == 0
    assert CliRunner().invoke(app, ["pauzeer", NAME, "--reden", "release 12"]).exit_code == 0
    kept = json.loads((tmp_path / "pauzes" / f"{NAME}.json").read_text())
    assert (kept["door"], kept["reden"]) == ("J. Beheer", "release 12")
    assert CliRunner().invoke(app, ["hervat", NAME]).exit_code == 0
    assert pauses.pauses(tmp_path) == {}


def test_names_of_processors_are_whole_on_a_narrow_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    monkeypatch.setenv("KETENBUS_BOOTSTRAP", "127.0.0.1:1")
    for name in READS:
        pauses.pause(tmp_path, name, PAUSE)
    monkeypatch.setattr(console, "_width", 60)
    shown = CliRunner().invoke(app, ["lijst"]).output
    assert all(f" {name} " in shown for name in READS)
