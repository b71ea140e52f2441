"""What `run` and `demo` print: the state of the bus in tables, from the view."""

from collections.abc import Iterable

from rich.console import Group
from rich.table import Table
from rich.text import Text

from adapters.demo.bus import Bus
from topics.view.figures import Overview


def tables(overview: Overview) -> Group:
    """Dossiers by state, measures, signals, dead letters by cause, and the account."""
    grid = Table.grid(padding=(0, 4), pad_edge=False)
    grid.add_row(
        _counted("dossiers", ("keten", "toestand"), overview.dossiers.items()),
        _counted("maten", ("keten", "maat", "stand"), overview.maten.items()),
    )
    grid.add_row(
        _counted("signalen", ("keten", "soort"), overview.signalen.items()),
        _counted("uitval", ("reden", "partner"), overview.uitval.items()),
    )
    return Group(grid, _account(overview))


def _counted(title: str, names: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], int]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1), min_width=44)
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
    """Where to look, and a `curl` that works at once."""
    folder = bus.data
    return "\n".join(
        (
            f"Send a message as {partner}:",
            f"  . {folder}/voorbeeld.env",
            '  curl -s -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\',
            f"    --data @{folder}/voorbeeld.json $URL/v1/berichten",
            '  curl -s -H "Authorization: Bearer $KEY" $URL/v1/berichten/<id>',
            "Look:",
            f"  {bus.url}/docs     the intake, with worked examples of every answer",
            "  ketenbus dossier ORDER     ketenbus uitval lijst     ketenbus verantwoording     (in another window, after",
            f"  . {folder}/voorbeeld.env)",
            f"  {folder}/logs/     what each process says",
        )
    )
