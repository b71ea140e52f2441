"""The intake's process on a real broker: what it gave a receipt for is on the topic, once, through stops and outages."""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from tests.intake_process import PARTNER, IntakeProcess, issue, prepare, running
from topics.accounts import moved, opened
from topics.blobs import CLAIM_CHECK_OVER, FolderBlobs
from topics.broker import EmbeddedBroker
from topics.catalogue.declarations import OPSCHORTING, SPOOR, raw_topic
from topics.documents import Account, ce_type, encode
from topics.documents.keten import Opschorting, Posting
from topics.envelope import Envelope
from topics.kafka import open_reader, open_sender
from topics.runtime.step import Output, Record
from topics.view.database import open_writer
from topics.view.fill import View
from topics.view.process import Filler, ViewMetrics

RAW = raw_topic("corporatie")
LIMIT_SECONDS = 60.0


@pytest.fixture
def key(tmp_path: Path) -> str:
    return prepare(tmp_path)


async def written(bus: str) -> dict[str, list[Record]]:
    """All raw records by receipt."""
    found: dict[str, list[Record]] = {}
    async with open_reader(bus, [RAW]) as reader:
        async for record in reader.to_end():
            found.setdefault(record.envelope().id, []).append(record)
    return found


async def answered(ask: Callable[[], Awaitable[httpx.Response]], status: int) -> httpx.Response:
    """Asks until the answer has this status."""
    end = time.monotonic() + LIMIT_SECONDS
    while (answer := await ask()).status_code != status:
        assert time.monotonic() < end, f"{answer.status_code} {answer.text}, expected {status}"
        await asyncio.sleep(0.1)
    return answer


def document(topic: str, key: str, body: Posting | Opschorting, number: str) -> Output:
    now = datetime.now(UTC)
    envelope = Envelope(id=number, source=PARTNER, type=ce_type(type(body)), time=now, recorded_time=now)
    return Output(topic, key.encode(), encode(body), envelope.headers())


def place(receipt: Mapping[str, object]) -> str:
    found = receipt["plaats"]
    assert isinstance(found, dict)
    return f"{found['topic']}/{found['partitie']}/{found['offset']}"


async def test_a_receipt_names_where_the_bytes_are_and_follows_the_message_until_it_is_applied(
    bus: str, tmp_path: Path, key: str
) -> None:
    body = b"<opdracht>\xe9</opdracht>"
    stop = asyncio.Event()
    view = View(open_writer(f"sqlite:///{tmp_path / 'view.db'}"))
    filling = asyncio.create_task(Filler(view, bus, ViewMetrics(CollectorRegistry())).run(stop))
    async with running(tmp_path, bus) as intake, intake.client(key) as client:
        answer = await client.post("/v1/berichten", content=body, headers={"Content-Type": "text/xml"})
        assert answer.status_code == 202
        receipt = answer.json()
        (record,) = (await written(bus))[receipt["id"]]
        assert (record.position, record.key, record.value) == (place(receipt), PARTNER.encode(), body)
        envelope = record.envelope()
        assert (envelope.sha256, envelope.content_type) == (hashlib.sha256(body).hexdigest(), "text/xml")
        assert (await client.get(receipt["adres"])).json()["status"] == "onderweg"
        async with open_sender(bus) as sender:
            for number, posting in enumerate(
                (opened(envelope, 1), moved(envelope, Account.ONDERWEG, Account.TOEGEPAST))
            ):
                await sender.send(document(SPOOR, receipt["id"], posting, f"{receipt['id']}-{number}"))

        async def final() -> httpx.Response:
            found = await client.get(receipt["adres"])
            return found if found.json()["definitief"] else httpx.Response(425)

        found = (await answered(final, 200)).json()
        assert (found["status"], [part["status"] for part in found["delen"]]) == ("toegepast", ["toegepast"])
    async with running(tmp_path, bus) as again, again.client(key) as client:
        repeat = await client.post("/v1/berichten", content=body)
        assert (repeat.status_code, repeat.json()) == (200, {**receipt, "herhaling": True})
    stop.set()
    await filling


