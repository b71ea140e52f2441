"""`ketenbus doorlooptijden` as it is run: a process of its own, on measures that lie on a real broker."""

import json
import os
import subprocess
import sysconfig
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from topics.catalogue.declarations import DOORLOOPTIJD, WATERMERK
from topics.clock.source import set_time
from topics.documents import ce_type, encode
from topics.documents.keten import AanZet, Doorlooptijd, Stand, Watermerk
from topics.envelope import Envelope
from topics.kafka import open_sender
from topics.profile import samples
from topics.runtime.step import Output

CLIENT, CONTRACTOR = "8799999000017", "8799999000215"


def at(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def history(number: int, ended: int | None, known: int = 2) -> list[tuple[datetime, Doorlooptijd]]:
    """An order of Monday 2 March with a norm until the 6th, ready on day `ended`, of which the bus heard on `known`."""
    start = Doorlooptijd(
        dossier=f"onderhoud/opdracht/{CLIENT}/DL{number}",
        keten="onderhoud",
        maat="technisch-gereed",
        revisie=0,
        stand=Stand.OPEN,
        opdrachtgever=CLIENT,
        aannemer=CONTRACTOR,
        begin=at(2),
        deadline=at(6),
        soort="REP",
        urgentie="regulier",
    )
    if ended is None:
        return [(at(2), start)]
    seconds = (ended - 2) * 86_400
    closed = msgspec.structs.replace(
        start,
        revisie=1,
        stand=Stand.GESLOTEN,
        eind=at(ended),
        bruto_seconden=seconds,
        netto_seconden=seconds,
        werkdagen=ended - 2,
        aan_zet_seconden={AanZet.AANNEMER: seconds},
        eindcode="TGE",
    )
    return [(at(2), start), (at(known), closed)]


async def write(bootstrap: str, found: Sequence[tuple[datetime, Doorlooptijd]]) -> None:
    async with open_sender(bootstrap) as sender:
        for known, document in found:
            envelope = Envelope(
                id=f"{document.dossier}-{document.revisie}",
                source="bron",
                type=ce_type(Doorlooptijd),
                time=known,
                recorded_time=known,
                subject=document.dossier,
            )
            await sender.send(Output(DOORLOOPTIJD, document.dossier.encode(), encode(document), envelope.headers()))


async def read_until(bootstrap: str, *moments: datetime) -> None:
    """The adapters say so, of one partition each."""
    async with open_sender(bootstrap) as sender:
        for partition, moment in enumerate(moments):
            document = Watermerk(topic="ruw.aannemer.v1", partitie=partition, tot=moment)
            envelope = Envelope(id="w", source="bron", type=ce_type(Watermerk), time=moment, recorded_time=moment)
            key = f"{document.topic}/{partition}".encode()
            await sender.send(Output(WATERMERK, key, encode(document), envelope.headers()))


def command(bootstrap: str, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sysconfig.get_path("scripts")) / "ketenbus", "doorlooptijden", *arguments],
        env={**os.environ, "KETENBUS_DATA": str(data), "KETENBUS_BOOTSTRAP": bootstrap, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
async def data(bus: str, tmp_path: Path) -> Path:
    """A data folder in which it is Wednesday 11 March, and four orders on the bus: 1, 2 and 8 days, and one open."""
    samples.install(tmp_path / "profielen")
    set_time(tmp_path, at(11))
    measures = [history(1, 3, 3), history(2, 4, 9), history(3, 10, 10), history(4, None)]
    await write(bus, [one for revisions in measures for one in revisions])
    return tmp_path


async def test_the_command_tells_what_lies_on_the_bus_now_and_as_it_was_known(bus: str, data: Path) -> None:
    found = command(bus, data, "--json", "--partner", "zilverlinde")
    assert found.returncode == 0, found.stderr
    [line] = json.loads(found.stdout)["regels"]
    assert (line["n"], line["open"]) == (4, 1)
    assert line["p50"]["bruto_werkdagen"] == {"waarde": 2, "bereikt": True}
    assert line["p90"]["bruto_seconden"] == {"waarde": 9 * 86_400, "bereikt": False}
    assert line["norm"] == {"gevallen": 4, "gehaald": 2, "zonder_norm": 0}

    then = command(bus, data, "--json", "--stand-per", "2026-03-07", "--maat", "technisch-gereed")
    [line] = json.loads(then.stdout)["regels"]
    assert (line["n"], line["open"]) == (4, 3)
    assert line["norm"] == {"gevallen": 4, "gehaald": 1, "zonder_norm": 0}

    await read_until(bus, at(10), at(5))
    unread = command(bus, data, "--json")
    [line] = json.loads(unread.stdout)["regels"]
    assert line["norm"]["gevallen"] == 0  # what met a deadline of the 6th may lie unread
    await read_until(bus, at(12), at(12))

    shown = command(bus, data, "--van", "2026-03-01", "--tot", "2026-03-31")
    assert "Zilverlinde" in shown.stdout
    assert "50,0 %" in shown.stdout
    assert "stand per 2026-03-11 10:00" in shown.stdout
    april = command(bus, data, "--van", "2026-04-01")
    assert "Geen doorlooptijden" in april.stdout

    wrong = command(bus, data, "--van", "Melding")
    assert wrong.returncode == 2
    assert "ketenbus: geweigerd: --van: found 'Melding'" in wrong.stderr
