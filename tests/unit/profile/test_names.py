"""What partners are called in figures."""

from pathlib import Path
from typing import Final

import pytest

from topics.profile.names import Names
from topics.profile.samples import install

ZILVERLINDE: Final = "8799999000017"
STRANGER: Final = "8799999000994"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    install(tmp_path)
    return tmp_path


def test_a_partner_is_named_by_its_gln_and_its_aliases_and_a_stranger_by_nothing_but_its_gln(folder: Path) -> None:
    names = Names(folder)
    assert [names(gln) for gln in (ZILVERLINDE, "8799999000116", "8799999000123", STRANGER)] == [
        "zilverlinde",
        "kobalt-noord",
        "kobalt-noord",
        STRANGER,
    ]


def test_without_profiles_a_gln_stands_for_itself(tmp_path: Path) -> None:
    assert Names(tmp_path / "nowhere")(ZILVERLINDE) == ZILVERLINDE


def test_a_change_is_taken_over_and_a_wrong_one_leaves_the_names_as_they_were(tmp_path: Path) -> None:
    names = Names(tmp_path)
    assert names(ZILVERLINDE) == ZILVERLINDE
    install(tmp_path)
    names.refresh()
    assert names(ZILVERLINDE) == "zilverlinde"
    (tmp_path / "zilverlinde" / "2.toml").write_text("versie =")
    names.refresh()
    assert names(ZILVERLINDE) == "zilverlinde"
