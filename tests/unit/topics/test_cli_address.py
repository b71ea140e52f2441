"""Commands find the bus of their data folder; what the environment says goes first."""

from pathlib import Path

import pytest

from topics.cli import Settings, settings
from topics.errors import ConfigurationError
from topics.processes.address import FILE, Address, keep


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("BOOTSTRAP", "INTAKE", "VIEW"):
        monkeypatch.delenv(f"KETENBUS_{name}", raising=False)
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    return tmp_path


def test_without_a_bus_the_usual_addresses_hold(data: Path) -> None:
    assert settings() == Settings(data=data)


def test_the_bus_that_ran_last_on_the_folder_is_found(data: Path) -> None:
    keep(data, Address("127.0.0.1:25000", "http://127.0.0.1:25001"))
    keep(data, Address("127.0.0.1:26000", "http://127.0.0.1:26001"))
    found = settings()
    assert (found.bootstrap, found.intake) == ("127.0.0.1:26000", "http://127.0.0.1:26001")


def test_what_the_environment_says_goes_first(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(data, Address("127.0.0.1:25000", "http://127.0.0.1:25001"))
    monkeypatch.setenv("KETENBUS_BOOTSTRAP", "kafka:9092")
    found = settings()
    assert (found.data, found.bootstrap, found.intake) == (data, "kafka:9092", "http://127.0.0.1:25001")


@pytest.mark.parametrize("content", [b"", b"{}", b'{"bootstrap": 1, "intake": ""}', b"\xff"])
def test_a_damaged_file_says_what_to_do(data: Path, content: bytes) -> None:
    (data / FILE).write_bytes(content)
    with pytest.raises(ConfigurationError, match="start the bus once"):
        settings()
