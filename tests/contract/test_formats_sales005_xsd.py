"""Our XSD and the official one give the same verdict: on the official sample, on every case that is known from
practice, and on a table of systematic mutations of a full order."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from pathlib import Path

import pytest
from lxml import etree

from adapters.formats import read, with_sales005_xsd
from adapters.formats.dico_sales005.codes import ELEMENTS, NAMESPACE
from adapters.formats.dico_sales005.schema import OWN
from adapters.formats.xmltree import plain, without_namespace
from adapters.formats.xsd import Xsd

Q = f"{{{NAMESPACE}}}"
ORDER = Path(__file__).parent / "golden" / "dico_sales005" / "opdracht-volledig.xml"
LENGTHS = (0, 1, 2, 3, 4, 5, 9, 10, 17, 18, 20, 21, 35, 36, 50, 51, 70, 71, 80, 81, 254, 255, 512, 513, 1000, 1001)
VALUES = (
    *(
        "INS",
        "MUT",
        "REP",
        "PLM",
        "REN",
        "AFK",
        "ANS",
        "EHP",
        "REG",
        "GAR",
        "MAO",
        "ORG",
        "E",
        "S",
        "Z",
        "AE",
        "J",
        "N",
    ),
    *("j", "JA", "CMT", "DAY", "GRM", "HUR", "KGM", "LTR", "MIN", "MLT", "MMT", "MTK", "MTQ", "MTR", "PCE", "TNE"),
    *("M2", "WEE", "pce", " PCE", "CAD", "CHR", "FAC", "LOG", "MAN", "MTE", "OTA", "PAR", "PHI", "PHO", "PPI", "PRT"),
    *("PVI", "SCH", "SOF", "STR", "LPP", "0", "1", "-1", "+5", " 7 ", "23a", "1,5", "1.5", ".5", "5.", "1e3", "-0"),
    *("99999999999999999999", "2026-03-02", "02-03-2026", "2026-02-30", "2024-02-29", "2026-3-2", "2026-03-02Z"),
    *("2026-03-02+01:00", "12026-01-01", "-0044-03-15", "0000-01-01", "09:00:00", "09:00", "24:00:00", "24:00:01"),
    *("09:00:60", "09:00:00.5", "09:00:00Z", "09:00:00+14:00", "09:00:00+15:00", "2026", "26", "2026Z", "12026"),
    *(
        "8799999000017",
        "8799999000011",
        "879999900001",
        "87999990000170",
        "８７９９９９９０００１２３",
        "%%%",
        "aGFsbG8=",
    ),
    *("NL", "NLD", "x", "é", "😀" * 17, "a b", "\t", "\n", " ", "ada@x", "ada"),
)


def _order() -> etree._Element:
    return etree.fromstring(ORDER.read_bytes(), etree.XMLParser(remove_comments=True, remove_blank_text=True))


def _mutations() -> Iterator[tuple[str, etree._Element]]:
    base = _order()
    count = sum(1 for _ in base.iter())
    for position in range(count):
        yield from _of_element(base, position)


def _pick(base: etree._Element, position: int) -> tuple[etree._Element, etree._Element]:
    root = deepcopy(base)
    return root, list(root.iter())[position]


def _of_element(base: etree._Element, position: int) -> Iterator[tuple[str, etree._Element]]:
    root, element = _pick(base, position)
    name, parent, leaf = str(element.tag).rpartition("}")[2], element.getparent(), not len(element)
    if parent is not None:
        parent.remove(element)
        yield f"{name} missing", root
        root, element = _pick(base, position)
        element.addnext(deepcopy(element))
        yield f"{name} doubled", root
        root, element = _pick(base, position)
        following = element.getnext()
        if following is not None:
            following.addnext(element)
            yield f"{name} after its next", root
        root, element = _pick(base, position)
        element.addprevious(etree.Element(f"{Q}Onbekend"))
        yield f"unknown before {name}", root
    for tag in (name, f"{{http://example.invalid/}}{name}"):
        root, element = _pick(base, position)
        element.tag = tag
        yield f"{name} as {tag}", root
    root, element = _pick(base, position)
    element.set("soort", "x")
    yield f"{name} with attribute", root
    root, element = _pick(base, position)
    element.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
    yield f"{name} nil", root
    root, element = _pick(base, position)
    element.append(etree.Element(f"{Q}Onbekend"))
    yield f"{name} with unknown child", root
    if not leaf:
        root, element = _pick(base, position)
        element.text = "los"
        yield f"{name} with loose text", root
        root, element = _pick(base, position)
        for child in list(element):
            element.remove(child)
        yield f"{name} without content", root
        return
    root, element = _pick(base, position)
    for value in (*VALUES, *("x" * length for length in LENGTHS), *("7" * length for length in LENGTHS[1:])):
        element.text = value
        yield f"{name}={value[:20]!r} ({len(value)})", root


def _repeated(name: str, times: int) -> etree._Element:
    root = _order()
    element = next(root.iter(f"{Q}{name}"))
    for _ in range(times - 1):
        element.addnext(deepcopy(element))
    return root


@pytest.fixture(scope="module")
def official(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(shared / "domain" / "dico" / "Onderhoudsopdracht_SALES005.xsd")))


def test_our_xsd_agrees_with_the_official_one_on_every_mutation(official: etree.XMLSchema) -> None:
    own = etree.XMLSchema(etree.parse(str(OWN)))
    verdicts = {True: 0, False: 0}
    different: list[str] = []
    for name, tree in _mutations():
        verdict = official.validate(tree)
        verdicts[verdict] += 1
        if own.validate(tree) is not verdict:
            different.append(f"{name}: official {verdict}")
    assert different == []
    assert verdicts[True] > 1000
    assert verdicts[False] > 5000


def test_our_xsd_agrees_with_the_official_one_on_repetition(official: etree.XMLSchema) -> None:
    own = etree.XMLSchema(etree.parse(str(OWN)))
    for name in ELEMENTS.keys() - {"MaintenanceInstruction"}:
        for times in (2, 4, 5, 6):
            tree = etree.fromstring(etree.tostring(_repeated(name, times)))
            assert own.validate(tree) is official.validate(tree), f"{name} x {times}"


def test_our_xsd_accepts_the_official_sample(shared: Path) -> None:
    raw = (shared / "domain" / "dico" / "sample_full_TestMessage_001.xml").read_bytes()
    part = read(raw).delen[0]
    assert part.bericht is not None
    assert {finding.code for finding in part.bevindingen} == {"gelieerd-is-aannemer", "btw-verlegd-met-tarief"}


def test_a_configured_official_xsd_takes_the_place_of_ours(shared: Path) -> None:
    official = with_sales005_xsd(shared / "domain" / "dico" / "Onderhoudsopdracht_SALES005.xsd")
    assert read(ORDER.read_bytes(), formats=official) == read(ORDER.read_bytes())


def test_the_tree_without_namespace_gets_the_same_verdict() -> None:
    xsd = Xsd(OWN, "", NAMESPACE, frozenset())
    plains = 0
    for name, root in islice(_mutations(), 0, None, 3):
        raw = etree.tostring(root)
        where = plain(raw)
        if where is None or where.name != f"{Q}MaintenanceInstruction":
            continue
        bare = without_namespace(raw, where)
        assert bare is not None
        plains += 1
        assert xsd.accepts_plain(bare) is (xsd.findings(etree.fromstring(raw)) == []), name
    assert plains > 2000


REJECTED = {
    "a code of a later list": ("<DocumentType>OTA", "<DocumentType>PHO"),
    "reverse charge as a rate": ("<VATRate>S", "<VATRate>AE"),
    "a zero rate": ("<VATRate>S", "<VATRate>Z"),
    "planned maintenance": ("<InstructionType>REP", "<InstructionType>PLM"),
    "a decimal comma": ("<Quantity>2.75", "<Quantity>2,75"),
    "a house number with its letter": ("<HouseNumber>23", "<HouseNumber>23a"),
    "a uuid as message number": ("ZL-2026-0004711", "6f1c2d3e-0a1b-4c2d-8e3f-001122334455"),
    "an empty time": ("<MessageTime>08:41:07</MessageTime>", "<MessageTime/>"),
    "a Dutch date": ("<MessageDate>2026-03-02", "<MessageDate>02-03-2026"),
    "a GLN of twelve digits": ("8799999000017", "879999900001"),
    "unit M2": ("<MeasurementUnitQuantity>MTK", "<MeasurementUnitQuantity>M2"),
    "unit WEE": ("<MeasurementUnitQuantity>MTK", "<MeasurementUnitQuantity>WEE"),
    "an unknown element": ("<MessageTime>", "<Huurder>x</Huurder><MessageTime>"),
    "a description of 71 characters": ("Mengkraan keuken lekt bij de uitloop", "x" * 71),
    "no namespace": (f' xmlns="{NAMESPACE}"', ""),
}
ACCEPTED = {
    "a negative quantity": ("<Quantity>2.75", "<Quantity>-2.75"),
    "a GLN with a wrong check digit": ("8799999000017", "8799999000011"),
    "an e-mail address without @": ("bewoner@voorbeeld.example", "bewoner"),
    "a time with zone": ("<MessageTime>08:41:07", "<MessageTime>08:41:07Z"),
    "a date with zone": ("<InstructionDate>2026-03-02", "<InstructionDate>2026-03-02+01:00"),
    "LEDO without its element": ("<Element>Mengkraan</Element>", ""),
    "an attachment without url": ("<URL>https://bijlagen.zilverlinde.example/4711/plattegrond.pdf</URL>", ""),
}


def _changed(change: tuple[str, str]) -> bytes:
    text = ORDER.read_text(encoding="utf-8")
    assert change[0] in text
    return text.replace(change[0], change[1], 1).encode()


@pytest.mark.parametrize("case", REJECTED)
def test_what_the_standard_rejects_is_refused_with_a_finding(case: str) -> None:
    part = read(_changed(REJECTED[case])).delen[0]
    assert part.bericht is None
    assert part.reden == "ongeldig"
    assert part.bevindingen[0].bron == "SALES005 XSD"
    assert part.sleutel is not None


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_the_standard_accepts_and_is_odd_gets_a_warning(case: str) -> None:
    part = read(_changed(ACCEPTED[case])).delen[0]
    assert part.bericht is not None
    assert [finding.ernst.value for finding in part.bevindingen] == ["waarschuwing"]


def test_an_order_without_contractor_or_lines_is_accepted() -> None:
    root = _order()
    contractor = next(root.iter(f"{Q}Contractor"))
    root.remove(contractor)
    data = next(root.iter(f"{Q}InstructionData"))
    for line in list(data.iter(f"{Q}InstructionLine")):
        data.remove(line)
    part = read(etree.tostring(root)).delen[0]
    assert part.bericht is not None
    assert [finding.code for finding in part.bevindingen] == ["aannemer-ontbreekt"]


@pytest.mark.parametrize("case", [*REJECTED, *ACCEPTED])
def test_the_official_xsd_says_the_same_of_every_known_case(case: str, official: etree.XMLSchema) -> None:
    raw = _changed(REJECTED.get(case) or ACCEPTED[case])
    assert official.validate(etree.fromstring(raw)) is (case in ACCEPTED)
