"""Masks: the same for the same value, in the form that it had, and nothing of the value in it."""

import json
import re
from contextlib import nullcontext
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from stdnum import ean, iban
from stdnum.nl import bsn

from adapters import bundle
from adapters.formats.personal import is_noun, postcode4
from adapters.masking.jsontext import mask_json
from adapters.masking.masker import Masker
from adapters.masking.words import Words
from adapters.masking.xmltext import mask_xml

WORDS = Words(b"secret", known=["NL51KTNB0990000001", "8799999000017"])
OTHERS = Words(b"another secret")
SALES = b"<MaintenanceInstruction><Contractor>%s</Contractor></MaintenanceInstruction>"

values = st.text(min_size=1, max_size=60)
kinds = st.sampled_from(
    ["naam", "straat", "plaats", "nummer", "postcode", "telefoon", "email", "iban", "tekst", "bestand", "overig"]
)


@given(kinds, values)
def test_the_same_value_has_the_same_mask_and_another_under_another_secret(kind: str, value: str) -> None:
    assert WORDS.masked(kind, value) == WORDS.masked(kind, value)
    if kind == "naam" and value.strip():
        assert WORDS.masked(kind, value) != OTHERS.masked(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("naam", "A. Fictief-van der Plaats"),
        ("naam", "Bedacht"),
        ("straat", "Berkenlaantje 23 a"),
        ("plaats", "Molenwijk"),
        ("telefoon", "06-12345678"),
        ("email", "bewoner@huurder.nl"),
        ("iban", "NL83 KTNB 0990 0000 07"),
        ("tekst", "Sleutel bij de buurvrouw"),
        ("bestand", "foto keuken Jansen.jpg"),
        ("overig", "111222333"),
    ],
)
def test_no_word_of_the_value_is_in_its_mask(kind: str, value: str) -> None:
    made = WORDS.masked(kind, value)
    assert made != value
    # the kind of a file and the bank of an account stay
    assert set(re.findall(r"\w{3,}", value)) & set(re.findall(r"\w{3,}", made)) <= {"jpg", "KTNB"}


def test_a_name_keeps_its_mask_however_it_is_spaced_or_capitalised() -> None:
    assert WORDS.name("A. Fictie") == WORDS.name("a.  FICTIE")


@given(st.from_regex(r"[0-9]{4} ?[A-Z]{2}", fullmatch=True))
def test_a_postcode_keeps_its_digits_and_stays_one(value: str) -> None:
    made = WORDS.masked("postcode", value)
    assert postcode4(made) == postcode4(value)


@given(st.from_regex(r"(06|0[1-5][0-9])[- ]?[0-9]{7,8}", fullmatch=True))
def test_a_telephone_number_keeps_its_form(value: str) -> None:
    made = WORDS.masked("telefoon", value)
    assert re.sub(r"\d", "0", made) == re.sub(r"\d", "0", value)
    assert made[:2] == value[:2]


@given(st.integers(0, 10**10 - 1), st.booleans())
def test_an_iban_is_as_valid_as_it_was(number: int, right: bool) -> None:
    rest = f"KTNB{number:010d}"
    check = next(n for n in range(2, 99) if iban.is_valid(f"NL{n:02d}{rest}"))
    value = f"NL{check if right else 98 - check + (check == 49):02d}{rest}"
    made = WORDS.iban(value)
    assert iban.is_valid(made) is iban.is_valid(value)
    assert made != value or value == "NL51KTNB0990000001"


def test_accounts_and_numbers_of_partners_stay() -> None:
    assert WORDS.iban("NL51 KTNB 0990 0000 01") == "NL51 KTNB 0990 0000 01"
    assert WORDS.anything("8799999000017") == "8799999000017"


@given(st.integers(10_000_000, 999_999_999))
def test_a_number_with_the_check_digit_of_a_person_keeps_one(number: int) -> None:
    value = f"{number:09d}"
    if bsn.is_valid(value):
        made = WORDS.numbers(value)
        assert bsn.is_valid(made)
        assert made != value


