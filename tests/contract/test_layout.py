"""The layout of the checkout: who imports whom, what stands where, what no committed file may say."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP = {"pyproject.toml", "README.md", "Makefile", "chain", "adapters", "topics", "tests", "compose"}
ALSO = {".ci", ".dockerignore", ".gitignore", "requirements.lock"}
PACKAGES = ("topics", "adapters", "chain")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "core", "manager", "misc"}
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb"}


@cache
def committed() -> tuple[Path, ...]:
    """Files that git knows and that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    files = tuple(ROOT / name for name in listed.split("\0") if name)
    assert files
    return tuple(file for file in files if file.is_file())


def relative(file: Path) -> str:
    return str(file.relative_to(ROOT))


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the packages by its path, committed or not."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return {relative(file): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def places(found: Iterator[ast.AST], path: str) -> list[str]:
    return [f"{path}:{getattr(node, 'lineno', 0)}" for node in found]


# ---------------------------------------------------------------- who imports whom


def test_nobody_imports_whom_it_may_not() -> None:
    found = subprocess.run(
        [ROOT / ".venv" / "bin" / "lint-imports"] if (ROOT / ".venv").is_dir() else ["lint-imports"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert " 0 broken" in found.stdout


def reads_environment(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        named = (isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT) or (
            isinstance(node, ast.ImportFrom) and node.module == "os" and any(n.name in ENVIRONMENT for n in node.names)
        )
        if named:
            yield node


def test_the_environment_is_read_by_composition_roots_only() -> None:
    roots = {path for path in modules() if path.endswith("__main__.py")} | {"topics/cli/__init__.py"}
    found = [
        place
        for path, tree in modules().items()
        if path not in roots
        for place in places(reads_environment(tree), path)
    ]
    assert found == []


def catches_everything(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(kind is None or (isinstance(kind, ast.Name) and kind.id == "Exception") for kind in kinds):
                yield node


def test_everything_is_caught_at_one_boundary_only() -> None:
    found = [place for path, tree in modules().items() for place in places(catches_everything(tree), path)]
    assert len(found) <= 1, found
    assert all(place.startswith("topics/runtime/") for place in found), found


def swallows_a_cancellation(tree: ast.Module) -> Iterator[ast.AST]:
    """`except BaseException` that does not raise again."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ExceptHandler):
            continue
        catches_all = isinstance(node.type, ast.Name) and node.type.id == "BaseException"
        if catches_all and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)):
            yield node


def test_whoever_catches_even_a_cancellation_raises_again() -> None:
    found = [place for path, tree in modules().items() for place in places(swallows_a_cancellation(tree), path)]
    assert found == []


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("import os\nx = os.environ['A']", reads_environment),
        ("from os import getenv", reads_environment),
        ("try:\n    x()\nexcept Exception:\n    pass", catches_everything),
        ("try:\n    x()\nexcept (ValueError, Exception):\n    pass", catches_everything),
        ("try:\n    x()\nexcept:\n    pass", catches_everything),
        ("try:\n    x()\nexcept BaseException:\n    pass", swallows_a_cancellation),
    ],
)
def test_what_is_forbidden_is_seen(code: str, seen: object) -> None:
    assert callable(seen)
    assert list(seen(ast.parse(code)))
    assert not list(seen(ast.parse("import os\ntry:\n    x(os.sep)\nexcept ValueError:\n    raise")))


# ---------------------------------------------------------------- what stands where


def test_the_top_level_is_that_of_the_design() -> None:
    assert {relative(file).partition("/")[0] for file in committed()} <= TOP | ALSO


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {(path, part.removesuffix(".py")) for path in modules() for part in Path(path).parts}
    assert [path for path, part in parts if part in FORBIDDEN_NAMES] == []


def test_every_module_says_what_it_is() -> None:
    silent = [path for path, tree in modules().items() if ast.get_docstring(tree) is None]
    assert silent == []


# ---------------------------------------------------------------- what no committed file may say


def forbidden_words() -> tuple[str, ...]:
    """Paths of one machine and hosts of package registries, put together here so that this file does not hold them."""
    folders = (("work",), ("tmp",), ("root",))
    hosts = (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
        ("registry-1", "docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    )
    return (*("/" + "/".join(folder) + "/" for folder in folders), *(".".join(host) for host in hosts))


def text_of(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("word", forbidden_words())
def test_no_committed_file_names_a_machine_or_a_registry(word: str) -> None:
    standing_alone = re.compile(r"(?<![\w./-])" + re.escape(word) if word.startswith("/") else re.escape(word))
    assert [relative(file) for file in committed() if standing_alone.search(text_of(file))] == []


def test_no_committed_file_leaves_work_for_later() -> None:
    words = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "Not" + "ImplementedError")) + r")\b")
    product = [file for file in committed() if relative(file).startswith(tuple(f"{name}/" for name in PACKAGES))]
    assert product
    assert [relative(file) for file in product if words.search(text_of(file))] == []


def test_no_test_is_skipped_or_expected_to_fail_by_hand() -> None:
    words = re.compile(r"mark\.(" + "|".join(("skip\\(", "skip$", "x" + "fail")) + ")", re.MULTILINE)
    tests = [file for file in committed() if file.suffix == ".py" and relative(file).startswith("tests/")]
    assert tests
    assert [relative(file) for file in tests if words.search(text_of(file))] == []


# ---------------------------------------------------------------- the lock

REQUIREMENT = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,._-]+\])?==(?P<version>\S+)(?: ; .+?)? \\$", re.M
)
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def test_the_lock_has_names_versions_and_hashes_and_no_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    required = [line for line in lines if not line.startswith("    ")]
    assert required
    assert [line for line in required if not REQUIREMENT.match(line)] == []
    assert [line for line in lines if line.startswith("    ") and not HASH.match(line)] == []
    for index, line in enumerate(lines):
        if line in required:
            assert HASH.match(lines[index + 1]), line


def test_the_lock_has_every_dependency_that_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0].lower().replace("_", "-") for one in declared}
    locked = {found["name"] for found in REQUIREMENT.finditer((ROOT / "requirements.lock").read_text(encoding="utf-8"))}
    assert names - locked == set()
