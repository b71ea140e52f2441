"""How what is disputed of an invoice ends, how it is paid, and what of both is measured (ONDERHOUD 2, 5)."""

from decimal import Decimal

import pytest

from tests.unit.chain.berichten import AANNEMER, ANDER, CORPORATIE
from tests.unit.chain.dossiers import dag, klok, later, sleutel, status
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuur_sleutel, factuurstap, opdracht
from topics.documents import Reden
from topics.documents.factuur import Factuurafronding, Factuurstap
from topics.documents.keten import Stand

GEREED = [opdracht("A", 0), status("A", "TGE", 2)]
GEREED_B = [opdracht("B", 0), status("B", "TGE", 2)]
F1 = factuur_sleutel("F1")
BETAALD, BETAALBAAR = Factuurstap.BETAALD, Factuurstap.BETAALBAAR_GESTELD


# how a disputed part ends


def disputed() -> Facturen:
    """50 released, 20 disputed, excluding VAT."""
    return Facturen().speel(opdracht("A", 0, som="50"), status("A", "TGE", 2), factuur("F1", 3, Post("A", "70")))


def test_disputed_part_ends_by_credit_note() -> None:
    keten = disputed()
    former = keten.oordeel("F1")
    assert former.betwist > 0
    credit = -(former.betwist / Decimal("1.21")).quantize(Decimal("0.01"))
    keten.speel(factuur("C1", 4, Post("A", str(credit)), verwijst="F1", typecode="381"))
    assert (keten.oordeel("F1").betwist, keten.oordeel("F1").verrekend) == (Decimal(0), former.betwist)
    assert keten.oordeel("C1").verrekend == -former.betwist
    assert keten.toestand("C1") == "afgerond"
    assert keten.maat(F1, "beoordeling").stand is Stand.GESLOTEN


def test_disputed_part_ends_by_acceptance() -> None:
    keten = disputed().speel(factuurstap("F1", Factuurstap.GEACCEPTEERD, 4))
    assert keten.oordeel("F1").vrijgegeven == Decimal("84.70")
    keten.speel(factuurstap("F1", BETAALD, 5))
    assert keten.toestand("F1") == "afgerond"


def test_disputed_part_ends_by_withdrawal() -> None:
    keten = disputed()
    released = keten.oordeel("F1").vrijgegeven
    keten.speel(factuurstap("F1", Factuurstap.INGETROKKEN, 4, door=AANNEMER))
    judged = keten.oordeel("F1")
    assert (judged.betwist, judged.vrijgegeven, judged.verrekend) == (Decimal(0), released, Decimal("84.70") - released)


def test_acceptance_that_comes_before_the_answer_settles_what_that_disputes() -> None:
    accepted = factuurstap("F1", Factuurstap.GEACCEPTEERD, 4)
    keten = Facturen().speel(accepted, factuur("F1", 3, Post("A", "70")))
    assert keten.account(accepted) == "wachtend"
    keten.speel(opdracht("A", 0, som="50"), status("A", "TGE", 2))
    assert keten.account(accepted) == "toegepast"
    assert keten.oordeel("F1").vrijgegeven == Decimal("84.70")


def test_acceptance_of_one_order_leaves_what_another_disputes() -> None:
    keten = Facturen().speel(
        opdracht("A", 0, som="50"), status("A", "TGE", 2), opdracht("B", 0, som="50"), status("B", "TGE", 2),
        factuur("F1", 3, Post("A", "70"), Post("B", "70")),
    )  # fmt: skip
    before = keten.oordeel("F1")
    keten.speel(factuurstap("F1", Factuurstap.GEACCEPTEERD, 4, order="B"))
    after = keten.oordeel("F1")
    assert after.betwist == before.betwist / 2
    assert [bool(one.betwist) for one in after.regels] == [True, False]


@pytest.mark.parametrize(
    ("stap", "door"),
    [
        (Factuurstap.GEACCEPTEERD, AANNEMER),
        (BETAALD, AANNEMER),
        (Factuurstap.INGETROKKEN, CORPORATIE),
        (BETAALD, ANDER),
    ],
)
def test_step_of_somebody_who_may_not_say_it_is_onbevoegd(stap: Factuurstap, door: str) -> None:
    keten = disputed()
    before = keten.oordeel("F1")
    keten.speel(factuurstap("F1", stap, 4, door=door))
    assert keten.brieven() == [(Reden.ONBEVOEGD, F1)]
    assert keten.oordeel("F1") == before


# payment


