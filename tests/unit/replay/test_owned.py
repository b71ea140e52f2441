"""Who was killed is known by its lock, and nobody else is taken for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from chain.replay.owned import owner, remove_orphans

OWNER = """
import sys, time
from pathlib import Path
from chain.replay.owned import owner
with owner(Path(sys.argv[1])) as name:
    print(name, flush=True)
    time.sleep(600)
"""


def orphans(folder: Path) -> list[str]:
    found: list[str] = []
    remove_orphans(folder, found.append)
    return found


def test_only_what_a_killed_owner_left_is_removed_and_once(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        name = process.stdout.readline().strip()
        with owner(tmp_path) as mine:
            assert orphans(tmp_path) == []
            process.kill()
            process.wait()
            assert orphans(tmp_path) == [name]
            assert [path.name for path in tmp_path.iterdir()] == [mine]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert list(tmp_path.iterdir()) == []


def test_what_could_not_be_removed_is_tried_again(tmp_path: Path) -> None:
    def refuse(_name: str) -> None:
        raise ConnectionError

    (tmp_path / "left").touch()
    with pytest.raises(ConnectionError):
        remove_orphans(tmp_path, refuse)
    assert orphans(tmp_path) == ["left"]
    assert orphans(tmp_path / "nowhere") == []
