"""Takes a tree as partners' software writes it to the tree of the standard, as far as it deviates in a known way.

Only what can be read in one way is repaired; the rest is left for the schema to refuse. Every repair is a warning and
needs its dialect (`adapters.formats.dialects`) in the sender's profile.
"""

import re
from typing import Final

from lxml import etree

from adapters.formats.findings import MAX_FINDINGS, fout, printable, waarschuwing
from adapters.formats.insbou.spelling import Spelling, could_be_thousands, day, number, time
from adapters.formats.insbou.version import (
    DATES,
    HEADER_ORDER,
    INVOICE,
    NAMES_004,
    NUMBERS,
    ORDER,
    TIMES,
    WRAPPERS,
    Version,
)
from adapters.formats.xsd import path_of
from topics.documents import Bevinding

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_MISSPELT: Final = {
    "LineIdentitfication": ("LineIdentification", "regelkenmerk-spelfout"),
    "VATpercentage": ("VATPercentage", "btw-spelling"),
}
_LINES: Final = {ORDER: "OrderLine", INVOICE: "InvoiceLine"}
"""The messages that have WRAPPERS, and the lines of them that do."""

_VALUES: Final = DATES | TIMES | NUMBERS
"""Where white space only is nothing; elsewhere it is a text, as the schema has it."""

_NAMES_003: Final = {own: name for name, own in NAMES_004.items()}


class Repairs:
    """What was repaired: the dialects that it took, a warning each time, and an error where it can be two things."""

    def __init__(self) -> None:
        self.dialecten: set[str] = set()
        self.warnings: list[Bevinding] = []
        self.errors: list[Bevinding] = []

    def add(self, dialect: str, node: etree._Element | None, found: str, expected: str) -> None:
        """A repair at `node` (None: of the message as a whole), not yet made: its path is that of what was sent."""
        self.dialecten.add(dialect)
        if len(self.warnings) > MAX_FINDINGS:
            return
        self.told(dialect, "/" if node is None else path_of(node), found, expected)

    def told(self, dialect: str, pad: str, found: str, expected: str) -> None:
        """A deviation at `pad` that was read without a repair of the tree."""
        self.dialecten.add(dialect)
        name = re.sub(r"\[\d+\]$", "", pad.rpartition("/")[2]) or "bericht"
        tekst = f"Veld {name}: gevonden {found}, verwacht {expected}; gelezen als dialect '{dialect}'."
        self.warnings.append(waarschuwing(f"dialect-{dialect}", pad, tekst, bron="dialect"))

    def ambiguous(self, node: etree._Element, readings: str, expected: str) -> None:
        """What `node` holds can be two things."""
        if len(self.errors) <= MAX_FINDINGS:
            text = printable(node.text or "")
            tekst = f"Veld {_local(node)}: gevonden '{text}', dat {readings} kan zijn, verwacht {expected}."
            self.errors.append(fout("waarde-dubbelzinnig", path_of(node), tekst, "dialect", waarde=text))


def repaired(root: etree._Element, document: str, version: Version, repairs: Repairs) -> None:
    """Changes the tree under `root`, and takes off the namespace of `version`."""
    space = version.namespaces[document]
    prefix = f"{{{space}}}" if space else ""
    other = _NAMES_003 if version.wrapped else NAMES_004
    grouped: list[etree._Element] = []
    nodes = list(root.iter())
    for node in nodes if prefix else ():
        node.tag = str(node.tag).removeprefix(prefix)
    for node in nodes:
        _rename(node, other, repairs)
        if len(node) == 0 and not _removed(node, root, repairs):
            _respell(node, repairs)
            if node.tag in NUMBERS and could_be_thousands(node.text or ""):
                grouped.append(node)
    if "decimale-komma" in repairs.dialecten:
        for node in grouped:
            text = node.text or ""
            repairs.ambiguous(
                node, f"{text.strip()} of {text.strip().replace('.', '')}", "overal een punt als decimaalteken"
            )
    if document in _LINES:
        for owner in (root, *root.iterchildren(_LINES[document])):
            if version.wrapped:
                _wrap(owner, repairs)
            else:
                _unwrap(owner, repairs)


