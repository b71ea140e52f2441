"""Dead letters on the terminal: the work list by cause, and one letter with everything that is known of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from topics.deadletters import original_headers
from topics.documents import Ernst, Reden
from topics.keys import parts
from topics.view.original import Original, as_text
from topics.view.search import Letter
from topics.view.words import REDEN, ago, moment, visible

SHORT: Final = 12
"""Hex digits of a letter's id that are shown; enough to name it."""


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Letters of one cause and partner."""

    reden: Reden
    partner: str
    aantal: int
    oudste: datetime
    voorbeeld: str


def grouped(letters: Sequence[Letter]) -> list[Cause]:
    """By cause and partner; the largest group first, then the oldest."""
    groups: dict[tuple[Reden, str], list[Letter]] = {}
    for letter in letters:
        groups.setdefault((letter.reden, letter.partner), []).append(letter)
    found = [
        Cause(
            reden=reden,
            partner=partner,
            aantal=len(members),
            oudste=min(letter.op for letter in members),
            voorbeeld=min(members, key=lambda letter: (letter.op, letter.id)).id,
        )
        for (reden, partner), members in groups.items()
    ]
    return sorted(found, key=lambda group: (-group.aantal, group.oudste, group.reden, group.partner))


def groups_table(groups: Sequence[Cause], now: datetime) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("aantal", justify="right")
    table.add_column("reden", no_wrap=True)
    table.add_column("dat is")
    table.add_column("partner")
    table.add_column("oudste", no_wrap=True)
    table.add_column("voorbeeld", no_wrap=True)
    for group in groups:
        table.add_row(
            str(group.aantal),
            Text(group.reden.value, style="bold"),
            REDEN[group.reden],
            Text(group.partner or "-"),
            f"{ago(group.oudste, now)} geleden",
            group.voorbeeld[:SHORT],
        )
    return table


def letters_table(letters: Sequence[Letter]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("brief", "sinds", "reden"):
        table.add_column(name, no_wrap=True)
    for name in ("partner", "opdracht of ontvangst"):
        table.add_column(name, overflow="fold")
    for letter in letters:
        table.add_row(
            letter.id[:SHORT],
            moment(letter.op),
            letter.reden.value,
            Text(letter.partner or "-"),
            Text(visible(parts(letter.dossier)[-1] if letter.dossier else letter.ontvangst or letter.bron)),
        )
    return table


def letter_page(letter: Letter, original: Original | None, names: Mapping[str, str]) -> Group:
    """Everything about one letter. Without `original` its record is past its retention."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("brief", Text(letter.id, style="bold"))
    grid.add_row("reden", Text(f"{letter.reden.value}: {REDEN[letter.reden]}", style="bold"))
    grid.add_row("stand", "wacht op een besluit" if letter.open else "afgehandeld")
    grid.add_row("partner", Text(names.get(letter.partner, letter.partner) or "-"))
    grid.add_row("dossier", Text(visible(letter.dossier or "niet af te leiden")))
    grid.add_row("ontvangst", Text(f"{letter.ontvangst or '-'}, deel {letter.deel or '-'}"))
    grid.add_row("sinds", moment(letter.op))
    grid.add_row("waar", Text(f"{letter.stage}, bij {letter.bron}"))
    if letter.fout:
        grid.add_row("fout", Text(visible(letter.fout)))
    if letter.tekst and letter.tekst not in {finding.tekst for finding in letter.bevindingen}:
        grid.add_row("uitleg", Text(visible(letter.tekst, lines=True)))
    blocks: list[RenderableType] = [grid]
    if letter.bevindingen:
        blocks += [Text("\nBevindingen", style="bold"), _findings(letter)]
    blocks.append(Text("\nOrigineel", style="bold"))
    blocks += _original(letter, original)
    return Group(*blocks)


def _findings(letter: Letter) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for finding in letter.bevindingen:
        style = "red" if finding.ernst is Ernst.FOUT else "yellow"
        source = f" · bron: {finding.bron}" if finding.bron else ""
        value = f" · gevonden: {finding.waarde}" if finding.waarde is not None else ""
        about = Text(visible(f"{finding.code} · {finding.pad}{value}{source}"), style="dim")
        grid.add_row(Text(f"  {finding.ernst.value}", style=style), Text(visible(finding.tekst)))
        grid.add_row("", about)
    return grid


def _original(letter: Letter, original: Original | None) -> list[RenderableType]:
    where = f"{letter.topic}/{letter.partitie}/{letter.positie}"
    if original is None:
        return [Text(f"  {where}: niet meer op het topic, de bewaartermijn is voorbij", style="yellow")]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("  plaats", Text(where))
    grid.add_row("  sleutel", Text(visible(original.record.key.decode("utf-8", "replace"))))
    for name, value in original_headers(original.record.headers):
        grid.add_row(Text(visible(f"  {name}")), Text(visible(value.decode("utf-8", "replace"))))
    size = Text(f"  {len(original.body)} bytes, sha256 {original.sha256}", style="dim", overflow="fold")
    return [grid, size, Text(as_text(original.body))]
