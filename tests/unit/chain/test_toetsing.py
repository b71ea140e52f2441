"""What ONDERHOUD 4 and 5 say of matching: one test per line, by examples."""

from datetime import date

import pytest

from chain.ketens.onderhoud.toetsing import Deelbeeld, Meerwerk, Oordeel, Orderregel, toets
from tests.unit.chain.facturen import deel, een, eerste, ehp, euro, order, regel, som

# Matching by agreement: EHP


def test_ehp_matches_lines_against_price_code_and_quantity() -> None:
    assert een(ehp(("A", "10", "12.50")), regel("125.00", "A", "10")) == [(euro("125.00"), "")]


def test_ehp_disputes_the_excess_of_a_quantity_and_releases_the_rest() -> None:
    assert een(ehp(("A", "10", "12.50")), regel("150.00", "A", "12")) == [(euro("125.00"), "aantal-hoger")]


def test_ehp_disputes_the_excess_of_a_price_and_releases_the_rest() -> None:
    assert een(ehp(("A", "10", "12.50")), regel("130.00", "A", "10")) == [(euro("125.00"), "prijs-hoger")]


def test_ehp_takes_the_price_book_where_the_order_has_no_price() -> None:
    assert een(ehp(("A", "10", None)), regel("130.00", "A", "10", boek="12.50")) == [(euro("125.00"), "prijs-hoger")]


def test_ehp_takes_the_orders_price_before_the_price_book() -> None:
    assert een(ehp(("A", "10", "12.50")), regel("130.00", "A", "10", boek="13.00")) == [(euro("125.00"), "prijs-hoger")]


def test_ehp_disputes_a_code_that_nobody_gave_a_price() -> None:
    assert een(ehp(("A", "10", None)), regel("130.00", "A", "10")) == [(euro(0), "prijs-onbekend")]


@pytest.mark.parametrize("code", ["B", None])
def test_ehp_disputes_an_unknown_code(code: str | None) -> None:
    assert een(ehp(("A", "10", "12.50")), regel("5.00", code, "1")) == [(euro(0), "code-onbekend")]


def test_ehp_counts_quantities_over_all_invoices() -> None:
    one, two = deel("F1", regel("80.00", "A", "8")), deel("F2", regel("50.00", "A", "5"), uur=1)
    found = toets(ehp(("A", "10", "10")), [two, one], {})
    assert eerste(found, one) == (euro("80.00"), euro(0), "")
    assert eerste(found, two) == (euro("20.00"), euro(0), "aantal-hoger")


def test_ehp_counts_the_lines_of_one_code_together() -> None:
    found = een(ehp(("A", "4", "10"), ("A", "6", "10")), regel("70.00", "A", "7"), regel("40.00", "A", "4"))
    assert found == [(euro("70.00"), ""), (euro("30.00"), "aantal-hoger")]


def test_ehp_does_not_let_a_low_price_buy_a_higher_quantity() -> None:
    assert een(ehp(("A", "10", "10")), regel("96.00", "A", "12")) == [(euro("80.00"), "aantal-hoger")]


def test_ehp_releases_no_fraction_of_a_quantity_again_that_rounding_left() -> None:
    """0.4 of 0.7 come to 1.14 cents, so one is released: the 0.05 that the rest of it would buy is not left."""
    beeld, one = ehp(("A", "0.4", "0.10")), deel("F1", regel("0.02", "A", "0.7"), regel("0.01", "A", "0.1"))
    found = toets(beeld, [one], {})
    assert [line.vrij for line in found[one.factuur].regels] == [euro("0.01"), euro(0)]
    assert toets(beeld, [one], found) == found


def test_ehp_does_not_take_a_rounded_line_for_one_above_the_order() -> None:
    """Whole lines take their quantity before a line that got the rest of it, whatever came first."""
    parts = [
        deel("F2", regel("0.01", "A", "0.1"), uur=2),
        deel("F0", regel("0.06", "A", "0.4"), uur=0),
        deel("F1", regel("0.04", "A", "0.3"), uur=1),
    ]
    found: dict[str, Oordeel] = {}
    for heard in range(1, 4):
        found = toets(ehp(("A", "0.7", "0.14")), parts[:heard], found)
    assert eerste(found, parts[2]) == (euro("0.03"), euro(0), "aantal-hoger")


def test_ehp_compares_amounts_where_the_unit_differs() -> None:
    """4 pieces of 42.00 against 16.8 metres of 10.00 are the same money."""
    beeld = order(Deelbeeld(afspraak="EHP", regels=(Orderregel("A", euro(4), "PCE", euro("42.00")),), gereed=True))
    assert een(beeld, regel("168.00", "A", "16.8", eenheid="MTR")) == [(euro("168.00"), "")]
    assert een(beeld, regel("180.00", "A", "18", eenheid="MTR")) == [(euro("168.00"), "aantal-hoger")]
    without = order(Deelbeeld(afspraak="EHP", regels=(Orderregel("A", euro(4), "PCE"),), gereed=True))
    assert een(without, regel("168.00", "A", "16.8", eenheid="MTR", boek="10")) == [(euro(0), "eenheid-anders")]


