"""How processes begin when something that a person set is wrong: one line that says what, and which exit status."""

import asyncio
import runpy
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

from adapters.intake.settings import Settings as IntakeSettings
from topics.broker.machine import choose_port
from topics.errors import ConfigurationError, PositionMismatch, Unavailable
from topics.processes.health import health
from topics.processes.settings import ProcessSettings
from topics.processes.starting import FAILED, MISCONFIGURED, exit_status
from topics.processes.table import INTAKE, PROCESSES, Process
from topics.processes.variables import checked

ROOT = Path(__file__).parents[3]
SECRET = "wachtwoord-van-de-view"


@pytest.fixture(autouse=True)
def not_configured() -> Iterator[None]:
    """As a process that has not read its settings yet."""
    before = structlog.get_config()
    structlog.reset_defaults()
    yield
    structlog.configure(**before)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_a_process_says_in_one_line_which_settings_are_wrong(
    process: Process, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variable = "KETENBUS_INTAKE_PORT" if process.name == INTAKE else "KETENBUS_PORT"
    monkeypatch.setenv(variable, "70000")
    monkeypatch.setenv("KETENBUS_LOG_LEVEL", "luid")
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / process.module.replace(".", "/") / "__main__.py"), run_name="__main__")
    assert ended.value.code == MISCONFIGURED
    said = capsys.readouterr().err
    assert said.startswith(f"configuratie: {variable}: found '70000'; ")
    assert "; KETENBUS_LOG_LEVEL: found 'luid'; " in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("settings", [ProcessSettings, IntakeSettings])
def test_a_level_of_the_log_may_be_written_in_capitals(settings: type[ProcessSettings] | type[IntakeSettings]) -> None:
    assert settings.of({"KETENBUS_LOG_LEVEL": "Warning"}).log_level == "warning"


def test_a_secret_is_not_shown_when_it_is_wrong() -> None:
    class Narrow(BaseModel):
        view: int

    with pytest.raises(ConfigurationError, match="KETENBUS_VIEW: found a value that is not shown; ") as raised:
        checked(Narrow, {"view": SECRET})
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_process_that_could_not_go_on_ends_otherwise_than_one_that_is_set_wrongly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def lost() -> None:
        raise PositionMismatch("another process fills this view")

    assert exit_status(lost) == FAILED
    assert capsys.readouterr().err == "positie-klopt-niet: another process fills this view\n"


def test_everything_that_ended_tasks_together_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    def ended() -> None:
        inner = ExceptionGroup("inner", [Unavailable("weg"), ConfigurationError("verkeerd")])
        raise ExceptionGroup("outer", [Unavailable("weg"), inner])

    assert exit_status(ended) == MISCONFIGURED
    assert sorted(capsys.readouterr().err.splitlines()) == ["configuratie: verkeerd", "niet-beschikbaar: weg"]


def test_a_bug_is_not_taken_for_an_error_of_ours() -> None:
    def broken() -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        exit_status(broken)


async def test_a_port_that_is_taken_is_named_before_anything_is_begun() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"127\.0\.0\.1 port {port}: .*KETENBUS_PORT"):
            async with health("127.0.0.1", port, CollectorRegistry(), lambda: True, asyncio.Event()):
                pytest.fail("began on a port of somebody else")


async def test_a_process_that_stops_is_not_ready_any_more() -> None:
    port, stop, registry = choose_port(()), asyncio.Event(), CollectorRegistry()
    async with (
        health("127.0.0.1", port, registry, lambda: True, stop),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        assert (await client.get("/readyz")).status_code == 200
        stop.set()
        assert (await client.get("/readyz")).status_code == 503
        assert "ketenbus_process_ready 0.0" in (await client.get("/metrics")).text