def test_answers_betaalbaar_gesteld_and_betaald_are_milestones_and_end_the_payment() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100")), factuurstap("F1", BETAALBAAR, 5))
    assert keten.toestand("F1") == "betaalbaar-gesteld"
    assert keten.maat(F1, "betaling").stand is Stand.OPEN
    keten.speel(factuurstap("F1", BETAALD, 13))
    paid = keten.maat(F1, "betaling")
    assert (paid.stand, paid.begin, paid.eind, paid.kalenderdagen) == (Stand.GESLOTEN, dag(3), dag(13), 10)
    assert [one.code for one in keten.dossier(F1).mijlpalen] == ["ontvangen", "betaalbaar-gesteld", "betaald"]
    assert keten.toestand("F1") == "afgerond"
    told = keten.aan(sleutel("A"))[-1]
    assert isinstance(told, Factuurafronding)
    assert told.afgerond == dag(13)


def test_payment_in_parts_ends_when_all_that_is_released_was_paid() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100")), factuurstap("F1", BETAALD, 5, bedrag="21.00"))
    assert keten.maat(F1, "betaling").stand is Stand.OPEN
    keten.speel(factuurstap("F1", BETAALD, 6, bedrag="100.00"))
    assert keten.maat(F1, "betaling").eind == dag(6)


def test_equal_parts_that_are_paid_at_one_moment_each_count() -> None:
    first, second = (factuurstap("F1", BETAALD, 5, bedrag="60.50", bericht=number) for number in ("P1", "P2"))
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100")), first, later(first, 1))
    assert keten.maat(F1, "betaling").stand is Stand.OPEN
    keten.speel(second)
    assert keten.maat(F1, "betaling").eind == dag(5)


def test_payment_without_amount_pays_nothing_of_what_is_released_later() -> None:
    keten = disputed().speel(factuurstap("F1", BETAALD, 5), opdracht("A", 6, som="150", bericht="duurder"))
    assert keten.oordeel("F1").vrijgegeven == Decimal("84.70")
    assert keten.maat(F1, "betaling").stand is Stand.OPEN
    assert keten.toestand("F1") == "vrijgegeven"
    keten.speel(factuurstap("F1", BETAALD, 8))
    assert keten.maat(F1, "betaling").eind == dag(8)
    assert keten.toestand("F1") == "afgerond"


def test_payment_without_amount_that_comes_before_anything_is_released_is_of_the_first_that_is() -> None:
    keten = Facturen().speel(opdracht("A", 0), factuur("F1", 3, Post("A", "150")), factuurstap("F1", BETAALD, 5))
    keten.speel(status("A", "TGE", 6))
    assert keten.maat(F1, "betaling").eind == dag(5)
    keten.speel(opdracht("A", 7, som="150", bericht="duurder"))
    assert keten.maat(F1, "betaling").stand is Stand.OPEN


@pytest.mark.parametrize("bedrag", ["60.51", None])
def test_payment_of_more_than_is_released_is_for_a_person_until_as_much_is(bedrag: str | None) -> None:
    paid = factuurstap("F1", BETAALD, 5, bedrag=bedrag)
    keten = Facturen().speel(opdracht("A", 0, som="50"), factuur("F1", 3, Post("A", "70")), paid)
    (text,) = keten.beoordelen(F1)
    assert "meer van de factuur is betaald" in text
    keten.speel(status("A", "TGE", 6))
    assert bool(keten.beoordelen(F1)) is (bedrag is not None)
    keten.speel(opdracht("A", 7, som="70", bericht="duurder"))
    assert keten.beoordelen(F1) == set()


def test_payment_in_parts_above_what_is_released_or_to_an_unknown_account_is_for_a_person() -> None:
    parts = [factuurstap("F1", BETAALD, 5, bedrag="60.50", bericht=number) for number in ("P1", "P2")]
    keten = disputed().speel(parts[0])
    assert keten.beoordelen(F1) == set()
    keten.speel(parts[1])
    assert len(keten.beoordelen(F1)) == 1
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100"), iban=False), parts[0])
    assert len(keten.beoordelen(F1)) == 2


def test_payment_term_is_calendar_days_and_its_passing_a_signal_on_a_tick() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100")), klok(33.5))
    deadline = keten.maat(F1, "betaling").deadline
    assert deadline is not None
    assert deadline.date() == dag(33).date()
    assert not [one for one in keten.signalen(F1) if one.soort == "norm-overschreden"]
    keten.speel(klok(34))
    (late,) = [one for one in keten.signalen(F1) if one.soort == "norm-overschreden"]
    assert (late.maat, late.tegen) == ("betaling", CORPORATIE)
    keten.speel(factuurstap("F1", BETAALD, 20))
    assert keten.signalen(F1)[-1].ingetrokken
    assert not keten.maat(F1, "betaling").te_laat


