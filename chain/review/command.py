"""`ketenbus uitval`: dead letters and the decisions on them, for people."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
import typer

from chain.review import desk
from chain.review.carry import Desk, Sent
from chain.review.page import SHORT, grouped, groups_table, letter_page, letters_table, outcome_text
from chain.review.wiring import open_desk
from topics.cli import console, settings
from topics.clock.source import time_source
from topics.deadletters import original_headers
from topics.documents.besluit import Besluitsoort, Koppeling
from topics.errors import Refused
from topics.view.original import as_text
from topics.view.search import Letter
from topics.view.words import names

T = TypeVar("T")

_LISTED: Final = 20
_TYPES: Final = {".json": "application/json", ".xml": "application/xml", ".txt": "text/plain"}

app = typer.Typer(
    help="Dead letters: what failed or is ambiguous, waits for a person, and is decided on here.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Brief = Annotated[str, typer.Argument(metavar="BRIEF", help="the letter's id, or enough of its beginning")]
Door = Annotated[str, typer.Option("--door", help="who decides, by name; else KETENBUS_DOOR")]
Reden = Annotated[
    str, typer.Option("--reden", help="why; no personal data: it is kept, and of retour the sender sees it")
]
Wacht = Annotated[float, typer.Option("--wacht", min=0, help="seconds to wait for the outcome")]
Json = Annotated[bool, typer.Option("--json", help="one JSON object instead of text")]
Oorzaak = Annotated[
    str, typer.Option("--oorzaak", help="instead of BRIEF: every open letter with this cause, a canary first")
]
Partner = Annotated[str, typer.Option("--partner", help="with --oorzaak: only letters of this partner")]
Reeks = Annotated[str, typer.Option("--reeks", help="instead of BRIEF: what waits of this set of decisions")]
EenBrief = Annotated[str, typer.Argument(metavar="[BRIEF]", help="the letter's id, or enough of its beginning")]


@app.command()
def lijst(
    reden: Annotated[str | None, typer.Option(help="only this cause")] = None,
    partner: Annotated[str | None, typer.Option(help="only this partner's")] = None,
    alles: Annotated[bool, typer.Option("--alles", help="also those that are settled; lists every letter")] = False,
    json: Json = False,
) -> None:
    """Dead letters grouped by cause and partner, the oldest of them one by one, and what waits for a second person."""
    found = settings()
    now = time_source(found.data).now()

    async def listed(at: Desk) -> list[Letter]:
        return desk.letters(at, open_only=not alles, reden=reden, partner=partner)

    letters = _with_desk(listed)
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
def toon(brief: Brief, json: Json = False) -> None:
    """One dead letter: cause, findings, what was decided, what it may be about, and the original byte for byte."""
    found = settings()
    now = time_source(found.data).now()
    shown = _with_desk(lambda at: desk.show(at, brief))
    if json:
        typer.echo(msgspec.json.encode(_as_json(shown)).decode())
    else:
        console.print(letter_page(shown, names(found.profiles, now.date())))


@app.command()
def koppel(
    brief: Brief,
    reden: Reden,
    door: Door = "",
    opdracht: Annotated[str, typer.Option("--opdracht", help="order number that the message is about")] = "",
    regel: Annotated[
        list[str] | None,
        typer.Option("--regel", metavar="REGEL=OPDRACHT", help="order number of one line of an invoice"),
    ] = None,
    contract: Annotated[str, typer.Option("--contract", help="contract of a periodic invoice")] = "",
    wacht: Wacht = 0,
    json: Json = False,
) -> None:
    """Say which order (or contract) a message is about, and send it again. References only: nothing else changes.

    Example: ketenbus uitval koppel 3f2a --opdracht OH-2026-00417 --door "J. de Vries" --reden "gebeld met de aannemer"
    """
    lines = dict(_line(one) for one in regel or ())
    koppeling = Koppeling(opdrachtnummer=opdracht.strip() or None, regels=lines, contract=contract.strip() or None)
    _decide(brief, Besluitsoort.KOPPEL, door, reden, wacht, json=json, koppeling=koppeling)


@app.command()
def vervang(
    brief: Brief,
    bestand: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="the corrected message of the same sender")
    ],
    reden: Reden,
    door: Door = "",
    inhoudstype: Annotated[
        str, typer.Option("--inhoudstype", help="media type, when the file's name does not tell")
    ] = "",
    wacht: Wacht = 0,
    json: Json = False,
) -> None:
    """Let the partner's corrected message take the place of a letter. It is checked first, as `ketenbus check` does."""
    media = inhoudstype or _TYPES.get(bestand.suffix.lower(), "")
    if not media:
        raise Refused(f"{bestand.name}: verwacht .xml, .json of .txt, of anders --inhoudstype")
    _decide(brief, Besluitsoort.VERVANG, door, reden, wacht, json=json, bericht=bestand.read_bytes(), inhoudstype=media)


def _one_letter_or_a_cause(soort: Besluitsoort, help_: str) -> None:
    def decided(
        reden: Reden,
        door: Door = "",
        brief: EenBrief = "",
        oorzaak: Oorzaak = "",
        partner: Partner = "",
        wacht: Wacht = 0,
        json: Json = False,
    ) -> None:
        _one_or_all(brief, oorzaak, partner, soort, door, reden, wacht, json=json)

    app.command(soort.value, help=help_)(decided)


for _soort, _help in (
    (
        Besluitsoort.HERMAP,
        "Send again what had no translation, now that the profile's next version has one. No code is changed by hand.",
    ),
    (Besluitsoort.STUUR, "Send again as it is: after a repair, or because it is no double after all."),
    (Besluitsoort.RETOUR, "Back to the sender, who sees it in the status of its message, with the reason."),
    (Besluitsoort.AFVOER, "Settled without effect, such as a message that its sender has sent again since."),
):
    _one_letter_or_a_cause(_soort, _help)


