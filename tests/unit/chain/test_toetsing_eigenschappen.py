"""What holds of matching whatever comes, in whatever order: nothing twice, nothing above what is payable, nothing back."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chain.ketens.onderhoud.toetsing import Deelbeeld, Meerwerk, Oordeel, Orderregel, toets
from tests.unit.chain.facturen import deel, ehp, order, regel, som
from tests.unit.chain.geldtelling import betaalbaar, cent, fr, plat
from topics.documents.factuur import Deelregel, Factuurdeel

NUL = Decimal(0)
hoeveelheden = st.decimals("0.1", "12", places=1)
prijzen = st.decimals("0.01", "30", places=4)
bedragen = st.decimals("0.01", "300", places=2)
codes = st.sampled_from(["A", "A", "B", "C", None])
Antwoord = dict[str, Oordeel]


@st.composite
def orderregels(draw: st.DrawFn, geprijsd: bool = False) -> Orderregel:
    price = prijzen if geprijsd else st.none() | prijzen
    return Orderregel(draw(st.sampled_from("AB")), draw(hoeveelheden), None, draw(price))


@st.composite
def beelden(draw: st.DrawFn) -> Deelbeeld:
    way = draw(st.sampled_from(["EHP", "ANS", "REG", "AFK", "EHP", "ANS"]))
    posts = st.builds(Meerwerk, bedragen, st.sampled_from(["goedkeuring", "mandaat", "wijziging", "open"]))
    return Deelbeeld(
        afspraak=way,
        regels=tuple(draw(st.lists(orderregels(), max_size=3))) if way == "EHP" else (),
        totaal=draw(st.none() | bedragen) if way == "REG" else draw(bedragen) if way == "ANS" else None,
        meerwerk=tuple(draw(st.lists(posts, max_size=2))),
        gereed=draw(st.sampled_from([True, True, True, False])),
        geannuleerd=draw(st.sampled_from([False, False, False, False, True])),
    )


@st.composite
def lijnen(draw: st.DrawFn, teken: int, nummer: str) -> Deelregel:
    number, price = draw(hoeveelheden), draw(prijzen)
    amount = max(Decimal("0.01"), (number * price).quantize(Decimal("0.01")))
    # an extra work line, a discount on an invoice, a line put right on a credit note: rarer than plain ones
    other = draw(st.sampled_from([1, 1, 1, 1, -1]))
    return regel(
        teken * other * amount,
        draw(codes),
        draw(st.sampled_from([number, number, number, None])),
        nummer=nummer,
        boek=draw(st.none() | prijzen),
        meerwerk=draw(st.sampled_from([False, False, True])),
    )


@st.composite
def facturen(draw: st.DrawFn) -> list[Factuurdeel]:
    found: list[Factuurdeel] = []
    for place in range(draw(st.integers(1, 5))):
        credit = place > 0 and draw(st.sampled_from([False, False, True]))
        lines = [draw(lijnen(-1 if credit else 1, str(i))) for i in range(draw(st.integers(1, 3)))]
        named = draw(st.sampled_from([None, *(one.factuurnummer for one in found)])) if credit else None
        found.append(
            deel(
                f"F{place}",
                *lines,
                uur=draw(st.integers(0, 5)),
                te_betalen=Decimal(place + 1) * (-1 if credit else 1),
                naar=named,
                tolerantie=draw(st.sampled_from(["0", "0", "5.00"])),
                percentage=draw(st.sampled_from(["0", "0", "2"])),
                plafond=draw(st.sampled_from([None, "200.00"])),
            )
        )
    return found


class Verloop:
    """An order through what happens to it, with its last answers."""

    def __init__(self, beeld: Deelbeeld) -> None:
        self.beeld = beeld
        self.gehoord: dict[str, Factuurdeel] = {}
        self.antwoord: Antwoord = {}

    def hoor(self, one: Factuurdeel) -> None:
        self.gehoord[one.factuur] = one
        self.stap()

    def stap(self) -> None:
        self.antwoord = toets(order(self.beeld), list(self.gehoord.values()), self.antwoord)

    def regels(self) -> Iterator[tuple[tuple[str, int], Deelregel, Decimal, Decimal, str]]:
        for key, oordeel in self.antwoord.items():
            for place, line in enumerate(oordeel.regels):
                own = self.gehoord[key].regels[place]
                yield (key, place), own, line.vrij, line.verrekend, line.reden

    def netto(self) -> Decimal:
        return sum((free for _, _, free, _, _ in self.regels()), NUL)

    def aanvaard(self, key: str, *, toe: bool) -> None:
        """The opdrachtgever accepts what is disputed of an invoice (`toe`), or its supplier withdraws that."""
        lines = []
        for (one, place), own, free, back, _ in self.regels():
            if one == key:
                rest = own.bedrag - free - back - own.geaccepteerd - own.ingetrokken
                lines.append(
                    replace(own, geaccepteerd=own.geaccepteerd + rest)
                    if toe
                    else replace(own, ingetrokken=own.ingetrokken + rest)
                )
                assert self.gehoord[key].regels[place] == own
        self.hoor(replace(self.gehoord[key], regels=tuple(lines)))


@st.composite
def verlopen(draw: st.DrawFn) -> list[tuple[str, object]]:
    """Everything that can happen, in any order: invoices heard, the order changed, what is disputed settled."""
    parts = draw(facturen())
    steps: list[tuple[str, object]] = [("hoor", one) for one in parts]
    steps += [("wijzig", draw(beelden())) for _ in range(draw(st.integers(0, 3)))]
    steps += [(draw(st.sampled_from(["accepteer", "trek-in"])), draw(st.sampled_from(parts)).factuur) for _ in range(2)]
    return draw(st.permutations(steps))


def doe(verloop: Verloop, stap: tuple[str, object]) -> None:
    what, on = stap
    if isinstance(on, Factuurdeel):
        verloop.hoor(on)
    elif isinstance(on, Deelbeeld):
        verloop.beeld = on
        verloop.stap()
    elif isinstance(on, str) and on in verloop.gehoord:
        verloop.aanvaard(on, toe=what == "accepteer")


@settings(max_examples=100, deadline=None)
@given(beelden(), verlopen())
def test_nothing_is_released_above_what_is_payable_taken_back_or_twice(
    beeld: Deelbeeld, stappen: Sequence[tuple[str, object]]
) -> None:
    verloop = Verloop(beeld)
    for stap in stappen:
        before, accepted = verloop.netto(), stap[0] == "accepteer"
        free = {key: one for key, _, one, _, _ in verloop.regels()}
        doe(verloop, stap)
        limit = betaalbaar(verloop.beeld, list(verloop.gehoord.values()))
        taken = withdrawn = NUL
        for key, own, vrij, verrekend, reden in verloop.regels():
            sign = -1 if own.bedrag < 0 else 1
            rest = own.bedrag - vrij - verrekend - own.geaccepteerd - own.ingetrokken
            taken += verrekend
            withdrawn += max(NUL, own.ingetrokken)
            assert (vrij - free.get(key, NUL)) * sign >= 0, "what was released is taken back"
            assert min(vrij * sign, verrekend * sign, rest * sign) >= 0, "more than the line asks"
            assert bool(reden) is bool(rest), "what is disputed has a reason, and nothing else"
        assert limit is None or verloop.netto() <= limit or verloop.netto() <= before, "above what is payable"
        assert 0 >= taken >= -withdrawn or accepted, "a credit takes back what its original loses or was withdrawn"
        last = verloop.antwoord
        verloop.stap()
        assert verloop.antwoord == last, "the same answers without news"


@settings(max_examples=60, deadline=None)
@given(st.lists(orderregels(geprijsd=True), min_size=1, max_size=3), bedragen, facturen(), st.booleans())
def test_what_is_released_agrees_with_a_plain_count(
    regels: list[Orderregel], totaal: Decimal, delen: list[Factuurdeel], op_som: bool
) -> None:
    """Of claims without extra work or tolerance, line by line, the order's prices and quantities in fractions."""
    plain = [
        replace(
            one,
            tolerantie=NUL,
            tolerantie_percentage=NUL,
            te_betalen=abs(one.te_betalen),
            regels=tuple(
                replace(line, bedrag=abs(line.bedrag), aantal=line.aantal or Decimal(1), meerwerk=False)
                for line in one.regels
            ),
        )
        for one in delen
    ]
    beeld = Deelbeeld(afspraak="ANS" if op_som else "EHP", regels=tuple(regels), totaal=totaal, gereed=True)
    found = toets(order(beeld), plain, {})
    for (key, place), free in plat(beeld, sorted(plain, key=lambda one: (one.ontvangen, one.factuur))).items():
        assert fr(found[key].regels[place].vrij) == free


