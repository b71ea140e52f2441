"""The capture file: what goes in comes out, and what is cut, damaged or something else is told apart."""

import gzip
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topics.blobs import MemoryBlobs, blob_ref
from topics.capture import (
    VERSION,
    CaptureCut,
    CaptureDamaged,
    CapturedTopic,
    CaptureError,
    Counted,
    Header,
    NewerCapture,
    NotACapture,
    catalogue_version,
    open_capture,
    verify,
    write_capture,
)
from topics.errors import Refused
from topics.runtime.step import Record

TOPIC = "ruw.corporatie.v1"
HEADER = Header(
    made=datetime(2026, 3, 2, 8, tzinfo=UTC),
    masked=False,
    topics=(CapturedTopic(TOPIC, 2), CapturedTopic("ruw.aannemer.v1", 1)),
    catalogue=catalogue_version(),
)
RECORDS = [
    Record(TOPIC, 0, 3, 1_000, b"zilverlinde", b"<opdracht/>", (("ce_id", b"a"), ("ce_id", b"\xff"))),
    Record(TOPIC, 1, 0, 1_001, b"\xfe", b"\x00\xff", ()),
    Record(TOPIC, 0, 4, 900, b"", None, (("leeg", b""),)),
]


def written(path: Path, records: list[Record] = RECORDS, blobs: tuple[bytes, ...] = (b"foto",)) -> Path:
    with write_capture(path, HEADER) as writer:
        for content in blobs:
            writer.blob(content)
        for record in records:
            writer.record(record)
    return path


def read(path: Path) -> list[Record]:
    with open_capture(path) as capture:
        return list(capture.records())


def test_records_blobs_and_header_come_back_as_they_were(tmp_path: Path) -> None:
    path = written(tmp_path / "a.capture")
    blobs = MemoryBlobs()
    with open_capture(path, blobs) as capture:
        assert capture.header == HEADER
        assert list(capture.records()) == RECORDS
        assert capture.counted == Counted(3, 1)
    assert blobs.get(blob_ref(b"foto")) == b"foto"
    assert verify(path) == (HEADER, Counted(3, 1))


some_bytes = st.binary(max_size=40) | st.text(max_size=40).map(str.encode)
some_records = st.lists(
    st.builds(
        Record,
        st.just(TOPIC),
        st.integers(0, 1),
        st.just(0),
        st.integers(0, 2**53),
        some_bytes,
        st.none() | some_bytes,
        st.lists(st.tuples(st.text(max_size=10), some_bytes), max_size=3).map(tuple),
    ),
    max_size=8,
)


@given(some_records)
@settings(max_examples=60)
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, records: list[Record]) -> None:
    numbered = [msgspec.structs.replace(record, offset=at) for at, record in enumerate(records)]
    path = written(tmp_path_factory.mktemp("c") / "a.capture", numbered)
    assert read(path) == numbered


def test_the_same_records_are_the_same_file(tmp_path: Path) -> None:
    assert written(tmp_path / "a").read_bytes() == written(tmp_path / "b").read_bytes()


def test_a_file_that_is_cut_anywhere_is_told(tmp_path: Path) -> None:
    whole = written(tmp_path / "a").read_bytes()
    cut = tmp_path / "cut"
    for length in range(2, len(whole)):
        cut.write_bytes(whole[:length])
        with pytest.raises(CaptureCut):
            read(cut)


def test_a_file_without_its_last_line_is_cut(tmp_path: Path) -> None:
    lines = gzip.decompress(written(tmp_path / "a").read_bytes()).splitlines(keepends=True)
    (tmp_path / "b").write_bytes(gzip.compress(b"".join(lines[:-1])))
    with pytest.raises(CaptureCut, match="cut off after 3 records"):
        read(tmp_path / "b")


def test_a_flipped_byte_anywhere_is_told(tmp_path: Path) -> None:
    whole = written(tmp_path / "a").read_bytes()
    wrong = tmp_path / "wrong"
    header_bytes_without_check = range(10)
    for at in range(len(whole)):
        if at in header_bytes_without_check:
            continue
        wrong.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(CaptureError):
            read(wrong)


def test_a_changed_record_in_a_sound_gzip_is_damaged(tmp_path: Path) -> None:
    plain = gzip.decompress(written(tmp_path / "a").read_bytes())
    (tmp_path / "b").write_bytes(gzip.compress(plain.replace(b"<opdracht/>", b"<Opdracht/>")))
    with pytest.raises(CaptureDamaged, match="checksum"):
        read(tmp_path / "b")


def test_records_that_are_gone_are_counted(tmp_path: Path) -> None:
    lines = gzip.decompress(written(tmp_path / "a").read_bytes()).splitlines(keepends=True)
    (tmp_path / "b").write_bytes(gzip.compress(b"".join(lines[:2] + lines[3:])))
    with pytest.raises(CaptureDamaged, match="found 2 records and 1 blobs, expected 3"):
        read(tmp_path / "b")


@pytest.mark.parametrize("content", [b"", b"x", b"<opdracht/>", gzip.compress(b""), gzip.compress(b'{"is":"x"}\n')])
def test_something_else_is_no_capture(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(NotACapture):
        read(tmp_path / "a")


def test_a_newer_capture_says_so(tmp_path: Path) -> None:
    line = b'{"is":"capture","version":%d,"anything":1}\n' % (VERSION + 1)
    (tmp_path / "a").write_bytes(gzip.compress(line))
    with pytest.raises(NewerCapture, match="install a newer"):
        read(tmp_path / "a")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be opened"):
        read(tmp_path / "nothing")


def test_nothing_stays_when_writing_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="behind offset"):
        written(tmp_path / "a", [RECORDS[0], RECORDS[0]])
    assert list(tmp_path.iterdir()) == []


def test_records_out_of_order_or_of_an_unknown_partition_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="behind offset 3"):
        written(tmp_path / "a", [RECORDS[0], RECORDS[0]])
    with pytest.raises(ValueError, match="no such topic or partition"):
        written(tmp_path / "a", [msgspec.structs.replace(RECORDS[0], partition=2)])


def test_zcat_shows_what_is_in_it(tmp_path: Path) -> None:
    path = written(tmp_path / "a.capture")
    shown = subprocess.run(["zcat", "-f", str(path)], capture_output=True, check=True, text=True).stdout.splitlines()
    assert msgspec.json.decode(shown[0])["is"] == "capture"
    assert msgspec.json.decode(shown[2]) == {
        "is": "record",
        "topic": TOPIC,
        "partition": 0,
        "offset": 3,
        "time": 1000,
        "key": "zilverlinde",
        "value": "<opdracht/>",
        "headers": [["ce_id", "a"], ["ce_id", "", "/w=="]],
    }
