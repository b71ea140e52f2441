"""The envelope against the CloudEvents Kafka binding, dead-letter headers, ids and keys."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from hypothesis import example, given
from hypothesis import strategies as st

from topics import ids, keys
from topics.catalogue.asyncapi import ENVELOPE_HEADERS, LETTER_HEADERS, REQUIRED_HEADERS
from topics.deadletters import Letter, original_headers
from topics.documents import Bevinding, Ernst, Reden
from topics.envelope import Envelope, stamp
from topics.errors import InvalidEnvelope

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAME = TEXT.filter(bool)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))) | st.just(UTC)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=ZONES)
HEADERS = st.lists(st.tuples(NAME.filter(lambda name: not name.startswith("ce_")), st.binary(max_size=20)), max_size=4)

FIELDS = {field.name: TEXT for field in msgspec.structs.fields(Envelope)} | {
    "id": NAME,
    "source": NAME,
    "type": NAME,
    "time": TIMES,
    "recorded_time": TIMES,
    "content_type": NAME,
}
ENVELOPES = st.builds(Envelope, **FIELDS)
FULL = Envelope(
    id="e1",
    source="woonstede",
    type="nl.ketenbus.posting.v1",
    time=datetime(2026, 11, 2, 10, 2, tzinfo=timezone(timedelta(hours=1))),
    recorded_time=datetime(2026, 11, 2, 9, 2, 4, 125000, tzinfo=UTC),
    **{name: name for name in FIELDS if name not in ("id", "source", "type", "time", "recorded_time")},
)


# ---------------------------------------------------------------- CloudEvents


@given(ENVELOPES)
def test_an_envelope_comes_back_as_it_was_written(envelope: Envelope) -> None:
    assert Envelope.read(envelope.headers()) == envelope


@given(ENVELOPES, HEADERS)
def test_headers_of_others_change_nothing(envelope: Envelope, others: list[tuple[str, bytes]]) -> None:
    strange = [(f"x-{name}", value) for name, value in others] + [("ce_toekomst", b"1")]
    assert Envelope.read([*strange, *envelope.headers()]) == envelope


@given(ENVELOPES.filter(lambda envelope: envelope.subject.strip() == envelope.subject))
def test_the_headers_are_a_cloudevent_to_its_own_library(envelope: Envelope) -> None:
    """The oracle checks names, required attributes and times by the specification, and reads them back."""
    body = {"antwoord": 42}
    valid = msgspec.structs.replace(envelope, content_type="application/json", dataschema="")
    event = from_binary_event(KafkaMessage(headers=dict(valid.headers()), key=b"k", value=json.dumps(body).encode()))
    assert event.get_id() == valid.id
    assert event.get_source() == valid.source
    assert event.get_type() == valid.type
    assert event.get_specversion() == "1.0"
    assert event.get_datacontenttype() == "application/json"
    assert event.get_time() == valid.time
    assert event.get_data() == body
    assert (event.get_subject() or "") == valid.subject
    for extension, value in {
        "correlationid": valid.correlation_id,
        "causationid": valid.causation_id,
        "part": valid.part,
        "sha256": valid.sha256,
        "contenthash": valid.content_hash,
        "recordedtime": stamp(valid.recorded_time).decode(),
    }.items():
        assert (event.get_extension(extension) or "") == value


def test_the_described_headers_are_those_that_are_written() -> None:
    assert {name for name, _ in FULL.headers()} == set(ENVELOPE_HEADERS)
    assert len(FULL.headers()) == len(ENVELOPE_HEADERS)


def test_empty_attributes_are_left_out() -> None:
    bare = Envelope(id="1", source="s", type="t", time=datetime(2026, 1, 1, tzinfo=UTC), recorded_time=FULL.time)
    assert {name for name, _ in bare.headers()} == {*REQUIRED_HEADERS, "ce_recordedtime", "content-type"}


@pytest.mark.parametrize("missing", REQUIRED_HEADERS)
def test_an_envelope_is_invalid_when_a_required_header_is_missing(missing: str) -> None:
    with pytest.raises(InvalidEnvelope):
        Envelope.read([(name, value) for name, value in FULL.headers() if name != missing])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_specversion", b"0.3"),
        ("ce_specversion", b""),
        ("ce_id", b""),
        ("ce_source", b""),
        ("ce_type", b""),
        ("ce_time", b""),
        ("ce_time", b"gisteren"),
        ("ce_time", b"2026-11-02T10:02:00"),
        ("ce_time", b"2026-13-02T10:02:00Z"),
        ("ce_time", b"\xff\xfe"),
        ("ce_recordedtime", b"2026-11-02T10:02:00"),
    ],
)
def test_an_envelope_is_invalid_when_a_header_is_malformed(name: str, value: bytes) -> None:
    headers = [(header, value if header == name else found) for header, found in FULL.headers()]
    with pytest.raises(InvalidEnvelope, match=name if "time" in name or "spec" in name else "ce_id, ce_source"):
        Envelope.read(headers)


@given(st.lists(st.tuples(st.sampled_from([*ENVELOPE_HEADERS, "x"]), st.binary(max_size=30)), max_size=24))
def test_any_headers_are_an_envelope_or_an_error_of_ours(headers: list[tuple[str, bytes]]) -> None:
    try:
        envelope = Envelope.read(headers)
    except InvalidEnvelope:
        return
    assert envelope.time.tzinfo is not None
    assert envelope.recorded_time.tzinfo is not None


def test_the_moment_known_is_the_moment_it_happened_when_nobody_says_otherwise() -> None:
    headers = [(name, value) for name, value in FULL.headers() if name != "ce_recordedtime"]
    assert Envelope.read(headers).recorded_time == FULL.time


# ---------------------------------------------------------------- dead letters

LETTERS = st.builds(
    Letter,
    id=NAME,
    topic=NAME,
    partition=st.integers(0, 2**31),
    offset=st.integers(0, 2**63),
    timestamp=st.integers(-1, 2**53),
    reden=st.sampled_from(Reden),
    stage=TEXT,
    at=TIMES,
    fout=TEXT,
    tekst=TEXT,
    attempts=st.integers(1, 99),
    partner=TEXT,
    dossier=TEXT,
    receipt=TEXT,
    part=TEXT,
    bevindingen=st.lists(
        st.builds(Bevinding, code=TEXT, pad=TEXT, ernst=st.sampled_from(Ernst), tekst=TEXT, bron=TEXT), max_size=3
    ).map(tuple),
)


@given(LETTERS, HEADERS)
def test_a_letter_comes_back_and_leaves_the_original_headers_alone(
    letter: Letter, original: list[tuple[str, bytes]]
) -> None:
    headers = [*original, *FULL.headers(), *letter.headers()]
    assert Letter.read(headers) == letter
    assert original_headers(headers) == [*original, *FULL.headers()]


@given(LETTERS, LETTERS)
def test_a_resend_that_fails_again_keeps_what_it_carried(first: Letter, second: Letter) -> None:
    """A resend carries `dlq.*` of its own (the letter that it answers): they are part of the original then."""
    resend = [*FULL.headers(), *first.headers()]
    headers = [*resend, *second.headers()]
    assert Letter.read(headers) == second
    assert original_headers(headers) == resend


def test_the_described_letter_headers_are_those_that_are_written() -> None:
    assert [name for name, _ in _letter().headers()] == list(LETTER_HEADERS)


@pytest.mark.parametrize("name", ["dlq.id", "dlq.topic", "dlq.reason", "dlq.failed-at", "dlq.offset"])
def test_a_letter_without_a_header_is_a_key_error(name: str) -> None:
    headers = [(header, value) for header, value in _letter().headers() if header != name]
    with pytest.raises(KeyError, match=name):
        Letter.read(headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [("dlq.reason", b"stuk"), ("dlq.offset", b"x"), ("dlq.failed-at", b"gisteren"), ("dlq.findings", b"{")],
)
def test_a_letter_with_a_malformed_header_is_a_value_error(name: str, value: bytes) -> None:
    headers = [(header, value if header == name else found) for header, found in _letter().headers()]
    with pytest.raises(ValueError):
        Letter.read(headers)


def _letter() -> Letter:
    return Letter(id="b", topic="t", partition=0, offset=0, timestamp=0, reden=Reden.ONGELDIG, stage="s", at=FULL.time)


# ---------------------------------------------------------------- ids


@given(TIMES, TIMES, st.binary(min_size=10, max_size=10))
def test_receipt_ids_sort_by_the_moment_of_intake(earlier: datetime, later: datetime, random: bytes) -> None:
    first, second = ids.receipt_id(earlier, random), ids.receipt_id(later, random)
    found = uuid.UUID(first)
    assert (found.version, found.variant) == (7, uuid.RFC_4122)
    assert int.from_bytes(found.bytes[:6], "big") == int(earlier.timestamp() * 1000)
    if int(earlier.timestamp() * 1000) < int(later.timestamp() * 1000):
        assert first < second


def test_receipt_ids_of_one_moment_differ() -> None:
    assert len({ids.receipt_id(FULL.time) for _ in range(1000)}) == 1000


@given(st.tuples(TEXT, TEXT, TEXT), st.tuples(TEXT, TEXT, TEXT))
@example(("ab", "c", "d"), ("a", "bc", "d"))
def test_derived_ids_are_the_same_for_the_same_parts_only(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert ids.event_id(*one) == ids.event_id(*one)
    assert (ids.event_id(*one) == ids.event_id(*other)) == (one == other)


def test_a_resend_after_a_decision_is_a_new_letter() -> None:
    first = ids.letter_id("r", "1", "adapter-corporatie", "aa" * 32)
    assert first == ids.letter_id("r", "1", "adapter-corporatie", "aa" * 32)
    assert first != ids.letter_id("r", "1", "adapter-corporatie", "aa" * 32, decision="d1")
    assert first != ids.letter_id("r", "1", "adapter-corporatie", "bb" * 32)


# ---------------------------------------------------------------- keys


@given(NAME.filter(lambda text: "".join(text.split())))
@example("A/2026 #7%")
@example("ＩＮ０００１")
def test_a_key_can_be_read_back(number: str) -> None:
    try:
        normal = keys.normalise_number(number)
    except ValueError:
        return
    key = keys.order_key("onderhoud", "8719999000015", number)
    assert key.count("/") == 3
    assert keys.parts(key) == ("onderhoud", "opdracht", "8719999000015", normal)
    assert keys.keten_of(key) == "onderhoud"
    assert key.isascii()


@given(NAME)
def test_a_number_is_normal_after_one_normalisation(number: str) -> None:
    try:
        once = keys.normalise_number(number)
    except ValueError:
        return
    assert keys.normalise_number(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [(" in 00001 ", "IN00001"), ("é-1", "e\u0301-1"), ("ＩＮ－１", "IN-1"), ("ab\u00a01", "AB1"), ("a\tb\n1", "AB1")]
    + [(f"A{mark}1", "A1") for mark in ("\u200b", "\ufeff", "\u00ad", "\u202e", "\u2060", "\ufe0f", "\U000e0041")],
)
def test_ways_to_write_one_number_are_one_dossier(one: str, other: str) -> None:
    assert keys.order_key("onderhoud", "g", one) == keys.order_key("onderhoud", "g", other)


@pytest.mark.parametrize(("one", "other"), [("001", "1"), ("A-1", "A1"), ("A/1", "A%2F1"), ("1", "1.0")])
def test_numbers_that_erps_tell_apart_stay_apart(one: str, other: str) -> None:
    assert keys.order_key("onderhoud", "g", one) != keys.order_key("onderhoud", "g", other)


@pytest.mark.parametrize("number", ["", " ", "\t\n", "\u00a0\u2003", "\u200b", " \ufeff "])
def test_an_empty_number_has_no_key(number: str) -> None:
    with pytest.raises(ValueError, match="empty"):
        keys.normalise_number(number)


def test_a_number_that_becomes_endless_when_normalised_has_no_key() -> None:
    """One letter of Arabic becomes eighteen: a database index has limits."""
    with pytest.raises(ValueError, match="at most"):
        keys.normalise_number("\ufdfa" * 64)
