"""`ketenbus dossier`: a dossier by its key or its order number."""

import asyncio
from datetime import datetime
from typing import Annotated, Final

import msgspec
import typer
from rich import box
from rich.table import Table
from rich.text import Text

from topics.cli import Settings, console, settings
from topics.clock.source import time_source
from topics.documents import keten
from topics.errors import Refused
from topics.view import database, search
from topics.view.original import Original, Place, as_text, fetch
from topics.view.page import render
from topics.view.search import Page
from topics.view.words import moment, names

_SEVERAL: Final = 50


def dossier(
    sleutel: Annotated[str, typer.Argument(help="The dossier's key, or the order number as people write it.")],
    ruw: Annotated[bool, typer.Option("--ruw", help="Also the original bytes of every message behind it.")] = False,
    personen: Annotated[bool, typer.Option("--personen", help="Also personal data.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a page.")] = False,
) -> None:
    """A dossier: what happened and when it was known, who is aan zet, measures, signals, and the evidence for all of it.

    Several dossiers with the same order number are listed.
    """
    found = settings()
    now = time_source(found.data).now()
    engine = database.open_reader(found.view_url)
    try:
        hits = search.find_dossiers(engine, sleutel, _SEVERAL)
        page = search.dossier_page(engine, hits[0].sleutel) if len(hits) == 1 else None
    finally:
        engine.dispose()
    if page is not None:
        originals = asyncio.run(_originals(found, page)) if ruw else {}
        if json:
            typer.echo(msgspec.json.encode(_as_json(page, originals, personen=personen)).decode())
        else:
            console.print(render(page, names(found.profiles, now.date()), now, personen=personen))
            _show_raw(page, originals)
    elif hits:
        _list(hits, found, now, json=json)
    else:
        raise Refused(
            f"found no dossier with key or number {sleutel!r}. A message whose dossier cannot be derived is in "
            "`ketenbus uitval lijst`; what was just sent may still be onderweg"
        )


def _list(hits: list[keten.Dossier], found: Settings, now: datetime, *, json: bool) -> None:
    if json:
        typer.echo(msgspec.json.encode({"dossiers": hits}).decode())
        return
    called = names(found.profiles, now.date())
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("sleutel", "opdrachtgever", "toestand", "bijgewerkt"):
        table.add_column(name, overflow="fold", no_wrap=name == "sleutel")
    for hit in hits:
        client = hit.opdrachtgever or ""
        table.add_row(Text(hit.sleutel), called.get(client, client), hit.toestand, moment(hit.bijgewerkt))
    console.print(f"{len(hits)} dossiers met dit nummer; geef de sleutel:", highlight=False)
    console.print(table)


async def _originals(found: Settings, page: Page) -> dict[str, Original]:
    """Raw records by their place. What is past its retention is left out."""
    places = [Place.read(text) for text in _sources(page)]
    fetched = await fetch(found.bootstrap, found.open_blobs(), places)
    return {str(place): original for place, original in fetched.items()}


def _sources(page: Page) -> list[str]:
    return list(dict.fromkeys(event.bron for event in page.gebeurtenissen if event.bron))


def _show_raw(page: Page, originals: dict[str, Original]) -> None:
    if not originals:
        return
    hashes = {event.bron: (event.ontvangst, event.sha256) for event in page.gebeurtenissen}
    for place in _sources(page):
        receipt, expected = hashes[place]
        original = originals.get(place)
        if original is not None and original.record.envelope().id != receipt:
            # past its term before a restore: its place is another's now
            original = None
        console.rule(f"ontvangst {receipt} · {place}", align="left", style="dim")
        if original is None:
            console.print("  niet meer op het topic: de bewaartermijn is voorbij", style="yellow")
            continue
        right = original.sha256 == expected
        mark = "klopt met het bewijs" if right else f"WIJKT AF van het bewijs {expected}"
        console.print(
            f"{len(original.body)} bytes, sha256 {original.sha256[:16]}… {mark}", style="" if right else "red"
        )
        console.print(Text(as_text(original.body)))


def _as_json(page: Page, originals: dict[str, Original], *, personen: bool) -> dict[str, object]:
    """The page as it stands, without personal data unless asked for; `ruw`: the originals by their place."""
    fields: dict[str, object] = {
        name: getattr(page, name) for name in page.__struct_fields__ if personen or name != "personen"
    }
    if originals:
        fields["ruw"] = {
            place: {"sha256": original.sha256, "tekst": as_text(original.body), "base64": original.body}
            for place, original in originals.items()
        }
    return fields
