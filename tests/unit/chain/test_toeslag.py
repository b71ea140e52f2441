"""Charges on a whole invoice: lines bear them, so that orders are asked all that is to be paid (ONDERHOUD 5)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chain.ketens.onderhoud.toeslag import verdeeld
from tests.unit.chain.berichten import AANNEMER
from tests.unit.chain.dossiers import sleutel, status
from tests.unit.chain.factuurbouw import AE, CENT, NUL, S9, S21, geschreven, lijn
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuurstap, opdracht
from tests.unit.chain.factuurtoeslag import met
from tests.unit.chain.geldtelling import fr, werkelijk
from topics.documents.factuur import Factuur, Factuurdeel, Factuurstap

GEREED = [opdracht("A", 0), status("A", "TGE", 2)]
bedragen = st.decimals("0.01", "5000", places=2)
soorten = st.sampled_from([S21, S9, AE])


def bedragen_van(invoice: Factuur) -> list[str]:
    return [str(line.bedrag) for line in verdeeld(invoice).regels]


# what lines come to


def test_lines_bear_the_charges_of_their_own_rate_by_amount() -> None:
    invoice = geschreven(lijn("300.00"), lijn("100.00"), lijn("50.00", S9), toeslagen=[("40.00", S21), ("-5.00", S9)])
    assert bedragen_van(invoice) == ["330.00", "110.00", "45.00"]


def test_cents_that_are_left_go_to_the_largest_remainder_and_then_to_the_first() -> None:
    invoice = geschreven(lijn("10.00"), lijn("20.00"), lijn("10.00"), toeslagen=[("0.07", S21)])
    assert bedragen_van(invoice) == ["10.02", "20.03", "10.02"]
    assert bedragen_van(geschreven(lijn("5.00"), lijn("5.00"), toeslagen=[("-0.01", S21)])) == ["4.99", "5.00"]


def test_what_an_invoice_takes_off_bears_no_charge() -> None:
    invoice = geschreven(lijn("100.00"), lijn("-40.00"), lijn("100.00"), toeslagen=[("10.00", S21)])
    assert bedragen_van(invoice) == ["105.00", "-40.00", "105.00"]


def test_charge_that_follows_no_line_is_one_of_its_own() -> None:
    invoice = geschreven(lijn("100.00"), lijn("0.00", S9), toeslagen=[("8.00", AE), ("3.00", S9)])
    found = verdeeld(invoice).regels[2:]
    assert [(one.nummer, str(one.bedrag)) for one in found] == [("toeslag AE 0", "8.00"), ("toeslag S 9", "3.00")]


@pytest.mark.parametrize(
    ("afronding", "vooruit", "los"),
    [("1.00", "0", []), ("1.01", "0", ["1.01"]), ("0", "-0.50", ["0.50"]), ("-3.00", "0", []), ("0", "40.00", [])],
)
def test_rounding_above_a_euro_and_a_negative_prepayment_are_lines_of_their_own(
    afronding: str, vooruit: str, los: list[str]
) -> None:
    assert bedragen_van(geschreven(lijn("100.00"), afronding=afronding, vooruit=vooruit))[1:] == los


def test_tax_that_does_not_follow_from_the_lines_is_no_tax() -> None:
    invoice = geschreven(lijn("100.00"))
    dear = replace(invoice, btw=(replace(invoice.btw[0], bedrag=Decimal("921.00")),), te_betalen=Decimal("1021.00"))
    found = verdeeld(dear)
    assert [(one.categorie, one.bedrag) for one in found.btw] == [("S", Decimal("21.00")), ("", NUL)]
    assert [one.bedrag for one in found.regels] == [Decimal("100.00"), Decimal("900.00")]


@st.composite
def facturen(draw: st.DrawFn) -> Factuur:
    sign = draw(st.sampled_from([1, 1, -1]))
    lines = [lijn(sign * draw(bedragen), draw(soorten)) for _ in range(draw(st.integers(1, 6)))]
    amounts = st.decimals("-500", "500", places=2)
    charges = draw(st.lists(st.tuples(amounts, soorten), max_size=4))
    return geschreven(*lines, toeslagen=charges, afronding=draw(st.sampled_from(["0", "0.02", "-0.03"])))


@settings(max_examples=100, deadline=None)
@given(facturen())
def test_lines_come_to_the_base_of_their_category_and_each_to_its_share(invoice: Factuur) -> None:
    found = verdeeld(invoice)
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for line in found.regels:
        kind = (line.btw_categorie, line.btw_percentage)
        bases[kind] = bases.get(kind, NUL) + line.bedrag
    assert {kind: net for kind, net in bases.items() if net} == {
        (one.categorie, one.percentage): one.grondslag for one in invoice.btw if one.grondslag
    }
    for line, plain in zip(found.regels, werkelijk(invoice), strict=False):
        assert abs(fr(line.bedrag) - plain) < Fraction(1, 100)
        assert line.bedrag == line.bedrag.quantize(CENT)
    assert sum((one.grondslag + one.bedrag for one in found.btw), NUL) == sum(
        (one.grondslag + one.bedrag for one in invoice.btw), NUL
    )
    assert verdeeld(found) == found


# what orders let pass of them


def test_order_is_asked_what_its_lines_come_to_with_their_charges() -> None:
    bill = met(factuur("F1", 3, Post("A", "60"), Post("B", "30")), toeslag="9")
    keten = Facturen().speel(*GEREED, bill)
    asked = keten.aan(sleutel("A"))[-1]
    assert isinstance(asked, Factuurdeel)
    assert [line.bedrag for line in asked.regels] == [Decimal("66.00")]


def test_charge_above_the_agreed_sum_is_disputed_as_a_line_would_be() -> None:
    keten = Facturen().speel(*GEREED, met(factuur("F1", 3, Post("A", "100")), toeslag="5000"))
    judged = keten.oordeel("F1")
    assert (judged.vrijgegeven, judged.betwist) == (Decimal("121.00"), Decimal("6050.00"))
    assert judged.redenen == ("boven-aanneemsom",)


def test_charge_of_invoice_after_invoice_is_released_once() -> None:
    keten = Facturen().speel(*GEREED)
    for place in range(3):
        bill = factuur(f"F{place}", 3 + place, Post("A", str(place + 1)))
        keten.speel(met(bill, toeslag="5000"))
    assert sum(keten.oordeel(f"F{place}").vrijgegeven for place in range(3)) == Decimal("121.00")


def test_allowance_leaves_room_for_what_a_line_is_above_the_agreed_sum() -> None:
    keten = Facturen().speel(*GEREED, met(factuur("F1", 3, Post("A", "150")), toeslag="-50"))
    assert (keten.oordeel("F1").vrijgegeven, keten.oordeel("F1").betwist) == (Decimal("121.00"), NUL)


def test_charge_makes_the_price_of_a_code_higher_than_agreed() -> None:
    order = [opdracht("A", 0, afspraak="EHP"), status("A", "TGE", 2)]
    keten = Facturen().speel(*order, met(factuur("F1", 3, Post("A", "100", "1")), toeslag="20"))
    judged = keten.oordeel("F1")
    assert (judged.vrijgegeven, judged.redenen) == (Decimal("121.00"), ("prijs-hoger",))
    keten = Facturen().speel(*order, met(factuur("F1", 3, Post("A", "90", "1")), toeslag="10"))
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")


@pytest.mark.parametrize("contract", [None, "K1"])
def test_charge_without_lines_is_disputed_until_it_is_accepted_or_withdrawn(contract: str | None) -> None:
    bill = met(factuur("F1", 3, Post("A", "80"), contract=contract, afkoop="500"), toeslag="15", soort=S9)
    keten = Facturen().speel(*GEREED, bill)
    judged = keten.oordeel("F1")
    assert (judged.vrijgegeven, judged.betwist) == (Decimal("96.80"), Decimal("16.35"))
    assert [(one.nummer, one.reden) for one in judged.regels] == [("1", ""), ("toeslag S 9", "toeslag-los")]
    keten.speel(factuurstap("F1", Factuurstap.GEACCEPTEERD, 4))
    assert (keten.oordeel("F1").vrijgegeven, keten.oordeel("F1").betwist) == (Decimal("113.15"), NUL)
    keten = Facturen().speel(*GEREED, bill, factuurstap("F1", Factuurstap.INGETROKKEN, 4, door=AANNEMER))
    assert (keten.oordeel("F1").vrijgegeven, keten.oordeel("F1").verrekend) == (Decimal("96.80"), Decimal("16.35"))


def test_what_is_asked_beside_lines_charges_and_tax_is_disputed() -> None:
    keten = Facturen().speel(*GEREED, met(factuur("F1", 3, Post("A", "100")), beside="5000"))
    judged = keten.oordeel("F1")
    assert (judged.vrijgegeven, judged.betwist) == (Decimal("121.00"), Decimal("5000.00"))
    assert judged.redenen == ("toeslag-los",)
    bill = met(factuur("F2", 3, Post("A", "100")), beside="1.00")
    assert Facturen().speel(*GEREED, bill).oordeel("F2").vrijgegeven == Decimal("122.00")
