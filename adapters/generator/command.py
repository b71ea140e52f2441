"""`ketenbus genereer`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from adapters.generator.folder import BERICHTEN, GROOTBOEK, VERZENDING, make_room, write
from adapters.generator.week import Week, maak
from topics.cli import console, errors


def genereer(
    folder: Annotated[Path, typer.Argument(help="where to write it; empty, or not there yet")],
    opdrachten: Annotated[int, typer.Option(min=1, help="how many orders the week has")] = 500,
    zaad: Annotated[int, typer.Option(help="the same seed gives the same bytes")] = 1,
    facturen: Annotated[bool, typer.Option(help="with invoices and what becomes of them")] = True,
) -> None:
    """Make a working week of orders, statuses, planning and invoices, with every fault that partners make, and its ledger.

    Writes FOLDER/berichten (each message byte for byte), FOLDER/verzending.jsonl (who sends which, when) and
    FOLDER/grootboek.json: what must become of every message and how every dossier, measure, signal and amount must stand.
    """
    make_room(folder)
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("orders", total=opdrachten)
        week = maak(opdrachten, zaad, lambda done, _: progress.update(task, completed=done), facturen=facturen)
    write(week, folder)
    console.print(_table("faults", week.grootboek.fouten), _table("parts", week.grootboek.rekening))
    console.print(_summary(week, folder), markup=False, highlight=False, soft_wrap=True)


def _table(title: str, counts: dict[str, int]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    table.add_column("name", style="dim", header_style="dim")
    table.add_column("n", justify="right")
    for name, count in counts.items():
        table.add_row(name, str(count))
    return table


def _summary(week: Week, folder: Path) -> str:
    parts = sum(week.grootboek.rekening.values())
    return (
        f"{len(week.berichten)} messages with {parts} parts for {len(week.grootboek.dossiers)} dossiers in {folder}: "
        f"{BERICHTEN}/, {VERZENDING}, {GROOTBOEK}"
    )
