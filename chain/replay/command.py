"""`ketenbus capture` and `ketenbus replay`."""

import asyncio
import secrets
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
from chain.replay.masking import open_masker
from chain.replay.plan import plan
from chain.replay.play import Wat, play, play_input
from chain.replay.recording import capture as take
from chain.replay.selection import topics_of, window
from chain.replay.target import fleeting, prepare
from chain.replay.tempo import speed
from chain.replay.turns import RAW
from topics.capture import CapturedTopic, Counted, Header, verify
from topics.cli import Settings, console, settings
from topics.clock.source import time_source
from topics.errors import Refused
from topics.profile.registry import Registry

CONTAINER: Final = "container"
STOPPED: Final = 130
"""Exit status after Ctrl-C, as of a shell's commands."""


UNMASKED: Final = "ik-mag-persoonsgegevens-meenemen"
"""What `--ongemaskeerd` asks to be said."""

SECRET_BYTES: Final = 32


def capture(
    uit: Annotated[Path, typer.Option("--uit", help="the file to write")],
    topics: Annotated[
        str | None, typer.Option(help="names or patterns as ruw.*.v1, with commas between; default: every source")
    ] = None,
    van: Annotated[str | None, typer.Option("--van", help="from when, by when the bus knew (ISO 8601)")] = None,
    tot: Annotated[str | None, typer.Option("--tot", help="until when, that moment not included")] = None,
    sleutel: Annotated[
        Path | None,
        typer.Option("--sleutel", help="file with a secret of 32 bytes or more: captures under one secret mask alike"),
    ] = None,
    ongemaskeerd: Annotated[
        str | None, typer.Option("--ongemaskeerd", help=f"keep personal data: say {UNMASKED}")
    ] = None,
    bootstrap: Annotated[
        str | None, typer.Option("--bootstrap", help="Address of Kafka; default: of this installation.")
    ] = None,
    force: Annotated[bool, typer.Option("--overschrijf", help="also when the file is there already")] = False,
) -> None:
    """Write what is on the topics of this bus to a portable file, personal data masked.

    Committed records, with keys, headers and times, and the bodies of the object store that they refer to. The same
    person has the same mask all over the file; the secret of the masks is kept nowhere, unless it is given.
    """
    if uit.exists() and not force:
        raise Refused(f"{uit}: is there already; say --overschrijf to replace it")
    if ongemaskeerd is not None and ongemaskeerd != UNMASKED:
        raise Refused(f"--ongemaskeerd: found {ongemaskeerd!r}, expected {UNMASKED}: the file will hold personal data")
    found = settings()
    taken_from = window(van, tot)
    masker = None if ongemaskeerd is not None else open_masker(_secret(sleutel), found.profiles)
    names = topics_of(topics)
    made = time_source(found.data).now()
    with _stopped_in_order():
        taken = asyncio.run(
            take(bootstrap or found.bootstrap, uit, names, taken_from, made, found.open_blobs(), masker, _tell)
        )
    away = f"; {taken.away} attachments are not in the object store any more" if taken.away else ""
    header, counted = verify(uit)
    _tell(f"{uit}: {_summary(header, counted)}{away}")


def _secret(path: Path | None) -> bytes:
    if path is None:
        return secrets.token_bytes(SECRET_BYTES)
    try:
        found = path.read_bytes().strip()
    except OSError as error:
        raise Refused(f"--sleutel {path}: {error.strerror or error}") from error
    if len(found) < SECRET_BYTES:
        raise Refused(f"--sleutel {path}: found {len(found)} bytes, expected {SECRET_BYTES} or more")
    return found


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
    if naar == CONTAINER and wat is Wat.INVOER:
        raise Refused(
            "--wat invoer: a container has no processors that would handle it; leave it out, or use the pytest plugin, "
            "which starts them (chain/replay/README.md)"
        )
    pace = speed(tempo)
    found = settings()
    with (
        _stopped_in_order(),
        kafka_container(found.kafka_image) if naar == CONTAINER else nullcontext(naar) as bootstrap,
    ):
        _tell(f"playing into {bootstrap}")
        started = time.monotonic()
        played = _play(capture, header, counted, bootstrap, found, wat, pace, toch)
        seconds = time.monotonic() - started
        _tell(f"played {played} records in {seconds:.1f} s")
        if naar == CONTAINER:
            _tell(f"the broker is at {bootstrap} until Ctrl-C")
            while True:
                signal.pause()


def _play(
    path: Path,
    header: Header,
    counted: Counted,
    bootstrap: str,
    found: Settings,
    wat: Wat,
    pace: float | None,
    anyway: bool,
) -> int:
    partitions = asyncio.run(prepare(bootstrap, header, anyway=anyway))
    blobs, total = found.open_blobs(), counted.records
    played = RAW if wat is Wat.INVOER else tuple(topic.name for topic in header.topics)
    # by the broker's clock, which is no simulated one
    gone = asyncio.run(fleeting(bootstrap, path, played, int(time.time() * 1000)))
    if gone:
        _tell(
            f"{bootstrap} keeps records of some topics for less time than these are old, and deletes them within "
            f"minutes, read or not: {', '.join(gone)}; --naar container keeps them"
        )
    if wat is Wat.ALLES:
        return asyncio.run(play(path, bootstrap, partitions, blobs, _tell, total=total, speed=pace))
    steps = plan(path, partitions, Registry.load(found.profiles), _tell)

    async def after_each_other() -> int:
        async with open_handled(bootstrap) as handled:
            return await play_input(path, bootstrap, partitions, blobs, _tell, handled, steps, total=total, speed=pace)

    return asyncio.run(after_each_other())


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
