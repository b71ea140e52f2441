"""What `run` and `demo` print: the state of the bus in tables, from the view."""

from collections.abc import Iterable

from rich.console import Group
from rich.table import Table
from rich.text import Text

from adapters.demo.bus import Bus
from topics.view.figures import Overview


def tables(overview: Overview) -> Group:
    """The account, dossiers by state, measures, signals, and dead letters by cause.

    What matters most is on top: a window that is too small cuts off the end.
    """
    grid = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    grid.add_row(
        _counted("dossiers", ("keten", "toestand"), overview.dossiers.items()),
        _counted("maten", ("keten", "maat", "stand"), overview.maten.items()),
    )
    grid.add_row(
        _counted("signalen", ("keten", "soort"), overview.signalen.items()),
        _counted("uitval", ("reden", "partner"), overview.uitval.items()),
    )
    return Group(_account(overview), "", grid)


def board(bus: Bus, overview: Overview, at: str) -> Group:
    """The tables, under the time of day `at` (it shows that they are kept up to date) and where to look further."""
    head = Text(f"{at}  ", style="dim")
    head.append(f"{bus.url}/docs   logs: {bus.data}/logs/   Ctrl-C stops", style="dim")
    look = Text("in another window: ", style="dim")
    look.append(f". {bus.data}/voorbeeld.env; ketenbus dossier ZL-26-1003 | uitval lijst | verantwoording")
    return Group(head, look, tables(overview))


def _counted(title: str, names: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], int]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1, 0, 0), min_width=44)
    for name in names:
        table.add_column(name, style="dim", header_style="dim")
    table.add_column("n", justify="right")
    found = sorted(counts)
    for key, count in found:
        table.add_row(*key, str(count))
    if not found:
        table.add_row(*("-" for _ in names), "0")
    return table


def _account(overview: Overview) -> Text:
    text = Text()
    total = sum(overview.accounts.values())
    text.append("account  ", style="bold")
    text.append("  ".join(f"{account.value} {count}" for account, count in sorted(overview.accounts.items())))
    text.append(f"  = {total} parts")
    backlog = overview.backlog
    if backlog.ongeopend:
        text.append(f", {backlog.ongeopend} receipts not opened yet", style="yellow")
    for partner, cause in sorted(overview.opgeschort.items()):
        text.append(f"\n{partner} is suspended: {cause}", style="yellow")
    return text


def guide(bus: Bus, partner: str) -> str:
    """A `curl` that works at once."""
    folder = bus.data
    return "\n".join(
        (
            f"In another window, send a message as {partner}:",
            f"  . {folder}/voorbeeld.env     # KEY, URL, and ketenbus on the PATH",
            '  curl -s -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\',
            f"    --data @{folder}/voorbeeld.json $URL/v1/berichten",
            '  curl -s -H "Authorization: Bearer $KEY" $URL/v1/berichten/ID     # ID: "id" of the receipt',
            "  ketenbus dossier ZL-26-2001",
            f"{bus.url}/docs tells every answer of the intake, with worked examples.",
            "",
        )
    )