def test_a_number_with_the_check_digit_of_a_place_keeps_one() -> None:
    made = WORDS.anything("8712345000004")
    assert ean.is_valid("8712345000004")
    assert ean.is_valid(made)
    assert made != "8712345000004"


@given(values)
def test_a_noun_stays_and_everything_else_becomes_none(value: str) -> None:
    made = WORDS.masked("woord", value)
    assert (made == value) if is_noun(value.strip()) or not value.strip() else not is_noun(made.strip())


def test_a_text_that_was_too_long_is_too_long_still() -> None:
    assert len(WORDS.masked("tekst", "x y " * 100)) >= len(("x y " * 100).strip())


@given(st.binary(max_size=60))
def test_an_attachment_is_another_file_for_another_content(content: bytes) -> None:
    made = WORDS.attachment(content)
    assert made == WORDS.attachment(content)
    assert (made == b"") is (content == b"")
    assert made != WORDS.attachment(content + b"x")


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF", b"GIF8", b"PK"])
def test_an_attachment_stays_of_its_kind(start: bytes) -> None:
    made = WORDS.attachment(start + b"of mevrouw Jansen")
    assert made.startswith(start)
    assert b"Jansen" not in made


# messages


@pytest.mark.parametrize(
    "raw",
    [
        SALES % b"<ContactPersonName>Jansen &amp; Zn</ContactPersonName>",
        SALES % b"<ContactPersonName>Jan<![CDATA[Jansen]]></ContactPersonName><!-- Jansen -->",
        SALES % b"<ContactPersonName>Jan<b>Jansen</b></ContactPersonName>",
        SALES % b"<ContactPersonName titel='Jansen'>x</ContactPersonName><Onbekend>Jansen</Onbekend>",
        (SALES % b"<ContactPersonName>Jansen</ContactPersonName>").decode().encode("utf-16"),
        b"<a><ContactPersonName>Jansen",
        b"<a><GLN>8799999000017</GLN><ContactPersonName Jansen",
        b"<!DOCTYPE a [<!ENTITY b 'Jansen'>]><a>&b;</a>",
        b'<?xml version="1.0" encoding="iso-8859-1"?><a>Jansen \xe9</a>',
        b'{"naam": "Jansen", "locatie": {"naam": "Jansen"}, "ja": ["Jansen", {"x": "Jansen"}]}',
        b'{"naam": "Jan\\u0073en, Jansen", "soort": "opdracht", "naam": "Jansen',
        b'{"naam": Jansen}',
        b'{"een sleutel van meer dan veertig tekens van Jansen": 1, "telefoon": 612345678}',
        b"Beste Jansen",
        b"\x00\x01Jansen",
        b"--ketenbus-Jansen",
        b"<?bel Jansen 612345678?><a/>",
        b"<?xml Jansen?><a/>",
        b"<a><?xml version='Jansen 612345678'?>",
        b"<a><Remark Jansen 612345678/></a>",
        b"<a><Remark naam=Jansen telefoon=612345678>x</Remark></a>",
        b"<a><Remark a='x'naam='Jansen'>x</Remark></a>",
        b"<a xsi:schemaLocation='urn:x file:///C:/Users/Jansen/x.xsd'/>",
        b"<a><StatusCode>Bel mevrouw Jansen</StatusCode><StatusDetailCode>Jansen 612345678</StatusDetailCode></a>",
        b"<a><BuyerReference>t.a.v. Jansen</BuyerReference><PayeeFinancialAccount><ID>Jansen</ID></PayeeFinancialAccount></a>",
        b"<a><IBAN>612345678</IBAN><Actor>mevrouw Jansen</Actor><FileName>brief.Jansen</FileName></a>",
        b'{"door": "mevrouw Jansen", "soort": "Jansen belt", "land": "bij Jansen", "stap": "Jansen 612345678"}',
        b"<a><InstructionType>bel Jansen</InstructionType><SlotType>na Jansen</SlotType><Country>bij Jansen</Country></a>",
        b'{"mevrouw Jansen": "x", "status": "Bel Jansen", "iban": "Jansen", "Jansen_612345678": 1}',
        b'{"idOrganisatie": "x", "extra-attributen": [{"naam": "van Jansen", "waarde": "Jansen1956"}]}',
        b'{"idOrganisatie": "x", "extra-attributen": [{"waarde": "612345678", "naam": "telefoon"}]}',
    ],
)
def test_a_name_is_gone_however_it_stands_in_a_message(raw: bytes) -> None:
    made, _ = Masker(WORDS).raw(raw, "text/plain")
    assert b"Jansen" not in made.replace(b"\0", b"")
    assert b"612345678" not in made


