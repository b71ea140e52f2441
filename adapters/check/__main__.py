"""`python -m adapters.check PROFILES`: checks messages that another process hands over, one after the other.

Reads questions from standard input and writes reports to standard output (`adapters.check.process` says how), until its
input ends. Of low priority and bounded memory, so that whoever asks is not held up. KETENBUS_SALES005_XSD as for the
adapters.
"""

import os
import resource
import sys
from functools import partial
from pathlib import Path

from adapters.adapter.processor import Reader
from adapters.check.process import Question, read_question, write_answer
from adapters.check.report import check, encoded
from adapters.formats import read, with_sales005_xsd
from adapters.worker.profiles import stamps
from topics.accounts import day_of
from topics.errors import ConfigurationError, Refused, Unavailable
from topics.processes.starting import MISCONFIGURED
from topics.profile.registry import Registry

_MEMORY = 2_000_000_000
_NICENESS = 10


class Checks:
    """Checks by the profiles as they stand on disk at the moment of a question; wrong ones change nothing."""

    def __init__(self, folder: Path, reader: Reader) -> None:
        """Raises ConfigurationError."""
        self._folder, self._reader = folder, reader
        self._seen = stamps(folder)
        self._registry = Registry.load(folder)

    def answer(self, question: Question) -> bytes:
        """Raises Refused when the partner has no profile in force."""
        found = stamps(self._folder)
        if found != self._seen:
            self._seen = found
            try:
                self._registry = Registry.load(self._folder)
            except ConfigurationError as error:
                print(f"profiles stay as they were: {error}", file=sys.stderr)
        profile = self._registry.partner(question.partner, day_of(question.received))
        if profile is None:
            raise Refused(f"partner {question.partner}: no profile in force")
        report = check(
            question.raw,
            profile,
            self._registry,
            question.received,
            name=question.name,
            content_type=question.content_type,
            read=self._reader,
        )
        return encoded(report)


def main(profiles: str) -> int:
    os.nice(_NICENESS)
    # only the soft limit: the process of the official rules, which this one starts, reserves addresses that it never uses
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    licensed = os.environ.get("KETENBUS_SALES005_XSD")
    try:
        reader: Reader = partial(read, formats=with_sales005_xsd(Path(licensed))) if licensed else read
        checks = Checks(Path(profiles), reader)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return MISCONFIGURED
    while (question := read_question(sys.stdin.buffer)) is not None:
        try:
            write_answer(sys.stdout.buffer, checks.answer(question), refused=False)
        except (Refused, Unavailable) as error:
            write_answer(sys.stdout.buffer, str(error).encode(), refused=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
