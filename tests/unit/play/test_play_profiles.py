"""Which version of a profile a play holds on which day."""

from datetime import date
from pathlib import Path

import pytest

from tests.unit.verschil import opname
from topics.errors import ConfigurationError, Refused
from topics.play.profiles import Chosen, chosen

EARLY, LATE = date(2020, 1, 1), date(2030, 1, 1)
PARTNER = "tegendraad"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tegendraad has a version 2 from April 2026 on, and a concept of version 3."""
    profiles = opname.profiles(tmp_path)
    text = (profiles / PARTNER / "1.toml").read_text("utf-8")
    for version, start, name in ((2, "2026-04-01", "2.toml"), (3, "2027-01-01", "3.toml.concept")):
        other = text.replace("versie = 1", f"versie = {version}").replace(
            "geldig_vanaf = 2025-01-01", f"geldig_vanaf = {start}"
        )
        (profiles / PARTNER / name).write_text(other, "utf-8")
    return profiles


def version_on(found: Chosen, day: date, partner: str = PARTNER) -> int | None:
    profile = chosen(found).partner(partner, day)
    return None if profile is None else profile.versie


def test_versions_follow_each_other_when_nothing_is_held_fast(folder: Path) -> None:
    as_is = Chosen(folder=str(folder))
    assert [version_on(as_is, day) for day in (EARLY, date(2026, 3, 31), date(2026, 4, 1), LATE)] == [None, 1, 2, 2]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_version_that_is_held_fast_holds_on_every_day_a_concept_too(folder: Path, version: int) -> None:
    held = Chosen(folder=str(folder), vast={PARTNER: version})
    assert {version_on(held, day) for day in (EARLY, date(2026, 3, 31), LATE)} == {version}
    assert version_on(held, EARLY, "zilverlinde") is None


def test_on_a_day_every_partner_is_as_it_was_then(folder: Path) -> None:
    then = Chosen(folder=str(folder), dag=date(2026, 3, 31))
    assert {version_on(then, day) for day in (EARLY, LATE)} == {1}
    assert version_on(then, EARLY, "zilverlinde") == 1
    assert version_on(Chosen(folder=str(folder), dag=date(2026, 3, 31), vast={PARTNER: 3}), LATE) == 3


def test_a_version_or_partner_that_is_not_there_is_refused_with_those_that_are(folder: Path) -> None:
    with pytest.raises(Refused, match="tegendraad@9: found 1, 2, 3, expected one of them"):
        chosen(Chosen(folder=str(folder), vast={PARTNER: 9}))
    with pytest.raises(Refused, match="niemand@1: found no version at all"):
        chosen(Chosen(folder=str(folder), vast={"niemand": 1}))
    with pytest.raises(Refused, match="no profile holds on 2020-01-01"):
        chosen(Chosen(folder=str(folder), dag=EARLY))


def test_a_concept_that_is_wrong_is_refused_only_when_it_is_asked_for(folder: Path) -> None:
    concept = folder / PARTNER / "3.toml.concept"
    concept.write_text(concept.read_text("utf-8").replace("naam =", "nam ="), "utf-8")
    with pytest.raises(ConfigurationError, match="nam"):
        chosen(Chosen(folder=str(folder), vast={PARTNER: 3}))
    assert version_on(Chosen(folder=str(folder), vast={"zilverlinde": 1}), LATE) == 2
