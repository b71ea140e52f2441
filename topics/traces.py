"""Traces by OpenTelemetry: one per message, from the intake to the account (extra `otel`; off unless it is asked for).

Only this module knows OpenTelemetry. Ids come from topics.traceparent, so spans are made whole once something is
settled and never travel through contexts: what was rolled back has no span, what was done twice has the same one.
"""

import threading
import time
from collections.abc import Sequence
from typing import Final, Protocol

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from topics import traceparent
from topics.kafka import Write
from topics.runtime.step import Record
from topics.traceparent import Trace

_SCOPE: Final = InstrumentationScope("ketenbus")
_QUEUE: Final = 16_384
_EXPORT_SECONDS: Final = 5.0
_CLOSE_SECONDS: Final = 3.0

Attributes = dict[str, str | int]


class Place(Protocol):
    """Where a record was written."""

    @property
    def topic(self) -> str: ...

    @property
    def partition(self) -> int: ...

    @property
    def offset(self) -> int: ...


class Traces:
    """Tells `spans` what became settled in `process`. `share`: of which part of the messages a trace is begun."""

    def __init__(self, process: str, spans: SpanProcessor, share: float = 1.0) -> None:
        self._spans, self._share = spans, share
        self._resource = Resource({"service.name": process, "service.namespace": "ketenbus"})

    def begin(self, receipt: str, given: str = "") -> Trace | None:
        """The span of receiving `receipt`, in the sender's own trace when it came with one. None: it is not traced."""
        parent = traceparent.read(given)
        if parent is not None:
            return parent.below("intake", receipt)
        return traceparent.begun(receipt) if traceparent.within(receipt, self._share) else None

    def received(self, receipt: str, given: str, partner: str, at: Place, began: int) -> None:
        """`receipt` stands on its topic; `began` (ns since the epoch) when it was let in."""
        trace = self.begin(receipt, given)
        if trace is None or not trace.sampled:
            return
        attributes: Attributes = {
            **_where(at.topic, at.partition, at.offset, "send"),
            "ketenbus.ontvangst": receipt,
            "ketenbus.partner": partner,
        }
        self._tell(f"send {at.topic}", trace, traceparent.read(given), SpanKind.PRODUCER, attributes, "", began)

    def handled(self, processor: str, records: Sequence[Record], writes: Sequence[Write], began: int) -> None:
        """A span for each of `records` that is in a trace; an error where it became a dead letter."""
        refused = _refused(writes)
        for record in records:
            parent = traceparent.came_with(record.headers)
            trace = traceparent.handling(record.headers, processor)
            if parent is None or trace is None or not trace.sampled:
                continue
            given = dict(record.headers)
            attributes: Attributes = {
                **_where(record.topic, record.partition, record.offset, "process"),
                "messaging.consumer.group.name": processor,
                "ketenbus.ontvangst": _text(given.get("ce_correlationid") or given.get("ce_id", b"")),
                "ketenbus.partner": _text(given.get("ce_source", b"")),
                "ketenbus.dossier": _text(given.get("ce_subject", b"")),
                "ketenbus.document": _text(given.get("ce_type", b"")),
            }
            reden = refused.get((record.topic, str(record.partition), str(record.offset)), "")
            self._tell(f"process {record.topic}", trace, parent, SpanKind.CONSUMER, attributes, reden, began)

    def close(self) -> None:
        """Tells what is left, for some seconds; a collector that is away holds nobody up."""
        closing = threading.Thread(target=self._spans.shutdown, daemon=True)
        closing.start()
        closing.join(_CLOSE_SECONDS)

    def _tell(
        self,
        name: str,
        trace: Trace,
        parent: Trace | None,
        kind: SpanKind,
        attributes: Attributes,
        reden: str,
        began: int,
    ) -> None:
        span = ReadableSpan(
            name,
            _context(trace, remote=False),
            parent=None if parent is None else _context(parent, remote=True),
            resource=self._resource,
            attributes={name: value for name, value in attributes.items() if value != ""},
            kind=kind,
            status=Status(StatusCode.ERROR, f"uitval: {reden}") if reden else Status(),
            start_time=began,
            end_time=time.time_ns(),
            instrumentation_scope=_SCOPE,
        )
        self._spans.on_end(span)


def over_http(process: str, endpoint: str, share: float) -> Traces:
    """To a collector that speaks OTLP over HTTP at the base address `endpoint`; what it cannot take is dropped."""
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
    return Traces(process, BatchSpanProcessor(exporter, max_queue_size=_QUEUE, schedule_delay_millis=500), share)


def _refused(writes: Sequence[Write]) -> dict[tuple[str, str, str], str]:
    """The reasons of the dead letters among `writes`, by the record that became one."""
    found = {}
    for write in writes:
        if write.topic.endswith(".dlq"):
            given = {name: _text(value) for name, value in write.headers if name.startswith("dlq.")}
            found[given["dlq.topic"], given["dlq.partition"], given["dlq.offset"]] = given["dlq.reason"]
    return found


def _where(topic: str, partition: int, offset: int, what: str) -> Attributes:
    return {
        "messaging.system": "kafka",
        "messaging.operation.type": what,
        "messaging.destination.name": topic,
        "messaging.destination.partition.id": str(partition),
        "messaging.kafka.offset": offset,
    }


def _context(trace: Trace, *, remote: bool) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED if trace.sampled else TraceFlags.DEFAULT)
    return SpanContext(int(trace.trace, 16), int(trace.span, 16), remote, flags)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
