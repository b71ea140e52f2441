"""What Prometheus and Alertmanager are given: right by their own tools, tested alert by alert, and of metrics that there are."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from topics.metrics.metric import Kind
from topics.metrics.table import declared
from topics.processes.table import PROCESSES

COMPOSE: Final = Path(__file__).resolve().parents[2] / "compose"
RULES: Final = sorted((COMPOSE / "prometheus/rules").glob("*.yml"))
TESTS: Final = sorted((COMPOSE / "prometheus/tests").glob("*.yml"))
NAME: Final = re.compile(r"\b(?:\w+:)?(ketenbus_\w+)(?::\w+)?")
ARCHIVER: Final = "archief"
"""Beside the process table: `make run` has none."""
RECORDED: Final = re.compile(r"[a-z_]+:ketenbus_[a-z_]+:[a-z0-9_]+")


def rules(kind: str) -> dict[str, dict[str, Any]]:
    """By name: `alert` or `record`."""
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    every = [rule for group in groups for rule in group["rules"] if kind in rule]
    found = {rule[kind]: rule for rule in every}
    assert len(found) == len(every)
    return found


ALERTS: Final = rules("alert")


@pytest.fixture(scope="module")
def tool() -> str:
    return _installed("promtool", "prometheus")


def _installed(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not installed: .ci/run must install {package}")
        pytest.skip(f"{name} is not installed on this machine (Debian package {package})")
    return found


def said(*command: str | Path) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=COMPOSE)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_prometheus_takes_its_configuration_and_rules(tool: str) -> None:
    said(tool, "check", "config", "--lint=all", "--lint-fatal", COMPOSE / "prometheus/prometheus.yml")
    said(tool, "check", "rules", "--lint=all", "--lint-fatal", *RULES)


def test_alertmanager_takes_its_configuration() -> None:
    said(_installed("amtool", "prometheus-alertmanager"), "check-config", COMPOSE / "alertmanager/alertmanager.yml")


def test_every_alert_does_what_its_test_says(tool: str) -> None:
    assert said(tool, "test", "rules", *TESTS).count("SUCCESS") == len(TESTS)


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_is_tested_for_when_it_fires_and_when_it_does_not(name: str) -> None:
    told = yaml.safe_load((COMPOSE / "prometheus/tests" / f"{name}.yml").read_text())
    expected = [one for test in told["tests"] for one in test["alert_rule_test"]]
    assert {one["alertname"] for one in expected} == {name}
    assert {bool(one["exp_alerts"]) for one in expected} == {True, False}


def test_no_test_is_of_an_alert_that_is_gone() -> None:
    assert {path.stem for path in TESTS} == set(ALERTS)


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_says_how_urgent_it_is_and_what_to_do(name: str) -> None:
    rule = ALERTS[name]
    assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"})
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    file, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    headings = [line[3:] for line in (COMPOSE / file).read_text().splitlines() if line.startswith("## ")]
    assert name in headings
    assert anchor == name.lower()


@pytest.mark.parametrize("name", sorted({**ALERTS, **rules("record")}))
def test_a_rule_asks_for_metrics_that_are_declared(name: str) -> None:
    rule = {**ALERTS, **rules("record")}[name]
    suffixes = {
        Kind.HISTOGRAM: ("_bucket", "_count", "_sum"),
        Kind.GAUGE_HISTOGRAM: ("_bucket", "_gcount", "_gsum"),
    }
    names = {one.name + end for one in declared() for end in suffixes.get(one.kind, ("",))}
    expr = rule["expr"]
    assert set(RECORDED.findall(expr)) <= set(rules("record"))
    assert set(NAME.findall(RECORDED.sub("", expr))) <= names
    labels = {label for one in declared() for label in one.labels} | {"job", "instance", "le"}
    grouped = [label.strip() for found in re.findall(r"(?:by|on) ?\(([^)]*)\)", expr) for label in found.split(",")]
    assert set(grouped) - {""} <= labels


def test_recorded_names_are_level_metric_operation() -> None:
    assert all(RECORDED.fullmatch(name) for name in rules("record"))


def test_prometheus_looks_at_every_process_and_misses_each_that_is_gone() -> None:
    config = yaml.safe_load((COMPOSE / "prometheus/prometheus.yml").read_text())
    names = {process.name for process in PROCESSES}
    jobs = {one["job_name"]: one for one in config["scrape_configs"] if "dns_sd_configs" in one}
    assert set(jobs) == names | {ARCHIVER}
    for name, job in jobs.items():
        assert job["dns_sd_configs"][0]["names"] == [name]
    away = ALERTS["ProcesWeg"]["expr"]
    assert set(re.findall(r'absent\(up\{job="(\w+)"\}\)', away)) == names
    assert set(re.findall(r'job=~"([\w|]+)"', away)[0].split("|")) == names


def test_every_process_is_a_service_of_compose() -> None:
    services = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]
    assert {process.name for process in PROCESSES} <= set(services)


def test_links_between_runbooks_lead_somewhere() -> None:
    for file in ("ALERTS.md", "RUNBOOKS.md"):
        text = (COMPOSE / file).read_text()
        for other, anchor in re.findall(r"\]\(([A-Z]+\.md)?#([\w-]+)\)", text):
            headings = re.findall(r"^#+ (.+)$", (COMPOSE / (other or file)).read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, f"{file}: {other}#{anchor}"


def test_what_waits_for_a_person_counts_in_the_share_that_no_person_had_to_look_at(tool: str, tmp_path: Path) -> None:
    series = {
        'ketenbus_delen_behandeld{partner="p", door="bus"}': "6",
        'ketenbus_delen_behandeld{partner="p", door="mens"}': "1",
        'ketenbus_rekening_delen{partner="p", rekening="uitval"}': "3",
        'ketenbus_rekening_delen{partner="p", rekening="onderweg"}': "5",
        'ketenbus_delen_behandeld{partner="q", door="bus"}': "0",
    }
    asked = {
        "partner:ketenbus_delen_behandeld:ratio_bus": 'partner:ketenbus_delen_behandeld:ratio_bus{partner="p"}',
        "bus:ketenbus_delen_behandeld:ratio_bus": "bus:ketenbus_delen_behandeld:ratio_bus",
    }
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": f"{value}x5"} for name, value in series.items()],
        "promql_expr_test": [
            {"expr": expr, "eval_time": "3m", "exp_samples": [{"labels": labels, "value": 0.6}]}
            for expr, labels in asked.items()
        ],
    }
    path = tmp_path / "shares.yml"
    path.write_text(yaml.safe_dump({"rule_files": [str(one) for one in RULES], "tests": [test]}))
    said(tool, "test", "rules", path)
