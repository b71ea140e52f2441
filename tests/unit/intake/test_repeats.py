"""The same bytes of the same partner within seven days are one message (DESIGN 5)."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.intake.fakes import OTHER_KEY, START, World, part
from topics.documents import Account
from topics.ids import receipt_id

BODY = b"<opdracht>1</opdracht>"


async def test_a_repeat_gets_the_first_receipt_and_writes_nothing(world: World) -> None:
    first, again = await world.post(BODY), await world.post(BODY)
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json() == {**first.json(), "herhaling": True}
    assert again.headers["location"] == first.headers["location"]
    assert len(world.kafka.sent) == 1


async def test_other_bytes_or_another_partner_are_no_repeat(world: World) -> None:
    answers = [await world.post(BODY), await world.post(BODY + b" "), await world.post(BODY, key=OTHER_KEY)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert len({answer.json()["id"] for answer in answers}) == 3


async def test_concurrent_posts_of_the_same_bytes_get_one_receipt(world: World) -> None:
    world.kafka.held = asyncio.Event()
    posts = [asyncio.create_task(world.post(BODY)) for _ in range(20)]
    await asyncio.wait(posts, timeout=0.2)
    world.kafka.held.set()
    answers = await asyncio.gather(*posts)
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [202]
    assert len(world.kafka.sent) == 1
    assert world.metric("ketenbus_intake_held_bytes") == 0


async def test_concurrent_posts_fail_together_and_none_is_lost_after(world: World) -> None:
    world.kafka.away = True
    answers = await asyncio.gather(*(world.post(BODY) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {503}
    world.kafka.away = False
    assert (await world.post(BODY)).status_code == 202


async def test_the_view_knows_repeats_of_before_the_restart(world: World) -> None:
    earlier = receipt_id(START - timedelta(days=6))
    world.view.know(earlier, "zilverlinde", part(Account.TOEGEPAST), body=BODY, at=START - timedelta(days=6))
    answer = await world.post(BODY)
    assert (answer.status_code, answer.json()["id"]) == (200, earlier)
    assert answer.json()["plaats"] == {"topic": "ruw.corporatie.v1", "partitie": 0, "offset": 7}
    assert world.kafka.sent == []


async def test_after_seven_days_it_is_new_for_the_view_and_for_the_memory(world: World) -> None:
    earlier = receipt_id(START)
    world.view.know(earlier, "zilverlinde", part(Account.TOEGEPAST), body=BODY)
    first = await world.post(b"other")
    world.clock.at = START + timedelta(days=7, seconds=1)
    assert (await world.post(BODY)).status_code == 202
    again = await world.post(b"other")
    assert (again.status_code, again.json()["id"] != first.json()["id"]) == (202, True)


@pytest.mark.parametrize("account", [Account.UITVAL, Account.TERUGGESTUURD, Account.AFGEVOERD])
@pytest.mark.parametrize("remembered", [True, False])
async def test_it_is_new_when_all_parts_of_the_first_failed(world: World, account: Account, remembered: bool) -> None:
    receipt = (await world.post(BODY)).json()["id"] if remembered else receipt_id(START)
    world.view.know(receipt, "zilverlinde", part(account), part(Account.UITVAL, "2"), body=BODY)
    again = await world.post(BODY)
    assert (again.status_code, again.json()["herhaling"]) == (202, False)
    assert again.json()["id"] != receipt
    assert (await world.post(BODY)).json()["id"] == again.json()["id"]


@pytest.mark.parametrize("account", [Account.TOEGEPAST, Account.WACHTEND, Account.ONDERWEG, Account.DUBBEL])
@pytest.mark.parametrize("remembered", [True, False])
async def test_it_is_a_repeat_while_one_part_is_well(world: World, account: Account, remembered: bool) -> None:
    receipt = (await world.post(BODY)).json()["id"] if remembered else receipt_id(START)
    world.view.know(receipt, "zilverlinde", part(Account.UITVAL), part(account, "2"), body=BODY)
    again = await world.post(BODY)
    assert (again.status_code, again.json()["id"]) == (200, receipt)


async def test_a_view_that_is_away_holds_nobody_up_and_is_left_alone_for_a_while(world: World) -> None:
    world.view.away = True
    assert (await world.post(BODY)).status_code == 202
    assert (await world.post(b"other")).status_code == 202
    assert len(world.view.questions) == 1
    assert world.metric("ketenbus_intake_unchecked_repeats") == 2
    assert (await world.post(BODY)).status_code == 200


async def test_a_view_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    world = World(tmp_path, lookup=0.1)
    world.view.held = asyncio.Event()
    async with asyncio.timeout(5):
        assert (await world.post(BODY)).status_code == 202


async def test_requests_that_wait_together_ask_the_view_together(world: World) -> None:
    world.view.held = asyncio.Event()
    posts = [asyncio.create_task(world.post(b"%d" % number)) for number in range(30)]
    await asyncio.wait(posts, timeout=0.2)
    world.view.held.set()
    assert {answer.status_code for answer in await asyncio.gather(*posts)} == {202}
    assert len(world.view.questions) < 10
    assert sorted(key[1] for keys in world.view.questions for key in keys) == sorted(
        envelope.sha256 for envelope in world.kafka.envelopes()
    )


async def test_the_memory_forgets_the_oldest_and_the_view_takes_over(tmp_path: Path) -> None:
    world = World(tmp_path, remembered=2)
    receipts = [(await world.post(b"%d" % number)).json()["id"] for number in range(3)]
    assert world.metric("ketenbus_intake_remembered_receipts") == 2
    assert (await world.post(b"2")).json()["id"] == receipts[2]
    assert (await world.get(f"/v1/berichten/{receipts[0]}")).status_code == 404
    world.view.know(receipts[0], "zilverlinde", body=b"0")
    assert (await world.post(b"0")).json()["id"] == receipts[0]
