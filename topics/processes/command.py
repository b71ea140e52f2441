"""`ketenbus worker`: what runs, how far it is, and setting it still."""

import asyncio
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from topics.catalogue.declarations import READS
from topics.cli import console, settings
from topics.clock.source import time_source
from topics.errors import Refused, Unavailable
from topics.kafka import Admin, open_admin, open_reader
from topics.processes import pauses
from topics.processes.pauses import Pause
from topics.runtime.turn import without

app = typer.Typer(
    help="Processors: how far they are, and setting one still.", no_args_is_help=True, rich_markup_mode=None
)

Processor = Annotated[str, typer.Argument(metavar="PROCESSOR", help="as `ketenbus worker lijst` names it")]


class Standing(msgspec.Struct, frozen=True):
    """Of one processor. `achter`: records that it has not handled; None when Kafka could not tell."""

    processor: str
    leest: str
    achter: int | None
    pauze: str


@app.command()
def lijst(
    json: Annotated[bool, typer.Option("--json", help="JSON instead of a table")] = False,
) -> None:
    """Show every processor: what it reads, how many records it is behind, and who paused it."""
    found = asyncio.run(_standing())
    if json:
        console.print_json(data=msgspec.to_builtins(found))
        return
    table = Table(box=None)
    # the name that the other commands take: whole, also on a narrow screen
    table.add_column("processor", no_wrap=True)
    table.add_column("reads", overflow="fold")
    table.add_column("behind")
    table.add_column("paused")
    for one in found:
        table.add_row(one.processor, one.leest, "?" if one.achter is None else str(one.achter), one.pauze)
    console.print(table)


@app.command()
def pauzeer(
    processor: Processor,
    reden: Annotated[str, typer.Option(help="why, for whoever sees it standing still")],
    door: Annotated[str, typer.Option(help="your name; default: KETENBUS_DOOR")] = "",
) -> None:
    """Set a processor still in all its workers: it finishes what it has in hand and takes nothing new.

    Messages are still received; they wait in Kafka, in order. A restart changes nothing: only `hervat` does.
    """
    here = settings()
    who = door or here.door
    if not who:
        raise Refused("--door: found nothing, expected your name (or KETENBUS_DOOR)")
    pauses.pause(here.data, _known(processor), Pause(who, reden, time_source(here.data).now()))
    _tell(f"{processor} stands still within a second; `ketenbus worker hervat {processor}` lets it go on")


@app.command()
def hervat(processor: Processor) -> None:
    """Let a paused processor go on where it was."""
    if not pauses.resume(settings().data, _known(processor)):
        raise Refused(f"{processor} is not paused")
    _tell(f"{processor} goes on")


@app.command("wacht-niet")
def wacht_niet(
    processor: Processor,
    op: Annotated[str, typer.Option(metavar="PROCESSOR", help="who will never run")],
    bootstrap: Annotated[str | None, typer.Option(help="Address of Kafka; default: of this installation.")] = None,
) -> None:
    """After a restore: let a processor begin without one that comes first but will never run.

    What that one had not sent yet is missing; when it runs after all, the account may not balance.
    """
    concerned = asyncio.run(without(bootstrap or settings().bootstrap, _known(processor), _known(op)))
    _tell(f"{processor}: {concerned} tasks wait for {op} no longer; they notice within half a minute")


def _tell(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _known(processor: str) -> str:
    if processor not in READS:
        raise Refused(f"processor: found {processor!r}, expected one of {', '.join(READS)}")
    return processor


async def _standing() -> list[Standing]:
    here = settings()
    paused = pauses.pauses(here.data)
    behind = await _behind(here.bootstrap)
    return [
        Standing(name, topic, behind.get(name), str(paused[name]) if name in paused else "")
        for name, topic in READS.items()
    ]


async def _behind(bootstrap: str) -> dict[str, int | None]:
    """Empty when Kafka cannot be reached: who paused what is known all the same."""
    try:
        async with open_admin(bootstrap) as admin, open_reader(bootstrap, sorted(set(READS.values()))) as reader:
            ends = await reader.ends()
            return {name: await _lag(admin, name, ends) for name in READS}
    except Unavailable:
        return {}


async def _lag(admin: Admin, processor: str, ends: dict[tuple[str, int], int]) -> int | None:
    try:
        done = await admin.group_offsets(processor)
    except Unavailable:
        return None
    return sum(max(0, end - done.get(at, 0)) for at, end in ends.items() if at[0] == READS[processor])
