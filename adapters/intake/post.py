"""`POST /v1/berichten`: the busy road, plain ASGI."""

import asyncio
from collections.abc import Iterable
from time import perf_counter
from typing import Final

import msgspec
import structlog
from starlette.types import Receive, Scope, Send

from adapters.intake.acceptance import Acceptance, Accepted
from adapters.intake.answers import address, receipt_answer
from adapters.intake.body import (
    Budget,
    ClientGone,
    Limits,
    check_announced,
    content_encoding,
    content_type,
    drain,
    read_body,
)
from adapters.intake.form import is_form, taken_apart
from adapters.intake.gate import Gate, read_head
from adapters.intake.metrics import ACCEPTED, GONE, REPEATED, Metrics
from adapters.intake.problem import CONTENT_TYPE, UNEXPECTED, Problem

log = structlog.get_logger(__name__)

JSON: Final = (b"content-type", b"application/json")
_encoder = msgspec.json.Encoder()


class Post:
    """ASGI endpoint. Answers 202 with the receipt, 200 with the first receipt of a repeat, or a problem."""

    def __init__(self, gate: Gate, acceptance: Acceptance, limits: Limits, budget: Budget, metrics: Metrics) -> None:
        self._gate, self._acceptance, self._limits = gate, acceptance, limits
        self._budget, self._metrics = budget, metrics
        self.busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def idle(self) -> None:
        """Waits until no request is in hand."""
        await self._idle.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        kind, outcome, untouched = "-", UNEXPECTED.code, True
        self.busy += 1
        self._idle.clear()
        head = read_head(scope["headers"])
        try:
            caller, kind = self._gate.sender(head.authorization)
            media = content_type(head.content_type)
            encoding = content_encoding(head.content_encoding)
            check_announced(head.length, self._limits)
            untouched = False
            body = await read_body(receive, encoding, self._limits, self._budget)
            if is_form(media):
                body, media = await taken_apart(body, media, self._budget)
            size = len(body.content)
            accepted = await self._acceptance.accept(caller, kind, body, media, head.traceparent)
            del body
            outcome = self._noted(accepted, kind, size)
            await _answer_receipt(send, accepted)
        except Problem as problem:
            outcome = problem.kind.code
            log.info("message refused", outcome=outcome, kind=kind)
            if untouched and not head.expects:
                await drain(receive, head.length, self._limits, problem)
            await answer_problem(send, problem)
        except ClientGone:
            outcome = GONE
        finally:
            self.busy -= 1
            if not self.busy:
                self._idle.set()
            self._metrics.offered(kind, outcome, perf_counter() - started)

    def _noted(self, accepted: Accepted, kind: str, size: int) -> str:
        receipt = accepted.receipt
        if accepted.repeat:
            log.info("message repeated", correlation_id=receipt.ontvangst, partner=receipt.partner)
            return REPEATED
        log.info("message accepted", correlation_id=receipt.ontvangst, partner=receipt.partner, bytes=size)
        self._metrics.accepted(kind, size)
        return ACCEPTED


async def answer_problem(send: Send, problem: Problem) -> None:
    headers = [(b"content-type", CONTENT_TYPE.encode())]
    headers += [(name.encode(), value.encode("latin-1", "replace")) for name, value in problem.headers]
    await answer(send, problem.kind.status, headers, problem.body())


async def _answer_receipt(send: Send, accepted: Accepted) -> None:
    body = _encoder.encode(receipt_answer(accepted.receipt, repeat=accepted.repeat))
    location = (b"location", address(accepted.receipt.ontvangst).encode())
    await answer(send, 200 if accepted.repeat else 202, [JSON, location], body)


async def answer(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
