"""What the intake and people ask: the status rule, the repeat rule, pages, search, the account."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, text

from topics.catalogue.declarations import BESLUIT, BESLUITSTAND, PERSOON, SPOOR
from topics.documents import Account, Reden, besluit, keten
from topics.errors import Unavailable
from topics.ids import receipt_id
from topics.view import figures, search, statements
from topics.view.fill import View
from topics.view.queries import Queries

Later = Callable[[float], datetime]


@pytest.fixture
def queries(url: str, view: View) -> Iterator[Queries]:
    made = Queries(url)
    yield made
    made.close()


def test_a_receipt_without_trace_is_onderweg(view: View, queries: Queries, log: Any, later: Later) -> None:
    log.raw("r1")
    log.give(view)
    status = queries.receipt_status("r1", "wonen")
    assert status is not None
    assert (status.account, status.definitief, status.delen) == (Account.ONDERWEG, False, ())
    assert (status.ontvangen, status.sha256, status.positie) == (later(0), "ab" * 32, 0)
    assert (status.grootte, status.inhoudstype) == (11, "application/xml")


def test_parts_without_a_posting_are_onderweg(view: View, queries: Queries, log: Any) -> None:
    log.raw("r1")
    log.opened("r1", 3)
    log.moved("r1", "2", Account.ONDERWEG, Account.TOEGEPAST, dossier="d")
    log.give(view)
    status = queries.receipt_status("r1", "wonen")
    assert status is not None
    assert [(part.deel, part.account) for part in status.delen] == [
        ("1", Account.ONDERWEG),
        ("2", Account.TOEGEPAST),
        ("3", Account.ONDERWEG),
    ]
    assert (status.account, status.definitief) == (Account.ONDERWEG, False)


@pytest.mark.parametrize(
    ("parts", "shown", "final"),
    [
        ([Account.TOEGEPAST, Account.WACHTEND, Account.UITVAL], Account.WACHTEND, False),
        ([Account.TOEGEPAST, Account.UITVAL], Account.UITVAL, False),
        ([Account.DUBBEL, Account.TOEGEPAST], Account.TOEGEPAST, True),
        ([Account.TOEGEPAST, Account.TERUGGESTUURD], Account.TERUGGESTUURD, True),
        ([Account.DUBBEL], Account.DUBBEL, True),
    ],
)
def test_the_message_shows_its_least_finished_part(
    view: View, queries: Queries, log: Any, parts: list[Account], shown: Account, final: bool
) -> None:
    log.raw("r1")
    log.opened("r1", len(parts))
    for number, account in enumerate(parts, 1):
        log.moved("r1", str(number), Account.ONDERWEG, account)
    log.give(view)
    status = queries.receipt_status("r1", "wonen")
    assert status is not None
    assert (status.account, status.definitief, len(status.delen)) == (shown, final, len(parts))


def test_reason_and_dossier_of_a_part_are_shown(view: View, queries: Queries, log: Any, later: Later) -> None:
    log.raw("r1")
    log.opened("r1", 1)
    log.moved("r1", "1", Account.ONDERWEG, Account.UITVAL, reden=Reden.STRIJDIG, dossier="d1", at=later(3))
    log.give(view)
    status = queries.receipt_status("r1", "wonen")
    assert status is not None
    [part] = status.delen
    assert (part.reden, part.dossier, part.sinds) == (Reden.STRIJDIG, "d1", later(3))


def test_a_receipt_of_another_partner_is_unknown(view: View, queries: Queries, log: Any) -> None:
    log.raw("r1")
    log.give(view)
    assert queries.receipt_status("r1", "bouw") is None
    assert queries.receipt_status("r9", "wonen") is None


def test_postings_before_the_raw_record_give_the_same_receipt(view: View, queries: Queries, log: Any) -> None:
    log.opened("r1", 2)
    log.moved("r1", "1", Account.ONDERWEG, Account.TOEGEPAST)
    log.give(view)
    early = queries.receipt_status("r1", "wonen")
    assert early is not None
    assert (early.sha256, len(early.delen)) == (None, 2)
    log.raw("r1")
    log.give(view)
    late = queries.receipt_status("r1", "wonen")
    assert late is not None
    assert (late.sha256, late.delen) == ("ab" * 32, early.delen)


def test_pages_go_on_after_the_last_receipt_of_the_former(view: View, queries: Queries, log: Any, later: Later) -> None:
    ids = [receipt_id(later(minute), bytes(10)) for minute in range(7)]
    for minute, receipt in enumerate(ids):
        log.raw(receipt, at=later(minute))
        log.opened(receipt, 2, at=later(minute))
    log.moved(ids[3], "1", Account.ONDERWEG, Account.TOEGEPAST)
    log.moved(ids[3], "2", Account.ONDERWEG, Account.DUBBEL)
    log.raw(receipt_id(later(2), b"\x01" * 10), "bouw", at=later(2))
    log.give(view)
    first = queries.receipts_since("wonen", later(1), 3)
    assert [status.ontvangst for status in first] == ids[1:4]
    assert [status.account for status in first] == [Account.ONDERWEG, Account.ONDERWEG, Account.TOEGEPAST]
    second = queries.receipts_since("wonen", later(1), 3, first[-1].ontvangst)
    assert [status.ontvangst for status in second] == ids[4:7]
    assert queries.receipts_since("wonen", later(1), 3, ids[6]) == []
    assert queries.receipts_since("wonen", later(6.5), 3) == []


def test_the_same_bytes_get_the_first_receipt(view: View, queries: Queries, log: Any, later: Later) -> None:
    log.raw("r1", at=later(0))
    log.raw("r2", at=later(1))
    log.give(view)
    found = queries.first_receipt("wonen", "ab" * 32, later(-60))
    assert found is not None
    assert (found.ontvangst, found.ontvangen) == ("r1", later(0))
    assert queries.first_receipt("bouw", "ab" * 32, later(-60)) is None
    assert queries.first_receipt("wonen", "00" * 32, later(-60)) is None


def test_the_same_bytes_are_new_once_the_first_is_too_old(view: View, queries: Queries, log: Any, later: Later) -> None:
    log.raw("r1", at=later(0))
    log.give(view)
    assert queries.first_receipt("wonen", "ab" * 32, later(0) + timedelta(microseconds=1)) is None


@pytest.mark.parametrize("account", [Account.UITVAL, Account.TERUGGESTUURD, Account.AFGEVOERD])
def test_the_same_bytes_are_new_when_all_parts_failed(
    view: View, queries: Queries, log: Any, later: Later, account: Account
) -> None:
    log.raw("r1")
    log.opened("r1", 2)
    log.moved("r1", "1", Account.ONDERWEG, account)
    log.give(view)
    assert queries.first_receipt("wonen", "ab" * 32, later(-60)) is not None
    log.moved("r1", "2", Account.ONDERWEG, Account.UITVAL)
    log.give(view)
    assert queries.first_receipt("wonen", "ab" * 32, later(-60)) is None
    log.raw("r2", at=later(2))
    log.give(view)
    again = queries.first_receipt("wonen", "ab" * 32, later(-60))
    assert again is not None
    assert again.ontvangst == "r2"


def test_queries_say_so_while_there_is_no_view(tmp_path: Path) -> None:
    queries = Queries(f"sqlite:///{tmp_path / 'nowhere.db'}")
    with pytest.raises(Unavailable, match="ketenbus run"):
        queries.receipt_status("r1", "wonen")


def test_a_dossier_is_found_by_key_and_by_number_as_people_write_it(view: View, reader: Engine, log: Any) -> None:
    log.dossier()
    log.dossier(sleutel="onderhoud/opdracht/8799999000016/IN00001", opdrachtgever="8799999000016")
    # nothing but statuses yet: the number is known by its key only
    log.dossier(sleutel="onderhoud/opdracht/8799999000016/7%2F8", opdrachtnummer=None, toestand="wachtend")
    log.give(view)
    assert len(search.find_dossiers(reader, " In 00001")) == 2
    assert [found.toestand for found in search.find_dossiers(reader, "7/8")] == ["wachtend"]
    [one] = search.find_dossiers(reader, "onderhoud/opdracht/8799999000016/IN00001")
    assert one.opdrachtgever == "8799999000016"
    assert search.find_dossiers(reader, "IN00002") == []
    assert search.find_dossiers(reader, "") == []


def test_the_page_of_a_dossier_holds_all_that_stands_behind_it(
    view: View, reader: Engine, log: Any, later: Later
) -> None:
    log.dossier()
    log.status("e2", "ACC", happened=later(5), known=later(6), receipt="r2")
    log.status("e1", "REG", happened=later(1), known=later(9), receipt="r1")
    log.measure("acceptatie", 0, "open")
    log.measure("acceptatie", 1, "gesloten", bruto_seconden=300)
    log.signal("s1")
    log.letter("b1", "r9", "1", Reden.STRIJDIG, "onderhoud/opdracht/8712345000011/IN00001")
    log.document(
        PERSOON, "onderhoud/opdracht/8712345000011/IN00001#r1", keten.Persoon(velden={"tekst": "lekt"}), id="p"
    )
    log.give(view)
    page = search.dossier_page(reader, "onderhoud/opdracht/8712345000011/IN00001")
    assert page is not None
    assert [(event.id, event.code, event.gebeurd, event.bekend) for event in page.gebeurtenissen] == [
        ("e1", "REG", later(1), later(9)),
        ("e2", "ACC", later(5), later(6)),
    ]
    assert page.gebeurtenissen[0].bron == "ruw.aannemer.v1/0/7"
    assert [(measure.laatste.revisie, measure.laatste.bruto_seconden) for measure in page.maten] == [(1, 300)]
    assert [signal.id for signal in page.signalen] == ["s1"]
    assert [letter.id for letter in page.brieven] == ["b1"]
    assert page.personen == {"r1": {"tekst": "lekt"}}
    assert search.dossier_page(reader, "onderhoud/opdracht/0/0") is None


def test_a_letter_is_open_until_its_part_moved_or_a_decision_was_forwarded(
    view: View, reader: Engine, log: Any
) -> None:
    for receipt in ("r1", "r2"):
        log.raw(receipt)
        log.opened(receipt, 1)
        log.moved(receipt, "-", Account.ONDERWEG, Account.UITVAL)
        log.letter(f"b-{receipt}", receipt)
    log.letter("b-klok", "")
    log.give(view)
    assert {letter.id for letter in search.letters(reader)} == {"b-r1", "b-r2", "b-klok"}
    log.moved("r1", "-", Account.UITVAL, Account.AFGEVOERD)
    at = datetime.fromisoformat("2026-03-02T09:00Z")
    decision = besluit.Besluit(brief="b-r2", soort="retour", door="ik", op=at)
    log.document(BESLUIT, "b-r2", decision, id="besluit-1")
    waiting = besluit.Besluitstand(
        brief="b-r2", toestand=besluit.Toestand.WACHT, bijgewerkt=at, soort="retour", door="ik", wacht_op=("bedrag",)
    )
    log.document(BESLUITSTAND, "b-r2", waiting, id="stand-1")
    log.give(view)
    left = {letter.id: letter.besluit for letter in search.letters(reader)}
    assert left == {"b-r2": waiting, "b-klok": None}
    forwarded = msgspec.structs.replace(waiting, toestand=besluit.Toestand.DOORGESTUURD)
    log.document(BESLUITSTAND, "b-r2", forwarded, id="stand-2")
    log.give(view)
    assert [letter.id for letter in search.letters(reader)] == ["b-klok"]
    assert len(search.letters(reader, open_only=False)) == 3
    assert figures.overview(reader).uitval == {("zonder-sleutel", "wonen"): 1}


def test_a_letter_is_found_by_the_beginning_of_its_id_only(view: View, reader: Engine, log: Any) -> None:
    log.letter("abc1", "r1")
    log.letter("abd2", "r2")
    log.give(view)
    assert [letter.id for letter in search.letter(reader, "abc")] == ["abc1"]
    assert len(search.letter(reader, "ab")) == 2
    assert search.letter(reader, "%") == []
    assert search.letter(reader, "b") == []


def test_the_account_counts_every_part_once(view: View, reader: Engine, log: Any) -> None:
    log.raw("r1")
    log.opened("r1", 3)
    log.moved("r1", "1", Account.ONDERWEG, Account.TOEGEPAST)
    log.moved("r1", "2", Account.ONDERWEG, Account.WACHTEND)
    log.raw("r2", "bouw")
    log.opened("r2", 1, "bouw")
    log.moved("r2", "-", Account.ONDERWEG, Account.UITVAL, "bouw")
    log.raw("r3", "bouw")
    log.give(view)
    state = figures.account(reader)
    wonen, bouw = state.rows[("wonen", "2026-03-02")], state.rows[("bouw", "2026-03-02")]
    assert (wonen.ontvangen, wonen.ongeopend, wonen.aangenomen) == (1, 0, 3)
    assert wonen.accounts == {Account.TOEGEPAST: 1, Account.WACHTEND: 1, Account.ONDERWEG: 1}
    assert (bouw.ontvangen, bouw.ongeopend, bouw.aangenomen) == (2, 1, 1)
    assert bouw.accounts == {Account.UITVAL: 1}
    assert state.positions[(SPOOR, 0)] == 5
    stock = figures.backlog(reader)
    assert (stock.ongeopend, stock.onderweg) == (1, 1)


def test_a_part_that_goes_back_to_onderweg_counts_there_again(view: View, reader: Engine, log: Any) -> None:
    log.raw("r1")
    log.opened("r1", 1)
    log.moved("r1", "1", Account.ONDERWEG, Account.UITVAL)
    log.give(view)
    assert figures.backlog(reader).onderweg == 0
    log.moved("r1", "1", Account.UITVAL, Account.ONDERWEG)
    log.give(view)
    [row] = figures.account(reader).rows.values()
    assert (row.aangenomen, row.accounts) == (1, {Account.ONDERWEG: 1})


def test_the_oldest_is_named_by_its_moment(view: View, reader: Engine, log: Any, later: Later) -> None:
    log.raw("r1", at=later(1))
    log.raw("r2", at=later(2))
    log.opened("r1", 1, at=later(1))
    log.give(view)
    stock = figures.backlog(reader)
    assert (stock.ongeopend_sinds, stock.onderweg_sinds) == (later(2), later(1))


def test_overview_counts_what_stands(view: View, reader: Engine, log: Any) -> None:
    log.dossier()
    log.dossier(sleutel="proef-onderhoud/opdracht/1/2", keten="proef-onderhoud")
    log.measure("acceptatie", 0, "open")
    log.measure("acceptatie", 1, "gesloten")
    log.signal("s1")
    log.signal("s2")
    log.signal("s2", gone=True)
    log.give(view)
    found = figures.overview(reader)
    assert found.dossiers == {("onderhoud", "geregistreerd"): 1, ("proef-onderhoud", "geregistreerd"): 1}
    assert found.maten == {("onderhoud", "acceptatie", "gesloten"): 1}
    assert found.signalen == {("onderhoud", "norm-overschreden"): 1}
    assert found.accounts == {Account.ONDERWEG: 0}


QUESTIONS: dict[str, tuple[statements.StatusRow, dict[str, object]]] = {
    "receipt_status": (statements.receipt_status(), {"ontvangst": "r5", "partner": "partner-1"}),
    "receipts_since": (statements.receipts_since(), {"partner": "partner-1", "na": "r5", "aantal": 10}),
    "first_receipt": (statements.first_receipt(), {"partner": "partner-1", "sha256": f"{5:064x}", "sinds": "2026"}),
}


@pytest.mark.parametrize("name", list(QUESTIONS))
def test_no_question_of_the_intake_reads_a_whole_table(view: View, writer: Engine, log: Any, name: str) -> None:
    for number in range(5_000):
        log.raw(f"r{number}", f"partner-{number % 2}", sha256=f"{number:064x}")
        log.opened(f"r{number}", 1)
        log.moved(f"r{number}", "1", Account.ONDERWEG, Account.TOEGEPAST)
    log.give(view)
    statement, given = QUESTIONS[name]
    question = str(statement.params(given).compile(dialect=writer.dialect, compile_kwargs={"literal_binds": True}))
    with writer.connect() as connection:
        connection.execute(text("ANALYZE"))
        how = "EXPLAIN" if writer.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = " | ".join(str(row[-1]) for row in connection.exec_driver_sql(f"{how} {question}"))
    assert "ontvangst" in plan
    assert "Seq Scan" not in plan
    assert "SCAN ontvangst" not in plan
    assert "SCAN deel" not in plan
    if name == "first_receipt":  # any other index reads all that a partner ever sent
        assert "ontvangst_op_inhoud" in plan
