"""`POST /v1/controle` checks and leaves nothing behind."""

import asyncio
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.check.process import CheckProcess
from tests.unit.intake.fakes import DESK_KEY, OTHER_KEY, WITHOUT_PROFILE, Clock, World, suspension
from tests.unit.intake.test_openapi import check as fits
from topics.cli import application
from topics.errors import Unavailable
from topics.profile.samples import FOLDER as SAMPLES

CHECK = "/v1/controle"
GOLDEN = Path(__file__).parents[2] / "contract" / "golden"


async def test_the_answer_is_the_report_and_nothing_is_written(world: World) -> None:
    answer = await world.send(f"{CHECK}?bestand=a.json", b"{}", content_type="application/json; charset=utf-8")
    assert (answer.status_code, answer.json()) == (200, {"uitkomst": "geldig"})
    assert answer.headers["content-type"] == "application/json"
    assert world.checks.asked == [("zilverlinde", b"{}", "application/json; charset=utf-8", "a.json")]
    assert world.kafka.sent == []
    assert (await world.get("/v1/berichten?sinds=2026-01-01")).json()["berichten"] == []


async def test_a_packed_message_is_checked_unpacked(world: World) -> None:
    await world.send(CHECK, gzip.compress(b"<a/>"), content_encoding="gzip", content_type="text/xml")
    assert world.checks.asked[0][1] == b"<a/>"


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (b"", {}, "leeg-bericht"),
        (b"x", {"content_type": "image/png"}, "soort-niet-aanvaard"),
        (b"x", {"content_encoding": "br"}, "codering-niet-aanvaard"),
        (b"x", {"content_encoding": "gzip"}, "inhoud-beschadigd"),
        (b"x" * 2001, {}, "te-groot"),
        (gzip.compress(b"x" * 5000), {"content_encoding": "gzip"}, "te-sterk-ingepakt"),
        (b"x", {"authorization": "Bearer iets"}, "sleutel-onbekend"),
        (b"x", {"authorization": f"Bearer {WITHOUT_PROFILE}"}, "mag-niet-sturen"),
    ],
)
async def test_what_is_refused_of_a_message_is_refused_of_a_check(
    tmp_path: Path, body: bytes, headers: dict[str, str], code: str
) -> None:
    world = World(tmp_path, body=2000)
    for path in (CHECK, "/v1/berichten"):
        assert (await world.send(path, body, **headers)).json()["code"] == code
    assert world.checks.asked == []


async def test_an_unknown_parameter_is_refused(world: World) -> None:
    assert (await world.send(f"{CHECK}?soort=x", b"{}")).json()["code"] == "vraag-ongeldig"


async def test_people_who_decide_have_a_message_checked_as_its_sender(world: World) -> None:
    answer = await world.send(f"{CHECK}?partner=tegendraad", b"{}", authorization=f"Bearer {DESK_KEY}")
    assert answer.status_code == 200
    assert world.checks.asked[-1][0] == "tegendraad"
    assert (await world.send(f"{CHECK}?partner=vreemd", b"{}", authorization=f"Bearer {DESK_KEY}")).status_code == 403
    assert (await world.send(CHECK, b"{}", authorization=f"Bearer {DESK_KEY}")).status_code == 403
    assert (await world.send("/v1/berichten", b"{}", authorization=f"Bearer {DESK_KEY}")).status_code == 403


async def test_a_partner_has_no_message_checked_as_another(world: World) -> None:
    assert (await world.send(f"{CHECK}?partner=tegendraad", b"{}")).status_code == 403
    assert (await world.send(f"{CHECK}?partner=zilverlinde", b"{}")).status_code == 200


async def test_a_suspended_partner_may_check(world: World) -> None:
    world.suspensions.begin()
    world.suspensions.apply(suspension("zilverlinde"))
    world.suspensions.complete()
    assert (await world.send("/v1/berichten", b"{}")).status_code == 429
    assert (await world.send(CHECK, b"{}")).status_code == 200


