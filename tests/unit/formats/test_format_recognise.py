"""Which format it is follows from the content, never from what the sender declares."""

from pathlib import Path

import pytest
from lxml import etree

from adapters.formats import read, with_sales005_xsd
from adapters.formats.dico_sales005.codes import NAMESPACE
from adapters.formats.dico_sales005.schema import OWN, schema
from adapters.formats.findings import MAX_FINDINGS, bounded, fout, printable, waarschuwing
from adapters.formats.recognise import UNKNOWN
from topics.accounts import without_values
from topics.documents import Reden
from topics.errors import ConfigurationError

GOLDEN = Path(__file__).parents[2] / "contract" / "golden"
ORDER = (GOLDEN / "dico_sales005" / "opdracht-volledig.xml").read_bytes()
STATUS = (GOLDEN / "json_v1" / "status.json").read_bytes()


@pytest.mark.parametrize(
    "content_type", ["", "application/octet-stream", "text/plain", "application/xml; charset=utf-8"]
)
def test_an_order_is_read_whatever_general_type_is_declared(content_type: str) -> None:
    assert read(ORDER, content_type) == read(ORDER)


@pytest.mark.parametrize(
    ("raw", "content_type"), [(ORDER, "application/json"), (STATUS, "text/xml"), (STATUS, "application/xml")]
)
def test_a_contradicting_content_type_is_a_warning_only(raw: bytes, content_type: str) -> None:
    part = read(raw, content_type).delen[0]
    assert part.bericht == read(raw).delen[0].bericht
    assert part.bevindingen[-1].code == "content-type-wijkt-af"


def test_a_format_that_was_not_agreed_is_refused_as_onbevoegd() -> None:
    gelezen = read(ORDER, allowed=("json",))
    assert (gelezen.formaat, gelezen.delen[0].reden) == ("dico", Reden.ONBEVOEGD)
    assert gelezen.delen[0].bevindingen[0].code == "formaat-niet-toegestaan"
    assert read(ORDER, allowed=("json", "dico")) == read(ORDER)


@pytest.mark.parametrize(
    ("raw", "formaat", "versie", "document"),
    [
        ('<MaintenanceStatus xmlns="http://www.ketenstandaard.nl/onderhoudsstatus/SALES/005"><Los/></MaintenanceStatus>', "dico-projectprofiel", "SALES005", "MaintenanceStatus"),
        ('<MaintenanceStatus xmlns="http://www.ketenstandaard.nl/onderhoudsstatus/SALES/006"/>', "dico", "006", "MaintenanceStatus"),
        ('<PriceCatalogue xmlns="http://www.ketenstandaard.nl/artikelbericht/SALES/005"/>', "dico", "005", "PriceCatalogue"),
        ('<MaintenanceInstruction xmlns="http://www.ketenstandaard.nl/onderhoudsopdracht/SALES/006"/>', "dico", "006", "MaintenanceInstruction"),
        ('<q:Invoice xmlns:q="http://www.gs1.nl/factuur/insbou/005"/>', "insbou", "005", "Invoice"),
        ("<DespatchAdvice/>", "insbou", "003", "DespatchAdvice"),
        ('<Order xmlns="http://www.gs1.nl/order/insbou/005"/>', "insbou", "005", "Order"),
        ('<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', "ubl", "Order-2", "Order"),
    ],
)  # fmt: skip
def test_an_official_message_without_a_mapping_is_niet_in_kaart(
    raw: str, formaat: str, versie: str, document: str
) -> None:
    gelezen = read(raw.encode())
    assert (gelezen.formaat, gelezen.versie, gelezen.document) == (formaat, versie, document)
    assert gelezen.delen[0].reden is Reden.NIET_IN_KAART
    assert gelezen.delen[0].bevindingen[0].code == "niet-in-kaart"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "leeg"),
        (b"  \n", "leeg"),
        (b"\xef\xbb\xbf", "leeg"),
        (b"hallo", "geen-bericht"),
        (b"\x89PNG\r\n", "geen-bericht"),
        (b"<html><body/></html>", "formaat-onbekend"),
        (b'{"a": 1}', "formaat-onbekend"),
        (b"[]", "formaat-onbekend"),
        (b'{"a": 1', "json-niet-welgevormd"),
        (b'{"formaat": "ketenbus-json/1",}', "json-niet-welgevormd"),
        (b"<a><b></a>", "xml-niet-welgevormd"),
        (b"<a>&foo;</a>", "xml-niet-welgevormd"),
        (b'<?xml version="1.0" encoding="EBCDIC-NL"?><a/>', "codering-onbekend"),
        ("<a/>".encode("utf-16-le"), "codering-ongeldig"),
        ('{"a": 1}'.encode("utf-16"), "codering-ongeldig"),
        ("<a/>".encode("utf-32"), "codering-ongeldig"),
        (b"<a>\xeb</a>", "codering-ongeldig"),
        (b'{"a": "\xeb"}', "codering-ongeldig"),
        (b"<!DOCTYPE a><a/>", "doctype-verboden"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "doctype-verboden"),
    ],
)
def test_what_cannot_be_read_is_onleesbaar_with_the_cause(raw: bytes, code: str) -> None:
    gelezen = read(raw)
    assert gelezen.formaat == UNKNOWN
    assert [part.reden for part in gelezen.delen] == [Reden.ONLEESBAAR]
    assert gelezen.delen[0].bevindingen[0].code == code


