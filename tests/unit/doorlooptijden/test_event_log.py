"""Foreign event logs: what is read, what is rejected and why, and that nothing is dropped in silence."""

import gzip
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.doorlooptijden.eventlog import Bestand, Boek, Gebeurtenis, Kolommen, open_log
from chain.doorlooptijden.eventlog.tijdstip import ALLEEN_DAG, DUBBEL_UUR, VERVALLEN_UUR, read
from chain.kalender import micros, moment
from topics.errors import Refused

HEADER = "Zaaknummer;Activiteit;Tijdstip"
Write = Callable[..., Path]
USUAL = Kolommen()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(content: str | bytes, name: str = "log.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return put


def events(
    path: Path, kolommen: Kolommen = USUAL, scheiding: str | None = None, codering: str | None = None
) -> tuple[list[Gebeurtenis], Boek]:
    file = Bestand(path)
    try:
        log = open_log(file, kolommen, scheiding, codering)
        return list(log.gebeurtenissen()), log.boek
    finally:
        file.close()


def utc(*parts: int) -> int:
    return micros(datetime(*parts, tzinfo=UTC))  # type: ignore[misc,arg-type]  # year, month, day, …


NINE = utc(2026, 3, 2, 8)


# ---------------------------------------------------------------- moments


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-02T09:00:00+01:00", NINE),
        ("2026-03-02T08:00:00Z", NINE),
        ("2026-03-02 09:00", NINE),
        (" 2026-03-02T09:00:00.000 ", NINE),
        ("2026-03-02T09:00:00,250", NINE + 250_000),
        ("02-03-2026 09:00", NINE),
        ("2-3-26 9:00", NINE),
        ("02/03/2026 09:00:00", NINE),
        ("02.03.2026 09.00", NINE),
        ("02-03-2026 09:00:00,5", NINE + 500_000),
        ("2026/03/02 09:00", NINE),
        ("02-03-2026 09:00 +01:00", NINE),
        ("2026-07-01T09:00", utc(2026, 7, 1, 7)),
        ("", None),
        ("morgen", None),
        ("31-02-2026 09:00", None),
        ("03/31/2026 09:00", None),
        ("46083,375", None),
        ("20260302", None),
        ("9999-12-31T00:00", None),
        ("2026-03-02T25:00", None),
    ],
)
def test_a_moment_is_read_only_when_it_is_certain(text: str, found: int | None) -> None:
    assert read(text, Boek().opmerkingen) == found


@pytest.mark.parametrize(
    ("text", "noticed", "found"),
    [
        ("2026-10-25 02:30", DUBBEL_UUR, utc(2026, 10, 25, 0, 30)),
        ("2026-03-29 02:30", VERVALLEN_UUR, utc(2026, 3, 29, 1, 30)),
        ("02-03-2026", ALLEEN_DAG, utc(2026, 3, 1, 23)),
    ],
)
def test_what_was_taken_one_way_although_it_could_be_another_is_told(text: str, noticed: str, found: int) -> None:
    boek = Boek()
    assert read(text, boek.opmerkingen) == found
    assert boek.opmerkingen == {noticed: 1}


@given(at=st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)))
def test_every_moment_with_a_zone_comes_back(at: datetime) -> None:
    assert read(at.isoformat(), Boek().opmerkingen) == micros(at)


@given(text=st.text(max_size=30))
def test_no_text_breaks_the_reading_of_moments(text: str) -> None:
    found = read(text, Boek().opmerkingen)
    assert found is None or 1969 <= moment(found).year <= 2101


# ---------------------------------------------------------------- CSV


@pytest.mark.parametrize("mark", [";", ",", "\t", "|"])
def test_delimiter_and_columns_are_found_from_the_header(write: Write, mark: str) -> None:
    text = "Nr;Case ID;Activity;Complete Timestamp;Bron\n1;Z1;Melding;2026-03-02T09:00;a\n".replace(";", mark)
    found, boek = events(write(text))
    assert found == [Gebeurtenis("Z1", "Melding", NINE)]
    assert not boek.afgewezen


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_with_and_without_a_byte_order_mark_are_told_apart(write: Write, encoding: str) -> None:
    found, boek = events(write(f"{HEADER}\r\nZ1;Café bezocht;2026-03-02T09:00\r\n", encoding=encoding))
    assert found == [Gebeurtenis("Z1", "Café bezocht", NINE)]
    assert not boek.opmerkingen


