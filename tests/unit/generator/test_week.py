"""The generated week: the same from the same seed, complete in its faults, and a ledger that agrees with itself."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from adapters.generator.agenda import EINDE, MAANDAG
from adapters.generator.command import genereer
from adapters.generator.folder import write
from adapters.generator.fouten import INGREPEN
from adapters.generator.kalender import DAY, local
from adapters.generator.partners import load
from adapters.generator.week import Week, maak
from topics.errors import Refused

FACTS_8 = (
    # the same again, and almost the same
    *("zelfde-bytes", "zelfde-bericht-anders-geschreven", "zelfde-nummer-andere-inhoud", "zelfde-inhoud-ander-nummer"),
    # late, out of order, ahead, twice, never
    *("status-voor-opdracht", "verkeerde-volgorde", "dagen-te-laat", "teruggedateerd", "opdracht-komt-nooit"),
    *("in-de-toekomst", "tge-voor-acc", "tge-twee-keer", "na-age", "heropend", "gewijzigde-opdracht"),
    # bytes, dates, numbers
    *("cp1252", "bom", "utf-16", "afgekapt", "doctype", "dd-mm-jjjj", "dd-mm-jj", "decimale-komma", "duizendtal"),
    *("datum-zonder-tijd", "zomertijdgat", "dialect"),
    # against the standard
    *("gln-12-cijfers", "huisnummer-23a", "uuid-als-nummer", "leeg-element", "onbekend-element", "eenheid-m2"),
    *("plm-in-sales005", "zonder-namespace"),
    # who, to whom, about what
    *("gln-controlecijfer", "alias", "gelieerd-is-aannemer", "zonder-aannemer", "aannemer-uit-contract"),
    *("namens-een-ander", "andere-opdrachtgever", "vreemde", "aannemer-geeft-opdracht", "nummer-anders-geschreven"),
    # words and courses
    *("onbekend-statuswoord", "proef", "no-show", "aannemer-niet-verschenen", "thd", "van", "ann", "wei", "ver", "vin"),
    *("rev-aannemer", "rev-opdrachtgever", "meerwerk", "offerte", "foto", "opdracht-zonder-regels"),
    *("mutatie", "mutatie-opdracht", "onderaanneming", "onderaannemer"),
    *("deelopdracht", "deel-onduidelijk", "deel-vanzelf"),
)
"""Every fault that FACTS 8 names for orders, planning and statuses, as the week names them."""


@pytest.fixture(scope="module")
def week() -> Week:
    return maak(500, 1)


def test_the_same_seed_gives_the_same_bytes_and_the_same_ledger() -> None:
    one, two, other = maak(40, 7), maak(40, 7), maak(40, 8)
    assert one == two
    assert [bericht.inhoud for bericht in one.berichten] != [bericht.inhoud for bericht in other.berichten]


def test_the_default_week_has_every_fault(week: Week) -> None:
    assert [fault for fault in FACTS_8 if not week.grootboek.fouten.get(fault)] == []


def test_every_partner_sends_in_every_format_of_its_profile(week: Week) -> None:
    partners = load()
    sent = {(bericht.partner, bericht.formaat) for bericht in week.berichten}
    agreed = {(partner.id, formaat) for partner in partners.values() for formaat in partner.formaten}
    assert sent <= agreed
    # a profile may allow more than its partner uses
    assert {one for one, _ in sent} >= {
        "zilverlinde",
        "havermeer",
        "kobalt-noord",
        "tegendraad",
        "meridiaan",
        "oudewal",
    }
    assert {formaat for _, formaat in sent} == {formaat for _, formaat in agreed}


def test_a_week_of_500_orders_has_500_orders_given_within_five_days(week: Week) -> None:
    orders = {
        uiting.nummer: uiting.opdracht
        for bericht in week.berichten
        for uiting in bericht.delen
        if uiting.opdracht is not None
        and uiting.reden is None
        and not (uiting.opdracht.bovenliggend or uiting.opdracht.mutatie)
    }
    given = {local(order.datum).date() for order in orders.values()}
    assert given == {MAANDAG + n * DAY for n in range(5)}
    never = sum("opdracht-komt-nooit" in bericht.fouten for bericht in week.berichten)
    assert 450 < len(orders) <= 500 + never


def test_nothing_is_received_before_it_was_said_but_what_is_dated_ahead(week: Week) -> None:
    for bericht in week.berichten:
        for uiting in bericht.delen:
            assert uiting.gebeurd <= bericht.op or "in-de-toekomst" in bericht.fouten
    assert [bericht.op for bericht in week.berichten] == sorted(bericht.op for bericht in week.berichten)
    assert {bericht.op for bericht in week.berichten} <= set(week.grootboek.momenten)


def test_of_one_dossier_only_one_partner_is_heard_at_a_moment(week: Week) -> None:
    """The order of two partners at one moment is the bus's to choose, so that nothing may depend on it."""
    heard: dict[tuple[str, datetime], str] = {}
    for bericht in week.berichten:
        for uiting in bericht.delen:
            assert heard.setdefault((uiting.dossier, bericht.op), bericht.partner) == bericht.partner


def test_every_part_has_one_lot_and_the_account_is_their_sum(week: Week) -> None:
    book = week.grootboek
    assert list(book.berichten) == [bericht.naam for bericht in week.berichten]
    for bericht in week.berichten:
        assert len(book.berichten[bericht.naam].delen) == len(bericht.delen)
    lots = [lot for verwacht in book.berichten.values() for lot in verwacht.delen]
    assert book.rekening == Counter(lot.status for lot in lots)
    assert book.uitval == Counter(lot.reden for lot in lots if lot.reden is not None)
    assert set(book.rekening) >= {"toegepast", "dubbel", "uitval"}
    assert sum(book.uitval.values()) == book.rekening["uitval"]


