"""The sample partners, and an adapter on a bus in memory."""

from collections.abc import Callable
from pathlib import Path

import pytest

from topics.profile.registry import Registry
from topics.profile.samples import FOLDER, install


@pytest.fixture(scope="session")
def registry() -> Registry:
    return Registry.load(FOLDER)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str, str], Registry]:
    """The sample partners with one text in one profile replaced by another; keeps earlier replacements."""
    install(tmp_path)

    def change(partner: str, old: str, new: str) -> Registry:
        path = tmp_path / partner / "1.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return Registry.load(tmp_path)

    return change
