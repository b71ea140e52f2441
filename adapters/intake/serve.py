"""Serving the intake with uvicorn, and stopping it: turn away, finish what is in hand, close."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ClassVar, Final, cast

import httptools
import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapters.intake.app import Intake
from adapters.intake.problem import CONTENT_TYPE, HEAD_TOO_LARGE, Problem
from topics.processes import health

log = structlog.get_logger(__name__)

_BACKLOG: Final = 2048
_KEEP_ALIVE: Final = 75
_CLOSE: Final = 2
_HEAD: Final = 65_536


class OneWrite:
    """A transport that hands on what is written in one turn of the loop at once.

    The server writes head and body of an answer apart; on the busy road each write is a system call, and together they
    are most of what an answer costs.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._pieces: list[bytes] = []
        self._loop = asyncio.get_running_loop()

    def write(self, data: bytes) -> None:
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Callable[..., object]:
        found: Callable[..., object] = getattr(self._transport, name)
        return found

    def _flush(self) -> None:
        if self._pieces:
            data, self._pieces = b"".join(self._pieces), []
            self._transport.write(data)


class Parser:
    """The server's parser, which stays with HTTP/1.1 when a client offers to change to something else.

    The library's own takes such a request to end with its head (RFC 9110 7.8 lets a server ignore the offer, and then the
    body follows): what comes behind is read here by a fresh parser that is told how the body ends.
    """

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._parser = self._fresh()

    def feed_data(self, data: bytes) -> None:
        while data:
            try:
                self._parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as offer:
                self._stay()
                data = data[offer.args[0] :]

    def _stay(self) -> None:
        how, self._connection.body_ends = self._connection.body_ends, None
        if how is not None:
            self._parser = self._fresh()
            self._connection.resuming = True
            self._parser.feed_data(b"POST / HTTP/1.1\r\n" + how + b"\r\n\r\n")
            self._connection.resuming = False

    def _fresh(self) -> httptools.HttpRequestParser:
        parser = httptools.HttpRequestParser(self._connection)
        # as the server makes its own: a pipelined request may stand behind the last one
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        # what the server asks for every request, without a detour
        self.get_http_version, self.get_method = parser.get_http_version, parser.get_method
        self.should_keep_alive, self.should_upgrade = parser.should_keep_alive, parser.should_upgrade
        return parser


class Connection(HttpToolsProtocol):
    """The server's own, with what it leaves without a bound: how much of a head is gathered, and how long it may take.

    The parser gathers a header byte by byte until it ends, in time that grows with the square of its length: without a
    bound one connection without a key holds up everybody. The same goes for a trailer after a body.
    """

    head_seconds: ClassVar[float] = _KEEP_ALIVE
    """How long a connection may take over a head; past it, and before twice as long, it is closed."""

    body_ends: bytes | None = None
    """The header that says how the body ends which follows an offer to change the protocol."""

    resuming = False
    """Whether what the parser tells is not of the client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        super().connection_made(cast(asyncio.Transport, OneWrite(transport)))
        self.parser = cast(httptools.HttpRequestParser, Parser(self))
        self._gathered = 0
        self._head_since: float | None = self.loop.time()
        self._patience = self.loop.call_later(self.head_seconds, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._gathered += len(data)
        super().data_received(data)
        if self._gathered > _HEAD and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        if self.resuming:
            return
        self._head_since = self.loop.time()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self.resuming:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.resuming:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.resuming:
            return
        self._gathered, self._head_since = 0, None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._gathered = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._gathered = 0
        if self.parser.should_upgrade() and (how := _body_ends(self.headers)) is not None:
            self.body_ends = how
        else:
            super().on_message_complete()

    def _refuse(self) -> None:
        """Only where no other answer is under way, which this one would end up in."""
        if self.cycle is None or self.cycle.response_complete:
            body = Problem(HEAD_TOO_LARGE, f"De kop van het verzoek is groter dan {_HEAD} bytes.").body()
            head = (
                f"HTTP/1.1 {HEAD_TOO_LARGE.status} Request Header Fields Too Large\r\n"
                f"content-type: {CONTENT_TYPE}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        log.warning("head too large", bytes=self._gathered)
        self.transport.close()

    def _look(self) -> None:
        now = self.loop.time()
        if self._head_since is not None and now - self._head_since >= self.head_seconds:
            self.transport.close()
        else:
            self._patience = self.loop.call_later(self.head_seconds, self._look)


def _body_ends(headers: list[tuple[bytes, bytes]]) -> bytes | None:
    """The header that says how a body ends; None when there is none."""
    found = dict(headers)
    if b"transfer-encoding" in found:
        return b"Transfer-Encoding: " + found[b"transfer-encoding"]
    length = found.get(b"content-length", b"0")
    return None if int(length) == 0 else b"Content-Length: " + length


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the composition root: a stop here has a step before the connections close."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """As `health.listen`."""
    return health.listen(host, port, "KETENBUS_INTAKE_PORT", _BACKLOG)


async def serve(intake: Intake, listener: socket.socket, stop: asyncio.Event, drain: float) -> None:
    """Until `stop` is set. Then messages are refused with 503 while what is in hand is finished, for `drain` seconds
    at most; what is unsettled by then has no receipt, so that its sender sends it again."""
    config = uvicorn.Config(
        intake,
        loop="none",
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_CLOSE,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    intake.stop()
    try:
        await asyncio.wait_for(intake.settle(), drain)
    except TimeoutError:
        log.error("stopped with messages unsettled; their senders got no receipt and send them again")
    server.should_exit = True
    await serving
