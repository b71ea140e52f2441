"""`ketenbus check` says of a message what the adapter would make of it."""

import json
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from adapters import bundle
from adapters.adapter.processor import AdapterProcessor
from adapters.check.command import check as command
from adapters.check.report import Factuurrapport, Oordeel, Rapport, check, check_form
from adapters.formats import FORMATS
from adapters.kinds import AANNEMER, CORPORATIE
from adapters.message import Bericht, Deel, FactuurInhoud, MutatieInhoud, Soort
from tests.unit.adapter.messages import (
    LINDE,
    ORDER,
    RECEIVED,
    STATUS,
    WARNING,
    Canned,
    broken,
    order,
    part,
    raw,
    status,
)
from topics.cli import application
from topics.documents import Account, Bevinding, Ernst, Moment, Reden
from topics.documents.factuur import Factuurregel
from topics.documents.onderhoud import Mutatiestap
from topics.profile.registry import Registry
from topics.profile.samples import FOLDER
from topics.runtime.driver import Driver, FakeBus

REGISTRY = Registry.load(FOLDER)
KOBALT = REGISTRY.versions("kobalt-noord")[0]
VACANCY = Bericht(
    soort=Soort.MUTATIE,
    berichtnummer="M-1",
    opdrachtgever=LINDE,
    opdrachtnummer="",
    inhoud=MutatieInhoud(stap=Mutatiestap.OPGEZEGD, gebeurd=Moment(RECEIVED), mutatie="MUT-1"),
)


def report(*delen: Deel) -> Rapport:
    return check(b"bytes", KOBALT, REGISTRY, RECEIVED, name="a.json", read=Canned(*delen))


def test_a_right_message_is_geldig_with_its_dossier_and_warnings() -> None:
    found = report(part(status("Vraag"), WARNING))
    assert (found.uitkomst, found.reden, found.bestand, found.formaat) == (Oordeel.GELDIG, None, "a.json", "json")
    assert found.delen[0].dossier == f"onderhoud/opdracht/{LINDE}/IN001"
    assert WARNING in found.bevindingen


def test_an_invoice_is_told_with_what_the_terms_answer() -> None:
    line = Factuurregel(
        nummer="1", bedrag=Decimal(91), btw_categorie="S", btw_percentage=Decimal(21), prijscode="PB-001"
    )
    other = msgspec.structs.replace(line, nummer="2", prijscode="XX-1", opdrachtnummer=" in 2")
    inhoud = FactuurInhoud(
        factuurnummer="F1",
        factuurdatum=RECEIVED.date(),
        btw_nummer="NL879999007B01",
        iban="NL94KTNB0990000003",
        regels=(line, other),
        netto=Decimal(182),
        te_betalen=Decimal("220.22"),
    )
    bericht = Bericht(
        soort=Soort.FACTUUR, berichtnummer="1", opdrachtnummer="IN001", opdrachtgever=LINDE, inhoud=inhoud
    )
    (told,) = report(part(bericht)).delen
    assert told.dossier == "onderhoud/factuur/NL879999007B01/F1"
    assert told.factuur == Factuurrapport(
        leverancier="NL879999007B01",
        factuurnummer="F1",
        te_betalen=Decimal("220.22"),
        opdrachten=("IN001", "IN2"),
        iban_bekend=False,
        zonder_prijs=("2",),
    )
    assert report(part(status("Vraag"))).delen[0].factuur is None


def test_one_wrong_part_refuses_the_file_and_each_part_is_told() -> None:
    found = report(part(status("Vraag")), part(status("onzin")), broken())
    assert (found.uitkomst, found.reden) == (Oordeel.AFGEKEURD, Reden.ONBEKENDE_CODE)
    assert [one.uitkomst.value for one in found.delen] == ["geldig", "afgekeurd", "afgekeurd"]
    assert [one.deel for one in found.delen] == ["1", "2", "3"]


