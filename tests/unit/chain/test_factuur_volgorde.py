"""Invoices in any order of arrival, doubled and replayed: the same conclusion, and never more released than is payable."""

from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.chain.berichten import AANNEMER, TOPIC
from tests.unit.chain.dossiers import Zending, klok, sleutel, status
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuur_sleutel, factuurstap, opdracht
from topics.documents.factuur import Factuurstap
from topics.documents.keten import Factuurbeoordeling
from topics.runtime.driver import run_until_quiet
from topics.runtime.step import Output

LAATSTE = klok(30)
ORDERS = [
    opdracht("A", 0, som="100"),
    status("A", "TGE", 2),
    status("A", "AGE", 3),
    opdracht("B", 0.5, som="80"),
    status("B", "TGE", 2.5),
]
FACTUREN = [
    factuur("F1", 1, Post("A", "60")),
    factuur("F2", 4, Post("A", "40"), Post("B", "30", btw="9")),
    factuur("F3", 5, Post("B", "50.55", btw="0")),
    factuurstap("F1", Factuurstap.BETAALBAAR_GESTELD, 6),
    factuurstap("F1", Factuurstap.BETAALD, 7, bedrag="72.60"),
    factuurstap("F2", Factuurstap.BETAALD, 8, bedrag="81.10"),
]
"""Payments name their amount: without, one is of what was released when it came.

Together more than order B comes to by 0.55: how that is shared out is the order of arrival's; all else fits."""
VERREKEND = [
    *FACTUREN[:1],
    factuur("C1", 6, Post("A", "-20"), verwijst="F1", typecode="381"),
    factuur("F4", 7, Post("A", "55")),
    factuurstap("F4", Factuurstap.GEACCEPTEERD, 9),
]
NUMMERS = ("F1", "F2", "F3", "F4", "C1")

Stand = tuple[str, Decimal, Decimal, Decimal, tuple[str, ...]]


def stand(keten: Facturen, nummer: str) -> Stand:
    """State and amounts of one invoice."""
    judged = keten.oordeel(nummer)
    return keten.toestand(nummer), judged.vrijgegeven, judged.betwist, judged.verrekend, judged.redenen


def standen(keten: Facturen, *nummers: str) -> dict[str, Stand]:
    return {nummer: stand(keten, nummer) for nummer in nummers if keten.oordelen(nummer)}


def netto(one: Factuurbeoordeling, order: str) -> Decimal:
    """What is released for an order, in euro excluding VAT."""
    return sum((line.vrijgegeven for line in one.regels if line.dossier == sleutel(order)), Decimal(0))


def vrij(keten: Facturen, order: str) -> Decimal:
    return sum((netto(keten.oordeel(nummer), order) for nummer in NUMMERS if keten.oordelen(nummer)), Decimal(0))


def herspeeld(keten: Facturen) -> Facturen:
    """Everything on the log once more, and that twice: a rebuild that writes what it wrote before."""
    again = Facturen()
    for number in range(keten.bus.partitions[TOPIC]):
        log = [one for one in keten.bus.records(TOPIC) if one.partition == number]
        for read in (*log, *log):
            again.bus.send(Output(TOPIC, read.key, read.value, read.headers, number), read.timestamp)
    run_until_quiet(again.driver)
    return again


@given(st.permutations([*ORDERS, *FACTUREN[:2], *FACTUREN[3:]]))
@settings(max_examples=60, deadline=None)
def test_any_order_of_arrival_ends_in_the_same_conclusion_and_amounts(zendingen: list[Zending]) -> None:
    plain = Facturen().speel(*ORDERS, *FACTUREN[:2], *FACTUREN[3:], LAATSTE)
    other = Facturen().speel(*zendingen, LAATSTE)
    assert standen(other, "F1", "F2") == standen(plain, "F1", "F2")
    assert {one[0] for one in standen(other, "F1", "F2").values()} == {"afgerond"}
    assert set(other.rekening().values()) == {"toegepast"}
    orders = [sleutel("A"), sleutel("B")]
    assert [other.dossier(key).facturen for key in orders] == [plain.dossier(key).facturen for key in orders]
    ends = [(other.maat(key, "gehele-keten").eind, other.maat(key, "facturatie").eind) for key in orders]
    assert ends == [(plain.maat(key, "gehele-keten").eind, plain.maat(key, "facturatie").eind) for key in orders]


@given(st.permutations([*ORDERS[:2], *VERREKEND]))
@settings(max_examples=60, deadline=None)
def test_any_order_of_arrival_of_credits_and_acceptance_releases_as_much_together(zendingen: list[Zending]) -> None:
    keten = Facturen().speel(*zendingen, LAATSTE)
    assert vrij(keten, "A") == Decimal("95")
    assert all(not keten.oordeel(nummer).betwist for nummer in ("F1", "C1", "F4"))


@given(
    st.lists(st.decimals("1", "90", places=2), min_size=2, max_size=5, unique=True),
    st.randoms(use_true_random=False),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_never_more_is_released_than_is_payable_and_nothing_twice(
    amounts: list[Decimal], order: Random, twice: bool
) -> None:
    bills = [factuur(f"F{number}", 3 + number, Post("A", str(one))) for number, one in enumerate(amounts, 1)]
    messages = [*ORDERS[:2], *bills, *(bills if twice else [])]
    order.shuffle(messages)
    keten = Facturen()
    former: dict[str, Decimal] = {}
    for message in messages:
        keten.speel(message)
        last = {f"F{number}": keten.oordelen(f"F{number}") for number in range(1, 1 + len(bills))}
        now = {name: found[-1].vrijgegeven for name, found in last.items() if found}
        assert all(now[name] >= amount for name, amount in former.items()), "what was released stays released"
        assert sum((netto(found[-1], "A") for found in last.values() if found), Decimal(0)) <= Decimal(100)
        former = now
    keten.speel(LAATSTE)
    total = sum((netto(keten.oordeel(name), "A") for name in former), Decimal(0))
    assert total == min(Decimal(100), sum(amounts, Decimal(0)))


@given(st.permutations([*ORDERS, *FACTUREN]))
@settings(max_examples=30, deadline=None)
def test_log_that_is_replayed_and_doubled_ends_the_same(zendingen: list[Zending]) -> None:
    keten = Facturen().speel(*zendingen, LAATSTE)
    again = herspeeld(keten)
    assert standen(again, "F1", "F2", "F3") == standen(keten, "F1", "F2", "F3")
    assert again.alle() == keten.alle()
    assert vrij(again, "B") <= Decimal(80)


def test_withdrawal_and_letter_leave_no_released_amount_behind() -> None:
    keten = Facturen().speel(*ORDERS[:2], factuur("F1", 3, Post("A", "60"), Post("Z", "10"), wachttijd=24), klok(5))
    keten.speel(factuurstap("F1", Factuurstap.INGETROKKEN, 6, door=AANNEMER))
    judged = keten.oordeel("F1")
    assert (judged.vrijgegeven, judged.verrekend, judged.betwist) == (Decimal("72.60"), Decimal("12.10"), Decimal(0))
    assert keten.beoordelen(factuur_sleutel("F1")) == set()
