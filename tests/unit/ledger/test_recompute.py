"""The plain recount and its comparison with the live account: differences are seen, whatever caused them."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from chain.ledger.command import as_json, behind
from chain.ledger.compare import Comparison, compare
from chain.ledger.recompute import Books, Recount
from topics.catalogue.declarations import SPOOR
from topics.documents import Account
from topics.errors import DocumentError
from topics.runtime.step import Record
from topics.view.figures import AccountRow

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
KEY = ("wonen", "2026-03-02")


def raw(receipt: str, type_: str = "nl.ketenbus.bericht.v1", at: str = "2026-03-02T08:00:00Z") -> Record:
    headers = [("ce_id", receipt.encode()), ("ce_source", b"wonen"), ("ce_type", type_.encode())]
    headers += [("ce_time", at.encode()), ("ce_recordedtime", at.encode())]
    return Record("ruw.corporatie.v1", 0, 0, 0, b"wonen", b"<x/>", headers)


def posting(receipt: str, deel: str, van: str | None, naar: str, uit: str = "u", delen: int | None = None) -> Record:
    body: dict[str, object] = {
        "ontvangst": receipt, "deel": deel, "naar": naar, "partner": "wonen", "dag": "2026-03-02", "uit": uit
    }  # fmt: skip
    body |= {} if van is None else {"van": van}
    body |= {} if delen is None else {"delen": delen}
    return Record(SPOOR, 0, 0, 0, receipt.encode(), json.dumps(body).encode(), [])


def books(*records: Record) -> Books:
    recount = Recount()
    for record in records:
        recount.add(record)
    return recount.rows()[KEY]


def test_books_add_up_over_a_message_of_three_parts() -> None:
    found = books(
        raw("r1"),
        posting("r1", "-", None, "onderweg", delen=3),
        posting("r1", "1", "onderweg", "toegepast"),
        posting("r1", "2", "onderweg", "wachtend"),
        posting("r1", "2", "wachtend", "uitval"),
    )
    assert (found.ontvangen, found.ongeopend, found.aangenomen) == (1, 0, 3)
    assert found.accounts == {"onderweg": 1, "toegepast": 1, "uitval": 1}


def test_a_doubled_posting_is_counted_once() -> None:
    twice = [posting("r1", "-", None, "onderweg", delen=2), posting("r1", "1", "onderweg", "dubbel")] * 2
    found = books(raw("r1"), *twice)
    assert (found.aangenomen, found.accounts) == (2, {"onderweg": 1, "dubbel": 1})


def test_a_part_that_left_an_account_it_was_not_in_shows_as_a_negative() -> None:
    found = books(raw("r1"), posting("r1", "-", None, "onderweg", delen=1), posting("r1", "1", "wachtend", "toegepast"))
    assert found.accounts == {"onderweg": 1, "wachtend": -1, "toegepast": 1}


def test_marks_of_the_clock_are_no_receipts_and_a_resend_is_the_same_one() -> None:
    found = books(raw("r1"), raw("r1"), raw("t", "nl.ketenbus.tik.v1"), raw("h", "nl.ketenbus.hervat.v1"))
    assert (found.ontvangen, found.ongeopend) == (1, 1)


def test_the_day_is_that_of_amsterdam() -> None:
    recount = Recount()
    recount.add(raw("r1", at="2026-03-01T23:30:00Z"))
    assert list(recount.rows()) == [KEY]


@pytest.mark.parametrize(
    "record",
    [
        Record(SPOOR, 0, 5, 0, b"r", b"{", []),
        Record(SPOOR, 0, 5, 0, b"r", b"{}", []),
        Record("ruw.corporatie.v1", 0, 5, 0, b"r", b"", []),
        Record("ruw.corporatie.v1", 0, 5, 0, b"r", b"", [("ce_type", b"nl.x"), ("ce_time", b"gisteren")]),
    ],
)
def test_what_cannot_be_counted_is_an_error_that_names_the_record(record: Record) -> None:
    with pytest.raises(DocumentError, match=f"{record.topic}/0/5"):
        Recount().add(record)


def of(live: AccountRow, counted: Books, since: datetime | None = None) -> Comparison:
    return compare({KEY: live}, {KEY: counted}, cut=False, unopened_since=since, now=AT)


def test_equal_counts_that_add_up_are_right() -> None:
    live = AccountRow(ontvangen=2, aangenomen=3, accounts={Account.TOEGEPAST: 2, Account.UITVAL: 1})
    found = of(live, Books(ontvangen=2, aangenomen=3, accounts=Counter(toegepast=2, uitval=1)))
    assert found.redenen == ()
    assert as_json(found)["klopt"] is True


def test_a_difference_is_named_with_partner_day_and_figure() -> None:
    live = AccountRow(ontvangen=1, aangenomen=2, accounts={Account.TOEGEPAST: 1, Account.ONDERWEG: 1})
    found = of(live, Books(ontvangen=1, aangenomen=2, accounts=Counter(toegepast=2)))
    assert found.lines[0].verschil == ("onderweg", "toegepast")
    assert found.redenen == ("wonen 2026-03-02: live en herrekend verschillen in onderweg, toegepast",)


def test_a_partner_that_only_one_count_has_is_a_difference() -> None:
    counted = {KEY: Books(ontvangen=1, aangenomen=1, accounts=Counter(dubbel=1))}
    found = compare({}, counted, cut=False, unopened_since=None, now=AT)
    assert found.lines[0].verschil == ("ontvangen", "aangenomen", "dubbel")


def test_accounts_that_do_not_add_up_are_a_reason_even_when_both_counts_agree() -> None:
    live = AccountRow(aangenomen=2, accounts={Account.TOEGEPAST: 3})
    found = of(live, Books(aangenomen=2, accounts=Counter(toegepast=3)))
    assert [reason.split(": ")[1] for reason in found.redenen] == [
        "live 2 aangenomen maar 3 op de rekeningen",
        "herrekend 2 aangenomen maar 3 op de rekeningen",
    ]


def test_receipts_are_not_compared_for_days_that_are_past_retention_on_the_topics() -> None:
    old, new = ("wonen", "2026-01-02"), ("wonen", "2026-03-03")
    live = {old: AccountRow(ontvangen=5, aangenomen=5, accounts={Account.TOEGEPAST: 5}), new: AccountRow(ontvangen=2)}
    counted = {
        old: Books(aangenomen=5, accounts=Counter(toegepast=5)),
        KEY: Books(ontvangen=1),
        new: Books(ontvangen=1),
    }
    found = compare(live, counted, cut=True, unopened_since=None, now=AT)
    assert {line.dag: line.verschil for line in found.lines if line.verschil} == {"2026-03-03": ("ontvangen",)}
    whole = compare(live, counted, cut=False, unopened_since=None, now=AT)
    assert "ontvangen" in whole.lines[0].verschil


@pytest.mark.parametrize(("minutes", "right"), [(14, True), (16, False)])
def test_a_receipt_that_nobody_opened_is_a_reason_after_15_minutes(minutes: int, right: bool) -> None:
    row = AccountRow(ontvangen=1, ongeopend=1)
    found = of(row, Books(ontvangen=1, ongeopend=1), AT - timedelta(minutes=minutes))
    assert (found.redenen == ()) is right


def test_a_view_that_lags_is_told_apart() -> None:
    ends = {("a", 0): 5, ("a", 1): 0, ("b", 0): 2}
    assert behind(ends, {("a", 0): 3, ("b", 0): 9}) == {("a", 0): 2}
    assert behind(ends, {("a", 0): 5, ("b", 0): 2}) == {}
