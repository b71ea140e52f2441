"""Asking what became of messages, health, and the documentation."""

from datetime import timedelta

import pytest

from tests.unit.intake.fakes import OTHER_KEY, START, WITHOUT_PROFILE, World, part, suspension
from topics.documents import Account, Bevinding, Ernst, Reden
from topics.ids import receipt_id
from topics.view.status import PartStatus

EARLIER = START - timedelta(hours=1)


async def test_a_receipt_without_trace_is_under_way(world: World) -> None:
    receipt = (await world.post(b"x")).json()
    answer = await world.get(receipt["adres"])
    assert answer.status_code == 200
    expected = {name: receipt[name] for name in ("id", "sha256", "ontvangen", "plaats", "adres")}
    assert answer.json() == {**expected, "status": "onderweg", "definitief": False, "delen": []}


async def test_a_message_shows_its_least_finished_part_and_all_parts(world: World) -> None:
    receipt = receipt_id(EARLIER)
    world.view.know(receipt, "zilverlinde", part(Account.TOEGEPAST), part(Account.UITVAL, "2"), at=EARLIER)
    found = (await world.get(f"/v1/berichten/{receipt}")).json()
    assert (found["status"], found["definitief"]) == ("uitval", False)
    assert [(one["deel"], one["status"], one["definitief"]) for one in found["delen"]] == [
        ("1", "toegepast", True),
        ("2", "uitval", False),
    ]


async def test_a_message_is_final_when_all_parts_are(world: World) -> None:
    receipt = receipt_id(EARLIER)
    world.view.know(receipt, "zilverlinde", part(Account.TOEGEPAST), part(Account.DUBBEL, "2"), at=EARLIER)
    found = (await world.get(f"/v1/berichten/{receipt}")).json()
    assert (found["status"], found["definitief"]) == ("toegepast", True)


async def test_findings_are_shown_without_personal_values(world: World) -> None:
    receipt = receipt_id(EARLIER)
    findings = (
        Bevinding(
            code="telefoon-ongeldig",
            pad="/contact/telefoon",
            ernst=Ernst.FOUT,
            tekst="gevonden 0612345678",
            waarde="0612345678",
            persoonlijk=True,
        ),
        Bevinding(code="status-onbekend", pad="/status", ernst=Ernst.FOUT, tekst="gevonden KLAAR?", waarde="KLAAR?"),
    )
    failed = PartStatus(
        deel="1",
        account=Account.UITVAL,
        definitief=False,
        dossier="onderhoud/opdracht/8712345000004/1",
        reden=Reden.ONGELDIG,
        bevindingen=findings,
    )
    world.view.know(receipt, "zilverlinde", failed, at=EARLIER)
    answer = await world.get(f"/v1/berichten/{receipt}")
    assert "0612345678" not in answer.text
    (shown,) = answer.json()["delen"]
    assert (shown["reden"], shown["dossier"]) == ("ongeldig", "onderhoud/opdracht/8712345000004/1")
    assert [finding["code"] for finding in shown["bevindingen"]] == ["telefoon-ongeldig", "status-onbekend"]
    assert shown["bevindingen"][1]["waarde"] == "KLAAR?"


async def test_a_receipt_of_another_partner_is_not_found(world: World) -> None:
    receipt = receipt_id(EARLIER)
    world.view.know(receipt, "zilverlinde", part(Account.TOEGEPAST), at=EARLIER)
    just_now = (await world.post(b"x")).json()["id"]
    for one in (receipt, just_now):
        assert (await world.get(f"/v1/berichten/{one}")).status_code == 200
        answer = await world.get(f"/v1/berichten/{one}", key=OTHER_KEY)
        assert (answer.status_code, answer.json()["code"]) == (404, "niet-gevonden")


@pytest.mark.parametrize("receipt", ["1", "niets", "4c0a2f86-f4e4-48ad-9f8a-6d1c7d1d7b7f", "%00", "x" * 3000])
async def test_what_is_no_receipt_id_is_not_found(world: World, receipt: str) -> None:
    answer = await world.get(f"/v1/berichten/{receipt}")
    assert (answer.status_code, answer.json()["code"]) == (404, "niet-gevonden")
    assert "retry-after" not in answer.headers


