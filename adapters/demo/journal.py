"""What was sent earlier, kept in the data folder a line each, so that playing goes on behind it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec


class Named(Protocol):
    @property
    def naam(self) -> str: ...


N = TypeVar("N", bound=Named)


def kept(path: Path, type_: type[N]) -> dict[str, N]:
    """By name; empty while nothing was sent."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    found = [msgspec.json.decode(line, type=type_) for line in lines if line.strip()]
    return {one.naam: one for one in found}


def keep(path: Path, answers: Iterable[Named]) -> None:
    with path.open("ab") as lines:
        lines.writelines(msgspec.json.encode(answer) + b"\n" for answer in answers)
