"""All boards, and the files that they are."""

from collections.abc import Mapping
from typing import Final

from chain.dashboards import doorlooptijden, keten, techniek, uitval, werkvoorraad
from chain.dashboards.board import Board, rendered

BOARDS: Final[tuple[Board, ...]] = (
    keten.BOARD,
    doorlooptijden.BOARD,
    werkvoorraad.BOARD,
    uitval.BOARD,
    techniek.BOARD,
)


def files() -> Mapping[str, str]:
    """Name of the file: its text, for every board."""
    return {f"{board.uid.removeprefix('ketenbus-')}.json": rendered(board) for board in BOARDS}
