"""Serving the intake with uvicorn, and stopping it: turn away, finish what is in hand, close."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
import uvicorn

from adapters.intake.app import Intake
from topics.errors import ConfigurationError

log = structlog.get_logger(__name__)

_BACKLOG: Final = 2048
_KEEP_ALIVE: Final = 75
_CLOSE: Final = 2


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
        http="httptools",
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
