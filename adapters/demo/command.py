"""`ketenbus run` and `ketenbus demo`."""

import asyncio
import shlex
import signal
import sys
import tempfile
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer
from rich.live import Live

from adapters.demo import agreement, morning, week
from adapters.demo.bus import Bus, running
from adapters.demo.delivery import Delivered, deliver, wind_back
from adapters.demo.inbox import Einde, Sample, load
from adapters.demo.progress import open_progress
from adapters.demo.screen import board, guide, tables
from adapters.demo.verdict import deviations, of_account
from adapters.generator.week import Week, maak
from topics.accounts import AMSTERDAM
from topics.cli import console, environment, errors, settings
from topics.clock.source import FILE, set_time
from topics.errors import KetenbusError
from topics.view import database, figures, search

EXAMPLE: Final = "voorbeeld.json"
PARTNER: Final = "zilverlinde"
EVERY: Final = 2.0

ORDERS: Final = 500
SEED: Final = 1

Orders = Annotated[
    int, typer.Option(min=0, help="orders of the generated week that is played after the samples; 0: none")
]
Port = Annotated[int, typer.Option(help="port of the intake; health and metrics of the processes follow it")]


def run(
    port: Port = 18080,
    leeg: Annotated[bool, typer.Option("--leeg", help="without the inbox of samples and the generated week")] = False,
    opdrachten: Orders = ORDERS,
) -> None:
    """Run the whole bus on this machine: broker, every process, an inbox of samples and a generated week; Ctrl-C stops it.

    Everything is kept in the data folder (.ketenbus, or KETENBUS_DATA): starting again goes on.
    """
    data = settings().data
    _interruptible()
    samples = () if leeg else load()[0]
    if samples:
        wind_back(data, samples)
    with suppress(KeyboardInterrupt), running(data, environment(), _tell, port) as bus:
        _example(bus)
        if samples:
            asyncio.run(_play(bus, samples, None))
            if opdrachten:
                asyncio.run(_play_week(bus, maak(opdrachten, SEED)))
        (data / FILE).unlink(missing_ok=True)
        console.print(guide(bus, PARTNER), markup=False, highlight=False, soft_wrap=True)
        _watch(bus)
    console.print("stopped; `ketenbus run` goes on where it was", markup=False)


