"""Asks the process that runs the rules, and starts it: one, at first use, for everyone in this process."""

import atexit
import contextlib
import hashlib
import select
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final

import msgspec

from adapters.schematron.artifact import jar_path
from adapters.schematron.book import Book, Verdict
from adapters.schematron.wire import LENGTH, Answer, question
from topics.errors import Unavailable

ANSWER_SECONDS: Final = 300.0
"""Elapsed, far over the processor time that a message is given: only a machine that stands still reaches it."""

CPU_SECONDS: Final = 20
"""Per message. A right one of 3,000 lines takes 2; the books take time with the square of the lines that are wrong."""

KEPT: Final = 256
"""Verdicts of the last messages, by hash: what was judged beside the event loop is asked again on it."""

TOO_LONG: Final = "het kost meer rekentijd dan een bericht krijgt"
CRASHED: Final = "het programma dat de regels uitvoert is er twee keer op beëindigd"

_decoder = msgspec.json.Decoder(Answer)


class _Ended(Exception):
    """The process ended while it was asked. Carries the signal, 0 when there was none."""

    def __init__(self, returncode: int) -> None:
        super().__init__(returncode)
        self.signal = -returncode if returncode < 0 else 0


class Rules:
    """The rule books: a pure function of a message's text, computed elsewhere. May be used by several threads.

    jar: gives the path of the artifact, and raises Unavailable. seconds: how long an answer may take; cpu_seconds: how
    much processor time.
    """

    def __init__(
        self, jar: Callable[[], Path] = jar_path, seconds: float = ANSWER_SECONDS, cpu_seconds: int = CPU_SECONDS
    ) -> None:
        self._jar, self._seconds, self._cpu_seconds = jar, seconds, cpu_seconds
        self._turn, self._keeping = threading.Lock(), threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._kept: OrderedDict[bytes, Verdict] = OrderedDict()

    def judge(self, book: Book, text: bytes) -> Verdict:
        """What `book` says of the XML in `text` (UTF-8, without declaration of another encoding). Blocking.

        Raises Unavailable when the rules cannot be run; a message on which they fail has a verdict that says so.
        """
        key = hashlib.sha256(book.value.encode() + b"\0" + text).digest()
        found = self._known(key)
        if found is not None:
            return found
        with self._turn:
            return self._known(key) or self._keep(key, self._asked(book, text))

    def _known(self, key: bytes) -> Verdict | None:
        """Without waiting for a turn: the event loop asks for what is kept while others are being judged."""
        with self._keeping:
            return self._kept.get(key)

    def _keep(self, key: bytes, verdict: Verdict) -> Verdict:
        with self._keeping:
            self._kept[key] = verdict
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return verdict

    def close(self) -> None:
        """Ends the process; the next question starts another."""
        with self._turn:
            self._end()

    @property
    def pid(self) -> int | None:
        """Of the process, once it was started."""
        return None if self._process is None else self._process.pid

    def _asked(self, book: Book, text: bytes) -> Verdict:
        for _ in range(2):
            try:
                return self._answer(book, text)
            except _Ended as ended:
                if ended.signal == signal.SIGXCPU:
                    return Verdict(failure=TOO_LONG)
        return Verdict(failure=CRASHED)

    def _answer(self, book: Book, text: bytes) -> Verdict:
        stdin, stdout = self._started()
        try:
            until = time.monotonic() + self._seconds
            _write(stdin, question(book, text), until)
            (length,) = LENGTH.unpack(_exactly(stdout, LENGTH.size, until))
            answer = _decoder.decode(_exactly(stdout, length, until))
        except (EOFError, BrokenPipeError) as error:
            raise _Ended(self._end()) from error
        except TimeoutError as error:
            self._end()
            raise Unavailable(f"official rules: no answer within {self._seconds:g} s") from error
        if answer.away:
            raise Unavailable(f"official rules: {answer.away}")
        return answer.verdict

    def _started(self) -> tuple[IO[bytes], IO[bytes]]:
        process = self._process
        if process is None:
            jar = self._jar()
            command = [sys.executable, "-m", "adapters.schematron", str(jar), str(self._cpu_seconds)]
            try:
                process = self._process = subprocess.Popen(
                    command,
                    bufsize=0,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                raise Unavailable(f"official rules: their process does not start: {error}") from error
            atexit.register(self.close)
        if process.stdin is None or process.stdout is None:
            raise Unavailable("official rules: no pipes")
        return process.stdin, process.stdout

    def _end(self) -> int:
        """How it ended, or was ended now."""
        process, self._process = self._process, None
        if process is None:
            return 0
        atexit.unregister(self.close)
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        try:
            # it ends by itself when its input does; one that computes does not hear of it
            process.wait(1.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        return process.returncode


def _write(stream: IO[bytes], content: bytes, until: float) -> None:
    """In pieces that a pipe takes whole, so that one who does not read cannot hold us. Raises as `_exactly`."""
    with selectors.DefaultSelector() as ready:
        ready.register(stream, selectors.EVENT_WRITE)
        for at in range(0, len(content), select.PIPE_BUF):
            if not ready.select(max(0.0, until - time.monotonic())):
                raise TimeoutError
            stream.write(content[at : at + select.PIPE_BUF])


def _exactly(stream: IO[bytes], size: int, until: float) -> bytes:
    """Raises EOFError when the stream ends before, TimeoutError when it is too late (by the monotonic clock)."""
    pieces: list[bytes] = []
    with selectors.DefaultSelector() as ready:
        ready.register(stream, selectors.EVENT_READ)
        while size:
            if not ready.select(max(0.0, until - time.monotonic())):
                raise TimeoutError
            piece = stream.read(size)
            if not piece:
                raise EOFError
            pieces.append(piece)
            size -= len(piece)
    return b"".join(pieces)