def test_ehp_compares_amounts_where_a_quantity_is_missing() -> None:
    assert een(ehp(("A", "10", "12.50")), regel("130.00", "A")) == [(euro("125.00"), "aantal-hoger")]


def test_a_discount_takes_off_from_the_lines_of_its_invoice() -> None:
    found = een(ehp(("A", "10", "10")), regel("110.00", "A", "10"), regel("-10.00"))
    assert found == [(euro("110.00"), ""), (euro("-10.00"), "")]


def test_a_discount_is_not_released_while_nothing_else_is() -> None:
    found = een(ehp(("A", "10", "10"), gereed=False), regel("110.00", "A", "10"), regel("-10.00"))
    assert found == [(euro(0), "niet-gereed"), (euro(0), "niet-gereed")]


# ANS, REG, AFK, GAR, nothing


def test_ans_matches_the_total_against_the_agreed_sum() -> None:
    found = een(som("1000.00"), regel("600.00"), regel("450.00", "X", "3"))
    assert found == [(euro("600.00"), ""), (euro("400.00"), "boven-aanneemsom")]


def test_an_agreed_sum_is_one_to_the_cent() -> None:
    """Of lines priced in hundredths of a cent, and of extra work that was approved in them."""
    beeld = som("33.3349", meerwerk=[Meerwerk(euro("0.006"), "goedkeuring")])
    assert een(beeld, regel("40.00")) == [(euro("33.34"), "boven-aanneemsom")]
    assert str(een(beeld, regel("40.00"))[0][0]) == "33.34"


def test_ans_counts_over_all_invoices() -> None:
    one, two = deel("F1", regel("700.00")), deel("F2", regel("400.00"), uur=1)
    found = toets(som("1000.00"), [two, one], {})
    assert (eerste(found, one)[0], eerste(found, two)[0]) == (euro("700.00"), euro("300.00"))


def test_reg_matches_rates_and_ceiling_without_order_lines() -> None:
    one = deel("F1", regel("300.00", "UUR", "5", boek="55.00"), regel("80.00"), plafond="320.00")
    found = toets(som(None, "REG"), [one], {})
    assert eerste(found, one) == (euro("275.00"), euro(0), "prijs-hoger")
    assert eerste(found, one, 1) == (euro("45.00"), euro(0), "boven-plafond")


def test_reg_takes_the_orders_own_ceiling_before_the_pairs() -> None:
    one = deel("F1", regel("300.00"), plafond="320.00")
    assert eerste(toets(som("250.00", "REG"), [one], {}), one) == (euro("250.00"), euro(0), "boven-plafond")


def test_reg_releases_nothing_without_a_rate_and_without_a_ceiling() -> None:
    assert een(som(None, "REG"), regel("300.00")) == [(euro(0), "niets-afgesproken")]
    assert een(som(None, "REG"), regel("300.00", "UUR", "5")) == [(euro(0), "niets-afgesproken")]


def test_reg_has_no_end_without_a_ceiling_but_its_rate() -> None:
    assert een(som(None, "REG"), regel("300.00", "UUR", "5", boek="55.00")) == [(euro("275.00"), "prijs-hoger")]


def test_reg_without_a_rate_is_released_up_to_its_ceiling() -> None:
    one = deel("F1", regel("300.00"), plafond="250.00")
    assert eerste(toets(som(None, "REG"), [one], {}), one) == (euro("250.00"), euro(0), "boven-plafond")
    assert een(som("300.00", "REG"), regel("300.00")) == [(euro("300.00"), "")]


def test_afk_disputes_an_invoice_for_an_order() -> None:
    assert een(som("500.00", "AFK"), regel("100.00")) == [(euro(0), "afkoop")]


def test_afk_releases_extra_work_that_counts() -> None:
    beeld = som(None, "AFK", [Meerwerk(euro("60.00"), "goedkeuring")])
    assert een(beeld, regel("100.00")) == [(euro("60.00"), "afkoop")]
    assert een(beeld, regel("100.00", meerwerk=True)) == [(euro("60.00"), "meerwerk-niet-akkoord")]


def test_gar_disputes_any_amount() -> None:
    beeld = order(
        Deelbeeld(
            afspraak="ANS", garantie=True, totaal=euro(500), gereed=True, meerwerk=(Meerwerk(euro(9), "mandaat"),)
        )
    )
    assert een(beeld, regel("1.00"), regel("2.00", meerwerk=True)) == [(euro(0), "garantie"), (euro(0), "garantie")]


def test_without_agreement_priced_lines_are_matched_by_code() -> None:
    beeld = order(Deelbeeld(regels=(Orderregel("A", euro(2), None, euro("10.00")),), gereed=True))
    assert een(beeld, regel("30.00", "A", "3")) == [(euro("20.00"), "aantal-hoger")]


