from pathlib import Path

import pytest
from pydantic import ValidationError

from adapters.intake.settings import Settings


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


def test_a_wrong_setting_names_its_field() -> None:
    with pytest.raises(ValidationError, match="port"):
        Settings.of({"KETENBUS_INTAKE_PORT": "70000"})
