"""What is committed is what the code writes."""

from pathlib import Path

from chain.dashboards.__main__ import main
from chain.dashboards.boards import files
from tests.unit.dashboards.read import FOLDER


def test_the_committed_boards_are_what_the_code_writes() -> None:
    """When this fails: `make dashboards`, look at the difference, commit it."""
    committed = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.json")}
    assert committed == files()


def test_writing_twice_gives_the_same_files() -> None:
    assert files() == files()


def test_a_board_that_is_no_more_is_taken_away_when_the_boards_are_written(tmp_path: Path) -> None:
    (tmp_path / "vroeger.json").write_text("{}")
    (tmp_path / "notities.md").write_text("of a person")
    main(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*files(), "notities.md"}
