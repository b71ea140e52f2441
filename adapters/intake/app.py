"""The intake as one ASGI application, built from its ports."""

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.intake.acceptance import Acceptance
from adapters.intake.answers import PATH
from adapters.intake.body import Budget, Limits
from adapters.intake.controle import PATH as CHECK_PATH
from adapters.intake.controle import Checker, Controle
from adapters.intake.gate import Gate
from adapters.intake.metrics import Metrics
from adapters.intake.pages import Pages, on_bug, on_http_exception, on_problem
from adapters.intake.ports import Partners, Receipts, Sender, Suspended, Traces
from adapters.intake.post import Post
from adapters.intake.problem import Problem
from adapters.intake.repeats import FirstReceipts, Recent
from adapters.intake.settings import Settings
from topics.blobs import BlobStore
from topics.clock.source import TimeSource
from topics.metrics import declarations as declared


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """Everything outside that the intake needs."""

    sender: Sender
    blobs: BlobStore
    partners: Partners
    suspended: Suspended
    receipts: Receipts
    clock: TimeSource
    checker: Checker
    traces: Traces | None = None


class Intake:
    """ASGI application. `stop` turns everybody away; `settle` waits for what is in hand."""

    def __init__(self, settings: Settings, ports: Ports) -> None:
        self.metrics = Metrics()
        self._gate = Gate(ports.partners, ports.suspended, ports.clock, settings.contact)
        budget = Budget(settings.memory)
        recent = Recent(settings.remembered, settings.repeat_window)
        first = FirstReceipts(ports.receipts, ports.clock, settings.repeat_window, settings.lookup)
        self._acceptance = Acceptance(
            sender=ports.sender,
            blobs=ports.blobs,
            receipts=ports.receipts,
            first=first,
            recent=recent,
            budget=budget,
            clock=ports.clock,
            seconds=settings.answer,
            traces=ports.traces,
        )
        limits = Limits(settings.body, settings.ratio, settings.read)
        self._post = Post(self._gate, self._acceptance, limits, budget, self.metrics)
        self._controle = Controle(
            self._gate, ports.checker, limits, self.metrics, most=settings.checks, each=settings.checks_each
        )
        pages = Pages(self._gate, ports.receipts, recent, ports.clock, self.metrics)
        self._others = Starlette(
            routes=pages.routes(),
            exception_handlers={Problem: on_problem, HTTPException: on_http_exception, Exception: on_bug},
        )
        # an address that is almost ours is a problem too: a redirect says nothing, and many clients do not follow it
        self._others.router.redirect_slashes = False
        self._guarded_post: ASGIApp = ServerErrorMiddleware(self._post, handler=on_bug)
        self._guarded_check: ASGIApp = ServerErrorMiddleware(self._controle, handler=on_bug)
        self._gauges(budget, recent, first)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST":
            await self._guarded_post(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == CHECK_PATH and scope["method"] == "POST":
            await self._guarded_check(scope, receive, send)
        else:
            await self._others(scope, receive, send)

    def stop(self) -> None:
        """From now on messages are refused with 503 and the intake is not ready."""
        self._gate.stopping = True

    async def settle(self) -> None:
        """Waits until every message that was let in is answered or settled."""
        await self._post.idle()
        await self._controle.idle()
        await self._acceptance.settle()

    def _gauges(self, budget: Budget, recent: Recent, first: FirstReceipts) -> None:
        gauge = self.metrics.gauge
        gauge(declared.PROCESS_READY, lambda: float(self._gate.open))
        gauge(declared.INTAKE_READY, lambda: float(self._gate.open))
        gauge(declared.INTAKE_BUSY, lambda: self._post.busy)
        gauge(declared.INTAKE_CHECKING, lambda: self._controle.busy)
        gauge(declared.INTAKE_DELIVERIES, lambda: self._acceptance.under_way)
        gauge(declared.INTAKE_HELD, lambda: budget.used)
        gauge(declared.INTAKE_REMEMBERED, lambda: len(recent))
        gauge(declared.INTAKE_UNCHECKED, lambda: first.unknown)
