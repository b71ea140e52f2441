"""What ONDERHOUD 4 and 5 say of matching: the state of the order, doubles, contracts."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from chain.ketens.onderhoud import redenen
from chain.ketens.onderhoud.lezing import versie_van
from chain.ketens.onderhoud.redenen import UITLEG, Betwisting
from chain.ketens.onderhoud.toetsing import Deelbeeld, Oordeel, toets, toets_contract
from tests.unit.chain.berichten import opdracht
from tests.unit.chain.facturen import BEGIN, deel, een, eerste, ehp, euro, order, per, regel, som
from topics.documents.factuur import Afkoop, Factuurdeel
from topics.documents.onderhoud import Opdracht, Regel

JANUARI = (date(2026, 1, 1), date(2026, 1, 31))
FEBRUARI = (date(2026, 2, 1), date(2026, 2, 28))


# The state of the order


def test_an_order_that_is_not_ready_releases_nothing_until_it_is() -> None:
    one = deel("F1", regel("100.00"))
    before = toets(som("1000.00", gereed=False), [one], {})
    assert eerste(before, one) == (euro(0), euro(0), "niet-gereed")
    assert eerste(toets(som("1000.00"), [one], before), one) == (euro("100.00"), euro(0), "")


def test_an_order_that_ended_otherwise_releases_nothing_more() -> None:
    part = Deelbeeld(afspraak="ANS", totaal=euro(1000), gereed=True)
    one = deel("F1", regel("100.00"))
    for ended, reason in (
        (part._replace(geannuleerd=True), "geannuleerd"),
        (part._replace(geweigerd=True), "geweigerd"),
    ):
        assert eerste(toets(order(ended), [one], {}), one) == (euro(0), euro(0), reason)
        kept = toets(order(ended), [one], toets(order(part), [one], {}))
        assert eerste(kept, one) == (euro("100.00"), euro(0), "")


def test_what_was_released_stays_so_when_the_order_is_lowered_and_is_made_up_for_first() -> None:
    one, two = deel("F1", regel("100.00", "A", "10")), deel("F2", regel("40.00", "B", "4"), uur=1)
    found = toets(ehp(("A", "10", "10"), ("B", "4", "10")), [one], {})
    found = toets(ehp(("A", "7", "10"), ("B", "4", "10")), [one, two], found)
    assert eerste(found, one) == (euro("100.00"), euro(0), "")
    assert eerste(found, two) == (euro("10.00"), euro(0), "te-veel-vrijgegeven")


def test_a_line_goes_to_the_part_that_it_names() -> None:
    beeld = order(
        Deelbeeld("1", "ANS", totaal=euro(100), gereed=True), Deelbeeld("2", "ANS", totaal=euro(50), gereed=False)
    )
    found = een(beeld, regel("90.00", subnummer="1"), regel("50.00", subnummer="2"), regel("5.00", subnummer="3"))
    assert found == [(euro("90.00"), ""), (euro(0), "niet-gereed"), (euro(0), "deel-onbekend")]


def test_a_line_without_sub_number_goes_to_the_only_part_that_stands() -> None:
    one, two = Deelbeeld("1", "ANS", totaal=euro(100), gereed=True), Deelbeeld("2", "ANS", totaal=euro(50), gereed=True)
    assert een(order(one, two), regel("90.00")) == [(euro(0), "deel-onbekend")]
    assert een(order(one, two._replace(geannuleerd=True)), regel("90.00")) == [(euro("90.00"), "")]
    later = two._replace(bekend=BEGIN + timedelta(days=9))
    assert een(order(one, later), regel("90.00")) == [(euro("90.00"), "")]


# Parties, accounts, doubles


def test_an_invoice_of_another_legal_entity_is_disputed() -> None:
    for one in (deel("F1", regel("100.00"), aannemer="8712345000028"), deel("F1", regel("100.00"), bekend=False)):
        assert eerste(toets(som("1000.00"), [one], {}), one) == (euro(0), euro(0), "leverancier-onbekend")


def test_an_invoice_with_an_unknown_account_takes_no_room() -> None:
    one, two = deel("F1", regel("900.00"), iban=False), deel("F2", regel("800.00"), uur=1)
    found = toets(som("1000.00"), [one, two], {})
    assert eerste(found, one) == (euro(0), euro(0), "iban-onbekend")
    assert eerste(found, two)[0] == euro("800.00")


def test_same_supplier_amount_order_and_date_under_another_number_may_be_a_double() -> None:
    one, two = deel("F1", regel("100.00"), uur=1), deel("F2", regel("100.00"), uur=2)
    found = toets(som("1000.00"), [two, one], {})
    assert (found[one.factuur].dubbel, found[two.factuur].dubbel) == (None, one.factuur)
    assert eerste(found, two) == (euro(0), euro(0), "mogelijk-dubbel")


def test_the_one_that_was_let_through_is_not_the_double() -> None:
    one, two = deel("F1", regel("100.00"), uur=1), deel("F2", regel("100.00"), uur=2)
    found = toets(som("1000.00"), [two, one], toets(som("1000.00"), [two], {}))
    assert (found[one.factuur].dubbel, found[two.factuur].dubbel) == (two.factuur, None)


@pytest.mark.parametrize(
    "ander",
    [
        deel("F2", regel("100.01"), uur=2),
        deel("F2", regel("100.00"), uur=2, dag=date(2026, 3, 2)),
        deel("F2", regel("100.00"), uur=2, leverancier="NL002"),
        deel("F2", regel("-100.00"), uur=2, naar="F1"),
        deel("F2", regel("100.00"), uur=2, beoordeeld=True),
    ],
)
def test_what_differs_or_was_judged_is_no_double(ander: Factuurdeel) -> None:
    one = deel("F1", regel("100.00"), uur=1)
    found = toets(som("1000.00"), [one, ander], {})
    assert all(oordeel.dubbel is None for oordeel in found.values())


def test_two_that_were_let_through_are_no_doubles_afterwards() -> None:
    """The first was withdrawn while the second came."""
    one, two = deel("F1", regel("100.00"), uur=1), deel("F2", regel("100.00"), uur=2)
    apart = toets(som("1000.00"), [one], {}) | toets(som("1000.00"), [two], {})
    assert all(oordeel.dubbel is None for oordeel in toets(som("1000.00"), [one, two], apart).values())


def test_credits_of_different_invoices_are_no_doubles() -> None:
    parts = [deel("F1", regel("100.00")), deel("F2", regel("100.00"), dag=date(2026, 3, 9))]
    credits = [deel("C1", regel("-10.00"), uur=1, naar="F1"), deel("C2", regel("-10.00"), uur=2, naar="F2")]
    found = toets(som("1000.00"), [*parts, *credits], {})
    assert [eerste(found, each)[0] for each in credits] == [euro("-10.00"), euro("-10.00")]
    same = deel("C3", regel("-10.00"), uur=3, naar="F2")
    assert toets(som("1000.00"), [*parts, *credits, same], {})[same.factuur].dubbel == credits[1].factuur


def test_a_withdrawn_invoice_counts_no_more() -> None:
    one, two = deel("F1", regel("900.00"), ingetrokken=True), deel("F2", regel("900.00"), uur=1)
    found = toets(som("1000.00"), [one, two], {})
    assert list(found) == [two.factuur]
    assert eerste(found, two)[0] == euro("900.00")


# The periodic invoice of a contract


def test_a_periodic_invoice_goes_against_the_contract() -> None:
    one = deel("F1", regel("700.00"), regel("350.00"), afkoop="1000.00", periode=JANUARI)
    found = toets_contract([one], {})
    assert [eerste(found, one, place)[0] for place in (0, 1)] == [euro("700.00"), euro("300.00")]
    assert eerste(found, one, 1)[2] == "boven-afkoop"


def test_a_period_is_paid_once() -> None:
    one = deel("F1", regel("1000.00"), afkoop="1000.00", periode=JANUARI)
    again = deel("F2", regel("999.00"), uur=1, afkoop="1000.00", periode=JANUARI)
    february = deel("F3", regel("1000.00"), uur=2, afkoop="1000.00", periode=FEBRUARI)
    found = toets_contract([one, again, february], {})
    assert [eerste(found, each)[0] for each in (one, again, february)] == [euro(1000), euro(0), euro(1000)]
    assert eerste(found, again)[2] == "boven-afkoop"


def test_a_period_that_overlaps_another_is_disputed_until_that_is_credited() -> None:
    quarter = (date(2026, 1, 1), date(2026, 3, 31))
    one = deel("F1", regel("1000.00"), afkoop="1000.00", periode=JANUARI)
    wide = deel("F2", regel("1000.00"), uur=1, afkoop=per("1000.00", "kwartaal"), periode=quarter)
    found = toets_contract([one, wide], {})
    assert eerste(found, wide) == (euro(0), euro(0), "periode-overlapt")
    credit = deel("C1", regel("-1000.00"), uur=2, afkoop="1000.00", periode=JANUARI, naar="F1")
    found = toets_contract([one, wide, credit], found)
    assert [eerste(found, each)[0] for each in (one, wide, credit)] == [euro(1000), euro(1000), euro(-1000)]


def test_a_periodic_invoice_needs_a_period_and_an_amount_in_the_contract() -> None:
    one, two = deel("F1", regel("10.00"), afkoop="10.00"), deel("F2", regel("11.00"), periode=JANUARI)
    turned = deel("F3", regel("9.00"), afkoop="9.00", periode=(JANUARI[1], JANUARI[0]))
    found = toets_contract([one, two, turned], {})
    assert (eerste(found, one)[2], eerste(found, two)[2]) == ("periode-onbekend", "niets-afgesproken")
    assert eerste(found, turned)[2] == "periode-onbekend"


@pytest.mark.parametrize(
    ("afkoop", "van", "tot"),
    [
        (per("10"), date(2026, 1, 1), date(2026, 1, 1)),
        (per("10"), date(2026, 1, 15), date(2026, 2, 14)),
        (per("10"), date(2026, 1, 1), date(2026, 2, 28)),
        (per("10"), date(2026, 2, 1), date(2026, 2, 27)),
        (per("10"), date(2039, 1, 1), date(2039, 1, 31)),
        (per("10"), date(2025, 12, 1), date(2025, 12, 31)),
        (per("10", tot=date(2026, 3, 30)), date(2026, 3, 1), date(2026, 3, 31)),
        (per("10", "kwartaal"), date(2026, 2, 1), date(2026, 4, 30)),
        (per("10", "kwartaal"), date(2026, 1, 1), date(2026, 1, 31)),
        (per("10", "jaar", tot=date(2027, 6, 30)), date(2027, 1, 1), date(2027, 12, 31)),
        (per("10"), date(9999, 12, 1), date(9999, 12, 31)),
    ],
)
def test_what_is_not_one_whole_period_of_the_contract_is_disputed(afkoop: Afkoop, van: date, tot: date) -> None:
    one = deel("F1", regel("10.00"), afkoop=afkoop, periode=(van, tot))
    assert eerste(toets_contract([one], {}), one) == (euro(0), euro(0), "periode-onbekend")


@pytest.mark.parametrize(
    ("afkoop", "van", "tot"),
    [
        (per("10"), date(2026, 2, 1), date(2026, 2, 28)),
        (per("10", van=date(2025, 1, 15)), date(2026, 1, 15), date(2026, 2, 14)),
        (per("10", van=date(2025, 12, 31)), date(2026, 2, 28), date(2026, 3, 30)),
        (per("10", "kwartaal"), date(2026, 4, 1), date(2026, 6, 30)),
        (per("10", "kwartaal", van=date(2026, 2, 1)), date(2026, 5, 1), date(2026, 7, 31)),
        (per("10", "jaar"), date(2026, 1, 1), date(2026, 12, 31)),
        (per("10", tot=date(9999, 12, 31)), date(9999, 11, 1), date(9999, 11, 30)),
    ],
)
def test_one_whole_period_of_the_contract_is_released(afkoop: Afkoop, van: date, tot: date) -> None:
    one = deel("F1", regel("10.00"), afkoop=afkoop, periode=(van, tot))
    assert eerste(toets_contract([one], {}), one) == (euro("10.00"), euro(0), "")


def test_days_of_a_contract_are_not_paid_as_periods() -> None:
    """Ten invoices of a day each would be ten times the amount of a month."""
    days = [(date(2026, 1, day), date(2026, 1, day)) for day in range(1, 11)]
    asked = [deel(f"F{day[0].day}", regel("100.00"), afkoop="100.00", periode=day) for day in days]
    found = toets_contract(asked, {})
    assert sum(eerste(found, one)[0] for one in asked) == 0


def test_the_tolerance_of_a_contract_is_per_period() -> None:
    one = deel("F1", regel("1010.00"), afkoop="1000.00", periode=JANUARI, percentage="1")
    two = deel("F2", regel("1011.00"), uur=1, afkoop="1000.00", periode=FEBRUARI, percentage="1")
    found = toets_contract([one, two], {})
    assert (eerste(found, one)[0], eerste(found, two)[0]) == (euro("1010.00"), euro("1000.00"))


def test_an_order_line_priced_in_another_unit_gives_no_price_and_no_total() -> None:
    """4 pieces at 10.00 per metre come to nobody knows what: not to 40.00."""
    line = Regel(nummer=1, aantal=euro(4), eenheid="PCE", prijscode="A", prijs=euro(10), prijseenheid="MTR")
    same = Regel(nummer=2, aantal=euro(2), eenheid="PCE", prijscode="B", prijs=euro(10), prijsbasis=euro(4))
    document = opdracht().document
    assert isinstance(document, Opdracht)
    found = versie_van(replace(document, regels=(line, same)), 0, 1)
    assert found.regels == (("A", "4", "PCE", None), ("B", "2", "PCE", "2.5"))
    assert found.totaal is None


def test_every_reason_is_told_to_people() -> None:
    assert set(UITLEG) == set(Betwisting)


def test_an_answer_that_names_other_lines_is_read_by_number() -> None:
    one = deel("F1", regel("60.00", nummer="1"), regel("40.00", nummer="2"))
    before = toets(som("100.00"), [one], {})[one.factuur]
    swapped = {one.factuur: Oordeel(before.regels[::-1])}
    assert toets(som("0.00"), [one], swapped)[one.factuur].regels == before.regels


@pytest.mark.parametrize(("iban", "bekend"), [(False, True), (True, False)])
def test_invoice_that_is_sent_again_with_the_right_account_is_no_double_of_the_blocked_one(
    iban: bool, bekend: bool
) -> None:
    one, two = deel("F1", regel("100.00"), iban=iban, bekend=bekend), deel("F2", regel("100.00"), uur=1)
    found = toets(som("1000.00"), [one], {})
    assert found[one.factuur].dubbel is None
    found = toets(som("1000.00"), [one, two], found)
    assert (found[one.factuur].dubbel, found[two.factuur].dubbel) == (None, None)
    assert [eerste(found, each)[0] for each in (one, two)] == [euro(0), euro("100.00")]
    known = replace(one, iban_bekend=True, leverancier_bekend=True)
    for before in (found, toets(som("1000.00"), [one], {})):
        after = toets(som("1000.00"), [known, two], before)
        assert sum(eerste(after, each)[0] for each in (known, two)) == euro("100.00")
        assert toets(som("1000.00"), [known, two], after) == after


def test_the_readme_tells_every_reason() -> None:
    text = (Path(redenen.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{code}` | {meaning} |" in text for code, meaning in UITLEG.items())
