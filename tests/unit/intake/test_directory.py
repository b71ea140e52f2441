"""Keys and profiles on disk, as the running intake sees them."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

import topics.profile
from adapters.intake.wiring import Directory, watch
from tests.unit.intake.fakes import START
from topics.errors import ConfigurationError
from topics.profile.credentials import Credentials

SAMPLES = Path(topics.profile.__file__).parent / "samples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLES, tmp_path / "profielen")
    return tmp_path


def issue(folder: Path, partner: str, overlap: timedelta = timedelta(days=1)) -> str:
    path = folder / "sleutels.json"
    credentials, bearer = Credentials.load(path).issue(partner, START, START + overlap)
    credentials.save(path)
    return bearer


def test_a_key_gives_the_partner_its_kind_and_an_id_that_is_not_the_key(folder: Path) -> None:
    bearer = issue(folder, "zilverlinde")
    caller = Directory(folder / "sleutels.json", folder / "profielen").caller(bearer, START)
    assert caller is not None
    assert (caller.partner, caller.kind) == ("zilverlinde", "corporatie")
    assert caller.key.startswith("sleutel:")
    assert caller.key.removeprefix("sleutel:") not in bearer
    assert caller.key.removeprefix("sleutel:") in (folder / "sleutels.json").read_text()


def test_a_partner_without_profile_has_no_kind(folder: Path) -> None:
    bearer = issue(folder, "nieuwkomer")
    caller = Directory(folder / "sleutels.json", folder / "profielen").caller(bearer, START)
    assert caller is not None
    assert caller.kind is None


def test_a_new_key_is_taken_over_and_the_old_one_holds_for_the_overlap(folder: Path) -> None:
    old = issue(folder, "zilverlinde")
    directory = Directory(folder / "sleutels.json", folder / "profielen")
    assert not directory.refresh()
    issue(folder, "zilverlinde", timedelta(hours=1))
    assert directory.refresh()
    assert directory.caller(old, START + timedelta(minutes=59)) is not None
    assert directory.caller(old, START + timedelta(hours=1)) is None


def test_a_key_that_was_just_made_is_known_at_its_first_request(folder: Path) -> None:
    former = issue(folder, "zilverlinde")
    directory = Directory(folder / "sleutels.json", folder / "profielen")
    for partner in ("tegendraad", "zilverlinde", "tegendraad"):
        caller = directory.caller(issue(folder, partner), START)
        assert caller is not None
        assert caller.partner == partner
    assert directory.caller(former, START) is not None


def test_the_first_key_of_all_is_known_at_its_first_request(folder: Path) -> None:
    directory = Directory(folder / "sleutels.json", folder / "profielen")
    assert directory.caller(issue(folder, "zilverlinde"), START) is not None


def test_a_partner_that_was_just_published_may_send_by_its_first_key(folder: Path) -> None:
    aside = shutil.move(folder / "profielen" / "tegendraad", folder / "aside")
    directory = Directory(folder / "sleutels.json", folder / "profielen")
    shutil.move(aside, folder / "profielen" / "tegendraad")
    caller = directory.caller(issue(folder, "tegendraad"), START)
    assert caller is not None
    assert caller.kind == "aannemer"


def test_wrong_keys_have_the_files_read_once_per_change_however_many_they_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    load = Credentials.load

    def counted(path: Path) -> Credentials:
        read.append(path)
        return load(path)

    keys = folder / "sleutels.json"
    bearer = issue(folder, "zilverlinde")
    directory = Directory(keys, folder / "profielen")
    monkeypatch.setattr(Credentials, "load", counted)
    for number in range(1000):
        assert directory.caller(f"geraden-{number}", START) is None
    assert read == []
    keys.write_text("{")
    for number in range(1000):
        assert directory.caller(f"geraden-{number}", START) is None
    assert read == [keys]
    assert directory.caller(bearer, START) is not None


async def test_a_withdrawn_key_ends_without_any_other_request(folder: Path) -> None:
    keys = folder / "sleutels.json"
    bearer = issue(folder, "zilverlinde")
    directory = Directory(keys, folder / "profielen")
    watching = asyncio.create_task(watch(directory, 0.01))
    Credentials.load(keys).revoke("zilverlinde", START).save(keys)
    async with asyncio.timeout(30):
        while directory.caller(bearer, START) is not None:
            await asyncio.sleep(0.01)
    watching.cancel()


def test_a_withdrawn_key_ends_when_a_wrong_one_comes_before_it(folder: Path) -> None:
    keys = folder / "sleutels.json"
    bearer = issue(folder, "zilverlinde")
    directory = Directory(keys, folder / "profielen")
    Credentials.load(keys).revoke("zilverlinde", START).save(keys)
    assert directory.caller("geraden", START) is None
    assert directory.caller(bearer, START) is None


def test_what_is_wrong_on_disk_leaves_the_former_in_force(folder: Path) -> None:
    bearer = issue(folder, "zilverlinde")
    directory = Directory(folder / "sleutels.json", folder / "profielen")
    (folder / "sleutels.json").write_text("{")
    assert not directory.refresh()
    assert directory.caller(bearer, START) is not None


def test_wrong_profiles_stop_the_start(folder: Path) -> None:
    (folder / "profielen" / "zilverlinde" / "99.toml").write_text("partner = 1")
    with pytest.raises(ConfigurationError):
        Directory(folder / "sleutels.json", folder / "profielen")


def test_a_withdrawn_key_ends_also_while_a_profile_is_broken(folder: Path) -> None:
    keys = folder / "sleutels.json"
    bearer = issue(folder, "zilverlinde")
    directory = Directory(keys, folder / "profielen")
    (folder / "profielen" / "tegendraad" / "2.toml").write_text("versie = ")
    Credentials.load(keys).revoke("zilverlinde", START).save(keys)
    assert directory.refresh()
    assert directory.caller(bearer, START) is None


def test_a_profile_is_taken_over_also_while_the_keys_cannot_be_read(folder: Path) -> None:
    bearer = issue(folder, "nieuwkomer")
    directory = Directory(folder / "sleutels.json", folder / "profielen")
    shutil.rmtree(folder / "profielen" / "tegendraad")
    (folder / "sleutels.json").write_text("{")
    assert directory.refresh()
    assert directory.caller(bearer, START) is not None