@app.command()
def keur(brief: EenBrief = "", door: Door = "", reeks: Reeks = "", wacht: Wacht = 0, json: Json = False) -> None:
    """Confirm, as another person, what waits for that; of a set the rest, once its canary came out well."""
    if bool(brief) == bool(reeks):
        raise Refused("verwacht een BRIEF of --reeks, en niet allebei")

    async def confirmed(at: Desk) -> None:
        if reeks:
            _many(await desk.go_on(at, reeks, door=_who(door)), "gekeurd", json=json)
        else:
            await _tell(at, await desk.confirm(at, brief, door=_who(door)), wacht, json=json)

    _with_desk(confirmed)


@app.command()
def intrek(
    reden: Reden, brief: EenBrief = "", door: Door = "", reeks: Reeks = "", wacht: Wacht = 0, json: Json = False
) -> None:
    """Take back a decision that still waits for a second person, or what still waits of a set."""
    if bool(brief) == bool(reeks):
        raise Refused("verwacht een BRIEF of --reeks, en niet allebei")

    async def withdrawn(at: Desk) -> None:
        if reeks:
            _many(await desk.withdraw_set(at, reeks, door=_who(door), reden=reden), "ingetrokken", json=json)
        else:
            await _tell(at, await desk.withdraw(at, brief, door=_who(door), reden=reden), wacht, json=json)

    _with_desk(withdrawn)


def _one_or_all(
    brief: str, oorzaak: str, partner: str, soort: Besluitsoort, door: str, reden: str, wacht: float, *, json: bool
) -> None:
    if bool(brief) == bool(oorzaak) or (partner and not oorzaak):
        raise Refused("verwacht een BRIEF, of --oorzaak (met --partner als het om één partner gaat)")
    if brief:
        _decide(brief, soort, door, reden, wacht, json=json)
        return

    async def decided(at: Desk) -> None:
        found = await desk.bulk(at, soort, reden=oorzaak, partner=partner or None, door=_who(door), toelichting=reden)
        if not json:
            console.print(
                f"reeks {found.id}: {found.aantal} brieven, kanarie {found.kanarie.brief[:SHORT]}", highlight=False
            )
            console.print(
                f"De rest volgt na: ketenbus uitval keur --reeks {found.id} (door een ander)", highlight=False
            )
            await _tell(at, found.kanarie, wacht, json=False)
        else:
            typer.echo(msgspec.json.encode(found).decode())

    _with_desk(decided)


def _decide(
    brief: str,
    soort: Besluitsoort,
    door: str,
    reden: str,
    wacht: float,
    *,
    json: bool,
    koppeling: Koppeling | None = None,
    bericht: bytes | None = None,
    inhoudstype: str = "",
) -> None:
    async def decided(at: Desk) -> None:
        sent = await desk.decide(
            at,
            brief,
            soort,
            door=_who(door),
            reden=reden,
            koppeling=koppeling,
            bericht=bericht,
            inhoudstype=inhoudstype,
        )
        await _tell(at, sent, wacht, json=json)

    _with_desk(decided, checks=bericht is not None)


async def _tell(at: Desk, sent: Sent, wacht: float, *, json: bool) -> None:
    """What was written, and with --wacht what became of it; exit status 1 when it was refused or failed again."""
    outcome = await desk.awaited(at, sent, wacht) if wacht else None
    if json:
        typer.echo(msgspec.json.encode({"besluit": sent, "uitkomst": outcome}).decode())
    elif outcome is None:
        console.print(f"besluit {sent.id[:SHORT]} op brief {sent.brief[:SHORT]} is genomen", highlight=False)
    else:
        console.print(outcome_text(outcome), highlight=False)
    if outcome is not None and outcome.failed:
        raise typer.Exit(1)


def _who(door: str) -> str:
    found = door.strip() or settings().door.strip()
    if not found:
        raise Refused("--door (of KETENBUS_DOOR): niets gevonden, verwacht wie dit besluit")
    return found


def _many(sent: Sequence[Sent], what: str, *, json: bool) -> None:
    if json:
        typer.echo(msgspec.json.encode({"besluiten": sent}).decode())
    else:
        console.print(f"{len(sent)} brieven {what}", highlight=False)


def _with_desk(work: Callable[[Desk], Awaitable[T]], *, checks: bool = False) -> T:
    async def run() -> T:
        async with open_desk(settings(), checks=checks) as at:
            return await work(at)

    return asyncio.run(run())


def _line(text: str) -> tuple[str, str]:
    line, equals, number = text.partition("=")
    if not (line.strip() and equals and number.strip()):
        raise Refused(f"--regel: gevonden {text!r}, verwacht REGEL=OPDRACHT")
    return line.strip(), number.strip()


def _as_json(shown: desk.Shown) -> dict[str, object]:
    """The letter; `origineel` None when its record is past its retention."""
    found: dict[str, object] = {
        "brief": shown.letter,
        "account": shown.account,
        "besluiten": shown.besluiten,
        "kandidaten": shown.kandidaten,
        "achterhaald": shown.achterhaald,
        "origineel": None,
    }
    original = shown.original
    if original is not None:
        headers = [
            (name, value.decode("utf-8", "replace")) for name, value in original_headers(original.record.headers)
        ]
        found["origineel"] = {
            "sleutel": original.record.key.decode("utf-8", "replace"),
            "headers": headers,
            "sha256": original.sha256,
            "tekst": as_text(original.body),
            "base64": original.body,
        }
    return found
