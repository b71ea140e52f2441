"""Steps become writes: outputs, postings, dead letters, state and position of one transaction."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Final, TypeVar

from topics import ids, traceparent
from topics.catalogue.declarations import SPOOR, changelog_topic, dead_letter_topic
from topics.deadletters import Letter, id_of
from topics.documents import Bevinding, Posting, ce_type, encode
from topics.envelope import JSON, Header, Headers, stamp
from topics.kafka import Write, partition_for
from topics.runtime.boundary import envelope_or_none
from topics.runtime.claims import claimed
from topics.runtime.errors import CannotWrite, TooLargeToWrite
from topics.runtime.positions import POSITION_KEY, Position, encode_position
from topics.runtime.restored import Sent
from topics.runtime.step import DeadLetter, Output, Record, Step

S = TypeVar("S")

_RECORD_OVERHEAD: Final = 64
_HEADER_OVERHEAD: Final = 10
_BATCH_OVERHEAD: Final = 128
_TEXT_LIMIT: Final = 2_000
_FINDINGS_LIMIT: Final = 40
_POSTING_TYPE: Final = ce_type(Posting).encode()


class Writes:
    """Turns the steps of one task into writes.

    Per topic that the processor is declared to produce: `partitions` as the broker has them, `limits` in bytes. `sent`:
    after a restore, what is not to be written again.
    """

    def __init__(
        self,
        processor: str,
        partitions: Mapping[str, int],
        limits: Mapping[str, int],
        sent: Sent | None = None,
    ) -> None:
        self._processor, self._partitions, self._limits = processor, partitions, limits
        self._sent = sent
        self._changelog = changelog_topic(processor)
        self._own = partitions[self._changelog]
        self._largest = limits[self._changelog] - _RECORD_OVERHEAD - _BATCH_OVERHEAD

    def of_step(self, step: Step[S], record: Record) -> tuple[list[Write], int]:
        """Everything but state and position, and its size. Raises CannotWrite, naming topic, size and limit."""
        out: list[Write] = []
        size = 0
        if not (step.outputs or step.postings or step.dead_letters):
            return out, size
        at = record.timestamp
        trace = self._trace(record)
        for output in step.outputs:
            size += self._add(output, record, at, out, trace)
        for posting in step.postings:
            size += self._add(posting_output(posting, record), record, at, out, trace)
        for letter in step.dead_letters:
            size += self._add(letter_output(letter, record, self._processor), record, at, out)
        return out, size

    def of_state(
        self, staged: Mapping[str, bytes | None], position: Position, partition: int, timestamp: int
    ) -> list[Write]:
        """State and position. Raises TooLargeToWrite when a state does not fit the changelog."""
        changelog, largest = self._changelog, self._largest
        out = []
        for key, data in staged.items():
            name = key.encode()
            if data is not None and len(name) + len(data) > largest:
                self._check(changelog, len(name) + len(data) + _RECORD_OVERHEAD)
            out.append(Write(changelog, partition, name, data, (), timestamp))
        out.append(Write(changelog, partition, POSITION_KEY.encode(), encode_position(position), (), timestamp))
        return out

    def _trace(self, record: Record) -> Header | None:
        """What follows from a record of a trace is in it too, below the span of handling it."""
        trace = traceparent.handling(record.headers, self._processor)
        return None if trace is None else (traceparent.HEADER, str(trace).encode())

    def _add(
        self, output: Output, record: Record, timestamp: int, out: list[Write], trace: Header | None = None
    ) -> int:
        topic, key = output.topic, output.key
        headers = output.headers if trace is None else _within(output.headers, trace)
        size = len(key) + len(output.value or b"") + _RECORD_OVERHEAD
        size += sum(map(len, chain.from_iterable(headers))) + _HEADER_OVERHEAD * len(headers)
        self._check(topic, size)
        if self._sent is not None and self._sent(topic, key, headers, record.offset):
            return 0
        partition = output.partition
        if partition is None:
            count = self._partitions[topic]
            # co-partitioned by the same key: the hash would say the same
            same = count == self._own and key == record.key
            partition = record.partition if same else partition_for(key, count)
        out.append(Write(topic, partition, key, output.value, headers, timestamp))
        return size

    def _check(self, topic: str, size: int) -> None:
        limit = self._limits.get(topic)
        if limit is None:
            raise CannotWrite(f"{self._processor} writes to {topic}, expected a topic that declares it as a producer")
        if size + _BATCH_OVERHEAD > limit:
            raise TooLargeToWrite(f"record of {size} bytes for {topic}, expected {limit - _BATCH_OVERHEAD} at most")


def letter_output(letter: DeadLetter, record: Record, stage: str) -> Output:
    """A dead letter as a record. `stage`: the processor that could not handle `record`, which brought the letter."""
    original = letter.original
    envelope = envelope_or_none(original)
    receipt = (envelope.correlation_id or envelope.id) if envelope else ""
    part = letter.deel or (envelope.part if envelope else "")
    headers = Letter(
        id=id_of(original, envelope, part, stage),
        topic=original.topic,
        partition=original.partition,
        offset=original.offset,
        timestamp=original.timestamp,
        reden=letter.reden,
        stage=stage,
        at=envelope.recorded_time if envelope else _moment(record.timestamp),
        fout=letter.fout[:_TEXT_LIMIT],
        tekst=letter.tekst[:_TEXT_LIMIT],
        partner=letter.partner or (envelope.source if envelope else ""),
        dossier=letter.dossier or (envelope.subject if envelope else ""),
        receipt=receipt,
        part=part,
        bevindingen=bounded(letter.bevindingen),
    ).headers()
    return Output(
        topic=dead_letter_topic(original.topic),
        key=original.key,
        value=original.value if not claimed(original.headers) else b"",
        headers=[*original.headers, *headers],
        partition=original.partition,
    )


def posting_output(posting: Posting, record: Record) -> Output:
    """A posting as a record on `keten.spoor.v1`, keyed by receipt; its id follows from what moved and why."""
    van = posting.van.value if posting.van else ""
    at = _recorded(record)
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", ids.derived_id(posting.uit, f"{posting.deel}{van}{posting.naar.value}", posting.ontvangst).encode()),
        ("ce_source", posting.partner.encode()),
        ("ce_type", _POSTING_TYPE),
        ("ce_subject", (posting.dossier or "").encode()),
        ("ce_correlationid", posting.ontvangst.encode()),
        ("ce_causationid", posting.uit.encode()),
        ("ce_part", posting.deel.encode()),
        ("content-type", JSON.encode()),
        ("ce_time", at),
        ("ce_recordedtime", at),
    ]
    return Output(topic=SPOOR, key=posting.ontvangst.encode(), value=encode(posting), headers=headers)


def _within(headers: Headers, trace: Header) -> Headers:
    """What is sent again for a person goes on in the trace that it began with."""
    for name, _ in headers:
        if name == traceparent.HEADER:
            return headers
    return [*headers, trace]


def bounded(findings: Sequence[Bevinding]) -> tuple[Bevinding, ...]:
    """The first findings: a dead-letter topic allows 64 kB more than its source, so headers must stay small."""
    return tuple(findings[:_FINDINGS_LIMIT])


def _recorded(record: Record) -> bytes:
    for name, value in record.headers:
        if name == "ce_recordedtime":
            return value
    return stamp(_moment(record.timestamp))


def _moment(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, UTC)
