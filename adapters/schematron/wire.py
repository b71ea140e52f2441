"""The pipes between who asks and the process that runs the rules.

A question is the number of its book (1 byte, in the order of Book), its length (4 bytes, big-endian) and the message as
UTF-8; an answer is its length and an Answer as JSON.
"""

import struct
from typing import BinaryIO, Final

import msgspec

from adapters.schematron.book import Book, Verdict

QUESTION: Final = struct.Struct(">BI")
LENGTH: Final = struct.Struct(">I")
BOOKS: Final = tuple(Book)


class Answer(msgspec.Struct, frozen=True):
    """`away`: why the process cannot run the rules at all; then there is no verdict."""

    verdict: Verdict = Verdict()
    away: str = ""


def read_question(stream: BinaryIO) -> tuple[Book, str] | None:
    """The next one; None at the end of the stream."""
    head = stream.read(QUESTION.size)
    if len(head) < QUESTION.size:
        return None
    book, length = QUESTION.unpack(head)
    return BOOKS[book], stream.read(length).decode()


def question(book: Book, text: bytes) -> bytes:
    return QUESTION.pack(BOOKS.index(book), len(text)) + text


def write_answer(stream: BinaryIO, answer: Answer) -> None:
    content = msgspec.json.encode(answer)
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()