async def test_a_young_receipt_that_only_another_intake_knows_may_come_later(world: World) -> None:
    answer = await world.get(f"/v1/berichten/{receipt_id(START)}")
    assert answer.status_code == 404
    assert int(answer.headers["retry-after"]) > 0


async def test_the_list_goes_on_where_the_former_page_ended(world: World) -> None:
    receipts = [receipt_id(START + timedelta(seconds=number)) for number in range(5)]
    for number, receipt in enumerate(receipts):
        world.view.know(receipt, "zilverlinde", at=START + timedelta(seconds=number))
    world.view.know(receipt_id(START), "tegendraad")
    seen: list[str] = []
    address: str | None = "/v1/berichten?sinds=2026-03-02&limiet=2"
    pages = 0
    while address is not None:
        page = (await world.get(address)).json()
        seen += [message["id"] for message in page["berichten"]]
        address = page["volgende"]
        pages += 1
    assert (seen, pages) == (receipts, 3)


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2026-03-02T08:30:00%2B01:00", 1),
        ("2026-03-02T08:30:00+01:00", 1),
        ("2026-03-02T07:30:00Z", 1),
        ("2026-03-02T08:30:00", 1),
        ("2026-03-02T08:30:01", 0),
        ("2026-03-02", 1),
        ("2026-03-03", 0),
    ],
)
async def test_since_is_a_date_or_a_time_and_without_zone_it_is_amsterdam(world: World, since: str, found: int) -> None:
    world.view.know(receipt_id(START), "zilverlinde")
    assert len((await world.get(f"/v1/berichten?sinds={since}")).json()["berichten"]) == found


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "sinds"),
        ("?sinds=gisteren", "sinds"),
        ("?sinds=0001-01-01", "sinds"),
        ("?sinds=2026-03-02&limiet=0", "limiet"),
        ("?sinds=2026-03-02&limiet=1001", "limiet"),
        ("?sinds=2026-03-02&limiet=%D9%A3", "limiet"),
        ("?sinds=2026-03-02&na=1", "na"),
        ("?sinds=2026-03-02&limit=1", "limit"),
    ],
)
async def test_a_wrong_question_names_its_parameter(world: World, query: str, named: str) -> None:
    answer = await world.get(f"/v1/berichten{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "vraag-ongeldig")
    assert named in answer.json()["detail"]


async def test_a_view_that_is_away_is_503_for_questions_only(world: World) -> None:
    world.view.away = True
    for path in (f"/v1/berichten/{receipt_id(EARLIER)}", "/v1/berichten?sinds=2026-03-02"):
        answer = await world.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "overzicht-onbereikbaar")
        assert int(answer.headers["retry-after"]) > 0
    assert (await world.get("/readyz")).status_code == 200


async def test_asking_needs_a_key_and_is_open_to_whoever_may_not_send(world: World) -> None:
    world.suspensions.apply(suspension("zilverlinde"))
    assert (await world.get("/v1/berichten?sinds=2026-03-02", key=None)).status_code == 401
    assert (await world.get("/v1/berichten?sinds=2026-03-02")).status_code == 200
    assert (await world.get("/v1/berichten?sinds=2026-03-02", key=WITHOUT_PROFILE)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/berichten", "GET, POST"),
        ("PUT", "/v1/berichten", "GET, POST"),
        ("POST", "/v1/berichten/1", "GET, HEAD"),
        ("POST", "/healthz", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_names_the_right_ones(world: World, method: str, path: str, allowed: str) -> None:
    answer = await world.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (405, "methode-niet-toegestaan")
    assert sorted(answer.headers["allow"].split(", ")) == sorted(allowed.split(", "))


async def test_stopping_turns_new_messages_away_and_finishes_what_is_in_hand(world: World) -> None:
    assert (await world.get("/readyz")).status_code == 200
    world.intake.stop()
    answer = await world.post(b"x")
    assert (answer.status_code, answer.json()["code"]) == (503, "nog-niet-gereed")
    assert (await world.get("/readyz")).status_code == 503
    assert (await world.get("/healthz")).status_code == 200