@given(bedragen, st.lists(bedragen, max_size=3), st.lists(bedragen, max_size=3), st.lists(bedragen, max_size=2))
def test_an_agreed_sum_with_extra_work_agrees_with_a_plain_count(
    totaal: Decimal, gewoon: list[Decimal], meer: list[Decimal], akkoord: list[Decimal]
) -> None:
    beeld = som(totaal, meerwerk=[Meerwerk(one, "goedkeuring") for one in akkoord])
    one = deel("F1", *(regel(each) for each in gewoon), *(regel(each, meerwerk=True) for each in meer))
    asked, extra, counts = fr(sum(gewoon, NUL)), fr(sum(meer, NUL)), fr(sum(akkoord, NUL))
    work = min(asked, fr(totaal))
    more = min(extra, counts)
    over = min(asked - work, counts - more)
    found = toets(beeld, [one], {})[one.factuur].regels
    assert fr(sum((line.vrij for line in found), NUL)) == work + more + over


@st.composite
def zonder_strijd(draw: st.DrawFn) -> tuple[Deelbeeld, list[Factuurdeel]]:
    """Invoices each with price codes of its own, some with a credit: they compete for nothing."""
    lines, parts = [], []
    for place in range(draw(st.integers(1, 3))):
        code = f"P{place}"
        lines.append(Orderregel(code, draw(hoeveelheden), None, draw(prijzen)))
        asked = [
            replace(draw(lijnen(1, str(i))), prijscode=draw(st.sampled_from([code, code, "Z"])), meerwerk=False)
            for i in range(draw(st.integers(1, 2)))
        ]
        asked = [replace(line, bedrag=abs(line.bedrag)) for line in asked]
        parts.append(deel(f"F{place}", *asked, uur=draw(st.integers(0, 5)), te_betalen=Decimal(place + 1)))
        if draw(st.booleans()):
            back = [replace(line, bedrag=-draw(bedragen)) for line in asked]
            parts.append(
                deel(f"C{place}", *back, uur=draw(st.integers(0, 5)), naar=f"F{place}", te_betalen=-Decimal(place + 1))
            )
    return Deelbeeld(afspraak="EHP", regels=tuple(lines), gereed=True), parts


