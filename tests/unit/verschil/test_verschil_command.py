"""The command as it is run: what it prints, and with which exit status."""

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from chain.verschil import command, spelen
from chain.verschil.rapport import Rapport
from tests.unit.verschil import opname
from topics.errors import KetenbusError

CONTRACTOR = "tegendraad"
WORD = {CONTRACTOR: {'"80" = { code = "TGE"': '"80" = { code = "OND"'}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`inbox.opname`, and profiles in which version 2 of Tegendraad is a concept."""
    found = tmp_path_factory.mktemp("verschil")
    opname.captured(found / "inbox.opname", opname.inbox())
    profiles = opname.profiles(found / "profielen")
    changed = opname.profiles(found / "anders", WORD)
    text = (changed / CONTRACTOR / "1.toml").read_text("utf-8").replace("versie = 1", "versie = 2")
    (profiles / CONTRACTOR / "2.toml.concept").write_text(text, "utf-8")
    return found


def verschil(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run from a folder of its own, as a person at another place would."""
    return subprocess.run(
        [sys.executable, "-m", "topics.cli", "verschil", *arguments],
        cwd=folder,
        env={**os.environ, "KETENBUS_DATA": str(folder), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_concept_is_held_against_what_holds_and_the_status_says_that_something_differs(folder: Path) -> None:
    page = folder / "verschil.html"
    ran = verschil(folder, "inbox.opname", "--nieuw", "tegendraad@2", "--pagina", str(page))
    assert ran.returncode == 3, ran.stderr
    assert "status  code" in ran.stdout
    assert "TGE" in ran.stdout
    assert "oud:   zoals het is" in ran.stdout
    assert "nieuw: tegendraad@2" in ran.stdout
    assert max(map(len, ran.stdout.splitlines())) <= 100
    assert "<h1>Wat er verandert in inbox.opname</h1>" in page.read_text("utf-8")


def test_the_same_on_both_sides_is_no_difference_and_json_says_so(folder: Path) -> None:
    ran = verschil(folder, "inbox.opname", "--oud", "profielen", "--nieuw", "tegendraad@1", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = msgspec.json.decode(ran.stdout, type=Rapport)
    assert not found.anders
    assert found.berichten == 87
    assert {one.naam for one in found.secties} >= {"gebeurtenissen", "uitval", "dossiers", "doorlooptijden"}
    assert all(one.gelijk > 0 for one in found.secties)


def test_wrong_use_is_told_with_status_2(folder: Path) -> None:
    ran = verschil(folder, "inbox.opname")
    assert ran.returncode == 2, ran.stdout
    assert "geweigerd: nothing to compare" in ran.stderr


@pytest.mark.parametrize(
    ("capture", "side", "why"),
    [
        ("inbox.opname", "nergens", "nergens: found none of them"),
        ("inbox.opname", "tegendraad@9", "found 1, 2, expected one of them"),
        ("profielen/tegendraad/1.toml", "tegendraad@2", "expected a file that `ketenbus capture` wrote"),
        ("leeg.opname", "tegendraad@2", "found no message of a partner"),
        ("bestaat-niet.opname", "tegendraad@2", "cannot be opened"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_is_played(
    folder: Path, capture: str, side: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opname.captured(folder / "leeg.opname", [])
    monkeypatch.setattr(spelen, "Kant", None)
    with pytest.raises(KetenbusError, match=re.escape(why)):
        command.verschil(folder / capture, nieuw=[side], profielen=folder / "profielen")
