"""`ketenbus capture` and `ketenbus replay`."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer

from chain.replay.container import kafka_container
from chain.replay.handled import open_handled
from chain.replay.play import Wat, play, play_input
from chain.replay.target import prepare
from chain.replay.tempo import speed
from topics.capture import CapturedTopic, Counted, Header, verify
from topics.cli import Settings, console, settings
from topics.errors import Refused

CONTAINER: Final = "container"
STOPPED: Final = 130
"""Exit status after Ctrl-C, as of a shell's commands."""


def replay(
    capture: Annotated[Path, typer.Argument(metavar="FILE", help="what `ketenbus capture` wrote")],
    naar: Annotated[
        str | None, typer.Option("--naar", help="address of a broker, or `container`: one of its own, until Ctrl-C")
    ] = None,
    tempo: Annotated[
        str, typer.Option(help="vol: as fast as it goes; echt: as it happened; 10x: ten times that")
    ] = "vol",
    wat: Annotated[
        Wat, typer.Option(help="alles: every record; invoer: messages, decisions and time, for running processors")
    ] = Wat.ALLES,
    toch: Annotated[bool, typer.Option("--toch", help="also into a broker that has records already")] = False,
    toon: Annotated[bool, typer.Option("--toon", help="only tell what is in the file")] = False,
) -> None:
    """Play a capture into a broker: keys, headers and times as they were, in order.

    Topics of the catalogue that lack are made. The file is read whole first: a damaged one plays nothing. Bodies of the
    object store go to that of this installation.
    """
    header, counted = verify(capture)
    _tell(_summary(header, counted))
    if toon:
        for topic in header.topics:
            _tell(f"  {topic.name}, {_of(topic)}")
        return
    if naar is None:
        raise Refused("--naar: found nothing, expected the address of a broker as 127.0.0.1:9092, or container")
    pace = speed(tempo)
    found = settings()
    with (
        _stopped_in_order(),
        kafka_container(found.kafka_image) if naar == CONTAINER else nullcontext(naar) as bootstrap,
    ):
        _tell(f"playing into {bootstrap}")
        started = time.monotonic()
        played = asyncio.run(_play(capture, header, counted, bootstrap, found, wat, pace, toch))
        seconds = time.monotonic() - started
        _tell(f"played {played} records in {seconds:.1f} s")
        if naar == CONTAINER:
            _tell(f"the broker is at {bootstrap} until Ctrl-C")
            while True:
                signal.pause()


async def _play(
    path: Path,
    header: Header,
    counted: Counted,
    bootstrap: str,
    found: Settings,
    wat: Wat,
    pace: float | None,
    anyway: bool,
) -> int:
    partitions = await prepare(bootstrap, header, anyway=anyway)
    blobs = found.open_blobs()
    if wat is Wat.ALLES:
        return await play(path, bootstrap, partitions, blobs, _tell, total=counted.records, speed=pace)
    async with open_handled(bootstrap) as handled:
        return await play_input(path, bootstrap, partitions, blobs, _tell, handled, total=counted.records, speed=pace)


def _summary(header: Header, counted: Counted) -> str:
    asked = " ".join(
        f"{word} {at.isoformat()}" for word, at in (("from", header.since), ("until", header.until)) if at is not None
    )
    return (
        f"capture of {header.made.isoformat(timespec='seconds')}, {'masked' if header.masked else 'NOT MASKED'}: "
        f"{counted.records} records and {counted.blobs} bodies on {len(header.topics)} topics{', ' + asked if asked else ''}"
    )


def _of(topic: CapturedTopic) -> str:
    return f"{topic.partitions} partition{'' if topic.partitions == 1 else 's'}"


@contextmanager
def _stopped_in_order() -> Iterator[None]:
    """SIGTERM ends as Ctrl-C does: what was begun is undone or closed, and one line says so."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        _tell("stopped")
        raise typer.Exit(STOPPED) from None
    finally:
        signal.signal(signal.SIGTERM, former)


def _tell(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