def test_that_it_is_no_message_at_all_is_told_in_full_without_more_of_it_than_a_byte() -> None:
    (finding,) = read(b"Jansen, Kerkstraat 12").delen[0].bevindingen
    told = without_values(finding).tekst
    assert "4a; verwacht XML (begint met '<') of JSON" in told
    assert "Jansen" not in told


@pytest.mark.parametrize(
    ("raw", "found", "not_found"),
    [
        (b"\0\0\0\x18ftypmp42", "00 00 00 18: gevonden NUL-bytes", "UTF-32"),
        ("<a/>".encode("utf-16-le"), "3c 00 61 00: gevonden NUL-bytes", "UTF-32"),
        ('{"a": 1}'.encode("utf-16"), "ff fe 7b 00: gevonden een byte-order mark van UTF-16 of UTF-32", "NUL"),
    ],
)
def test_bytes_that_are_no_text_are_named_as_they_are_found(raw: bytes, found: str, not_found: str) -> None:
    tekst = read(raw).delen[0].bevindingen[0].tekst
    assert found in tekst
    assert not_found not in tekst


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "iso-8859-15"])
def test_an_order_in_a_declared_single_byte_encoding_is_read_with_a_warning(encoding: str) -> None:
    text = ORDER.decode().replace('encoding="UTF-8"', f'encoding="{encoding}"').replace("Meldkamer", "Één")
    part = read(text.encode(encoding)).delen[0]
    assert part.bericht is not None
    assert part.bericht.personen["opdrachtgever.contact.2.naam"] == "Één"
    assert [finding.code for finding in part.bevindingen] == ["codering-afwijkend"]


@pytest.mark.parametrize(
    "change",
    [
        ("<FreeText>Bewoner", "<FreeText><![CDATA[Bewoner]]>"),
        ("<FreeText>Bewoner", "<FreeText><!-- let op -->Bewoner"),
        ("<FreeText>Bewoner", "<FreeText><?let op?>Bewoner"),
        ("<FreeText>Bewoner", "<FreeText>&#66;ewoner"),
        (f' xmlns="{NAMESPACE}"', f" xmlns='{NAMESPACE}'"),
        (f' xmlns="{NAMESPACE}"', f' xmlns="{NAMESPACE}" xmlns:xs="http://www.w3.org/2001/XMLSchema"'),
    ],
)
def test_an_order_reads_the_same_however_its_xml_is_written(change: tuple[str, str]) -> None:
    changed = ORDER.decode().replace(*change)
    assert changed != ORDER.decode()
    assert read(changed.encode()) == read(ORDER)


