"""What the INSBOU formats render of an invoice they read back the same; what they cannot express they refuse."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.formats import CannotRender, Format, read
from adapters.formats.insbou.invoice import order_of
from adapters.formats.insbou003 import FORMAT as INSBOU003
from adapters.formats.insbou004 import FORMAT as INSBOU004
from adapters.formats.json_v1 import FORMAT as JSON
from adapters.message import Bericht, FactuurInhoud, Soort
from tests.contract.test_formats_invoices import codes, invoices
from tests.contract.test_formats_roundtrip import QUICK, Draw, fields, moments, parties, texts
from topics.documents.factuur import Btwbedrag, Factuurregel
from topics.documents.onderhoud import Bijlage

VERSIONS = pytest.mark.parametrize("format_", [INSBOU003, INSBOU004], ids=["insbou003", "insbou004"])
NOTHING, ONE = Decimal(0), Decimal(1)
IN_PARTS = ("huisnummer", "huisletter", "toevoeging")


def _expressible(line: Factuurregel) -> Factuurregel:
    """With a quantity, which every line has there, and with what the price is per where it is in another unit."""
    if line.aantal is None:
        return msgspec.structs.replace(line, aantal=ONE, eenheid="PCE")
    return msgspec.structs.replace(line, prijsbasis=line.prijsbasis or ONE) if line.prijseenheid else line


@st.composite
def contents(draw: Draw) -> FactuurInhoud:
    """Invoices whose amounts agree, less what INSBOU lacks, and with what it has beside them."""
    inhoud = draw(invoices())
    payable = inhoud.te_betalen - inhoud.afronding + inhoud.vooruitbetaald
    return msgspec.structs.replace(
        inhoud,
        typecode=draw(st.sampled_from(["380", "384"] if payable > 0 else ["380", "381", "384"])),
        te_betalen=payable,
        afronding=NOTHING,
        vooruitbetaald=NOTHING,
        toeslag_totaal=sum((one.bedrag for one in inhoud.toeslagen), NOTHING),
        btw_totaal=sum((one.bedrag for one in inhoud.btw), NOTHING),
        regels=tuple(_expressible(line) for line in inhoud.regels),
        g_bedrag=payable if payable and draw(st.booleans()) else None,
        g_iban=None,
        kvk_nummer=draw(st.none() | st.just("99000512")),
        koper=draw(
            st.sampled_from([(), (("btw", "NL009999012B01"),), (("btw", "NL009999012B01"), ("kvk", "99000017"))])
        ),
        ketenaansprakelijk=draw(st.sampled_from([None, True, False])),
        btw_verlegd=draw(st.sampled_from([None, False])),
        contract=draw(st.none() | codes),
        periode_van=draw(st.none() | st.just(date(2026, 3, 1))),
        verwijst_naar=draw(st.none() | codes),
    )


@st.composite
def insbou_invoices(draw: Draw) -> Bericht:
    inhoud = draw(contents())
    personen: dict[str, str] = {"tekst": draw(texts(1000))} if draw(st.booleans()) else {}
    opdrachtgever, aannemer = parties(draw, "opdrachtgever", personen), parties(draw, "aannemer", personen)
    place = draw(fields(("naam", "naam2", "straat", "plaats", "postcode", "telefoon", "email", "omschrijving"), 9))
    personen |= {f"locatie.{name}": text for name, text in place.items()}
    for position, line in enumerate(inhoud.regels, 1):
        names = ("omschrijving", "tekst", *(() if line.prijs is None else ("prijsomschrijving",)))
        known = draw(fields(names, 35))
        if "prijsomschrijving" in known and line.prijsbasis is None:
            del known["prijsomschrijving"]
        personen |= {f"regel.{position}.{name}": text for name, text in known.items()}
    return Bericht(
        soort=Soort.FACTUUR,
        berichtnummer=draw(st.just(inhoud.factuurnummer) | texts(35)),
        opdrachtnummer=order_of(inhoud),
        opdrachtgever=opdrachtgever,
        inhoud=inhoud,
        aannemer=aannemer,
        verzonden=draw(st.none() | moments()),
        personen={path: text for path, text in personen.items() if path.rpartition(".")[2] not in IN_PARTS},
    )


@VERSIONS
@given(bericht=insbou_invoices())
@QUICK
def test_an_invoice_is_read_back_the_same_when_rendered_as_insbou(format_: Format, bericht: Bericht) -> None:
    gelezen = read(format_.render(bericht))
    (part,) = gelezen.delen
    assert part.bericht == bericht
    assert (gelezen.formaat, gelezen.document, part.dialecten) == (format_.name, "Invoice", ())


@given(bericht=insbou_invoices())
@QUICK
def test_an_invoice_is_the_same_in_both_versions(bericht: Bericht) -> None:
    through = read(INSBOU003.render(bericht)).delen[0].bericht
    assert through is not None
    assert read(INSBOU004.render(through)).delen[0].bericht == bericht


LINE = Factuurregel(
    nummer="1",
    bedrag=Decimal("63.00"),
    btw_categorie="S",
    btw_percentage=Decimal(21),
    opdrachtnummer="OPD-1",
    aantal=Decimal(4),
    eenheid="PCE",
    prijs=Decimal("3.75"),
    prijsbasis=ONE,
    prijseenheid="MTR",
    prijsaantal=Decimal("16.8"),
)
INVOICE = Bericht(
    soort=Soort.FACTUUR,
    berichtnummer="F-1",
    opdrachtnummer="OPD-1",
    opdrachtgever="8799999000017",
    aannemer="8799999000512",
    inhoud=FactuurInhoud(
        factuurnummer="F-1",
        factuurdatum=date(2026, 3, 12),
        te_betalen=Decimal("76.23"),
        netto=Decimal("63.00"),
        regels=(LINE,),
        btw=(Btwbedrag(categorie="S", percentage=Decimal(21), grondslag=Decimal("63.00"), bedrag=Decimal("13.23")),),
    ),
)


def _with(**changes: object) -> Bericht:
    return msgspec.structs.replace(INVOICE, **changes)


def _invoice(**changes: object) -> Bericht:
    return _with(inhoud=msgspec.structs.replace(INVOICE.inhoud, **changes))


def _line(**changes: object) -> Bericht:
    return _invoice(regels=(msgspec.structs.replace(LINE, **changes),))


INEXPRESSIBLE: dict[str, tuple[Bericht, str]] = {
    "a test message": (_with(proef=True), "proef"),
    "no supplier": (_with(aannemer=None), "aannemer"),
    "a buyer without GLN": (_with(opdrachtgever=""), "GLN"),
    "an attachment": (_with(bijlagen=(Bijlage(soort="FAC", bestandssoort="x", naam="y", url="z"),)), "bijlagen"),
    "a sub-number of the message": (_with(subnummer="1"), "subnummer"),
    "a long number": (_invoice(factuurnummer="x" * 36), "InvoiceNumber"),
    "a self-billed invoice": (_invoice(typecode="389"), "InvoiceType"),
    "a credit note to be paid": (_invoice(typecode="381"), "te_betalen"),
    "a rounding": (_invoice(afronding=Decimal("0.01"), te_betalen=Decimal("76.24")), "TotalInvoiceAmount"),
    "a prepaid amount": (_invoice(vooruitbetaald=Decimal("6.23"), te_betalen=Decimal("70.00")), "TotalInvoiceAmount"),
    "a rounding against a prepaid amount": (_invoice(afronding=ONE / 4, vooruitbetaald=ONE / 4), "afronding"),
    "amounts that contradict": (_invoice(netto=Decimal("63.01")), "TotalNetLineAmount"),
    "an account that cannot be": (_invoice(iban="NL00KETN0000000000"), "IBAN"),
    "an account for nothing": (_invoice(g_iban="NL56KTNB0990000008"), "Amount"),
    "another number of the buyer": (_invoice(koper=(("oin", "1"),)), "koper"),
    "no lines": (_invoice(regels=()), "InvoiceTotals"),
    "a sub-number": (_line(subnummer="1"), "subnummer"),
    "an agreed price": (_line(afgesproken=ONE), "afgesproken"),
    "no quantity": (_line(aantal=None), "NetLineAmount"),
    "a unit that is not known": (_line(eenheid="STU"), "DeliveredQuantity"),
    "a number of a line in letters": (_line(nummer="1a"), "LineNumber"),
    "an order that is not the line's": (_with(opdrachtnummer="OPD-2"), "opdrachtnummer"),
    "a line without the order of all": (_line(opdrachtnummer=None), "opdrachtnummer"),
    "a quantity of the price without its unit": (_line(prijseenheid=None), "prijseenheid"),
    "a control character": (_with(personen={"tekst": "a\x07"}), "teken"),
    "a second telephone": (_with(personen={"locatie.telefoon2": "1"}), "telefoon2"),
}


@VERSIONS
@pytest.mark.parametrize("case", INEXPRESSIBLE)
def test_insbou_refuses_to_render_an_invoice_that_it_cannot_express(format_: Format, case: str) -> None:
    bericht, field = INEXPRESSIBLE[case]
    with pytest.raises(CannotRender, match=field):
        format_.render(bericht)


@VERSIONS
def test_a_price_per_one_is_the_same_said_or_not(format_: Format) -> None:
    said, unsaid = (read(format_.render(one)).delen[0].bericht for one in (INVOICE, _line(prijsbasis=None)))
    assert said == unsaid


@VERSIONS
def test_an_invoice_in_json_can_be_passed_on_in_insbou_and_back(format_: Format) -> None:
    sent = read(format_.render(INVOICE)).delen[0].bericht
    assert sent is not None
    through = read(JSON.render(sent)).delen[0].bericht
    assert through is not None
    assert read(format_.render(through)).delen[0].bericht == sent
