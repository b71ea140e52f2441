"""Reading a body: accepted kinds, size, decoding as a stream, hash. Nothing here looks at what the bytes mean.

Memory is bounded by the limits and not by the sender: a body is counted while it comes in, and what is packed is
unpacked piece by piece and given up at the first piece over a limit.
"""

import asyncio
import hashlib
import zlib
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Final

import msgspec

from adapters.intake.problem import BOMB, DAMAGED, EMPTY, FULL, TOO_LARGE, TOO_SLOW, WRONG_ENCODING, WRONG_TYPE, Problem
from topics.errors import KetenbusError

Receive = Callable[[], Awaitable[MutableMapping[str, object]]]

MESSAGE_TYPES: Final = ("application/json", "application/xml", "text/xml", "text/plain", "application/octet-stream")
FORM_TYPE: Final = "multipart/form-data"
CONTENT_TYPES: Final = (*MESSAGE_TYPES, FORM_TYPE)
ENCODINGS: Final = ("gzip", "deflate", "identity")

_WINDOW: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_BLOCK: Final = 65_536
_PIECE: Final = 262_144
_RATIO_FROM: Final = 1_000_000
_MEMBERS: Final = 100
_DRAIN: Final = 4
_YIELD: Final = 1_048_576


class Limits(msgspec.Struct, frozen=True):
    """size: bytes of a decoded body (and of what is received); ratio: see settings; seconds: for receiving it."""

    size: int
    ratio: int
    seconds: float


class Budget:
    """Bytes of all bodies in hand, so that many large ones at once are refused instead of ending the process."""

    def __init__(self, limit: int) -> None:
        self._limit, self.used = limit, 0

    def take(self, size: int) -> None:
        """Raises Problem `vol`."""
        if self.used + size > self._limit:
            raise Problem(
                FULL,
                f"Er is al {self.used} van {self._limit} bytes aan berichten onderhanden.",
                headers=(("retry-after", "2"),),
            )
        self.used += size

    def give(self, size: int) -> None:
        self.used -= size


class Body(msgspec.Struct, frozen=True):
    """The decoded bytes, counted in the budget until they are given back, and their SHA-256 (hex)."""

    content: bytes
    sha256: str


class ClientGone(KetenbusError):
    """The connection closed before the body was in: nobody waits for an answer and nothing is accepted."""

    code = "verbinding-verbroken"


def content_type(header: bytes | None) -> str:
    """The header as it goes into the envelope; without one a body is application/octet-stream. Raises Problem 415."""
    if header is None:
        return "application/octet-stream"
    text = header.decode("latin-1").strip()
    media = text.partition(";")[0].strip().lower()
    if media not in CONTENT_TYPES or len(text) > 200 or not text.isprintable() or not text.isascii():
        raise Problem(
            WRONG_TYPE,
            f"Content-Type is '{media[:80]}'; verwacht een van {', '.join(CONTENT_TYPES)}.",
            extra={"aanvaard": list(CONTENT_TYPES)},
        )
    return text


def content_encoding(header: bytes | None) -> str | None:
    """None when the body is as it is. One encoding at most. Raises Problem 415."""
    if header is None:
        return None
    name = header.decode("latin-1").strip().lower()
    if name in ("", "identity"):
        return None
    if name not in _WINDOW:
        raise Problem(
            WRONG_ENCODING,
            f"Content-Encoding is '{name[:80]}'; verwacht {', '.join(ENCODINGS)}, en niet meer dan een.",
            headers=(("accept-encoding", ", ".join(ENCODINGS)),),
            extra={"aanvaard": list(ENCODINGS)},
        )
    return name


def check_announced(length: int | None, limits: Limits) -> None:
    """`length`: Content-Length, if any. Raises Problem 413."""
    if length is not None and length > limits.size:
        raise _too_large(limits)


async def read_body(receive: Receive, encoding: str | None, limits: Limits, budget: Budget) -> Body:
    """The whole body, decoded. What is left of a body that is refused is taken in, see `drain`.

    Raises Problem (400, 408, 413, 503) with nothing left in the budget, or ClientGone.
    """
    reading, more = _Reading(limits, budget, encoding), True
    try:
        async with asyncio.timeout(limits.seconds):
            chunk, more = await _next(receive)
            if not more and encoding is None and len(chunk) <= limits.size:
                return _whole(chunk, budget)
            await reading.add(chunk)
            while more:
                chunk, more = await _next(receive)
                await reading.add(chunk)
            return reading.body()
    except TimeoutError:
        reading.give_back()
        raise Problem(
            TOO_SLOW,
            f"De inhoud was na {limits.seconds:g} seconden niet compleet; er is niets aangenomen.",
            headers=(("connection", "close"),),
        ) from None
    except Problem as problem:
        reading.give_back()
        if more:
            await drain(receive, None, limits, problem)
        raise
    except ClientGone:
        reading.give_back()
        raise