def _local(node: etree._Element) -> str:
    return printable(str(node.tag).rpartition("}")[2])


def _rename(node: etree._Element, other: dict[str, str], repairs: Repairs) -> None:
    tag = str(node.tag)
    if tag in other:
        name, dialect = other[tag], "namen-andere-versie"
    elif tag in _MISSPELT:
        name, dialect = _MISSPELT[tag]
    elif tag == "Contactgegevens" and _inside(node, "DeliveryParty"):
        name, dialect = "ContactInformation", "contactgegevens"
    else:
        return
    repairs.add(dialect, node, tag, name)
    node.tag = name


def _inside(node: etree._Element, tag: str) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag == tag


def _removed(node: etree._Element, root: etree._Element, repairs: Repairs) -> bool:
    """Whether the leaf `node` is taken out: empty, or a GLN where the standard has none."""
    text = node.text or ""
    empty = not text or (node.tag in _VALUES and not text.strip())
    if not empty and not (node.tag == "GLN" and _inside(node, "DeliveryParty")):
        return False
    parent = node.getparent()
    if parent is None or (node.tail or "").strip() or any(name != f"{_XSI}nil" for name in node.attrib):
        return False
    if empty:
        repairs.add("lege-elementen", node, "niets (leeg)", "een waarde, of het veld weglaten")
    else:
        repairs.add("afleverpartij-gln", node, "een GLN", "geen GLN bij DeliveryParty")
    parent.remove(node)
    while len(parent) == 0 and parent is not root and not (f"{parent.text or ''}{parent.tail or ''}").strip():
        above = parent.getparent()
        if above is None:
            break
        above.remove(parent)
        parent = above
    return True


def _respell(node: etree._Element, repairs: Repairs) -> None:
    text, tag = node.text or "", node.tag
    spelling: Spelling | None = None
    expected = "een datum als 2026-12-31"
    if tag in DATES:
        spelling = day(text)
    elif tag in TIMES:
        spelling, expected = time(text), "een tijd als 09:30:00"
    elif tag in NUMBERS:
        spelling, expected = number(text), "een getal met een punt als decimaalteken"
    if spelling is None or spelling.text == text.strip():
        return
    if spelling.twice:
        repairs.ambiguous(node, spelling.twice, expected)
        return
    repairs.add(spelling.dialect, node, f"'{printable(text)}'", expected)
    node.text = spelling.text


def _wrap(owner: etree._Element, repairs: Repairs) -> None:
    """What stands bare in `owner` gets the wrapper that INSBOU003 has around it."""
    for wrapper, names in WRAPPERS.items():
        bare = [node for name in names if (node := owner.find(name)) is not None]
        if bare and wrapper in HEADER_ORDER[str(owner.tag)] and owner.find(wrapper) is None:
            dialect = "eindklantnummer-los" if wrapper == "CustomerOrderReference" else "zonder-omhulsel"
            repairs.add(dialect, bare[0], f"{_local(bare[0])} buiten {wrapper}", f"{_local(bare[0])} daarbinnen")
            around = etree.Element(wrapper)
            around.extend(bare)
            _insert(owner, around)


def _unwrap(owner: etree._Element, repairs: Repairs) -> None:
    """What stands wrapped in `owner` is taken out of the wrapper, that INSBOU004 does not have."""
    for wrapper, names in WRAPPERS.items():
        around = owner.find(wrapper)
        if around is None or any(node.tag not in names or owner.find(str(node.tag)) is not None for node in around):
            continue
        dialect = "eindklantnummer-los" if wrapper == "CustomerOrderReference" else "met-omhulsel"
        repairs.add(dialect, around, f"{wrapper} om {' en '.join(names)}", "die velden zonder omhulsel")
        inside = list(around)
        owner.remove(around)
        for node in inside:
            _insert(owner, node)


def _insert(owner: etree._Element, node: etree._Element) -> None:
    """Among the children of `owner`, where the standard has it."""
    order = HEADER_ORDER[str(owner.tag)]
    after = frozenset(order[order.index(str(node.tag)) + 1 :]) if node.tag in order else frozenset()
    for child in owner:
        if child.tag in after:
            child.addprevious(node)
            return
    owner.append(node)