async def test_a_partner_has_two_checks_in_hand_and_all_together_eight(tmp_path: Path) -> None:
    world = World(tmp_path, checks=3)
    world.checks.held = asyncio.Event()
    others = {"authorization": f"Bearer {OTHER_KEY}"}
    waiting = [asyncio.create_task(world.send(CHECK, b"{}", **who)) for who in ({}, {}, others)]
    while len(world.checks.asked) < 3:
        await asyncio.sleep(0)
    mine, theirs = await world.send(CHECK, b"{}"), await world.send(CHECK, b"{}", **others)
    assert (mine.status_code, mine.json()["code"]) == (429, "controle-bezig")
    assert (theirs.status_code, theirs.json()["code"]) == (503, "vol")
    assert mine.headers["retry-after"] == theirs.headers["retry-after"] == "2"
    assert (await world.post(b"a message")).status_code == 202
    world.checks.held.set()
    assert [(await one).status_code for one in waiting] == [200, 200, 200]
    assert (await world.send(CHECK, b"{}")).status_code == 200
    assert world.metric("ketenbus_intake_checks_total", kind="corporatie", outcome="gecontroleerd") == 3


async def test_a_check_without_an_outcome_says_so(world: World) -> None:
    world.checks.away = True
    answer = await world.send(CHECK, b"{}")
    assert (answer.status_code, answer.json()["code"]) == (503, "controle-onbereikbaar")


async def test_only_post_is_there(world: World) -> None:
    answer = await world.get(CHECK)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_the_process_that_checks_says_what_the_command_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    (tmp_path / "profielen").symlink_to(SAMPLES)
    clock = Clock()
    clock.at = datetime.now(UTC)
    checker = CheckProcess(tmp_path / "profielen", clock, 60.0)
    try:
        for file in sorted(GOLDEN.glob("*/*")):
            if file.name.endswith(".verwacht.json"):
                continue
            command = [str(file), "--partner", "zilverlinde", "--json"]
            told = json.loads(CliRunner().invoke(application("check"), command).stdout)
            asked = await checker.check("zilverlinde", file.read_bytes(), "", str(file))
            assert json.loads(asked) == told
            fits("Controle", told)
    finally:
        await checker.close()


async def test_a_check_that_takes_too_long_is_given_up_and_the_next_goes_on(tmp_path: Path) -> None:
    checker = CheckProcess(SAMPLES, Clock(), 0.01)
    with pytest.raises(Unavailable, match=r"0\.01 s"):
        await checker.check("zilverlinde", b"{}", "", "")
    checker = CheckProcess(SAMPLES, Clock(), 60.0)
    try:
        assert b"formaat-onbekend" in await checker.check("zilverlinde", b"{}", "", "")
        with pytest.raises(Unavailable, match="nobody"):
            await checker.check("nobody", b"{}", "", "")
        assert b"formaat-onbekend" in await checker.check("zilverlinde", b"{}", "", "")
    finally:
        await checker.close()


async def test_a_large_message_is_checked_while_the_loop_goes_on() -> None:
    """Over 30 MB that takes seconds to read; whoever sends a message meanwhile is not held up by it."""
    checker = CheckProcess(SAMPLES, Clock(), 60.0)
    raw = b"[" + b",".join([b'{"formaat": "ketenbus-json/1", "tekst": "' + b"x" * 3000 + b'"}'] * 10_000) + b"]"
    loop, longest = asyncio.get_running_loop(), 0.0
    try:
        await checker.check("zilverlinde", b"{}", "", "")
        checking = asyncio.create_task(checker.check("zilverlinde", raw, "", ""))
        while not checking.done():
            before = loop.time()
            await asyncio.sleep(0.001)
            longest = max(longest, loop.time() - before)
        assert len(json.loads(await checking)["delen"]) == 10_000
    finally:
        await checker.close()
    assert longest < 0.5
