"""What of a capture is played, in which order, how fast, and onto which partitions."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.replay import play as playing
from chain.replay.outcome import READ, account, of_records
from chain.replay.placing import placed
from chain.replay.plan import Pas
from chain.replay.play import play_input
from chain.replay.selection import SOURCES, Window, known, moment, topics_of, window
from chain.replay.spool import Spool
from chain.replay.target import sizing
from chain.replay.tempo import Pace, speed
from chain.replay.turns import LOGS, forwarded
from tests.unit.replay.files import played, written
from topics.blobs import MemoryBlobs
from topics.capture import CapturedTopic, Header, open_capture, write_capture
from topics.catalogue.declarations import BESLUIT, DOSSIER, SPOOR, TOPICS, log_topic, raw_topic
from topics.catalogue.topic import PRODUCTION, SINGLE
from topics.documents import Account, Posting, ce_type, encode
from topics.documents.keten import Klok, Tik
from topics.envelope import Envelope
from topics.errors import Refused
from topics.kafka import TopicState, Write, partition_for
from topics.runtime.step import Record

RAW = raw_topic("corporatie")
LOG = log_topic("onderhoud")
AT = datetime(2026, 3, 2, 8, tzinfo=UTC)
PARTITIONS = {topic.name: SINGLE.partitions(topic.width) for topic in TOPICS}


def record(
    topic: str, offset: int, *, partition: int = 0, time: int = 0, type_: str = "x.v1", **headers: str
) -> Record:
    given = tuple((name, value.encode()) for name, value in {"ce_type": type_, **headers}.items())
    return Record(topic, partition, offset, time, b"key", b"value", given)


def tick(topic: str, kind: type[Klok] | type[Tik], offset: int, *, partition: int, time: int) -> Record:
    envelope = Envelope(id="t", source="clock", type=ce_type(kind), time=AT, recorded_time=AT)
    return Record(topic, partition, offset, time, b"klok", encode(kind(tot=AT)), tuple(envelope.headers()))


# what is taken


def test_the_sources_are_taken_unless_topics_are_named() -> None:
    assert topics_of(None) == SOURCES
    assert {RAW, LOG, SPOOR, BESLUIT, f"{RAW}.dlq"} <= set(SOURCES)
    assert DOSSIER not in SOURCES
    assert topics_of("ruw.*.v1, keten.dossier.v1") == (RAW, raw_topic("aannemer"), DOSSIER)


@pytest.mark.parametrize(
    ("patterns", "said"),
    [
        ("ruw.corporatie.v2", "did you mean ruw.corporatie.v1"),
        ("ledger.toestand.v1", "private state"),
        (" , ", "nothing"),
    ],
)
def test_a_pattern_that_names_nothing_is_refused(patterns: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        topics_of(patterns)


def test_a_window_goes_by_when_the_bus_knew_and_leaves_its_end_out() -> None:
    early = record(RAW, 0, ce_recordedtime="2026-03-02T08:00:00Z", time=1_000)
    bare = Record(RAW, 0, 1, 1_772_438_400_000, b"", b"", ())
    assert known(early) == known(bare) == AT
    day = Window(moment("--van", "2026-03-02"), moment("--tot", "2026-03-02T09:00:00+01:00"))
    assert not day.holds(early)
    assert Window(AT, None).holds(early)
    assert not Window(None, AT).holds(early)
    with pytest.raises(Refused, match="--van: found 'gisteren'"):
        moment("--van", "gisteren")


@pytest.mark.parametrize("until", ["2026-03-16", "2026-03-09"])
def test_a_window_that_ends_before_it_begins_is_refused(until: str) -> None:
    with pytest.raises(Refused, match=r"--tot: found 2026-03-.*, expected a moment after --van, 2026-03-16"):
        window("2026-03-16", until)
    assert window("2026-03-16", "2026-03-17").until == moment("--tot", "2026-03-17")
    assert window(None, until).since is None


times = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 50)), max_size=30)


@given(times)
def test_a_capture_is_in_order_of_time_and_of_each_partition(
    tmp_path_factory: pytest.TempPathFactory, given: list[tuple[int, int]]
) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool"))
    for offset, (partition, time) in enumerate(given):
        spool.add(record(RAW, offset, partition=partition, time=time))
    found = list(spool.merged({RAW: 0}))
    assert len(found) == len(given)
    for partition in range(3):
        own = [one.offset for one in found if one.partition == partition]
        assert own == sorted(own)
    if all(one == sorted(one) for one in ([t for p, t in given if p == part] for part in range(3))):
        assert [one.timestamp for one in found] == sorted(one.timestamp for one in found)


# where it goes


def test_records_keep_their_partition_where_there_are_as_many_and_follow_their_key_elsewhere() -> None:
    found = record(LOG, 0, partition=3)
    assert placed(found, 4, 4) == (3,)
    assert placed(found, 4, 32) == (partition_for(b"key", 32),)
    decision = record(BESLUIT, 0, partition=1 - partition_for(b"key", 2))
    assert placed(decision, 2, 2) == (partition_for(b"key", 2),)


def test_a_tick_reaches_every_partition_once_whatever_their_number() -> None:
    ticks = [tick(LOG, Klok, 0, partition=number, time=0) for number in range(4)]
    for partitions in (1, 2, 4, 32):
        reached = [where for one in ticks for where in placed(one, 4, partitions)]
        assert sorted(reached) == list(range(partitions))


def test_a_bus_without_topics_gets_the_partitions_of_the_capture() -> None:
    header = Header(made=AT, masked=False, topics=(CapturedTopic(LOG, 32), CapturedTopic(RAW, 8)))
    assert sizing({}, header) == PRODUCTION.model_copy(update={"replication": 1, "klein": SINGLE.klein})
    assert sizing({LOG: TopicState(4, 1)}, header).log == 4


# how fast


def test_tempo_is_read_and_nonsense_refused() -> None:
    assert (speed("vol"), speed("echt"), speed("10x"), speed("0.5x")) == (None, 1.0, 10.0, 0.5)
    for wrong in ("snel", "0x", "-1x", "x"):
        with pytest.raises(Refused, match="--tempo"):
            speed(wrong)


def test_a_record_is_due_when_it_happened_divided_by_the_tempo() -> None:
    pace = Pace(10.0, 100.0)
    assert pace.wait(5_000, 100.0) == 0
    assert pace.wait(15_000, 100.0) == 1.0
    assert pace.wait(15_000, 100.6) == pytest.approx(0.4)
    assert pace.wait(15_000, 105.0) == 0
    assert pace.wait(1_000, 100.0) == 1.0  # time never goes back
    assert Pace(None, 0.0).wait(1 << 40, 0.0) == 0


# the input of a bus


class Target:
    """A broker and its processors: what was written and waited for, in order."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def __aenter__(self) -> "Target":
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def send_all(self, writes: Sequence[Write]) -> None:
        self.done += [f"{write.topic}/{write.partition}@{write.timestamp}" for write in writes]

    async def adapted(self) -> None:
        self.done.append("adapted")

    async def correlated(self) -> None:
        self.done.append("correlated")


