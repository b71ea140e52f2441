"""Opens a log by what it is: XES or CSV."""

from collections.abc import Iterator
from typing import Protocol

from chain.doorlooptijden.eventlog.bestand import Bestand
from chain.doorlooptijden.eventlog.csv_log import CsvLog
from chain.doorlooptijden.eventlog.rij import Boek, Gebeurtenis, Kolommen
from chain.doorlooptijden.eventlog.xes_log import XesLog
from topics.errors import Refused

_MARKS = b"\xef\xbb\xbf\xff\xfe \t\r\n"
"""Byte-order marks and white space."""


class Log(Protocol):
    """`kolommen`: how case, activity and moment are called there. `boek`: what was noticed so far. `gegroepeerd`: the
    events of a case stand together."""

    kolommen: tuple[str, str, str]
    boek: Boek
    gegroepeerd: bool

    def gebeurtenissen(self) -> Iterator[Gebeurtenis]:
        """Once, in the order of the file, in memory that does not grow with it.

        Raises Refused where the file breaks and nothing behind it can be read.
        """
        ...


def open_log(found: Bestand, kolommen: Kolommen, scheiding: str | None, codering: str | None) -> Log:
    """Raises Refused for options that do not fit, and for a CSV whose columns cannot be told."""
    if not found.head.replace(b"\0", b"").lstrip(_MARKS).startswith(b"<"):
        return CsvLog(found, kolommen, scheiding, codering)
    if scheiding or codering:
        raise Refused("--scheiding and --codering go with a CSV; this is XES, which names its encoding itself")
    return XesLog(found, kolommen)
