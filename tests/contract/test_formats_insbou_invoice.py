"""INSBOU invoices: signs of credits, orders of lines, who asks the money, and defects that are found."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.formats import Format, read
from adapters.formats.insbou003 import FORMAT as INSBOU003
from adapters.formats.insbou004 import FORMAT as INSBOU004
from adapters.message import Deel, FactuurInhoud, Factuursleutel
from topics.documents import Ernst, Reden
from topics.documents.factuur import Kostensoort

GOLDEN = Path(__file__).parent / "golden"
FORMATS = pytest.mark.parametrize("format_", [INSBOU003, INSBOU004], ids=["insbou003", "insbou004"])


def sample(format_: Format, name: str = "factuur-volledig") -> str:
    return (GOLDEN / format_.name / f"{name}.xml").read_text(encoding="utf-8")


def changed(format_: Format, *changes: tuple[str, str], name: str = "factuur-volledig") -> Deel:
    text = sample(format_, name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return read(text.encode()).delen[0]


def invoice(deel: Deel) -> FactuurInhoud:
    assert deel.bericht is not None, deel.bevindingen
    assert isinstance(deel.bericht.inhoud, FactuurInhoud)
    return deel.bericht.inhoud


def key(buyer: str, number: str, *more: tuple[str, str]) -> Factuursleutel:
    return Factuursleutel(
        opdrachtgever=buyer,
        leverancier="NL879999032B01",
        factuurnummer=number,
        koper=(("btw", "NL009999012B01"), *more),
    )


def codes(deel: Deel) -> set[str]:
    return {finding.code for finding in deel.bevindingen}


def test_both_versions_say_the_same_of_the_same_invoice() -> None:
    names = [file.stem for file in (GOLDEN / "insbou003").glob("*factuur-*.xml")]
    assert len(names) == 8
    for name in names:
        first, second = (read(sample(format_, name).encode()).delen[0] for format_ in (INSBOU003, INSBOU004))
        assert first.bericht == second.bericht
        assert first.reden is second.reden
        assert codes(first) - {"dialect-zonder-omhulsel"} == codes(second) - {"dialect-met-omhulsel"}


@FORMATS
def test_four_pieces_may_be_priced_as_so_many_metres(format_: Format) -> None:
    deel = read(sample(format_, "factuur-onderhoud").encode()).delen[0]
    labour, material = invoice(deel).regels
    assert deel.bevindingen == ()
    assert (material.aantal, material.eenheid) == (Decimal(4), "PCE")
    assert (material.prijsaantal, material.prijseenheid, material.prijs) == (Decimal("16.8"), "MTR", Decimal("3.75"))
    assert (labour.prijsaantal, labour.prijseenheid) == (None, None)
    assert (labour.soort, material.soort) == (Kostensoort.ARBEID, Kostensoort.MATERIAAL)


@FORMATS
def test_as_many_pieces_as_metres_are_still_priced_in_metres(format_: Format) -> None:
    own = changed(format_, ("<Price>3.75", "<Price>63.00"), (">16.8<", ">1<"), (">4<", ">1<"), name="factuur-onderhoud")
    material = invoice(own).regels[1]
    assert (material.aantal, material.eenheid, material.prijsaantal, material.prijseenheid) == (
        Decimal(1),
        "PCE",
        Decimal(1),
        "MTR",
    )


@FORMATS
def test_vat_inside_a_charge_of_a_line_is_not_that_of_the_line(format_: Format) -> None:
    charge = (
        "<Charge><ChargeAmount>0</ChargeAmount><VATInformation><VATRate>S</VATRate><VATPercentage>21</VATPercentage>"
        "</VATInformation></Charge><VATInformation>\n      <VATRate>AE<"
    )
    text = sample(format_)
    old = "<VATInformation>\n      <VATRate>AE<"
    deel = read(text.replace(old, charge, 1).encode()).delen[0]
    line = invoice(deel).regels[3]
    assert (line.btw_categorie, line.btw_percentage) == ("AE", Decimal(0))
    assert deel.bericht == read(text.encode()).delen[0].bericht


@FORMATS
def test_what_is_odd_about_an_allowance_stands_at_the_allowance(format_: Format) -> None:
    head, mark, rest = sample(format_).partition("<InvoiceAllowance>")
    deel = read((head + mark + rest.replace("<VATPercentage>21<", "<VATPercentage>17<", 1)).encode()).delen[0]
    (finding,) = [one for one in deel.bevindingen if one.code == "btw-tarief-onbekend"]
    assert finding.pad == "/Invoice/InvoiceAllowance[1]/VATInformation/VATPercentage"


@FORMATS
def test_a_line_is_for_its_own_order_or_else_for_that_of_the_invoice(format_: Format) -> None:
    deel = read(sample(format_).encode()).delen[0]
    assert [regel.opdrachtnummer for regel in invoice(deel).regels] == [
        "OPD-26-00815",
        "OPD-26-00815",
        "OPD-26-00816",
        "OPD-26-00815",
    ]
    assert deel.bericht is not None
    assert deel.bericht.opdrachtnummer == ""
    own = ("<BuyersOrderNumber>OPD-26-00816</BuyersOrderNumber>", "")
    one = changed(format_, own).bericht
    assert one is not None
    assert one.opdrachtnummer == "OPD-26-00815"
    none = changed(format_, own, ("<BuyersOrderNumber>OPD-26-00815</BuyersOrderNumber>", ""))
    assert {regel.opdrachtnummer for regel in invoice(none).regels} == {None}
    assert none.bericht is not None
    assert none.bericht.opdrachtnummer == ""


@FORMATS
def test_a_credit_note_is_written_without_signs_and_read_as_negative(format_: Format) -> None:
    inhoud = invoice(read(sample(format_, "factuur-credit").encode()).delen[0])
    assert (inhoud.te_betalen, inhoud.netto, inhoud.g_bedrag) == (
        Decimal("-91.36"),
        Decimal("-63.00"),
        Decimal("-20.00"),
    )
    assert (inhoud.toeslag_totaal, inhoud.btw_totaal) == (Decimal("-12.50"), Decimal("-15.86"))
    (regel,), (toeslag,), (btw,) = inhoud.regels, inhoud.toeslagen, inhoud.btw
    assert (regel.bedrag, regel.aantal, regel.prijsaantal) == (Decimal("-63.00"), Decimal(-4), Decimal("-16.8"))
    assert (regel.prijs, regel.btw_percentage) == (Decimal("3.75"), Decimal(21))
    assert toeslag.bedrag == Decimal("-12.50")
    assert (btw.grondslag, btw.bedrag) == (Decimal("-75.50"), Decimal("-15.86"))
    assert inhoud.verwijst_naar == "F26-0440"


@FORMATS
@pytest.mark.parametrize("kind", ["380", "384"])
def test_an_invoice_and_a_corrected_one_say_their_amounts_signed(format_: Format, kind: str) -> None:
    deel = changed(format_, ("<InvoiceType>380", f"<InvoiceType>{kind}"), name="factuur-negatief")
    inhoud = invoice(deel)
    assert (inhoud.te_betalen, inhoud.typecode) == (Decimal("-617.10"), kind)
    assert (inhoud.regels[0].bedrag, inhoud.regels[0].aantal) == (Decimal("-500.00"), Decimal(-2))
    assert (inhoud.contract, str(inhoud.periode_van), str(inhoud.periode_tot)) == (
        "ZL-OW-AFK",
        "2026-03-01",
        "2026-03-31",
    )
    assert deel.bevindingen == ()


@FORMATS
def test_a_zero_of_a_credit_note_has_no_sign(format_: Format) -> None:
    zero = [(f">{amount}<", ">0.00<") for amount in ("91.36", "63.00", "12.50", "15.86", "75.50", "3.75")]
    blocked = ("<PaymentOnBlockedAccount>\n    <Amount>20.00</Amount>\n  </PaymentOnBlockedAccount>", "")
    inhoud = invoice(changed(format_, *zero, blocked, name="factuur-credit"))
    assert {str(one) for one in (inhoud.te_betalen, inhoud.netto, inhoud.regels[0].bedrag)} == {"0.00"}


DEFECTS = {
    "te-betalen-som": "/Invoice/InvoiceTotals/TotalInvoiceAmount",
    "btw-grondslag": "/Invoice/VATSubTotal[2]/VATInformation/VATBaseAmount",
    "btw-bedrag": "/Invoice/VATSubTotal[2]/VATAmount",
    "iban-controlegetal": "/Invoice/Supplier/AccountInformation/IBAN",
    "gln-controlecijfer": "/Invoice/Buyer/GLN",
    "dialect-arbeid-spelfout": "/Invoice/InvoiceLine[1]/FurtherIdentifyingCharacteristics",
}


@FORMATS
def test_each_defect_of_a_wrong_maintenance_invoice_is_found_at_its_place_and_nothing_else(format_: Format) -> None:
    """Digits swapped in the total, a base that is not that of the lines, an account that fails its check, a GLN that
    does; but 4 pieces of 16.8 metres and 6 % in 2017 are right."""
    deel = read(sample(format_, "fout-factuur-bedragen").encode()).delen[0]
    assert {finding.code: finding.pad for finding in deel.bevindingen} == DEFECTS
    assert deel.reden is Reden.ONGELDIG
    assert deel.sleutel == key("8799999000018", "F17-2200")


SEVERAL_WRONG = {
    "a charge": ("<ChargeAmount>25.00", "<ChargeAmount>26.00", "toeslag-som", "TotalAmountInvoiceChargeAllowance"),
    "a sum of lines": ("<TotalNetLineAmount>442.13", "<TotalNetLineAmount>442.31", "netto-som", "TotalNetLineAmount"),
    "a sum of VAT": ("<TotalVATAmount>43.30", "<TotalVATAmount>43.03", "btw-som", "TotalVATAmount"),
    "a line": ("<NetLineAmount>63.00", "<NetLineAmount>36.00", "regelbedrag", "InvoiceLine[2]/NetLineAmount"),
    "an amount for the G-account": ("<Amount>120.00", "<Amount>620.00", "g-bedrag-te-hoog", "PaymentOnBlockedAccount/Amount"),
    "an account": ("<IBAN>NL56KTNB0990000008", "<IBAN>NL56KTNB0990000080", "g-iban-controlegetal", "PaymentOnBlockedAccount/AccountInformation/IBAN"),
    "a rate without percentage": ("<VATPercentage>9.00</VATPercentage>", "", "btw-percentage-ontbreekt", "InvoiceLine[1]/VATInformation/VATPercentage"),
    "a date": ("<InvoiceDate>2026-03-20", "<InvoiceDate>0001-01-01", "factuur-zonder-datum", "InvoiceDate"),
    "a sum of three decimals": ("<TotalNetLineAmount>442.13", "<TotalNetLineAmount>442.131", "bedrag-vorm", "TotalNetLineAmount"),
    "a number of forty digits": ("<DeliveredQuantity>3.5<", f"<DeliveredQuantity>{'3' * 40}<", "getal-te-groot", "InvoiceLine[1]/DeliveredQuantity"),
}  # fmt: skip


@FORMATS
@pytest.mark.parametrize("case", SEVERAL_WRONG)
def test_what_contradicts_refuses_the_invoice_at_its_place(format_: Format, case: str) -> None:
    old, new, code, place = SEVERAL_WRONG[case]
    deel = changed(format_, (old, new))
    assert (deel.bericht, deel.reden) == (None, Reden.ONGELDIG)
    (finding,) = [one for one in deel.bevindingen if one.code == code]
    assert finding.pad.endswith(place)


@FORMATS
def test_another_who_asks_the_money_is_told_and_two_accounts_are_refused(format_: Format) -> None:
    text = sample(format_)
    head, mark, rest = text.partition("<Invoicer>")
    other = head + mark + rest.replace("NL879999032B01", "NL009999003B20", 1)
    deel = read(other.encode()).delen[0]
    assert codes(deel) == {"factureerder-is-ander"}
    assert invoice(deel).btw_nummer == "NL879999032B01"
    two = head + mark + rest.replace("NL83KTNB0990000007", "NL97KETN0000004567", 1)
    assert codes(read(two.encode()).delen[0]) == {"rekening-meerduidig"}


@FORMATS
def test_the_numbers_and_account_of_who_asks_the_money_count_where_the_supplier_has_none(format_: Format) -> None:
    text = sample(format_)
    head, mark, rest = text.partition("<Supplier>")
    mine, end, after = rest.partition("</Supplier>")
    bare = re.sub(
        r"<(VATRegistrationNumber|ChamberOfCommerceNumber|AccountInformation)>.*?</\1>", "", mine, flags=re.DOTALL
    )
    inhoud = invoice(read((head + mark + bare + end + after).encode()).delen[0])
    assert (inhoud.btw_nummer, inhoud.kvk_nummer, inhoud.iban) == ("NL879999032B01", "99000512", "NL83KTNB0990000007")


@FORMATS
def test_a_characteristic_that_is_not_known_is_left_out_with_a_warning_that_does_not_show_it(format_: Format) -> None:
    deel = changed(
        format_, ("<FurtherIdentifyingCharacteristics>MATERIAAL", "<FurtherIdentifyingCharacteristics>v. Fictief")
    )
    (finding,) = deel.bevindingen
    assert (finding.code, finding.ernst, finding.persoonlijk) == ("kenmerk-onbekend", Ernst.WAARSCHUWING, True)
    assert invoice(deel).regels[1].soort is None


@FORMATS
def test_labour_and_material_in_one_line_is_the_first_with_a_warning(format_: Format) -> None:
    deel = changed(format_, (">MEERWERK<", ">MATERIAAL<"))
    assert codes(deel) == {"kenmerk-onbekend"}
    assert (invoice(deel).regels[2].soort, invoice(deel).regels[2].meerwerk) == (Kostensoort.ARBEID, False)


@FORMATS
def test_names_addresses_and_free_texts_are_apart_and_those_of_the_invoicer_are_left_out(format_: Format) -> None:
    bericht = read(sample(format_).encode()).delen[0].bericht
    assert bericht is not None
    assert bericht.personen["locatie.naam"] == "A. Fictief-van der Plaats"
    assert bericht.personen["regel.1.omschrijving"] == "Schilder bij A. Fictief, keuken"
    assert bericht.personen["regel.1.tekst"].startswith("Sleutel")
    assert bericht.personen["tekst"].startswith("Vervangt")
    assert {path.split(".")[0] for path in bericht.personen} == {
        "opdrachtgever",
        "aannemer",
        "locatie",
        "regel",
        "tekst",
    }


@FORMATS
def test_every_name_that_is_not_mapped_has_its_own_warning_also_beside_another(format_: Format) -> None:
    parties = "<ShipFrom><Name>x</Name></ShipFrom><UltimateConsignee><GLN>8799999000024</GLN></UltimateConsignee>"
    discount = "<PaymentDiscount><DiscountPercentage>2</DiscountPercentage></PaymentDiscount>"
    deel = changed(
        format_,
        ("  <DeliveryParty>", f"{parties}<DeliveryParty>"),
        ("</DeliveryParty>", f"</DeliveryParty>{discount}"),
        ("<TradeItemIdentification>", "<TradeItemIdentification><GTIN>12345678</GTIN>"),
    )
    assert [finding.pad.rpartition("/")[2] for finding in deel.bevindingen] == [
        "ShipFrom",
        "UltimateConsignee",
        "PaymentDiscount",
        "GTIN",
    ]
    assert deel.bericht is not None
    assert deel.bericht == read(sample(format_).encode()).delen[0].bericht
