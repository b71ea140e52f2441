"""A subcontractor is a party to the order above, by the link of its own order (ONDERHOUD 6)."""

import pytest

from tests.unit.chain.berichten import AANNEMER, ANDER, CORPORATIE
from tests.unit.chain.dossiers import ONDERAANNEMER, Keten, Zending, klok, opdracht, sleutel, status
from topics.documents import Reden
from topics.documents.keten import AanZet
from topics.documents.onderhoud import Onderaanneming

BOVEN = opdracht("A", 0, eenheid=None)
ONDER = opdracht("S", 1, eenheid=None, boven=(CORPORATIE, "A"), opdrachtgever=AANNEMER, aannemer=ONDERAANNEMER)
A, S = sleutel("A"), sleutel("S", AANNEMER)


def van_onderaannemer(code: str, op: float) -> Zending:
    """A status that the subcontractor sends on the order above."""
    return status("A", code, op, door=ONDERAANNEMER)


def redenen(keten: Keten) -> dict[str, Reden | None]:
    return {posting.ontvangst: posting.reden for posting in keten.postings}


def test_order_of_a_subcontractor_has_a_dossier_of_its_own_and_tells_the_order_above() -> None:
    keten = Keten().speel(BOVEN, ONDER)
    found = keten.dossier(S)
    assert (found.opdrachtgever, found.aannemer) == (AANNEMER, ONDERAANNEMER)
    assert keten.aan(A) == [Onderaanneming(opdracht=S, opdrachtgever=AANNEMER, onderaannemer=ONDERAANNEMER, reeks=1)]


def test_subcontractor_speaks_for_the_side_of_the_aannemer() -> None:
    keten = Keten().speel(BOVEN, ONDER, van_onderaannemer("ACC", 2), van_onderaannemer("REV", 3))
    found = keten.dossier(A)
    assert (found.feiten, found.toestand, found.aan_zet) == (3, "in-behandeling", AanZet.OPDRACHTGEVER)
    assert set(keten.rekening().values()) == {"toegepast"}


def test_stranger_stays_a_stranger() -> None:
    said = van_onderaannemer("ACC", 2)
    assert redenen(Keten().speel(BOVEN, said))[said.bericht.receipt] is Reden.ONBEVOEGD


@pytest.mark.parametrize(
    "link",
    [
        opdracht("S", 1, eenheid=None, boven=(CORPORATIE, "A"), opdrachtgever=ANDER, aannemer=ONDERAANNEMER),
        opdracht("S", 1, eenheid=None, boven=(CORPORATIE, "B"), opdrachtgever=AANNEMER, aannemer=ONDERAANNEMER),
    ],
    ids=["ordered by a stranger", "of another order"],
)
def test_link_counts_only_for_the_order_that_it_names_and_from_its_aannemer(link: Zending) -> None:
    said = van_onderaannemer("ACC", 2)
    keten = Keten().speel(BOVEN, link, said)
    assert redenen(keten)[said.bericht.receipt] is Reden.ONBEVOEGD
    assert keten.dossier(A).feiten == 1


def test_cancelled_subcontract_makes_no_party_any_more_and_keeps_what_was_said() -> None:
    said, late = van_onderaannemer("ACC", 2), van_onderaannemer("REV", 5)
    keten = Keten().speel(BOVEN, ONDER, said, status("S", "ANN", 4, opdrachtgever=AANNEMER), late)
    assert [one.actief for one in keten.aan(A) if isinstance(one, Onderaanneming)] == [True, False]
    assert redenen(keten)[late.bericht.receipt] is Reden.ONBEVOEGD
    assert (keten.dossier(A).feiten, keten.dossier(A).toestand) == (2, "geaccepteerd")


def test_link_that_comes_before_the_order_above_waits_unseen_and_holds_when_it_comes() -> None:
    said = van_onderaannemer("ACC", 0.5)
    keten = Keten().speel(ONDER)
    assert keten.dossiers(A) == []
    assert keten.driver.facets() == {f"dossier|geregistreerd|aannemer|{AANNEMER}|{ONDERAANNEMER}": 1}
    keten.speel(said, BOVEN)
    assert keten.dossier(A).feiten == 2
    assert set(keten.rekening().values()) == {"toegepast"}


def test_link_to_an_order_that_never_comes_is_forgotten_in_the_end() -> None:
    keten = Keten().speel(ONDER, klok(7 * 366))
    assert keten.driver.state(A) is None
    assert keten.dossiers(A) == []


def test_subcontractor_of_a_former_aannemer_stays_a_party() -> None:
    """As its aannemer does: anyone whom any version of the order names (ONDERHOUD 6)."""
    keten = Keten().speel(BOVEN, ONDER, opdracht("A", 2, eenheid=None, aannemer=ANDER, bericht="A2"))
    keten.speel(van_onderaannemer("VIN", 3))
    assert keten.dossier(A).feiten == 3