def test_an_order_with_prefixes_reads_the_same() -> None:
    root = etree.fromstring(ORDER)
    other = etree.Element(root.tag, nsmap={"q": NAMESPACE})
    other.extend(list(root))
    assert read(etree.tostring(other)) == read(ORDER)


def test_blanks_beside_cdata_are_kept() -> None:
    text = ORDER.decode().replace("<Name2>Klantcontact", "<Name2> <![CDATA[x]]>")
    bericht = read(text.encode()).delen[0].bericht
    assert bericht is not None
    assert bericht.personen["opdrachtgever.naam2"] == " x"


def test_a_namespace_hidden_in_an_attribute_does_not_count() -> None:
    raw = (
        b"<MaintenanceInstruction xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
        b"xsi:schemaLocation=' xmlns=\"" + NAMESPACE.encode() + b"\"'"
    ) + ORDER[ORDER.index(b">", ORDER.index(b"<MaintenanceInstruction")) :]
    assert read(raw).delen[0].bevindingen[0].code == "hoofdelement-onbekend"


def test_an_undeclared_namespace_deeper_down_is_refused() -> None:
    raw = ORDER.replace(b"<Buyer>", b'<Buyer xmlns="">')
    assert read(raw).delen[0].reden is Reden.ONGELDIG


def test_a_configured_schema_that_is_none_is_a_configuration_error(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.xsd"
    for text in ("geen xml", "<a/>"):
        wrong.write_text(text)
        with pytest.raises(ConfigurationError, match="expected a readable XSD"):
            schema(wrong).findings(etree.fromstring(ORDER))
    with pytest.raises(ConfigurationError, match="check the configured path"):
        schema(tmp_path / "absent.xsd").findings(etree.fromstring(ORDER))


def test_an_element_of_a_newer_configured_schema_is_left_out_with_a_warning(tmp_path: Path) -> None:
    newer = tmp_path / "newer.xsd"
    own = OWN.read_text(encoding="utf-8")
    line = '<xs:element name="MessageDate" type="xs:date"/>'
    newer.write_text(
        own.replace(line, f'{line}<xs:element name="Kanaal" type="xs:string" minOccurs="0"/>'), encoding="utf-8"
    )
    raw = ORDER.replace(b"<MessageTime>", b"<Kanaal>app</Kanaal><MessageTime>")
    part = read(raw, formats=with_sales005_xsd(newer)).delen[0]
    assert part.bericht == read(ORDER).delen[0].bericht
    assert [(one.code, one.pad) for one in part.bevindingen] == [
        ("element-niet-in-kaart", "/MaintenanceInstruction/Kanaal")
    ]
    assert read(raw).delen[0].reden is Reden.ONGELDIG


def test_a_tree_that_the_validator_cannot_judge_is_a_finding() -> None:
    raw = b'<!DOCTYPE x [<!ENTITY e "f">]>' + ORDER[ORDER.index(b"<Maint") :].replace(
        b"<City>Molenwijk", b"<City>&e;", 1
    )
    tree = etree.fromstring(raw, etree.XMLParser(resolve_entities=False))
    assert [finding.code for finding in schema().findings(tree)] == ["schema"]


def test_findings_are_bounded_with_errors_first_and_the_rest_counted() -> None:
    many = [waarschuwing("a", "/", "x.") for _ in range(MAX_FINDINGS)] + [fout("b", "/", "y.", "z")] * 3
    kept = bounded(many)
    assert len(kept) == MAX_FINDINGS + 1
    assert [finding.code for finding in kept[:4]] == ["b", "b", "b", "a"]
    assert "nog 3 bevindingen" in kept[-1].tekst


def test_what_is_shown_is_short_and_printable() -> None:
    assert printable("a\x00b\ud800") == "a\\u0000b\\ud800"
    assert printable("x" * 1000) == "x" * 80 + "… (1000 tekens)"
