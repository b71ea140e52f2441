"""Orders that resemble what a letter says: scored, with reasons, in an order, and never chosen."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.review.candidates import Candidate, Wanted, _distance, candidates, superseded, wanted
from topics.documents import Moment, encode
from topics.documents.keten import Dossier
from topics.documents.onderhoud import Kalender, Locatie, Opdracht, Regel, Status, Statuscode, Voorwaarden
from topics.view.decisions import Later, Order

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
GLN, OTHER = "8799999000017", "8799999000215"


def an_order(number: str, *, days: int = 5, unit: str = "", price: str = "", state: str = "geaccepteerd") -> Order:
    key = f"onderhoud/opdracht/{GLN}/{number}"
    lines = (Regel(nummer=1, aantal=Decimal(2), eenheid="PCE", prijs=Decimal(price)),) if price else ()
    opdracht = Opdracht(
        berichtnummer=f"O-{number}", afzender=GLN, opdrachtgever=GLN, aannemer=OTHER, opdrachtnummer=number,
        verzonden=Moment(AT - timedelta(days=days)), voorwaarden=Voorwaarden(profiel="x", kalender=Kalender()),
        locatie=Locatie(eenheid=unit) if unit else None, regels=lines,
    )  # fmt: skip
    dossier = Dossier(sleutel=key, keten="onderhoud", reeks=1, toestand=state, bijgewerkt=AT, opdrachtnummer=number)
    return Order(dossier=dossier, opdracht=opdracht)


def says(text: str) -> Wanted:
    return wanted(text.encode(), None, at=AT, partner="tegendraad")


def found(text: str, *orders: Order) -> list[Candidate]:
    return candidates(says(text), orders)


def test_the_likeliest_comes_first_and_every_point_has_a_reason() -> None:
    near = an_order("IN-2026-0418", unit="VHE-12", price="50.00")
    exact = an_order("IN-2026-0417")
    far = an_order("IN-2026-9999", days=200)
    first, second = found("status <nr>IN-2026-0417</nr> bij VHE-12, samen 100,00", far, near, exact)
    assert (first.opdrachtnummer, second.opdrachtnummer) == ("IN-2026-0418", "IN-2026-0417")
    assert (first.punten, second.punten) == (45 + 20 + 20 + 10 + 5, 60 + 10 + 5)
    assert first.redenen[0] == "het nummer scheelt één teken met IN-2026-0417"
    assert "eenheid VHE-12 staat in het bericht" in first.redenen
    assert "bedrag 100.00 is dat van de opdracht" in first.redenen


@pytest.mark.parametrize("written", ["in 2026 0417", "IN/2026/0417", "00IN20260417"])
def test_punctuation_and_leading_zeros_hide_no_number(written: str) -> None:
    hits = found(f"x {written.replace(' ', '-')} y", an_order("IN-2026-0417"))
    assert [one.punten >= 50 for one in hits] == [True]


def test_what_resembles_nothing_is_no_candidate() -> None:
    assert found("gereed 12345", an_order("IN-2026-0417")) == []
    assert found("IN-2026-0417", *(an_order(f"IN-2026-04{n:02}") for n in range(10, 40))) != []
    assert len(found("IN-2026-0417", *(an_order(f"IN-2026-04{n:02}") for n in range(10, 40)))) == 5


def a_status(message: str, number: str = "IN1") -> Status:
    return Status(
        berichtnummer=message, afzender=OTHER, opdrachtgever=GLN, opdrachtnummer=number, code=Statuscode.TGE,
        gebeurd=Moment(AT),
    )  # fmt: skip


def later(status: Status, *, soort: str = Status.NAME) -> Later:
    document = encode(status).decode()
    return Later(
        ontvangst="r2", dossier="d", soort=soort, berichtnummer=status.berichtnummer, bekend=AT, document=document
    )


def test_it_is_superseded_by_the_same_number_or_the_same_content_and_nothing_else() -> None:
    mine = a_status("S-1")
    want = wanted(encode(mine), mine, at=AT, partner="tegendraad")
    assert superseded(want, [later(a_status("S-1", "IN2"))]) is not None
    by_content = superseded(want, [later(a_status("S-9", "IN2")), later(a_status("S-2"))])
    assert by_content is not None
    assert by_content.reden.startswith("zelfde inhoud")
    assert superseded(want, [later(a_status("S-1", "IN2"), soort="onderhoud.planning")]) is None
    assert superseded(want, [later(a_status("S-2", "IN2"))]) is None


def plain(one: str, other: str) -> int:
    """Optimal string alignment, by its definition."""
    if not one or not other:
        return len(one) + len(other)
    best = min(plain(one[1:], other) + 1, plain(one, other[1:]) + 1, plain(one[1:], other[1:]) + (one[0] != other[0]))
    if len(one) > 1 and len(other) > 1 and one[0] == other[1] and one[1] == other[0]:
        best = min(best, plain(one[2:], other[2:]) + 1)
    return best


texts = st.text("AB1", max_size=6)


@given(one=texts, other=texts)
def test_the_distance_is_that_of_its_definition_up_to_the_limit(one: str, other: str) -> None:
    expected = plain(one, other)
    assert _distance(one, other, 2) == (expected if expected <= 2 else None)
