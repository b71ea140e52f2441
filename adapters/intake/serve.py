"""Serving the intake with uvicorn, and stopping it: turn away, finish what is in hand, close."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, cast

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapters.intake.app import Intake
from topics.errors import ConfigurationError

log = structlog.get_logger(__name__)

_BACKLOG: Final = 2048
_KEEP_ALIVE: Final = 75
_CLOSE: Final = 2


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


class _Protocol(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        super().connection_made(cast(asyncio.Transport, OneWrite(transport)))


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the composition root: a stop here has a step before the connections close."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Port 0 takes a free one. Raises ConfigurationError when the address is taken or not of this machine."""
    try:
        return socket.create_server((host, port), backlog=_BACKLOG)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; set KETENBUS_INTAKE_PORT to a free port"
        ) from error


async def serve(intake: Intake, listener: socket.socket, stop: asyncio.Event, drain: float) -> None:
    """Until `stop` is set. Then messages are refused with 503 while what is in hand is finished, for `drain` seconds
    at most; what is unsettled by then has no receipt, so that its sender sends it again."""
    config = uvicorn.Config(
        intake,
        loop="none",
        http=_Protocol,
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