def test_payment_term_of_what_is_wholly_disputed_is_nobodys_fault() -> None:
    keten = Facturen().speel(opdracht("A", 0), factuur("F1", 3, Post("A", "100")), klok(60))
    assert [one.maat for one in keten.signalen(F1) if one.soort == "norm-overschreden"] == ["beoordeling"]


def test_judging_ends_at_once_when_nothing_is_disputed_and_else_with_the_last_dispute() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100")))
    assert [one.stand for one in keten.revisies(F1, "beoordeling")] == [Stand.OPEN, Stand.GESLOTEN]
    assert keten.maat(F1, "beoordeling").bruto_seconden == 0
    keten = disputed()
    assert keten.maat(F1, "beoordeling").stand is Stand.OPEN
    keten.speel(factuurstap("F1", Factuurstap.GEACCEPTEERD, 6))
    assert keten.maat(F1, "beoordeling").eind == dag(6)


def test_step_before_the_invoice_waits_for_it() -> None:
    paid = factuurstap("F1", BETAALD, 4)
    keten = Facturen().speel(*GEREED, paid)
    assert keten.account(paid) == "wachtend"
    keten.speel(factuur("F1", 3, Post("A", "100")))
    assert (keten.account(paid), keten.toestand("F1")) == ("toegepast", "afgerond")


def test_settled_invoice_shrinks_after_90_days_and_keeps_what_it_knew() -> None:
    bill = factuur("F1", 3, Post("A", "100"))
    keten = Facturen().speel(*GEREED, bill, factuurstap("F1", BETAALD, 5), klok(96))
    assert keten.driver.facets().get("stomp|afgerond") == 1
    keten.speel(later(bill, 100))
    assert keten.rekening()[later(bill, 100).bericht.receipt] == "dubbel"


def test_invoice_and_order_of_which_no_payment_is_told_shrink_a_year_later() -> None:
    keten = Facturen().speel(*GEREED, status("A", "AGE", 3), factuur("F1", 4, Post("A", "100")), klok(367))
    assert not [one for one in keten.driver.facets() if one.startswith("stomp")]
    keten.speel(klok(370))
    money = {f"geld|vrijgegeven|{CORPORATIE}|{AANNEMER}": 12100}
    assert keten.driver.facets() == {"stomp|administratief-gereed": 1, "stomp|vrijgegeven": 1, **money}


# measures of the order


def test_facturatie_ends_with_the_first_invoice_and_gehele_keten_with_the_last_that_is_settled() -> None:
    order = sleutel("A")
    keten = Facturen().speel(*GEREED, factuur("F1", 4, Post("A", "60")), factuur("F2", 5, Post("A", "40")))
    invoicing = keten.maat(order, "facturatie")
    assert (invoicing.begin, invoicing.eind) == (dag(2), dag(4))
    assert invoicing.bewijs[-1].ontvangst == factuur("F1", 4, Post("A", "60")).bericht.receipt
    keten.speel(factuurstap("F1", BETAALD, 9))
    assert keten.maat(order, "gehele-keten").stand is Stand.OPEN
    keten.speel(factuurstap("F2", BETAALD, 11))
    whole = keten.maat(order, "gehele-keten")
    assert (whole.stand, whole.begin, whole.eind) == (Stand.GESLOTEN, dag(0), dag(11))
    keten.speel(factuur("F3", 12, Post("A", "0.50")))
    assert keten.maat(order, "gehele-keten").stand is Stand.OPEN


@pytest.mark.parametrize(("afspraak", "missing"), [("EHP", True), ("AFK", False)])
def test_missing_invoice_is_a_signal_but_not_of_an_order_that_a_contract_pays(afspraak: str, missing: bool) -> None:
    keten = Facturen().speel(opdracht("A", 0, afspraak=afspraak, facturatie=5), status("A", "TGE", 2), klok(20))
    found = [
        one for one in keten.signalen(sleutel("A")) if (one.soort, one.maat) == ("bericht-ontbreekt", "facturatie")
    ]
    assert bool(found) is missing
    assert all(one.tegen == AANNEMER for one in found)
    keten.speel(factuur("F1", 21, Post("A", "100")))
    if missing:
        assert [one.ingetrokken for one in keten.signalen(sleutel("A")) if one.soort == "bericht-ontbreekt"][-1]


def test_line_without_order_is_settled_by_acceptance_of_the_whole_invoice() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100"), Post(None, "10")))
    keten.speel(factuurstap("F1", Factuurstap.GEACCEPTEERD, 4, order="A"))
    assert keten.oordeel("F1").betwist == Decimal("12.10")
    keten.speel(factuurstap("F1", Factuurstap.GEACCEPTEERD, 5), factuurstap("F1", BETAALD, 6))
    assert (keten.oordeel("F1").vrijgegeven, keten.toestand("F1")) == (Decimal("133.10"), "afgerond")
