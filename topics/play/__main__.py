"""Composition root of one side of a comparison: `python -m topics.play`. Speaks topics.play.wire on stdin and stdout."""

import gc
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, Final

from topics.capture import catalogue_version
from topics.catalogue.declarations import PERSOON, TOPICS
from topics.catalogue.topic import DEAD_LETTER_SUFFIX, Cleanup
from topics.errors import DocumentError, KetenbusError
from topics.play import wire
from topics.play.bodies import Bodies
from topics.play.player import Player
from topics.play.profiles import chosen
from topics.runtime.step import Record

_COMPACTED: Final = frozenset(topic.name for topic in TOPICS if topic.cleanup is Cleanup.COMPACT)
_EVERY: Final = 200


class Taken:
    """Gives what is made to `stream`: of a compacted topic the last per key, at the end."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._last: dict[tuple[str, bytes], Record] = {}

    def seen(self, record: Record) -> None:
        if record.topic == PERSOON:
            return  # personal data stays where it is made
        if record.topic in _COMPACTED:
            self._last[(record.topic, record.key)] = record
        else:
            wire.write(self._stream, wire.Made(_slim(record)))

    def rest(self) -> None:
        for record in self._last.values():
            wire.write(self._stream, wire.Made(record))


def _slim(record: Record) -> Record:
    """A dead letter without its body, which holds what a partner sent."""
    if not record.topic.endswith(DEAD_LETTER_SUFFIX):
        return record
    return Record(record.topic, record.partition, record.offset, record.timestamp, record.key, b"", record.headers)


def play(incoming: Iterator[wire.Frame], out: BinaryIO) -> None:
    """Raises KetenbusError; nothing is said after the last frame that was written."""
    start = next(incoming, None)
    if not isinstance(start, wire.Start):
        raise DocumentError(f"found {type(start).__name__}, expected Start")
    taken = Taken(out)
    bodies = Bodies(Path(start.bodies)) if start.bodies else Bodies()
    player = Player(chosen(start.profiles), start.survey, start.partitions, taken.seen, bodies)
    wire.write(out, wire.Ready(wire.PROTOCOL, version("ketenbus"), catalogue_version()))
    out.flush()
    began, played = time.monotonic(), 0
    for frame in incoming:
        if isinstance(frame, wire.Source):
            player.feed(frame.record)
            played += 1
            if played % _EVERY == 0:
                wire.write(out, wire.Progress(played))
                out.flush()
        elif isinstance(frame, wire.End):
            player.finish()
            taken.rest()
            wire.write(out, wire.Done(played, time.monotonic() - began, player.left_out))
            return
    raise DocumentError("the records to play were cut off")


def main(incoming: BinaryIO, out: BinaryIO) -> int:
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    try:
        play(wire.frames(incoming), out)
    except KetenbusError as error:
        wire.write(out, wire.Failed(error.code, str(error)))
        return 1
    finally:
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
