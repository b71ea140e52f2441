"""The bus in memory makes of a capture's sources what the bus made of them, byte for byte."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
import pytest

from tests.unit.verschil import opname
from topics.catalogue.declarations import BESLUIT, KINDS, SPOOR, log_topic, raw_topic
from topics.documents import ce_type, encode
from topics.documents.keten import Hervat, Tik
from topics.envelope import Envelope
from topics.errors import ConfigurationError
from topics.play import stage
from topics.play.player import Player
from topics.play.sources import Kind, Ticks, in_order, kind_of, known, survey
from topics.profile import samples
from topics.profile.registry import Registry
from topics.runtime.step import Record

LOG = log_topic("onderhoud")
RAW = raw_topic("aannemer")
Written = dict[tuple[str, bytes], list[tuple[bytes | None, tuple[tuple[str, bytes], ...]]]]


def played(records: Iterable[Record]) -> list[Record]:
    """Everything that the bus in memory writes of `records` under the sample profiles."""
    given = list(records)
    found: list[Record] = []
    player = Player(Registry.load(samples.FOLDER), survey(given), opname.PARTITIONS, found.append)
    for record in in_order(given):
        player.feed(record)
    player.finish()
    return found


def by_key(records: Iterable[Record]) -> Written:
    """Value and headers, per topic and key in order. Of the account in order of id: the parts of one message lie in several
    partitions of a log."""
    found: Written = defaultdict(list)
    for record in records:
        if not record.topic.endswith(".toestand.v1") and record.topic not in (*map(raw_topic, KINDS), BESLUIT):
            found[(record.topic, record.key)].append((record.value, tuple(record.headers)))
    for (topic, _), written in found.items():
        if topic == SPOOR:
            written.sort(key=lambda one: dict(one[1])["ce_id"])
    return dict(found)


def test_every_topic_is_the_same_byte_for_byte_when_the_inbox_is_played() -> None:
    recorded = by_key(opname.inbox())
    assert len(recorded) > 300
    found = by_key(played(opname.inbox()))
    assert {key for key in {*found, *recorded} if found.get(key) != recorded.get(key)} == set()


def test_a_play_is_the_same_a_second_time() -> None:
    assert played(opname.inbox()) == played(opname.inbox())


def test_what_the_bus_made_of_the_sources_is_not_played() -> None:
    sources = [record for record in opname.inbox() if kind_of(record) in (Kind.BERICHT, Kind.KLOK)]
    assert len(sources) < len(opname.inbox()) / 4
    assert played(sources) == played(opname.inbox())


def test_a_play_ticks_with_the_messages_when_the_capture_has_no_ticks() -> None:
    """The inbox ticks before a message, and so does a play that has to think of ticks itself: but for messages that
    were refused at the door, and for the last tick, days behind the last message."""
    raw = opname.of_topics(opname.inbox(), ["ruw."])
    assert survey(raw).ticks is Ticks.BERICHTEN
    moments = set(ticks(opname.inbox()))
    found = ticks(played(raw))
    assert found == sorted(set(found))
    assert set(found) <= moments
    assert len(moments - set(found)) <= 3


def test_marks_become_ticks_when_every_marked_partition_was_read_up_to_them() -> None:
    raw = opname.of_topics(opname.inbox(), ["ruw."])[:20]
    first, last = known(raw[0].headers), known(raw[-1].headers)
    assert first is not None
    assert last is not None
    later = last + timedelta(minutes=1)
    given = [mark(first, 0, raw[0].timestamp), *raw, mark(later, 0, 10_000_000)]
    assert survey(given).ticks is Ticks.RUW
    assert ticks(played(given)) == [first, later]
    # the other partition never answers the second mark
    behind = [mark(first, 1, raw[0].timestamp), *given]
    assert ticks(played(behind)) == [first]


def test_a_tick_comes_behind_what_was_written_in_the_same_millisecond() -> None:
    message = next(record for record in opname.inbox() if kind_of(record) is Kind.BERICHT)
    tick = next(record for record in opname.inbox() if kind_of(record) is Kind.KLOK)
    same = msgspec.structs.replace(tick, timestamp=message.timestamp)
    assert list(in_order([same, message])) == [message, same]
    assert list(in_order([tick, message])) == [tick, message]


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, Kind.BERICHT),
        ({"ce_causationid": b"besluit-1", "ce_part": b"1"}, Kind.HERZONDEN),
        ({"ce_channel": b"besluit"}, Kind.HERZONDEN),
        ({"ce_type": ce_type(Hervat).encode()}, Kind.HERZONDEN),
        ({"ce_type": ce_type(Tik).encode()}, Kind.MERK),
    ],
)
def test_what_a_record_is_to_a_play_follows_from_its_headers(headers: dict[str, bytes], kind: Kind) -> None:
    message = next(record for record in opname.inbox() if kind_of(record) is Kind.BERICHT)
    given = msgspec.structs.replace(message, headers=tuple({**dict(message.headers), **headers}.items()))
    assert kind_of(given) is kind


def test_an_installation_without_processors_is_refused_and_not_played_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "GROUP", "ketenbus.nothing")
    with pytest.raises(ConfigurationError, match="install the package anew"):
        played(opname.inbox())


def mark(at: datetime, partition: int, timestamp: int) -> Record:
    envelope = Envelope(id=f"tik-{at}", source="clock", type=ce_type(Tik), time=at, recorded_time=at)
    return Record(RAW, partition, timestamp, timestamp, b"klok", encode(Tik(tot=at)), tuple(envelope.headers()))


def ticks(records: Iterable[Record]) -> list[datetime]:
    return [
        one.envelope().time for one in records if kind_of(one) is Kind.KLOK and (one.topic, one.partition) == (LOG, 0)
    ]
