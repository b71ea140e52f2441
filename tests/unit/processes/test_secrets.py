"""Secrets from files, by name in the environment."""

from pathlib import Path

import pytest

from adapters.intake.settings import Settings as IntakeSettings
from topics.errors import ConfigurationError
from topics.processes.secrets import with_secrets
from topics.processes.settings import ProcessSettings

URL = "postgresql://ketenbus:geheim@postgres/ketenbus"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "view_url"
    path.write_text(URL + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("settings", [ProcessSettings, IntakeSettings])
def test_the_view_is_that_of_the_file_when_one_is_named(
    settings: type[ProcessSettings] | type[IntakeSettings], secret: Path
) -> None:
    assert settings.of({"KETENBUS_VIEW_FILE": str(secret)}).view_url == URL


def test_both_ways_are_refused_when_a_secret_is_given_twice(secret: Path) -> None:
    with pytest.raises(ConfigurationError, match="KETENBUS_VIEW and KETENBUS_VIEW_FILE: found both"):
        with_secrets({"KETENBUS_VIEW": "sqlite://", "KETENBUS_VIEW_FILE": str(secret)})


def test_the_name_and_the_path_are_told_when_the_file_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"KETENBUS_VIEW_FILE .*/away: .*No such file"):
        with_secrets({"KETENBUS_VIEW_FILE": str(tmp_path / "away")})


def test_nothing_else_is_read_from_a_file_when_its_name_ends_so(secret: Path) -> None:
    assert with_secrets({"KETENBUS_PORT_FILE": str(secret)}) == {"KETENBUS_PORT_FILE": str(secret)}
