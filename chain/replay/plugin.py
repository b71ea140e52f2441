"""pytest plugin: a bus for the tests of who builds on it (`pip install 'ketenbus[replay]'`; pytest finds it by itself).

    def test_my_statuses_end_the_order(ketenbus_replay):
        uitkomst = ketenbus_replay("week-12.capture")
        assert uitkomst.dossier("ZL-26-1003").toestand == "technisch-gereed"

Nothing of ours is imported before a test asks for a fixture.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from chain.replay.outcome import Uitkomst
    from chain.replay.played import Played
    from chain.replay.running import Bus

PROFILES = "ketenbus_profielen"
CAPTURE = "ketenbus_capture"
IMAGE = "ketenbus_image"
BROKER = "ketenbus_broker"
CHOICES = ("auto", "container", "embedded")


class Replay(Protocol):
    """Plays a capture into an empty bus and waits until everything is handled. `capture`: a path, from the project's root
    on; None: that of the option. Raises ketenbus' errors, of which the message says what to do."""

    def __call__(self, capture: str | Path | None = None) -> Uitkomst: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ketenbus", "a bus for tests, and captures to play into it")
    told = {
        PROFILES: "folder with <partner>/<version>.toml; default: the sample partners",
        CAPTURE: "capture that ketenbus_replay() plays",
        IMAGE: "image of the Kafka container; default: KETENBUS_KAFKA_IMAGE, else ketenbus/kafka:local",
        BROKER: f"{', '.join(CHOICES)}: a container where there is Docker, else one without (auto); default: auto",
    }
    for name, text in told.items():
        group.addoption("--" + name.replace("_", "-"), dest=name, default=None, help=text)
        parser.addini(name, text, default="")


@pytest.fixture(scope="session")
def _ketenbus_played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    from chain.replay.container import IMAGE as OURS
    from chain.replay.played import AUTO, Choice, Played
    from topics.cli import environment

    config, given = request.config, environment()
    profiles = _setting(config, PROFILES)
    choice = Choice(
        folder=tmp_path_factory.mktemp("ketenbus"),
        environment=given,
        profiles=config.rootpath / profiles if profiles else None,
        image=_setting(config, IMAGE) or given.get("KETENBUS_KAFKA_IMAGE", OURS),
        broker=_setting(config, BROKER) or AUTO,
    )
    played = Played(choice, _tell)
    try:
        yield played
    finally:
        played.close()


@pytest.fixture(scope="session")
def ketenbus_bus(_ketenbus_played: Played) -> Bus:
    """A broker with the topics of the catalogue, and the processes that make dossiers, measures and the account of messages.

    One for all tests of a session, without intake and clock: messages, decisions and time come from a capture.
    """
    return _ketenbus_played.bus()


@pytest.fixture
def ketenbus_replay(request: pytest.FixtureRequest, _ketenbus_played: Played) -> Replay:
    """Plays a capture and gives what came of it, typed: dossiers, measures, signals, invoices, dead letters, the account.

    A capture is played once per session, into an empty bus: that of `ketenbus_bus`, or one of its own when something was
    played there.
    """

    def replay(capture: str | Path | None = None) -> Uitkomst:
        given = capture or _setting(request.config, CAPTURE)
        if not given:
            option = CAPTURE.replace("_", "-")
            raise pytest.UsageError(f"no capture: name one, set {CAPTURE} in the ini file, or say --{option}")
        return _ketenbus_played.outcome(request.config.rootpath / given)

    return replay


def _setting(config: pytest.Config, name: str) -> str:
    return str(config.getoption(name) or config.getini(name) or "")


def _tell(text: str) -> None:
    # pytest shows it beside a failure
    sys.stderr.write(f"{text}\n")
