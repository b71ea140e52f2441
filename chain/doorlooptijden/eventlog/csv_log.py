"""An event log in CSV, as it comes out of a database, an ERP or a spreadsheet."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from chain.doorlooptijden.eventlog import tijdstip
from chain.doorlooptijden.eventlog.bestand import Bestand
from chain.doorlooptijden.eventlog.rij import Boek, Gebeurtenis, Kolommen
from topics.errors import Refused

USUAL: Final = {
    "zaak": ("case concept name", "case id", "caseid", "case", "zaak", "zaaknummer", "zaak id", "dossier", "dossiernummer",
             "opdrachtnummer", "opdracht", "ordernummer", "order", "trace"),
    "activiteit": ("concept name", "activity", "activiteit", "event", "gebeurtenis", "status", "stap", "actie", "action"),
    "tijd": ("time timestamp", "timestamp", "tijdstip", "datumtijd", "datum tijd", "datetime", "date time", "tijd", "time",
             "datum", "date", "complete timestamp", "start timestamp"),
}  # fmt: skip
"""Names under which the columns are found, the surest first; in lower case, with a space for whatever is no letter."""

CP1252: Final = "bytes in cp1252 onder utf-8, als zodanig gelezen"
_DELIMITERS: Final = (";", ",", "\t", "|")
_SEPARATOR_LINE: Final = re.compile(r"sep=(.)\s*", re.IGNORECASE)
_FIELD_LIMIT: Final = 1 << 17
_LINE_LIMIT: Final = 1 << 20
# how Python keeps bytes that are no UTF-8, to what they are in the encoding that such files really have
_REALLY: Final = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)
}  # fmt: skip


class Rows(Protocol):
    """What `csv.reader` gives."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


class CsvLog:
    """Delimiter, encoding and columns are found from the file, unless they are given.

    A row must have as many fields as the header (empty ones behind them do not count): one field more or fewer means
    that what stands in which column is not certain.
    """

    gegroepeerd = False

    def __init__(self, found: Bestand, kolommen: Kolommen, scheiding: str | None, codering: str | None) -> None:
        """Raises Refused when a column cannot be told, an encoding is unknown, or there is no header."""
        self.boek = Boek()
        self._file = found
        self._encoding = _encoding(found.head, codering)
        self._guessed = codering is None and self._encoding == "utf-8-sig"
        self._delimiter, self._skip, header = _header(self._head(), scheiding)
        self._width = len(header)
        self._at = _columns(header, kolommen)
        self.kolommen = (header[self._at[0]], header[self._at[1]], header[self._at[2]])

    def gebeurtenissen(self) -> Iterator[Gebeurtenis]:
        csv.field_size_limit(_FIELD_LIMIT)
        text = io.TextIOWrapper(
            self._file.stream,
            self._encoding,
            "surrogateescape" if self._guessed else "strict",
            newline="",
        )
        try:
            for _ in range(self._skip):
                text.readline()
            rows = csv.reader(self._lines(text), delimiter=self._delimiter)
            next(rows)
            yield from self._rows(rows)
        finally:
            text.detach()

    def _rows(self, rows: Rows) -> Iterator[Gebeurtenis]:
        case_at, activity_at, time_at = self._at
        case_name, activity_name, time_name = self.kolommen
        boek, width = self.boek, self._width
        line = self._skip + rows.line_num + 1
        while True:
            try:
                with self._file.reading():
                    row = next(rows)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError) as error:
                raise Refused(
                    f"--log: {self._file.name}: cannot be read from line {line} on: {error}. A quotation mark that does "
                    "not close, or another encoding (--codering)?"
                ) from error
            first, line = line, self._skip + rows.line_num + 1
            if not row:
                continue
            if len(row) != width and not _fits(row, width):
                boek.reject(first, "row", f"{len(row)} fields", f"{width} fields, as the head")
                continue
            if self._guessed and not all(map(str.isascii, row)):
                row = self._mended(row)
            case, activity = row[case_at].strip(), row[activity_at].strip()
            if not case:
                boek.reject(first, case_name, row[case_at], "a case")
                continue
            if not activity:
                boek.reject(first, activity_name, row[activity_at], "an activity")
                continue
            at = tijdstip.read(row[time_at], boek.opmerkingen)
            if at is None:
                boek.reject(first, time_name, row[time_at], tijdstip.VERWACHT)
                continue
            yield Gebeurtenis(case, activity, at)

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        """Raises Refused for a line without end: it would have to be in memory whole."""
        while line := text.readline(_LINE_LIMIT):
            if len(line) == _LINE_LIMIT:
                raise Refused(f"--log: {self._file.name}: found a line of more than 1 MiB, expected a CSV")
            yield line

    def _mended(self, row: list[str]) -> list[str]:
        mended = [field.translate(_REALLY) for field in row]
        if mended != row:
            self.boek.opmerkingen[CP1252] += 1
        return mended

    def _head(self) -> str:
        try:
            # what is cut off at the end of the block may be half a character
            decoder = codecs.getincrementaldecoder(self._encoding)("surrogateescape" if self._guessed else "strict")
            return decoder.decode(self._file.head).translate(_REALLY if self._guessed else {})
        except UnicodeDecodeError as error:
            raise Refused(f"--log: {self._file.name}: no {self._encoding}: {error}; give --codering") from error


