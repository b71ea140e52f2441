"""What `POST /v1/berichten` answers, and what is on the topic then."""

import asyncio
import gzip
import hashlib
import json
import zlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.intake.body import CONTENT_TYPES, MESSAGE_TYPES
from tests.unit.intake.fakes import KEY, OTHER_KEY, START, WITHOUT_PROFILE, World, suspension
from topics.blobs import CLAIM_CHECK_OVER
from topics.catalogue.topic import BODY_LIMIT
from topics.envelope import Envelope
from topics.errors import KetenbusError
from topics.ids import receipt_id


async def test_a_message_gets_a_receipt_with_its_coordinates_once_it_is_on_the_topic(world: World) -> None:
    body = b'{"opdrachtnummer": "IN00001"}'
    answer = await world.post(body)
    assert answer.status_code == 202
    receipt = answer.json()
    assert receipt == {
        "id": receipt["id"],
        "sha256": hashlib.sha256(body).hexdigest(),
        "ontvangen": "2026-03-02T07:30:00Z",
        "plaats": {"topic": "ruw.corporatie.v1", "partitie": 1, "offset": 0},
        "adres": f"/v1/berichten/{receipt['id']}",
        "herhaling": False,
    }
    assert answer.headers["location"] == receipt["adres"]
    assert receipt["id"][:13] == receipt_id(START)[:13]


async def test_the_record_has_the_bytes_the_partner_as_key_and_a_whole_envelope(world: World) -> None:
    body = b"<opdracht/>"
    receipt = (await world.post(body, media="application/xml; charset=utf-8")).json()
    (output,) = world.kafka.sent
    assert (output.topic, output.key, output.value) == ("ruw.corporatie.v1", b"zilverlinde", body)
    assert Envelope.read(output.headers) == Envelope(
        id=receipt["id"],
        source="zilverlinde",
        type="nl.ketenbus.ruw.bericht.v1",
        time=START,
        recorded_time=START,
        sha256=hashlib.sha256(body).hexdigest(),
        channel="http",
        actor="sleutel:1",
        content_type="application/xml; charset=utf-8",
    )


async def test_the_topic_follows_the_kind_of_the_partner(world: World) -> None:
    await world.post(b"x", key=OTHER_KEY)
    assert world.kafka.sent[0].topic == "ruw.aannemer.v1"
    assert world.kafka.sent[0].key == b"tegendraad"


async def test_no_receipt_is_given_before_the_acknowledgement(world: World) -> None:
    world.kafka.held = asyncio.Event()
    answer = asyncio.create_task(world.post(b"x"))
    done, _ = await asyncio.wait({answer}, timeout=0.2)
    assert not done
    world.kafka.held.set()
    assert (await answer).status_code == 202


