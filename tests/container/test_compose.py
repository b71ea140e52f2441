"""The bus as compose/compose.yaml runs it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.container.stack import PATIENCE, Stack, archived, docker, order, within
from topics.processes.table import PROCESSES

pytestmark = [pytest.mark.container, pytest.mark.timeout(1800)]

ONE_SHOT = "topics"
ROOTS = ("0", "root", "")


def test_all_processes_run_and_are_healthy_when_up_has_returned(bus: Stack) -> None:
    found = {one.service: one for one in bus.containers()}
    others = {"archief", "kafka", "postgres", "prometheus", "alertmanager"}
    assert {process.name for process in PROCESSES} | others == found.keys() - {ONE_SHOT}
    assert found.pop(ONE_SHOT).fact("State.ExitCode") == 0
    assert {name: one.fact("State.Health.Status") for name, one in found.items()} == dict.fromkeys(found, "healthy")


def test_no_container_may_write_its_image_or_be_root_when_it_runs(bus: Stack) -> None:
    for one in bus.containers():
        assert one.fact("HostConfig.ReadonlyRootfs") is True, one.name
        assert one.fact("HostConfig.CapDrop") == ["ALL"], one.name
        assert one.fact("HostConfig.SecurityOpt") == ["no-new-privileges:true"], one.name
        assert isinstance(limit := one.fact("HostConfig.Memory"), int), one.name
        assert limit > 0, one.name
        user = str(one.fact("Config.User")).partition(":")[0]
        assert user not in ROOTS, one.name
        if one.fact("State.Running"):
            assert docker("exec", one.name, "id", "-u").strip() != "0", one.name


def test_a_message_is_applied_when_it_was_sent_to_the_intake(bus: Stack) -> None:
    receipt = bus.send("zilverlinde", order("ZL-26-9001"))
    assert bus.outcome("zilverlinde", receipt) == "toegepast"
    assert "ZL-26-9001" in bus.run("cli", "dossier", "ZL-26-9001")


def test_prometheus_sees_every_process_when_it_looks(bus: Stack) -> None:
    url = f"http://127.0.0.1:{bus.ports['PROMETHEUS_PORT']}/api/v1/query"

    def up() -> set[str]:
        found = json.loads(httpx.get(url, params={"query": "up == 1"}, timeout=30).text)["data"]["result"]
        return {one["metric"]["job"] for one in found}

    wanted = {process.name for process in PROCESSES} | {"archief"}
    within(PATIENCE, "prometheus has scraped all", lambda: wanted <= up())


def test_the_archive_is_whole_and_holds_what_was_sent_when_it_is_checked(bus: Stack) -> None:
    archived(bus, bus.send("zilverlinde", order("ZL-26-9010")))
    # what is not empty is never written into
    with pytest.raises(subprocess.CalledProcessError) as refused:
        bus.run("herstel")
    assert "is not empty" in refused.value.__notes__[0]


def test_nothing_is_lost_when_one_of_two_workers_is_killed_in_the_middle(bus: Stack) -> None:
    bus.run("up", SCALE="correlate=2")
    workers = bus.containers("correlate")
    assert len(workers) == 2
    before = [bus.send("zilverlinde", order(f"ZL-26-91{number:02}")) for number in range(20)]
    docker("kill", "--signal", "KILL", workers[0].name)
    after = [bus.send("zilverlinde", order(f"ZL-26-92{number:02}")) for number in range(20)]
    assert {bus.outcome("zilverlinde", receipt) for receipt in (*before, *after)} == {"toegepast"}
    # what docker did not restart itself, because it was killed by hand, the next `up` starts
    bus.run("up", SCALE="correlate=2")
    # ends with another status than 0 when the account does not balance
    bus.run("cli", "verantwoording", "--wacht", "60")


@pytest.fixture
def next_release(bus: Stack, tmp_path: Path) -> Iterator[str]:
    """The image of a release in which the document of an order has a second version."""
    image = f"ketenbus/ketenbus:{bus.project}"
    package = "/opt/venv/lib/python3.11/site-packages/topics/documents/__init__.py"
    lines = ["onderhoud.Opdracht.VERSION = 2", "registry.upcaster('onderhoud.opdracht', 1, dict)"]
    (tmp_path / "Dockerfile").write_text(
        f'FROM ketenbus/ketenbus:local\nUSER root\nRUN printf \'%s\\n\' "{lines[0]}" "{lines[1]}" >>{package}\nUSER ketenbus\n'
    )
    docker("build", "-q", "-t", image, str(tmp_path))
    yield image
    docker("image", "rm", "--force", image)


def test_nothing_is_lost_when_a_document_gets_a_version_and_its_writer_goes_back(bus: Stack, next_release: str) -> None:
    def says(service: str, words: str) -> bool:
        return any(
            words in docker("logs", "--tail", "50", one.name, errors_too=True) for one in bus.containers(service)
        )

    # the wrong order: the writer first. Its readers stop and wait, and say why
    bus.run("compose", "up", "-d", "--no-deps", "adapters", KETENBUS_IMAGE=next_release)
    receipt = bus.send("zilverlinde", order("ZL-26-9301"))
    within(PATIENCE, "correlate says what it cannot read", lambda: says("correlate", "document-onbekend"))
    bus.run("compose", "up", "-d", "--no-deps", "correlate", "view", KETENBUS_IMAGE=next_release)
    assert bus.outcome("zilverlinde", receipt) == "toegepast"
    # back: the writer's former release, read by the readers' new one
    bus.run("compose", "up", "-d", "--no-deps", "adapters")
    assert bus.outcome("zilverlinde", bus.send("zilverlinde", order("ZL-26-9302"))) == "toegepast"
    bus.run("cli", "verantwoording", "--wacht", "60", KETENBUS_IMAGE=next_release)


def test_nothing_is_left_when_the_bus_is_taken_down_with_its_volumes(bus: Stack) -> None:
    bus.run("down")
    kept = bus.left()
    assert kept
    assert all(docker("volume", "inspect", one) for one in kept)
    bus.run("down", VOLUMES="1")
    assert bus.left() == []
