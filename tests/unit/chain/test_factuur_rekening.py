"""An invoice whose account the client did not know, once it does: a person looks, and only then it counts."""

from decimal import Decimal

from tests.unit.chain.dossiers import later, sleutel, status
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuur_sleutel, opdracht, opnieuw
from topics.documents import Account, Reden

GEREED = [opdracht("A", 0), status("A", "TGE", 2)]
F1 = factuur_sleutel("F1")
ONBEKEND = factuur("F1", 3, Post("A", "100"), iban=False)


def test_invoice_that_comes_again_with_a_known_account_goes_to_a_person_first() -> None:
    keten = Facturen().speel(*GEREED, ONBEKEND, factuur("F1", 5, Post("A", "100"), bericht="weer"))
    assert keten.brieven() == [(Reden.STRIJDIG, F1)]
    assert keten.oordeel("F1").redenen == ("iban-onbekend",)
    assert keten.bevindingen() == ["iban-anders-bekend"]


def test_invoice_is_released_once_a_person_sent_the_known_account_on() -> None:
    again = factuur("F1", 5, Post("A", "100"), bericht="weer")
    keten = Facturen().speel(*GEREED, ONBEKEND, again, opnieuw(again))
    assert keten.dossier(F1).feiten == 2
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")
    assert keten.beoordelen(F1) == set()
    assert keten.dossier(sleutel("A")).facturen == (F1,)


def test_invoice_under_the_same_message_number_is_released_as_well() -> None:
    again = later(factuur("F1", 4, Post("A", "100")), 1)
    keten = Facturen().speel(*GEREED, ONBEKEND, again, opnieuw(again))
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")


def test_what_was_sent_on_and_comes_once_more_is_a_double() -> None:
    again = factuur("F1", 5, Post("A", "100"), bericht="weer")
    keten = Facturen().speel(*GEREED, ONBEKEND, again, opnieuw(again), later(again, 1))
    assert Account.DUBBEL in [posting.naar for posting in keten.postings]
    assert keten.dossier(F1).feiten == 2
    assert keten.oordeel("F1").vrijgegeven == Decimal("121.00")


def test_another_amount_or_an_account_that_is_unknown_now_stays_with_a_person() -> None:
    dearer = factuur("F1", 5, Post("A", "90"), bericht="duurder")
    keten = Facturen().speel(*GEREED, ONBEKEND, dearer, opnieuw(dearer))
    assert [reden for reden, _ in keten.brieven()] == [Reden.STRIJDIG, Reden.STRIJDIG]
    assert keten.oordeel("F1").vrijgegeven == 0

    other = factuur("F2", 5, Post("A", "100"), bericht="andere rekening", iban=False)
    keten = Facturen().speel(*GEREED, factuur("F2", 3, Post("A", "100")), other, opnieuw(other))
    assert [reden for reden, _ in keten.brieven()] == [Reden.STRIJDIG, Reden.STRIJDIG]
    assert keten.oordeel("F2").vrijgegeven == Decimal("121.00")


def test_what_is_known_in_part_stays_with_a_person() -> None:
    half = factuur("F1", 5, Post("A", "100"), bericht="half", bekend=False)
    keten = Facturen().speel(*GEREED, ONBEKEND, half, opnieuw(half))
    assert [reden for reden, _ in keten.brieven()] == [Reden.STRIJDIG, Reden.STRIJDIG]
    assert keten.dossier(F1).feiten == 1


def test_invoice_that_comes_again_under_another_number_and_a_known_account_counts_and_only_one_is_ever_released() -> (
    None
):
    keten = Facturen().speel(*GEREED, ONBEKEND, factuur("F2", 5, Post("A", "100")))
    assert keten.brieven() == []
    assert (keten.oordeel("F1").vrijgegeven, keten.oordeel("F2").vrijgegeven) == (Decimal(0), Decimal("121.00"))
    again = factuur("F1", 6, Post("A", "100"), bericht="weer")
    keten.speel(again, opnieuw(again))
    assert (keten.oordeel("F1").vrijgegeven, keten.oordeel("F2").vrijgegeven) == (Decimal(0), Decimal("121.00"))
    assert keten.oordeel("F1").redenen == ("mogelijk-dubbel",)