@settings(max_examples=60, deadline=None)
@given(zonder_strijd(), st.data())
def test_any_order_of_arrival_gives_the_same_answers_when_nothing_competes(
    zaak: tuple[Deelbeeld, list[Factuurdeel]], data: st.DataObject
) -> None:
    beeld, parts = zaak
    verloop = Verloop(beeld)
    for one in data.draw(st.permutations(parts)):
        verloop.hoor(one)
    assert verloop.antwoord == toets(order(beeld), parts, {})


@settings(max_examples=60, deadline=None)
@given(zonder_strijd(), st.data())
def test_it_does_not_matter_when_the_order_gets_ready_where_nothing_competes(
    zaak: tuple[Deelbeeld, list[Factuurdeel]], data: st.DataObject
) -> None:
    beeld, parts = zaak
    claims = [one for one in parts if one.verwijst_naar is None]
    verloop = Verloop(beeld._replace(gereed=False))
    ready = data.draw(st.integers(0, len(claims)))
    for place, one in enumerate(data.draw(st.permutations(claims))):
        if place == ready:
            verloop.beeld = beeld
        verloop.hoor(one)
    verloop.beeld = beeld
    verloop.stap()
    assert verloop.antwoord == toets(order(beeld), claims, {})


@given(bedragen, facturen(), st.data())
def test_of_invoices_that_compete_as_much_is_released_in_any_order(
    totaal: Decimal, delen: list[Factuurdeel], data: st.DataObject
) -> None:
    claims = [
        replace(
            one,
            te_betalen=abs(one.te_betalen),
            tolerantie=NUL,
            tolerantie_percentage=NUL,
            regels=tuple(replace(line, bedrag=abs(line.bedrag), meerwerk=False) for line in one.regels),
        )
        for one in delen
    ]
    verloop = Verloop(Deelbeeld(afspraak="ANS", totaal=totaal, gereed=True))
    for one in data.draw(st.permutations(claims)):
        verloop.hoor(one)
    asked = sum((line.bedrag for one in claims for line in one.regels), NUL)
    assert verloop.netto() == min(asked, totaal)


@given(hoeveelheden, prijzen, st.lists(hoeveelheden, min_size=1, max_size=8))
def test_rounding_of_lines_never_adds_up_above_the_orders_worth(
    aantal: Decimal, prijs: Decimal, stukken: list[Decimal]
) -> None:
    parts = [
        deel(f"F{i}", regel((each * prijs).quantize(Decimal("0.01")), "A", each), uur=i, te_betalen=Decimal(i + 1))
        for i, each in enumerate(stukken)
    ]
    found = toets(ehp(("A", str(aantal), str(prijs))), parts, {})
    released = sum((fr(oordeel.regels[0].vrij) for oordeel in found.values()), Fraction(0))
    assert released <= cent(fr(aantal) * fr(prijs))
