"""Release of an invoice: what ONDERHOUD 5 says of it, by examples."""

from decimal import Decimal

import pytest

from chain.ketens.onderhoud.vrijgave import Regelstand, accepteer, beoordeling, trek_in
from tests.unit.chain.factuurbouw import AE, ANDER, NUL, ORDER, S9, S21, SLEUTEL, delen, euro, factuur, lijn, stand
from topics.documents.factuur import (
    Factuurregel,
)


def test_an_undisputed_part_is_released_at_once_as_answers_come() -> None:
    invoice = factuur(lijn("100.00"), lijn("50.00", S9))
    open_ = beoordeling(SLEUTEL, 0, invoice, [Regelstand(ORDER), Regelstand(ANDER)])
    assert delen(open_) == euro("0", "0", "175.50", "0")
    one = beoordeling(SLEUTEL, 1, invoice, [stand("100.00", ""), Regelstand(ANDER)])
    assert delen(one) == euro("121.00", "0", "54.50", "0")
    assert (one.dossier, one.revisie, one.te_betalen, one.redenen) == (SLEUTEL, 1, Decimal("175.50"), ())


def test_released_and_disputed_is_payable_per_vat_category() -> None:
    invoice = factuur(lijn("100.00"), lijn("50.00", S9), lijn("80.00", AE))
    found = beoordeling(SLEUTEL, 1, invoice, [stand("40.00"), stand("50.00", ""), stand("0", "code-onbekend")])
    assert [(one.categorie, one.vrijgegeven, one.betwist) for one in found.btw] == [
        ("S", *euro("48.40", "72.60")),
        ("S", *euro("54.50", "0.00")),
        ("AE", *euro("0.00", "80.00")),
    ]
    assert found.redenen == ("aantal-hoger", "code-onbekend")
    first = found.regels[0]
    assert (first.vrijgegeven, first.betwist, first.reden) == (*euro("40.00", "60.00"), "aantal-hoger")


def test_document_charges_follow_their_category_pro_rata() -> None:
    """The lines come to 90.00 and 54.00: that is what orders are asked, and what they answer."""
    invoice = factuur(lijn("100.00"), lijn("50.00", S9), toeslagen=[("-10.00", S21), ("4.00", S9)])
    found = beoordeling(SLEUTEL, 1, invoice, [stand("45.00"), stand("54.00", "")])
    assert [one.vrijgegeven for one in found.btw] == list(euro("54.45", "58.86"))
    assert [(one.vrijgegeven, one.betwist) for one in found.regels] == [euro("45.00", "45.00"), euro("54.00", "0.00")]


def test_rounding_and_what_was_prepaid_are_spread_over_the_categories() -> None:
    invoice = factuur(lijn("100.00"), lijn("100.00", AE), afronding="0.02", vooruit="22.12")
    found = beoordeling(SLEUTEL, 1, invoice, [stand("100.00", ""), stand("0")])
    assert sum(delen(found)) == invoice.te_betalen == Decimal("198.90")
    assert [(one.vrijgegeven, one.betwist) for one in found.btw] == [euro("108.90", "0.00"), euro("0.00", "90.00")]


def test_the_part_of_the_g_account_follows_the_released_labour() -> None:
    invoice = factuur(lijn("100.00", AE, arbeid=True), lijn("300.00", AE), g="60.00")
    assert beoordeling(SLEUTEL, 1, invoice, [stand("25.00"), stand("300.00", "")]).g_vrijgegeven == Decimal("15.00")
    assert beoordeling(SLEUTEL, 1, invoice, [stand("0"), stand("300.00", "")]).g_vrijgegeven == 0
    assert beoordeling(SLEUTEL, 1, invoice, [stand("100.00", ""), stand("0")]).g_vrijgegeven == Decimal("60.00")


@pytest.mark.parametrize("regels", [(lijn("400.00", AE),), (lijn("100.00", AE, arbeid=True), lijn("300.00", AE))])
def test_the_part_of_the_g_account_is_else_pro_rata(regels: tuple[Factuurregel, ...]) -> None:
    invoice = factuur(*regels, g="60.00", g_loon=False)
    parts = [stand("100.00")] + [stand("0")] * (len(regels) - 1)
    assert beoordeling(SLEUTEL, 1, invoice, parts).g_vrijgegeven == Decimal("15.00")


def test_the_part_of_the_g_account_is_never_above_what_is_released() -> None:
    invoice = factuur(lijn("100.00", AE, arbeid=True), lijn("300.00", AE), g="160.00")
    assert beoordeling(SLEUTEL, 1, invoice, [stand("100.00", ""), stand("0")]).g_vrijgegeven == Decimal("100.00")


