"""The XSD of what is read, and the tree as it is held against it: without namespaces and without what is not read.

Our own XSD: the artifact with the official rules holds none, and the official one would refuse nothing more that
matters here. What of UBL lies outside EN 16931 is taken out, each name with a warning, before the order of the rest is
checked.
"""

from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Final

from lxml import etree

from adapters.formats.findings import MAX_FINDINGS, printable, waarschuwing
from adapters.formats.ubl.codes import CAC, CBC, PERSONAL
from adapters.formats.xsd import Xsd, path_of
from topics.documents import Bevinding

OWN: Final = Path(__file__).parent / "schema.xsd"
SOURCE: Final = "UBL 2.1 XSD"

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"

Children = dict[str, dict[str, str]]
"""Per type: the names of its elements and their types. A type without elements is a text."""


def schema() -> Xsd:
    """Compiled at first use."""
    return Xsd(OWN, SOURCE, "", PERSONAL)


@lru_cache(maxsize=1)
def children() -> Children:
    """What `schema.xsd` says of elements inside elements."""
    root = etree.parse(str(OWN)).getroot()
    return {
        str(kind.get("name")): {str(one.get("name")): str(one.get("type")) for one in kind.iter(f"{_XS}element")}
        for kind in root.iterchildren(f"{_XS}complexType")
    }


def bare(root: etree._Element) -> tuple[etree._Element, list[Bevinding]]:
    """A copy of the tree as the XSD holds it, and a warning per name that was left out."""
    tree, known = deepcopy(root), children()
    left_out: dict[str, Bevinding] = {}
    tree.tag = _local(tree)
    opened = [(tree, tree.tag)]
    while opened:
        parent, kind = opened.pop()
        inside = known[kind]
        kept: list[tuple[etree._Element, str]] = []
        unknown: list[etree._Element] = []
        for child in parent:
            name = _local(child)
            of = inside.get(name)
            if of is None or child.tag != f"{CAC if known[of] else CBC}{name}":
                unknown.append(child)
                continue
            child.tag = name
            if known[of]:
                kept.append((child, of))
        for child in unknown:
            if child.tag not in left_out and len(left_out) <= MAX_FINDINGS:
                left_out[str(child.tag)] = _left_out(child)
            parent.remove(child)
        opened += kept
    etree.cleanup_namespaces(tree)
    return tree, list(left_out.values())


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _left_out(element: etree._Element) -> Bevinding:
    name = printable(_local(element))
    tekst = f"Veld {name}: gevonden en niet overgenomen; verwacht alleen velden van EN 16931."
    return waarschuwing("element-niet-in-kaart", path_of(element), tekst)
