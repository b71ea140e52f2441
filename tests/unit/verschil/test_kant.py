"""A side of a comparison: what may be asked for, and how its process begins, fails and ends."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

import chain.verschil
from chain.verschil.kant import Kant, Mislukt, feed_all, wens
from chain.verschil.vergelijk import secties
from tests.unit.verschil import opname
from topics.errors import KetenbusError, Refused
from topics.play import wire
from topics.play.profiles import Chosen
from topics.play.sources import in_order, survey

ROOT = Path(chain.verschil.__file__).resolve().parents[2]
SURVEY = survey(opname.inbox())


def script(folder: Path, name: str, text: str) -> Path:
    """An environment whose python is `text` of a shell."""
    path = folder / name / "bin" / "python"
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return folder / name


# what may be asked for


def test_a_side_is_made_of_profiles_versions_a_day_and_a_release_in_any_order(tmp_path: Path) -> None:
    profiles, release = opname.profiles(tmp_path / "profielen"), script(tmp_path, "ander", "exit 0")
    found = wens(["tegendraad@2", str(release), "2026-03-02", str(profiles), "zilverlinde@3"], tmp_path / "niet")
    assert found.python == str(release / "bin" / "python")
    assert found.profielen == Chosen(
        folder=str(profiles), vast={"tegendraad": 2, "zilverlinde": 3}, dag=date(2026, 3, 2)
    )


def test_a_side_that_names_nothing_is_as_it_is_here(tmp_path: Path) -> None:
    found = wens([], tmp_path)
    assert found.profielen == Chosen(folder=str(tmp_path))
    assert found.python == sys.executable


@pytest.mark.parametrize("words", [["bestaat-niet"], ["tegendraad@x"], ["2026-03-02", "2026-03-03"]])
def test_a_word_that_says_nothing_or_too_much_is_refused(words: list[str], tmp_path: Path) -> None:
    with pytest.raises(Refused, match="expected"):
        wens(words, tmp_path)


# its process


def side(words: Iterable[str], tmp_path: Path) -> Kant:
    return Kant(
        wens(list(words), opname.profiles(tmp_path / "profielen")),
        SURVEY,
        opname.PARTITIONS,
        tmp_path,
        dict(os.environ),
    )


def test_a_side_plays_in_a_process_of_its_own_and_says_what_it_is(tmp_path: Path) -> None:
    kant = side([], tmp_path)
    try:
        for record in in_order(opname.inbox()):
            kant.feed(record)
        said = kant.end()
    finally:
        kant.stop()
    assert said.ready.protocol == wire.PROTOCOL
    assert said.done.played == kant.gespeeld > 87
    assert len(kant.uitkomst.dossiers) > 50
    assert not kant.lopend


def test_another_release_plays_by_its_own_rules(tmp_path: Path) -> None:
    """A copy of this one, in which an order that was interrupted without a reason waits for its client."""
    copy = tmp_path / "kopie"
    for package in ("topics", "adapters", "chain"):
        shutil.copytree(ROOT / package, copy / package)
    table = copy / "chain" / "ketens" / "onderhoud" / "tabel.py"
    rule = "(C.OND, None, None): Rij(AanZet.AANNEMER, True"
    assert rule in table.read_text("utf-8")
    table.write_text(table.read_text("utf-8").replace(rule, rule.replace("AANNEMER, True", "OPDRACHTGEVER, False")))
    release = script(tmp_path, "ander", f'PYTHONPATH={copy} exec {sys.executable} "$@"')
    ours, theirs = side([], tmp_path / "a"), side([str(release)], tmp_path / "b")
    try:
        feed_all((ours, theirs), in_order(opname.inbox()), lambda _: None)
        ours.end()
        theirs.end()
    finally:
        ours.stop()
        theirs.stop()
    found = {one.naam: one for one in secties(ours.uitkomst, theirs.uitkomst, 0, None)}
    assert found["gebeurtenissen"].tellingen == {}
    (changed,) = found["dossiers"].regels
    assert changed.dossier.endswith("/ZL-26-1035")
    assert {line.dossier for line in found["doorlooptijden"].regels} == {changed.dossier}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('echo "python: No module named topics.play" >&2; exit 1', "install a newer one there"),
        ("echo gebroken >&2; exit 7", "ended with exit status 7: gebroken"),
        ("printf 'dit is geen frame van ons'", "no frame of protocol"),
    ],
)
def test_a_release_that_cannot_play_is_named_with_what_it_said(tmp_path: Path, text: str, expected: str) -> None:
    kant = side([str(script(tmp_path, "ander", f"cat > /dev/null & {text}"))], tmp_path)
    try:
        kant.feed(opname.inbox()[0])
        with pytest.raises(Mislukt, match=expected):
            kant.end()
    finally:
        kant.stop()
    assert not kant.lopend


def test_what_a_side_refuses_is_told_as_its_own_error(tmp_path: Path) -> None:
    kant = side(["tegendraad@7"], tmp_path)
    try:
        with pytest.raises(KetenbusError, match=r"geweigerd: tegendraad@7: found 1, expected one of them"):
            kant.end()
    finally:
        kant.stop()


def test_a_side_that_is_stopped_in_the_middle_is_gone(tmp_path: Path) -> None:
    kant = side([], tmp_path)
    for record in opname.inbox()[:50]:
        kant.feed(record)
    assert kant.lopend
    kant.stop()
    assert not kant.lopend


def test_a_process_whose_starter_went_away_ends_by_itself(tmp_path: Path) -> None:
    profiles = opname.profiles(tmp_path / "profielen")
    start = wire.Start(wire.PROTOCOL, Chosen(folder=str(profiles)), SURVEY, opname.PARTITIONS, "")
    stream = io.BytesIO()
    wire.write(stream, start)
    ran = subprocess.run(
        [sys.executable, "-m", "topics.play"], input=stream.getvalue(), capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == 1
    assert isinstance(list(wire.frames(io.BytesIO(ran.stdout)))[-1], wire.Failed)
