"""What a side's process and whoever started it say to each other: frames of msgpack behind their length, on stdin and
stdout. PROTOCOL rises with every change that the other would not understand.

    in     Start, Source …, End
    out    Ready, (Progress | Made) …, Done        or at any moment Failed
"""

from collections.abc import Iterator
from typing import IO, Final

import msgspec

from topics.play.decisions import LeftOut
from topics.play.profiles import Chosen
from topics.play.sources import Survey
from topics.runtime.step import Record

PROTOCOL: Final = 1


class Start(msgspec.Struct, frozen=True, tag=True):
    """`partitions`: of the topics of the capture; `bodies`: the folder with its bodies of the
    object store, empty: none."""

    protocol: int
    profiles: Chosen
    survey: Survey
    partitions: dict[str, int]
    bodies: str


class Source(msgspec.Struct, frozen=True, tag=True):
    """A record to play."""

    record: Record


class End(msgspec.Struct, frozen=True, tag=True):
    """That was all."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """`release`: of the installation that plays; `catalogue`: which topics and documents it knows."""

    protocol: int
    release: str
    catalogue: str


class Progress(msgspec.Struct, frozen=True, tag=True):
    """How many records were played."""

    played: int


class Made(msgspec.Struct, frozen=True, tag=True):
    """A record that this bus wrote."""

    record: Record


class Done(msgspec.Struct, frozen=True, tag=True):
    """`seconds`: of playing, without starting."""

    played: int
    seconds: float
    left_out: tuple[LeftOut, ...]


class Failed(msgspec.Struct, frozen=True, tag=True):
    """An error of ours: its code and message."""

    code: str
    text: str


Frame = Start | Source | End | Ready | Progress | Made | Done | Failed

_encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)
_LENGTH: Final = 4


def write(stream: IO[bytes], frame: Frame) -> None:
    body = _encode(frame)
    stream.write(len(body).to_bytes(_LENGTH, "big") + body)


def frames(stream: IO[bytes]) -> Iterator[Frame]:
    """Until the stream ends, or is cut. Raises msgspec.MsgspecError for what is no frame of this protocol."""
    while True:
        head = stream.read(_LENGTH)
        if len(head) < _LENGTH:
            return
        body = stream.read(int.from_bytes(head, "big"))
        yield _decoder.decode(body)
