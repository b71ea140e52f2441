"""One message, one trace: from the adapter over the log to the account, with the same bytes whoever listens."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from adapters.adapter.processor import AdapterProcessor
from adapters.kinds import CORPORATIE
from chain.correlate import Correlator
from chain.ledger.processor import Ledger
from tests.unit.adapter.messages import Canned, broken, order, part, raw
from topics.catalogue.declarations import DOSSIER, SPOOR, log_topic, raw_topic
from topics.errors import ConfigurationError
from topics.kafka import Coordinates, Write
from topics.processes.settings import ProcessSettings
from topics.profile import samples
from topics.profile.registry import Registry
from topics.runtime.driver import Driver, FakeBus, run_until_quiet
from topics.runtime.step import Record
from topics.traceparent import Trace, read
from topics.traces import Traces

RAW, LOG = raw_topic("corporatie"), log_topic("onderhoud")
GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
READ_BY = {RAW: "adapter-corporatie", LOG: "correlate-onderhoud", SPOOR: "ledger"}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("profielen")
    samples.install(folder)
    return Registry.load(folder)


@pytest.fixture
def told() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(told: InMemorySpanExporter) -> Traces:
    return Traces("test", SimpleSpanProcessor(told))


def played(registry: Registry, canned: Canned, given: str = "") -> FakeBus:
    """One message of zilverlinde on its whole way."""
    bus = FakeBus()
    bus.send(raw("corporatie", "zilverlinde", traceparent=given))
    processors = AdapterProcessor(CORPORATIE, registry, canned), Correlator("onderhoud"), Ledger()
    run_until_quiet(*(Driver(processor, bus) for processor in processors))
    return bus


def tell(traces: Traces, bus: FakeBus, *more: str) -> None:
    """As the runtime does, of every record that a processor handled."""
    writes = [
        Write(record.topic, record.partition, record.key, record.value, record.headers, record.timestamp)
        for topic in more
        for record in bus.records(topic)
    ]
    for topic, processor in READ_BY.items():
        traces.handled(processor, bus.records(topic), writes, 1)


def headers(records: Sequence[Record]) -> list[Trace | None]:
    return [read(record.envelope().traceparent) for record in records]


def named(spans: Sequence[ReadableSpan], topic: str) -> list[ReadableSpan]:
    return [span for span in spans if span.name == f"process {topic}"]


def test_the_whole_way_of_a_message_is_one_trace_each_span_below_the_one_that_wrote_its_record(
    registry: Registry, traces: Traces, told: InMemorySpanExporter
) -> None:
    bus = played(registry, Canned(part(order())), GIVEN)
    tell(traces, bus)
    spans = told.get_finished_spans()
    given = read(GIVEN)
    assert given is not None
    assert {f"{span.context.trace_id:032x}" for span in spans} == {given.trace}
    ((adapter,), (correlate,), postings) = (named(spans, topic) for topic in (RAW, LOG, SPOOR))
    assert adapter.parent is not None
    assert f"{adapter.parent.span_id:016x}" == given.span
    assert correlate.parent is not None
    assert correlate.parent.span_id == adapter.context.span_id
    assert len(postings) == len(bus.records(SPOOR)) >= 3
    assert {span.parent.span_id for span in postings if span.parent} == {
        adapter.context.span_id,
        correlate.context.span_id,
    }
    assert len({span.context.span_id for span in spans}) == len(spans)
    (dossier,) = headers(bus.records(DOSSIER))
    assert dossier is not None
    assert int(dossier.span, 16) == correlate.context.span_id


def test_a_span_says_which_message_it_is_about_and_nothing_personal(
    registry: Registry, traces: Traces, told: InMemorySpanExporter
) -> None:
    bus = played(registry, Canned(part(order())), GIVEN)
    tell(traces, bus)
    (span,) = named(told.get_finished_spans(), LOG)
    (event,) = bus.records(LOG)
    assert span.kind is SpanKind.CONSUMER
    assert dict(span.attributes or {}) == {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.destination.name": LOG,
        "messaging.destination.partition.id": str(event.partition),
        "messaging.kafka.offset": event.offset,
        "messaging.consumer.group.name": "correlate-onderhoud",
        "ketenbus.ontvangst": event.envelope().correlation_id,
        "ketenbus.partner": "zilverlinde",
        "ketenbus.dossier": event.key.decode(),
        "ketenbus.document": "nl.ketenbus.onderhoud.opdracht.v1",
    }


def test_what_became_a_dead_letter_is_an_error_with_its_reason(
    registry: Registry, traces: Traces, told: InMemorySpanExporter
) -> None:
    bus = played(registry, Canned(broken()), GIVEN)
    tell(traces, bus, f"{RAW}.dlq")
    (span,) = named(told.get_finished_spans(), RAW)
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "uitval: ongeldig")
    assert headers(bus.records(f"{RAW}.dlq")) == [read(GIVEN)]


def test_the_same_log_gives_the_same_bytes_with_its_traces(registry: Registry) -> None:
    buses = [played(registry, Canned(part(order())), GIVEN) for _ in range(2)]
    for topic in (LOG, SPOOR, DOSSIER):
        first, second = (bus.records(topic) for bus in buses)
        assert first == second
        assert first


def test_without_a_trace_nothing_is_added_and_nothing_told(
    registry: Registry, traces: Traces, told: InMemorySpanExporter
) -> None:
    bus = played(registry, Canned(part(order())))
    tell(traces, bus)
    assert told.get_finished_spans() == ()
    assert {name for topic in READ_BY for record in bus.records(topic) for name, _ in record.headers} & {
        "traceparent"
    } == set()


def test_a_trace_that_its_sender_does_not_keep_is_handed_on_and_not_told(
    registry: Registry, traces: Traces, told: InMemorySpanExporter
) -> None:
    bus = played(registry, Canned(part(order())), GIVEN[:-2] + "00")
    tell(traces, bus)
    assert told.get_finished_spans() == ()
    assert all(trace is not None and not trace.sampled for trace in headers(bus.records(SPOOR)))


def test_the_intake_begins_a_trace_with_the_id_of_the_receipt_or_goes_on_with_the_senders(
    traces: Traces, told: InMemorySpanExporter
) -> None:
    receipt = "0197d1a0-0000-7000-8000-0000000000ff"
    for given in ("", GIVEN):
        traces.received(receipt, given, "zilverlinde", Coordinates(RAW, 1, 7), 1)
    own, continued = told.get_finished_spans()
    assert (own.name, own.kind, own.parent) == (f"send {RAW}", SpanKind.PRODUCER, None)
    assert f"{own.context.trace_id:032x}" == receipt.replace("-", "")
    assert continued.parent is not None
    assert f"{continued.parent.span_id:016x}" == GIVEN.split("-")[2]
    assert traces.begin(receipt, "") == Trace(receipt.replace("-", ""), f"{own.context.span_id:016x}")


def test_nobody_is_told_of_messages_outside_the_share(told: InMemorySpanExporter) -> None:
    none = Traces("test", SimpleSpanProcessor(told), share=0)
    receipt = "0197d1a0-0000-7000-8000-0000000000ff"
    assert none.begin(receipt) is None
    none.received(receipt, "", "zilverlinde", Coordinates(RAW, 1, 7), 1)
    assert told.get_finished_spans() == ()
    assert none.begin(receipt, GIVEN) is not None


def test_a_process_tells_nobody_unless_it_is_asked_to(tmp_path: Path) -> None:
    here = {"KETENBUS_DATA": str(tmp_path)}
    assert ProcessSettings.of(here).open_traces("test") is None
    standard = ProcessSettings.of(here | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"})
    assert standard.traces == "http://collector:4318"
    own = ProcessSettings.of({"KETENBUS_TRACES": "http://own:4318", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://other:1"})
    assert own.traces == "http://own:4318"


def test_a_process_that_is_asked_to_but_cannot_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "topics.traces", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'ketenbus\[otel\]'"):
        ProcessSettings(traces="http://127.0.0.1:9").open_traces("test")