def test_a_personal_value_is_never_shown() -> None:
    finding = Bevinding(
        code="adres", pad="/locatie/naam", ernst=Ernst.FOUT, tekst="Gevonden 'Piet'", waarde="Piet", persoonlijk=True
    )
    found = report(Deel(reden=Reden.ONGELDIG, bevindingen=(finding,)))
    assert b"Piet" not in msgspec.json.encode(found)


PARTS = st.one_of(
    st.sampled_from(["Werk gereed", "onzin"]).map(lambda word: part(status(word))),
    st.sampled_from([LINDE, "8799999000314"]).map(lambda gln: part(status("Vraag", opdrachtgever=gln))),
    st.just(part(order())),
    st.just(broken((LINDE, "1"))),
    st.just(broken()),
)


@settings(deadline=None)
@given(delen=st.lists(PARTS, min_size=1, max_size=5))
def test_check_and_the_adapter_agree_on_every_part(delen: list[Deel]) -> None:
    bus = FakeBus()
    bus.send(raw("aannemer", "kobalt-noord"))
    Driver(AdapterProcessor(AANNEMER, REGISTRY, Canned(*delen)), bus).run()
    postings = [json.loads(record.value or b"{}") for record in bus.records("keten.spoor.v1")]
    refused = {
        (one["deel"], one["reden"], one.get("dossier"), len(one.get("bevindingen", ())))
        for one in postings
        if one["naar"] == Account.UITVAL
    }
    told = {
        (one.deel, one.reden, one.dossier, len(one.bevindingen))
        for one in report(*delen).delen
        if one.reden is not None
    }
    assert told == refused


def test_without_a_profile_form_and_document_are_checked() -> None:
    reader = Canned(part(status("een woord dat niemand kent")))
    assert check_form(b"", AANNEMER, read=reader).uitkomst is Oordeel.GELDIG
    assert reader.asked == [("", None)]
    refused = check_form(b"", AANNEMER, read=Canned(part(VACANCY)))
    assert (refused.uitkomst, refused.reden) == (Oordeel.AFGEKEURD, Reden.ONBEVOEGD)
    assert check_form(b"", CORPORATIE, read=Canned(part(VACANCY))).uitkomst is Oordeel.GELDIG
    assert check_form(b"", None, read=Canned(part(ORDER))).uitkomst is Oordeel.GELDIG
    assert check_form(b"", None, read=Canned(broken())).reden is Reden.ONGELDIG


# ---------------------------------------------------------------- the command, with the real formats


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path / "leeg"))
    by_name = {one.name: one for one in FORMATS}
    (tmp_path / "opdracht.xml").write_bytes(by_name["dico"].render(msgspec.structs.replace(ORDER, personen={})))
    (tmp_path / "status.json").write_bytes(by_name["json"].render(STATUS))
    (tmp_path / "mutatie.json").write_bytes(by_name["json"].render(VACANCY))
    (tmp_path / "onzin.json").write_bytes(by_name["json"].render(status("onzin")))
    (tmp_path / "rommel.bin").write_bytes(b"\x00\xff")
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    app = typer.Typer()
    app.command()(command)
    named = [str(folder / word) if "." in word else word for word in words]
    return CliRunner().invoke(app, named)


def test_right_files_exit_0(files: Path) -> None:
    result = run(files, "opdracht.xml", "--partner", "zilverlinde")
    assert result.exit_code == 0, result.output
    assert "opdracht.xml: geldig" in result.stdout
    assert f"dossier onderhoud/opdracht/{LINDE}/IN001" in result.stdout
    assert "sample partners are used" in result.stderr


def test_any_refused_file_exits_1_and_the_finding_names_found_and_expected(files: Path) -> None:
    result = run(files, "status.json", "onzin.json", "rommel.bin", "--partner", "kobalt-noord")
    assert result.exit_code == 1
    assert "status.json: geldig" in result.stdout
    assert "onzin.json: afgekeurd (onbekende-code)" in result.stdout
    assert "status: status-onbekend (waarde weggelaten: persoonsgegeven)" in result.stdout
    assert "Status: verwacht een van" in result.stdout
    assert "rommel.bin: afgekeurd (onleesbaar)" in result.stdout