def test_facts_of_the_dossiers_are_the_parts_that_were_applied(week: Week) -> None:
    book = week.grootboek
    facts = sum(dossier.feiten for key, dossier in book.dossiers.items() if "/opdracht/" in key)
    assert facts <= book.rekening["toegepast"]
    assert sum(dossier.wachtend for dossier in book.dossiers.values()) == book.rekening.get("wachtend", 0)


def test_a_repeat_of_bytes_is_answered_with_the_first_receipt(week: Week) -> None:
    by_name = {bericht.naam: bericht for bericht in week.berichten}
    repeats = [bericht for bericht in week.berichten if bericht.herhaling_van is not None]
    assert repeats
    for bericht in repeats:
        first = by_name[bericht.herhaling_van or ""]
        assert (bericht.inhoud, bericht.partner) == (first.inhoud, first.partner)
        assert first.op < bericht.op
        assert week.grootboek.berichten[bericht.naam].antwoord == 200


def test_measures_end_in_every_way_and_signals_stand_or_are_withdrawn(week: Week) -> None:
    measures = [maat for dossier in week.grootboek.dossiers.values() for maat in dossier.maten.values()]
    assert {maat.stand for maat in measures} == {"open", "gesloten", "vervallen", "ingetrokken"}
    dossiers = week.grootboek.dossiers.values()
    raised = [signal for dossier in dossiers for signal in (*dossier.signalen, *dossier.ingetrokken)]
    assert {signal.partition(":")[0] for signal in raised} == {
        "norm-overschreden",
        "norm-dreigt",
        "bericht-ontbreekt",
        "beoordelen",
    }
    assert any(dossier.signalen for dossier in dossiers)
    assert any(dossier.ingetrokken for dossier in dossiers)


def test_every_intervention_finds_an_order_in_a_larger_week() -> None:
    """An intervention that no order lends itself to is dead."""
    assert len(INGREPEN) > 50
    assert len(maak(900, 2).grootboek.fouten) >= len(FACTS_8)


def test_halfway_the_default_week_one_erp_breaks_and_sends_enough_in_a_row_to_be_suspended(week: Week) -> None:
    assert week.storing is not None
    partner, at = week.storing
    broken = [bericht for bericht in week.berichten if (bericht.partner, bericht.op) == (partner, at)]
    assert len(broken) == len({bericht.inhoud for bericht in broken}) == 50
    assert {lot.reden for bericht in broken for lot in week.grootboek.berichten[bericht.naam].delen} == {"onleesbaar"}
    # what it sent before that went well, else fewer would do; and it goes on when it may send again
    before = [bericht for bericht in week.berichten if bericht.partner == partner and bericht.op < at]
    assert week.grootboek.berichten[before[-1].naam].delen[-1].status == "toegepast"
    assert any(bericht.partner == partner and bericht.op > at for bericht in week.berichten)


def test_units_vacancies_and_what_came_back_are_in_the_ledger(week: Week) -> None:
    dossiers = week.grootboek.dossiers
    assert {key.split("/")[1] for key in dossiers} == {"opdracht", "eenheid", "mutatie", "factuur", "contract"}
    assert {dossier.in_een_keer_goed for key, dossier in dossiers.items() if "/opdracht/" in key} == {None, False}
    assert any(len(dossier.opdrachten) > 1 for key, dossier in dossiers.items() if "/eenheid/" in key)
    vacancies = [dossier for key, dossier in dossiers.items() if "/mutatie/" in key]
    assert {"sleutels-in-gereed", "sleutels-in-sleutels-uit"} <= {maat for one in vacancies for maat in one.maten}


def test_the_week_as_files_is_what_was_made(tmp_path: Path) -> None:
    made = maak(25, 3)
    write(made, tmp_path / "week")
    lines = [json.loads(line) for line in (tmp_path / "week" / "verzending.jsonl").read_text().splitlines()]
    for bericht, line in zip(made.berichten, lines, strict=True):
        assert (tmp_path / "week" / line["bestand"]).read_bytes() == bericht.inhoud
        assert datetime.fromisoformat(line["op"]).astimezone(UTC) == bericht.op
    book = msgspec.json.decode((tmp_path / "week" / "grootboek.json").read_bytes(), type=dict[str, object])
    assert book["rekening"] == made.grootboek.rekening
    assert datetime.fromisoformat(str(book["einde"])) == EINDE
    with pytest.raises(Refused, match="expected an empty folder"):
        write(made, tmp_path / "week")


def test_the_command_writes_the_week_and_tells_its_faults(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(genereer)
    result = CliRunner().invoke(app, [str(tmp_path / "week"), "--opdrachten", "30", "--zaad", "5"])
    assert result.exit_code == 0, result.output
    assert "messages with" in result.output
    assert len(list((tmp_path / "week" / "berichten").iterdir())) == len(maak(30, 5).berichten)


def test_a_place_where_no_folder_can_be_is_refused_before_the_week_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    app = typer.Typer()
    app.command()(genereer)
    for place in (tmp_path / "file", tmp_path / "file" / "week"):
        result = CliRunner().invoke(app, [str(place), "--opdrachten", "1000000000"])
        assert isinstance(result.exception, Refused)
        assert "expected a folder that can be made there" in str(result.exception)
