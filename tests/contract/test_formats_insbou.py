"""INSBOU orders and responses: what deviates and can be one thing only is read and named, the rest is refused."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from adapters.formats import Format, read
from adapters.formats.dialects import DIALECTEN
from adapters.formats.findings import MAX_FINDINGS
from adapters.formats.insbou003 import FORMAT as INSBOU003
from adapters.formats.insbou004 import FORMAT as INSBOU004
from adapters.message import Bericht, Deel, OpdrachtInhoud, PlanningInhoud, StatusInhoud
from topics.documents import Ernst, Reden

GOLDEN = Path(__file__).parent / "golden"
FORMATS = pytest.mark.parametrize("format_", [INSBOU003, INSBOU004], ids=["insbou003", "insbou004"])


def sample(format_: Format, name: str = "opdracht-volledig") -> str:
    return (GOLDEN / format_.name / f"{name}.xml").read_text(encoding="utf-8")


def changed(format_: Format, *changes: tuple[str, str], name: str = "opdracht-volledig") -> Deel:
    """The first part of the golden message with texts replaced."""
    text = sample(format_, name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return read(text.encode()).delen[0]


def order(deel: Deel) -> OpdrachtInhoud:
    assert deel.bericht is not None, deel.bevindingen
    assert isinstance(deel.bericht.inhoud, OpdrachtInhoud)
    return deel.bericht.inhoud


CONTACT = re.compile(
    r"ContactInformation>((?:(?!ContactInformation>).)*)ContactInformation>(\s*<ComplexNumber>)", re.DOTALL
)
DIALECTS: dict[str, Callable[[str], str]] = {
    "afleverpartij-gln": lambda text: text.replace("<DeliveryParty>", "<DeliveryParty><GLN>8799999000024</GLN>"),
    "btw-spelling": lambda text: text.replace("VATPercentage>", "VATpercentage>"),
    "contactgegevens": lambda text: CONTACT.sub(r"Contactgegevens>\1Contactgegevens>\2", text),
    "datum-dag-eerst": lambda text: text.replace("<OrderDate>2026-03-02", "<OrderDate>2-3-2026"),
    "datum-jaar-kort": lambda text: text.replace("<OrderDate>2026-03-02", "<OrderDate>2.3.26"),
    "decimale-komma": lambda text: text.replace("<Price>41.50", "<Price>41,50"),
    "lege-elementen": lambda text: text.replace("<OrderType>220<", "<OrderType><"),
    "regelkenmerk-spelfout": lambda text: text.replace("LineIdentification>", "LineIdentitfication>"),
    "tijd-kort": lambda text: text.replace("<OrderTime>08:30:00", "<OrderTime>8:30"),
}
DIALECTS_003: dict[str, Callable[[str], str]] = {
    "namen-andere-versie": lambda text: text.replace("SuppliersTradeItemIdentification>", "SuppliersTradeItemId>"),
    "zonder-omhulsel": lambda text: re.sub(r"</?(AdditionalInformation|ContractReference)>", "", text),
}
DIALECTS_004: dict[str, Callable[[str], str]] = {
    "namen-andere-versie": lambda text: text.replace("OrderedQuantityUoM>", "OrderedQuantityMeasureUnitCode>"),
    "met-omhulsel": lambda text: re.sub(
        r"(<FreeText>.*?</FreeText>)", r"<AdditionalInformation>\1</AdditionalInformation>", text
    ),
}
CASES = [
    *((INSBOU003, name, change) for name, change in (DIALECTS | DIALECTS_003).items()),
    *((INSBOU004, name, change) for name, change in (DIALECTS | DIALECTS_004).items()),
]


@pytest.mark.parametrize(("format_", "name", "change"), CASES, ids=lambda one: getattr(one, "name", str(one)[:30]))
def test_a_known_deviation_is_read_as_the_standard_has_it_with_its_name_and_a_warning(
    format_: Format, name: str, change: Callable[[str], str]
) -> None:
    right = read(sample(format_).encode()).delen[0]
    text = change(sample(format_))
    assert text != sample(format_)
    deel = read(text.encode()).delen[0]
    assert deel.bericht == right.bericht
    assert deel.dialecten == (name,)
    assert deel.bevindingen
    assert {finding.code for finding in deel.bevindingen} == {f"dialect-{name}"}
    assert all(finding.ernst is Ernst.WAARSCHUWING for finding in deel.bevindingen)


def test_every_dialect_is_read_by_a_golden_message() -> None:
    found: set[str] = set()
    for file in GOLDEN.glob("insbou00?/opdracht-*.xml"):
        found |= set(read(file.read_bytes()).delen[0].dialecten)
    assert found == {name for _, name, _ in CASES} | {"cp1252", "eindklantnummer-los"}
    assert found <= set(DIALECTEN)


def test_numbers_with_points_and_a_comma_and_dates_with_the_day_first_are_read_as_a_dutch_reader_does() -> None:
    inhoud = order(read(sample(INSBOU003, "opdracht-dialecten").encode()).delen[0])
    assert str(inhoud.regels[0].aantal) == "1234.50"
    assert inhoud.datum is not None
    assert inhoud.datum.op.isoformat() == "2026-03-13T08:30:00+01:00"
    assert inhoud.gereed_uiterlijk is not None
    assert inhoud.gereed_uiterlijk.op.date().isoformat() == "2026-04-09"
    assert inhoud.contract == "ZL-OW-2026"


TWICE = {
    "a year of two digits that is a day as well": ("<OrderDate>2026-03-02", "<OrderDate>01-02-26"),
    "a date with slashes that has two months": ("<OrderDate>2026-03-02", "<OrderDate>01/02/2026"),
    "three digits after a comma": ("<OrderedQuantity>2.75", "<OrderedQuantity>1,234"),
}


@FORMATS
@pytest.mark.parametrize("case", TWICE)
def test_what_can_be_read_in_two_ways_is_refused_with_both(format_: Format, case: str) -> None:
    deel = changed(format_, TWICE[case])
    assert (deel.bericht, deel.reden) == (None, Reden.ONGELDIG)
    assert [finding.code for finding in deel.bevindingen] == ["waarde-dubbelzinnig"]
    assert " of " in deel.bevindingen[0].tekst
    assert deel.sleutel == ("8799999000017", "OPD-26-00815")


@FORMATS
def test_a_number_with_a_point_is_doubtful_only_beside_one_with_a_comma(format_: Format) -> None:
    pointed = ("<OrderedQuantity>2.75", "<OrderedQuantity>1.250")
    assert str(order(changed(format_, pointed)).regels[0].aantal) == "1.250"
    deel = changed(format_, pointed, ("<Price>41.50", "<Price>41,50"))
    assert "waarde-dubbelzinnig" in {finding.code for finding in deel.bevindingen}


UNREPAIRED = {
    "no date at all": ("<OrderDate>2026-03-02", "<OrderDate>morgen"),
    "a day that does not exist": ("<OrderDate>2026-03-02", "<OrderDate>31-02-2026"),
    "a number with words": ("<OrderedQuantity>2.75", "<OrderedQuantity>2,75 m2"),
    "an empty required element": ("<OrderNumber>OPD-26-00815<", "<OrderNumber><"),
    "an unknown element": ("<OrderNumber>", "<Huurder>x</Huurder><OrderNumber>"),
    "an unknown unit": ("MTK<", "M2<"),
    "a misspelt element that nobody is known for": ("LongDescription>", "LongDiscription>"),
    "loose text behind an empty element": ("<OrderType>220</OrderType>", "<OrderType/>los"),
    "an attribute": ("<OrderType>", '<OrderType soort="x">'),
    "a draft": ("<ReverseChargeIndicator>N</ReverseChargeIndicator>",
                "<ReverseChargeIndicator>N</ReverseChargeIndicator><DraftOrderIndicator>16</DraftOrderIndicator>"),
}  # fmt: skip


@FORMATS
@pytest.mark.parametrize("case", UNREPAIRED)
def test_what_is_no_known_deviation_is_refused(format_: Format, case: str) -> None:
    deel = changed(format_, UNREPAIRED[case])
    assert (deel.bericht, deel.reden) == (None, Reden.ONGELDIG)


def test_bytes_of_windows_1252_are_read_only_when_they_can_be_nothing_else() -> None:
    text = sample(INSBOU003).replace("Kleur als bestaand", "Crème, ± als bestaand")
    deel = read(text.encode("cp1252")).delen[0]
    assert deel.dialecten == ("cp1252",)
    assert deel.bericht is not None
    assert deel.bericht.personen["regel.1.tekst"].startswith("Crème, ± als")
    declared = text.replace('encoding="UTF-8"', 'encoding="windows-1252"').encode("cp1252")
    assert read(declared).delen[0].dialecten == ()
    for mixed in (text.encode("cp1252").replace(b"Sleutel", "Sleutél".encode()), text.encode("cp1252") + b"\x81"):
        assert read(mixed).delen[0].reden is Reden.ONLEESBAAR


@pytest.mark.parametrize("head", ['<?xml version="1.0" standalone="yes"?>', "<!-- a - b -- c -->", ""])
def test_bytes_of_windows_1252_are_read_behind_any_head(head: str) -> None:
    text = sample(INSBOU003).partition("?>")[2].replace("Kleur", "<!-- kleur --> Cr\xe8me")
    deel = read((head.replace(" -- ", " ") + text).encode("cp1252")).delen[0]
    assert deel.dialecten == ("cp1252",)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_deviation(encoding: str) -> None:
    text = sample(INSBOU003).replace(' encoding="UTF-8"', "")
    deel = read(text.encode(encoding)).delen[0]
    assert (deel.bericht, deel.dialecten) == (read(sample(INSBOU003).encode()).delen[0].bericht, ())


@FORMATS
def test_a_message_is_the_same_whatever_its_prefix_and_its_comments(format_: Format) -> None:
    root = etree.fromstring(sample(format_).encode())
    space = root.nsmap.get(None)
    text = sample(format_).replace("<OrderNumber>", "<!-- nummer --><OrderNumber>")
    if space:
        text = re.sub(r"<(/?)(?=[A-Z])", r"<\1i:", text).replace("xmlns=", "xmlns:i=")
    deel = read(text.encode()).delen[0]
    assert (deel.bericht, deel.dialecten) == (read(sample(format_).encode()).delen[0].bericht, ())


@pytest.mark.parametrize(
    ("raw", "formaat"),
    [
        ("<Order/>", "insbou003"),
        ('<Order xmlns="http://www.gs1.nl/order/insbou/004"/>', "insbou004"),
        ('<i:OrderResponse xmlns:i="http://www.gs1.nl/orderbevestiging/insbou/004"/>', "insbou004"),
        ("<OrderResponse/>", "insbou003"),
        ('<Order xmlns="http://www.gs1.nl/orderbevestiging/insbou/004"/>', "insbou"),
        ('<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', "ubl"),
        ('<MaintenanceInstruction xmlns="http://www.ketenstandaard.nl/onderhoudsopdracht/SALES/005"/>', "dico"),
        ("<MaintenanceInstruction/>", "dico"),
        ("<order/>", "onbekend"),
    ],
)
def test_a_version_is_told_by_root_and_namespace_only(raw: str, formaat: str) -> None:
    assert read(raw.encode()).formaat == formaat
    assert read(raw.encode()).delen[0].bericht is None


def test_an_order_without_message_number_is_known_by_when_it_was_ordered() -> None:
    head = sample(INSBOU003)
    bare = re.sub(r"\s*<Message(Number|Date|Time)>.*", "", head)
    one, same, later = (
        read(text.encode()).delen[0].bericht
        for text in (bare, bare, bare.replace("T>08:30:00", "T>").replace("08:30:00", "08:31:00"))
    )
    assert one is not None
    assert later is not None
    assert one == same
    assert one.berichtnummer == "OPD-26-00815@2026-03-02T08:30:00"
    assert later.berichtnummer != one.berichtnummer
    assert one.verzonden is None


@FORMATS
def test_a_response_is_a_status_in_the_partners_own_words_and_the_moments_it_proposes(format_: Format) -> None:
    status, planning = (deel.bericht for deel in read(sample(format_, "antwoord-volledig").encode()).delen)
    assert status is not None
    assert planning is not None
    assert isinstance(status.inhoud, StatusInhoud)
    assert isinstance(planning.inhoud, PlanningInhoud)
    assert (status.inhoud.eigen, status.inhoud.eigen_detail) == ("bevestigd", "afspraak")
    assert (status.opdrachtnummer, status.opdrachtgever, status.aannemer) == (
        "OPD-26-00815",
        "8799999000017",
        "8799999000512",
    )
    assert [(f"{slot.begin:%d %H:%M}", f"{slot.eind:%d %H:%M}") for slot in planning.inhoud.sloten] == [
        ("09 08:00", "09 12:00"),
        ("11 00:00", "12 00:00"),
    ]
    assert (status.berichtnummer, planning.berichtnummer) == ("OW-88120", "OW-88120#planning")
    assert "tekst" in status.personen
    assert planning.personen == {}


def test_a_response_without_status_is_a_planning_of_its_own_number() -> None:
    text = re.sub(r"\s*<Status(Detail)?Code>[a-z]+</Status(Detail)?Code>", "", sample(INSBOU003, "antwoord-volledig"))
    (deel,) = read(text.encode()).delen
    assert deel.bericht is not None
    assert (deel.bericht.soort.value, deel.bericht.berichtnummer) == ("planning", "OW-88120")
    assert "tekst" in deel.bericht.personen


def test_a_window_that_ends_before_it_begins_refuses_the_response() -> None:
    deel = changed(INSBOU003, ("<DeliveryTimeLatest>12:00", "<DeliveryTimeLatest>07:00"), name="antwoord-volledig")
    assert deel.reden is Reden.ONGELDIG
    assert [finding.code for finding in deel.bevindingen] == ["slot-omgekeerd"]


def test_many_deviations_are_named_once_each_and_bounded_in_findings() -> None:
    line = "<OrderLine><LineNumber>1</LineNumber><OrderedQuantity>1,5</OrderedQuantity><OrderedQuantityUoM>PCE</OrderedQuantityUoM></OrderLine>"
    text = sample(INSBOU003, "opdracht-minimaal").replace("</Order>", line * 5000 + "</Order>")
    started = datetime.now(UTC)
    deel = read(text.encode()).delen[0]
    assert (datetime.now(UTC) - started).total_seconds() < 20
    assert len(order(deel).regels) == 5000
    assert deel.dialecten == ("decimale-komma", "namen-andere-versie")
    assert len(deel.bevindingen) == MAX_FINDINGS + 1


def test_the_public_samples_are_read_with_the_deviations_that_they_have(shared: Path) -> None:
    folder = shared / "domain" / "insbou"
    raw = (folder / "insbou003_order_full.xml").read_bytes()
    for role, gln in (
        (b"BUYER", b"8799999000017"),
        (b"SUPPLIER", b"8799999000116"),
        (b"DELIVERYPARTY", b"8799999000024"),
    ):
        raw = raw.replace(b"%%" + role + b"_GLN%%", gln)
    deel = read(raw).delen[0]
    assert deel.dialecten == ("afleverpartij-gln", "lege-elementen")
    assert order(deel).contract == "CONTR2012-001"
    status, planning = read((folder / "insbou003_Response.xml").read_bytes()).delen
    assert status.dialecten == planning.dialecten == ()
    assert isinstance(status.bericht, Bericht)
    assert isinstance(status.bericht.inhoud, StatusInhoud)
    assert status.bericht.inhoud.eigen == "29"


@FORMATS
def test_what_is_rendered_takes_no_dialect_and_keeps_the_message(format_: Format) -> None:
    for file in GOLDEN.glob("insbou00?/*.xml"):
        for deel in read(file.read_bytes()).delen:
            if deel.bericht is None:
                continue
            back = read(format_.render(deel.bericht)).delen[0]
            assert (back.bericht, back.dialecten) == (deel.bericht, ())


@FORMATS
def test_an_address_in_parts_is_written_as_one_line(format_: Format) -> None:
    bericht = read(sample(format_).encode()).delen[0].bericht
    assert bericht is not None
    parts = {"locatie.straat": "Laan", "locatie.huisnummer": "12", "locatie.huisletter": "b", "locatie.toevoeging": "2"}
    back = read(format_.render(msgspec.structs.replace(bericht, personen=bericht.personen | parts))).delen[0].bericht
    assert back is not None
    assert back.personen["locatie.straat"] == "Laan 12b-2"
