"""compose/ says what the catalogue, the process table and the lock say."""

import re
from pathlib import Path

import pytest
import yaml

from topics.broker.distribution import read_lock
from topics.broker.settings import DEFAULTS
from topics.catalogue.acl import _OPERATIONS, acls
from topics.catalogue.brokersettings import rules
from topics.catalogue.principals import PRINCIPALS
from topics.catalogue.topic import PRODUCTION, SINGLE, Sizing
from topics.processes.table import PROCESSES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "compose"
_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")
BY_DEFAULT = {"unclean.leader.election.enable": "false", "log.cleaner.enable": "true"}
"""Kafka's own, where they are not set."""


def services(file: str = "compose.yaml") -> dict[str, dict[str, object]]:
    found = yaml.safe_load((COMPOSE / file).read_text("utf-8"))["services"]
    assert isinstance(found, dict)
    return found


def broker(variables: dict[str, str]) -> dict[str, str]:
    """The settings of the first node, as the public image makes them of its environment."""
    environment = services()["kafka"]["environment"]
    assert isinstance(environment, dict)
    return {
        name.removeprefix("KAFKA_").lower().replace("_", "."): _VARIABLE.sub(
            lambda found: variables.get(found[1], found[2]), str(value)
        )
        for name, value in environment.items()
        if name.startswith("KAFKA_")
    }


def three_nodes() -> dict[str, str]:
    lines = (COMPOSE / "drie.env").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


@pytest.mark.parametrize(("sizing", "variables"), [(SINGLE, {}), (PRODUCTION, three_nodes())])
def test_the_broker_is_what_the_bus_needs_when_nothing_else_is_set(sizing: Sizing, variables: dict[str, str]) -> None:
    found = BY_DEFAULT | {"transaction.max.timeout.ms": "900000"} | broker(variables)
    assert [rule.setting for rule in rules(sizing) if not rule.holds(found.get(rule.setting, ""))] == []


def test_the_brokers_limits_are_those_of_the_embedded_one_when_both_set_them() -> None:
    smaller = {"num.network.threads", "num.io.threads", "background.threads", "num.recovery.threads.per.data.dir"}
    found = broker({})
    both = (found.keys() & DEFAULTS.keys()) - smaller
    assert "transaction.abort.timed.out.transaction.cleanup.interval.ms" in both
    assert {name: found[name] for name in both} == {name: DEFAULTS[name] for name in both}


def test_every_process_of_the_table_has_a_service_that_runs_its_module() -> None:
    found = services()
    assert {one.name: found[one.name]["command"] for one in PROCESSES} == {
        one.name: ["python", "-m", one.module] for one in PROCESSES
    }


def test_every_service_is_contained_when_it_runs() -> None:
    for name, service in services().items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "mem_limit" in service, name
        assert "privileged" not in service, name


def test_ports_are_on_loopback_alone_when_they_are_published() -> None:
    published = {name: service["ports"] for name, service in services().items() if "ports" in service}
    assert "intake" in published
    for name, ports in published.items():
        assert isinstance(ports, list), name
        assert all(port.startswith("127.0.0.1:${") for port in ports), name


def test_every_process_connects_as_a_principal_of_the_catalogue_when_tls_is_on() -> None:
    known = {one.name for one in PRINCIPALS} | {"broker"}
    secured = services("compose.tls.yaml")
    named = {process.name for process in PROCESSES} | {"topics", "cli", "archief", "herstel"}
    assert named <= secured.keys()
    for name in named:
        environment = secured[name]["environment"]
        assert isinstance(environment, dict)
        for address in environment.values():
            assert address.startswith("sasl_ssl://"), name
            assert address.removeprefix("sasl_ssl://").partition("@")[0] in known, name


def test_the_public_kafka_is_the_release_of_the_lock() -> None:
    image = str(services()["kafka"]["image"])
    assert image == f"${{KAFKA_IMAGE:-apache/kafka:{read_lock().kafka_version}}}"


def packages(lock: Path) -> dict[str, frozenset[str]]:
    """Name and version of each package, with its hashes."""
    found: dict[str, set[str]] = {}
    name = ""
    for line in lock.read_text("utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            name = line.split()[0]
            found[name] = set()
        found.setdefault(name, set()).update(re.findall(r"sha256:[0-9a-f]{64}", line))
    return {name: frozenset(hashes) for name, hashes in found.items() if hashes}


def test_the_image_holds_the_versions_that_were_tested() -> None:
    ours, tested = packages(COMPOSE / "requirements.lock"), packages(ROOT / "requirements.lock")
    assert len(ours) > 50
    assert {name: hashes for name, hashes in ours.items() if tested.get(name) != hashes} == {}


def test_each_right_of_the_catalogue_can_be_given_when_it_is_asked() -> None:
    rights = [right for one in acls() for right in one.rights()]
    assert len(rights) == sum(len(one.operations) for one in acls())
    assert {operation for one in acls() for operation in one.operations} <= _OPERATIONS.keys()
