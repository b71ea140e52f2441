"""Example files of documents: test data, and the examples in the AsyncAPI document.

    examples/<name>.v<version>/<case>.json            valid
    examples/<name>.v<version>/invalid/<case>.json    invalid; <case>.why beside it says for whom, and why

A `.why` is one line, `reader: <text>` when nobody can read it, `writer: <text>` when readers let it pass (they ignore
what they do not know) but no writer may write it; the error contains the text.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from topics.documents.document import Document
from topics.documents.schema import Json

FOLDER: Final = Path(__file__).parent / "examples"


class Refuser(StrEnum):
    READER = "reader"
    WRITER = "writer"


class Valid(msgspec.Struct, frozen=True):
    """`body` is canonical: the file without white space, its fields in the order in which they stand there."""

    name: str
    body: bytes

    @property
    def content(self) -> Json:
        content: Json = msgspec.json.decode(self.body)
        return content


class Invalid(msgspec.Struct, frozen=True):
    name: str
    body: bytes
    refuser: Refuser
    why: str


def folder_of(cls: type[Document]) -> Path:
    return FOLDER / f"{cls.NAME}.v{cls.VERSION}"


def valid_examples(cls: type[Document]) -> tuple[Valid, ...]:
    """In the order of their names."""
    files = sorted(folder_of(cls).glob("*.json"))
    return tuple(Valid(file.stem, msgspec.json.format(file.read_bytes(), indent=-1)) for file in files)


def invalid_examples(cls: type[Document]) -> tuple[Invalid, ...]:
    """In the order of their names. Raises FileNotFoundError when one does not say why, ValueError when not for whom."""
    return tuple(_invalid_examples(folder_of(cls) / "invalid"))


def _invalid_examples(folder: Path) -> Iterator[Invalid]:
    for file in sorted(folder.glob("*.json")):
        refuser, _, why = file.with_suffix(".why").read_text(encoding="utf-8").strip().partition(": ")
        yield Invalid(file.stem, file.read_bytes(), Refuser(refuser), why)
