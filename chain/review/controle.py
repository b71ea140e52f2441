"""The intake's check, asked for a partner: the same code as `ketenbus check`, so that what the desk lets pass the adapter
does too (DESIGN 3)."""

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import httpx
import msgspec

from topics.catalogue.declarations import OPERATOR
from topics.documents import Bevinding
from topics.errors import Refused, Unavailable
from topics.profile.credentials import Credentials, write_private

_SECONDS: Final = 30.0
_KEY_SEEN: Final = 15.0
"""Seconds within which the intake takes over a key that was made just now."""


class Report(msgspec.Struct, frozen=True):
    """What would become of a message. `uitkomst`: geldig or afgekeurd; `document`: the standard's own name of it."""

    uitkomst: str
    document: str = ""
    bevindingen: tuple[Bevinding, ...] = ()


class Checker(Protocol):
    async def check(self, partner: str, body: bytes, content_type: str) -> Report:
        """Raises Unavailable, Refused."""
        ...


class IntakeCheck:
    """`POST /v1/controle` at `url`, with the key of whoever decides."""

    def __init__(self, url: str, bearer: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url, self._bearer, self._transport = url, bearer, transport

    async def check(self, partner: str, body: bytes, content_type: str) -> Report:
        headers = {"Authorization": f"Bearer {self._bearer}", "Content-Type": content_type}
        until = time.monotonic() + _KEY_SEEN
        async with httpx.AsyncClient(base_url=self._url, timeout=_SECONDS, transport=self._transport) as client:
            while True:
                try:
                    answer = await client.post(
                        "/v1/controle", params={"partner": partner}, content=body, headers=headers
                    )
                except httpx.HTTPError as error:
                    raise Unavailable(f"the intake at {self._url} cannot check: {error}") from error
                if answer.status_code != httpx.codes.UNAUTHORIZED or time.monotonic() > until:
                    break
                await asyncio.sleep(0.3)
        if answer.status_code in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE}:
            raise Unavailable(f"the intake at {self._url} cannot check now: {answer.text[:300]}")
        if answer.status_code != httpx.codes.OK:
            raise Refused(f"de controle weigert: {answer.status_code} {answer.text[:500]}")
        return msgspec.json.decode(answer.content, type=Report)


def desk_key(data: Path, now: datetime) -> str:
    """The key of people who decide, made at the first call; kept beside those of `ketenbus stuur`."""
    kept = data / "partner-sleutels" / OPERATOR
    keys = data / "sleutels.json"
    credentials = Credentials.load(keys)
    if kept.is_file():
        bearer = kept.read_text(encoding="ascii").strip()
        if credentials.partner_of(bearer, now) == OPERATOR:
            return bearer
    credentials, bearer = credentials.issue(OPERATOR, now, now)
    credentials.save(keys)
    write_private(kept, bearer.encode() + b"\n")
    return bearer
