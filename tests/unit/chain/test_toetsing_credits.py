"""What ONDERHOUD 4 and 5 say of matching: credits, acceptance, withdrawal."""

from datetime import date

import pytest

from chain.ketens.onderhoud.toetsing import Meerwerk, Oordeel, toets, toets_contract
from tests.unit.chain.facturen import deel, eerste, ehp, euro, regel, som
from topics.documents.factuur import Factuurdeel

MAART = (date(2026, 3, 1), date(2026, 3, 31))


def test_a_credit_first_takes_back_what_is_disputed_of_its_original() -> None:
    one, credit = deel("F1", regel("120.00", "A", "12")), deel("C1", regel("-50.00", "A", "-5"), uur=1, naar=" f1")
    found = toets(ehp(("A", "10", "10")), [one, credit], toets(ehp(("A", "10", "10")), [one], {}))
    assert eerste(found, one) == (euro("100.00"), euro("20.00"), "")
    assert eerste(found, credit) == (euro("-30.00"), euro("-20.00"), "")


def test_a_credit_without_its_original_is_disputed_until_that_comes() -> None:
    one, credit = deel("F1", regel("120.00"), uur=1), deel("C1", regel("-50.00"), naar="F1")
    before = toets(som("100.00"), [credit], {})
    assert eerste(before, credit) == (euro(0), euro(0), "origineel-onbekend")
    after = toets(som("100.00"), [one, credit], before)
    assert eerste(after, one) == (euro("100.00"), euro("20.00"), "")
    assert eerste(after, credit) == (euro("-30.00"), euro("-20.00"), "")


def test_a_credit_that_names_nothing_finds_its_original_by_supplier_and_lines() -> None:
    one, two = deel("F1", regel("60.00", "A", "6")), deel("F2", regel("40.00", "A", "4"), uur=1)
    other = deel("F3", regel("40.00", "A", "4"), uur=1, leverancier="NL002")
    credit = deel("C1", regel("-40.00", "A", "-4"), uur=2)
    found = toets(ehp(("A", "6", "10")), [one, two, other, credit], {})
    assert eerste(found, two) == (euro(0), euro("40.00"), "")
    assert eerste(found, credit) == (euro(0), euro("-40.00"), "")
    assert eerste(found, one) == (euro("60.00"), euro(0), "")


def test_credits_that_name_nothing_each_find_an_original_of_their_own() -> None:
    bills = [deel(f"F{n}", regel("40.00", "A", "4"), uur=n, te_betalen=str(40 + n)) for n in (1, 2)]
    credits = [deel(f"C{n}", regel("-40.00", "A", "-4"), uur=n, te_betalen=str(-40 - n)) for n in (3, 4)]
    found: dict[str, Oordeel] = {}
    for count in (3, 4):
        found = toets(ehp(("A", "8", "10")), [*bills, *credits][:count], found)
    assert [eerste(found, credit) for credit in credits] == [(euro("-40.00"), euro(0), "")] * 2
    third = deel("C5", regel("-40.00", "A", "-4"), uur=5, te_betalen="-45")
    found = toets(ehp(("A", "8", "10")), [*bills, *credits, third], found)
    assert eerste(found, third) == (euro(0), euro(0), "boven-origineel")


def test_credit_that_names_nothing_is_of_what_no_credit_before_it_named() -> None:
    bills = [deel(f"F{n}", regel("40.00", "A", "4"), uur=n, te_betalen=str(40 + n)) for n in (1, 2)]
    named = deel("C3", regel("-40.00", "A", "-4"), uur=3, te_betalen="-43", naar="F1")
    loose = deel("C4", regel("-40.00", "A", "-4"), uur=4, te_betalen="-44")
    found = toets(ehp(("A", "8", "10")), [*bills, named, loose], {})
    assert [eerste(found, credit) for credit in (loose, named)] == [(euro("-40.00"), euro(0), "")] * 2


def test_credit_that_took_back_what_was_released_is_not_taken_for_that_of_something_disputed() -> None:
    bills = [deel(f"F{n}", regel("40.00", "A", "4"), uur=n, te_betalen=str(40 + n)) for n in (1, 2)]
    loose = deel("C3", regel("-40.00", "A", "-4"), uur=3, te_betalen="-43")
    named = deel("C4", regel("-40.00", "A", "-4"), uur=4, te_betalen="-44", naar="F1")
    beeld = ehp(("A", "4", "10"))
    found = toets(beeld, [bills[0], loose], toets(beeld, bills[:1], {}))
    found = toets(beeld._replace(delen=(beeld.delen[0]._replace(gereed=False),)), [*bills, loose, named], found)
    assert [eerste(found, one)[0] for one in (*bills, loose, named)] == [
        euro("40.00"),
        euro(0),
        euro("-40.00"),
        euro(0),
    ]


