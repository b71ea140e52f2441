"""Whatever bytes come in: parts with a message or with a reason and a finding, never an exception, and never without
bound. The large cases run in a process of their own whose memory and processor time the kernel limits."""

import json
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.formats import read
from adapters.formats.findings import MAX_FINDINGS
from adapters.message import Gelezen
from topics.documents import Ernst, Reden

GOLDEN = Path(__file__).parent / "golden"
CORPUS = [file.read_bytes() for file in sorted(GOLDEN.glob("*/*")) if not file.name.endswith(".verwacht.json")]
SEEDED = 1500
ENCODER = msgspec.json.Encoder(decimal_format="string")
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def holds(gelezen: Gelezen) -> None:
    """What is true of everything that is read."""
    assert gelezen.delen
    for part in gelezen.delen:
        assert (part.bericht is None) is (part.reden is not None)
        wrong = [finding for finding in part.bevindingen if finding.ernst is Ernst.FOUT]
        assert bool(wrong) is (part.bericht is None)
        assert len(part.bevindingen) <= MAX_FINDINGS + 2
        for finding in part.bevindingen:
            assert len(finding.tekst) < 3000
            assert len(finding.waarde or "") < 200
            assert (finding.tekst + finding.pad).isprintable()
    ENCODER.encode(gelezen)


@given(st.binary(max_size=400))
@QUICK
def test_any_bytes_are_refused_with_a_finding(raw: bytes) -> None:
    gelezen = read(raw)
    holds(gelezen)
    assert gelezen.delen[0].bericht is None


@given(st.data(), st.sampled_from(CORPUS))
@QUICK
def test_a_damaged_message_is_read_or_refused(data: st.DataObject, raw: bytes) -> None:
    damaged = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(0, len(damaged) - 1)))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "repeat", "end"])):
            case "flip" if damaged:
                damaged[at] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del damaged[at : at + data.draw(st.integers(1, 40))]
            case "insert":
                damaged[at:at] = data.draw(st.binary(min_size=1, max_size=8))
            case "repeat":
                damaged[at:at] = damaged[at : at + data.draw(st.integers(1, 200))]
            case _:
                del damaged[at:]
    holds(read(bytes(damaged)))


def test_a_seeded_corpus_of_damaged_messages_is_read_or_refused() -> None:
    chance = random.Random(20261122)
    outcomes = {True: 0, False: 0}
    for _ in range(SEEDED):
        damaged = bytearray(chance.choice(CORPUS))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(damaged))
            what = chance.random()
            if what < 0.6 and chr(damaged[at]).isalnum():
                damaged[at] = chance.choice(b"0129azAZ")
            elif what < 0.9:
                damaged[at] = chance.choice(b"<>/&;\"'=0129azAZ{}[],:\\ -\x00\xff\xc3")
            else:
                damaged[at : at + chance.randint(0, 30)] = chance.randbytes(chance.randint(0, 5))
        gelezen = read(bytes(damaged))
        holds(gelezen)
        outcomes[gelezen.delen[0].bericht is not None] += 1
    assert min(outcomes.values()) > SEEDED // 50


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1252", "cp037", "utf-7"]
)
def test_a_message_in_another_encoding_is_read_or_refused(encoding: str) -> None:
    for raw in CORPUS:
        text = raw.decode("utf-8-sig", "replace").replace("\ufffd", "?")
        holds(read(text.encode(encoding, "replace")))


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["opdracht", "status", "planning", "2026-03-02", "8799999000017", "\ud800", "1e5", "PCE"])
)
NAMES = st.sampled_from(
    ["soort", "berichtnummer", "opdrachtgever", "opdrachtnummer", "regels", "locatie", "sloten", "bijlagen", "gebeurd",
     "status", "partijen", "aannemer", "bedrag", "nummer", "aantal", "ledo", "proef", "\udfff", "/~", ""]
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=25
)


@given(st.dictionaries(NAMES, VALUES, max_size=12), st.booleans())
@QUICK
def test_any_json_that_claims_to_be_ours_is_read_or_refused(fields: dict[str, object], listed: bool) -> None:
    message = {"formaat": "ketenbus-json/1", **fields}
    holds(read(json.dumps([message, fields] if listed else message).encode()))


