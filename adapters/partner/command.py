"""`ketenbus partner`: profiles and keys of partners, and the lifting of a suspension."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

import typer

from adapters.kinds import KINDS
from adapters.partner import scaffold
from adapters.partner.inspection import inspect
from adapters.partner.lifting import lift
from topics.accounts import day_of
from topics.cli import Settings, errors, settings
from topics.clock.source import time_source
from topics.errors import Refused
from topics.kafka import open_sender
from topics.profile.credentials import Credentials, write_private
from topics.profile.profile import Profiel
from topics.profile.registry import Registry, misstanden, publish
from topics.profile.terms import Misstand

app = typer.Typer(
    help="Partners: their profiles, their keys, and the lifting of a suspension.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="id of the partner, such as zilverlinde")]


@app.command()
def nieuw(
    partner: Partner,
    soort: Annotated[str, typer.Option(help=f"kind of partner: {', '.join(KINDS)}")] = "",
    gln: Annotated[str, typer.Option(help="its GLN, 13 digits")] = "",
    naam: Annotated[str, typer.Option(help="its name for people")] = "",
    volgende: Annotated[
        bool, typer.Option("--volgende", help="copy its last version to a next one, from today")
    ] = False,
) -> None:
    """Write a concept profile for a new partner, or of the next version of one: fill it in, then publish it.

    Example: ketenbus partner nieuw dakmeester --soort aannemer --gln 8799999000314 --naam "Dakmeester BV"
    """
    given, now = _here()
    if volgende:
        path = scaffold.next_version(given.profiles, partner, day_of(now))
    else:
        kind = KINDS.get(soort)
        if kind is None:
            raise Refused(f"--soort: found {soort!r}, expected one of {', '.join(KINDS)}")
        fields: dict[str, object] = {
            "partner": partner,
            "kind": soort,
            "gln": gln,
            "naam": naam or partner,
            "versie": 1,
        }
        fields |= {"geldig_vanaf": day_of(now), "formaten": kind.formaten, "mag_sturen": kind.documenten}
        wrong = misstanden(f"{partner}/1.toml", fields)
        if wrong:
            raise Refused("; ".join(map(str, wrong)))
        path = scaffold.new_profile(
            given.profiles, kind, partner=partner, naam=naam or partner, gln=gln, day=day_of(now)
        )
    typer.echo(path)


@app.command()
def publiceer(partner: Partner) -> None:
    """Turn the concepts of a partner into versions, which from then on cannot be changed.

    Exit status: 0 published, 1 mistakes were found and nothing was published, 2 there is no concept.
    """
    given, _ = _here()
    found = scaffold.concepts(given.profiles, partner)
    if not found:
        raise Refused(
            f"partner {partner}: found no concept in {given.profiles}, expected one (`ketenbus partner nieuw`)"
        )
    _report(inspect(given.profiles, partner)[1])
    for path in found:
        typer.echo(scaffold.release(path))
    publish(given.profiles)


@app.command()
def terug(
    partner: Partner,
    naar: Annotated[int, typer.Option(min=1, help="the version whose content is wanted again")],
) -> None:
    """Publish the content of an earlier version once more, as the next version: what was used once is never changed.

    Exit status as of `publiceer`.
    """
    given, now = _here()
    last = Registry.load(given.profiles).versions(partner)
    day = max([day_of(now), *(profile.geldig_vanaf for profile in last)])
    scaffold.next_version(given.profiles, partner, day, of=naar)
    publiceer(partner)


@app.command()
def sleutel(
    partner: Partner,
    overlap_dagen: Annotated[int, typer.Option(min=0, max=365, help="days that its old keys stay valid")] = 14,
    intrekken: Annotated[bool, typer.Option("--intrekken", help="end all its keys now, and make none")] = False,
    bewaar: Annotated[bool, typer.Option("--bewaar", help="also keep the key here, for `ketenbus stuur`")] = False,
) -> None:
    """Make a bearer key for a partner and show it once; only its SHA-256 is kept.

    The key alone goes to standard output. Older keys stay valid for --overlap-dagen, so that the partner can change
    over; 0 ends them at once.

    Example: ketenbus partner sleutel tegendraad --overlap-dagen 7
    """
    given, now = _here()
    _known(given, partner)
    path = given.data / "sleutels.json"
    credentials = Credentials.load(path)
    kept = given.data / "partner-sleutels" / partner
    if intrekken:
        ended = sum(key.valid(now) for key in credentials.keys(partner))
        credentials.revoke(partner, now).save(path)
        kept.unlink(missing_ok=True)
        _say(f"{partner}: {ended} keys ended; nothing can be sent with them any more")
        return
    until = now + timedelta(days=overlap_dagen)
    older = sum(key.valid(now) for key in credentials.keys(partner))
    credentials, bearer = credentials.issue(partner, now, until)
    credentials.save(path)
    if bewaar:
        write_private(kept, bearer.encode() + b"\n")
        _say(f"kept for `ketenbus stuur` in {kept}")
    if older:
        _say(f"{partner}: its {older} older keys are valid until {until:%Y-%m-%d %H:%M} UTC")
    _say("this key is shown once:")
    typer.echo(bearer)


@app.command()
def controle(
    partner: Annotated[str | None, typer.Argument(metavar="[PARTNER]", help="only this one; else all")] = None,
) -> None:
    """Check profiles: every mistake with its file, field, what was found and what was expected.

    Exit status: 0 all right, 1 mistakes were found, 2 there are no profiles to check.
    """
    given, _ = _here()
    profiles, wrong = inspect(given.profiles, partner)
    if not profiles and not wrong:
        raise Refused(f"{given.profiles}: found no profile{f' of {partner}' if partner else ''}, expected at least one")
    _report(wrong)
    typer.echo(f"{len(profiles)} profiles: no mistakes")


@app.command()
def hervat(
    partner: Partner,
    door: Annotated[str, typer.Option(help="who decides this")],
    reden: Annotated[str, typer.Option(help="why: what was mended")],
) -> None:
    """Let a suspended partner send again; it takes effect when its adapter comes to it.

    Example: ketenbus partner hervat tegendraad --door "J. de Vries" --reden "ERP hersteld"
    """
    given, now = _here()
    if not (door.strip() and reden.strip()):
        raise Refused("--door and --reden: found an empty text, expected who decides and why")
    profile = _known(given, partner)

    async def send() -> str:
        async with open_sender(given.bootstrap) as sender:
            at = await lift(sender, profile, door=door.strip(), reden=reden.strip(), now=now)
            return f"{at.topic}/{at.partition}/{at.offset}"

    typer.echo(f"{partner}: lifting asked for at {asyncio.run(send())}")


@app.command()
def lijst() -> None:
    """List the partners as they are in force today, with their number of valid keys."""
    given, now = _here()
    registry, credentials = Registry.load(given.profiles), Credentials.load(given.data / "sleutels.json")
    rows = [("partner", "naam", "soort", "GLN", "versie", "vanaf", "formaten", "keten", "sleutels")]
    for partner in registry.partners():
        profile = registry.partner(partner, day_of(now)) or registry.versions(partner)[0]
        rows.append(
            (
                partner,
                profile.naam,
                profile.kind,
                profile.gln,
                str(profile.versie),
                str(profile.geldig_vanaf),
                ", ".join(profile.formaten),
                "proef" if profile.proef else ", ".join(profile.ketens),
                str(sum(key.valid(now) for key in credentials.keys(partner))),
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(map(str.ljust, row, widths)).rstrip())


def _here() -> tuple[Settings, datetime]:
    given = settings()
    return given, time_source(given.data).now()


def _report(wrong: Sequence[Misstand]) -> None:
    """Show what is wrong; exit 1 when anything is."""
    for misstand in wrong:
        typer.echo(misstand)
    if wrong:
        raise typer.Exit(1)


def _known(given: Settings, partner: str) -> Profiel:
    """The last version of `partner`. Raises Refused for a stranger."""
    registry = Registry.load(given.profiles)
    versions = registry.versions(partner)
    if not versions:
        raise Refused(f"partner: found {partner!r}, expected one of {', '.join(registry.partners()) or 'none yet'}")
    return versions[-1]


def _say(text: str) -> None:
    errors.print(text, markup=False, highlight=False, soft_wrap=True)
