"""What holds of an order of several parts, and of the periods of a contract, in whatever order invoices come."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from chain.ketens.onderhoud.toetsing import Deelbeeld, Oordeel, toets, toets_contract
from tests.unit.chain.facturen import deel, order, per, regel
from tests.unit.chain.geldtelling import fr
from topics.documents.factuur import Afkoop, Factuurdeel

NUL = Decimal(0)
bedragen = st.decimals("0.01", "150", places=2)
Periode = tuple[date, date]


@st.composite
def perioden(draw: st.DrawFn) -> tuple[Afkoop, Periode]:
    """A period of a contract of which the length of periods changed between invoices; now and then it is none."""
    length = draw(st.sampled_from(["maand", "kwartaal", "jaar"]))
    month = draw(st.sampled_from([1, 4, 7])) if length == "kwartaal" else draw(st.integers(1, 6))
    if length == "jaar":
        month = 1
    end = month + {"maand": 1, "kwartaal": 3, "jaar": 12}[length]
    last = date(2026 + (end - 1) // 12, (end - 1) % 12 + 1, 1) - timedelta(days=draw(st.sampled_from([1, 1, 1, 1, 2])))
    return per("100.00", length), (date(2026, month, 1), last)


@st.composite
def periodiek(draw: st.DrawFn) -> list[Factuurdeel]:
    """Invoices of periods that may overlap, some with a credit."""
    found = []
    for place in range(draw(st.integers(1, 4))):
        agreed, period = draw(perioden())
        lines = [regel(draw(bedragen), nummer=str(i)) for i in range(draw(st.integers(1, 2)))]
        payable = Decimal(place + 1)
        tolerance = draw(st.sampled_from(["0", "5.00"]))
        found.append(
            deel(
                f"F{place}",
                *lines,
                uur=draw(st.integers(0, 5)),
                te_betalen=payable,
                afkoop=agreed,
                periode=period,
                tolerantie=tolerance,
            )
        )
        if draw(st.booleans()):
            back = regel(-draw(bedragen))
            found.append(
                deel(
                    f"C{place}",
                    back,
                    uur=draw(st.integers(0, 5)),
                    te_betalen=-payable,
                    afkoop=agreed,
                    periode=period,
                    naar=f"F{place}",
                )
            )
    return draw(st.permutations(found))


@settings(max_examples=80, deadline=None)
@given(periodiek())
def test_a_period_is_released_once_and_up_to_its_amount_whatever_comes(delen: list[Factuurdeel]) -> None:
    found: dict[str, Oordeel] = {}
    for heard in range(1, len(delen) + 1):
        former = found
        found = toets_contract(delen[:heard], former)
        released: dict[Periode, Decimal] = {}
        for one in delen[:heard]:
            lines = found[one.factuur].regels
            if one.periode_van is not None and one.periode_tot is not None:
                period = (one.periode_van, one.periode_tot)
                released[period] = released.get(period, NUL) + sum((line.vrij for line in lines), NUL)
            for line, own in zip(former[one.factuur].regels if one.factuur in former else (), lines, strict=False):
                assert abs(own.vrij) >= abs(line.vrij), "what was released is taken back"
        margins = max(one.tolerantie for one in delen[:heard])
        assert all(amount <= 100 + margins for amount in released.values())
        paid = [period for period, amount in released.items() if amount > 0]
        for early, late in combinations(sorted(paid), 2):
            assert early[1] < late[0], "a day is paid twice"
        assert toets_contract(delen[:heard], found) == found


@settings(max_examples=80, deadline=None)
@given(
    st.lists(bedragen, min_size=2, max_size=3),
    st.lists(st.tuples(bedragen, st.sampled_from(["1", "2", "3", None]), st.booleans()), min_size=1, max_size=5),
    st.data(),
)
def test_of_several_parts_each_gives_what_it_has_and_the_order_one_tolerance(
    sommen: list[Decimal], gevraagd: list[tuple[Decimal, str | None, bool]], data: st.DataObject
) -> None:
    parts = tuple(Deelbeeld(str(place + 1), "ANS", totaal=total, gereed=True) for place, total in enumerate(sommen))
    asked = [
        deel(
            f"F{place}",
            regel(amount, subnummer=to),
            uur=place,
            tolerantie="5.00" if wide else "0",
            te_betalen=Decimal(place + 1),
        )
        for place, (amount, to, wide) in enumerate(gevraagd)
    ]
    found: dict[str, Oordeel] = {}
    order_of_hearing = data.draw(st.permutations(asked))
    for heard in range(1, len(asked) + 1):
        found = toets(order(*parts), order_of_hearing[:heard], found)
    over = Fraction(0)
    for part in parts:
        own = [one for one in asked if one.regels[0].subnummer == part.subnummer]
        released = fr(sum((found[one.factuur].regels[0].vrij for one in own), NUL))
        wanted = fr(sum((one.regels[0].bedrag for one in own), NUL))
        assert released >= min(wanted, fr(part.totaal)), "less than there was room for"
        over += max(Fraction(0), released - fr(part.totaal))
    assert over <= max(fr(one.tolerantie) for one in asked)
    names = {part.subnummer for part in parts}
    lost = [one for one in asked if one.regels[0].subnummer not in names]
    assert all(found[one.factuur].regels[0].reden == "deel-onbekend" for one in lost)
    assert all(found[one.factuur].regels[0].vrij == 0 for one in lost)
