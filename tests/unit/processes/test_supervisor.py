"""What the supervisor does with a process that ends by itself."""

import os
from pathlib import Path

import pytest

from topics.broker.machine import choose_base
from topics.errors import ConfigurationError
from topics.processes.supervisor import Supervisor
from topics.processes.table import PROCESSES

ADAPTERS = next(process for process in PROCESSES if process.name == "adapters")


def test_a_process_that_a_profile_keeps_from_starting_is_not_started_again(tmp_path: Path) -> None:
    profile = tmp_path / "profielen" / "kapot" / "1.toml"
    profile.parent.mkdir(parents=True)
    profile.write_text("dit is geen profiel", "utf-8")
    supervisor = Supervisor(
        tmp_path, "127.0.0.1:1", os.environ, base_port=choose_base((ADAPTERS.offset,)), table=(ADAPTERS,)
    )
    supervisor.start()
    try:
        with pytest.raises(ConfigurationError, match=r"adapters cannot start[\s\S]*kapot/1\.toml"):
            supervisor.wait_until_ready(60, lambda name: None)
    finally:
        supervisor.stop()
    assert supervisor.children[0].starts == 1