def demo(
    data: Annotated[Path | None, typer.Option(help="data folder to keep (default: one that is thrown away)")] = None,
    port: Port = 18180,
    opdrachten: Orders = ORDERS,
) -> None:
    """Play the inbox of samples, a morning of decisions and a generated week, hold everything against companion files and
    ledger, and end.

    Exit status 0 only when every message, dossier, measure and signal came out as expected and the account balances.
    """
    _interruptible()
    with tempfile.TemporaryDirectory(prefix="ketenbus-") as temporary:
        folder = data or Path(temporary)
        started = time.monotonic()
        samples, einde = load()
        wind_back(folder, samples)
        with running(folder, environment(), _tell, port) as bus:
            delivered = asyncio.run(_play(bus, samples, einde))
            engine = database.open_reader(_view(bus))
            try:
                console.print(tables(figures.overview(engine)))
                found = deviations(bus, engine, samples, einde, delivered)
                script = morning.load()
                asyncio.run(_play_morning(bus, engine, script, delivered))
                told = deviations(bus, engine, *morning.after(script, samples, einde), delivered)
                found += [f"after the morning: {line}" for line in told]
            finally:
                engine.dispose()
            if opdrachten:
                found += asyncio.run(_hold(bus, maak(opdrachten, SEED)))
    for line in agreement.shown(found):
        errors.print(line, markup=False, highlight=False, soft_wrap=True)
    seconds = time.monotonic() - started
    right = (
        f"{len(samples)} messages and {len(einde.dossiers)} dossiers, a morning of {len(script.besluiten)} decisions, then a week of "
        f"{opdrachten} orders"
    )
    if found:
        errors.print(
            f"demo: {len(found)} deviations in {right}, {seconds:.0f} s", markup=False, highlight=False, soft_wrap=True
        )
        raise typer.Exit(1)
    console.print(
        f"demo: {right} as expected, the account balances, {seconds:.0f} s",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


async def _play(bus: Bus, samples: tuple[Sample, ...], einde: Einde | None) -> dict[str, Delivered]:
    async with open_progress(bus.bootstrap, _view(bus)) as progress:
        delivered = await deliver(bus, samples, progress, _told)
        if einde is not None:
            set_time(bus.data, einde.einde)
            await progress.ticked(einde.einde)
        await progress.handled()
    return delivered


async def _play_morning(
    bus: Bus, engine: database.Engine, script: morning.Ochtend, delivered: dict[str, Delivered]
) -> None:
    async with open_progress(bus.bootstrap, _view(bus)) as progress:
        await morning.play(bus, engine, script, delivered, _tell)
        await progress.handled()


async def _play_week(bus: Bus, made: Week) -> dict[str, week.Verzonden]:
    async with open_progress(bus.bootstrap, _view(bus)) as progress:
        return await week.play(bus, made, progress, _at_moment)


async def _hold(bus: Bus, made: Week) -> list[str]:
    """Plays the week and gives every difference from its ledger."""
    engine = database.open_reader(_view(bus))
    try:
        others = {dossier.sleutel for dossier in search.all_dossiers(engine)}
        sent = await _play_week(bus, made)
        found = [*week.wrong_answers(made, sent)]
        found += agreement.of_messages(made.grootboek.berichten, await week.stands(bus, made, sent))
        found += agreement.of_dossiers(engine, made.grootboek.dossiers, others)
        console.print(tables(figures.overview(engine)))
        return found + of_account(engine)
    finally:
        engine.dispose()


def _watch(bus: Bus) -> None:
    """Keeps the tables up to date, and the processes alive, until Ctrl-C."""
    engine = database.open_reader(_view(bus))
    try:
        with Live(console=console, auto_refresh=False, transient=False) as live:
            while True:
                with suppress(KetenbusError):
                    live.update(board(bus, figures.overview(engine), time.strftime("%H:%M:%S")), refresh=True)
                for name in bus.processes.keep():
                    _tell(f"{name} had ended and was started again; see {bus.data}/logs/{name}.log")
                time.sleep(EVERY)
    finally:
        engine.dispose()


def _example(bus: Bus) -> None:
    example = Path(__file__).resolve().parent / EXAMPLE
    (bus.data / EXAMPLE).write_bytes(example.read_bytes())
    lines = {
        "KEY": bus.keys[PARTNER],
        "URL": bus.url,
        "KETENBUS_DATA": str(bus.data.absolute()),
        "KETENBUS_BOOTSTRAP": bus.bootstrap,
        "KETENBUS_INTAKE": bus.url,
    }
    path = bus.data / "voorbeeld.env"
    path.touch(mode=0o600)
    exports = [f"export {name}={shlex.quote(value)}" for name, value in lines.items()]
    # the command as this installation has it, before any other
    exports.append(f"export PATH={shlex.quote(str(Path(sys.prefix) / 'bin'))}:$PATH")
    path.write_text("".join(f"{line}\n" for line in exports))


def _view(bus: Bus) -> str:
    return f"sqlite:///{bus.data.absolute() / 'view.db'}"


def _tell(text: str) -> None:
    console.print(f"· {text}", markup=False, highlight=False, soft_wrap=True)


def _told(sample: Sample, answer: Delivered) -> None:
    again = ", the receipt of an earlier one" if answer.herhaling else ""
    when = sample.verwacht.op.strftime("%a %d %b %H:%M")
    _tell(f"{when}  {sample.verwacht.partner:13} {sample.naam}: {answer.antwoord}{again}")


def _at_moment(at: datetime, sent: int, total: int) -> None:
    _tell(f"{at.astimezone(AMSTERDAM).strftime('%a %d %b %H:%M')}  generated week: {sent} of {total} messages sent")


def _interruptible() -> None:
    """SIGTERM ends the command as Ctrl-C does: in order."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
