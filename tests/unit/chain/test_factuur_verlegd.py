"""Reverse charge as the order has it, against the VAT of the invoice: a finding for a person, never a refusal."""

from dataclasses import replace as other
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.unit.chain.dossiers import Zending, sleutel, status
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuur_sleutel, opdracht
from topics.documents.factuur import Factuur
from topics.documents.onderhoud import Opdracht

F1 = factuur_sleutel("F1")
TGE = status("A", "TGE", 2)


def order(op: float, verlegd: bool | None, som: str = "100") -> Zending:
    made = opdracht("A", op, som=som, bericht=f"v{op}")
    assert isinstance(made.bericht.document, Opdracht)
    return other(made, bericht=other(made.bericht, document=replace(made.bericht.document, btw_verlegd=verlegd)))


def eigenbouwer(zending: Zending) -> Zending:
    document = zending.bericht.document
    assert isinstance(document, Factuur)
    terms = replace(document.voorwaarden, eigenbouwer=True)
    return other(zending, bericht=other(zending.bericht, document=replace(document, voorwaarden=terms)))


@pytest.mark.parametrize(
    ("verlegd", "btw", "gevraagd"),
    [
        (True, "21", 1),
        (True, "9", 1),
        (True, "0", 0),
        (False, "0", 1),
        (False, "21", 0),
        (None, "0", 0),
        (None, "21", 0),
    ],
)
def test_vat_that_the_order_has_otherwise_asks_for_a_person_and_is_released(
    verlegd: bool | None, btw: str, gevraagd: int
) -> None:
    keten = Facturen().speel(order(0, verlegd), TGE, factuur("F1", 3, Post("A", "100", btw=btw)))
    assert len(keten.beoordelen(F1)) == gevraagd
    assert keten.oordeel("F1").betwist == 0


def test_reverse_charge_is_usual_for_a_client_that_is_its_own_builder() -> None:
    keten = Facturen().speel(order(0, False), TGE, eigenbouwer(factuur("F1", 3, Post("A", "100", btw="0"))))
    assert keten.beoordelen(F1) == set()
    keten = Facturen().speel(order(0, True), TGE, eigenbouwer(factuur("F1", 3, Post("A", "100"))))
    assert len(keten.beoordelen(F1)) == 1


def test_what_another_order_says_of_reverse_charge_does_not_count() -> None:
    both = factuur("F1", 3, Post("A", "100", btw="0"), Post("B", "100"))
    keten = Facturen().speel(order(0, True), opdracht("B", 0), TGE, status("B", "TGE", 2), both)
    assert keten.beoordelen(F1) == set()
    assert keten.oordeel("F1").vrijgegeven == Decimal("221.00")


def test_signal_of_reverse_charge_is_withdrawn_once_the_order_says_otherwise_and_names_the_order() -> None:
    keten = Facturen().speel(order(0, True), TGE, factuur("F1", 3, Post("A", "100")))
    (text,) = keten.beoordelen(F1)
    assert sleutel("A") in text
    keten.speel(order(4, False))
    assert keten.beoordelen(F1) == set()
    keten.speel(order(5, True, "110"))
    assert len(keten.beoordelen(F1)) == 1


def test_credit_note_may_take_back_the_vat_that_was_asked() -> None:
    keten = Facturen().speel(order(0, True), TGE, factuur("F1", 3, Post("A", "100")))
    keten.speel(factuur("C1", 4, Post("A", "-100"), verwijst="F1", typecode="381"))
    assert keten.beoordelen(factuur_sleutel("C1")) == set()