def test_a_credit_takes_nothing_back_from_another_supplier_or_to_an_unknown_account() -> None:
    one = deel("F1", regel("120.00"))
    other = deel("C1", regel("-20.00"), uur=1, naar="F1", leverancier="NL002")
    unknown = deel("C1", regel("-20.00"), uur=1, naar="F1", iban=False)
    for credit, reason in ((other, "origineel-onbekend"), (unknown, "iban-onbekend")):
        found = toets(som("100.00"), [one, credit], {})
        assert eerste(found, credit) == (euro(0), euro(0), reason)
        assert eerste(found, one) == (euro("100.00"), euro(0), "boven-aanneemsom")


def test_a_credit_of_more_than_its_original_is_disputed_for_the_rest() -> None:
    one, credit = deel("F1", regel("100.00")), deel("C1", regel("-130.00"), uur=1, naar="F1")
    found = toets(som("1000.00"), [one, credit], {})
    assert eerste(found, credit) == (euro("-100.00"), euro(0), "boven-origineel")


def test_a_credit_gives_its_room_to_a_new_invoice() -> None:
    one, two = deel("F1", regel("100.00", "A", "10")), deel("F2", regel("90.00", "A", "9"), uur=1)
    credit = deel("C1", regel("-100.00", "A", "-10"), uur=2, naar="F1")
    found = toets(ehp(("A", "10", "10")), [one, two], {})
    assert eerste(found, two) == (euro(0), euro(0), "aantal-hoger")
    found = toets(ehp(("A", "10", "10")), [one, two, credit], found)
    assert [eerste(found, each)[0] for each in (one, two, credit)] == [euro("100.00"), euro("90.00"), euro("-100.00")]


def test_a_credit_gives_back_as_much_room_as_it_took_back() -> None:
    one, credit = deel("F1", regel("100.00", "A", "10")), deel("C1", regel("-40.00", "A", "-4"), uur=1, naar="F1")
    two = deel("F2", regel("50.00", "A", "5"), uur=2)
    found = toets(ehp(("A", "10", "10")), [one, credit], {})
    found = toets(ehp(("A", "10", "10")), [one, credit, two], found)
    assert eerste(found, two) == (euro("40.00"), euro(0), "aantal-hoger")


def test_a_discount_that_was_accepted_with_its_line_is_not_released_beside_that() -> None:
    lines = (regel("100.00", geaccepteerd="100.00"), regel("-100.00", geaccepteerd="-100.00"))
    found = toets(som("1000.00"), [one := deel("F1", *lines)], {})
    assert [line.vrij for line in found[one.factuur].regels] == [euro(0), euro(0)]


def test_what_was_accepted_is_credited_as_released() -> None:
    """What the opdrachtgever accepted was paid: a credit gives that back, even where it took it back as disputed before."""
    credit = deel("C1", regel("-20.00"), uur=1, naar="F1")
    accepted = deel("F1", regel("120.00", geaccepteerd="20.00"))
    answered = toets(som("100.00"), [deel("F1", regel("120.00"))], {})
    found = toets(som("100.00"), [accepted, credit], answered)
    assert eerste(found, accepted) == (euro("100.00"), euro(0), "")
    assert eerste(found, credit) == (euro("-20.00"), euro(0), "")
    before = toets(som("100.00"), [deel("F1", regel("120.00")), credit], {})
    assert eerste(before, credit) == (euro(0), euro("-20.00"), "")
    assert toets(som("100.00"), [accepted, credit], before) == found


def test_what_the_supplier_withdrew_is_never_released() -> None:
    one = deel("F1", regel("120.00", ingetrokken="20.00"))
    assert eerste(toets(som("1000.00"), [one], {}), one) == (euro("100.00"), euro(0), "")


def test_credit_note_of_what_was_withdrawn_takes_nothing_off_beside_that() -> None:
    """The books want a credit note of what the supplier claims no more: it is one and the same money."""
    one = deel("F1", regel("150.00", ingetrokken="50.00"))
    credit = deel("C1", regel("-50.00"), uur=1, naar="F1")
    found = toets(som("100.00"), [one, credit], toets(som("100.00"), [one], {}))
    assert eerste(found, one) == (euro("100.00"), euro(0), "")
    assert eerste(found, credit) == (euro(0), euro("-50.00"), "")
    more = deel("C2", regel("-30.00"), uur=2, naar="F1")
    found = toets(som("100.00"), [one, credit, more], found)
    assert eerste(found, credit) == (euro(0), euro("-50.00"), "")
    assert eerste(found, more) == (euro("-30.00"), euro(0), "")