def test_digits_of_any_script_are_masked() -> None:
    for value in ("０６１２３４５６７８", "٠٦١٢٣٤٥٦٧٨", "⁰⁶¹²³⁴⁵⁶⁷⁸"):
        for kind in ("telefoon", "overig", "nummer"):
            assert value[3:] not in WORDS.masked(kind, value)


def test_the_end_of_a_files_name_stays_only_when_it_is_a_kind_of_file() -> None:
    assert WORDS.masked("bestand", "brief.Smit").endswith(WORDS.mark("bestand", "brief.Smit"))
    assert WORDS.masked("bestand", "foto.JPG").endswith(".jpg")


@pytest.mark.parametrize("value", ["NL91ABNA0417164300", "tel:0612345678", "0612345678", "j.jansen1@huurder.example"])
def test_an_account_telephone_number_or_address_is_no_reference(value: str) -> None:
    assert WORDS.masked("code", value) != value
    assert WORDS.masked("code", "ZL-26-1003") == "ZL-26-1003"


def test_a_content_type_keeps_nothing_that_names_a_file() -> None:
    masker = Masker(WORDS)
    assert (
        masker.raw(b"{}", 'application/json; charset=utf-8; name="Jansen.json"')[1] == "application/json; charset=utf-8"
    )
    bundled, _ = bundle.pack(b"{}", 'application/json; name="Jansen.json"', [("f.txt", b"x")])
    assert b"Jansen" not in masker.raw(bundled, bundle.content_type(bundled))[0]


def test_a_status_in_a_partners_own_words_stays_and_what_is_none_is_masked() -> None:
    own = Words(b"secret", own=["Werk gereed"])
    raw = b'{"status": "werk  gereed", "detail": "Werk gereed bij Jansen"}'
    made = json.loads(mask_json(raw, own))
    assert made["status"] == "werk  gereed"
    assert "Jansen" not in made["detail"]


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b" <?xml version='1.0'?><a/>", True),
        (b"<?xml Jansen?><a/>", True),
        (b"<? x?><a/>", True),
        (b"<?x y?><a/>", False),
    ],
)
def test_an_instruction_is_as_wrong_as_it_was(raw: bytes, error: bool) -> None:
    for one in (raw, mask_xml(raw, WORDS)):
        with pytest.raises(etree.XMLSyntaxError) if error else nullcontext():
            etree.fromstring(one)


@given(st.binary(max_size=300))
def test_any_bytes_are_masked_without_an_error(raw: bytes) -> None:
    for start in (b"", b"<a>", b'{"a":', b"--ketenbus-"):
        Masker(WORDS).raw(start + raw, "")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_json_stays_json(value: object) -> None:
    made = json.loads(
        mask_json(json.dumps({"formaat": "ketenbus-json/1", "naam": value, "soort": "x"}).encode(), WORDS)
    )
    assert made["soort"] == "x"


@given(st.text(alphabet=st.characters(blacklist_categories=("Cc", "Cs", "Cn")), max_size=50))
def test_xml_stays_well_formed_and_what_is_no_value_stays(value: str) -> None:
    raw = SALES % f"<Name>{escape(value)}</Name>\n <OrderNumber> OPD-1 </OrderNumber>".encode()
    made = etree.fromstring(mask_xml(raw, WORDS))
    assert made.findtext(".//OrderNumber") == " OPD-1 "
    assert bool((made.findtext(".//Name") or "").strip()) is bool(value.strip())
