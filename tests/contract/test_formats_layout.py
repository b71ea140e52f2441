"""Every format folder looks the same, and its README and schema say what the code does."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
from lxml import etree

import adapters.formats
from adapters.formats import FORMATS, Format, jsonhead, read
from adapters.formats.dialects import DIALECTEN
from adapters.formats.dico_sales005 import codes as sales005
from adapters.formats.dico_sales005.schema import OWN
from adapters.formats.insbou.version import Part
from adapters.formats.insbou003 import FORMAT as INSBOU003
from adapters.formats.insbou003.codes import VERSION as VERSION_003
from adapters.formats.insbou004 import FORMAT as INSBOU004
from adapters.formats.insbou004.codes import VERSION as VERSION_004
from adapters.formats.json_v1 import codes as json_v1
from adapters.formats.json_v1 import schema
from adapters.formats.payload import MAX_BYTES
from adapters.formats.vera import schema as vera

HOME = Path(adapters.formats.__file__).parent
ROOMS = {"einvoice", "insbou"}
"""Shared by formats, no format themselves."""

FOLDERS = sorted(folder for folder in HOME.iterdir() if (folder / "__init__.py").exists() and folder.name not in ROOMS)
FILES = {"__init__.py", "codes.py", "parse.py", "render.py", "schema.py", "README.md"}
VERSIONS = {one.name: one for one in (VERSION_003, VERSION_004)}
XS = "{http://www.w3.org/2001/XMLSchema}"


def _folder(format_: Format) -> Path:
    """The one whose `FORMAT` it is."""
    (home,) = (one for one in FOLDERS if import_module(f"adapters.formats.{one.name}").FORMAT is format_)
    return home


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_format_folder_holds_the_same_files_as_every_other(folder: Path) -> None:
    found = {file.name for file in folder.iterdir() if file.is_file()}
    assert found - {"schema.xsd", "schema.json"} == FILES
    assert len(found & {"schema.xsd", "schema.json"}) == 1


def test_every_folder_is_a_declared_format() -> None:
    assert sorted(_folder(format_) for format_ in FORMATS) == FOLDERS


@pytest.mark.parametrize("format_", FORMATS, ids=lambda format_: _folder(format_).name)
def test_the_readme_names_versions_documents_content_types_and_limits(format_: Format) -> None:
    text = (_folder(format_) / "README.md").read_text(encoding="utf-8")
    for word in (*format_.versions, *format_.documents, *format_.content_types, f"`{format_.name}`"):
        assert word in text, word
    assert f"{MAX_BYTES // 1024 // 1024} MiB" in text


def test_every_code_of_a_finding_is_documented() -> None:
    made = re.compile(r"(?:fout|waarschuwing|_warn|_misfit|_wrong|wrong|odd)\(\s*(?:found,\s*)?\"([a-z0-9-]+)\"")
    returned = re.compile(r"return \"([a-z]+(?:-[a-z0-9]+)+|schema|code-onbekend)\",")
    used: set[str] = set()
    for file in HOME.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        used |= set(made.findall(text)) | set(returned.findall(text))
    documented = set(
        re.findall(r"^\| `([a-z0-9-]+)` \|", (HOME / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    used |= {"hoofdelement-onbekend", "tijd-dubbelzinnig", "tijd-bestaat-niet", "tijd-met-zone", "datum-buiten-bereik"}
    assert used == documented


def test_every_dialect_is_in_the_readme_of_a_format_that_reads_it() -> None:
    rows = re.compile(r"^\| ([a-z0-9-]+) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
    documented = {name for folder in FOLDERS for name in rows.findall((folder / "README.md").read_text("utf-8"))}
    assert {name for name in documented if name in DIALECTEN} == set(DIALECTEN)


@pytest.mark.parametrize("format_", [INSBOU003, INSBOU004], ids=["insbou003", "insbou004"])
def test_the_walk_knows_every_element_of_the_insbou_schema(format_: Format) -> None:
    schema_ = etree.parse(str(_folder(format_) / "schema.xsd")).getroot()
    known = VERSIONS[format_.name].elements
    names = {element.get("name") for element in schema_.iter(f"{XS}element")}
    assert names == {name for elements in known.values() for name in elements}
    for document, elements in known.items():
        assert _reachable(schema_, document) == set(elements), document


def _reachable(schema_: etree._Element, root: str) -> set[str]:
    """Names of elements that may stand anywhere under `root`, itself too."""
    types = {str(node.get("name")): node for node in schema_.iter(f"{XS}complexType") if node.get("name")}
    opened = [next(node for node in schema_.iterchildren(f"{XS}element") if node.get("name") == root)]
    names: set[str] = set()
    while opened:
        for element in opened.pop().iter(f"{XS}element"):
            names.add(str(element.get("name")))
            if (inside := types.get(str(element.get("type")))) is not None:
                opened.append(inside)
    return names


@pytest.mark.parametrize("format_", [INSBOU003, INSBOU004], ids=["insbou003", "insbou004"])
def test_the_golden_insbou_messages_have_every_element_that_is_mapped(format_: Format) -> None:
    folder = Path(__file__).parent / "golden" / format_.name
    for document, name in (("Order", "opdracht"), ("OrderResponse", "antwoord"), ("Invoice", "factuur")):
        elements = VERSIONS[format_.name].elements[document]
        raw = (folder / f"{name}-volledig.xml").read_bytes()
        found = {str(node.tag).rpartition("}")[2] for node in etree.fromstring(raw).iter()}
        left_out = {Part.UNMAPPED, Part.ECHO}
        assert {one for one, (part, _) in elements.items() if part not in left_out} - {"DraftOrderIndicator"} <= found
        assert read(raw).delen[0].bevindingen == ()


def test_the_json_schema_is_what_the_models_say() -> None:
    for folder, models in (("json_v1", schema.json_schema()), ("vera", vera.json_schema())):
        assert json.loads((HOME / folder / "schema.json").read_text(encoding="utf-8")) == models


@pytest.mark.parametrize(
    ("literal", "codes"),
    [
        (schema.Opdrachtsoort, json_v1.OPDRACHTSOORT),
        (schema.Afspraak, json_v1.AFSPRAAK),
        (schema.Specificatie, json_v1.SPECIFICATIE),
        (schema.Btwcode, json_v1.BTW),
        (jsonhead.Eenheid, json_v1.EENHEID),
        (jsonhead.Documentsoort, json_v1.DOCUMENTSOORT),
    ],
)
def test_the_models_allow_the_codes_of_the_code_lists(literal: object, codes: dict[str, str] | tuple[str, ...]) -> None:
    assert set(get_args(literal)) == set(codes)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("Opdrachtsoort", sales005.OPDRACHTSOORT),
        ("Afspraak", sales005.AFSPRAAK),
        ("Specificatie", sales005.SPECIFICATIE),
        ("BtwCode", sales005.BTW),
        ("Eenheid", sales005.EENHEID),
        ("Documentsoort", sales005.DOCUMENTSOORT),
    ],
)
def test_the_xsd_allows_the_codes_of_the_code_lists(name: str, codes: dict[str, str] | tuple[str, ...]) -> None:
    root = etree.parse(str(OWN)).getroot()
    values = root.xpath(f"//*[@name='{name}']//*[local-name()='enumeration']/@value")
    assert set(values if isinstance(values, list) else []) == set(codes)


def test_the_walk_knows_every_element_of_the_xsd() -> None:
    names = {element.get("name") for element in etree.parse(str(OWN)).getroot().iter(f"{XS}element")}
    assert names == set(sales005.ELEMENTS)


def test_the_golden_order_has_every_element_of_the_xsd() -> None:
    file = Path(__file__).parent / "golden" / "dico_sales005" / "opdracht-volledig.xml"
    root = etree.fromstring(file.read_bytes(), etree.XMLParser(remove_comments=True))
    assert {str(element.tag).rpartition("}")[2] for element in root.iter()} == set(sales005.ELEMENTS)
    assert read(file.read_bytes()).delen[0].bevindingen == ()