def test_cp1252_among_utf_8_is_read_as_what_it_is_and_told(write: Write) -> None:
    lines = [HEADER.encode(), "Z1;Café;2026-03-02T09:00".encode(), "Z2;Café;2026-03-02T09:00".encode("cp1252")]
    found, boek = events(write(b"\r\n".join(lines)))
    assert [one.activiteit for one in found] == ["Café", "Café"]
    assert list(boek.opmerkingen.values()) == [1]


def test_a_given_encoding_delimiter_and_columns_go_before_what_looks_usual(write: Write) -> None:
    path = write("status#wie#wat#op\nx#Z1#Café#02-03-2026 09:00\n", encoding="cp1252")
    assert events(path, Kolommen("wie", "wat", "op"), "#", "cp1252")[0] == [Gebeurtenis("Z1", "Café", NINE)]


def test_a_separator_line_of_a_spreadsheet_is_not_the_header(write: Write) -> None:
    found, boek = events(write(f"sep=;\r\n{HEADER}\r\nZ1;Melding;x\r\n;Melding;2026-03-02T09:00\r\n"))
    assert found == []
    assert [one.regel for one in boek.eerste] == [3, 4]


def test_quoted_fields_may_hold_delimiters_and_line_ends(write: Write) -> None:
    text = f'{HEADER}\r\n"Z;1";"Mel\r\nding";2026-03-02T09:00\r\nZ2;Melding;onzin\r\n'
    found, boek = events(write(text))
    assert found == [Gebeurtenis("Z;1", "Mel\r\nding", NINE)]
    assert boek.eerste[0].regel == 4


def test_every_row_that_is_not_counted_says_where_what_and_what_was_expected(write: Write) -> None:
    rows = [
        "Z1;Melding;2026-03-02T09:00;;",
        "Z1;Gereed;gisteren",
        " ;Gereed;2026-03-02T09:00",
        "Z1; ;2026-03-02T09:00",
        "Z1;Gereed",
        "Z1;Gereed;2026-03-02T09:00;meer",
        "",
        "Z2;Melding;2026-03-02T09:00",
    ]
    found, boek = events(write("\n".join([HEADER, *rows])))
    assert [one.zaak for one in found] == ["Z1", "Z2"]
    assert [(one.regel, one.veld, one.gevonden) for one in boek.eerste] == [
        (3, "Tijdstip", "gisteren"),
        (4, "Zaaknummer", " "),
        (5, "Activiteit", " "),
        (6, "row", "2 fields"),
        (7, "row", "4 fields"),
    ]
    assert boek.afgewezen.total() == 5
    assert "expected a moment" in str(boek.eerste[0])


def test_many_wrong_rows_are_all_counted_and_the_first_are_shown(write: Write) -> None:
    _, boek = events(write("\n".join([HEADER, *["Z1;Melding;x"] * 500])))
    assert (boek.afgewezen.total(), len(boek.eerste)) == (500, 20)