def test_credit_note_of_more_than_was_withdrawn_takes_the_rest_of_what_was_released() -> None:
    one, credit = deel("F1", regel("150.00", ingetrokken="50.00")), deel("C1", regel("-150.00"), uur=1, naar="F1")
    found = toets(som("100.00"), [one, credit], {})
    assert eerste(found, credit) == (euro("-100.00"), euro("-50.00"), "")


def test_credit_note_that_crosses_the_withdrawal_takes_the_money_off_once() -> None:
    credit = deel("C1", regel("-50.00"), uur=1, naar="F1")
    before = toets(som("100.00"), [deel("F1", regel("150.00")), credit], {})
    assert eerste(before, credit) == (euro(0), euro("-50.00"), "")
    one = deel("F1", regel("150.00", ingetrokken="50.00"))
    found = toets(som("100.00"), [one, credit], before)
    assert eerste(found, credit) == (euro(0), euro("-50.00"), "")
    assert eerste(found, one) == (euro("100.00"), euro(0), "")


@pytest.mark.parametrize(("typecode", "reden"), [("384", "correctie"), ("381", "credit-positief")])
def test_correction_or_credit_that_asks_money_is_not_released_beside_its_original(typecode: str, reden: str) -> None:
    one, other = deel("F1", regel("400.00")), deel("F2", regel("450.00"), uur=1, naar="F1", typecode=typecode)
    found = toets(som("1000.00"), [one, other], {})
    assert eerste(found, one) == (euro("400.00"), euro(0), "")
    assert eerste(found, other) == (euro(0), euro(0), reden)
    alone = toets_contract([deel("F2", regel("50"), afkoop="100", periode=MAART, typecode=typecode)], {})
    assert [line.reden for oordeel in alone.values() for line in oordeel.regels] == [reden]


def test_credit_of_the_original_or_of_its_correction_settles_that_and_what_is_accepted_takes_room() -> None:
    one, other = deel("F1", regel("400.00")), deel("F2", regel("450.00"), uur=1, naar="F1", typecode="384")
    credit = deel("C1", regel("-450.00"), uur=2, naar="F2", typecode="381")
    found = toets(som("1000.00"), [one, other, credit], {})
    assert eerste(found, other) == (euro(0), euro("450.00"), "")
    accepted = deel("F2", regel("450.00", geaccepteerd="450.00"), uur=1, naar="F1", typecode="384")
    third = deel("F3", regel("200.00"), uur=3)
    found = toets(som("1000.00"), [one, accepted, third], {})
    assert eerste(found, third) == (euro("150.00"), euro(0), "boven-aanneemsom")


def test_negative_correction_takes_back_as_a_credit_note() -> None:
    one, credit = deel("F1", regel("120.00")), deel("C1", regel("-50.00"), uur=1, naar="F1", typecode="384")
    assert eerste(toets(som("100.00"), [one, credit], {}), credit) == (euro("-30.00"), euro("-20.00"), "")


def test_what_was_accepted_takes_room() -> None:
    one = deel("F1", regel("100.00", "A", "10", geaccepteerd="100.00"))
    two = deel("F2", regel("50.00", "A", "5"), uur=1)
    found = toets(ehp(("A", "10", "10")), [one, two], {})
    assert eerste(found, two) == (euro(0), euro(0), "aantal-hoger")


def test_a_credit_whose_original_turns_out_to_be_another_is_settled_at_once() -> None:
    """It names none, and an invoice that fits as well came before the one that it was taken back from."""
    first, last = deel("F0", regel("0.02", "A", geaccepteerd="0.02")), deel("F4", regel("0.02", "A"), te_betalen="4")
    credit, one = deel("F1", regel("-0.01", "A")), deel("F3", regel("0.01", "A"), te_betalen="3")
    found: dict[str, Oordeel] = {}
    heard: list[Factuurdeel] = []
    for each in (first, last, credit, one):
        heard.append(each)
        found = toets(ehp(), heard, found)
    beeld = ehp(meerwerk=[Meerwerk(euro("0.01"), "goedkeuring")])
    found = toets(beeld, heard, found)
    assert eerste(found, one)[0] == eerste(found, last)[0] == euro("0.01")
    assert toets(beeld, heard, found) == found
