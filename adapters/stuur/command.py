"""`ketenbus stuur`: files to the intake, as a partner sends them."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from adapters import bundle
from adapters.stuur.client import Intake, IntakeRefused, Ontvangst, Stand
from topics.cli import console, settings
from topics.errors import Refused, Unavailable

ONDERWEG: Final = "onderweg"
WENT_WRONG: Final = frozenset({"uitval", "teruggestuurd", "afgevoerd"})
EVERY: Final = 0.5


class Exit:
    """Exit statuses; the worst of all files holds."""

    WELL = 0
    REFUSED = 1
    UNKNOWN = 3


def stuur(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="messages, one per file")],
    partner: Annotated[str, typer.Option(help="as whom to send")],
    sleutel: Annotated[
        Path | None, typer.Option(help="file with its bearer key, - for standard input; default: what --bewaar kept")
    ] = None,
    wacht: Annotated[bool, typer.Option("--wacht", help="wait until every message is handled, and show how")] = False,
    seconden: Annotated[float, typer.Option(min=0, help="how long --wacht waits for each message")] = 60.0,
) -> None:
    """Send messages to the intake and show their receipts; with --wacht also what became of them. Attachments in the folder
    FILE.bijlagen go along with FILE.

    The key is that of `ketenbus partner sleutel PARTNER --bewaar`, or of --sleutel. A message counts as handled when no
    part of it is onderweg any more; uitval then waits for a person, wachtend for its opdracht.

    Exit status: 0 all well; 1 the intake refused a message, or a part is uitval, teruggestuurd or afgevoerd; 2 the
    question itself is wrong; 3 the intake cannot be reached, or --wacht ended while a message was onderweg.

    Example: ketenbus stuur opdracht.xml --partner zilverlinde --wacht
    """
    given = settings()
    bearer = _bearer(sleutel or given.data / "partner-sleutels" / partner, partner)
    contents = [(path, _content(path)) for path in files]
    with Intake(given.intake, bearer) as intake:
        worst = deliver(intake, contents, wait=seconden if wacht else None)
    if worst:
        raise typer.Exit(worst)


def deliver(
    intake: Intake,
    contents: list[tuple[Path, bytes]],
    *,
    wait: float | None,
    say: Callable[[str], None] | None = None,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Send all, then (unless `wait` is None) follow each for at most `wait` seconds. Returns the exit status."""
    say = say or _say
    worst = Exit.WELL
    receipts: list[tuple[Path, Ontvangst]] = []
    for path, content in contents:
        try:
            receipt = intake.send(content)
        except (IntakeRefused, Unavailable) as error:
            say(f"{path}: not accepted: {error}")
            worst = max(worst, _severity(error))
            continue
        receipts.append((path, receipt))
        say(_receipt(path, receipt))
    for path, receipt in receipts if wait is not None else ():
        try:
            stand = _settled(intake, receipt, clock() + (wait or 0.0), pause, clock)
        except (IntakeRefused, Unavailable) as error:
            say(f"{path}: its status is unknown: {error}")
            worst = max(worst, Exit.UNKNOWN)
            continue
        for line in _lines(path, stand):
            say(line)
        worst = max(worst, _verdict(stand))
    return worst


def _severity(error: IntakeRefused | Unavailable) -> int:
    away = isinstance(error, Unavailable) or error.status >= 500
    return Exit.UNKNOWN if away else Exit.REFUSED


def _settled(
    intake: Intake, receipt: Ontvangst, until: float, pause: Callable[[float], None], clock: Callable[[], float]
) -> Stand:
    """The status once no part is onderweg, or the last one before `until`."""
    while True:
        stand = intake.status(receipt.id)
        if stand.status != ONDERWEG or clock() >= until:
            return stand
        pause(EVERY)


def _verdict(stand: Stand) -> int:
    if stand.status == ONDERWEG:
        return Exit.UNKNOWN
    return Exit.REFUSED if any(part.status in WENT_WRONG for part in stand.delen) else Exit.WELL


def _receipt(path: Path, receipt: Ontvangst) -> str:
    place = receipt.plaats
    where = f"  {place.topic}/{place.partitie}/{place.offset}" if place else ""
    again = "  (received before)" if receipt.herhaling else ""
    return f"{path}: ontvangst {receipt.id}  {receipt.ontvangen or ''}{where}{again}"


def _lines(path: Path, stand: Stand) -> list[str]:
    final = "" if stand.definitief else ", not final"
    lines = [f"{path}: {stand.status}{final}"]
    for part in stand.delen:
        reason = f" ({part.reden})" if part.reden else ""
        if len(stand.delen) > 1 or reason or part.dossier:
            lines.append(f"  deel {part.deel}: {part.status}{reason}  {part.dossier or ''}".rstrip())
        lines += [f"    {one.ernst} {one.pad}: {one.tekst} [{one.code}]" for one in part.bevindingen]
    return lines


def _why(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _bearer(path: Path, partner: str) -> str:
    try:
        bearer = (sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            f"key of {partner}: {path}: {_why(error)}; make one with `ketenbus partner sleutel {partner} --bewaar`"
        ) from error
    if not bearer or not bearer.isascii() or not bearer.isprintable():
        raise Refused(f"key of {partner}: {path}: found no key, expected one line")
    return bearer


def _content(path: Path) -> bytes:
    try:
        return bundle.on_disk(path)
    except OSError as error:
        raise Refused(
            f"{path}: {error.strerror}; expected a file with one message of at most {bundle.LARGEST} bytes"
        ) from error


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
