"""An order that went to another contractor: who may still be paid for it."""

from decimal import Decimal

from tests.unit.chain.berichten import AANNEMER, ANDER
from tests.unit.chain.dossiers import Zending, status
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuur_sleutel, opdracht

NIEUW = "NL009999999B01"
EERST = opdracht("A", 0)
NAAR_ANDER = opdracht("A", 1, aannemer=ANDER, bericht="v2")
VAN_VORIGE = factuur("F1", 5, Post("A", "100"))


def van_nieuwe(bedrag: str = "100", op: float = 6, sub: str | None = None) -> Zending:
    return factuur("G1", op, Post("A", bedrag, sub=sub), door=ANDER, leverancier=NIEUW)


def test_former_contractor_is_not_paid_for_what_the_new_one_reported_ready() -> None:
    keten = Facturen().speel(EERST, NAAR_ANDER, status("A", "TGE", 2, door=ANDER), VAN_VORIGE, van_nieuwe())
    judged = keten.oordeel("F1")
    assert (judged.vrijgegeven, judged.redenen) == (Decimal(0), ("aannemer-vervangen",))
    assert len(keten.beoordelen(factuur_sleutel("F1"))) == 1
    assert keten.oordeel("G1", NIEUW).vrijgegeven == Decimal("121.00")


def test_former_contractor_is_not_paid_for_what_it_reported_ready_after_the_change() -> None:
    keten = Facturen().speel(EERST, NAAR_ANDER, status("A", "TGE", 2), VAN_VORIGE)
    assert keten.oordeel("F1").redenen == ("aannemer-vervangen",)


def test_former_contractor_is_paid_for_what_it_reported_ready_before_the_change() -> None:
    keten = Facturen().speel(EERST, status("A", "TGE", 0.5), NAAR_ANDER, VAN_VORIGE)
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")
    assert keten.beoordelen(factuur_sleutel("F1")) == set()


def test_what_was_released_to_the_former_contractor_keeps_its_place_when_the_new_one_goes_on() -> None:
    keten = Facturen().speel(EERST, status("A", "TGE", 0.5), factuur("F1", 0.7, Post("A", "60")), NAAR_ANDER)
    keten.speel(status("A", "REV", 2, door=ANDER), status("A", "TGE", 3, door=ANDER))
    keten.speel(factuur("F2", 5, Post("A", "20")), van_nieuwe())
    assert keten.oordeel("F1").vrijgegeven == Decimal("72.60")
    assert keten.oordeel("F2").redenen == ("aannemer-vervangen",)
    assert keten.oordeel("G1", NIEUW).vrijgegeven == Decimal("48.40")


def test_former_contractor_is_paid_and_the_signal_withdrawn_when_the_order_comes_back_to_it() -> None:
    keten = Facturen().speel(EERST, NAAR_ANDER, status("A", "TGE", 2, door=ANDER), VAN_VORIGE)
    keten.speel(opdracht("A", 7, som="110", aannemer=AANNEMER, bericht="v3"))
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")
    assert keten.beoordelen(factuur_sleutel("F1")) == set()


def test_part_that_went_to_another_contractor_leaves_the_others_as_they_were() -> None:
    keten = Facturen().speel(
        opdracht("A", 0, subnummer="1"),
        opdracht("A", 0, subnummer="2"),
        opdracht("A", 1, subnummer="2", aannemer=ANDER, bericht="v2"),
        status("A", "TGE", 2, subnummer="1"),
        status("A", "TGE", 2, door=ANDER, subnummer="2"),
    )
    keten.speel(factuur("F1", 5, Post("A", "100", sub="1"), Post("A", "100", sub="2")), van_nieuwe("100", sub="2"))
    assert [(line.vrijgegeven, line.reden) for line in keten.oordeel("F1").regels] == [
        (Decimal(100), ""),
        (Decimal(0), "aannemer-vervangen"),
    ]
    assert keten.oordeel("G1", NIEUW).vrijgegeven == Decimal("121.00")
