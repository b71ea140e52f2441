"""INSBOU invoices as partners' software writes them: known deviations are read and named, anything else is refused."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.formats import Format, read
from adapters.formats.dialects import DIALECTEN
from adapters.formats.insbou003 import FORMAT as INSBOU003
from adapters.formats.insbou004 import FORMAT as INSBOU004
from tests.contract.test_formats_insbou_invoice import FORMATS, changed, codes, invoice, key, sample
from topics.documents import Ernst, Reden

Change = Callable[[str], str]

CONTACT = re.compile(
    r"ContactInformation>((?:(?!ContactInformation>).)*)ContactInformation>(\s*<RealEstate)", re.DOTALL
)
DIALECTS: dict[str, Change] = {
    "afleverpartij-gln": lambda text: text.replace("<DeliveryParty>", "<DeliveryParty><GLN>8799999000024</GLN>"),
    "arbeid-spelfout": lambda text: text.replace(">ARBEID<", ">ABREID<"),
    "btw-spelling": lambda text: text.replace("VATPercentage>", "VATpercentage>"),
    "contactgegevens": lambda text: CONTACT.sub(r"Contactgegevens>\1Contactgegevens>\2", text),
    "datum-dag-eerst": lambda text: text.replace("<InvoiceDate>2026-03-20", "<InvoiceDate>20-3-2026"),
    "datum-jaar-kort": lambda text: text.replace("<PeriodStartDate>2026-03-01", "<PeriodStartDate>1.3.26"),
    "decimale-komma": lambda text: text.replace("<TotalInvoiceAmount>500.43", "<TotalInvoiceAmount>500,43"),
    "lege-elementen": lambda text: text.replace("<PaymentMethodCode>42<", "<PaymentMethodCode><"),
    "regelkenmerk-spelfout": lambda text: text.replace("LineIdentification>A", "LineIdentitfication>A").replace(
        "A-1</LineIdentification>", "A-1</LineIdentitfication>"
    ),
    "tijd-kort": lambda text: text.replace("<MessageTime>16:45:00", "<MessageTime>16:45"),
}
OTHERS: dict[str, dict[str, Change]] = {
    "insbou003": {
        "namen-andere-versie": lambda text: text.replace("DeliveredQuantityMeasureUnitCode>", "DeliveredQuantityUoM>"),
        "zonder-omhulsel": lambda text: re.sub(r"</?(AdditionalInformation|ContractReference)>", "", text),
    },
    "insbou004": {
        "namen-andere-versie": lambda text: text.replace("DeliveredQuantityUoM>", "DeliveredQuantityMeasureUnitCode>"),
        "met-omhulsel": lambda text: re.sub(
            r"(<FreeText>.*?</FreeText>)", r"<AdditionalInformation>\1</AdditionalInformation>", text
        ),
    },
}
CASES = [
    (format_, name, change)
    for format_ in (INSBOU003, INSBOU004)
    for name, change in (DIALECTS | OTHERS[format_.name]).items()
]


@pytest.mark.parametrize(("format_", "name", "change"), CASES, ids=lambda one: getattr(one, "name", str(one)[:30]))
def test_a_known_deviation_of_an_invoice_is_read_as_the_standard_has_it_and_named(
    format_: Format, name: str, change: Change
) -> None:
    right = read(sample(format_).encode()).delen[0]
    text = change(sample(format_))
    assert text != sample(format_)
    deel = read(text.encode()).delen[0]
    assert deel.bericht == right.bericht
    assert deel.dialecten == (name,)
    assert codes(deel) == {f"dialect-{name}"}
    assert all(finding.ernst is Ernst.WAARSCHUWING for finding in deel.bevindingen)


@FORMATS
def test_a_credit_note_with_negative_amounts_is_the_same_credit_by_a_dialect(format_: Format) -> None:
    right = read(sample(format_, "factuur-credit").encode()).delen[0]
    signed = re.sub(
        r"<(\w*Amount\w*|DeliveredQuantity|NumberOfInvoicingUnits)>([0-9])",
        r"<\1>-\2",
        sample(format_, "factuur-credit"),
    )
    deel = read(signed.encode()).delen[0]
    assert deel.bericht == right.bericht
    assert deel.dialecten == ("credit-met-min",)
    assert deel.bevindingen[0].pad == "/Invoice/InvoiceTotals/TotalInvoiceAmount"


@FORMATS
def test_every_dialect_of_invoices_is_read_by_its_golden_message(format_: Format) -> None:
    found = set(read(sample(format_, "factuur-dialecten").encode()).delen[0].dialecten)
    assert found == {*DIALECTS, *OTHERS[format_.name], "credit-met-min", "eindklantnummer-los"}
    assert found <= set(DIALECTEN)


UNREPAIRED = {
    "a type that is no invoice": ("<InvoiceType>384", "<InvoiceType>325"),
    "a unit that is not known": (">HUR<", ">UUR<"),
    "a VAT code that is not known": ("<VATRate>AE", "<VATRate>H"),
    "no total": ("<TotalVATAmount>43.30</TotalVATAmount>", ""),
    "no day that exists": ("<InvoiceDate>2026-03-20", "<InvoiceDate>2026-02-30"),
    "an unknown element": ("<Currency>", "<Huurder>x</Huurder><Currency>"),
    "a VAT rate in words": ("<VATPercentage>9.00<", "<VATPercentage>laag<"),
    "an amount that is two": ("<NetLineAmount>63.00", "<NetLineAmount>1,234"),
}


@FORMATS
@pytest.mark.parametrize("case", UNREPAIRED)
def test_what_is_no_known_deviation_refuses_the_invoice_and_keeps_its_key(format_: Format, case: str) -> None:
    deel = changed(format_, UNREPAIRED[case])
    assert (deel.bericht, deel.reden) == (None, Reden.ONGELDIG)
    assert deel.sleutel == key("8799999000017", "F26-0451", ("kvk", "99000017"))


@pytest.mark.parametrize(
    ("raw", "formaat"),
    [
        ("<Invoice/>", "insbou003"),
        ('<Invoice xmlns="http://www.gs1.nl/factuur/insbou/004"/>', "insbou004"),
        ('<q:Invoice xmlns:q="http://www.gs1.nl/factuur/insbou/004"/>', "insbou004"),
        ('<Invoice xmlns="http://www.gs1.nl/order/insbou/004"/>', "insbou"),
        ('<Invoice xmlns="http://www.gs1.nl/factuur/insbou/005"/>', "insbou"),
    ],
)
def test_the_version_of_an_invoice_is_told_by_its_namespace_only(raw: str, formaat: str) -> None:
    assert read(raw.encode()).formaat == formaat
    assert read(raw.encode()).delen[0].bericht is None


def test_the_public_invoice_is_read_with_the_deviations_that_it_has(shared: Path) -> None:
    deel = read((shared / "domain" / "insbou" / "insbou003_Invoice.xml").read_bytes()).delen[0]
    assert deel.dialecten == ("btw-spelling", "lege-elementen")
    inhoud = invoice(deel)
    assert (inhoud.te_betalen, inhoud.netto, inhoud.btw_totaal) == (Decimal("6.72"), Decimal("5.55"), Decimal("1.17"))
    assert [regel.opdrachtnummer for regel in inhoud.regels] == ["123456"]
    assert "factureerder-is-ander" in codes(deel)
