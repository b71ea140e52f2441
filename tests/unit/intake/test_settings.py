from pathlib import Path

import pytest

from adapters.intake.settings import Settings
from topics.errors import ConfigurationError


def test_what_the_bus_shares_has_one_name_and_the_intakes_own_another() -> None:
    settings = Settings.of(
        {
            "KETENBUS_DATA": "/srv/bus",
            "KETENBUS_BOOTSTRAP": "kafka:9092",
            "KETENBUS_INTAKE_PORT": "8080",
            "KETENBUS_INTAKE_CONTACT": "030-1234567",
            "KETENBUS_INTAKE": "https://bus.example",
            "PORT": "1",
        }
    )
    assert (settings.data, settings.bootstrap, settings.port) == (Path("/srv/bus"), "kafka:9092", 8080)
    assert settings.contact == "030-1234567"
    assert settings.view_url == "sqlite:////srv/bus/view.db"


def test_a_wrong_setting_is_told_by_the_name_that_it_was_given_by() -> None:
    with pytest.raises(ConfigurationError, match="KETENBUS_INTAKE_PORT: found '70000'; "):
        Settings.of({"KETENBUS_INTAKE_PORT": "70000"})