@given(body=st.binary(min_size=1, max_size=3000))
async def test_any_bytes_become_exactly_one_record_with_these_bytes(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    for encoding, sent in (("gzip", gzip.compress(body)), (None, body), ("deflate", zlib.compress(body))):
        answer = await world.post(sent, media="application/octet-stream", encoding=encoding)
        assert answer.status_code in (200, 202)
        assert answer.json()["sha256"] == hashlib.sha256(body).hexdigest()
    (output,) = world.kafka.sent
    assert output.value == body


async def test_a_body_that_arrives_in_pieces_is_put_together_in_order(world: World) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for number in range(100):
            yield b"%d," % number

    headers = {"Authorization": "Bearer kb_corporatie", "Content-Type": "text/plain"}
    answer = await world.client.post("/v1/berichten", content=pieces(), headers=headers)
    assert answer.status_code == 202
    assert world.kafka.sent[0].value == b"".join(b"%d," % number for number in range(100))


@pytest.mark.parametrize("over", [0, 1])
async def test_a_body_over_the_claim_check_goes_to_the_object_store_and_the_record_refers_to_it(
    world: World, over: int
) -> None:
    body = b"x" * (CLAIM_CHECK_OVER + over)
    answer = await world.post(body)
    assert answer.status_code == 202
    (output,) = world.kafka.sent
    reference = Envelope.read(output.headers).dataref
    assert reference == (f"sha256:{hashlib.sha256(body).hexdigest()}" if over else "")
    assert output.value == (b"" if over else body)
    assert world.content(output) == body
    size = len(output.value or b"") + sum(len(name) + len(value) for name, value in output.headers)
    assert size < BODY_LIMIT - 10_000


async def test_nothing_is_written_when_the_object_store_is_away(world: World) -> None:
    world.blobs.away = True
    answer = await world.post(b"x" * (CLAIM_CHECK_OVER + 1))
    assert (answer.status_code, answer.json()["code"]) == (503, "opslag-onbereikbaar")
    assert int(answer.headers["retry-after"]) > 0
    assert world.kafka.sent == []


@pytest.mark.parametrize("media", [*MESSAGE_TYPES, "Application/XML;charset=ISO-8859-1", None])
async def test_accepted_content_types_are_accepted(world: World, media: str | None) -> None:
    assert (await world.post(b"x", media=media)).status_code == 202
    assert world.kafka.envelopes()[0].content_type == (media or "application/octet-stream")


@pytest.mark.parametrize(
    "media", ["image/png", "application/x-www-form-urlencoded", "text/xml; naam=\u00e9", "text/xml; " + "x" * 300, ""]
)
async def test_other_content_types_are_refused_with_the_accepted_ones_named(world: World, media: str) -> None:
    answer = await world.client.post(
        "/v1/berichten",
        content=b"x",
        headers=[(b"authorization", b"Bearer kb_corporatie"), (b"content-type", media.encode("latin-1"))],
    )
    assert (answer.status_code, answer.json()["code"]) == (415, "soort-niet-aanvaard")
    assert answer.json()["aanvaard"] == list(CONTENT_TYPES)
    assert world.kafka.sent == []


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
async def test_other_encodings_are_refused_with_the_accepted_ones_named(world: World, encoding: str) -> None:
    answer = await world.post(b"x", encoding=encoding)
    assert (answer.status_code, answer.json()["code"]) == (415, "codering-niet-aanvaard")
    assert answer.headers["accept-encoding"] == "gzip, deflate, identity"


async def test_an_empty_body_is_refused(world: World) -> None:
    for body, encoding in ((b"", None), (gzip.compress(b""), "gzip")):
        answer = await world.post(body, encoding=encoding)
        assert (answer.status_code, answer.json()["code"]) == (400, "leeg-bericht")


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer fout", "Basic kb_corporatie", "kb_corporatie"]
)
async def test_without_a_valid_key_nobody_is_let_in(world: World, authorization: str | None) -> None:
    headers = {"Content-Type": "text/plain"} | ({} if authorization is None else {"Authorization": authorization})
    answer = await world.client.post("/v1/berichten", content=b"x", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "sleutel-onbekend")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "fout" not in answer.json()["detail"]
    assert world.kafka.sent == []


async def test_a_partner_without_a_profile_in_force_may_not_send(world: World) -> None:
    answer = await world.post(b"x", key=WITHOUT_PROFILE)
    assert (answer.status_code, answer.json()["code"]) == (403, "mag-niet-sturen")


async def test_a_suspended_partner_hears_the_cause_since_when_and_whom_to_call(world: World) -> None:
    world.suspensions.apply(suspension("zilverlinde"))
    answer = await world.post(b"x")
    assert (answer.status_code, answer.json()["code"]) == (429, "opgeschort")
    assert answer.json()["oorzaak"] == "50 berichten achtereen in uitval"
    assert answer.json()["sinds"] == "2026-03-02T07:30:00Z"
    assert answer.json()["contact"] == "de beheerder van Ketenbus"
    assert int(answer.headers["retry-after"]) > 0
    assert (await world.post(b"x", key=OTHER_KEY)).status_code == 202
    world.suspensions.apply(suspension("zilverlinde", active=False, offset=1))
    assert (await world.post(b"x")).status_code == 202


async def test_nobody_is_let_in_before_the_suspensions_are_known(world: World) -> None:
    world.suspensions.caught_up = False
    answer = await world.post(b"x")
    assert (answer.status_code, answer.json()["code"]) == (503, "nog-niet-gereed")
    assert int(answer.headers["retry-after"]) > 0
    assert (await world.get("/readyz")).status_code == 503