def _fits(row: Sequence[str], width: int) -> bool:
    """Whether only empty fields stand behind what the header names."""
    return len(row) > width and not any(row[width:])


def _encoding(head: bytes, given: str | None) -> str:
    if given is not None:
        try:
            name = codecs.lookup(given).name
        except LookupError as error:
            raise Refused(f"--codering: found {given!r}, expected an encoding as utf-8 or cp1252") from error
        return "utf-8-sig" if name == "utf-8" else name
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in head[:2]:
        return "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    return "utf-8-sig"


def _header(head: str, given: str | None) -> tuple[str, int, list[str]]:
    """Delimiter, lines before the header, and the names of the columns."""
    skip = 0
    first, _, rest = head.partition("\n")
    if (named := _SEPARATOR_LINE.fullmatch(first)) is not None:
        head, skip = rest, 1
        given = given or named[1]
    if given is not None:
        given = "\t" if given.lower() in ("tab", "\\t") else given
        if len(given) != 1:
            raise Refused(f"--scheiding: found {given!r}, expected one character, or tab")
    delimiter = given or max(_DELIMITERS, key=head.partition("\n")[0].count)
    header = [name.strip() for name in next(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), [])]
    while header and not header[-1]:
        header.pop()
    if len(header) < 3:
        raise Refused(
            f"--log: found a head of {len(header)} column(s) {header}, expected case, activity and time; "
            "give --scheiding when something else than ; , tab or | is between them"
        )
    return delimiter, skip, header


def _columns(header: Sequence[str], given: Kolommen) -> tuple[int, int, int]:
    options = zip(("zaak", "activiteit", "tijd"), given, strict=True)
    case, activity, time = (_column(header, role, name) for role, name in options)
    return case, activity, time


def _column(header: Sequence[str], role: str, given: str | None) -> int:
    plain = [re.sub(r"[\W_]+", " ", name.lower()).strip() for name in header]
    if given is not None:
        found = [index for index, name in enumerate(header) if name == given.strip()]
        names: tuple[str, ...] = (given,)
    else:
        names = USUAL[role]
        found = next((at for name in names if (at := [index for index, one in enumerate(plain) if one == name])), [])
    if len(found) != 1:
        what = "more than one column" if found else "no column"
        raise Refused(
            f"--kolom-{role}: found {what} called {' or '.join(names[:4])}; the head has: {', '.join(header)}"
        )
    return found[0]
