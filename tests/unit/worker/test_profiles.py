"""Profiles of a running worker: changes are taken over, wrong ones are not."""

import asyncio
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from adapters.worker.__main__ import start
from adapters.worker.profiles import Profiles
from topics.errors import ConfigurationError
from topics.processes.starting import MISCONFIGURED, exit_status
from topics.profile.registry import Registry
from topics.profile.samples import install
from topics.profile.versions import read_index


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    install(tmp_path)
    return tmp_path


def second(folder: Path, name: str) -> None:
    text = (folder / "tegendraad" / "1.toml").read_text()
    text = text.replace("versie = 1", "versie = 2").replace('Tegendraad Bouwservice"', f'{name}"')
    (folder / "tegendraad" / "2.toml").write_text(text)


def named(registry: Registry) -> str:
    profile = registry.partner("tegendraad", date(2026, 6, 1))
    assert profile is not None
    return profile.naam


def test_what_a_worker_starts_with_is_published(folder: Path) -> None:
    Profiles(folder)
    assert (folder / "versies.json").exists()


def test_a_new_version_is_taken_over_and_published(folder: Path) -> None:
    profiles = Profiles(folder)
    assert not profiles.refresh()
    second(folder, "Nieuwe naam")
    assert profiles.refresh()
    assert named(profiles.registry) == "Nieuwe naam"
    second(folder, "Nog een andere")
    with pytest.raises(ConfigurationError):
        Registry.load(folder)


def test_a_dialect_that_no_format_knows_is_a_wrong_profile(folder: Path) -> None:
    profiles = Profiles(folder)
    second(folder, "Nieuwe naam")
    path = folder / "tegendraad" / "2.toml"
    path.write_text(path.read_text().replace("formaten =", 'dialecten = ["cp1252", "komma"]\nformaten ='))
    assert not profiles.refresh()
    assert set(read_index(folder)["tegendraad"]) == {"1"}
    with pytest.raises(ConfigurationError, match=r"tegendraad/2.toml: dialecten: found 'komma', expected one of"):
        Profiles(folder)


def test_a_wrong_profile_leaves_what_held(folder: Path) -> None:
    profiles = Profiles(folder)
    before = profiles.registry
    (folder / "tegendraad" / "2.toml").write_text("versie =")
    assert not profiles.refresh()
    assert profiles.registry is before
    second(folder, "Hersteld")
    assert profiles.refresh()
    assert named(profiles.registry) == "Hersteld"


def shown(profiles: Profiles) -> tuple[float | None, float | None]:
    """Whether what is on disk is refused, and the version of tegendraad, as Prometheus is told."""
    registry = CollectorRegistry()
    registry.register(profiles)
    version = registry.get_sample_value("ketenbus_profiel_versie", {"partner": "tegendraad"})
    return registry.get_sample_value("ketenbus_profielen_geweigerd"), version


def test_the_figures_say_which_version_is_in_force_and_whether_a_change_was_refused(folder: Path) -> None:
    profiles = Profiles(folder)
    assert shown(profiles) == (0, 1)
    (folder / "tegendraad" / "2.toml").write_text("versie =")
    profiles.refresh()
    assert shown(profiles) == (1, 1)
    second(folder, "Hersteld")
    profiles.refresh()
    assert shown(profiles) == (0, 2)


def test_a_wrong_profile_that_is_taken_away_is_no_longer_refused(folder: Path) -> None:
    profiles = Profiles(folder)
    path = folder / "tegendraad" / "2.toml"
    path.write_text("versie =")
    profiles.refresh()
    path.unlink()
    assert profiles.refresh()
    assert shown(profiles) == (0, 1)


class Adopter:
    def __init__(self) -> None:
        self.adopted = asyncio.Event()
        self.name = ""

    def adopt(self, registry: Registry) -> None:
        self.name = named(registry)
        self.adopted.set()


async def test_a_change_reaches_every_adapter(folder: Path) -> None:
    profiles, adapters = Profiles(folder), [Adopter(), Adopter()]
    watching = asyncio.create_task(profiles.watch(adapters, seconds=0.01))
    second(folder, "Nieuwe naam")
    async with asyncio.timeout(30):
        for adapter in adapters:
            await adapter.adopted.wait()
    watching.cancel()
    assert [adapter.name for adapter in adapters] == ["Nieuwe naam", "Nieuwe naam"]


def test_a_worker_without_profiles_does_not_start(tmp_path: Path) -> None:
    for wrong in ({"KETENBUS_DATA": str(tmp_path / "nergens")}, {"KETENBUS_PORT": "veel"}):
        assert exit_status(partial(start, wrong)) == MISCONFIGURED
