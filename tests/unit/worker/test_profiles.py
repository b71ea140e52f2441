"""Profiles of a running worker: changes are taken over, wrong ones are not."""

import asyncio
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from prometheus_client import CollectorRegistry

from adapters.worker.__main__ import start
from adapters.worker.profiles import Profiles
from topics.errors import ConfigurationError
from topics.processes.starting import MISCONFIGURED, exit_status
from topics.profile.registry import Registry
from topics.profile.samples import install
from topics.profile.versions import read_index


class Standing:
    """The time of the bus, standing still."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def seconds_until(self, at: datetime) -> float:
        return (at - self._at).total_seconds()


MARCH: Final = Standing(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))


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
    Profiles(folder, MARCH)
    assert (folder / "versies.json").exists()


def test_a_new_version_is_taken_over_and_published(folder: Path) -> None:
    profiles = Profiles(folder, MARCH)
    assert not profiles.refresh()
    second(folder, "Nieuwe naam")
    assert profiles.refresh()
    assert named(profiles.registry) == "Nieuwe naam"
    second(folder, "Nog een andere")
    with pytest.raises(ConfigurationError):
        Registry.load(folder)


def test_a_dialect_that_no_format_knows_is_a_wrong_profile(folder: Path) -> None:
    profiles = Profiles(folder, MARCH)
    second(folder, "Nieuwe naam")
    path = folder / "tegendraad" / "2.toml"
    path.write_text(path.read_text().replace("formaten =", 'dialecten = ["cp1252", "komma"]\nformaten ='))
    assert not profiles.refresh()
    assert set(read_index(folder)["tegendraad"]) == {"1"}
    with pytest.raises(ConfigurationError, match=r"tegendraad/2.toml: dialecten: found 'komma', expected one of"):
        Profiles(folder, MARCH)


def test_a_wrong_profile_leaves_what_held(folder: Path) -> None:
    profiles = Profiles(folder, MARCH)
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
    profiles = Profiles(folder, MARCH)
    assert shown(profiles) == (0, 1)
    (folder / "tegendraad" / "2.toml").write_text("versie =")
    profiles.refresh()
    assert shown(profiles) == (1, 1)
    second(folder, "Hersteld")
    profiles.refresh()
    assert shown(profiles) == (0, 2)


def limit(profiles: Profiles, partner: str = "tegendraad") -> float | None:
    """Seconds that a partner may be silent, as Prometheus is told."""
    registry = CollectorRegistry()
    registry.register(profiles)
    return registry.get_sample_value("ketenbus_partner_stil_grens_seconds", {"partner": partner})


def silent_after(folder: Path, hours: object, since: str = "2025-01-01") -> None:
    path = folder / "tegendraad" / "2.toml"
    second(folder, "Nieuwe naam")
    text = path.read_text().replace("geldig_vanaf = 2025-01-01", f"geldig_vanaf = {since}", 1)
    path.write_text(text.replace("versie = 2", f"versie = 2\nstil_na_uren = {hours}"))


def test_a_partner_may_be_silent_for_four_days_when_its_profile_says_nothing(folder: Path) -> None:
    assert limit(Profiles(folder, MARCH)) == 4 * 86_400


@pytest.mark.parametrize(("hours", "seconds"), [(2, 7200.0), (8784, 31_622_400.0), (0, None)])
def test_a_profile_says_how_long_its_partner_may_be_silent(folder: Path, hours: int, seconds: float | None) -> None:
    silent_after(folder, hours)
    profiles = Profiles(folder, MARCH)
    assert limit(profiles) == seconds
    assert limit(profiles, "oudewal") == 4 * 86_400


def test_a_limit_holds_from_the_day_of_its_version_on(folder: Path) -> None:
    silent_after(folder, 2, "2026-03-03")
    assert limit(Profiles(folder, MARCH)) == 4 * 86_400
    # in Amsterdam, where a day begins an hour before it does in UTC
    assert limit(Profiles(folder, Standing(datetime(2026, 3, 2, 23, 0, tzinfo=UTC)))) == 7200


def test_a_partner_whose_first_version_is_to_begin_has_no_limit_yet(folder: Path) -> None:
    assert limit(Profiles(folder, Standing(datetime(2024, 12, 31, 12, 0, tzinfo=UTC)))) is None


@pytest.mark.parametrize("hours", [-1, 1.5, '"lang"'])
def test_a_limit_that_is_no_number_of_hours_is_a_mistake_of_the_profile(folder: Path, hours: object) -> None:
    silent_after(folder, hours)
    with pytest.raises(ConfigurationError, match=r"tegendraad/2.toml: stil_na_uren: found"):
        Profiles(folder, MARCH)


def test_a_wrong_profile_that_is_taken_away_is_no_longer_refused(folder: Path) -> None:
    profiles = Profiles(folder, MARCH)
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
    profiles, adapters = Profiles(folder, MARCH), [Adopter(), Adopter()]
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
