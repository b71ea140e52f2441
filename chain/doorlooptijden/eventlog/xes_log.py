"""An event log in XES (IEEE 1849), read as a stream.

By `xml.parsers.expat` of the standard library: lxml is for adapters only, a tree of a million events would not fit in
bounded memory, and `defusedxml` guards trees. What it guards against is refused here before anything is expanded: a
document type, and with it every entity, has no place in XES.
"""

from collections import deque
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from chain.doorlooptijden.eventlog import tijdstip
from chain.doorlooptijden.eventlog.bestand import Bestand
from chain.doorlooptijden.eventlog.rij import Boek, Gebeurtenis, Kolommen
from topics.errors import Refused

NAAM: Final = "concept:name"
TIJD: Final = "time:timestamp"
_BLOCK: Final = 1 << 16
_LONGEST_TOKEN: Final = 1 << 20
_DEEPEST: Final = 64


class XesLog:
    """A trace is a case. Of an event its own attributes count, not those that hang below them."""

    gegroepeerd = True

    def __init__(self, found: Bestand, kolommen: Kolommen) -> None:
        """Raises Refused for a column that XES does not have."""
        if kolommen.zaak is not None:
            raise Refused("--kolom-zaak goes with a CSV; in XES every trace is a case")
        self.boek = Boek()
        self.kolommen = ("trace", kolommen.activiteit or NAAM, kolommen.tijd or TIJD)
        self._file = found
        self._open: list[str] = []
        self._traces = 0
        self._line = 0
        self._event: dict[str, str] = {}
        self._ready: deque[Gebeurtenis] = deque()
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def gebeurtenissen(self) -> Iterator[Gebeurtenis]:
        fed = 0
        while True:
            with self._file.reading():
                block = self._file.stream.read(_BLOCK)
            try:
                self._parser.Parse(block, not block)
            except expat.ExpatError as error:
                raise self._broken(f"no XML any more ({expat.ErrorString(error.code)}): cut off or damaged") from error
            fed += len(block)
            if block and fed - self._parser.CurrentByteIndex > _LONGEST_TOKEN:
                raise self._broken("an element of more than 1 MiB")
            while self._ready:
                yield self._ready.popleft()
            if not block:
                return

    def _broken(self, what: str) -> Refused:
        return Refused(f"--log: {self._file.name}: line {self._parser.CurrentLineNumber}: {what}")

    def _doctype(self, *_declared: object) -> None:
        raise self._broken("found a DOCTYPE, expected XES without: entities are not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        parent = self._open[-1] if self._open else ""
        if not parent and local != "log":
            raise self._broken(f"found <{local}>, expected <log> (XES)")
        self._open.append(local)
        if len(self._open) > _DEEPEST:
            raise self._broken(f"more than {_DEEPEST} elements nested")
        if local == "trace":
            self._traces += 1
        elif local == "event":
            self._event, self._line = {}, self._parser.CurrentLineNumber
        elif parent == "event" and "key" in attributes:
            self._event[attributes["key"]] = attributes.get("value", "")

    def _end(self, name: str) -> None:
        self._open.pop()
        if name.rpartition(" ")[2] == "event":
            self._read()

    def _read(self) -> None:
        _, activity_name, time_name = self.kolommen
        activity = self._event.get(activity_name, "").strip()
        written = self._event.get(time_name, "")
        if "trace" not in self._open:
            self.boek.reject(self._line, "event", "outside a trace", "an event in the trace of its case")
        elif not activity:
            self.boek.reject(self._line, activity_name, activity, "an activity")
        elif (at := tijdstip.read(written, self.boek.opmerkingen)) is None:
            self.boek.reject(self._line, time_name, written, tijdstip.VERWACHT)
        else:
            self._ready.append(Gebeurtenis(str(self._traces), activity, at))