@given(rows=st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=12)] * 3), max_size=20))
def test_every_row_is_an_event_or_a_rejection(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]) -> None:  # fmt: skip
    quoted = ['"' + '";"'.join(field.replace('"', '""') for field in row) + '"' for row in rows]
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_bytes("\r\n".join([HEADER, *quoted]).encode())
    found, boek = events(path)
    assert len(found) + boek.afgewezen.total() == len(rows)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "a head of 0 column"),
        (b"Zaaknummer\nZ1\n", "a head of 1 column"),
        (b"a;b;c\n1;2;3\n", "--kolom-zaak: found no column"),
        (b"zaak;zaak;activiteit;tijd\n", "more than one column"),
        (f"{HEADER}\n\"Z1;{'x' * 200_000}".encode(), "cannot be read from line 2 on"),
        (f"{HEADER}\n{'x;' * 600_000}".encode(), "a line of more than 1 MiB"),
        (f"{HEADER}\nZ1;Melding;2026-03-02T09:00".encode("utf-16")[:-1], "cannot be read"),
    ],
)  # fmt: skip
def test_a_file_of_which_nothing_is_certain_is_refused(write: Write, content: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        events(write(content))


def test_an_option_that_means_nothing_is_refused(write: Write) -> None:
    with pytest.raises(Refused, match="--scheiding"):
        events(write(f"{HEADER}\n"), scheiding="ab")
    with pytest.raises(Refused, match="--codering"):
        events(write(f"{HEADER}\n"), codering="klinkklaar")


# ---------------------------------------------------------------- XES

XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="http://www.xes-standard.org/" xes.version="2.0">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="standaard"/></global>
  <string key="concept:name" value="de log zelf"/>
  <trace>
    <string key="concept:name" value="Z1"/>
    <event>
      <string key="concept:name" value="Melding"/>
      <date key="time:timestamp" value="2026-03-02T09:00:00.000+01:00"/>
      <list key="bijlagen"><string key="concept:name" value="niet deze"/></list>
    </event>
    <event><string key="concept:name" value="Gereed"/><date key="time:timestamp" value="2026-03-03T09:00:00+01:00"/></event>
  </trace>
  <trace>
    <event><string key="concept:name" value="Melding"/><date key="time:timestamp" value="2026-03-02T08:00:00Z"/></event>
  </trace>
</log>
"""


@pytest.mark.parametrize("name", ["log.xes", "log.xml", "log.csv"])
def test_xes_is_known_by_its_content_and_a_trace_is_a_case(write: Write, name: str) -> None:
    found, boek = events(write(XES, name))
    assert [(one.activiteit, one.moment) for one in found] == [
        ("Melding", NINE),
        ("Gereed", NINE + 86_400_000_000),
        ("Melding", NINE),
    ]
    assert found[0].zaak == found[1].zaak != found[2].zaak
    assert not boek.afgewezen


def test_an_event_that_lacks_something_or_stands_alone_is_rejected_with_its_line(write: Write) -> None:
    broken = """<log><event><string key="concept:name" value="Los"/></event>
<trace>
<event><string key="concept:name" value="Melding"/></event>
<event><date key="time:timestamp" value="2026-03-02T08:00:00Z"/></event>
<event><string key="concept:name" value="Melding"/><date key="time:timestamp" value="ooit"/></event>
</trace></log>"""
    found, boek = events(write(broken, "log.xes"))
    assert found == []
    assert [(one.regel, one.veld, one.gevonden) for one in boek.eerste] == [
        (1, "event", "outside a trace"),
        (3, "time:timestamp", ""),
        (4, "concept:name", ""),
        (5, "time:timestamp", "ooit"),
    ]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><log>&b;</log>'
)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (BOMB, "a DOCTYPE"),
        ('<!DOCTYPE log SYSTEM "file:///etc/hostname"><log/>', "a DOCTYPE"),
        (XES[:-30], "cut off or damaged"),
        ("<html/>", "expected <log>"),
        ("<log>" + "<list>" * 200, "nested"),
        ('<log><string value="' + "x" * 3_000_000, "more than 1 MiB"),
    ],
)
def test_what_is_no_xes_or_would_cost_without_bound_is_refused(write: Write, content: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        events(write(content, "log.xes"))


def test_options_of_a_csv_do_not_fit_xes(write: Write) -> None:
    with pytest.raises(Refused, match="go with a CSV"):
        events(write(XES, "log.xes"), scheiding=";")
    with pytest.raises(Refused, match="every trace is a case"):
        events(write(XES, "log.xes"), Kolommen(zaak="x"))


# ---------------------------------------------------------------- both


@pytest.mark.parametrize(
    ("content", "name"), [(XES, "log.xes.gz"), (f"{HEADER}\nZ1;Melding;2026-03-02T09:00", "log.csv.gz")]
)
def test_a_compressed_log_is_read_as_well_and_a_truncated_one_is_refused(write: Write, content: str, name: str) -> None:
    packed = gzip.compress(content.encode())
    assert events(write(packed, name))[0][0].moment == NINE
    with pytest.raises(Refused, match="cannot be read"):
        events(write(packed[:-12], name))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nergens"):
        Bestand(tmp_path / "nergens.csv")


@pytest.mark.parametrize("kind", ["csv", "xes"])
def test_memory_does_not_grow_with_the_file(write: Write, kind: str) -> None:
    def peak(rows: int) -> int:
        if kind == "csv":
            text = HEADER + "".join(f"\nZ{row};Bezocht;2026-03-02T09:{row % 60:02}" for row in range(rows))
        else:
            one = '<event><string key="concept:name" value="M"/><date key="time:timestamp" value="2026-03-02T08:00:00Z"/></event>'
            text = "<log>" + f"<trace>{one}</trace>" * rows + "</log>"
        file = Bestand(write(text, f"{rows}.{kind}"))
        del text
        tracemalloc.start()
        try:
            count = sum(1 for _ in open_log(file, Kolommen(), None, None).gebeurtenissen())
            assert count == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            file.close()

    small = peak(4_000)
    assert peak(20_000) < small + 100_000