@pytest.mark.parametrize(("iban", "g_iban"), [(False, None), (True, False), (False, True)])
def test_an_invoice_with_an_unknown_iban_is_never_released(iban: bool, g_iban: bool | None) -> None:
    invoice = factuur(lijn("100.00"), lijn("50.00"), g="10.00", iban=iban, g_iban=g_iban)
    given = (stand("60.00"), Regelstand(ANDER))
    states = accepteer(invoice, given)
    assert states == given
    accepted = [state._replace(geaccepteerd=Decimal(100)) for state in states]
    for lines in (states, accepted):
        found = beoordeling(SLEUTEL, 1, invoice, lines)
        assert delen(found) == euro("0", "181.50", "0", "0")
        assert found.g_vrijgegeven == 0
        assert found.redenen == ("iban-onbekend",)


def test_what_is_disputed_of_one_order_ends_by_acceptance() -> None:
    invoice = factuur(lijn("100.00"), lijn("50.00"), lijn("10.00"))
    states = [stand("60.00"), stand("20.00", dossier=ANDER), Regelstand(ORDER)]
    found = beoordeling(SLEUTEL, 2, invoice, accepteer(invoice, states, ORDER))
    assert delen(found) == euro("145.20", "36.30", "12.10", "0")
    assert delen(beoordeling(SLEUTEL, 2, invoice, accepteer(invoice, states))) == euro("181.50", "0", "12.10", "0")


def test_what_is_disputed_ends_by_withdrawal_and_is_shown_as_taken_back() -> None:
    invoice = factuur(lijn("100.00"), lijn("50.00"))
    states = [stand("60.00"), stand("20.00", dossier=ANDER)]
    found = beoordeling(SLEUTEL, 2, invoice, trek_in(invoice, states, ANDER))
    assert delen(found) == euro("96.80", "48.40", "0", "36.30")
    assert delen(beoordeling(SLEUTEL, 2, invoice, trek_in(invoice, states))) == euro("96.80", "0", "0", "84.70")


def test_what_is_disputed_ends_by_a_credit_note() -> None:
    found = beoordeling(SLEUTEL, 2, factuur(lijn("100.00")), [stand("60.00", "", verrekend="40.00")])
    assert delen(found) == euro("72.60", "0", "0", "48.40")
    credit = beoordeling(SLEUTEL, 2, factuur(lijn("-50.00")), [stand("-10.00", "", verrekend="-40.00")])
    assert delen(credit) == euro("-12.10", "0", "0", "-48.40")


def test_what_was_released_before_an_answer_and_acceptance_crossed_is_released_once() -> None:
    crossed = [stand("90.00")._replace(geaccepteerd=Decimal("40.00"), ingetrokken=Decimal("40.00"))]
    assert delen(beoordeling(SLEUTEL, 2, factuur(lijn("100.00")), crossed)) == euro("121.00", "0", "0", "0")


def test_what_an_invoice_takes_off_is_held_back_while_that_is_not_settled() -> None:
    invoice = factuur(lijn("100.00"), lijn("-20.00", S9), lijn("30.00"))
    open_ = [stand("100.00", ""), Regelstand(ANDER), stand("30.00", "")]
    found = beoordeling(SLEUTEL, 1, invoice, open_)
    assert found.vrijgegeven <= invoice.te_betalen
    assert sum(delen(found)) == invoice.te_betalen
    assert [one.reden for one in found.regels] == ["", "", "aftrek-open"]
    settled = beoordeling(SLEUTEL, 2, invoice, [stand("100.00", ""), stand("-20.00", ""), stand("30.00", "")])
    assert delen(settled) == (invoice.te_betalen, NUL, NUL, NUL)


def test_a_deduction_is_first_held_back_from_its_own_category() -> None:
    invoice = factuur(lijn("100.00", AE), lijn("-20.00", AE), lijn("50.00", S9))
    found = beoordeling(SLEUTEL, 1, invoice, [stand("100.00", ""), Regelstand(ANDER), stand("50.00", "")])
    assert [one.vrijgegeven for one in found.btw] == list(euro("80.00", "54.50"))
    assert [one.reden for one in found.regels] == ["aftrek-open", "", ""]


def test_an_invoice_whose_lines_come_to_nothing_is_released_for_its_rounding() -> None:
    invoice = factuur(lijn("10.00", AE), lijn("-10.00", AE), afronding="0.02")
    assert delen(beoordeling(SLEUTEL, 1, invoice, [stand("10.00", ""), stand("-10.00", "")])) == euro(
        "0.02", "0", "0", "0"
    )


def test_standings_that_are_not_one_per_line_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        beoordeling(SLEUTEL, 0, factuur(lijn("1.00")), [])
