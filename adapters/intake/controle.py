"""`POST /v1/controle`: what would become of a message, without accepting it. Nothing is written anywhere."""

import asyncio
from collections import Counter
from typing import Final, Protocol
from urllib.parse import parse_qs

import structlog
from starlette.types import Receive, Scope, Send

from adapters.intake.body import (
    Body,
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
from adapters.intake.metrics import CHECKED, GONE, Metrics
from adapters.intake.post import JSON, answer, answer_problem
from adapters.intake.problem import BAD_QUERY, CHECK_AWAY, CHECKING, FULL, UNEXPECTED, Problem, away
from topics.errors import Unavailable

log = structlog.get_logger(__name__)

PATH: Final = "/v1/controle"
_RETRY: Final = 2
_LONGEST_NAME: Final = 200


class Checker(Protocol):
    """Checks as `ketenbus check --partner` does, without taking time of this process."""

    async def check(self, partner: str, raw: bytes, content_type: str, name: str) -> bytes:
        """The report as JSON. Raises Unavailable."""
        ...


class Controle:
    """ASGI endpoint. Answers 200 with the report, also of a message that is afgekeurd, or a problem.

    Checks have a budget and a queue of their own, `most` in hand and `each` per partner, so that however many are asked
    messages are received as before.
    """

    def __init__(self, gate: Gate, checker: Checker, limits: Limits, metrics: Metrics, *, most: int, each: int) -> None:
        self._gate, self._checker, self._limits, self._metrics = gate, checker, limits, metrics
        self._budget = Budget(4 * limits.size)
        self._most, self._each = most, each
        self._inside: Counter[str] = Counter()
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def busy(self) -> int:
        return self._inside.total()

    async def idle(self) -> None:
        """Waits until no check is in hand."""
        await self._idle.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind, outcome, untouched = "-", UNEXPECTED.code, True
        head = read_head(scope["headers"])
        partner = ""
        try:
            name, asked = _asked(scope["query_string"])
            caller, kind = self._gate.asker(head.authorization, asked)
            media = content_type(head.content_type)
            encoding = content_encoding(head.content_encoding)
            check_announced(head.length, self._limits)
            self._enter(caller.partner)
            partner, untouched = caller.partner, False
            body = await read_body(receive, encoding, self._limits, self._budget)
            report = await self._checked(partner, body, media, name)
            outcome = CHECKED
            await answer(send, 200, [JSON], report)
        except Problem as problem:
            outcome = problem.kind.code
            log.info("check refused", outcome=outcome, kind=kind)
            if untouched and not head.expects:
                await drain(receive, head.length, self._limits, problem)
            await answer_problem(send, problem)
        except ClientGone:
            outcome = GONE
        finally:
            if partner:
                self._leave(partner)
            self._metrics.checked(kind, outcome)

    async def _checked(self, partner: str, body: Body, media: str, name: str) -> bytes:
        if is_form(media):
            body, media = await taken_apart(body, media, self._budget)
        try:
            return await self._checker.check(partner, body.content, media, name)
        except Unavailable as error:
            log.warning("check failed", partner=partner, error=str(error))
            raise away(CHECK_AWAY, "De controle kwam niet tot een antwoord; er is niets aangenomen.", _RETRY) from error
        finally:
            self._budget.give(len(body.content))

    def _enter(self, partner: str) -> None:
        if self._inside[partner] >= self._each:
            raise away(CHECKING, f"Er lopen al {self._each} controles van partner '{partner}'.", _RETRY)
        if self.busy >= self._most:
            raise away(FULL, f"Er zijn al {self._most} controles onderhanden; er is niets gecontroleerd.", _RETRY)
        self._inside[partner] += 1
        self._idle.clear()

    def _leave(self, partner: str) -> None:
        self._inside[partner] -= 1
        if not self._inside[partner]:
            del self._inside[partner]
        if not self._inside:
            self._idle.set()


def _asked(query: bytes) -> tuple[str, str]:
    """What the report calls the message (`bestand`), and as whose it is checked (`partner`, for people who decide on
    dead letters; else empty). Raises Problem."""
    fields = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    unknown = sorted(set(fields) - {"bestand", "partner"})
    if unknown:
        raise Problem(BAD_QUERY, f"Parameter '{unknown[0][:80]}' bestaat niet; verwacht alleen bestand.")
    name = fields.get("bestand", [""])[-1]
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise Problem(BAD_QUERY, f"bestand: verwacht ten hoogste {_LONGEST_NAME} leesbare tekens.")
    return name, fields.get("partner", [""])[-1]
