"""Everything but the busy road: what became of messages, health, figures and the documentation page."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import msgspec
import structlog
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from adapters.intake.answers import PATH, received_at, status_answer, under_way
from adapters.intake.controle import PATH as CHECK_PATH
from adapters.intake.gate import Gate, read_head
from adapters.intake.metrics import Metrics
from adapters.intake.openapi import document
from adapters.intake.page import render
from adapters.intake.ports import Receipts
from adapters.intake.problem import (
    BAD_QUERY,
    CONTENT_TYPE,
    NOT_FOUND,
    UNEXPECTED,
    VIEW_AWAY,
    WRONG_METHOD,
    Problem,
    away,
)
from adapters.intake.repeats import Recent
from topics.accounts import AMSTERDAM
from topics.clock.source import TimeSource
from topics.errors import Unavailable

log = structlog.get_logger(__name__)

_ALSO_POST: Final = {PATH: "GET, POST", CHECK_PATH: "POST"}
LIMIT: Final = 100
LIMIT_MOST: Final = 1000
_LAG: Final = timedelta(minutes=1)
_PLUS_LOST: Final = re.compile(r"(T[0-9:.]+) (\d\d:?\d\d)$")
_CSP: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Pages:
    """The answers to GET. `ready` adds what must be there before a message is let in."""

    def __init__(self, gate: Gate, receipts: Receipts, recent: Recent, clock: TimeSource, metrics: Metrics) -> None:
        self._gate, self._receipts, self._recent, self._clock = gate, receipts, recent, clock
        self._metrics = metrics
        self._openapi = document()

    def routes(self) -> list[Route]:
        pages: dict[str, Callable[[Request], Awaitable[Response]]] = {
            PATH: self._list,
            f"{PATH}/{{receipt}}": self._one,
            CHECK_PATH: self._only_post,
            "/healthz": self._healthy,
            "/readyz": self._ready,
            "/metrics": self._figures,
            "/openapi.json": self._described,
            "/docs": self._documentation,
        }
        return [Route(path, page, methods=["GET"]) for path, page in pages.items()]

    async def _only_post(self, _: Request) -> Response:
        raise HTTPException(405)

    async def _one(self, request: Request) -> Response:
        caller = self._gate.caller(read_head(request.scope["headers"]).authorization)
        receipt = request.path_params["receipt"].lower()
        received = received_at(receipt)
        recent = self._recent.by_id(receipt, caller.partner)
        try:
            message = await self._receipts.status(receipt, caller.partner) if received is not None else None
        except Unavailable as error:
            raise _view_away(error) from error
        if message is None and recent is not None:
            message = under_way(recent)
        if message is not None:
            return _json(status_answer(message))
        young = received is not None and abs(self._clock.now() - received) < _LAG
        raise Problem(
            NOT_FOUND,
            f"Er is geen ontvangst '{receipt[:80]}' van partner '{caller.partner}'"
            + (", of het overzicht kent haar nog niet: vraag het na Retry-After opnieuw." if young else "."),
            headers=(("retry-after", "2"),) if young else (),
        )

    async def _list(self, request: Request) -> Response:
        caller = self._gate.caller(read_head(request.scope["headers"]).authorization)
        query = request.query_params
        unknown = sorted(set(query) - {"sinds", "limiet", "na"})
        if unknown:
            raise Problem(BAD_QUERY, f"Parameter '{unknown[0][:80]}' bestaat niet; verwacht sinds, limiet en na.")
        since = _since(query.get("sinds"))
        limit = _limit(query.get("limiet"))
        after = query.get("na", "")
        if after and received_at(after) is None:
            raise Problem(BAD_QUERY, "na: verwacht de waarde die in 'volgende' van de vorige bladzijde stond.")
        try:
            found = await self._receipts.since(caller.partner, since, limit, after)
        except Unavailable as error:
            raise _view_away(error) from error
        following = None
        if len(found) == limit:
            further = {"sinds": query["sinds"], "limiet": limit, "na": found[-1].ontvangst}
            following = f"{PATH}?{urlencode(further)}"
        return _json({"berichten": [status_answer(message) for message in found], "volgende": following})

    async def _healthy(self, _: Request) -> Response:
        return _json({"status": "leeft"})

    async def _ready(self, _: Request) -> Response:
        if self._gate.open:
            return _json({"status": "gereed"})
        return _json({"status": "stopt" if self._gate.stopping else "start op"}, 503)

    async def _figures(self, _: Request) -> Response:
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _described(self, _: Request) -> Response:
        return _json(self._openapi)

    async def _documentation(self, _: Request) -> Response:
        return HTMLResponse(render(self._openapi), headers={"content-security-policy": _CSP})


async def on_problem(_: Request, error: Exception) -> Response:
    """Starlette's handler for Problem."""
    if not isinstance(error, Problem):
        raise error
    return _refusal(error)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own 404 and 405, as problems."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 405:
        allow = _ALSO_POST.get(request.url.path) or (error.headers or {}).get("Allow", "GET")
        detail = f"{request.method} kan niet op {request.url.path[:80]}; wel: {allow}."
        return _refusal(Problem(WRONG_METHOD, detail, headers=(("allow", allow),)))
    return _refusal(Problem(NOT_FOUND, f"Er is niets op {request.url.path[:80]}; zie /docs."))


async def on_bug(_: Request, error: Exception) -> Response:
    """A bug of ours. Starlette raises `error` again behind this answer, so that the server logs it."""
    log.error("unexpected error", error=type(error).__name__)
    return _refusal(Problem(UNEXPECTED, "Het is onbekend of het bericht is aangenomen; stuur het opnieuw."))


def _since(text: str | None) -> datetime:
    """Of a date or RFC 3339 time; without a zone it is Europe/Amsterdam. Raises Problem."""
    if text is None:
        raise Problem(BAD_QUERY, "sinds: ontbreekt; verwacht een datum of tijd zoals 2026-03-02T08:00:00+01:00.")
    try:
        # a plus sign that the client did not encode arrives as a space
        found = datetime.fromisoformat(_PLUS_LOST.sub(r"\1+\2", text))
        return (found if found.tzinfo else found.replace(tzinfo=AMSTERDAM)).astimezone(UTC)
    except (ValueError, OverflowError):
        detail = f"sinds: gevonden '{text[:80]}'; verwacht een datum of tijd zoals 2026-03-02T08:00:00+01:00."
        raise Problem(BAD_QUERY, detail) from None


def _limit(text: str | None) -> int:
    if text is None:
        return LIMIT
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= LIMIT_MOST):
        raise Problem(BAD_QUERY, f"limiet: gevonden '{text[:80]}'; verwacht een getal van 1 tot en met {LIMIT_MOST}.")
    return int(text)


def _view_away(error: Unavailable) -> Problem:
    log.warning("view away", error=str(error))
    return away(VIEW_AWAY, "Wat er van berichten werd is even niet op te vragen.", 5)


def _refusal(problem: Problem) -> Response:
    return Response(problem.body(), problem.kind.status, dict(problem.headers), CONTENT_TYPE)


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