async def test_kafka_away_is_503_with_retry_after_and_the_next_attempt_gets_the_receipt(world: World) -> None:
    world.kafka.away = True
    answer = await world.post(b"x")
    assert (answer.status_code, answer.json()["code"]) == (503, "bus-onbereikbaar")
    assert int(answer.headers["retry-after"]) > 0
    world.kafka.away = False
    again = await world.post(b"x")
    assert (again.status_code, again.json()["herhaling"]) == (202, False)


async def test_a_silent_kafka_is_503_in_time_and_a_later_attempt_meets_the_same_write(tmp_path: Path) -> None:
    world = World(tmp_path, answer=0.2)
    world.kafka.held = asyncio.Event()
    async with asyncio.timeout(5):
        first, second = await world.post(b"x"), await world.post(b"x")
    assert (first.status_code, second.status_code) == (503, 503)
    assert first.json()["code"] == "bus-onbereikbaar"
    world.kafka.held.set()
    await world.intake.settle()
    third = await world.post(b"x")
    assert (third.status_code, third.json()["herhaling"]) == (200, True)
    assert len(world.kafka.sent) == 1


async def test_too_many_bytes_in_hand_are_refused_until_there_is_room(tmp_path: Path) -> None:
    world = World(tmp_path, memory=1000, answer=0.1)
    world.kafka.held = asyncio.Event()
    assert (await world.post(b"a" * 600)).status_code == 503
    refused = await world.post(b"b" * 600)
    assert (refused.status_code, refused.json()["code"]) == (503, "vol")
    world.kafka.held.set()
    await world.intake.settle()
    assert (await world.post(b"c" * 600)).status_code == 202
    assert world.metric("ketenbus_intake_held_bytes") == 0


async def test_a_bug_of_ours_is_a_500_with_a_problem_and_leaves_nothing_in_hand(world: World) -> None:
    world.kafka.broken = KetenbusError("a bug")
    answer = await world.post(b"x")
    assert (answer.status_code, answer.json()["code"]) == (500, "onverwacht")
    assert "a bug" not in answer.text
    assert world.metric("ketenbus_intake_held_bytes") == 0
    world.kafka.broken = None
    assert (await world.post(b"x")).status_code == 202


async def test_every_refusal_is_a_problem_with_the_same_fields(world: World) -> None:
    for answer in (
        await world.post(b"", key=None),
        await world.post(b""),
        await world.post(b"x", media="image/png"),
        await world.client.put("/v1/berichten"),
        await world.get("/v2"),
    ):
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["type"] == f"/docs#{problem['code']}"
        assert problem["title"]
        assert problem["detail"]


async def test_outcomes_are_counted_by_kind_and_code_only(world: World) -> None:
    await world.post(b"x")
    await world.post(b"x")
    await world.post(b"x", media="image/png")
    await world.post(b"x", key="fout")
    count = "ketenbus_intake_messages_total"
    assert world.metric(count, kind="corporatie", outcome="aangenomen") == 1
    assert world.metric(count, kind="corporatie", outcome="herhaling") == 1
    assert world.metric(count, kind="corporatie", outcome="soort-niet-aanvaard") == 1
    assert world.metric(count, kind="-", outcome="sleutel-onbekend") == 1
    assert world.metric("ketenbus_intake_body_bytes_total", kind="corporatie") == 1
    assert "zilverlinde" not in (await world.get("/metrics", key=None)).text


async def test_the_receipt_carries_the_injected_time(world: World) -> None:
    world.clock.at = START + timedelta(days=400)
    receipt = (await world.post(b"x")).json()
    assert receipt["ontvangen"] == "2027-04-06T07:30:00Z"
    assert json.loads((await world.get(receipt["adres"])).text)["status"] == "onderweg"


async def test_encodings_in_two_headers_are_two_encodings(world: World) -> None:
    headers = [("Authorization", f"Bearer {KEY}"), ("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")]
    body = gzip.compress(gzip.compress(b"{}"))
    answer = await world.client.post("/v1/berichten", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "codering-niet-aanvaard")
    assert world.kafka.sent == []


async def test_an_address_that_is_almost_right_is_a_problem_and_no_redirect(world: World) -> None:
    answer = await world.client.post("/v1/berichten/", content=b"{}", headers={"Authorization": f"Bearer {KEY}"})
    assert answer.status_code in (404, 405)
    assert answer.json()["code"] in ("niet-gevonden", "methode-niet-toegestaan")
