"""`ketenbus uitval`: dead letters, for people."""

import asyncio
from typing import Annotated, Final

import msgspec
import typer

from chain.review.page import SHORT, grouped, groups_table, letter_page, letters_table
from topics.cli import console, settings
from topics.clock.source import time_source
from topics.deadletters import original_headers
from topics.errors import Refused
from topics.view import database, search
from topics.view.original import Original, Place, as_text, fetch
from topics.view.words import names

_LISTED: Final = 20

app = typer.Typer(help="Dead letters: what failed or is ambiguous, and waits for a person.", no_args_is_help=True)


@app.command()
def lijst(
    reden: Annotated[str | None, typer.Option(help="Only this cause.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only this partner's.")] = None,
    alles: Annotated[bool, typer.Option("--alles", help="Also those that are settled; lists every letter.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of tables.")] = False,
) -> None:
    """Dead letters grouped by cause and partner, and the oldest of them one by one."""
    found = settings()
    now = time_source(found.data).now()
    engine = database.open_reader(found.view_url)
    try:
        letters = [
            letter
            for letter in search.letters(engine, open_only=not alles)
            if reden in (None, letter.reden.value) and partner in (None, letter.partner)
        ]
    finally:
        engine.dispose()
    groups = grouped(letters)
    if json:
        typer.echo(msgspec.json.encode({"groepen": groups, "brieven": letters}).decode())
        return
    if not letters:
        console.print("Geen uitval: er wacht niets op een besluit.", highlight=False)
        return
    console.print(groups_table(groups, now))
    shown = letters if alles else letters[:_LISTED]
    console.print(letters_table(shown))
    more = len(letters) - len(shown)
    if more:
        console.print(f"… en {more} meer (--alles).", highlight=False)
    console.print("Eén brief: ketenbus uitval toon BRIEF", style="dim", highlight=False)


@app.command()
def toon(
    brief: Annotated[str, typer.Argument(help="The letter's id, or enough of its beginning.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a page.")] = False,
) -> None:
    """One dead letter: cause, findings, and the original byte for byte with its headers."""
    found = settings()
    now = time_source(found.data).now()
    engine = database.open_reader(found.view_url)
    try:
        letters = search.letter(engine, brief.strip().lower()) if brief.strip() else []
    finally:
        engine.dispose()
    if not letters:
        raise Refused(f"geen brief {brief!r}; `ketenbus uitval lijst --alles` noemt ze")
    if len(letters) > 1:
        raise Refused(
            f"meer dan één brief begint met {brief!r} ({letters[0].id[:SHORT]}, {letters[1].id[:SHORT]}, …); geef meer tekens"
        )
    [letter] = letters
    place = Place(letter.topic, letter.partitie, letter.positie)
    original = asyncio.run(fetch(found.bootstrap, found.open_blobs(), [place])).get(place)
    if json:
        typer.echo(msgspec.json.encode(_as_json(letter, original)).decode())
    else:
        console.print(letter_page(letter, original, names(found.profiles, now.date())))


def _as_json(letter: search.Letter, original: Original | None) -> dict[str, object]:
    """The letter; `origineel` None when its record is past its retention."""
    if original is None:
        return {"brief": letter, "origineel": None}
    headers = [(name, value.decode("utf-8", "replace")) for name, value in original_headers(original.record.headers)]
    return {
        "brief": letter,
        "origineel": {
            "sleutel": original.record.key.decode("utf-8", "replace"),
            "headers": headers,
            "sha256": original.sha256,
            "tekst": as_text(original.body),
            "base64": original.body,
        },
    }
