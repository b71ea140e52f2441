"""Bearer keys: digests only at rest, rotation with overlap, revocation."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from topics.errors import ConfigurationError
from topics.profile.credentials import Credentials

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def test_a_key_leads_to_its_partner_and_nothing_else_does() -> None:
    credentials, bearer = Credentials().issue("tegendraad", NOW, NOW)
    assert credentials.partner_of(bearer, NOW) == "tegendraad"
    assert credentials.partner_of(bearer + "x", NOW) is None
    assert credentials.partner_of("", NOW) is None
    assert credentials.partner_of("\udcff", NOW) is None


def test_a_key_has_256_random_bits() -> None:
    _, one = Credentials().issue("a", NOW, NOW)
    _, other = Credentials().issue("a", NOW, NOW)
    assert one != other
    assert len(one.removeprefix("kb_")) == 43


def test_the_file_holds_no_key_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "sleutels.json"
    credentials, bearer = Credentials().issue("tegendraad", NOW, NOW)
    credentials.save(path)
    assert bearer not in path.read_text()
    assert bearer.removeprefix("kb_") not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Credentials.load(path).partner_of(bearer, NOW) == "tegendraad"
    assert [one.name for one in tmp_path.iterdir()] == ["sleutels.json"]


def test_the_old_key_stays_valid_until_the_overlap_ends() -> None:
    first, old = Credentials().issue("tegendraad", NOW, NOW)
    second, new = first.issue("tegendraad", NOW, NOW + WEEK)
    assert second.partner_of(old, NOW + WEEK - timedelta(seconds=1)) == "tegendraad"
    assert second.partner_of(old, NOW + WEEK) is None
    assert second.partner_of(new, NOW + 100 * WEEK) == "tegendraad"


def test_a_later_rotation_never_lengthens_the_life_of_an_old_key() -> None:
    first, old = Credentials().issue("tegendraad", NOW, NOW)
    second, _ = first.issue("tegendraad", NOW, NOW + WEEK)
    third, _ = second.issue("tegendraad", NOW, NOW + 4 * WEEK)
    assert third.partner_of(old, NOW + 2 * WEEK) is None


def test_revoking_ends_every_key_of_that_partner_only() -> None:
    first, one = Credentials().issue("tegendraad", NOW, NOW)
    second, other = first.issue("kobalt-noord", NOW, NOW)
    revoked = second.revoke("tegendraad", NOW)
    assert revoked.partner_of(one, NOW) is None
    assert revoked.partner_of(other, NOW) == "kobalt-noord"


def test_no_file_means_no_keys(tmp_path: Path) -> None:
    assert Credentials.load(tmp_path / "sleutels.json").partner_of("kb_x", NOW) is None


def test_a_damaged_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "sleutels.json"
    path.write_text("{")
    with pytest.raises(ConfigurationError, match=r"sleutels\.json"):
        Credentials.load(path)
