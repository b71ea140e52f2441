"""`ketenbus stuur` against an intake made of canned answers."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from adapters.bundle import pack
from adapters.stuur.client import Intake, IntakeRefused, content_type
from adapters.stuur.command import deliver
from topics.errors import Unavailable

Handler = Callable[[httpx.Request], httpx.Response]
FILES = [(Path("a.xml"), b"<a/>")]


def part(status: str, **more: object) -> dict[str, object]:
    return {"deel": "1", "status": status, "definitief": status == "toegepast", **more}


def stand(*parts: dict[str, object]) -> httpx.Response:
    status = parts[0]["status"] if parts else "onderweg"
    body = {"id": "r1", "status": status, "definitief": status == "toegepast", "delen": list(parts), "nieuw": 1}
    return httpx.Response(200, json=body)


def receipt(**more: object) -> httpx.Response:
    body = {"id": "r1", "adres": "/v1/berichten/r1", "sha256": "ab", "ontvangen": "2026-06-01T09:00:00Z"}
    place = {"topic": "ruw.aannemer.v1", "partitie": 1, "offset": 7}
    return httpx.Response(202, json={**body, "plaats": place, "herhaling": False, **more})


def answering(*statuses: httpx.Response, sent: httpx.Response | None = None) -> Handler:
    left = list(statuses)

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer kb_geheim"
        if request.method == "POST":
            return sent or receipt()
        return left.pop(0) if len(left) > 1 else left[0]

    return handle


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def pause(self, seconds: float) -> None:
        self.now += seconds


def play(handler: Handler, wait: float | None = 10.0) -> tuple[int, str]:
    said: list[str] = []
    time = Time()
    with Intake("http://intake", "kb_geheim", httpx.MockTransport(handler)) as intake:
        code = deliver(intake, FILES, wait=wait, say=said.append, pause=time.pause, clock=lambda: time.now)
    return code, "\n".join(said)


def test_a_receipt_is_shown_with_its_id_and_coordinates() -> None:
    code, said = play(answering(stand()), wait=None)
    assert code == 0
    assert "a.xml: ontvangst r1" in said
    assert "ruw.aannemer.v1/1/7" in said


def test_a_repeat_is_named() -> None:
    _, said = play(answering(stand(), sent=receipt(herhaling=True)), wait=None)
    assert "received before" in said


def test_waiting_ends_when_no_part_is_under_way() -> None:
    code, said = play(answering(stand(), stand(part("onderweg")), stand(part("toegepast", dossier="onderhoud/x"))))
    assert code == 0
    assert "a.xml: toegepast\n" in said
    assert "onderhoud/x" in said


def test_uitval_is_shown_with_its_reason_and_findings() -> None:
    finding = {"code": "status-onbekend", "pad": "/status", "ernst": "fout", "tekst": "Status: gevonden 'x'."}
    code, said = play(answering(stand(part("uitval", reden="onbekende-code", bevindingen=[finding]))))
    assert code == 1
    assert "uitval, not final" in said
    assert "onbekende-code" in said
    assert "Status: gevonden 'x'. [status-onbekend]" in said


def test_waiting_for_an_order_is_no_failure() -> None:
    assert play(answering(stand(part("wachtend"))))[0] == 0


def test_waiting_stops_after_its_time() -> None:
    code, said = play(answering(stand(part("onderweg"))), wait=3.0)
    assert code == 3
    assert "onderweg" in said


@pytest.mark.parametrize(("status", "code"), [(401, 1), (403, 1), (413, 1), (415, 1), (429, 1), (503, 3), (500, 3)])
def test_a_problem_of_the_intake_is_shown_whole(status: int, code: int) -> None:
    body = {
        "type": "/docs#x",
        "title": "Geen sleutel",
        "status": status,
        "code": "geen-sleutel",
        "detail": "Gevonden: niets.",
    }
    answer = httpx.Response(
        status, content=json.dumps(body), headers={"content-type": "application/problem+json", "retry-after": "5"}
    )
    found, said = play(answering(stand(), sent=answer))
    assert found == code
    assert f"not accepted: {status} geen-sleutel: Geen sleutel. Gevonden: niets. (try again after 5 s)" in said


def test_an_answer_that_is_no_problem_document_is_shown_too() -> None:
    code, said = play(answering(stand(), sent=httpx.Response(502, text="<html>Bad Gateway</html>")))
    assert code == 3
    assert "Bad Gateway" in said


def test_an_intake_that_is_away_is_unavailable() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    code, said = play(away)
    assert code == 3
    assert "connection refused" in said
    with Intake("http://intake", "k", httpx.MockTransport(away)) as intake, pytest.raises(Unavailable):
        intake.status("r1")


def test_an_answer_of_another_shape_is_refused() -> None:
    wrong = httpx.MockTransport(lambda request: httpx.Response(200, json={"x": 1}))
    with Intake("http://intake", "k", wrong) as intake, pytest.raises(IntakeRefused, match="unexpected answer"):
        intake.status("r1")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbf\n <a/>", "application/xml"),
        (b' {"a": 1}', "application/json"),
        (b"[1]", "application/json"),
        (b"", "application/octet-stream"),
        (b"UNB+", "application/octet-stream"),
    ],
)
def test_the_content_type_follows_from_the_bytes(content: bytes, expected: str) -> None:
    assert content_type(content) == expected


def test_without_a_key_the_command_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import typer

    from adapters.stuur.command import stuur

    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    app = typer.Typer()
    app.command()(stuur)
    file = tmp_path / "a.xml"
    file.write_bytes(b"<a/>")
    result = CliRunner().invoke(app, [str(file), "--partner", "zilverlinde"])
    assert "ketenbus partner sleutel zilverlinde --bewaar" in str(result.exception)


def test_a_message_with_attachments_says_that_it_is_a_form() -> None:
    body, media = pack(b"{}", "application/json", [("foto.jpg", b"photo")])
    assert content_type(body) == media
    assert media.startswith("multipart/form-data; boundary=ketenbus-")
