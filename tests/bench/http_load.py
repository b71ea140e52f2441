"""A bounded load on the intake from a process of its own: HTTP/1.1 with keep-alive, straight on asyncio.

    python -m tests.bench.http_load HOST PORT KEY SECONDS CONNECTIONS SIZE [RATE]

Without RATE every connection sends its next message as soon as it has its answer (how much can it take). With RATE
messages are due at fixed moments and latency counts from the moment that one was due, so that a stall of the intake is
not hidden by a client that waits for it. Every body is different. Prints one JSON object. Loopback only.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from typing import Final, cast

import msgspec
import uvloop

WARM_UP_SECONDS: Final = 1.0
TICK_SECONDS: Final = 0.001


class Load(msgspec.Struct, frozen=True):
    """seconds: measured, after a warm-up of one second. size: bytes of a body. rate: messages a second, or None."""

    host: str
    port: int
    key: str
    seconds: float
    connections: int
    size: int
    rate: float | None = None


class Result(msgspec.Struct, frozen=True):
    """Answers within the measured time by status, and their latencies in milliseconds. sent: warm-up included."""

    answers: dict[str, int]
    sent: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float


class _Run:
    """What all connections share."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._head = (
            f"POST /v1/berichten HTTP/1.1\r\nHost: {load.host}\r\nAuthorization: Bearer {load.key}\r\n"
            f"Content-Type: application/octet-stream\r\nContent-Length: {load.size}\r\n\r\n"
        ).encode()
        self._unique = os.urandom(8).hex()
        self.number = 0
        self._filler = b"x" * load.size
        self.idle: deque[_Connection] = deque()
        self.due: deque[float] = deque()
        self.answers: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.begin = self.end = 0.0

    @property
    def closed(self) -> bool:
        return self._load.rate is None

    def request(self) -> bytes:
        self.number += 1
        mark = b"%s %d " % (self._unique.encode(), self.number)
        return self._head + mark + self._filler[len(mark) :]

    def answered(self, status: str, due: float, now: float) -> None:
        if self.begin <= now < self.end:
            self.answers[status] += 1
            self.latencies.append(now - due)

    def next_due(self, now: float) -> float | None:
        """When the message that is sent now was due; None when there is nothing to send."""
        if self.closed:
            return now if now < self.end else None
        return self.due.popleft() if self.due else None


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._buffer = b""
        self._due = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's by inheritance
        self._transport = cast(asyncio.Transport, transport)
        self._run.idle.append(self)

    def send(self, due: float) -> None:
        if self._transport is None:
            raise RuntimeError("not connected")
        self._due = due
        self._transport.write(self._run.request())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            return
        self._buffer = b""
        now = time.perf_counter()
        self._run.answered(head[9:12].decode(), self._due, now)
        due = self._run.next_due(now)
        if due is None:
            self._run.idle.append(self)
        else:
            self.send(due)


async def run(load: Load) -> Result:
    """Raises OSError when nobody listens, RuntimeError when the intake closed connections or nothing was answered."""
    shared = _Run(load)
    loop = asyncio.get_running_loop()
    connections = [
        await loop.create_connection(lambda: _Connection(shared), load.host, load.port) for _ in range(load.connections)
    ]
    start = time.perf_counter()
    shared.begin = start + WARM_UP_SECONDS
    shared.end = shared.begin + load.seconds
    if load.rate is None:
        while shared.idle:
            shared.idle.popleft().send(time.perf_counter())
        await asyncio.sleep(WARM_UP_SECONDS + load.seconds)
    else:
        await _paced(shared, load.rate, start)
    await asyncio.sleep(0.5)
    if any(transport.is_closing() for transport, _ in connections) or not shared.latencies:
        raise RuntimeError(f"the intake closed connections or gave no answer: {dict(shared.answers)}")
    for transport, _ in connections:
        transport.close()
    latencies = sorted(shared.latencies)
    return Result(
        answers=dict(shared.answers),
        sent=shared.number,
        requests_per_second=round(len(latencies) / load.seconds, 1),
        p50_ms=_milliseconds(latencies, 0.5),
        p99_ms=_milliseconds(latencies, 0.99),
        max_ms=_milliseconds(latencies, 1.0),
    )


async def _paced(shared: _Run, rate: float, start: float) -> None:
    sent = 0
    while (now := time.perf_counter()) < shared.end:
        wanted = int((now - start) * rate)
        shared.due.extend(start + number / rate for number in range(sent, wanted))
        sent = wanted
        while shared.due and shared.idle:
            shared.idle.popleft().send(shared.due.popleft())
        await asyncio.sleep(TICK_SECONDS)


def _milliseconds(latencies: Sequence[float], share: float) -> float:
    return round(latencies[min(len(latencies) - 1, int(len(latencies) * share))] * 1000, 2)


def main(arguments: Sequence[str]) -> None:
    host, port, key, seconds, connections, size, *rate = arguments
    load = Load(host, int(port), key, float(seconds), int(connections), int(size), float(rate[0]) if rate else None)
    sys.stdout.write(json.dumps(msgspec.to_builtins(uvloop.run(run(load)))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