def test_without_agreement_a_total_is_an_agreed_sum() -> None:
    assert een(som("20.00", None), regel("30.00")) == [(euro("20.00"), "boven-aanneemsom")]


def test_without_anything_agreed_everything_is_disputed() -> None:
    assert een(som(None, None), regel("30.00")) == [(euro(0), "niets-afgesproken")]


# Tolerances per pair


@pytest.mark.parametrize(
    ("tolerantie", "percentage", "vrij"),
    [("25.00", "0", "1025.00"), ("24.99", "0", "1000.00"), ("0", "2.5", "1025.00"), ("10.00", "2.49", "1000.00")],
)
def test_the_larger_of_euro_and_percentage_is_let_pass(tolerantie: str, percentage: str, vrij: str) -> None:
    one = deel("F1", regel("1025.00"), tolerantie=tolerantie, percentage=percentage)
    assert eerste(toets(som("1000.00"), [one], {}), one)[0] == euro(vrij)


def test_a_tolerance_is_used_once_per_order() -> None:
    one, two = deel("F1", regel("1020.00"), tolerantie="25.00"), deel("F2", regel("6.00"), uur=1, tolerantie="25.00")
    found = toets(som("1000.00"), [one], {})
    found = toets(som("1000.00"), [one, two], found)
    assert eerste(found, one)[0] == euro("1020.00")
    assert eerste(found, two) == (euro(0), euro(0), "boven-aanneemsom")
    three = deel("F3", regel("5.00"), uur=2, tolerantie="25.00")
    assert eerste(toets(som("1000.00"), [one, two, three], found), three)[0] == euro("5.00")


def test_a_tolerance_is_used_once_also_when_invoices_are_released_together() -> None:
    one = deel("F1", regel("1020.00"), tolerantie="25.00")
    two = deel("F2", regel("6.00"), uur=1, tolerantie="25.00")
    waiting = toets(som("1000.00", gereed=False), [one, two], {})
    found = toets(som("1000.00"), [one, two], waiting)
    assert [eerste(found, each)[0] for each in (one, two)] == [euro("1020.00"), euro(0)]


def test_a_tolerance_is_not_for_what_was_never_agreed() -> None:
    for beeld in (ehp(("A", "1", "10")), som(None, "AFK"), som(None, None)):
        one = deel("F1", regel("5.00", "B", "1"), tolerantie="25.00", percentage="10")
        assert eerste(toets(beeld, [one], {}), one)[0] == 0


# Extra work (ONDERHOUD 4)


def test_extra_work_is_released_as_far_as_it_counts() -> None:
    beeld = som("1000.00", meerwerk=[Meerwerk(euro("100.00"), "goedkeuring"), Meerwerk(euro("20.00"), "mandaat")])
    found = een(beeld, regel("1000.00"), regel("150.00", meerwerk=True))
    assert found == [(euro("1000.00"), ""), (euro("120.00"), "meerwerk-niet-akkoord")]


def test_extra_work_that_is_open_does_not_count() -> None:
    found = een(som("1000.00", meerwerk=[Meerwerk(euro("100.00"), "open")]), regel("150.00", meerwerk=True))
    assert found == [(euro(0), "meerwerk-niet-akkoord")]


def test_what_exceeds_is_released_as_far_as_extra_work_counts() -> None:
    beeld = ehp(("A", "10", "10"), meerwerk=[Meerwerk(euro("15.00"), "goedkeuring")])
    found = een(beeld, regel("110.00", "A", "11"), regel("20.00", "B", "1"))
    assert found == [(euro("110.00"), ""), (euro("5.00"), "code-onbekend")]


def test_extra_work_is_used_once_over_all_invoices() -> None:
    beeld = som("1000.00", meerwerk=[Meerwerk(euro("100.00"), "goedkeuring")])
    one, two = (
        deel("F1", regel("80.00", meerwerk=True)),
        deel("F2", regel("80.00", meerwerk=True), uur=1, dag=date(2026, 3, 9)),
    )
    found = toets(beeld, [one, two], toets(beeld, [one], {}))
    assert (eerste(found, one)[0], eerste(found, two)[0]) == (euro("80.00"), euro("20.00"))


def test_extra_work_that_a_changed_order_carries_counts_once() -> None:
    """The sum rose by what was approved before: that is not beside it any more."""
    posts = [Meerwerk(euro("100.00"), "goedkeuring"), Meerwerk(euro("100.00"), "wijziging")]
    found = een(som("1100.00", meerwerk=posts), regel("1000.00"), regel("110.00", meerwerk=True))
    assert found == [(euro("1000.00"), ""), (euro("100.00"), "meerwerk-niet-akkoord")]


def test_approval_that_comes_later_releases_more() -> None:
    one = deel("F1", regel("1150.00"))
    before = toets(som("1000.00"), [one], {})
    after = toets(som("1000.00", meerwerk=[Meerwerk(euro("100.00"), "goedkeuring")]), [one], before)
    assert (eerste(before, one)[0], eerste(after, one)[0]) == (euro("1000.00"), euro("1100.00"))
