"""Dead letters on the terminal: the work list by cause, and one letter with everything that is known of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from chain.review.desk import Outcome, Shown
from topics.deadletters import original_headers
from topics.documents import Account, Ernst, Reden
from topics.documents.besluit import Toestand
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
    for name in ("partner", "opdracht of ontvangst", "besluit"):
        table.add_column(name, overflow="fold")
    for letter in letters:
        table.add_row(
            letter.id[:SHORT],
            moment(letter.op),
            letter.reden.value,
            Text(letter.partner or "-"),
            Text(visible(parts(letter.dossier)[-1] if letter.dossier else letter.ontvangst or letter.bron)),
            Text(visible("" if letter.besluit is None else stand_text(letter))),
        )
    return table


def letter_page(shown: Shown, names: Mapping[str, str]) -> Group:
    """Everything about one letter. Without `original` its record is past its retention."""
    letter = shown.letter
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("brief", Text(letter.id, style="bold"))
    grid.add_row("reden", Text(f"{letter.reden.value}: {REDEN[letter.reden]}", style="bold"))
    grid.add_row("stand", Text(visible(stand_text(letter))))
    if shown.account is not None:
        replaced = letter.besluit is not None and letter.besluit.ontvangst is not None
        grid.add_row("nu", f"{shown.account.value}{' (het verbeterde bericht)' if replaced else ''}")
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
    if shown.besluiten:
        blocks += [Text("\nBesluiten", style="bold"), _decisions(shown)]
    if shown.achterhaald is not None and letter.open:
        late = shown.achterhaald
        text = f"  door ontvangst {late.ontvangst} op {moment(late.op)}: {late.reden} (uitval afvoer)"
        blocks += [Text("\nAchterhaald", style="bold"), Text(visible(text), overflow="fold")]
    if shown.kandidaten and letter.open:
        blocks += [Text("\nKandidaten (uitval koppel; niets is gekozen)", style="bold"), _candidates(shown)]
    blocks.append(Text("\nOrigineel", style="bold"))
    blocks += _original(letter, shown.original)
    return Group(*blocks)


def stand_text(letter: Letter) -> str:
    """How a letter stands, in words."""
    stand = letter.besluit
    if stand is None or stand.toestand is Toestand.OPEN:
        return "wacht op een besluit" if letter.open else "afgehandeld"
    if stand.toestand is Toestand.WACHT:
        why = ", ".join(stand.wacht_op)
        rest = f"uitval keur --reeks {stand.reeks}" if "reeks" in stand.wacht_op else "uitval keur"
        return f"{stand.soort} door {stand.door} wacht op een ander ({why}): {rest}"
    confirmed = f", gekeurd door {stand.gekeurd_door}" if stand.gekeurd_door else ""
    where = f" naar {stand.naar.value}" if stand.naar else ""
    return f"{stand.soort} door {stand.door}{confirmed}: doorgestuurd{where}"


def outcome_text(outcome: Outcome) -> Text:
    """What became of a decision, for whoever took it."""
    stand = outcome.stand
    if outcome.geweigerd is not None:
        return Text(visible(f"geweigerd ({outcome.geweigerd.code}): {outcome.geweigerd.tekst}"), style="red")
    if stand.toestand is Toestand.WACHT:
        return Text(visible(f"{stand.soort} wacht op een ander: {', '.join(stand.wacht_op)}"), style="yellow")
    if stand.toestand is Toestand.OPEN:
        return Text("ingetrokken: de brief wacht weer op een besluit")
    if outcome.account is Account.UITVAL:
        return Text(f"{stand.soort} doorgestuurd, en opnieuw uitval: een nieuwe brief (uitval lijst)", style="red")
    where = f": {outcome.account.value}" if outcome.account else ""
    receipt = f", ontvangst {stand.ontvangst}" if stand.ontvangst else ""
    return Text(f"{stand.soort} doorgestuurd{where}{receipt}")


def _decisions(shown: Shown) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    stand = shown.letter.besluit
    refused = {one.besluit: one for one in stand.geweigerd} if stand else {}
    for taken in shown.besluiten:
        one = taken.besluit
        what = f"{one.soort} door {one.door}" + (f": {one.toelichting}" if one.toelichting else "")
        grid.add_row(f"  {moment(one.op)}", Text(visible(what)))
        if (no := refused.get(taken.id)) is not None:
            grid.add_row("", Text(visible(f"geweigerd ({no.code}): {no.tekst}"), style="red"))
    return grid


def _candidates(shown: Shown) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for one in shown.kandidaten:
        grid.add_row(f"  {one.punten}", Text(visible(one.opdrachtnummer)), Text(visible("; ".join(one.redenen))))
    return grid


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
