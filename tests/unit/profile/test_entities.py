"""Legal entities in the terms: which numbers are of one, and what is wrong when that cannot be told."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.unit.profile.test_registry import edit
from topics.profile.registry import Registry, examine
from topics.profile.samples import install

BTW, KVK = "NL879999007B01", "99000116"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    install(tmp_path)
    return tmp_path


def test_one_vat_number_and_one_kvk_number_are_of_one_entity(folder: Path) -> None:
    registry = Registry.load(folder)
    client = registry.versions("zilverlinde")[0]
    assert registry.entity(client, BTW) == registry.entity(client, KVK) == (BTW, KVK)
    assert registry.entity(client, "12345678") == ()
    assert registry.suppliers(client, KVK, date(2026, 6, 1)) == ("8799999000116",)


SEVERAL = 'btw_nummers = ["NL879999007B01", "NL123456782B90"]\nkvk_nummers = ["99000116", "99000314"]\n'


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ("", [r"kvk_nummers: found 99000116 beside 2 btw_nummers", r"kvk_nummers: found 99000314 beside"]),
        ('entiteiten = [{ btw = "NL879999007B01", kvk = "99000116" }]\n', ["kvk_nummers: found 99000314 beside"]),
        (
            'entiteiten = [{ kvk = "99000314" }, { btw = "NL879999019B01", kvk = "99000116" }]\n',
            [r"entiteiten\.1\.btw: found NL879999019B01, expected one of the btw_nummers"],
        ),
        (
            'entiteiten = [{ kvk = "99000314" }, { kvk = "99000116" }, { kvk = "99000215" }]\n',
            [r"entiteiten\.2\.kvk: found 99000215, expected one of the kvk_nummers"],
        ),
        ('entiteiten = [{ kvk = "99000314" }, { btw = "NL123456782B90", kvk = "99000116" }]\n', []),
    ],
)
def test_of_several_legal_entities_is_said_which_numbers_are_of_one(folder: Path, pairs: str, said: list[str]) -> None:
    edit(folder, "zilverlinde", 'btw_nummers = ["NL879999007B01"]\nkvk_nummers = ["99000116"]\n', SEVERAL + pairs)
    found = [str(one) for one in examine(folder)[1]]
    assert len(found) == len(said), found
    for one, expected in zip(found, said, strict=True):
        assert re.search(rf"termen\.0\.facturen\.{expected}", one)
