"""A scripted morning: people decide on dead letters of the inbox, from the command line as they do it.

    ochtend/besluiten.toml     what they decide, in order, and how messages and dossiers must stand afterwards
    ochtend/*.json             messages that take the place of a letter

What the script does not name must stand as `inbox/dossiers.toml` says, before and after. Decisions are `ketenbus uitval`
in a process of its own: this package does not know the rules behind it. What was decided is kept in
`<data>/besluiten.jsonl`, so that playing goes on behind it.
"""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
from pydantic import Field

from adapters.demo.bus import Bus
from adapters.demo.delivery import Delivered
from adapters.demo.inbox import DossierEinde, Einde, Sample, Strict, written
from adapters.demo.journal import keep, kept
from topics.cli import environment
from topics.documents import Account, Reden
from topics.errors import Unavailable
from topics.view import search
from topics.view.database import Engine

FOLDER: Final = Path(__file__).resolve().parent / "ochtend"
SCRIPT: Final = "besluiten.toml"
JOURNAL: Final = "besluiten.jsonl"
PATIENCE: Final = "120"
"""Seconds to wait for what becomes of a decision."""
_SET: Final = re.compile(r"reeks (\S+):")


class Besluit(Strict):
    """One decision. `brief`: the sample whose letter it is about; or `oorzaak`: all open letters of a cause, of which one
    goes first. `met`: further words of the command, files of this folder among them. `gekeurd_door`: who confirms, or
    lets the rest of a set follow."""

    doe: str
    waarom: str
    door: str
    brief: str | None = None
    oorzaak: Reden | None = None
    met: tuple[str, ...] = ()
    gekeurd_door: str | None = None


class Ochtend(Strict):
    """`berichten`: the status of the parts of samples after the morning; `dossiers`: those that it changed."""

    besluiten: Annotated[tuple[Besluit, ...], Field(min_length=1)]
    berichten: dict[str, tuple[Account, ...]]
    dossiers: dict[str, DossierEinde]


class Genomen(msgspec.Struct, frozen=True):
    """A decision that was taken, by its place in the script."""

    naam: str


def load(folder: Path = FOLDER) -> Ochtend:
    """Raises ConfigurationError, naming file and field."""
    return written(folder / SCRIPT, Ochtend)


def after(script: Ochtend, samples: Sequence[Sample], einde: Einde) -> tuple[tuple[Sample, ...], Einde]:
    """What must stand after the morning, as companions say it."""
    found = tuple(_decided(sample, script.berichten.get(sample.naam)) for sample in samples)
    return found, einde.model_copy(update={"dossiers": {**einde.dossiers, **script.dossiers}})


def _decided(sample: Sample, status: tuple[Account, ...] | None) -> Sample:
    if status is None:
        return sample
    reden = None if set(status) == {Account.TOEGEPAST} else sample.verwacht.reden
    new = sample.verwacht.model_copy(update={"status": status, "reden": reden, "bevindingen": ()})
    return sample.model_copy(update={"verwacht": new})


async def play(
    bus: Bus, engine: Engine, script: Ochtend, delivered: Mapping[str, Delivered], tell: Callable[[str], None]
) -> None:
    """Take the decisions that were not taken yet, in order. Raises Unavailable when one cannot be taken."""
    done = kept(bus.data / JOURNAL, Genomen)
    for number, besluit in enumerate(script.besluiten, 1):
        if str(number) in done:
            continue
        tell(f"{besluit.door}: {besluit.doe} {besluit.brief or besluit.oorzaak}: {besluit.waarom}")
        await _decide(bus, engine, besluit, delivered)
        keep(bus.data / JOURNAL, [Genomen(str(number))])


async def _decide(bus: Bus, engine: Engine, besluit: Besluit, delivered: Mapping[str, Delivered]) -> None:
    files = [str(FOLDER / one) if (FOLDER / one).is_file() else one for one in besluit.met]
    who = ("--door", besluit.door, "--reden", besluit.waarom)
    wait = ("--wacht", PATIENCE)
    if besluit.oorzaak is not None:
        said = await _command(bus, besluit.doe, "--oorzaak", besluit.oorzaak.value, *files, *who, *wait)
        found = _SET.search(said)
        if found is None:
            raise Unavailable(f"uitval {besluit.doe}: found no set in {said!r}")
        await _command(bus, "keur", "--reeks", found[1], "--door", besluit.gekeurd_door or "")
        return
    letter = _letter(engine, delivered[besluit.brief or ""])
    if besluit.gekeurd_door is None:
        await _command(bus, besluit.doe, letter, *files, *who, *wait)
        return
    await _command(bus, besluit.doe, letter, *files, *who, *wait)
    await _command(bus, "keur", letter, "--door", besluit.gekeurd_door, *wait)


def _letter(engine: Engine, answer: Delivered) -> str:
    """Id of the open letter of a sample. Raises Unavailable when there is not exactly one."""
    found = [one.id for one in search.letters(engine, open_only=True) if one.ontvangst == answer.ontvangst]
    if len(found) != 1:
        raise Unavailable(f"{answer.naam}: found {len(found)} open letters, expected one")
    return found[0]


async def _command(bus: Bus, *words: str) -> str:
    """What `ketenbus uitval` says. Raises Unavailable, with its words, when it does not end well."""
    variables = {
        **environment(),
        "KETENBUS_DATA": str(bus.data.absolute()),
        "KETENBUS_BOOTSTRAP": bus.bootstrap,
        "KETENBUS_INTAKE": bus.url,
    }
    command = (sys.executable, "-m", "topics.cli", "uitval", *words)
    ran = await asyncio.create_subprocess_exec(*command, env=variables, stdout=PIPE, stderr=PIPE)
    said, errors = await ran.communicate()
    if ran.returncode:
        raise Unavailable(f"uitval {' '.join(words)}: exit status {ran.returncode}: {(said + errors).decode()}")
    return said.decode()