def _whole(content: bytes, budget: Budget) -> Body:
    """A body that came in one piece, as nearly all do."""
    if not content:
        raise _empty()
    budget.take(len(content))
    return Body(content, hashlib.sha256(content).hexdigest())


class _Reading:
    """A body that is coming in."""

    def __init__(self, limits: Limits, budget: Budget, encoding: str | None) -> None:
        self._limits, self._budget = limits, budget
        self._inflate = _Inflate(limits, encoding) if encoding else None
        self._pieces: list[bytes] = []
        self._received = self._held = self._since_pause = 0
        self._hash = hashlib.sha256()

    async def add(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received > self._limits.size:
            raise _too_large(self._limits)
        if self._inflate is None:
            self._keep(chunk)
            return
        for piece in self._inflate.feed(chunk):
            self._keep(piece)
            if self._since_pause > _YIELD:
                self._since_pause = 0
                await asyncio.sleep(0)

    def body(self) -> Body:
        if self._inflate is not None:
            self._inflate.close()
        if not self._held:
            raise _empty()
        content = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        return Body(content, self._hash.hexdigest())

    def give_back(self) -> None:
        self._budget.give(self._held)
        self._held = 0
        self._pieces.clear()

    def _keep(self, piece: bytes) -> None:
        if piece:
            self._budget.take(len(piece))
            self._held += len(piece)
            self._since_pause += len(piece)
            self._pieces.append(piece)
            self._hash.update(piece)


class _Inflate:
    """gzip (RFC 1952, also of several members) or deflate (zlib, RFC 1950) as a stream."""

    def __init__(self, limits: Limits, encoding: str) -> None:
        self._limits, self._encoding = limits, encoding
        self._members = 1
        self._stream = zlib.decompressobj(_WINDOW[encoding])
        self._in = self._out = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Pieces of at most 256 kB. Raises Problem 400 or 413."""
        for start in range(0, len(chunk), _BLOCK):
            block = chunk[start : start + _BLOCK]
            self._in += len(block)
            yield from self._block(block)

    def close(self) -> None:
        if not self._stream.eof:
            raise self._damaged("houdt voortijdig op")

    def _block(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:
                self._next_member()
            try:
                piece = self._stream.decompress(data, _PIECE)
            except zlib.error as error:
                raise self._damaged("is beschadigd") from error
            self._out += len(piece)
            self._check()
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            yield piece

    def _next_member(self) -> None:
        self._members += 1
        if self._encoding == "deflate" or self._members > _MEMBERS:
            raise self._damaged("gaat na het einde verder")
        self._stream = zlib.decompressobj(_WINDOW[self._encoding])

    def _check(self) -> None:
        if self._out > self._limits.size:
            raise Problem(
                BOMB, f"De inhoud wordt uitgepakt groter dan {self._limits.size} bytes, het grootste dat mag."
            )
        if self._out > _RATIO_FROM and self._out > self._in * self._limits.ratio:
            raise Problem(BOMB, f"De inhoud wordt uitgepakt meer dan {self._limits.ratio} maal zo groot; dat mag niet.")

    def _damaged(self, what: str) -> Problem:
        return Problem(DAMAGED, f"De inhoud zou {self._encoding} zijn, maar {what}; er is niets aangenomen.")


async def _next(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    chunk = message.get("body", b"")
    return chunk if isinstance(chunk, bytes) else b"", bool(message.get("more_body", False))


async def drain(receive: Receive, announced: int | None, limits: Limits, problem: Problem) -> None:
    """Most clients send all before they read: take the rest in, without keeping it, so that they see the answer.

    Past four times the largest body, or the seconds of a body, the connection is closed instead; at once when more than
    that is announced. Never raises.
    """
    limit = _DRAIN * limits.size
    dropped, more = 0, True
    if announced is None or announced <= limit:
        try:
            async with asyncio.timeout(limits.seconds):
                while more and dropped <= limit:
                    chunk, more = await _next(receive)
                    dropped += len(chunk)
        except (TimeoutError, ClientGone):
            more = True
    if more:
        problem.headers = (*problem.headers, ("connection", "close"))


def _empty() -> Problem:
    return Problem(EMPTY, "De inhoud heeft 0 bytes; verwacht de bytes van een bericht.")


def _too_large(limits: Limits) -> Problem:
    return Problem(
        TOO_LARGE,
        f"De inhoud is groter dan {limits.size} bytes, het grootste dat mag.",
        extra={"grens": limits.size},
    )
