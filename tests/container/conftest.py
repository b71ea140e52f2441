"""Containers for tests: the images of this tree, and a bus that is up. Skipped where docker does not answer, but not in CI."""

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.container.stack import Stack


@pytest.fixture(scope="session")
def engine() -> None:
    """A docker engine that answers."""
    found = shutil.which("docker")
    if found is not None and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0:
        return
    reason = "the docker engine does not answer" if found else "docker is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; CI must have it")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def images(engine: None) -> None:
    """All images, of this tree, from Debian's packages."""
    Stack("kbt-images", REGISTRY="no").run("images")


@pytest.fixture(scope="module")
def bus(images: None) -> Iterator[Stack]:
    """A bus with the sample partners that is up and healthy."""
    stack = Stack(f"kbt{os.getpid()}")
    try:
        stack.run("up")
        stack.run("voorbeelden")
        yield stack
    finally:
        stack.run("down", VOLUMES="1")
