"""Two people decide on the same letters at once while the decider is killed at every point of its transactions: of the
two exactly one has effect, nothing is lost and nothing is done twice."""

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.integration.processes.decider_process import Order
from topics import ids
from topics.catalogue.declarations import BESLUIT, BESLUITSTAND, SPOOR, dead_letter_topic, log_topic, raw_topic
from topics.deadletters import Letter, id_of
from topics.documents import Account, Posting, Reden, ce_type, decode, encode
from topics.documents.besluit import Besluit, Besluitsoort, Besluitstand, Kop, Origineel, Toestand
from topics.envelope import RAW_TYPE, Envelope
from topics.kafka import open_reader, open_sender
from topics.runtime.step import Output, Record

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RAW, LOG = raw_topic("aannemer"), log_topic("onderhoud")
POINTS = ("fenced", "restored", "begin", "sent", "delivered", "offsets", "committed")
EACH = 12
SECONDS = 90.0
GOES_TO = {"stuur": Account.ONDERWEG, "retour": Account.TERUGGESTUURD, "afvoer": Account.AFGEVOERD}


def decisions(number: int) -> list[Output]:
    """What two people write about one letter, of which a second person need not confirm anything."""
    receipt = ids.receipt_id(AT, number.to_bytes(10, "big"))
    envelope = Envelope(id=receipt, source="tegendraad", type=RAW_TYPE, time=AT, recorded_time=AT)
    record = Record(RAW, 0, number, 0, b"tegendraad", b'{"soort": "status"}', tuple(envelope.headers()))
    letter = Letter(
        id=id_of(record, envelope, "1", "adapter-aannemer"), topic=RAW, partition=0, offset=number, timestamp=0,
        reden=Reden.ONGELDIG, stage="adapter-aannemer", at=AT, partner="tegendraad", receipt=receipt, part="1",
        dossier="onderhoud/opdracht/8799999000017/IN1",
    )  # fmt: skip
    koppen = tuple(Kop(name, value) for name, value in [*record.headers, *letter.headers()])
    original = Origineel(
        topic=dead_letter_topic(RAW),
        partitie=0,
        positie=number,
        sleutel="tegendraad",
        koppen=koppen,
        waarde=record.value,
    )
    kinds = (("stuur", "retour"), ("afvoer", "stuur"), ("retour", "afvoer"))[number % 3]
    found = []
    for soort, door in zip(kinds, ("Anna", "Bram"), strict=True):
        besluit = Besluit(
            brief=letter.id,
            soort=Besluitsoort(soort).value,
            door=door,
            op=AT,
            toelichting="nagekeken",
            origineel=original,
            factuur=False,
        )
        id_ = ids.decision_id(letter.id, soort, door, AT)
        said = Envelope(id=id_, source="review", type=ce_type(Besluit), time=AT, recorded_time=AT)
        found.append(Output(BESLUIT, letter.id.encode(), encode(besluit), said.headers()))
    return found


async def committed(bootstrap: str, topic: str) -> list[Record]:
    found: list[Record] = []
    async with open_reader(bootstrap, [topic]) as reader:
        ends = await reader.ends()
        while not await reader.caught_up(ends):
            found += await reader.poll(0.1)
    return found


async def stands(bootstrap: str) -> dict[str, Besluitstand]:
    """The latest of each letter: what is left of a compacted topic."""
    found = {}
    for record in await committed(bootstrap, BESLUITSTAND):
        document = decode(record.envelope().type, record.value or b"")
        assert isinstance(document, Besluitstand)
        found[document.brief] = document
    return found


def start(bootstrap: str, folder: Path, point: str = "", count: int = 1) -> subprocess.Popen[bytes]:
    order = Order(bootstrap=bootstrap, blobs=str(folder / "blobs"), point=point, count=count)
    with (folder / "decider.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.integration.processes.decider_process", msgspec.json.encode(order).decode()],
            stdout=log,
            stderr=log,
        )


async def test_one_of_two_decisions_has_effect_wherever_the_decider_dies(bus: str, tmp_path: Path) -> None:
    written = 0
    async with open_sender(bus) as sender:
        for number, point in enumerate(POINTS):
            pairs = [decisions(number * EACH + one) for one in range(EACH)]
            written += EACH
            # both at once, from two desks
            await asyncio.gather(*(sender.send(one) for pair in pairs for one in pair))
            process = start(bus, tmp_path, point, 1 + number % 2 if point in POINTS[:2] else 2)
            code = await asyncio.to_thread(process.wait, SECONDS)
            assert code == -signal.SIGKILL, (point, (tmp_path / "decider.log").read_text()[-2000:])
    last = start(bus, tmp_path)
    try:
        async with asyncio.timeout(SECONDS):
            while True:
                found = await stands(bus)
                if len(found) == written and all(one.geweigerd for one in found.values()):
                    break
                await asyncio.sleep(0.2)
    finally:
        last.terminate()
        last.wait(30)
    assert {one.toestand for one in found.values()} == {Toestand.DOORGESTUURD}
    assert {tuple(no.code for no in one.geweigerd) for one in found.values()} == {("al-besloten",)}
    postings = []
    for record in await committed(bus, SPOOR):
        document = decode(record.envelope().type, record.value or b"")
        assert isinstance(document, Posting)
        postings.append(document)
    assert Counter(one.uit for one in postings) == Counter(str(one.besluit) for one in found.values())
    by_decision = {str(one.besluit): str(one.soort) for one in found.values()}
    assert [(one.van, one.naar) for one in postings] == [
        (Account.UITVAL, GOES_TO[by_decision[one.uit]]) for one in postings
    ]
    again = [record.envelope().causation_id for record in await committed(bus, RAW)]
    assert Counter(again) == Counter(one for one, soort in by_decision.items() if soort == "stuur")
    closed = [record.envelope().causation_id for record in await committed(bus, LOG)]
    assert Counter(closed) == Counter(list(by_decision))
