"""`ketenbus check`: what would become of these files, before anything is sent."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from adapters import bundle
from adapters.check.report import Factuurrapport, Oordeel, Rapport, check_form, encoded
from adapters.check.report import check as check_message
from adapters.kinds import KINDS
from topics.accounts import day_of
from topics.cli import console, errors, settings
from topics.clock.source import time_source
from topics.errors import Refused
from topics.profile.registry import Registry
from topics.profile.samples import FOLDER as SAMPLES


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="messages as a partner sends them")],
    partner: Annotated[
        str | None, typer.Option(help="check as this partner: also its words, parties and terms")
    ] = None,
    soort: Annotated[str | None, typer.Option(help="check as any partner of this kind: form and document only")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object per file, one per line")] = False,
) -> None:
    """Check messages by the code that handles them, without sending anything.

    With --partner all that the adapter does is done: format, rights, status words, order number, terms of the pair. With
    --soort only what needs no profile: the format, and whether that kind of partner may send it. Without either: the
    format. Attachments in the folder FILE.bijlagen go along. Personal values are never shown.

    Exit status: 0 every file is geldig, 1 any is afgekeurd, 2 the question itself is wrong.

    Example: ketenbus check opdracht.xml status.json --partner zilverlinde
    """
    if partner is not None and soort is not None:
        raise Refused("--partner and --soort: found both, expected one of them")
    ask = _as_partner(partner) if partner is not None else _as_kind(soort)
    refused = False
    for path in files:
        report = ask(_content(path), str(path))
        refused = refused or report.uitkomst is Oordeel.AFGEKEURD
        if as_json:
            typer.echo(encoded(report))
        else:
            _show(report)
    if refused:
        raise typer.Exit(1)


def profiles_at_hand(folder: Path) -> Registry:
    """The installation's profiles, or the sample partners where there is no installation yet (said on stderr)."""
    if folder.is_dir():
        return Registry.load(folder)
    errors.print(
        f"no profiles in {folder}: the sample partners are used", markup=False, highlight=False, soft_wrap=True
    )
    return Registry.load(SAMPLES)


Ask = Callable[[bytes, str], Rapport]


def _as_partner(partner: str) -> Ask:
    given = settings()
    received = time_source(given.data).now()
    registry = profiles_at_hand(given.profiles)
    profile = registry.partner(partner, day_of(received))
    if profile is None:
        known = ", ".join(registry.partners()) or "none yet"
        raise Refused(f"--partner: found {partner!r}, expected one with a profile in force: {known}")
    return lambda raw, name: check_message(raw, profile, registry, received, name=name)


def _as_kind(soort: str | None) -> Ask:
    if soort is not None and soort not in KINDS:
        raise Refused(f"--soort: found {soort!r}, expected one of {', '.join(KINDS)}")
    kind = KINDS[soort] if soort is not None else None
    return lambda raw, name: check_form(raw, kind, name=name)


def _content(path: Path) -> bytes:
    try:
        return bundle.on_disk(path)
    except OSError as error:
        raise Refused(
            f"{path}: {error.strerror}; expected a file with one message of at most {bundle.LARGEST} bytes"
        ) from error


def _show(report: Rapport) -> None:
    what = " ".join(word for word in (report.formaat, report.versie, report.document) if word)
    reason = f" ({report.reden.value})" if report.reden else ""
    _say(f"{report.bestand}: {report.uitkomst.value}{reason}  {what}", bold=True)
    for part in report.delen:
        if len(report.delen) > 1:
            _say(f"  deel {part.deel}: {part.uitkomst.value}{f' ({part.reden.value})' if part.reden else ''}")
        if part.dossier is not None:
            _say(f"  dossier {part.dossier}")
        if part.factuur is not None:
            _show_invoice(part.factuur)
        for finding in part.bevindingen:
            _say(f"  {finding.ernst.value:<12} {finding.pad}: {finding.tekst} [{finding.code}; {finding.bron}]")


def _show_invoice(found: Factuurrapport) -> None:
    about = ", ".join(found.opdrachten) or f"contract {found.contract}"
    known = "bekend" if found.iban_bekend else "onbekend: wordt nooit vrijgegeven"
    _say(
        f"  factuur {found.factuurnummer} van {found.leverancier}: {found.te_betalen} euro, voor {about}; rekening {known}"
    )
    if found.zonder_prijs:
        _say(f"  geen afgesproken prijs voor de code van regel {', '.join(found.zonder_prijs)}")


def _say(text: str, *, bold: bool = False) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True, style="bold" if bold else None)
