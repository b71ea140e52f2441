"""`ketenbus verantwoording`: the account per partner and day, live and recomputed from the topics."""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Final

import msgspec
import typer
from rich import box
from rich.table import Table
from rich.text import Text

from chain.ledger.compare import Comparison, Line, compare
from chain.ledger.recompute import RAW, TOPICS, Counting, Recount
from topics.cli import console, errors, settings
from topics.clock.source import time_source
from topics.documents import Account
from topics.errors import Unavailable
from topics.kafka import Position, open_reader
from topics.view import database, figures
from topics.view.figures import AccountRow, AccountState

_LOOK_AGAIN: Final = 0.2


def verantwoording(
    alles: Annotated[bool, typer.Option("--alles", help="Every partner and day, also where nothing is wrong.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of a table; always with everything.")
    ] = False,
    wacht: Annotated[float, typer.Option(help="Seconds to wait for a view that lags behind.", min=0)] = 30.0,
) -> None:
    """The account: every part of every message in exactly one place.

    The sum is shown, and every partner and day of receipt where something is not right. Counted twice: live (the view) and once more, plainly, from the topics. Exit status 1 when one of them does not
    balance, they differ, or a receipt lies unopened for more than 15 minutes; 2 when the view lags too far to compare.
    """
    found = settings()
    engine = database.open_reader(found.view_url)
    try:
        state, books, cut = asyncio.run(both(found.bootstrap, partial(figures.account, engine), wacht))
        since = figures.backlog(engine).ongeopend_sinds
    finally:
        engine.dispose()
    now = time_source(found.data).now()
    comparison = compare(state.rows, books.rows(), cut=cut, unopened_since=since, now=now)
    if json:
        typer.echo(msgspec.json.encode(as_json(comparison)).decode())
    else:
        show(comparison, alles=alles)
    if comparison.redenen:
        raise typer.Exit(1)


async def both(bootstrap: str, live: Callable[[], AccountState], patience: float) -> tuple[AccountState, Recount, bool]:
    """Both counts at exactly the same positions: the recount reads to where the view is, once that is far enough.

    The last value: whether raw records are gone from the topics, past their retention. Raises Unavailable when the
    view does not get that far in time.
    """
    recount = Recount()
    async with open_reader(bootstrap, TOPICS) as reader:
        counting = Counting(reader, recount)
        cut = any(offset > 0 for (topic, _), offset in (await reader.positions()).items() if topic in RAW)
        ends = await reader.ends()
        await counting.to(ends)
        until = time.monotonic() + patience
        while True:
            state = live()
            lag = behind(ends, state.positions)
            if not lag:
                await counting.to({at: offset for at, offset in state.positions.items() if at in ends})
                return state, recount, cut
            if time.monotonic() > until:
                names = ", ".join(f"{topic}/{partition}" for topic, partition in sorted(lag)[:3])
                raise Unavailable(
                    f"de view loopt {sum(lag.values())} records achter op de topics ({names}) en haalde dat in "
                    f"{patience:.0f} s niet in: er valt nog niets te vergelijken. Draait `python -m topics.view`?"
                )
            await asyncio.sleep(_LOOK_AGAIN)


def behind(ends: Mapping[Position, int], positions: Mapping[Position, int]) -> dict[Position, int]:
    """Records per partition that the view has not read yet; empty when it has read up to `ends`."""
    lag = {at: end - positions.get(at, 0) for at, end in ends.items()}
    return {at: records for at, records in lag.items() if records > 0}


def as_json(comparison: Comparison) -> dict[str, object]:
    return {
        "klopt": not comparison.redenen,
        "redenen": comparison.redenen,
        "regels": [
            {
                "partner": line.partner,
                "dag": line.dag,
                "live": line.live,
                "herrekend": line.herrekend,
                "verschil": line.verschil,
            }
            for line in comparison.lines
        ],
        "som": {"live": comparison.live, "herrekend": comparison.herrekend},
    }


def show(comparison: Comparison, *, alles: bool = False) -> None:
    """The table at 100 columns: two lines per partner and day that is not right (`alles`: per any), accounts that occur,
    the sum, and what is not right."""
    if not comparison.lines:
        console.print("Nog niets ontvangen: de rekening is leeg (en klopt).")
        return
    total = Line(partner="totaal", dag="", live=comparison.live, herrekend=comparison.herrekend)
    used = [account for account in Account if any(row.accounts.get(account) for row in (total.live, total.herrekend))]
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), title="Verantwoording", title_justify="left"
    )
    for name in ("partner", "dag", "bron"):
        table.add_column(name, no_wrap=True)
    for name in ("ontv.", "aangen.", *(account.value for account in used)):
        table.add_column(name, justify="right", no_wrap=True)
    chosen = [line for line in comparison.lines if alles or line.verschil or not line.balances]
    for line in (*chosen, total):
        for name, row in (("live", line.live), ("topics", line.herrekend)):
            lead = (line.partner, line.dag) if name == "live" else ("", "")
            table.add_row(*lead, name, *_cells(line, row, used), end_section=name == "topics")
    console.print(table)
    hidden = len(comparison.lines) - len(chosen)
    if hidden:
        console.print(f"{hidden} keer partner en dag zonder verschil niet getoond (--alles).", highlight=False)
    sums = " + ".join(f"{account.value} {total.live.accounts.get(account, 0)}" for account in used) or "0"
    mark = "=" if total.live.aangenomen == sum(total.live.accounts.values()) else "≠"
    console.print(f"aangenomen {total.live.aangenomen} {mark} {sums}", highlight=False)
    if total.live.ongeopend:
        console.print(f"Nog niet geopend door een adapter: {total.live.ongeopend} ontvangst(en).", highlight=False)
    if comparison.redenen:
        for reason in comparison.redenen:
            errors.print(f"✗ {reason}", style="red", highlight=False)
    else:
        console.print("✓ live en herrekend zijn gelijk en de rekening klopt.", style="green", highlight=False)


def _cells(line: Line, row: AccountRow, used: list[Account]) -> list[Text]:
    names = ["ontvangen", "aangenomen", *(account.value for account in used)]
    values = [row.ontvangen, row.aangenomen, *(row.accounts.get(account, 0) for account in used)]
    return [
        Text(f"{value}", style="bold red" if name in line.verschil else "" if value else "dim")
        for name, value in zip(names, values, strict=True)
    ]
