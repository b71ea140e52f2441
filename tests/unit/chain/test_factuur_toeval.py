"""Random orders, invoices, credits and steps, doubled and in any order: what must hold of every judgement on the way."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.chain.berichten import AANNEMER, ANDER, CORPORATIE
from tests.unit.chain.dossiers import Zending, klok, later, sleutel, status
from tests.unit.chain.factuurbouw import S9, S21
from tests.unit.chain.factuurketen import Facturen, Post, factuur, factuur_sleutel, factuurstap, opdracht
from tests.unit.chain.factuurtoeslag import met
from topics.documents import Reden
from topics.documents.factuur import Factuurstap
from topics.documents.keten import Factuurbeoordeling

SOM = {"A": Decimal(100), "B": Decimal(60)}
NUMMERS = ("F1", "F2", "F3")
bedragen = st.decimals("0.01", "120", places=2).map(str)


@st.composite
def posten(draw: st.DrawFn) -> Post:
    """A line of either order, of one that never comes, or of none."""
    order = draw(st.sampled_from(["A", "A", "B", "Z", None]))
    return Post(
        order, draw(bedragen), aantal=draw(st.sampled_from([None, "1"])), btw=draw(st.sampled_from(["0", "9", "21"]))
    )


@st.composite
def verhalen(draw: st.DrawFn) -> list[Zending]:
    found = [opdracht(one, 0, som=str(SOM[one]), afspraak=draw(st.sampled_from(["ANS", "EHP"]))) for one in SOM]
    found += [status(one, "TGE", 2) for one in SOM if draw(st.booleans())]
    for place, number in enumerate(NUMMERS, 3):
        lines = draw(st.lists(posten(), min_size=1, max_size=4))
        known = draw(st.sampled_from([True, True, True, False]))
        bill = factuur(number, place, *lines, iban=known, door=draw(st.sampled_from([AANNEMER] * 4 + [ANDER])))
        # an allowance of more than the lines would make it a credit
        allowance = "-2.50" if sum(Decimal(line.bedrag) for line in lines) > 5 else "0"
        charge = draw(st.sampled_from(["0", "7.35", "300", allowance]))
        found.append(bill if charge == "0" else met(bill, toeslag=charge, soort=draw(st.sampled_from([S21, S9]))))
    if draw(st.booleans()):
        found.append(factuur("C1", 7, Post("A", f"-{draw(bedragen)}"), verwijst="F1", typecode="381"))
    for place in range(draw(st.integers(0, 4))):
        step = draw(st.sampled_from([one for one in Factuurstap if one is not Factuurstap.GEACCEPTEERD]))
        door = AANNEMER if step is Factuurstap.INGETROKKEN else CORPORATIE
        order = draw(st.sampled_from([None, "A"]))
        found.append(factuurstap(draw(st.sampled_from(NUMMERS)), step, 8 + place, door=door, order=order))
    found += [later(one, 0.5) for one in draw(st.lists(st.sampled_from(found), max_size=3, unique_by=id))]
    return draw(st.permutations(found))


def optellend(one: Factuurbeoordeling) -> bool:
    """Released, disputed, pending and taken back are what is payable, also over the VAT categories and lines."""
    totals = (one.vrijgegeven, one.betwist, one.in_behandeling, one.verrekend)
    per_vat = tuple(
        sum((getattr(vat, name) for vat in one.btw), Decimal(0))
        for name in ("vrijgegeven", "betwist", "in_behandeling", "verrekend")
    )
    return sum(totals, Decimal(0)) == one.te_betalen and per_vat == totals


@given(verhalen())
@settings(max_examples=150, deadline=None)
def test_every_judgement_adds_up_takes_nothing_back_and_stays_within_what_is_payable(verhaal: list[Zending]) -> None:
    keten = Facturen()
    for zending in [*verhaal, klok(30)]:
        keten.speel(zending)
        free = dict.fromkeys(SOM, Decimal(0))
        for number in (*NUMMERS, "C1"):
            judged = keten.oordelen(number)
            assert all(optellend(one) for one in judged)
            assert [one.revisie for one in judged] == list(range(len(judged)))
            if number != "C1":
                released = [one.vrijgegeven for one in judged]
                assert released == sorted(released), "what was released stays released"
                assert all(one.vrijgegeven <= (one.te_betalen or 0) for one in judged)
            for line in judged[-1].regels if judged else ():
                for order in SOM:
                    if line.dossier == sleutel(order):
                        free[order] += line.vrijgegeven
        assert all(free[order] <= SOM[order] for order in SOM)
    assert {reden for reden, _ in keten.brieven()} <= {Reden.MOGELIJK_DUBBEL, Reden.ONBEKEND_DOSSIER, Reden.ONBEVOEGD}
    blocked = [one for one in verhaal if getattr(one.bericht.document, "iban_bekend", True) is False]
    for one in blocked:
        number = one.sleutel.rpartition("/")[2]
        assert not any(judged.vrijgegeven for judged in keten.oordelen(number)), "an unknown account is never released"
    assert set(keten.rekening().values()) <= {"toegepast", "uitval", "dubbel"}


@given(verhalen())
@settings(max_examples=40, deadline=None)
def test_invoice_and_its_orders_agree_on_what_is_released(verhaal: list[Zending]) -> None:
    """What an order answered last is what the invoice made of it, whatever came when."""
    keten = Facturen().speel(*verhaal, klok(30))
    for number in NUMMERS:
        key = factuur_sleutel(number)
        judged = keten.oordelen(number)
        if not judged:
            continue
        assert judged[-1].in_behandeling == 0
        found = keten.dossier(key)
        assert (found.vrijgegeven, found.betwist) == (judged[-1].vrijgegeven, judged[-1].betwist)
        assert set(found.opdrachten) == {line.dossier for line in judged[-1].regels if line.dossier}