def test_json_is_one_object_per_line_with_all_that_is_known(files: Path) -> None:
    result = run(files, "status.json", "onzin.json", "--partner", "kobalt-noord", "--json")
    right, wrong = (json.loads(line) for line in result.stdout.splitlines())
    assert list(right) == ["bestand", "formaat", "versie", "document", "uitkomst", "reden", "bevindingen", "delen"]
    assert (right["uitkomst"], right["formaat"], right["reden"]) == ("geldig", "json", None)
    assert (wrong["uitkomst"], wrong["reden"]) == ("afgekeurd", "onbekende-code")
    assert wrong["bevindingen"][0]["code"] == "status-onbekend"


def test_by_kind_an_aannemer_tells_nothing_of_a_vacancy(files: Path) -> None:
    result = run(files, "mutatie.json", "--soort", "aannemer")
    assert result.exit_code == 1
    assert "onbevoegd" in result.stdout
    assert run(files, "mutatie.json", "--soort", "corporatie").exit_code == 0
    assert run(files, "opdracht.xml", "onzin.json").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("status.json", "--partner", "vreemd"), "zilverlinde"),
        (("status.json", "--soort", "slager"), "corporatie, aannemer"),
        (("status.json", "--soort", "aannemer", "--partner", "tegendraad"), "one of them"),
        (("nergens.json", "--soort", "aannemer"), "expected a file"),
    ],
)
def test_a_wrong_question_is_refused_with_what_was_expected(files: Path, words: tuple[str, ...], said: str) -> None:
    assert said in str(run(files, *words).exception)


def test_attachments_in_the_folder_beside_a_file_go_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    file = tmp_path / "status.json"
    attached = [{"soort": "PHO", "bestandssoort": "image/jpeg", "naam": "foto.jpg"}]
    message = {
        "formaat": "ketenbus-json/1", "soort": "status", "berichtnummer": "K-1", "opdrachtgever": "8799999000017",
        "opdrachtnummer": "ZL-1", "status": "Werk gereed", "gebeurd": "2026-03-02T10:00:00+01:00", "bijlagen": attached,
    }  # fmt: skip
    file.write_text(json.dumps(message))
    without = CliRunner().invoke(application("check"), [str(file), "--json"])
    (tmp_path / "status.json.bijlagen").mkdir()
    (tmp_path / "status.json.bijlagen" / "foto.jpg").write_bytes(b"photo")
    beside = CliRunner().invoke(application("check"), [str(file), "--json"])
    assert [one["code"] for one in json.loads(without.stdout)["bevindingen"]] == ["bijlage-zonder-inhoud"]
    assert json.loads(beside.stdout)["bevindingen"] == []


def test_an_invoice_is_shown_with_its_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KETENBUS_DATA", str(tmp_path))
    golden = Path(__file__).parents[2] / "contract" / "golden" / "json_v1"
    result = run(golden, "factuur-volledig.json", "--partner", "kobalt-noord")
    assert result.exit_code == 0, result.output
    assert "factuur 2026-0117 van NL879999007B01: 2500.00 euro, voor OPD-26-00815, OPD-26-00816" in result.stdout
    assert "rekening bekend" in result.stdout
    assert "geen afgesproken prijs voor de code van regel 2, 3" in result.stdout


def test_a_file_that_no_intake_would_take_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "LARGEST", 1_000)
    endless = tmp_path / "zonder-eind.json"
    endless.symlink_to("/dev/zero")
    found = str(CliRunner().invoke(application("check"), [str(endless), "--json"]).exception)
    assert "File too large" in found
    assert "at most 1000 bytes" in found
