"""Every sample and a generated week, masked: the same events, and nothing of a person left in any byte."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from adapters.adapter.processor import AdapterProcessor
from adapters.demo.inbox import load
from adapters.generator.week import maak
from adapters.kinds import KINDS
from adapters.masking import open_masker
from chain.replay.masking import Masking
from chain.replay.selection import SOURCES
from tests.unit.demo.play import Play, play_week
from topics import documents
from topics.blobs import MemoryBlobs
from topics.catalogue.declarations import ALL_KETENS, PERSOON, dead_letter_topic, log_topic, raw_topic
from topics.deadletters import Letter
from topics.documents.keten import Persoon
from topics.profile import samples
from topics.profile.registry import Registry
from topics.runtime.driver import Driver, FakeBus, run_until_quiet
from topics.runtime.step import Output, Record

RAW = tuple(raw_topic(kind) for kind in KINDS)
LETTERS = tuple(dead_letter_topic(topic) for topic in RAW)
LOGS = tuple(log_topic(keten) for keten in ALL_KETENS)
SECRET = b"a secret of at least 32 bytes, ok"
TOLD = ("dlq.findings", "dlq.message")
"""Sentences, which may quote what was found."""

PERSONAL = re.compile(r"locatie\.|contact\.|\.straat$|^tekst$|\.tekst$|\.toelichting$|\.url$|^bijlage\.\d+\.naam$")
SHORTEST = 5
"""Characters of what is looked for: shorter pieces stand in anything."""


class Masked(msgspec.Struct):
    """`original`: the bus as it was played. `records`: its sources, masked. `again`: a bus that read the masked messages."""

    original: FakeBus
    records: list[Record]
    blobs: MemoryBlobs
    again: FakeBus


@pytest.fixture(scope="module", params=["inbox", "week"])
def masked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Masked]:
    folder = tmp_path_factory.mktemp("masked")
    original, blobs = FakeBus(), MemoryBlobs()
    play = inbox(folder, original) if request.param == "inbox" else play_week(maak(40, 2), folder, original)
    masking = Masking(open_masker(SECRET, samples.FOLDER), original.blobs, blobs)
    first = [masking.first(record) for topic in SOURCES for record in original.records(topic)]
    masking.between()
    records = [masking.then(record) for record in first]
    yield Masked(original, records, blobs, read(records, blobs))
    play.close()


def inbox(folder: Path, bus: FakeBus) -> Play:
    play = Play(folder, bus)
    messages, end = load()
    play.week(messages, end.einde)
    return play


def read(records: Sequence[Record], blobs: MemoryBlobs) -> FakeBus:
    bus = FakeBus()
    bus.blobs = blobs
    for record in records:
        if record.topic in RAW:
            output = Output(record.topic, record.key, record.value, record.headers, record.partition)
            bus.send(output, record.timestamp)
    registry = Registry.load(samples.FOLDER)
    run_until_quiet(*(Driver(AdapterProcessor(kind, registry), bus) for kind in KINDS.values()))
    return bus


def test_masked_messages_become_the_same_events_and_the_same_masked_personal_data(masked: Masked) -> None:
    expected = {_id(record): record for record in masked.records if record.topic in (*LOGS, PERSOON)}
    found = [record for topic in (*LOGS, PERSOON) for record in masked.again.records(topic)]
    assert len(found) > 150
    for record in found:
        assert _content(record) == _content(expected[_id(record)])
    known = {_id(record) for record in found}
    lacking = [record for record in expected.values() if _id(record) not in known and _header(record, "ce_part")]
    assert lacking == []


def test_events_are_those_of_the_unmasked_messages_but_for_hashes_and_attachments(masked: Masked) -> None:
    original = {_id(record): record for topic in LOGS for record in masked.original.records(topic)}
    compared = 0
    for topic in LOGS:
        for record in masked.again.records(topic):
            before = documents.decode(_header(record, "ce_type"), original[_id(record)].value or b"")
            after = documents.decode(_header(record, "ce_type"), record.value or b"")
            assert _plain(after) == _plain(before)
            assert record.key == original[_id(record)].key
            compared += 1
    assert compared > 100


def test_masked_dead_letters_are_the_same_letters_for_the_same_reason(masked: Masked) -> None:
    expected = {_header(record, "dlq.id"): record for record in masked.records if record.topic in LETTERS}
    found = {_header(record, "dlq.id"): record for topic in LETTERS for record in masked.again.records(topic)}
    assert found.keys() == expected.keys()
    assert len(found) > 3
    for letter, record in found.items():
        assert record.value == expected[letter].value
        assert _told(record) == _told(expected[letter])


def test_every_reference_in_a_masked_capture_is_of_what_goes_with_it(masked: Masked) -> None:
    refs = [
        found.decode()
        for record in masked.records
        if record.topic in LOGS
        for found in re.findall(rb"sha256:[0-9a-f]{64}", record.value or b"")
    ]
    assert all(masked.blobs.get(ref) for ref in refs)
    if "inbox" in str(masked.records[0].headers) or refs:
        assert refs


def test_nothing_of_a_person_is_left_in_any_byte(masked: Masked) -> None:
    whole = b"\n".join(_bytes(masked)).decode("utf-8", "replace")
    words = set(re.findall(r"[\w@.:/+-]+", whole))
    looked_for = _pieces(masked.original)
    assert len(looked_for) > 100
    left = {piece for piece in looked_for if (piece in words if " " not in piece else piece in whole)}
    assert left == set()


def _bytes(masked: Masked) -> Iterator[bytes]:
    for record in masked.records:
        yield record.value or b""
        yield from (value for _, value in record.headers)
    yield from masked.blobs._bodies.values()


def _pieces(bus: FakeBus) -> set[str]:
    """Values of persons, whole; of names, streets and addresses each word too."""
    found: set[str] = set()
    stays = _stays(bus)
    for record in bus.records(PERSOON):
        document = documents.decode(_header(record, "ce_type"), record.value or b"")
        assert isinstance(document, Persoon)
        for path, value in document.velden.items():
            if not PERSONAL.search(path) or path.endswith(".land"):
                continue
            found.add(value)
            if path.rpartition(".")[2] in ("naam", "contactpersoon", "straat"):
                found |= set(value.split())
    return {piece for piece in found if len(piece) >= SHORTEST} - stays


def _stays(bus: FakeBus) -> set[str]:
    """Nouns that are on the log themselves, where they say what is broken, and names of partners in our own sentences."""
    logged = b"\n".join(record.value or b"" for topic in LOGS for record in bus.records(topic)).decode()
    names = [path.read_text() for path in samples.FOLDER.glob("*/*.toml")]
    return set(re.findall(r"\w+", logged + "\n".join(names))) | {"bewoner", "Buurvrouw"}


def _id(record: Record) -> tuple[str, str]:
    return (record.topic if record.topic == PERSOON else "", _header(record, "ce_id"))


def _content(record: Record) -> tuple[bytes | None, bytes, tuple[tuple[str, bytes], ...]]:
    return record.value, record.key, tuple(record.headers)


def _told(record: Record) -> tuple[object, ...]:
    letter = Letter.read(record.headers)
    return letter.reden, letter.stage, letter.dossier, [one.code for one in letter.bevindingen]


def _plain(document: documents.Document) -> bytes:
    """Without what is about content of attachments, and ids of letters, which are hashes of contents."""
    text = re.sub(rb'"(blob|bytes|brief)":("[^"]*"|[0-9]+),?', b"", documents.encode(document))
    return text.replace(b",}", b"}")


def _header(record: Record, name: str) -> str:
    return next((value.decode() for header, value in record.headers if header == name), "")
