"""Right invoices of every shape have no findings, any one amount altered is found, and they survive the plain JSON form."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.formats import read
from adapters.formats.invoicechecks import check_invoice
from adapters.formats.json_v1 import FORMAT as JSON
from adapters.message import Bericht, FactuurInhoud, Soort
from topics.documents import Bevinding, Ernst
from topics.documents.factuur import Btwbedrag, Factuurregel, Factuurtoeslag, Kostensoort

Draw = st.DrawFn
CENT = Decimal("0.01")
QUICK = settings(max_examples=120, deadline=None)
RATES = (("S", Decimal(21)), ("S", Decimal(9)), ("AE", Decimal(0)), ("Z", Decimal(0)))
cents = st.integers(-2_000_000, 2_000_000).map(lambda number: Decimal(number) / 100)
codes = st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789-", min_size=1, max_size=12)


def to_the_cent(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@st.composite
def lines(draw: Draw, number: int) -> Factuurregel:
    """A priced line (in its own unit or in another) or a sum, with or without a charge of its own."""
    category, rate = draw(st.sampled_from(RATES))
    charge = draw(st.just(Decimal(0)) | cents)
    bare = Factuurregel(
        nummer=str(number),
        bedrag=draw(cents) + charge,
        btw_categorie=category,
        btw_percentage=rate,
        opdrachtnummer=draw(st.none() | codes),
        prijscode=draw(st.none() | codes),
        soort=draw(st.none() | st.sampled_from(list(Kostensoort))),
        meerwerk=draw(st.booleans()),
        toeslag=charge,
    )
    if draw(st.booleans()):
        return bare
    price = Decimal(draw(st.integers(0, 50_000))) / 100
    quantity = Decimal(draw(st.integers(-3000, 3000))) / 10
    base = draw(st.none() | st.sampled_from([Decimal(1), Decimal(10), Decimal(100)]))
    total = to_the_cent(quantity * price / (base or 1)) + charge
    priced = msgspec.structs.replace(bare, bedrag=total, aantal=quantity, eenheid="PCE", prijs=price, prijsbasis=base)
    if draw(st.booleans()):
        return priced
    pieces = Decimal(draw(st.integers(1, 9)))
    return msgspec.structs.replace(priced, aantal=pieces, prijsaantal=quantity, prijseenheid="MTR")


@st.composite
def invoices(draw: Draw) -> FactuurInhoud:
    """Computed here from its lines, with VAT rounded per group; independent of the checks."""
    regels = tuple(draw(lines(number)) for number in range(1, draw(st.integers(1, 6)) + 1))
    toeslagen = tuple(
        Factuurtoeslag(
            bedrag=draw(cents), btw_categorie=category, btw_percentage=rate, reden=draw(st.none() | st.just("FC"))
        )
        for category, rate in draw(st.lists(st.sampled_from(RATES), max_size=2))
    )
    parts = [(line.btw_categorie, line.btw_percentage, line.bedrag) for line in regels]
    parts += [(charge.btw_categorie, charge.btw_percentage, charge.bedrag) for charge in toeslagen]
    btw: list[Btwbedrag] = []
    for category, rate in dict.fromkeys((category, rate) for category, rate, _ in parts):
        base = sum((amount for other, percent, amount in parts if (other, percent) == (category, rate)), Decimal(0))
        btw.append(
            Btwbedrag(categorie=category, percentage=rate, grondslag=base, bedrag=to_the_cent(base * rate / 100))
        )
    netto = sum((one.bedrag for one in regels), Decimal(0))
    charges = sum((one.bedrag for one in toeslagen), Decimal(0))
    tax = sum((one.bedrag for one in btw), Decimal(0))
    rounding = Decimal(draw(st.integers(-99, 99))) / 100
    total = netto + charges + tax
    prepaid = abs(draw(cents)) if total >= 0 else -abs(draw(cents))  # it never makes the whole higher
    payable = total + rounding - prepaid
    invoiced = draw(st.dates(date(2019, 2, 1), date(2030, 1, 1)))
    return FactuurInhoud(
        factuurnummer=draw(codes),
        factuurdatum=invoiced,
        leverdatum=draw(st.none() | st.just(invoiced - timedelta(days=30))),
        vervaldatum=draw(st.none() | st.just(invoiced + timedelta(days=30))),
        btw_nummer="NL879999007B01",
        koper=(("btw", "NL009999012B01"),),
        iban="NL51KTNB0990000001",
        g_bedrag=payable if payable and draw(st.booleans()) else None,
        regels=regels,
        toeslagen=toeslagen,
        btw=tuple(btw),
        netto=netto,
        afronding=rounding,
        vooruitbetaald=prepaid,
        toeslag_totaal=draw(st.sampled_from([None, charges])),
        btw_totaal=draw(st.sampled_from([None, tax])),
        te_betalen=payable,
        verwijst_naar="F-0" if payable < 0 else None,
    )


def found(inhoud: FactuurInhoud) -> list[Bevinding]:
    return check_invoice(inhoud, lambda path: f"/{path}")


@given(invoices())
@QUICK
def test_an_invoice_computed_from_its_lines_has_no_findings(inhoud: FactuurInhoud) -> None:
    assert found(inhoud) == []


def _nested(field: str, inside: str) -> Callable[[FactuurInhoud, int, Decimal], FactuurInhoud | None]:
    def alter(inhoud: FactuurInhoud, which: int, by: Decimal) -> FactuurInhoud | None:
        items = list(getattr(inhoud, field))
        if not items:
            return None
        one = items[which % len(items)]
        items[which % len(items)] = msgspec.structs.replace(one, **{inside: getattr(one, inside) + by})
        return msgspec.structs.replace(inhoud, **{field: tuple(items)})

    return alter


def _plain(field: str) -> Callable[[FactuurInhoud, int, Decimal], FactuurInhoud | None]:
    def alter(inhoud: FactuurInhoud, _: int, by: Decimal) -> FactuurInhoud | None:
        amount = getattr(inhoud, field)
        return None if amount is None else msgspec.structs.replace(inhoud, **{field: amount + by})

    return alter


ALTERATIONS = {
    "line": _nested("regels", "bedrag"),
    "charge": _nested("toeslagen", "bedrag"),
    "base": _nested("btw", "grondslag"),
    "tax": _nested("btw", "bedrag"),
    **{
        field: _plain(field)
        for field in ("netto", "afronding", "vooruitbetaald", "toeslag_totaal", "btw_totaal", "te_betalen")
    },
}


@given(invoices(), st.sampled_from(sorted(ALTERATIONS)), st.integers(0, 9), cents.filter(bool))
@settings(QUICK, max_examples=300)
def test_any_one_amount_that_is_altered_is_an_error(inhoud: FactuurInhoud, what: str, which: int, by: Decimal) -> None:
    altered = ALTERATIONS[what](inhoud, which, by)
    if altered is not None:
        assert any(finding.ernst is Ernst.FOUT for finding in found(altered)), what


@given(invoices(), st.integers(0, 9), st.integers(1, 900).map(lambda tenths: Decimal(tenths) / 10))
@QUICK
def test_a_quantity_that_is_altered_is_an_error_when_it_matters(inhoud: FactuurInhoud, which: int, by: Decimal) -> None:
    items = list(inhoud.regels)
    line = items[which % len(items)]
    if line.prijs is None or line.aantal is None:
        return
    field = "aantal" if line.prijsaantal is None else "prijsaantal"
    items[which % len(items)] = msgspec.structs.replace(line, **{field: getattr(line, field) + by})
    worth = by * line.prijs / (line.prijsbasis or 1)
    codes_ = [finding.code for finding in found(msgspec.structs.replace(inhoud, regels=tuple(items)))]
    assert (codes_ == ["regelbedrag"]) or worth < 2 * CENT


@given(invoices(), codes, st.booleans())
@QUICK
def test_an_invoice_is_read_back_the_same_when_rendered_as_json(
    inhoud: FactuurInhoud, number: str, proef: bool
) -> None:
    bericht = Bericht(
        soort=Soort.FACTUUR,
        berichtnummer=number,
        opdrachtnummer="" if proef else number,
        opdrachtgever="" if proef else "8799999000017",
        inhoud=inhoud,
        proef=proef,
        personen={"tekst": "Zoals besproken", "regel.1.omschrijving": "Kraan bij Veenstra"},
    )
    (part,) = read(JSON.render(bericht)).delen
    assert part.bericht == bericht
    assert part.bevindingen == ()
