"""`ketenbus doorlooptijden`: how long it takes, of whom, and whether it was within norm."""

import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from chain.doorlooptijden.kalenders import Kalenders
from chain.doorlooptijden.periode import peil, period
from chain.doorlooptijden.rapport import Rapport, regels
from chain.doorlooptijden.stand import Stand, read
from chain.doorlooptijden.uitvoer import as_csv, as_json, as_table
from chain.doorlooptijden.vreemd import Vreemd, measure
from chain.kalender import micros
from topics.catalogue.declarations import ALL_KETENS, KETENS
from topics.cli import Settings, console, errors, settings
from topics.clock.source import time_source
from topics.errors import ConfigurationError, Refused
from topics.profile.registry import Registry
from topics.view.words import names

_PERIOD_OF_LOG: Final = "; with --log the period is --periode-van and --periode-tot"
_PIPED: Final = 100
"""Columns where there is no terminal to ask."""
_TO_A_LOG: Final = "; activities that begin and end go with --log"


def doorlooptijden(
    van: Annotated[
        str | None,
        typer.Option(help="First day of the period; with --log the activity that begins.", metavar="DAY|ACTIVITY"),
    ] = None,
    tot: Annotated[
        str | None,
        typer.Option(help="Last day of the period; with --log the activity that ends.", metavar="DAY|ACTIVITY"),
    ] = None,
    stand_per: Annotated[
        str | None, typer.Option(help="As it was known at this moment (of a day: its end).", metavar="MOMENT")
    ] = None,
    maat: Annotated[list[str] | None, typer.Option(help="Only this measure; may be repeated.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only pairs with this partner: its id or GLN.")] = None,
    keten: Annotated[
        str | None, typer.Option(help="Only this keten; test messages have one of their own, proef-<keten>.")
    ] = None,
    huurder: Annotated[
        bool,
        typer.Option("--huurder", help="From when the tenant reported, where that is known; norms stay as they are."),
    ] = False,
    as_csv_: Annotated[bool, typer.Option("--csv", help="CSV for a spreadsheet instead of tables.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
    log: Annotated[
        Path | None, typer.Option(help="Measure this event log instead of the bus: .csv or .xes, also with .gz.")
    ] = None,
    periode_van: Annotated[str | None, typer.Option(help="With --log: first day.", metavar="DAY")] = None,
    periode_tot: Annotated[str | None, typer.Option(help="With --log: last day.", metavar="DAY")] = None,
    norm: Annotated[str | None, typer.Option(help="With --log: 5wd (working days) or 24u (hours).")] = None,
    vrij: Annotated[
        list[str] | None, typer.Option(help="With --log: a weekday that is not worked; may be repeated.", metavar="DAY")
    ] = None,
    kolom_zaak: Annotated[str | None, typer.Option(help="With --log: the column of the case (CSV).")] = None,
    kolom_activiteit: Annotated[
        str | None, typer.Option(help="With --log: the column (XES: attribute) of the activity.")
    ] = None,
    kolom_tijd: Annotated[str | None, typer.Option(help="With --log: that of the moment.")] = None,
    scheiding: Annotated[str | None, typer.Option(help="With --log: what separates columns in the CSV.")] = None,
    codering: Annotated[str | None, typer.Option(help="With --log: the text encoding of the CSV.")] = None,
) -> None:
    """Lead times per pair, measure, kind and urgency: how many, p50 and p90, within norm, and who was aan zet.

    p50 and p90 are of what began in the period, with what is still open taken along (Kaplan-Meier): > 9 means later than
    9, for too few have ended. Within norm is of the deadlines that fell in the period: open and late is not met.

    --van and --tot are days of the period, in Europe/Amsterdam. With --log they are the activities between which a
    foreign event log is measured, by the same rules, and the period is --periode-van and --periode-tot.

    Exit status 1 when rows of a log could not be read (they are told one by one and counted); 2 when nothing could be
    measured.
    """
    if as_csv_ and json:
        raise Refused("--csv and --json: found both, expected one of them")
    if log is None:
        only_log = {
            "--periode-van": periode_van, "--periode-tot": periode_tot, "--norm": norm, "--vrij": vrij,
            "--kolom-zaak": kolom_zaak, "--kolom-activiteit": kolom_activiteit, "--kolom-tijd": kolom_tijd,
            "--scheiding": scheiding, "--codering": codering,
        }  # fmt: skip
        _none_of(only_log, "goes with --log; without --log the period is --van and --tot")
        _show(_on_the_bus(settings(), van, tot, stand_per, maat or [], partner, keten, huurder), as_csv_, json)
        return
    _none_of(
        {"--maat": maat, "--partner": partner, "--keten": keten, "--huurder": huurder},
        "is about the bus and cannot go with --log",
    )
    if van is None or tot is None:
        raise Refused("--log measures between two activities: give --van ACTIVITY and --tot ACTIVITY" + _PERIOD_OF_LOG)
    wanted = Vreemd(
        bestand=log,
        van=van,
        tot=tot,
        periode=period(periode_van, periode_tot, ("--periode-van", "--periode-tot")),
        peil=None if stand_per is None else peil(stand_per, "--stand-per"),
        norm=norm,
        vrij=tuple(vrij or ()),
        kolommen=(kolom_zaak, kolom_activiteit, kolom_tijd),
        scheiding=scheiding,
        codering=codering,
    )
    with _progress() as progress:
        task = progress.add_task(log.name, total=None)
        found = measure(wanted, lambda done, total: progress.update(task, completed=done, total=total))
    if json:
        typer.echo(msgspec.json.encode(as_json(found.rapport) | {"log": found.as_json()}).decode())
    else:
        _show(found.rapport, as_csv_, json)
    for line in found.afwijzingen():
        errors.print(line, style="red", markup=False, highlight=False, soft_wrap=True)
    if found.afgewezen:
        raise typer.Exit(1)


def _on_the_bus(
    found: Settings,
    van: str | None,
    tot: str | None,
    stand_per: str | None,
    maten: list[str],
    partner: str | None,
    keten: str | None,
    huurder: bool,
) -> Rapport:
    """Raises Refused for a wrong option, Unavailable, DocumentError."""
    periode = period(van, tot, ("--van", "--tot"), _TO_A_LOG)
    now = time_source(found.data).now()
    at = micros(now) if stand_per is None else peil(stand_per, "--stand-per", micros(now))
    if keten not in (None, *ALL_KETENS):
        raise Refused(f"--keten: found {keten!r}, expected one of {', '.join(ALL_KETENS)}")
    registry = _registry(found.profiles)
    glns = None if partner is None else _glns(partner, registry, now.date())
    stand = Stand(KETENS if keten is None else (keten,), None if stand_per is None else at, maten, huurder=huurder)
    with _progress() as progress:
        task = progress.add_task("doorlooptijden", total=None)
        asyncio.run(
            read(found.bootstrap, stand, lambda done, total: progress.update(task, completed=done, total=total))
        )
    if stand_per is None and stand.gelezen is not None:
        at = min(at, stand.gelezen)
    kalenders = Kalenders(registry)
    chosen = (
        (groep, interval)
        for groep, interval in stand.laatste.intervals()
        if glns is None or groep.opdrachtgever in glns or groep.aannemer in glns
    )
    lines = regels(chosen, periode, at, kalenders.dagen)
    called = names(found.profiles, now.date())
    remarks = [
        f"{called.get(client, client)} → {called.get(contractor, contractor)}: geen voorwaarden in de profielen; werkdagen "
        "van wat nog open is, zijn weekdagen zonder vrije dagen"
        for client, contractor in sorted(kalenders.onbekend)
    ]
    return Rapport(periode=periode, peil=at, regels=lines, namen=called, opmerkingen=tuple(remarks))


def _registry(folder: Path) -> Registry | None:
    """None without (right) profiles: then partners are known by GLN, and a remark says what that costs."""
    try:
        return Registry.load(folder)
    except ConfigurationError:
        return None


def _glns(partner: str, registry: Registry | None, on: date) -> set[str]:
    """Raises Refused when nobody is called so."""
    if registry is not None:
        found = registry.of_gln(partner, on)
        for profile in registry.versions(partner) if found is None else registry.versions(found.partner):
            return {profile.gln}
    if partner.isdecimal():
        return {partner}
    known = ", ".join(registry.partners()) if registry is not None else "a GLN: no profiles can be read"
    raise Refused(f"--partner: found {partner!r}, expected {known}")


def _none_of(options: Mapping[str, object], why: str) -> None:
    given = [name for name, value in options.items() if value]
    if given:
        raise Refused(f"{', '.join(given)} {why}")


def _show(found: Rapport, csv: bool, json: bool) -> None:
    if json:
        typer.echo(msgspec.json.encode(as_json(found)).decode())
    elif csv:
        typer.echo(as_csv(found), nl=False)
        for line in found.opmerkingen:
            errors.print(line, markup=False, highlight=False, soft_wrap=True)
    else:
        (console if console.is_terminal else Console(width=_PIPED)).print(as_table(found))


def _progress() -> Progress:
    """On the terminal of errors, so that what is piped stays clean; nothing where there is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