VERA = st.sampled_from(
    ["idOrganisatie", "code", "status", "onderhoudSoort", "relaties", "afspraken", "defecten", "onderhoudstaken",
     "voorcalculaties", "extra-attributen", "informatieobjecten", "bestand", "naam", "waarde", "begindatum", "einddatum",
     "opdrachtdatum", "aantal", "meeteenheid", "standaardprijs", "onderhoudsorder", "eenheid", "externFactuurnummer"]
)  # fmt: skip
OBJECTS = st.recursive(
    LEAVES | st.sampled_from(["GUN", "STU", "2026-03-02T08:30:00Z", "Referentienummer", "TijdstipBericht"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(VERA, inner, max_size=6),
    max_leaves=25,
)


@given(st.dictionaries(VERA, OBJECTS, max_size=12), st.booleans())
@QUICK
def test_any_json_with_the_fields_of_vera_is_read_or_refused(fields: dict[str, object], listed: bool) -> None:
    message = {"idOrganisatie": "8799999000017", "code": "1", **fields}
    gelezen = read(json.dumps([message, fields] if listed else message).encode())
    holds(gelezen)
    assert gelezen.formaat == "vera"


@given(st.dictionaries(NAMES, LEAVES, max_size=3))
@QUICK
def test_a_right_status_with_wrong_fields_is_refused_field_by_field(extra: dict[str, object]) -> None:
    right = {
        "formaat": "ketenbus-json/1",
        "soort": "status",
        "berichtnummer": "1",
        "opdrachtgever": "8799999000017",
        "opdrachtnummer": "OPD-1",
        "status": "Klaar",
        "gebeurd": "2026-03-02",
    }
    holds(read(json.dumps({**right, **extra}).encode()))


BOMB = b"".join(
    [
        b'<!DOCTYPE x [<!ENTITY a "' + b"y" * 1000 + b'">',
        *(
            b'<!ENTITY a%d "%b">' % (step, b"&a%d;" % (step - 1) * 100 if step > 1 else b"&a;" * 100)
            for step in range(1, 9)
        ),
        b"]><x>&a8;</x>",
    ]
)


@pytest.mark.parametrize(
    "raw",
    [
        BOMB,
        BOMB.decode().encode("utf-16"),
        b"<!-- x -->\n<?a b?>" + BOMB,
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]><x/>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded_or_fetched(raw: bytes) -> None:
    part = read(raw).delen[0]
    assert part.reden is Reden.ONLEESBAAR or part.bevindingen[0].code == "xml-grens"
    assert part.bevindingen[0].code in ("doctype-verboden", "xml-grens", "xml-niet-welgevormd")
    if raw[:2] != b"\xff\xfe":
        assert part.bevindingen[0].code == "doctype-verboden"


def test_a_schema_location_is_never_followed(tmp_path: Path) -> None:
    lenient = tmp_path / "lenient.xsd"
    lenient.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="'
        'http://www.ketenstandaard.nl/onderhoudsopdracht/SALES/005"><xs:element name="MaintenanceInstruction"/></xs:schema>'
    )
    namespace = "http://www.ketenstandaard.nl/onderhoudsopdracht/SALES/005"
    raw = (
        f'<MaintenanceInstruction xmlns="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{namespace} {lenient.as_uri()}"><Los/></MaintenanceInstruction>'
    )
    assert read(raw.encode()).delen[0].reden is Reden.ONGELDIG


LARGE = r"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1_200_000_000, resource.RLIM_INFINITY))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from adapters.formats import read

NS = b"http://www.ketenstandaard.nl/onderhoudsopdracht/SALES/005"
HEAD = (
    b'<MaintenanceInstruction xmlns="' + NS + b'"><MessageNumber>1</MessageNumber><MessageDate>2026-03-02</MessageDate>'
    b"<Buyer><GLN>8799999000017</GLN></Buyer>"
)
STATUS = b'<MaintenanceStatus xmlns="http://www.ketenstandaard.nl/onderhoudsstatus/SALES/005">'
LINE = b"<InstructionLine><LineNumber>x</LineNumber><Quantity>y</Quantity></InstructionLine>"
DEVIATING = (
    b"<OrderLine><LineNumber>x</LineNumber><OrderedQuantity>1,5</OrderedQuantity><LineIdentitfication/></OrderLine>"
)
UBL = b"urn:oasis:names:specification:ubl:schema:xsd:"
INVOICE = (
    b'<Invoice xmlns="' + UBL + b'Invoice-2" xmlns:a="' + UBL + b'CommonAggregateComponents-2" xmlns:b="' + UBL
    + b'CommonBasicComponents-2"><b:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0'
    b"</b:CustomizationID>"
)
PART = b'{"formaat":"ketenbus-json/1","soort":"status","bedrag":NaN}'
M = 1_000_000
CASES = {
    "a line of 100 MB": lambda: b"<a>" + b"x" * (100 * M),
    "a JSON line of 100 MB": lambda: b'{"formaat":"' + b"x" * (100 * M),
    "a text of 30 MB": lambda: HEAD + b"<x>" + b"x" * (30 * M) + b"</x></MaintenanceInstruction>",
    "30 MB of blanks": lambda: b" " * (30 * M) + b"<a/>",
    "a comment of 30 MB": lambda: b"<!--" + b"-" * (30 * M) + b"<a/>",
    "an instruction that never ends": lambda: b"<?xml " + b"x" * (30 * M),
    "30 MB of elements": lambda: b"<a>" + b"<b/>" * (7 * M) + b"</a>",
    "attributes without end": lambda: b"<a " + b"".join(b'a%d="" ' % number for number in range(2 * M)) + b"/>",
    "XML nested a million deep": lambda: b"<a>" * M,
    "XML nested 300 deep": lambda: b"<a>" * 300 + b"</a>" * 300,
    "a name of 30 MB": lambda: b"<" + b"a" * (30 * M) + b"/>",
    "many wrong lines": lambda: HEAD + b"<InstructionData><InstructionNumber>1</InstructionNumber>"
    b"<InstructionInformation/>" + LINE * 20_000 + b"</InstructionData></MaintenanceInstruction>",
    "many deviations": lambda: b"<Order>" + DEVIATING * 20_000 + b"</Order>",
    "many bare numbers": lambda: b"<Order>" + b"<ProjectNumber>1</ProjectNumber>" * 60_000 + b"</Order>",
    "an order of empty elements": lambda: b"<Order>" + b"<A><B/></A>" * 50_000 + b"</Order>",
    "a wrong value of 9 MB with quotes": lambda: HEAD.replace(b"2026-03-02", b"'" * (9 * M)) + b"</MaintenanceInstruction>",
    "many paths that no map knows": lambda: STATUS + b"".join(b"<a%d><b/></a%d>" % (n, n) for n in range(50_000))
    + b"</MaintenanceStatus>",
    "many empty elements": lambda: STATUS + b"<MessageNumber/>" * 190_000 + b"</MaintenanceStatus>",
    "many attachments of nothing": lambda: STATUS + b"<Attachment><FileName>x</FileName></Attachment>" * 45_000
    + b"</MaintenanceStatus>",
    "a UBL invoice of 49,000 lines": lambda: INVOICE + b"<a:InvoiceLine><b:ID/></a:InvoiceLine>" * 49_000 + b"</Invoice>",
    "a UBL invoice of names that are not UBL": lambda: INVOICE
    + b"".join(b"<b:x%d/>" % number for number in range(190_000)) + b"</Invoice>",
    "a UBL invoice with a note of 9 MB": lambda: INVOICE + b"<b:Note>" + b"x" * (9 * M) + b"</b:Note></Invoice>",
    "a list nested a million deep": lambda: b"[" * M,
    "a list nested 100,000 deep": lambda: b"[" * 100_000 + b"]" * 100_000,
    "objects nested 50,000 deep": lambda: b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "30 MB of small objects": lambda: b"[" + b"{}," * (10 * M) + b"{}]",
    "a number of 30 MB": lambda: b'{"formaat":"ketenbus-json/1","soort":"status","bedrag":' + b"9" * (30 * M) + b"}",
    "a fraction of 30 MB": lambda: b'{"formaat":"ketenbus-json/1","soort":"status","bedrag":0.' + b"9" * (30 * M) + b"}",
    "a text of 30 MB in JSON": lambda: b'{"formaat":"ketenbus-json/1","soort":"' + "\U0001f527".encode() * (7 * M) + b'"}',
    "half characters": lambda: b'{"formaat":"ketenbus-json/1","tekst":"' + b"\\ud800" * (4 * M) + b'"}',
    "fields of VERA that are not mapped": lambda: b'{"idOrganisatie":"1",'
    + b",".join(b'"f%d":1' % number for number in range(190_000)) + b"}",
    "9,000 orders of VERA": lambda: b"[" + b",".join([b'{"idOrganisatie":"8799999000017","code":"1","x":{"y":[]}}'] * 9_000) + b"]",
    "9,000 wrong parts": lambda: b"[" + b",".join([PART] * 9_000) + b"]",
    "20,000 parts": lambda: b"[" + b",".join([b'{"formaat":"ketenbus-json/1"}'] * 20_000) + b"]",
}
for name, make in CASES.items():
    gelezen = read(make())
    assert all(part.reden is not None and part.bevindingen for part in gelezen.delen), name
    assert max(len(part.bevindingen) for part in gelezen.delen) <= 102, name
    assert all(len(finding.tekst) < 3000 for part in gelezen.delen for finding in part.bevindingen), name
    print(name, gelezen.delen[0].reden.value, gelezen.delen[0].bevindingen[0].code, sep="|")
"""


def test_huge_messages_are_refused_within_a_bound_of_memory_and_time() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", LARGE], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes = dict(line.split("|", 1) for line in done.stdout.splitlines())
    assert len(outcomes) == 34
    assert outcomes["a line of 100 MB"] == "te-groot|te-groot"
    assert outcomes["a text of 30 MB"] == "te-groot|xml-grens"
    assert outcomes["30 MB of elements"] == "te-groot|te-groot"
    assert outcomes["XML nested 300 deep"] == "te-groot|xml-grens"
    assert outcomes["many wrong lines"] == "ongeldig|waarde-soort"
    assert outcomes["many paths that no map knows"] == "niet-in-kaart|niet-in-kaart"
    assert outcomes["many empty elements"] == "ongeldig|element-ontbreekt"
    assert outcomes["many deviations"].startswith("ongeldig|")
    assert outcomes["a UBL invoice of 49,000 lines"].startswith("ongeldig|element-")
    assert outcomes["a UBL invoice with a note of 9 MB"].startswith("ongeldig|element-")
    assert outcomes["a list nested 100,000 deep"] == "te-groot|te-diep"
    assert outcomes["a number of 30 MB"] == "ongeldig|getal-ongeldig"
    assert outcomes["20,000 parts"] == "te-groot|te-groot"
