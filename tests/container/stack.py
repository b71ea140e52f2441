"""The bus in containers, for tests: one compose project with ports of its own."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import httpx
import msgspec

from topics.broker.machine import choose_port

ROOT: Final = Path(__file__).resolve().parents[2]
COMPOSE: Final = ROOT / "compose"
PORTS: Final = ("INTAKE_PORT", "KAFKA_PORT", "PROMETHEUS_PORT", "ALERTMANAGER_PORT")
PATIENCE: Final = 600.0
"""Seconds: generous, for a machine that does other things as well."""


def docker(*arguments: str, errors_too: bool = False) -> str:
    """What it printed. Raises CalledProcessError, with what docker said as a note."""
    return _told(["docker", *arguments], os.environ, PATIENCE, errors_too)


def _told(command: Sequence[str], environment: Mapping[str, str], patience: float, errors_too: bool = False) -> str:
    try:
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=patience, check=True)
    except subprocess.CalledProcessError as error:
        error.add_note(f"{error.stdout}\n{error.stderr}")
        raise
    return ended.stdout + (ended.stderr if errors_too else "")


def within(seconds: float, what: str, holds: Callable[[], bool]) -> None:
    """Waits until `holds`."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)


class Container(msgspec.Struct, frozen=True):
    """One container as `docker inspect` tells of it."""

    name: str
    service: str
    facts: dict[str, object]

    def fact(self, path: str) -> object:
        found: object = self.facts
        for part in path.split("."):
            assert isinstance(found, dict)
            found = found[part]
        return found


class Stack:
    """A project; `options` as for compose/run."""

    def __init__(self, project: str, **options: str) -> None:
        self.project = project
        self.ports: dict[str, int] = {}
        for name in PORTS:
            self.ports[name] = choose_port(self.ports.values())
        self._environment = {
            **os.environ,
            **{name: str(port) for name, port in self.ports.items()},
            "PROJECT": project,
            "PATIENCE": str(int(PATIENCE)),
            **options,
        }
        self._keys: dict[str, str] = {}

    def run(self, *arguments: str, **options: str) -> str:
        return _told([str(COMPOSE / "run"), *arguments], {**self._environment, **options}, PATIENCE * 2)

    def containers(self, service: str | None = None) -> list[Container]:
        ids = docker("ps", "-aq", "--filter", f"label=com.docker.compose.project={self.project}").split()
        facts = json.loads(docker("inspect", *ids)) if ids else []
        found = [
            Container(one["Name"].lstrip("/"), one["Config"]["Labels"]["com.docker.compose.service"], one)
            for one in facts
        ]
        return [one for one in found if service in (None, one.service)]

    def left(self) -> list[str]:
        """Everything of this project that docker knows."""
        label = f"label=com.docker.compose.project={self.project}"
        return [
            *docker("ps", "-aq", "--filter", label).split(),
            *docker("network", "ls", "-q", "--filter", label).split(),
            *docker("volume", "ls", "-q", "--filter", label).split(),
        ]

    # ------------------------------------------------------------ what a partner does

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['INTAKE_PORT']}"

    def _headers(self, partner: str) -> dict[str, str]:
        if partner not in self._keys:
            self._keys[partner] = self.run("cli", "partner", "sleutel", partner).split()[-1]
        return {"Authorization": f"Bearer {self._keys[partner]}", "Content-Type": "application/json"}

    def send(self, partner: str, message: Mapping[str, object]) -> str:
        """The id of its receipt. What is not taken in for the moment is sent again, as a partner would."""
        headers, found = self._headers(partner), list[str]()

        def accepted() -> bool:
            try:
                answer = httpx.post(
                    f"{self.url}/v1/berichten", content=json.dumps(message), headers=headers, timeout=30
                )
            except httpx.TransportError:
                return False
            if answer.status_code == 503:
                return False
            # a repeat: the broker had taken what was answered by a 503
            assert answer.status_code in (200, 202), answer.text
            found.append(answer.json()["id"])
            return True

        within(PATIENCE, "the intake takes a message in", accepted)
        return found[0]

    def outcome(self, partner: str, receipt: str) -> str:
        """The status of a message once it is definite."""
        found: list[str] = []

        def definite() -> bool:
            answer = httpx.get(f"{self.url}/v1/berichten/{receipt}", headers=self._headers(partner), timeout=30)
            if answer.status_code == 200 and answer.json()["definitief"]:
                found.append(answer.json()["status"])
            return bool(found)

        within(PATIENCE, f"message {receipt} is definite", definite)
        return found[0]


def archived(bus: Stack, receipt: str) -> None:
    """Waits until the archive, read in a container of its own, has the raw message of `receipt` too."""
    (archiver,) = bus.containers("archief")
    folder = "/var/lib/archief/bus"
    found = f"zcat {folder}/records/*.jsonl.gz | grep -q {receipt}"

    def there() -> bool:
        return subprocess.run(["docker", "exec", archiver.name, "bash", "-c", found], check=False).returncode == 0

    within(PATIENCE, f"{receipt} is archived", there)
    assert "records and" in bus.run("herstel", "--controle")


def order(number: str) -> dict[str, object]:
    """An order of the sample corporatie, as the demonstration's but with its own number."""
    sample = json.loads((ROOT / "adapters" / "demo" / "voorbeeld.json").read_text("utf-8"))
    return {**sample, "berichtnummer": f"M-{number}", "opdrachtnummer": number}