async def input_of(
    monkeypatch: pytest.MonkeyPatch,
    path: Path,
    topics: dict[str, int],
    records: list[Record],
    steps: Sequence[Pas] | None = None,
) -> list[str]:
    header = Header(made=AT, masked=False, topics=tuple(CapturedTopic(*one) for one in topics.items()))
    with write_capture(path, header) as writer:
        for one in records:
            writer.record(one)
    target = Target()
    monkeypatch.setattr(playing, "open_sender", lambda _bootstrap: target)
    plan = steps or [Pas.WAIT] * len(records)
    await play_input(path, "nowhere", PARTITIONS, MemoryBlobs(), print, target, plan, total=len(records))
    return target.done


async def test_input_waits_where_its_plan_says_and_the_rest_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    records = [
        record(RAW, 0, time=1),
        tick(RAW, Tik, 1, partition=0, time=2),
        record(LOG, 0, time=2),
        record(RAW, 2, time=3),
        tick(LOG, Klok, 1, partition=0, time=4),
        record(BESLUIT, 0, time=5),
        record(RAW, 3, time=6, ce_causationid="decision"),
        record(RAW, 4, time=6, ce_channel="besluit"),
        record(SPOOR, 0, time=7),
        record(RAW, 5, time=8),
    ]
    steps = [Pas.PLAY, Pas.LEAVE, Pas.WAIT, Pas.WAIT, Pas.WAIT]
    found = await input_of(monkeypatch, tmp_path / "a", {RAW: 2, LOG: 4, BESLUIT: 2, SPOOR: 4}, records, steps)
    assert found == [
        f"{RAW}/0@1",
        "adapted",
        "correlated",
        f"{LOG}/0@4",
        "adapted",
        "correlated",
        f"{BESLUIT}/{partition_for(b'key', 2)}@5",
        "adapted",
        "correlated",
        f"{RAW}/0@8",
        "adapted",
        "correlated",
    ]