async def test_a_large_body_is_in_the_object_store_before_its_record_is_written(
    bus: str, tmp_path: Path, key: str
) -> None:
    body = b"groot " * (CLAIM_CHECK_OVER // 6 + 1)
    async with running(tmp_path, bus) as intake, intake.client(key) as client:
        receipt = (await client.post("/v1/berichten", content=body)).json()
    (record,) = (await written(bus))[receipt["id"]]
    assert record.value == b""
    assert FolderBlobs(tmp_path / "blobs").get(record.envelope().dataref) == body


async def test_a_body_just_below_the_claim_check_fits_the_topic(bus: str, tmp_path: Path, key: str) -> None:
    body = hashlib.shake_128(b"does not compress").digest(CLAIM_CHECK_OVER)
    async with running(tmp_path, bus) as intake, intake.client(key) as client:
        receipt = (await client.post("/v1/berichten", content=body)).json()
    assert (await written(bus))[receipt["id"]][0].value == body


async def test_a_suspension_holds_from_the_topic_until_it_is_lifted_and_after_a_restart(
    bus: str, tmp_path: Path, key: str
) -> None:
    now = datetime.now(UTC)
    suspended = Opschorting(partner=PARTNER, actief=True, sinds=now, oorzaak="50 achtereen in uitval")
    lifted = Opschorting(partner=PARTNER, actief=False, sinds=now, oorzaak="", door="beheerder")
    number = 0
    async with open_sender(bus) as sender, running(tmp_path, bus) as intake, intake.client(key) as client:

        async def post() -> httpx.Response:
            nonlocal number
            number += 1
            return await client.post("/v1/berichten", content=b"%d" % number)

        assert (await post()).status_code == 202
        await sender.send(document(OPSCHORTING, PARTNER, suspended, "1"))
        assert (await answered(post, 429)).json()["oorzaak"] == "50 achtereen in uitval"
        async with running(tmp_path, bus) as other, other.client(key) as there:
            assert (await there.post("/v1/berichten", content=b"x")).status_code == 429
        await sender.send(document(OPSCHORTING, PARTNER, lifted, "2"))
        await answered(post, 202)


async def test_a_new_key_works_without_a_restart_and_the_old_one_no_longer(bus: str, tmp_path: Path, key: str) -> None:
    async with running(tmp_path, bus) as intake:
        new = issue(tmp_path)
        async with intake.client(new) as client, intake.client(key) as former:
            await answered(lambda: client.post("/v1/berichten", content=b"x"), 202)
            await answered(lambda: former.post("/v1/berichten", content=b"x"), 401)


async def test_a_dead_broker_is_503_in_time_and_afterwards_every_receipt_points_at_its_record(
    own_broker: EmbeddedBroker, bus: str, tmp_path: Path, key: str
) -> None:
    bodies = [b"tijdens %d" % number for number in range(5)]
    async with running(tmp_path, bus, answer="2") as intake, intake.client(key) as client:

        async def post(body: bytes) -> httpx.Response:
            return await client.post("/v1/berichten", content=body)

        assert (await post(b"voor")).status_code == 202
        own_broker.kill()
        began = time.monotonic()
        answers = await asyncio.gather(*map(post, bodies))
        assert time.monotonic() - began < 10
        assert {answer.status_code for answer in answers} == {503}
        assert {answer.json()["code"] for answer in answers} == {"bus-onbereikbaar"}
        assert (await client.get("/healthz")).status_code == 200
        own_broker.start()
        receipts = []
        for body in bodies:

            async def again(body: bytes = body) -> httpx.Response:
                found = await post(body)
                return httpx.Response(200, json=found.json()) if found.is_success else found

            receipts.append((await answered(again, 200)).json())
    digests = [hashlib.sha256(body).hexdigest() for body in bodies]
    records = await written(bus)
    assert [receipt["sha256"] for receipt in receipts] == digests
    assert {receipt["id"] for receipt in receipts} <= set(records)
    assert all(place(receipt) == records[receipt["id"]][0].position for receipt in receipts)


async def test_a_stop_under_load_ends_well_and_every_receipt_that_was_given_is_on_the_topic_once(
    bus: str, tmp_path: Path, key: str
) -> None:
    given: list[str] = []
    refused: list[int] = []

    async def partner(number: int, intake: IntakeProcess) -> None:
        async with intake.client(key) as client:
            for count in range(100_000):
                try:
                    answer = await client.post("/v1/berichten", content=b"stop %d %d" % (number, count))
                except httpx.TransportError:
                    return
                if answer.status_code != 202:
                    refused.append(answer.status_code)
                    return
                given.append(answer.json()["id"])

    async with running(tmp_path, bus) as intake:
        partners = [asyncio.create_task(partner(number, intake)) for number in range(8)]
        while len(given) < 400:
            assert not any(task.done() for task in partners)
            await asyncio.sleep(0.01)
        intake.terminate()
        await asyncio.gather(*partners)
        assert await intake.ended() == 0
    assert set(refused) <= {503}
    records = await written(bus)
    assert all(len(records[receipt]) == 1 for receipt in given)
    bodies = [record.value or b"" for found in records.values() for record in found]
    ours = [body for body in bodies if body.startswith(b"stop ")]
    assert len(ours) == len(set(ours))
    assert len(ours) - len(given) <= len(partners)
    assert intake.events()[-1]["event"] == "intake stopped"


async def test_the_log_names_receipts_and_never_a_body_or_a_key(bus: str, tmp_path: Path, key: str) -> None:
    async with running(tmp_path, bus) as intake, intake.client(key) as client:
        receipt = (await client.post("/v1/berichten", content=b"mevrouw Jansen 0612345678")).json()["id"]
    text = intake.log.read_text()
    assert [event["correlation_id"] for event in intake.events() if event["event"] == "message accepted"] == [receipt]
    assert "Jansen" not in text
    assert key not in text


async def test_a_second_intake_on_the_same_port_says_so_and_ends(bus: str, tmp_path: Path, key: str) -> None:
    async with running(tmp_path, bus) as intake:
        with pytest.raises(RuntimeError, match=f"ended with 2: .*cannot listen on 127.0.0.1 port {intake.port}"):
            async with running(tmp_path, bus, port=str(intake.port)):
                pass
