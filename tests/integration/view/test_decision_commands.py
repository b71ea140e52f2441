"""`ketenbus uitval` before anything is written: what it shows of decisions, and what it refuses at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from chain.review.command import app
from tests.integration.view.conftest import BASE
from topics.catalogue.declarations import BESLUIT, BESLUITSTAND
from topics.documents import Account, Reden
from topics.documents.besluit import Besluit, Besluitstand, Toestand, Weigering
from topics.errors import Refused
from topics.view.fill import View

WAITS, FREE = "ab12" + "0" * 28, "cd34" + "0" * 28


@pytest.fixture(autouse=True)
def _filled(view: View, log: Any, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETENBUS_VIEW", url)
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("KETENBUS_DOOR", raising=False)
    for number, brief in enumerate((WAITS, FREE)):
        log.raw(f"r{number}")
        log.opened(f"r{number}", 1)
        log.moved(f"r{number}", "-", Account.ONDERWEG, Account.UITVAL)
        log.letter(brief, f"r{number}", reden=Reden.MOGELIJK_DUBBEL)
    log.document(
        BESLUIT, WAITS, Besluit(brief=WAITS, soort="stuur", door="Anna", op=BASE, toelichting="termijn"), id="d1"
    )
    log.document(
        BESLUIT, WAITS, Besluit(brief=WAITS, soort="retour", door="Bram", op=BASE, toelichting="fout"), id="d2"
    )
    no = Weigering(besluit="d2", soort="retour", door="Bram", code="al-besloten", tekst="Anna besloot al stuur")
    log.document(
        BESLUITSTAND, WAITS,
        Besluitstand(
            brief=WAITS, toestand=Toestand.WACHT, bijgewerkt=BASE, besluit="d1", soort="stuur", door="Anna", op=BASE,
            wacht_op=("bedrag",), geweigerd=(no,),
        ),
        id="s1",
    )  # fmt: skip
    log.give(view)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def test_the_list_says_who_decided_and_that_another_must_confirm() -> None:
    shown = run("lijst").output
    assert "wacht op een ander" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 100
    stands = {one["id"]: one.get("besluit") for one in json.loads(run("lijst", "--json").output)["brieven"]}
    assert stands[FREE] is None
    assert stands[WAITS]["wacht_op"] == ["bedrag"]


@pytest.mark.parametrize("kind", ["stuur", "hermap", "retour", "afvoer"])
def test_it_asks_who_decides(kind: str) -> None:
    with pytest.raises(Refused, match="KETENBUS_DOOR"):
        run(kind, "cd34", "--reden", "x")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("stuur", "ff", "--reden", "x"), "geen brief 'ff'"),
        (("stuur", "ab12", "--reden", "x"), "al besloten: stuur door Anna"),
        (("stuur", "--reden", "x"), "BRIEF, of --oorzaak"),
        (("stuur", "cd34", "--oorzaak", "strijdig", "--reden", "x"), "BRIEF, of --oorzaak"),
        (("afvoer", "--oorzaak", "strijdig", "--reden", "x"), "geen open brieven met reden strijdig"),
        (("koppel", "cd34", "--regel", "twee", "--reden", "x"), "REGEL=OPDRACHT"),
        (("keur", "cd34"), "nog niets besloten"),
        (("keur",), "BRIEF of --reeks"),
        (("keur", "--reeks", "9"), "reeks '9'"),
        (("intrek", "cd34", "--reden", "x"), "wacht niets"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    arguments: tuple[str, ...], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KETENBUS_DOOR", "Bram")
    with pytest.raises(Refused, match=why):
        run(*arguments)


def test_nobody_confirms_what_he_decided_himself() -> None:
    with pytest.raises(Refused, match="zelfde-persoon"):
        run("keur", "ab12", "--door", "ANNA")
