"""What a partner's bytes tell of whether they are an invoice, of how much and to which accounts."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.review.invoices import Told, told
from tests.unit.besluit.test_invoices import invoice
from tests.unit.besluit.world import order, status

UBL = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
IBAN = "NL94KTNB0990000003"


def ubl(inside: str, head: str = "", root: str = "Invoice") -> bytes:
    return f'{head}<{root} xmlns="{UBL}">{inside}</{root}>'.encode()


def payable(amount: str, more: str = "") -> str:
    return f'<cbc:PayableAmount currencyID="EUR">{amount}</cbc:PayableAmount>{more}'


def asking(**fields: object) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(invoice("F1")) | fields)


@pytest.mark.parametrize(
    ("body", "invoice", "amount"),
    [
        (ubl(payable("12.50")), True, Decimal("12.50")),
        (ubl(payable(" -12.50 ")), True, Decimal("-12.50")),
        (ubl(payable("12.50"), root="x:Invoice"), True, Decimal("12.50")),
        (b"\xef\xbb\xbf" + ubl(payable("12.50")), True, Decimal("12.50")),
        (ubl(payable("12.50"), '<?xml version="1.0" encoding="ISO-8859-1"?>'), True, Decimal("12.50")),
        (ubl("<!-- " + payable("1") + " -->" + payable("60500")), True, Decimal(60500)),
        (ubl("<x>" * 50 + payable("60500") + "</x>" * 50, "<!-- <a><b><c> -->"), True, Decimal(60500)),
        (ubl(payable("2.42E7")), True, None),
        (ubl(payable("2<!-- -->420000")), True, None),
        (ubl(payable("2<![CDATA[420000]]>")), True, None),
        (ubl(payable("2&#48;00")), True, None),
        (ubl(payable("6.050,00")), True, None),
        (ubl(payable("1", payable("9999"))), True, None),
        (ubl(payable("1", "<PayableAmount x='>'>9999</PayableAmount>")), True, None),
        (ubl("<cbc:ID>1</cbc:ID>", root="CreditNote"), True, None),
        (ubl("").replace(UBL.encode(), b"http://www.gs1.nl/factuur/insbou/004"), True, None),
        (b"<s:Envelope><s:Body>" + ubl(payable("12.50")) + b"</s:Body></s:Envelope>", True, Decimal("12.50")),
        (b"<Invoice xmlns='http://www.gs1.nl/x'><PayableAmount>1</PayableAmount></Invoice>", True, None),
        (b"<MaintenanceInstruction><InvoiceAddress/></MaintenanceInstruction>", False, None),
        (b"<Status><!-- <Invoice> --></Status>", False, None),
        (ubl(payable("6050"), '<?xml version="1.0" encoding="utf-16"?>').decode().encode("utf-16"), None, None),
        (ubl(payable("6050"), '<?xml version="1.0" encoding="utf-16"?>'), None, None),
        (ubl(payable("6050")).decode().encode("utf-16-le"), None, None),
        (b"<!DOCTYPE a [<!ENTITY i '<Invoice/>'>]><a>&i;</a>", None, None),
        (b"<Status><!-- no end", None, None),
        (b"<Status>\xe9</Status>", None, None),
        (b"\x00\xff", None, None),
        (b"", None, None),
        (b"<", None, None),
        (invoice("F1"), True, Decimal("121.00")),
        (b"\xef\xbb\xbf" + invoice("F1"), True, Decimal("121.00")),
        (invoice("F1").replace(b'"121.00"', b"2.42E7"), True, Decimal("2.42E7")),
        (invoice("F1").replace(b'"121.00"', b"24200000000000000000000"), True, Decimal("2.42E22")),
        (invoice("F1").replace(b'"121.00"', b"1e99999999999999999999"), True, None),
        (asking(te_betalen="2.42E7"), True, None),
        (asking(te_betalen="6.050,00"), True, None),
        (asking(te_betalen="6_050"), True, None),
        (asking(te_betalen="NaN"), True, None),
        (asking(te_betalen="Infinity"), True, None),
        (asking(te_betalen=True), True, None),
        (asking(te_betalen=None), True, None),
        (b"[" + invoice("F1") + b"," + status("IN1", "S1") + b"]", True, None),
        (b'{"soort": "\\u0066actuur"}', True, None),
        (b'{"te_betal\\u0065n": 5}', True, Decimal(5)),
        (b'{"soort": "factuur"', True, None),
        (b'{"soort": "status"', None, None),
        ("{'soort'}".encode("utf-16-le"), None, None),
        (status("IN1", "S1"), False, None),
        (order("IN1"), False, None),
        (b"[" * 100_000, None, None),
    ],
)
def test_bytes_tell_whether_they_are_an_invoice_and_of_how_much(
    body: bytes, invoice: bool | None, amount: Decimal | None
) -> None:
    found = told(body)
    assert (found.invoice, found.amount) == (invoice, amount)


def test_the_accounts_are_all_or_none() -> None:
    account = f"<cac:PayeeFinancialAccount><cbc:ID>{IBAN}</cbc:ID></cac:PayeeFinancialAccount>"
    assert told(invoice("F1")).accounts == (IBAN,)
    assert told(asking(g_iban="NL1")).accounts == (IBAN, "NL1")
    assert told(asking(iban=5)).accounts == ()
    assert told(ubl(account)).accounts == (IBAN,)
    assert told(ubl(account + "<PayeeFinancialAccount><Name/><ID>x</ID></PayeeFinancialAccount>")).accounts == ()


def bundled(message: bytes, *files: bytes) -> bytes:
    line = b"--ketenbus-" + b"a" * 64
    head = b'Content-Disposition: form-data; name="bericht"\r\nContent-Type: application/json\r\n\r\n'
    beside = b'Content-Disposition: form-data; name="bijlage"; filename="f"\r\n\r\n'
    parts = [line + b"\r\n" + head + message, *(line + b"\r\n" + beside + file for file in files), line + b"--\r\n"]
    return b"\r\n".join(parts)


def test_files_beside_a_message_hide_nothing_of_it() -> None:
    assert told(bundled(invoice("F1"), b"<Invoice/>")) == told(invoice("F1"))
    assert told(bundled(status("IN1", "S1"), b"\xff\xd8")) == Told(False)
    other = bundled(invoice("F1"), b"x").replace(b'name="bijlage"', b"name=bericht")
    assert told(other) == Told(None)
    assert told(bundled(invoice("F1"))[:90]) == Told(None)


@given(st.binary(max_size=200), st.sampled_from((b"", b"<", b"{", b"[", b"--ketenbus-", b"<!--", b"<?xml ")))
def test_no_bytes_are_too_odd(body: bytes, head: bytes) -> None:
    assert told(head + body).invoice in (True, False, None)
