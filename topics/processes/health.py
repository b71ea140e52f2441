"""Health and metrics of a process over HTTP: `/healthz` (alive), `/readyz` (503 until ready), `/metrics`."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from topics.errors import ConfigurationError
from topics.metrics import declarations as declared

log = structlog.get_logger(__name__)

_CLOSE: Final = 1
_BACKLOG: Final = 128


def listen(host: str, port: int, setting: str = "KETENBUS_PORT", backlog: int = _BACKLOG) -> socket.socket:
    """Port 0 takes a free one. Raises ConfigurationError, which names `setting`, when the address is taken or not of this
    machine: before anything is begun that would have to be ended again."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=backlog
        )
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; set {setting} to a free port"
        ) from error


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # signals belong to the composition root
        yield


Remarks = Callable[[], Sequence[str]]


def nothing() -> Sequence[str]:
    return ()


def application(
    registry: CollectorRegistry, ready: Callable[[], bool], remarks: Remarks = nothing, pages: Sequence[Route] = ()
) -> Starlette:
    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        is_ready = ready()
        lines = ["ready" if is_ready else "not ready", *remarks(), ""]
        return PlainTextResponse("\n".join(lines), 200 if is_ready else 503)

    async def metrics(_: Request) -> Response:
        # 20,000 series take 0.3 s
        page = await asyncio.to_thread(generate_latest, registry)
        return Response(page, media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics), *pages])


@asynccontextmanager
async def health(
    host: str,
    port: int,
    registry: CollectorRegistry,
    ready: Callable[[], bool],
    stop: asyncio.Event,
    remarks: Remarks = nothing,
    pages: Sequence[Route] = (),
) -> AsyncIterator[None]:
    """Serves while the block runs. `ready` is called for each `/readyz`, and `remarks` for what stands beside it; once
    `stop` is set it is not ready, whatever that says. `pages`: of the process itself. Adds to `registry` whether it is
    ready. Raises ConfigurationError as `listen`."""
    listener = listen(host, port)

    def able() -> bool:
        return ready() and not stop.is_set()

    declared.PROCESS_READY.gauge(registry, lambda: float(able()))
    config = uvicorn.Config(
        application(registry, able, remarks, pages),
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=_CLOSE,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
