"""The reading commands on a filled view: what a person sees at 100 columns, and what a program gets."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from chain.review.command import app as uitval
from topics.catalogue.declarations import PERSOON
from topics.documents import Account, Bewijs, Reden, keten
from topics.errors import Refused, Unavailable
from topics.view.command import dossier
from topics.view.fill import View

KEY = "onderhoud/opdracht/8712345000011/IN00001"
Later = Callable[[float], datetime]
Run = Callable[..., Result]

page = typer.Typer()
page.command()(dossier)


@pytest.fixture
def run(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command; its errors are raised."""
    monkeypatch.setenv("KETENBUS_VIEW", url)
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "100")

    def invoke(app: typer.Typer, *arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), catch_exceptions=False)

    return invoke


@pytest.fixture
def filled(view: View, log: Any, later: Later) -> None:
    log.dossier(
        toestand="geaccepteerd", aan_zet=keten.AanZet.AANNEMER, aan_zet_sinds=later(5), buiten_beschouwing=("e2",)
    )
    for number, (code, happened, known) in enumerate([("ACC", 5, 90), ("REG", 0, 1), ("VIN", 7, 8)]):
        receipt = f"r{number}"
        log.raw(receipt, "bouw")
        log.opened(receipt, 1, "bouw")
        log.moved(receipt, "1", Account.ONDERWEG, Account.TOEGEPAST, "bouw")
        log.status(f"e{number}", code, happened=later(happened), known=later(known), receipt=receipt)
    log.measure("acceptatie", 0, "open")
    log.measure(
        "acceptatie", 1, "gesloten", eind=later(5), deadline=later(1), bruto_seconden=300, werkdagen=0,
        bewijs=(Bewijs("r1", "cd" * 32, "e1"), Bewijs("r0", "cd" * 32, "e0")),
    )  # fmt: skip
    log.signal("s1")
    log.letter("ab12cd34ef5607081234567812345678", "r8", "1", Reden.STRIJDIG, KEY)
    log.letter("bb12cd34ef5607081234567812345678", "r9", "", Reden.ONLEESBAAR)
    log.letter("bb99cd34ef5607081234567812345678", "r10", "", Reden.ONLEESBAAR)
    log.document(PERSOON, f"{KEY}#r1", keten.Persoon(velden={"locatie.naam": "J. Proefpersoon"}), id="p")
    log.give(view)


@pytest.mark.usefixtures("filled")
def test_a_dossier_shows_both_times_codes_in_words_and_what_counts(run: Run) -> None:
    lines = run(page, "in00001").output.splitlines()
    timeline = [line.split() for line in lines if "bouw" in line]
    assert timeline[0] == ["1", "2026-03-02", "09:00", "2026-03-02", "09:01", "REG", "geregistreerd",
                           "(“Geaccepteerd”)", "bouw", "ja"]  # fmt: skip
    assert timeline[1][1:5] == ["2026-03-02", "09:05", "2026-03-02", "10:30"]
    assert timeline[2][-1] == "nee"
    text = "\n".join(lines)
    assert "aannemer sinds 2026-03-02 09:05" in text
    assert "bruto 5 m · 0 werkdag(en) · bewijs 1, 2" in text
    assert "(te laat)" in text
    assert "norm-overschreden: te laat" in text
    assert "ab12cd34ef56" in text
    # where the bytes lie on this bus, whatever the event said of a former one
    assert "ruw ruw.corporatie.v1/0/1 · sha256 cdcdcdcdcdcdcdcd…" in text
    assert max(map(len, lines)) <= 100


@pytest.mark.usefixtures("filled")
def test_personal_data_is_shown_only_when_asked_for(run: Run) -> None:
    assert "Proefpersoon" not in run(page, KEY).output
    assert "Proefpersoon" not in run(page, KEY, "--json").output
    assert "locatie.naam: J. Proefpersoon" in run(page, KEY, "--personen").output
    assert "Proefpersoon" in run(page, KEY, "--json", "--personen").output


@pytest.mark.usefixtures("filled")
def test_a_program_gets_the_whole_dossier(run: Run) -> None:
    found = json.loads(run(page, KEY, "--json").output)
    assert found["dossier"]["toestand"] == "geaccepteerd"
    assert [event["id"] for event in found["gebeurtenissen"]] == ["e1", "e0", "e2"]
    assert found["maten"][0]["laatste"]["revisie"] == 1


@pytest.mark.usefixtures("filled")
def test_dossiers_with_the_same_number_are_listed(run: Run, view: View, log: Any) -> None:
    other = "onderhoud/opdracht/8799999000016/IN00001"
    log.dossier(sleutel=other, opdrachtgever="8799999000016")
    log.give(view)
    output = run(page, "IN00001").output
    assert "2 dossiers met dit nummer" in output
    assert KEY in output
    assert other in output
    assert len(json.loads(run(page, "IN00001", "--json").output)["dossiers"]) == 2


@pytest.mark.usefixtures("filled")
def test_an_unknown_dossier_says_where_to_look(run: Run) -> None:
    with pytest.raises(Refused, match="uitval lijst"):
        run(page, "IN99999")


def test_without_a_view_the_command_says_what_to_start(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KETENBUS_VIEW", f"sqlite:///{tmp_path / 'nergens.db'}")
    for command in ((page, "IN1"), (uitval, "lijst"), (uitval, "toon", "ab")):
        with pytest.raises(Unavailable, match="ketenbus run"):
            run(*command)


@pytest.mark.usefixtures("filled")
def test_letters_are_grouped_by_cause_and_partner(run: Run) -> None:
    lines = run(uitval, "lijst").output.splitlines()
    groups = [line.split() for line in lines if line.strip()[:2] in ("2 ", "1 ")]
    assert [(group[0], group[1]) for group in groups] == [("2", "onleesbaar"), ("1", "strijdig")]
    assert max(map(len, lines)) <= 100
    found = json.loads(run(uitval, "lijst", "--json", "--reden", "onleesbaar").output)
    assert [(group["reden"], group["aantal"]) for group in found["groepen"]] == [("onleesbaar", 2)]
    assert json.loads(run(uitval, "lijst", "--json", "--partner", "nobody").output) == {"groepen": [], "brieven": []}


def test_no_letters_is_said_so(run: Run, view: View) -> None:
    assert "Geen uitval" in run(uitval, "lijst").output


@pytest.mark.usefixtures("filled")
def test_a_letter_that_is_not_one_is_refused_with_what_to_do(run: Run) -> None:
    with pytest.raises(Refused, match="meer dan één brief begint met 'bb'"):
        run(uitval, "toon", "bb")
    with pytest.raises(Refused, match="uitval lijst"):
        run(uitval, "toon", "cc")
    with pytest.raises(Refused):
        run(uitval, "toon", " ")