async def test_without_logs_time_follows_from_the_marks_once_every_partition_has_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    marks = [tick(RAW, Tik, 0, partition=number, time=number) for number in range(2)]
    found = await input_of(monkeypatch, tmp_path / "a", {RAW: 2}, [marks[0], record(RAW, 1, time=0), marks[1]])
    logs = [one for one in found if ".gebeurtenis." in one]
    assert found[2] == f"{RAW}/0@0"
    assert logs == [f"{name}/{number}@1" for name in LOGS for number in range(4)]
    alone = await input_of(monkeypatch, tmp_path / "b", {RAW: 2}, marks[:1])
    assert alone == ["adapted", "correlated"]


async def test_without_decisions_what_they_came_to_is_played_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    resent = record(RAW, 0, ce_causationid="decision")
    assert forwarded(resent)
    assert not forwarded(record(RAW, 0))
    found = await input_of(monkeypatch, tmp_path / "a", {RAW: 2}, [resent])
    assert f"{RAW}/0@0" in found


# what came of it


def test_the_outcome_of_a_bus_is_typed_and_says_what_is_there(tmp_path: Path) -> None:
    bus = played(tmp_path, 12)
    found = of_records([one for topic in READ for one in bus.records(topic)])
    assert found.rekening.sluit
    assert found.rekening.delen[Account.TOEGEPAST] > 5
    order = found.dossier("ZL-26-1003")
    assert order.sleutel in found.dossiers
    assert found.maat("ZL-26-1003", "acceptatie").dossier == order.sleutel
    with pytest.raises(Refused, match=r"found 0 dossiers 'ZL-1', expected one; there are: .*ZL-26-1003"):
        found.dossier("ZL-1")
    with pytest.raises(Refused, match=r"found no measure 'betaling'; there are: .*acceptatie"):
        found.maat("ZL-26-1003", "betaling")


def test_an_account_that_a_part_left_twice_does_not_balance() -> None:
    opened = Posting(ontvangst="r", deel="1", partner="p", dag=AT.date(), naar=Account.ONDERWEG, uit="a", delen=1)
    moved = msgspec.structs.replace(opened, van=Account.ONDERWEG, naar=Account.TOEGEPAST, uit="b", delen=None)
    again = msgspec.structs.replace(moved, naar=Account.UITVAL, uit="c")
    assert account([opened, moved, moved]).sluit
    wrong = account([opened, moved, again])
    assert not wrong.sluit
    assert wrong.fouten == ("part 1 of r: onderweg -2",)


def test_a_capture_of_a_bus_in_memory_reads_as_its_topics(tmp_path: Path) -> None:
    bus = played(tmp_path, 6)
    path = written(bus, tmp_path / "files" / "a.capture")
    with open_capture(path) as capture:
        found = list(capture.records())
    for topic in SOURCES:
        for number in range(bus.partitions[topic]):
            own = [one.value for one in found if (one.topic, one.partition) == (topic, number)]
            assert own == [one.value for one in bus.log(topic, number)]
