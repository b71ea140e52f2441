"""The invoice as a dossier (ONDERHOUD 5): it waits, asks its orders, is judged part by part as they answer."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from tests.unit.chain.berichten import ANDER, CORPORATIE, KETEN, TOPIC
from tests.unit.chain.dossiers import klok, later, sleutel, status
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuur_sleutel, factuurstap, opdracht, opnieuw
from topics import keys
from topics.documents import Reden, ce_type
from topics.documents.factuur import Factuurafronding, Factuurantwoord, Factuurdeel, Factuurstap
from topics.documents.keten import AanZet, Stand
from topics.runtime.step import Output

GEREED = [opdracht("A", 0), status("A", "TGE", 2)]
GEREED_B = [opdracht("B", 0), status("B", "TGE", 2)]
F1 = factuur_sleutel("F1")
BETAALD, BETAALBAAR = Factuurstap.BETAALD, Factuurstap.BETAALBAAR_GESTELD


# waiting for its orders


def test_invoice_waits_until_its_order_answers_and_is_released_at_once() -> None:
    bill = factuur("F1", 3, Post("A", "100"))
    keten = Facturen().speel(*GEREED).stuur(bill)
    keten.driver.run(transactions=1)
    assert keten.account(bill) == "wachtend"
    keten.speel()
    keten.driver.run()
    keten.speel(klok(3))
    assert keten.account(bill) == "toegepast"
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")
    assert keten.toestand("F1") == "vrijgegeven"
    assert keten.dossier(sleutel("A")).facturen == (F1,)


def test_invoice_before_the_order_waits_for_it() -> None:
    bill = factuur("F1", 0, Post("A", "100"))
    keten = Facturen().speel(bill)
    assert (keten.account(bill), keten.toestand("F1")) == ("wachtend", "wachtend")
    keten.speel(opdracht("A", 1))
    assert keten.account(bill) == "toegepast"
    assert keten.oordeel("F1").redenen == ("niet-gereed",)
    keten.speel(status("A", "TGE", 2))
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")


def test_invoice_of_which_no_order_is_known_goes_to_a_person_after_its_waiting_time_and_asks_no_more() -> None:
    bill = factuur("F1", 0, Post("A", "100"), wachttijd=24)
    keten = Facturen().speel(bill, klok(0.9))
    assert keten.brieven() == []
    keten.speel(klok(1.1))
    assert keten.brieven() == [(Reden.ONBEKEND_DOSSIER, F1)]
    asked = keten.aan(sleutel("A"))[-1]
    assert isinstance(asked, Factuurdeel)
    assert asked.ingetrokken
    keten.speel(*GEREED)
    assert not keten.oordelen("F1")
    keten.speel(opnieuw(later(bill, 3)))
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")


def test_invoice_for_an_order_that_shrank_to_a_stub_goes_to_a_person() -> None:
    keten = Facturen().speel(*GEREED, status("A", "AGE", 3), klok(94))
    assert keten.driver.facets() == {"stomp|administratief-gereed": 1}
    keten.speel(factuur("F1", 95, Post("A", "100")), klok(99))
    assert keten.brieven() == [(Reden.ONBEKEND_DOSSIER, F1)]


def test_order_with_an_invoice_that_is_not_settled_shrinks_later() -> None:
    keten = Facturen().speel(*GEREED, status("A", "AGE", 3), factuur("F1", 4, Post("A", "100")), klok(95))
    assert "stomp|administratief-gereed" not in keten.driver.facets()
    keten.speel(factuurstap("F1", BETAALD, 96), klok(97))
    assert "stomp|administratief-gereed" in keten.driver.facets()


# one invoice, several orders; several invoices, one order


def test_one_invoice_over_several_orders_releases_every_part_as_its_answer_comes() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100"), Post("B", "50", btw="9")))
    judged = keten.oordeel("F1")
    assert (judged.vrijgegeven, judged.in_behandeling) == (Decimal("121.00"), Decimal("54.50"))
    assert keten.toestand("F1") == "deels-vrijgegeven"
    keten.speel(opdracht("B", 3.5, som="50"), status("B", "TGE", 3.6))
    assert keten.oordeel("F1").vrijgegeven == Decimal("175.50")
    assert [one.dossier for one in keten.oordeel("F1").regels] == [sleutel("A"), sleutel("B")]


def test_part_of_an_order_that_stays_unknown_is_disputed_after_the_waiting_time_with_a_signal() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100"), Post("B", "50")), klok(6.5))
    judged = keten.oordeel("F1")
    assert (judged.betwist, judged.redenen) == (Decimal("60.50"), ("opdracht-onbekend",))
    assert len(keten.beoordelen(F1)) == 1
    keten.speel(opdracht("B", 7, som="50"), status("B", "TGE", 7.1))
    assert keten.oordeel("F1").vrijgegeven == Decimal("181.50")
    assert keten.beoordelen(F1) == set()


def test_line_without_order_on_an_invoice_that_names_one_is_disputed() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100"), Post(None, "10")))
    judged = keten.oordeel("F1")
    assert (judged.vrijgegeven, judged.betwist) == (Decimal("121.00"), Decimal("12.10"))
    assert judged.redenen == ("opdracht-onbekend",)


def test_several_invoices_for_one_order_are_released_up_to_what_is_payable_together() -> None:
    keten = Facturen().speel(
        *GEREED, factuur("F1", 3, Post("A", "60")), factuur("F2", 4, Post("A", "55")), factuur("F3", 5, Post("A", "1"))
    )
    assert keten.oordeel("F1").vrijgegeven == Decimal("72.60")
    released = sum((keten.oordeel(one).vrijgegeven for one in ("F1", "F2", "F3")), Decimal(0))
    assert released <= Decimal("121.00")
    assert keten.oordeel("F2").redenen == ("boven-aanneemsom",)
    assert keten.dossier(sleutel("A")).facturen == tuple(factuur_sleutel(one) for one in ("F1", "F2", "F3"))


def test_invoice_after_age_counts() -> None:
    keten = Facturen().speel(*GEREED, status("A", "AGE", 3), factuur("F1", 5, Post("A", "100")))
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")


def test_invoice_after_ann_is_disputed() -> None:
    keten = Facturen().speel(
        opdracht("A", 0), status("A", "ANN", 1, door=CORPORATIE), factuur("F1", 3, Post("A", "100"))
    )
    judged = keten.oordeel("F1")
    assert (judged.betwist, judged.redenen) == (Decimal("121.00"), ("geannuleerd",))
    assert keten.toestand("F1") == "betwist"
    assert keten.dossier(F1).aan_zet is AanZet.AANNEMER


def test_what_was_released_stays_released_when_the_order_shrinks() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100")), opdracht("A", 4, som="40"))
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")


def test_invoice_from_another_legal_entity_is_disputed_with_a_signal() -> None:
    other = "NL009876543B01"
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100"), bekend=False, leverancier=other))
    judged = keten.oordeel("F1", other)
    assert (judged.betwist, judged.redenen) == (Decimal("121.00"), ("leverancier-onbekend",))
    assert len(keten.beoordelen(factuur_sleutel("F1", other))) == 1


def test_invoice_of_a_contractor_who_is_no_party_to_the_order_is_disputed() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100"), door=ANDER))
    assert keten.oordeel("F1").redenen == ("leverancier-onbekend",)


def test_invoice_with_an_unknown_iban_is_never_released() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100"), iban=False))
    keten.speel(factuurstap("F1", Factuurstap.GEACCEPTEERD, 4), klok(50))
    assert all(not one.vrijgegeven for one in keten.oordelen("F1"))
    assert keten.oordeel("F1").redenen == ("iban-onbekend",)
    assert len(keten.beoordelen(F1)) == 1


@pytest.mark.parametrize(
    ("afspraak", "specificatie", "aantal", "vrij", "reden"),
    [
        ("EHP", None, "1", "100", ""),
        ("EHP", None, "2", "100", "aantal-hoger"),
        ("ANS", None, None, "100", ""),
        ("ANS", None, "2", "100", "boven-aanneemsom"),
        ("REG", None, "2", "100", "boven-plafond"),
        ("AFK", None, "1", "0", "afkoop"),
        ("ANS", "GAR", "1", "0", "garantie"),
    ],
)
def test_matching_is_by_agreement(
    afspraak: str, specificatie: str | None, aantal: str | None, vrij: str, reden: str
) -> None:
    amount = "200" if aantal == "2" else "100"
    keten = Facturen().speel(
        opdracht("A", 0, afspraak=afspraak, specificatie=specificatie),
        status("A", "TGE", 2),
        factuur("F1", 3, Post("A", amount, aantal=aantal)),
    )
    (line,) = keten.oordeel("F1").regels
    assert (line.vrijgegeven, line.reden) == (Decimal(vrij), reden)


def test_line_of_a_sub_order_is_released_when_that_part_is_ready() -> None:
    keten = Facturen().speel(
        opdracht("A", 0, subnummer="1"), opdracht("A", 0, subnummer="2", som="50"), status("A", "TGE", 2, subnummer="1"),
        factuur("F1", 3, Post("A", "100", sub="1"), Post("A", "50", sub="2"), Post("A", "5")),
    )  # fmt: skip
    said = [(line.vrijgegeven, line.reden) for line in keten.oordeel("F1").regels]
    assert said == [(Decimal(100), ""), (Decimal(0), "niet-gereed"), (Decimal(0), "deel-onbekend")]
    keten.speel(status("A", "TGE", 4, subnummer="2"))
    assert keten.oordeel("F1").regels[1].vrijgegeven == Decimal(50)
    assert keten.maat(sleutel("A"), "facturatie", "2").stand is Stand.GESLOTEN


# extra work against the invoice


def test_extra_work_is_disputed_until_a_reaction_with_an_amount_approves_it() -> None:
    keten = Facturen().speel(
        opdracht("A", 0), status("A", "OND+AVW", 1, bedrag="30"), status("A", "TGE", 2),
        factuur("F1", 3, Post("A", "100"), Post("A", "30", meerwerk=True)),
    )  # fmt: skip
    assert [line.reden for line in keten.oordeel("F1").regels] == ["", "meerwerk-niet-akkoord"]
    keten.speel(status("A", "REA", 1.5, door=CORPORATIE, bedrag="30"))
    assert keten.oordeel("F1").vrijgegeven == Decimal("157.30")


def test_extra_work_is_released_once_a_changed_order_carries_it() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "130")))
    assert keten.oordeel("F1").vrijgegeven < Decimal("157.30")
    keten.speel(opdracht("A", 1.5, som="130", bericht="meer"))
    assert keten.oordeel("F1").vrijgegeven == Decimal("157.30")


# doubles and conflicts


def test_same_supplier_amount_order_and_date_under_another_number_is_mogelijk_dubbel() -> None:
    second = factuur("F2", 4, Post("A", "50"))
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "50")), second)
    assert keten.brieven() == [(Reden.MOGELIJK_DUBBEL, factuur_sleutel("F2"))]
    assert (keten.account(second), keten.toestand("F2")) == ("uitval", "wachtend")
    assert keten.dossier(factuur_sleutel("F2")).onvolledig
    assert not keten.oordelen("F2")
    assert keten.dossier(sleutel("A")).facturen == (F1,)


def test_correction_that_asks_money_is_for_a_person_who_may_accept_it() -> None:
    right = factuur("F2", 4, Post("A", "60"), verwijst="F1", typecode="384")
    keten = Facturen().speel(opdracht("A", 0), status("A", "TGE", 2), factuur("F1", 3, Post("A", "40")), right)
    assert (keten.oordeel("F1").vrijgegeven, keten.oordeel("F2").vrijgegeven) == (Decimal("48.40"), Decimal(0))
    assert keten.oordeel("F2").redenen == ("correctie",)
    (text,) = keten.beoordelen(factuur_sleutel("F2"))
    assert "384" in text
    keten.speel(factuurstap("F2", Factuurstap.GEACCEPTEERD, 5))
    assert keten.oordeel("F2").vrijgegeven == Decimal("72.60")
    assert keten.beoordelen(factuur_sleutel("F2")) == set()


def test_double_that_a_person_sends_again_counts() -> None:
    second = factuur("F2", 4, Post("A", "50"))
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "50")), second)
    keten.speel(opnieuw(later(second, 1)))
    assert keten.oordeel("F2").vrijgegeven == Decimal("60.50")


def test_same_key_with_other_content_is_strijdig_and_the_first_stays() -> None:
    other = factuur("F1", 4, Post("A", "70"), bericht="ander")
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "50")), other)
    assert keten.brieven() == [(Reden.STRIJDIG, F1)]
    assert keten.oordeel("F1").vrijgegeven == Decimal("60.50")


def test_same_key_with_other_content_is_strijdig_while_the_first_waits() -> None:
    keten = Facturen().speel(factuur("F1", 3, Post("A", "50")), factuur("F1", 3.1, Post("A", "70"), bericht="ander"))
    assert keten.brieven() == [(Reden.STRIJDIG, F1)]


@pytest.mark.parametrize("waiting", [True, False])
def test_same_content_under_another_message_number_counts_once(waiting: bool) -> None:
    twice = [factuur("F1", 3, Post("A", "50")), factuur("F1", 3.1, Post("A", "50"), bericht="nogmaals")]
    keten = Facturen().speel(*([*twice, *GEREED] if waiting else [*GEREED, *twice]))
    assert set(keten.rekening().values()) == {"toegepast"}
    assert keten.oordeel("F1").vrijgegeven == Decimal("60.50")
    assert keten.dossier(F1).feiten == 2


def test_same_message_again_is_dubbel() -> None:
    bill = factuur("F1", 3, Post("A", "50"))
    keten = Facturen().speel(*GEREED, bill)
    before = len(keten.oordelen("F1"))
    keten.speel(later(bill, 1))
    assert keten.rekening()[later(bill, 1).bericht.receipt] == "dubbel"
    assert len(keten.oordelen("F1")) == before


# contracts


def test_periodic_invoice_of_a_contract_is_released_once_per_period() -> None:
    contract = keys.contract_key(KETEN, CORPORATIE, "K1")
    march = (date(2026, 3, 1), date(2026, 3, 31))
    keten = Facturen().speel(factuur("F1", 3, Post(None, "500"), contract="K1", periode=march, afkoop="500"))
    assert keten.oordeel("F1").vrijgegeven == Decimal("605.00")
    assert (keten.dossier(contract).toestand, keten.dossier(contract).facturen) == ("contract", (F1,))
    keten.speel(factuur("F2", 4, Post(None, "400"), contract="K1", periode=march, afkoop="500"))
    assert keten.oordeel("F2").vrijgegeven == 0


# what is told


def test_answer_never_causes_another_question() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100")), factuurstap("F1", BETAALD, 5))
    kinds = [type(document) for _, document in keten.afgeleid()]
    assert Counter(kinds) == {Factuurdeel: 1, Factuurantwoord: 1, Factuurafronding: 1}


def test_order_answers_only_what_differs_from_its_last_answer() -> None:
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "100")))
    answered = len(keten.aan(F1))
    keten.speel(status("A", "AGE", 5))
    assert len(keten.aan(F1)) == answered


def test_letter_of_an_invoice_makes_its_measures_provisional_and_holds_its_signals() -> None:
    other = factuur("F1", 4, Post("A", "70"), bericht="ander")
    keten = Facturen().speel(*GEREED, factuur("F1", 3, Post("A", "50")), other, klok(60))
    assert keten.maat(F1, "betaling").voorlopig
    assert not [one for one in keten.signalen(F1) if one.soort == "norm-overschreden"]


def test_answer_that_is_written_again_after_a_later_one_changes_nothing() -> None:
    keten = Facturen().speel(opdracht("A", 0), factuur("F1", 1, Post("A", "100")), status("A", "TGE", 2))
    before = keten.oordelen("F1")
    first = next(read for read in keten.bus.records(TOPIC) if read.envelope().type == ce_type(Factuurantwoord))
    keten.bus.send(Output(TOPIC, first.key, first.value, first.headers), first.timestamp)
    keten.speel(klok(3))
    assert keten.oordelen("F1") == before
    assert before[-1].vrijgegeven == Decimal("121.00")
