"""What may be rounded on an invoice, and by how much; and which rates of VAT are known."""

from datetime import date

import msgspec
import pytest

from tests.unit.formats.invoices import D, changed_sums, codes, found, line, simple


@pytest.mark.parametrize(
    ("rate", "day"), [("6", date(2018, 12, 31)), ("19", date(2012, 9, 30)), ("21", date(2012, 10, 1))]
)
def test_a_rate_is_known_on_the_day_of_delivery(rate: str, day: date) -> None:
    tax = str(D(rate))
    inhoud = simple("100.00", tax, rate, leverdatum=day)
    assert codes(inhoud) == set()
    later = msgspec.structs.replace(inhoud, leverdatum=date(2026, 5, 1))
    assert (codes(later) == set()) is (rate == "21")


@pytest.mark.parametrize(
    ("count", "tax", "right"),
    [
        (1, "0.02", True),  # 0.10 x 21 % = 0.021
        (1, "0.03", True),  # rounded up
        (1, "0.04", False),
        (10, "0.21", True),  # per group
        (10, "0.20", True),  # ten times 0.02, per line
        (10, "0.26", True),
        (10, "0.27", False),
    ],
)
def test_vat_is_rounded_per_group_or_per_line(count: int, tax: str, right: bool) -> None:
    assert (codes(simple("0.10", tax, count=count)) == set()) is right


def test_lines_of_nothing_have_nothing_to_round() -> None:
    padded = simple("0.00", "2.00", count=400)
    one = msgspec.structs.replace(padded.regels[0], bedrag=D("100.00"))
    groups = (msgspec.structs.replace(padded.btw[0], grondslag=D("100.00"), bedrag=D("23.00")),)
    inhoud = changed_sums(padded, (one, *padded.regels), groups)
    assert codes(inhoud) >= {("btw-bedrag", "/btw.1.bedrag")}


@pytest.mark.parametrize(("tax", "right"), [("3.10", True), ("3.11", False)])
def test_small_lines_together_are_not_rounded_by_more_than_a_euro(tax: str, right: bool) -> None:
    assert ("btw-bedrag" not in {finding.code for finding in found(simple("0.01", tax, count=1000))}) is right


@pytest.mark.parametrize(("bedrag", "right"), [("15.64", True), ("15.65", True), ("15.63", False), ("15.66", False)])
def test_a_line_is_rounded_to_the_cent_either_way(bedrag: str, right: bool) -> None:
    inhoud = line(1, simple(bedrag, str(round(D(bedrag) * 21 / 100, 2))), aantal=D("3.333"), prijs=D("4.695"))
    assert (codes(inhoud) == set()) is right, "3.333 x 4.695 = 15.648435"
