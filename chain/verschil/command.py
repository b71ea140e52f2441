"""`ketenbus verschil`: what a new mapping, norm, profile or release would change in what a capture comes to."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from chain.verschil.kant import wens
from chain.verschil.pagina import write_page
from chain.verschil.spelen import as_json, vergelijk
from chain.verschil.tabel import as_table
from topics.cli import console, environment, errors, settings
from topics.errors import Refused

DIFFERENT: Final = 3
"""Exit status when anything differs."""
_MOST: Final = 25
_PAGE_MOST: Final = 500
_PIPED: Final = 100

_SIDE = "a folder of profiles, PARTNER@VERSION (a concept too), a day, another release's environment; default: as it is"


def verschil(
    capture: Annotated[Path, typer.Argument(help="A file that `ketenbus capture` wrote.", show_default=False)],
    oud: Annotated[list[str] | None, typer.Option(help=f"Repeatable: {_SIDE}.", show_default=False)] = None,
    nieuw: Annotated[list[str] | None, typer.Option(help="The same.", show_default=False)] = None,
    profielen: Annotated[
        Path | None, typer.Option(help="Folder of profiles, where a side names none.", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
    pagina: Annotated[
        Path | None, typer.Option(help="Also write a page for a browser, that needs nothing else.", show_default=False)
    ] = None,
    alles: Annotated[
        bool, typer.Option("--alles", help=f"Every line; else {_MOST} per section, {_PAGE_MOST} on the page.")
    ] = False,
) -> None:
    """Play a capture through an old and a new mapping, profile, norm or release, and tell what changes.

    Nothing is sent and no broker is needed: both sides are played in memory, each by a process of its own.
    Exit status 0: nothing differs; 3: something does; 2: it could not be compared.
    """
    if not oud and not nieuw:
        raise Refused("nothing to compare: name with --oud or --nieuw what differs from how it is")
    folder = profielen or settings().profiles
    wensen = (wens(oud or (), folder), wens(nieuw or (), folder))
    most = None if alles else _PAGE_MOST if pagina is not None else _MOST
    with _progress() as progress:
        tasks = [progress.add_task(name, total=None) for name in ("oud", "nieuw")]

        def told(played: tuple[int, int], total: int) -> None:
            for task, count in zip(tasks, played, strict=True):
                progress.update(task, completed=count, total=total)

        found = vergelijk(capture, wensen, environment(), most, told)
    if pagina is not None:
        write_page(pagina, found)
    if json:
        typer.echo(as_json(found).decode())
    else:
        (console if console.is_terminal else Console(width=_PIPED)).print(
            as_table(found, alles, None if alles else _MOST)
        )
    if found.anders:
        raise typer.Exit(DIFFERENT)


def _progress() -> Progress:
    """On the terminal of errors, so that what is piped stays clean; nothing where there is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
