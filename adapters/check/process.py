"""Checking in a process of its own, so that whoever asks spends no time on it.

On the pipes: a question is the length of its head and of its body (4 bytes each, big-endian), the head (JSON), the body;
an answer is one byte (1: refused), a length, and the report or the reason.
"""

import asyncio
import struct
import sys
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from topics.clock.source import TimeSource
from topics.errors import Unavailable

_LENGTHS: Final = struct.Struct(">II")
_ANSWER: Final = struct.Struct(">BI")
_PIECE: Final = 1 << 18


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A message of `partner` to be checked as if received at `received` (aware)."""

    partner: str
    received: datetime
    content_type: str
    name: str
    raw: bytes = b""


def read_question(stream: BinaryIO) -> Question | None:
    """The next one; None at the end of the stream."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack(lengths)
    question = msgspec.json.decode(stream.read(head), type=Question)
    return msgspec.structs.replace(question, raw=stream.read(body))


def write_answer(stream: BinaryIO, content: bytes, *, refused: bool) -> None:
    stream.write(_ANSWER.pack(int(refused), len(content)))
    stream.write(content)
    stream.flush()


class CheckProcess:
    """Hands questions to one process, one at a time; started at the first, and again after it ended.

    `seconds`: how long a check may take before the process is ended and the check given up.
    """

    def __init__(self, profiles: Path, clock: TimeSource, seconds: float) -> None:
        self._profiles, self._clock, self._seconds = profiles, clock, seconds
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def check(self, partner: str, raw: bytes, content_type: str, name: str) -> bytes:
        """The report as JSON. Raises Unavailable when there is none."""
        question = Question(partner=partner, received=self._clock.now(), content_type=content_type, name=name)
        async with self._turn:
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._asked(await self._started(), msgspec.json.encode(question), raw)
            except TimeoutError:
                await self._end()
                raise Unavailable(f"no answer within {self._seconds:g} s") from None
            except (OSError, asyncio.IncompleteReadError) as error:
                await self._end()
                raise Unavailable(f"the process that checks ended: {error}") from error
            except asyncio.CancelledError:
                await self._end()
                raise

    async def close(self) -> None:
        await self._end()

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "adapters.check",
                str(self._profiles),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        return self._process

    async def _asked(self, process: asyncio.subprocess.Process, head: bytes, raw: bytes) -> bytes:
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        process.stdin.write(_LENGTHS.pack(len(head), len(raw)) + head)
        for at in range(0, len(raw), _PIECE):
            process.stdin.write(raw[at : at + _PIECE])
            await process.stdin.drain()
        await process.stdin.drain()
        refused, length = _ANSWER.unpack(await process.stdout.readexactly(_ANSWER.size))
        content = await process.stdout.readexactly(length)
        if refused:
            raise Unavailable(content.decode("utf-8", "replace"))
        return content

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.kill()
        await process.wait()
