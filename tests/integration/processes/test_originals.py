"""Down to the raw bytes: from the topic, from the object store, or the plain word that they are past their term."""

import asyncio
import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from chain.review.command import app as uitval
from topics.blobs import FolderBlobs
from topics.catalogue.declarations import DOSSIER, dead_letter_topic, log_topic, raw_topic
from topics.deadletters import Letter
from topics.documents import Bevinding, Ernst, Moment, Reden, ce_type, encode, keten, onderhoud
from topics.envelope import Envelope
from topics.errors import Refused
from topics.kafka import open_reader, open_sender
from topics.runtime.step import Output
from topics.view.command import dossier
from topics.view.database import open_writer
from topics.view.fill import View
from topics.view.original import Place, fetch
from topics.view.rows import TOPICS_READ

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RAW = raw_topic("corporatie")
KEY = "onderhoud/opdracht/8712345000011/IN00007"


def envelope(receipt: str, body: bytes, **more: str) -> Envelope:
    digest = hashlib.sha256(body).hexdigest()
    return Envelope(
        id=receipt, source="wonen", type="nl.ketenbus.bericht.v1", time=NOW, recorded_time=NOW, sha256=digest, **more
    )


async def fill(bus: str, url: str) -> None:
    """The view as its process would have filled it by now."""
    engine = open_writer(url)
    view = View(engine)
    async with open_reader(bus, TOPICS_READ) as reader:
        ends = await reader.ends()
        while not await reader.caught_up(ends):
            view.apply(await reader.poll(0.2), await reader.positions())
    engine.dispose()


async def test_originals_come_from_the_topic_and_from_the_object_store(bus: str, tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "blobs")
    large = b"<groot/>" * 1000
    reference = blobs.put(large)
    async with open_sender(bus) as sender:
        small = await sender.send(Output(RAW, b"wonen", b"<klein/>", envelope("r1", b"<klein/>").headers()))
        claim = await sender.send(Output(RAW, b"wonen", b"", envelope("r2", large, dataref=reference).headers()))
    first, second = (Place(at.topic, at.partition, at.offset) for at in (small, claim))
    gone = Place(RAW, second.partition, second.offset + 1_000)
    found = await fetch(bus, blobs, [first, second, gone])
    assert found[first].body == b"<klein/>"
    assert (found[second].body, found[second].sha256) == (large, hashlib.sha256(large).hexdigest())
    assert gone not in found


async def test_a_topic_that_is_not_there_is_refused(bus: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no partition 99"):
        await fetch(bus, FolderBlobs(tmp_path), [Place(RAW, 99, 0)])


async def test_dossier_and_letter_show_the_bytes_that_were_sent(
    bus: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "<status>Gereed bij de buren – café</status>".encode()
    raw = envelope("r7", body)
    letter = Letter(
        id="feed0123456789abfeed0123456789ab", topic=RAW, partition=0, offset=0, timestamp=0, at=NOW,
        reden=Reden.ONBEKENDE_CODE, stage="adapter-corporatie", partner="wonen", receipt="r7", part="2",
        bevindingen=(
            Bevinding(code="onbekend", pad="/status", ernst=Ernst.FOUT, tekst="status: ‘Gereed bij de buren’ onbekend"),
        ),
    )  # fmt: skip
    async with open_sender(bus) as sender:
        at = await sender.send(Output(RAW, b"wonen", body, raw.headers()))
        status = onderhoud.Status(
            berichtnummer="1", afzender="8712345000011", opdrachtgever="8712345000011", opdrachtnummer="IN00007",
            code=onderhoud.Statuscode.TGE, gebeurd=Moment(NOW),
        )  # fmt: skip
        event = Envelope(
            id="e7", source="wonen", type=ce_type(onderhoud.Status), time=NOW, recorded_time=NOW, subject=KEY, part="1",
            correlation_id="r7", sha256=raw.sha256, position=f"{at.topic}/{at.partition}/{at.offset}",
        )  # fmt: skip
        await sender.send(Output(log_topic("onderhoud"), KEY.encode(), encode(status), event.headers()))
        page = keten.Dossier(sleutel=KEY, keten="onderhoud", reeks=1, toestand="wachtend", bijgewerkt=NOW)
        about = Envelope(id="d7", source="wonen", type=ce_type(keten.Dossier), time=NOW, recorded_time=NOW, subject=KEY)
        await sender.send(Output(DOSSIER, KEY.encode(), encode(page), about.headers()))
        headers = [*raw.headers(), *letter.headers()]
        await sender.send(Output(dead_letter_topic(RAW), b"wonen", body, headers))
    url = f"sqlite:///{tmp_path / 'view.db'}"
    await fill(bus, url)
    monkeypatch.setenv("KETENBUS_BOOTSTRAP", bus)
    monkeypatch.setenv("KETENBUS_VIEW", url)
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    app, runner = typer.Typer(), CliRunner()
    app.command()(dossier)

    shown = await asyncio.to_thread(runner.invoke, app, ["in00007", "--ruw"])
    assert shown.exit_code == 0, shown.output
    assert body.decode() in shown.output
    assert "klopt met het bewijs" in shown.output
    found = json.loads((await asyncio.to_thread(runner.invoke, app, ["in00007", "--ruw", "--json"])).output)
    [original] = found["ruw"].values()
    assert base64.b64decode(original["base64"]) == body

    told = await asyncio.to_thread(runner.invoke, uitval, ["toon", "feed01"])
    assert told.exit_code == 0, told.output
    for expected in (body.decode(), "status: ‘Gereed bij de buren’ onbekend", "ce_sha256", "deel 2", "onbekende-code"):
        assert expected in told.output
    assert "dlq.reason" not in told.output
    program = json.loads((await asyncio.to_thread(runner.invoke, uitval, ["toon", "feed01", "--json"])).output)
    assert base64.b64decode(program["origineel"]["base64"]) == body
    assert [tuple(header) for header in program["origineel"]["headers"]] == [
        (name, value.decode()) for name, value in raw.headers()
    ]
