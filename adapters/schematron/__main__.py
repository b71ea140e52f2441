"""`python -m adapters.schematron JAR SECONDS`: runs the rules on messages that another process hands over (`wire`).

Beyond so many seconds of processor time on one message the kernel ends it (SIGXCPU).

A process of its own for four reasons: the processor holds the interpreter while it runs, writes values of messages to
standard error, reserves 32 GB of addresses, and is native code whose end must not be the adapter's. Standard error goes
to a file without a name, kept for one message. It ends when its input does.
"""

import os
import re
import resource
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

from lxml.etree import XMLSyntaxError
from saxonche import PySaxonApiError, PySaxonProcessor

from adapters.schematron.book import Book, Verdict
from adapters.schematron.report import verdict
from adapters.schematron.wire import Answer, read_question, write_answer

_CODE: Final = re.compile(rb"\b((?:X|F|S)[A-Z]{3}[0-9]{4})\b")
_VALUES: Final = re.compile(r"\{.*\}|\"[^\"]*\"", re.DOTALL)


class _Sheets:
    """The books as the processor has compiled them, each at its first use."""

    def __init__(self, jar: Path, errors: BinaryIO) -> None:
        self._jar, self._errors = jar, errors
        self._processor = PySaxonProcessor(license=False)
        self._compiler = self._processor.new_xslt30_processor()
        self._compiled: dict[Book, object] = {}

    def compile(self, book: Book) -> str:
        """Why `book` cannot be used; empty when it can."""
        if book in self._compiled:
            return ""
        try:
            with ZipFile(self._jar) as archive:
                text = archive.read(book.member).decode()
            self._compiled[book] = self._compiler.compile_stylesheet(stylesheet_text=text)
        except (OSError, BadZipFile, KeyError, PySaxonApiError) as error:
            return f"{book.value} cannot be compiled: {error}"
        return ""

    def judge(self, book: Book, text: str) -> Verdict:
        self._errors.seek(0)
        self._errors.truncate()
        try:
            node = self._processor.parse_xml(xml_text=text)
            report = self._compiled[book].transform_to_string(xdm_node=node)  # type: ignore[attr-defined]  # untyped
            return verdict(report.encode())
        except (PySaxonApiError, XMLSyntaxError) as error:
            return Verdict(failure=self._failure(str(error)))

    def _failure(self, text: str) -> str:
        """The code of the error and its sentence, without the values of the message that it quotes."""
        self._errors.seek(0)
        code = _CODE.search(self._errors.read())
        sentence = " ".join(_VALUES.sub("", text).split())[:200]
        return f"{code[1].decode()}: {sentence}" if code else sentence


def main(jar: str, seconds: str) -> int:
    answers = os.fdopen(os.dup(1), "wb")
    errors = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the process
    os.dup2(errors.fileno(), 1)
    os.dup2(errors.fileno(), 2)
    _unbounded(resource.RLIMIT_AS)
    sheets = _Sheets(Path(jar), errors)
    while (asked := read_question(sys.stdin.buffer)) is not None:
        book, text = asked
        away = sheets.compile(book)
        if away:
            write_answer(answers, Answer(away=away))
            continue
        _allow(int(seconds))
        write_answer(answers, Answer(sheets.judge(book, text)))
    return 0


def _unbounded(limit: int) -> None:
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (hard, hard))


def _allow(seconds: int) -> None:
    """Processor time from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = int(used.ru_utime + used.ru_stime) + seconds
    if hard == resource.RLIM_INFINITY or until < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
